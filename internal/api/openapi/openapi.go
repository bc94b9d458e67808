// Package openapi makes the machine-readable document of the API (OpenAPI 3.1)
// of the route table and of what the files of spec say of each operation. How
// to add a route stands in README.md. Package check holds answers against it.
package openapi

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
)

//go:embed base.yaml spec/*.yaml
var files embed.FS

// Languages are the languages of the document.
var Languages = []string{"zh", "en"}

// Route is one line of the route table, as the document needs it. Several
// routes may serve one operation: the first is the operation's own, the others
// are aliases.
type Route struct {
	Method, Path, Operation string
	// Open routes need no token; conditional ones carry an ETag.
	Open, Conditional bool
}

// writes tells whether a call changes something for a caller with a token; all
// of these can be repeated safely and be made to depend on an ETag.
func (r Route) writes() bool { return !r.Open && r.Method != "GET" }

// Document is the whole document. It does not change.
type Document struct {
	languages map[string]*language
}

type language struct {
	json []byte
	etag string
	view *View
}

// Build makes the document of these routes. The error joins everything that is
// wrong with the routes and the spec files; there is a document all the same,
// in which only the wrong places are wanting.
func Build(routes []Route) (*Document, error) {
	b := newBuilder()
	b.build(routes)
	d := &Document{languages: map[string]*language{}}
	for _, lang := range Languages {
		tree := in(b.root, lang)
		json, err := toJSON(tree, "")
		if err != nil {
			b.problem("the document as JSON: %v", err)
		}
		sum := sha256.Sum256(json)
		d.languages[lang] = &language{
			json: json,
			etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`,
			view: b.view(tree, routes),
		}
	}
	return d, errors.Join(b.problems...)
}

// JSON is the document in a language, with its ETag. Callers must not change
// it.
func (d *Document) JSON(lang string) (body []byte, etag string) {
	l := d.in(lang)
	return l.json, l.etag
}

// View is the document in a language as people read it.
func (d *Document) View(lang string) *View { return d.in(lang).view }

func (d *Document) in(lang string) *language {
	if l := d.languages[lang]; l != nil {
		return l
	}
	return d.languages[Languages[0]]
}
