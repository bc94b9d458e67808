package docs

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html"
	"html/template"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"guanxi/internal/api/call"
	"guanxi/internal/api/openapi"
	"guanxi/internal/crm"
)

var (
	//go:embed page.html
	pageText string
	//go:embed page.css
	pageStyle string
	//go:embed page.js
	pageScript []byte
)

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"prose": prose,
}).Parse(pageText))

// pagePolicy lets the page use its own style and the one script of this host.
var pagePolicy = func() string {
	sum := sha256.Sum256([]byte(style + pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

// Page answers GET /openapi.json, the document of the API for programs, and
// GET /docs, the same for people. Both come in the language that lang=zh or
// lang=en of the query names, else in that of Accept-Language. Nobody needs a
// token for them. The document is made when it is first asked for.
func Page(document func() *openapi.Document) http.Handler {
	pages := sync.OnceValue(func() map[crm.Language]answer {
		return map[crm.Language]answer{crm.Chinese: pageIn(document(), crm.Chinese), crm.English: pageIn(document(), crm.English)}
	})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, r *http.Request) {
		l := wanted(r)
		body, tag := document().JSON(lang(l))
		send(w, r, l, answer{body, tag, "application/json"})
	})
	mux.HandleFunc("GET /docs", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", pagePolicy)
		l := wanted(r)
		send(w, r, l, pages()[l])
	})
	script := answer{pageScript, tagOf(pageScript), "text/javascript; charset=utf-8"}
	mux.HandleFunc("GET /docs/page.js", func(w http.ResponseWriter, r *http.Request) { send(w, r, crm.English, script) })
	return mux
}

type answer struct {
	body      []byte
	tag, kind string
}

func tagOf(b []byte) string {
	sum := sha256.Sum256(b)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}

// send writes an answer, or that the client has it already.
func send(w http.ResponseWriter, r *http.Request, l crm.Language, a answer) {
	h := w.Header()
	h.Set("ETag", a.tag)
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Language")
	h.Set("Content-Language", texts[l].Code)
	h.Set("Referrer-Policy", "no-referrer")
	for tag := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/"); tag == a.tag || tag == "*" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Type", a.kind)
	w.Write(a.body)
}

func wanted(r *http.Request) crm.Language {
	switch r.URL.Query().Get("lang") {
	case "zh":
		return crm.Chinese
	case "en":
		return crm.English
	}
	return call.Language(r.Header)
}

func lang(l crm.Language) string {
	if l == crm.English {
		return "en"
	}
	return "zh"
}

// pageError is an error as the page shows it: an answer's, in its language.
type pageError struct {
	Code          int
	Message, Kind string
}

// Fails are the errors of an operation in the language of the page.
func (p *pageData) Fails(op openapi.Operation) []pageError {
	var all []pageError
	for _, e := range op.Errors {
		all = append(all, pageError{e.Code, e.In(p.language), e.Kind})
	}
	return all
}

// Table is what the template of rows needs; marks shows which keys must be
// there.
func (p *pageData) Table(rows []openapi.Row, marks bool) any {
	return struct {
		Rows  []openapi.Row
		Marks bool
		T     pageWords
	}{rows, marks, p.Page}
}

type pageData struct {
	*openapi.View
	T        text
	Page     pageWords
	Lang     string
	Style    template.CSS
	language crm.Language
}

func pageIn(d *openapi.Document, l crm.Language) answer {
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, &pageData{View: d.View(lang(l)), T: texts[l], Page: pageTexts[l], Lang: lang(l),
		Style: template.CSS(style + pageStyle), language: l})
	if err != nil { // the page is made of what the program holds
		panic(err)
	}
	return answer{b.Bytes(), tagOf(b.Bytes()), "text/html; charset=utf-8"}
}

var (
	codeMark   = regexp.MustCompile("`([^`]+)`")
	strongMark = regexp.MustCompile(`\*\*([^*]+)\*\*`)
)

// prose writes the little Markdown of descriptions as HTML: paragraphs, code
// and strong words. Everything else is text.
func prose(s string) template.HTML {
	var b strings.Builder
	for part := range strings.SplitSeq(strings.TrimSpace(s), "\n\n") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		part = codeMark.ReplaceAllString(html.EscapeString(part), "<code>$1</code>")
		b.WriteString("<p>" + strongMark.ReplaceAllString(part, "<strong>$1</strong>") + "</p>\n")
	}
	return template.HTML(b.String())
}
