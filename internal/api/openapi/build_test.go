package openapi

import (
	"strings"
	"testing"
)

func tree(t *testing.T, s string) *node {
	t.Helper()
	n, err := parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestShortForms(t *testing.T) {
	b := newBuilder()
	for in, want := range map[string]string{
		`Id`:                                  `{"$ref":"#/components/schemas/Id"}`,
		`{$ref: Id, title: x}`:                `{"$ref":"#/components/schemas/Id","title":"x"}`,
		`[Id]`:                                `{"type":"array","items":{"$ref":"#/components/schemas/Id"}}`,
		`{type: "null"}`:                      `{"type":"null"}`,
		`{oneOf: [Id, [Text]]}`:               `{"oneOf":[{"$ref":"#/components/schemas/Id"},{"type":"array","items":{"$ref":"#/components/schemas/Text"}}]}`,
		`{type: string, example: 2019-02-15}`: `{"type":"string","examples":["2019-02-15"]}`,
		`{object: {object: Id, example: Text}, optional: [example]}`: `{"type":"object","additionalProperties":false,"required":["object"],"x-order":["object","example"],` +
			`"properties":{"object":{"$ref":"#/components/schemas/Id"},"example":{"$ref":"#/components/schemas/Text"}}}`,
		`{type: object, custom: input}`: `{"type":"object","patternProperties":{"^(text|text_area|numeric|datetime|file|user_field|department_field|custom_relation|subform)_asset_[0-9a-z]+$":{"$ref":"#/components/schemas/InputCustom"}}}`,
		`{type: number, const: 0.0}`:    `{"type":"number","const":0.0}`,
	} {
		got, err := toJSON(b.schema(tree(t, in), "here"), "")
		if err != nil || string(got) != want {
			t.Errorf("%s\ngot  %s, %v\nwant %s", in, got, err, want)
		}
	}
	if len(b.problems) > 0 {
		t.Error(b.problems)
	}
}

// What is wrong is told with its place, and the rest is there all the same.
func TestProblems(t *testing.T) {
	b := newBuilder()
	b.addFile("spec/test.yaml", tree(t, `
operations:
  things.list:
    sumary: x
    origin: found
    rights: []
    parameters: [Nothing]
    body: {type: object, properties: {x: Nowhere}}
    errors: [no_such_error, routing_error]
  things.unused: {summary: {zh: 甲, en: a}, origin: ours, answer: Id}
  contacts.create: {}
schemas:
  Id: Text
  Pattern: {type: string, pattern: '^a$'}
words: []
`))
	b.build([]Route{
		{Method: "POST", Path: "/api/v2/things", Operation: "things.list"},
		{Method: "GET", Path: "/api/v2/others", Operation: "others.list"},
	})
	var all strings.Builder
	for _, p := range b.problems {
		all.WriteString(p.Error() + "\n")
	}
	for _, want := range []string{
		`spec/test.yaml: nobody knows the key "words"`,
		`things.list: nobody knows the key "sumary"`,
		`contacts.create is described twice`,
		`the schema Id is there twice`,
		`things.list: a summary in both languages`,
		`things.list: origin is one of`,
		`things.list: there is no shared parameter "Nothing"`,
		`there is no schema "Nowhere"`,
		`things.list: answer, the schema of data, is missing`,
		`no error "no_such_error"`,
		`no error "routing_error"`,
		`GET /api/v2/others: no file of spec describes its operation "others.list"`,
		`spec/test.yaml: no route serves things.unused`,
	} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("nobody says: %s\n%s", want, all.String())
		}
	}
	if get(b.root, "paths", "/api/v2/things", "post", "responses", "200") == nil {
		t.Error("the call is not in the document")
	}
	if b.example(tree(t, `{type: string, pattern: "^a$"}`), "here", 0); !strings.Contains(b.problems[len(b.problems)-1].Error(), "here: a text with a pattern") {
		t.Error("a made-up example was taken for one that fits")
	}
}

// A GET takes what a body would hold in its query; an alias says of what.
func TestAliases(t *testing.T) {
	b := newBuilder()
	b.build([]Route{
		{Method: "POST", Path: "/api/v2/auth/login", Operation: "session.login", Open: true},
		{Method: "GET", Path: "/api/v2/auth/login", Operation: "session.login", Open: true},
		{Method: "POST", Path: "/api/v2/sign_in", Operation: "session.login", Open: true},
	})
	item := get(b.root, "paths", "/api/v2/auth/login")
	if str(item, "post", "operationId") != "session.login" || get(item, "post", "x-alias-of") != nil ||
		str(item, "get", "x-alias-of") != "session.login" || get(item, "get", "requestBody") != nil ||
		str(b.root, "paths", "/api/v2/sign_in", "post", "operationId") != "session.login.post.api_v2_sign_in" {
		t.Errorf("%s", func() []byte { out, _ := toJSON(item, " "); return out }())
	}
	if names := items(get(item, "get", "parameters")); len(names) != 6 || str(names[0], "name") != "login" {
		t.Errorf("%d parameters in the query", len(names))
	}
}
