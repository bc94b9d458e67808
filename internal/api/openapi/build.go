package openapi

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"guanxi/internal/crm"
)

// builder gathers the document. What is wrong is written down, and the rest is
// built all the same: one engineer's mistake is not everybody's.
type builder struct {
	root       *node
	problems   []error
	resources  map[string]*node
	operations map[string]operation
	schemas    map[string]*node // as the files write them
	used       map[string]bool  // operations that have a route
}

type operation struct {
	resource string
	*node
}

func (b *builder) problem(format string, values ...any) {
	b.problems = append(b.problems, fmt.Errorf("openapi: "+format, values...))
}

var (
	resourceKeys  = []string{"title", "description", "operations", "schemas"}
	operationKeys = []string{"summary", "description", "origin", "rights", "access", "parameters", "body", "body_example",
		"body_optional", "answer", "message", "whole", "example", "errors", "responses"}
	// Origins say where an operation comes from: the origin's documents, the
	// traffic of its clients, or our own choice.
	Origins = []string{"documented", "observed", "ours"}
)

// newBuilder reads the files.
func newBuilder() *builder {
	b := &builder{root: object(), resources: map[string]*node{}, operations: map[string]operation{},
		schemas: map[string]*node{}, used: map[string]bool{}}
	names, _ := files.ReadDir("spec")
	for _, name := range append([]string{"base.yaml"}, func() (all []string) {
		for _, one := range names {
			all = append(all, "spec/"+one.Name())
		}
		return all
	}()...) {
		content, _ := files.ReadFile(name) // it is part of the program
		tree, err := parse(content)
		if err != nil {
			b.problem("%s: %v", name, err)
			continue
		}
		if name == "base.yaml" {
			b.root = tree
			b.addSchemas(name, get(tree, "components", "schemas"))
			continue
		}
		b.addFile(name, tree)
	}
	return b
}

func (b *builder) addFile(name string, tree *node) {
	resource := strings.TrimSuffix(path.Base(name), ".yaml")
	b.resources[resource] = tree
	each(tree, func(key string, _ *node) {
		if !slices.Contains(resourceKeys, key) {
			b.problem("%s: nobody knows the key %q", name, key)
		}
	})
	each(get(tree, "operations"), func(op string, n *node) {
		if b.operations[op].node != nil {
			b.problem("%s: %s is described twice", name, op)
		}
		b.operations[op] = operation{resource, n}
		each(n, func(key string, _ *node) {
			if !slices.Contains(operationKeys, key) {
				b.problem("%s: %s: nobody knows the key %q", name, op, key)
			}
		})
	})
	b.addSchemas(name, get(tree, "schemas"))
}

func (b *builder) addSchemas(name string, schemas *node) {
	each(schemas, func(schema string, n *node) {
		if b.schemas[schema] != nil {
			b.problem("%s: the schema %s is there twice", name, schema)
		}
		b.schemas[schema] = n
	})
}

