// Package docs makes the pages that the server shows about itself. Everything
// is embedded: a page asks no other host for anything, and runs no script but
// page.js.
package docs

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"

	"guanxi/internal/api/call"
	"guanxi/internal/crm"
)

//go:embed errors.html
var errorsText string

//go:embed style.css
var style string

var errorsPage = template.Must(template.New("errors").Parse(errorsText))

// policy lets a page use our own style and nothing else.
var policy = func() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

// Errors answers GET /docs/errors: the table of the API's errors, in the
// language that lang=zh or lang=en of the query names, else in that of
// Accept-Language.
func Errors() http.Handler {
	pages := map[crm.Language][]byte{crm.Chinese: errorsIn(crm.Chinese), crm.English: errorsIn(crm.English)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /docs/errors", func(w http.ResponseWriter, r *http.Request) {
		l := call.Language(r.Header)
		switch r.URL.Query().Get("lang") {
		case "zh":
			l = crm.Chinese
		case "en":
			l = crm.English
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Language", texts[l].Code)
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		h.Set("Vary", "Accept-Language")
		w.Write(pages[l])
	})
	return mux
}

// row is one error of the page.
type row struct {
	Code, Status  int
	Message, Kind string
	Bare          bool
	When          string
}

func errorsIn(l crm.Language) []byte {
	var rows []row
	for _, e := range crm.Table() {
		rows = append(rows, row{e.Code, e.Status(), e.In(l), e.Kind, e.Bare, occasions[e.Kind].in(l)})
	}
	var page bytes.Buffer
	err := errorsPage.Execute(&page, map[string]any{"T": texts[l], "Rows": rows, "Style": template.CSS(style)})
	if err != nil { // the page is made of constants only
		panic(err)
	}
	return page.Bytes()
}
