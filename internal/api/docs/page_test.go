package docs

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"guanxi/internal/api/openapi"
)

// document is one of three calls, as the route table would give them.
func document(t *testing.T) *openapi.Document {
	t.Helper()
	d, _ := openapi.Build([]openapi.Route{ // the calls left out are missed by the error
		{Method: "POST", Path: "/api/v2/auth/login", Operation: "session.login", Open: true},
		{Method: "GET", Path: "/api/v2/auth/login", Operation: "session.login", Open: true},
		{Method: "POST", Path: "/api/v2/contacts", Operation: "contacts.create"},
		{Method: "GET", Path: "/api/v2/contacts/{id}", Operation: "contacts.detail", Conditional: true},
	})
	return d
}

func ask(t *testing.T, target string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("GET", target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Page(func() *openapi.Document { return document(t) }).ServeHTTP(w, r)
	return w
}

func TestOpenAPIJSON(t *testing.T) {
	for _, c := range []struct{ target, header, language, summary string }{
		{"/openapi.json", "", "zh-CN", "一个联系人的全貌。"},
		{"/openapi.json", "en", "en", "The full picture of one contact."},
		{"/openapi.json?lang=en", "zh", "en", "The full picture of one contact."},
		{"/openapi.json?lang=zh", "en", "zh-CN", "一个联系人的全貌。"},
	} {
		w := ask(t, c.target, "Accept-Language", c.header)
		var d struct {
			OpenAPI string
			Paths   map[string]map[string]struct{ Summary string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		if d.OpenAPI != "3.1.0" || d.Paths["/api/v2/contacts/{id}"]["get"].Summary != c.summary ||
			w.Header().Get("Content-Language") != c.language || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s in %q: %s %v", c.target, c.header, d.Paths["/api/v2/contacts/{id}"]["get"].Summary, w.Header())
		}
		again := ask(t, c.target, "Accept-Language", c.header, "If-None-Match", `"other", `+w.Header().Get("ETag"))
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 || again.Header().Get("ETag") != w.Header().Get("ETag") {
			t.Errorf("%s again: %d with %d bytes", c.target, again.Code, again.Body.Len())
		}
	}
	zh, en := ask(t, "/openapi.json?lang=zh"), ask(t, "/openapi.json?lang=en")
	if zh.Header().Get("ETag") == en.Header().Get("ETag") {
		t.Error("both languages have one ETag")
	}
}

// The page shows every call with what belongs to it, in its language, and
// sends nobody to another host.
func TestPage(t *testing.T) {
	for lang, words := range map[string][]string{
		"zh": {`<html lang="zh-CN">`, "一个联系人的全貌。", "调用者的位置", "原系统文档", "您没有权限查看该对象或该对象不存在。", "无需令牌", "数据结构"},
		"en": {`<html lang="en">`, "The full picture of one contact.", "The caller's position", "the origin's documents",
			"The record does not exist, or you may not see it.", "no token needed", "Schemas"},
	} {
		w := ask(t, "/docs?lang="+lang)
		page := strings.ReplaceAll(w.Body.String(), "&#39;", "'")
		for _, want := range append(words, `<article id="contacts.detail">`, "GET /api/v2/contacts/{id}", "<code>POST /api/v2/contacts</code>",
			"<code>contact.create</code>", `href="#schema-ContactDetail"`, `id="schema-ContactDetail"`, "<code>active_record/record_not_found</code>",
			`href="/docs/errors?lang=`+lang+`"`, `href="/openapi.json?lang=`+lang+`"`, "user_token", "If-None-Match", "<code>GET /api/v2/auth/login</code>") {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page lacks %s", lang, want)
			}
		}
		if m := regexp.MustCompile(`(?i)(src|href|action)="?(https?:)?//[^"]*`).FindString(page); m != "" {
			t.Errorf("%s: the page leads to another host: %s", lang, m)
		}
		if n := strings.Count(page, "<script"); n != 1 || regexp.MustCompile(`(?i)\son\w+=|<[^>]+\sstyle=|javascript:`).MatchString(page) {
			t.Errorf("%s: %d scripts, or one within the page", lang, n)
		}
		for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
			if !strings.Contains(page, `id="`+m[1]+`"`) {
				t.Errorf("%s: nothing is at #%s", lang, m[1])
			}
		}
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") || strings.Contains(policy, "unsafe") {
			t.Errorf("policy %q", policy)
		}
		if again := ask(t, "/docs?lang="+lang, "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified {
			t.Errorf("%s again: %d", lang, again.Code)
		}
	}
	if w := ask(t, "/docs/page.js"); w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/javascript") {
		t.Errorf("the script: %d %v", w.Code, w.Header())
	}
}

func TestProse(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"a <b> & `c<d>`":        "<p>a &lt;b&gt; &amp; <code>c&lt;d&gt;</code></p>\n",
		"**One.** x\ny\n\n two": "<p><strong>One.</strong> x\ny</p>\n<p>two</p>\n",
	} {
		if got := string(prose(in)); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}
