package docs

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"guanxi/internal/crm"
)

func get(target, language string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", target, nil)
	if language != "" {
		r.Header.Set("Accept-Language", language)
	}
	w := httptest.NewRecorder()
	Errors().ServeHTTP(w, r)
	return w
}

func TestErrorsPageChoosesTheLanguage(t *testing.T) {
	for _, c := range []struct{ query, header, want string }{
		{"", "", "zh-CN"},
		{"", "*", "zh-CN"},
		{"", "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"},
		{"", "en-GB,en;q=0.9,zh;q=0.1", "en"},
		{"?lang=zh", "en", "zh-CN"},
		{"?lang=en", "zh", "en"},
		{"?lang=en", "", "en"},
		{"?lang=fr", "en", "en"},
		{"?lang=", "", "zh-CN"},
		{`?lang="><script>`, "", "zh-CN"},
	} {
		w := get("/docs/errors"+strings.ReplaceAll(c.query, `"><script>`, "%22%3E%3Cscript%3E"), c.header)
		if w.Code != 200 || w.Header().Get("Content-Language") != c.want || !strings.Contains(w.Body.String(), `<html lang="`+c.want+`">`) {
			t.Errorf("%s with Accept-Language %q: %d %v", c.query, c.header, w.Code, w.Header())
		}
		if w.Header().Get("Vary") != "Accept-Language" || strings.Contains(w.Body.String(), "<script") {
			t.Errorf("%s: %v\n%s", c.query, w.Header(), w.Body)
		}
	}
}

// Every error stands on the page in its language, with its code, kind and
// status, and with an occasion; there is no occasion of no error.
func TestErrorsPageIsWhole(t *testing.T) {
	for language, lang := range map[crm.Language]string{crm.Chinese: "zh", crm.English: "en"} {
		page := get("/docs/errors?lang="+lang, "").Body.String()
		if n := strings.Count(page, "<tr><td>"); n != len(crm.Table()) {
			t.Errorf("%s: %d rows", lang, n)
		}
		for _, e := range crm.Table() {
			when, kind := occasions[e.Kind].in(language), "<code>"+e.Kind+"</code>"
			if e.Bare {
				kind = texts[language].NoKind
			}
			row := "<tr><td>" + strconv.Itoa(e.Code) + "</td><td>" + e.In(language) + "</td><td>" + kind + "</td><td>" +
				strconv.Itoa(e.Status()) + "</td><td>" + when + "</td></tr>"
			if when == "" || !strings.Contains(html.UnescapeString(page), row) {
				t.Errorf("%s: the page lacks %s", lang, row)
			}
		}
	}
	if len(occasions) != len(crm.Table()) {
		t.Errorf("%d occasions of %d errors", len(occasions), len(crm.Table()))
	}
}

// The page loads nothing from anywhere, runs no script, and its policy lets its
// own style through and nothing else.
func TestErrorsPageStandsAlone(t *testing.T) {
	w := get("/docs/errors", "")
	page := w.Body.String()
	for _, bad := range []string{"<script", "javascript:", "http:", "https:", "src=", "<link", "@import", "url(", "<iframe", " style=", " onclick"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	styles := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindAllStringSubmatch(page, -1)
	if len(styles) != 1 {
		t.Fatalf("%d styles", len(styles))
	}
	sum := sha256.Sum256([]byte(styles[0][1]))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	if got := w.Header().Get("Content-Security-Policy"); got != want {
		t.Errorf("the policy is %s, want %s", got, want)
	}
}

func TestErrorsPageMethods(t *testing.T) {
	for method, want := range map[string]int{"HEAD": http.StatusOK, "POST": http.StatusMethodNotAllowed} {
		w := httptest.NewRecorder()
		Errors().ServeHTTP(w, httptest.NewRequest(method, "/docs/errors", nil))
		if w.Code != want {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}
