// Package check holds answers against the API document. It is for tests only;
// the program itself does without it.
package check

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// Validator compares answers with the document: status, content type, shape
// and the order of keys. It may be used from several goroutines at once.
type Validator struct {
	doc   *openapi3.T
	paths []pathPattern

	mu       sync.Mutex // the schemas are compiled lazily
	compiled *compiled
}

type pathPattern struct {
	template string
	re       *regexp.Regexp
}

// New makes a validator of a document in JSON.
func New(document []byte) (*Validator, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("openapi: read the document: %w", err)
	}
	v := &Validator{doc: doc}
	if v.compiled, err = newCompiled(document); err != nil {
		return nil, fmt.Errorf("openapi: read the document: %w", err)
	}
	variable := regexp.MustCompile(`\\\{[^/]+\\\}`)
	for template := range doc.Paths.Map() {
		expr := variable.ReplaceAllString(regexp.QuoteMeta(template), `[^/]+`)
		v.paths = append(v.paths, pathPattern{template, regexp.MustCompile("^" + expr + "/*$")})
	}
	// The path without variables comes first where two fit.
	slices.SortFunc(v.paths, func(a, b pathPattern) int {
		if n := strings.Count(a.template, "{") - strings.Count(b.template, "{"); n != 0 {
			return n
		}
		return strings.Compare(a.template, b.template)
	})
	return v, nil
}

// Check compares one recorded answer with the document. path is the path of
// the request without its query; header is that of the answer. A path or
// method that the document does not have must have been answered as such, with
// HTTP 404 or 405 and the body of a refusal.
func (v *Validator) Check(method, path string, status int, header http.Header, body []byte) error {
	response, err := v.response(method, path, status)
	if err != nil {
		return fmt.Errorf("%s %s, status %d: %w", method, path, status, err)
	}
	if err := v.check(response, header, body, method == http.MethodHead); err != nil {
		return fmt.Errorf("%s %s, status %d: %w", method, path, status, err)
	}
	return nil
}

// response finds what the document says of an answer.
func (v *Validator) response(method, path string, status int) (*openapi3.Response, error) {
	path, _, _ = strings.Cut(path, "?")
	name, want := "NoRoute", http.StatusNotFound
	for _, p := range v.paths {
		if !p.re.MatchString(path) {
			continue
		}
		name, want = "MethodNotAllowed", http.StatusMethodNotAllowed
		item := v.doc.Paths.Value(p.template)
		operation := item.GetOperation(method)
		if operation == nil && method == http.MethodHead {
			operation = item.Get // the router answers HEAD where there is a GET
		}
		if operation == nil {
			continue
		}
		ref := operation.Responses.Value(strconv.Itoa(status))
		if ref == nil {
			return nil, fmt.Errorf("the document has no such status for %s", p.template)
		}
		return ref.Value, nil
	}
	if status != want {
		return nil, fmt.Errorf("the document has no such route, which must be answered with status %d", want)
	}
	return v.doc.Components.Responses[name].Value, nil
}

func (v *Validator) check(response *openapi3.Response, header http.Header, body []byte, head bool) error {
	for name, ref := range response.Headers {
		value := header.Get(name)
		if value == "" {
			if name == "ETag" { // refusals have none
				continue
			}
			return fmt.Errorf("the header %s is missing", name)
		}
		if err := v.visit(ref.Value.Schema.Value, value); err != nil {
			return fmt.Errorf("the header %s: %w", name, err)
		}
	}
	if head && len(body) == 0 {
		return nil
	}
	if len(response.Content) == 0 {
		if len(body) > 0 {
			return fmt.Errorf("a body of %d bytes where the document has none", len(body))
		}
		return nil
	}
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("the content type %q: %w", header.Get("Content-Type"), err)
	}
	content := response.Content[media]
	if content == nil {
		return fmt.Errorf("the document has no content type %q here", media)
	}
	if media != "application/json" {
		return v.visit(content.Schema.Value, string(body))
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return fmt.Errorf("the body is no JSON: %w", err)
	}
	if decoder.More() {
		return fmt.Errorf("there is more than one JSON value in the body")
	}
	schema, err := v.byCode(content.Schema.Value, value)
	if err != nil {
		return err
	}
	if err := v.visit(schema, value); err != nil {
		return err
	}
	return order(schema, body, "")
}

// byCode chooses among the alternatives of an answer by its code, so that an
// error speaks of what was meant and not of all that could have been.
func (v *Validator) byCode(schema *openapi3.Schema, value any) (*openapi3.Schema, error) {
	if len(schema.OneOf) == 0 {
		return schema, nil
	}
	answer, _ := value.(map[string]any)
	_, hasData := answer["data"]
	for _, one := range schema.OneOf {
		code, data, kind := one.Value.Properties["code"], one.Value.Properties["data"], one.Value.Properties["error"]
		if code != nil && v.visit(code.Value, answer["code"]) == nil && hasData == (data != nil) &&
			(kind == nil || v.visit(kind.Value, answer["error"]) == nil) {
			return one.Value, nil
		}
	}
	return nil, fmt.Errorf("no form of the answer has code %v and error %v, with data: %t; does the operation name this error?",
		answer["code"], answer["error"], hasData)
}

func (v *Validator) visit(schema *openapi3.Schema, value any) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.compiled.holds(schema, value) {
		return nil
	}
	err := schema.VisitJSON(value, openapi3.EnableJSONSchema2020(), openapi3.MultiErrors())
	if err == nil {
		return nil
	}
	return errors.New(strings.Join(reasons(err, nil), "; "))
}

// reasons gathers what the library found, without the schema and the value
// that it repeats each time.
func reasons(err error, found []string) []string {
	var many openapi3.MultiError
	if errors.As(err, &many) {
		for _, one := range many {
			found = reasons(one, found)
		}
		return found
	}
	var one *openapi3.SchemaError
	if !errors.As(err, &one) {
		return append(found, err.Error())
	}
	if one.Origin != nil {
		return reasons(one.Origin, found)
	}
	reason := one.Reason
	if _, rest, ok := strings.Cut(reason, `": at `); ok { // a path before the path
		reason = "at " + rest
	}
	return append(found, reason)
}

// Valid tells whether the document is a valid OpenAPI document. Its examples
// are held against their schemas by Check.
func (v *Validator) Valid() error {
	if err := v.doc.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return fmt.Errorf("openapi: the document is not valid: %w", err)
	}
	return nil
}

// CheckBody compares a JSON body that is sent in with the document; path is the
// one of the document, with its variables.
func (v *Validator) CheckBody(method, path string, body []byte) error {
	operation := v.doc.Paths.Value(path).GetOperation(method)
	var value any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return fmt.Errorf("%s %s: the body is no JSON: %w", method, path, err)
	}
	if err := v.visit(operation.RequestBody.Value.Content["application/json"].Schema.Value, value); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}
