package openapi

import (
	"net/http"
	"strings"

	"guanxi/internal/crm"
)

func refusalName(e *crm.Error) string {
	return "Refusal." + strings.ReplaceAll(e.Kind, "/", ".")
}

// refusals makes a schema of every error that goes out with HTTP 200, unless a
// file has one of that name (where an error has members of its own).
func (b *builder) refusals() {
	for _, e := range crm.Table() {
		name := refusalName(e)
		if e.Bare || e.Status() != http.StatusOK || b.schemas[name] != nil {
			continue
		}
		b.schemas[name] = object(
			"description", both(e.Message, e.In(crm.English)),
			"object", object(
				"code", object("type", text("integer"), "const", integer(e.Code)),
				"message", object("type", text("string"), "minLength", integer(1), "example", text(e.Message)),
				"error", object("type", text("string"), "const", text(e.Kind)),
			))
	}
}

// errorsOf are the refusals of an operation, those included that the flags of
// the route imply.
func (b *builder) errorsOf(r Route, op *node) []*crm.Error {
	wanted := map[string]bool{crm.BadParam("", "").Kind: true}
	if !r.Open {
		wanted[crm.ErrUnauthenticated.Kind] = true
	}
	if r.writes() {
		wanted[crm.Conflict.Kind] = true
	}
	for _, one := range items(get(op, "errors")) {
		wanted[one.Value] = true
	}
	var found []*crm.Error
	for _, e := range crm.Table() {
		if wanted[e.Kind] && e.Kind != "" && e.Status() == http.StatusOK {
			found = append(found, e)
		}
	}
	for _, e := range found {
		delete(wanted, e.Kind)
	}
	for name := range wanted {
		b.problem("%s: crm.Table has no error %q that an operation may name", r.Operation, name)
	}
	return found
}

// responses are all answers of one route, by their HTTP status.
func (b *builder) responses(r Route, op *node, refusals []*crm.Error) *node {
	out := object()
	own := clone(get(op, "responses")) // an alias expands it again
	if get(own, "200") == nil {
		set(out, "200", b.success(r, op, refusals))
	}
	if r.Conditional {
		set(out, "304", reference("responses", "Unchanged"))
	}
	if !r.Open {
		set(out, "429", reference("responses", "RetryLater"))
	}
	set(out, "500", reference("responses", "InternalError"))
	set(out, "503", reference("responses", "Unavailable"))
	each(own, func(status string, n *node) {
		each(get(n, "content"), func(_ string, media *node) {
			if s := get(media, "schema"); s != nil {
				set(media, "schema", b.schema(s, r.Operation+" "+status))
			}
		})
		set(out, status, n)
	})
	return out
}

// success is the answer with HTTP 200: the envelope around the data, or a
// refusal.
func (b *builder) success(r Route, op *node, refusals []*crm.Error) *node {
	at := r.Operation + " answer"
	whole := get(op, "whole")
	if whole == nil {
		data := get(op, "answer")
		if data == nil {
			b.problem("%s: answer, the schema of data, is missing", r.Operation)
			data = object()
		}
		members := object("code", object("type", text("integer"), "const", integer(0)), "data", data)
		if str(op, "message") == "true" {
			set(members, "message", text("Text"))
		}
		whole = object("object", members)
	}
	schema := b.schema(whole, at)
	forms := list(schema)
	if !r.Open {
		forms.Content = append(forms.Content, reference("schemas", "Replaced"))
	}
	for _, e := range refusals {
		forms.Content = append(forms.Content, reference("schemas", refusalName(e)))
	}
	headers := object("X-Request-Id", reference("headers", "X-Request-Id"))
	if r.Conditional {
		set(headers, "ETag", reference("headers", "ETag"))
	}
	return object(
		"description", both("结果,或一个拒绝。", "The answer, or a refusal."),
		"headers", headers,
		"content", object("application/json", object(
			"schema", object("oneOf", forms),
			"example", b.answerExample(schema, op, at),
		)),
	)
}

// answerExample is the whole answer: as the file has it, or composed of the
// examples of its parts.
func (b *builder) answerExample(schema, op *node, at string) *node {
	given := get(op, "example")
	switch {
	case given == nil:
		return b.example(schema, at, 0)
	case get(op, "whole") != nil:
		return given
	}
	made := object()
	each(get(schema, "properties"), func(key string, one *node) {
		if key == "data" {
			set(made, key, given)
		} else {
			set(made, key, b.example(one, at+"."+key, 0))
		}
	})
	return made
}
