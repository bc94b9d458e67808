package check_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"guanxi/internal/api"
	"guanxi/internal/api/openapi/check"
)

// No route without a description and no description without a route; every
// operation has a summary in both languages, its origin, an answer with an
// example, and errors that exist; every reference leads somewhere. What is
// wrong is listed with the file and the operation.
func TestDocumentHasNoProblems(t *testing.T) {
	if _, err := api.Document(); err != nil {
		t.Error(err)
	}
}

func TestDocumentIsOpenAPI(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		v, err := check.New(document(t, lang))
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Valid(); err != nil {
			t.Errorf("%s: %v", lang, err)
		}
	}
}

// Both languages say the same of what is no text: they have the same keys.
func TestLanguagesHaveOneShape(t *testing.T) {
	var zh, en any
	for lang, into := range map[string]*any{"zh": &zh, "en": &en} {
		if err := json.Unmarshal(document(t, lang), into); err != nil {
			t.Fatal(err)
		}
	}
	var walk func(at string, a, b any)
	walk = func(at string, a, b any) {
		switch a := a.(type) {
		case map[string]any:
			b, _ := b.(map[string]any)
			if len(a) != len(b) {
				t.Errorf("%s: %d keys and %d keys", at, len(a), len(b))
				return
			}
			for k := range a {
				walk(at+"."+k, a[k], b[k])
			}
		case []any:
			b, _ := b.([]any)
			if len(a) != len(b) {
				t.Errorf("%s: %d elements and %d", at, len(a), len(b))
				return
			}
			for i := range a {
				walk(at+"[]", a[i], b[i])
			}
		}
	}
	walk("", zh, en)
}

// The document has every route, and no other.
func TestDocumentHasTheRoutes(t *testing.T) {
	var d struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			AliasOf     string `json:"x-alias-of"`
		}
	}
	if err := json.Unmarshal(document(t, "en"), &d); err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{}
	for path, item := range d.Paths {
		for method := range item {
			left[strings.ToUpper(method)+" "+path] = true
		}
	}
	for _, r := range api.Routes() {
		op := d.Paths[r.Path][strings.ToLower(r.Method)]
		if op.OperationID != r.Operation && op.AliasOf != r.Operation {
			t.Errorf("%s %s: the document calls it %q, alias of %q; the table %q", r.Method, r.Path, op.OperationID, op.AliasOf, r.Operation)
		}
		delete(left, r.Method+" "+r.Path)
	}
	for name := range left {
		t.Errorf("the document has %s, the server does not", name)
	}
}

// The example of every operation is an answer that it could give, its keys in
// their order; the example of every body fits the body's schema.
func TestExamples(t *testing.T) {
	v := validator(t)
	var d struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct{ Example json.RawMessage }
			}
			Responses map[string]struct {
				Headers map[string]any
				Content map[string]struct{ Example json.RawMessage }
			}
		}
	}
	if err := json.Unmarshal(document(t, "zh"), &d); err != nil {
		t.Fatal(err)
	}
	for path, item := range d.Paths {
		for method, op := range item {
			method, concrete := strings.ToUpper(method), variable.ReplaceAllString(path, "1")
			if media, ok := op.Responses["200"].Content["application/json"]; ok {
				header := jsonHeader()
				if op.Responses["200"].Headers["ETag"] != nil {
					header.Set("ETag", `"1z.AbCdEfGhIjKlMnOpQrStUv"`)
				}
				if err := v.Check(method, concrete, http.StatusOK, header, media.Example); err != nil {
					t.Errorf("the example: %v", err)
				}
				if !bytes.HasPrefix(media.Example, []byte(`{"code":0`)) {
					t.Errorf("%s %s: the example is no success: %.80s", method, path, media.Example)
				}
			}
			if media, ok := op.RequestBody.Content["application/json"]; ok {
				if err := v.CheckBody(method, path, media.Example); err != nil {
					t.Errorf("the example of the body: %v", err)
				}
			}
		}
	}
}

// Keys that may be left out stand in their place where they are there.
func TestOptionalKeys(t *testing.T) {
	v, err := check.New([]byte(`{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/a":{"get":{"responses":{"200":{
		"description":"x","content":{"application/json":{"schema":{"type":"object","additionalProperties":false,
		"required":["a","c"],"x-order":["a","b","c"],"properties":{"a":{},"b":{},"c":{}}}}}}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for body, fits := range map[string]bool{
		`{"a":1,"b":2,"c":3}`: true,
		`{"a":1,"c":3}`:       true,
		`{"a":1,"c":3,"b":2}`: false,
		`{"b":2,"a":1,"c":3}`: false,
		`{"c":3,"a":1}`:       false,
		`{"a":1,"b":2}`:       false,
	} {
		if err := v.Check("GET", "/a", http.StatusOK, jsonHeader(), []byte(body)); (err == nil) != fits {
			t.Errorf("%s: %v", body, err)
		}
	}
}