// build puts the document together.
func (b *builder) build(routes []Route) {
	components := get(b.root, "components")
	if components == nil {
		b.problem("base.yaml has no components")
		return
	}
	b.refusals()
	made := object()
	for _, name := range sortedKeys(b.schemas) {
		set(made, name, b.schema(b.schemas[name], name))
	}
	set(components, "schemas", made)
	tags, paths, seen := list(), object(), map[string]bool{}
	for _, r := range routes {
		op, ok := b.operations[r.Operation]
		if !ok {
			b.problem("%s %s: no file of spec describes its operation %q", r.Method, r.Path, r.Operation)
			continue
		}
		if !seen[op.resource] {
			seen[op.resource] = true
			file := b.resources[op.resource]
			tags.Content = append(tags.Content, object("name", text(op.resource),
				"description", get(file, "description"), "x-displayName", get(file, "title")))
		}
		item := get(paths, r.Path)
		if item == nil {
			item = object()
			set(paths, r.Path, item)
		}
		set(item, strings.ToLower(r.Method), b.operation(r, op))
		b.used[r.Operation] = true
	}
	for _, name := range sortedKeys(b.operations) {
		if !b.used[name] {
			b.problem("spec/%s.yaml: no route serves %s", b.operations[name].resource, name)
		}
	}
	set(b.root, "tags", tags)
	set(b.root, "paths", paths)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

var variable = regexp.MustCompile(`\{([^}]+)\}`)

// operation makes what the document says of one route.
func (b *builder) operation(r Route, op operation) *node {
	at := r.Operation
	id, alias := r.Operation, (*node)(nil)
	if b.used[r.Operation] {
		alias = text(r.Operation)
		id += "." + strings.ToLower(r.Method) + "." + strings.Trim(regexp.MustCompile(`[^0-9a-z]+`).ReplaceAllString(r.Path, "_"), "_")
	}
	if summary := get(op.node, "summary"); str(summary, "zh") == "" || str(summary, "en") == "" {
		b.problem("%s: a summary in both languages (zh, en) is missing", at)
	}
	if !slices.Contains(Origins, str(op.node, "origin")) {
		b.problem("%s: origin is one of %v", at, Origins)
	}
	security := (*node)(nil)
	if r.Open {
		security = list()
	}
	out := object(
		"tags", list(text(op.resource)),
		"operationId", text(id),
		"summary", get(op.node, "summary"),
		"description", get(op.node, "description"),
		"security", security,
		"x-origin", get(op.node, "origin"),
		"x-rights", get(op.node, "rights"),
		"x-access", get(op.node, "access"),
		"x-alias-of", alias,
		"parameters", b.parameters(r, op.node),
	)
	if body := get(op.node, "body"); body != nil && r.Method != "GET" {
		set(out, "requestBody", b.body(body, op.node, at))
	}
	refusals := b.errorsOf(r, op.node)
	named := list()
	for _, e := range refusals {
		named.Content = append(named.Content, object("code", integer(e.Code), "error", text(e.Kind), "message", both(e.Message, e.In(crm.English))))
	}
	set(out, "x-errors", named)
	set(out, "responses", b.responses(r, op.node, refusals))
	return out
}

// parameters are those that the file names, those in the path, and those that
// the flags of the route imply. What a body would hold may stand in the query
// of a GET.
func (b *builder) parameters(r Route, op *node) *node {
	at, out, known := r.Operation, list(), map[string]bool{}
	add := func(n *node) { out.Content = append(out.Content, n) }
	shared := func(name string) {
		if get(b.root, "components", "parameters", name) == nil {
			b.problem("%s: there is no shared parameter %q", at, name)
			return
		}
		if !known["*"+name] {
			known["*"+name] = true
			add(reference("parameters", name))
		}
	}
	for _, m := range variable.FindAllStringSubmatch(r.Path, -1) {
		name := m[1]
		schema := b.schemaReference("Id", at)
		given := (*node)(nil)
		for _, p := range items(get(op, "parameters")) {
			if str(p, "name") == name {
				given = p
			}
		}
		if s := get(given, "schema"); s != nil {
			schema = b.schema(s, at+" "+name)
		}
		add(object("name", text(name), "in", text("path"), "required", boolean(true),
			"schema", schema, "description", get(given, "description")))
		known[name] = true
	}
	for _, p := range items(get(op, "parameters")) {
		if name := str(p, "name"); name == "" {
			shared(p.Value)
		} else if !known[name] && str(p, "in") != "path" {
			schema := text("Text")
			if s := get(p, "schema"); s != nil {
				schema = s
			}
			where := get(p, "in")
			if where == nil {
				where = text("query")
			}
			add(object("name", text(name), "in", where, "required", get(p, "required"),
				"schema", b.schema(schema, at+" "+name), "description", get(p, "description")))
		}
	}
	if body := get(op, "body"); body != nil && r.Method == "GET" {
		each(get(b.resolve(b.schema(body, at)), "properties"), func(name string, one *node) {
			add(object("name", text(name), "in", text("query"), "schema", one))
		})
	}
	if r.Conditional {
		shared("IfNoneMatch")
	}
	if r.writes() {
		shared("RequestTicket")
		shared("IdempotencyKey")
		shared("IfMatch")
	}
	shared("RequestId")
	return out
}

// body is a request's body in every encoding.
func (b *builder) body(schema, op *node, at string) *node {
	schema = b.schema(schema, at+" body")
	example := get(op, "body_example")
	if example == nil {
		example = b.example(schema, at+" body", 0)
	}
	encoding := object()
	each(get(b.resolve(schema), "properties"), func(name string, one *node) {
		if is(b.resolve(one), "object") {
			set(encoding, name, object("style", text("deepObject"), "explode", boolean(true)))
		}
	})
	form := object("schema", schema)
	if len(encoding.Content) > 0 {
		set(form, "encoding", encoding)
	}
	return object("required", boolean(str(op, "body_optional") != "true"), "content", object(
		"application/json", object("schema", schema, "example", example),
		"application/x-www-form-urlencoded", form,
		"multipart/form-data", object("schema", schema),
	))
}
