package openapi

import (
	"slices"
	"strings"

	"guanxi/internal/crm"
)

// View is the document in one language as people read it.
type View struct {
	Title, Description string
	Groups             []Group
	Schemas            []Schema
}

// Group is a resource with its operations.
type Group struct {
	Name, Title, Description string
	Operations               []Operation
}

// Operation is one entry with all routes that serve it.
type Operation struct {
	Name, Summary, Description, Origin, Access string
	Open                                       bool
	Routes                                     []Route
	Rights                                     []string
	Parameters                                 []Row
	Body, Answer                               []Row
	BodyExample, AnswerExample                 string
	Errors                                     []*crm.Error
}

// Schema is a named part of bodies and answers.
type Schema struct {
	Name, Type, Description string
	Rows                    []Row
}

// Row is one parameter or one key; Depth is how far it stands inside others,
// and Ref names the schema that says more.
type Row struct {
	Depth                            int
	Name, In, Type, Ref, Description string
	Required                         bool
}

// view reads the localised document; the routes give the order.
func (b *builder) view(tree *node, routes []Route) *View {
	v := &View{Title: str(tree, "info", "title"), Description: str(tree, "info", "description")}
	at := map[string][2]int{} // where an operation stands
	group := map[string]int{}
	for _, tag := range items(get(tree, "tags")) {
		group[str(tag, "name")] = len(v.Groups)
		v.Groups = append(v.Groups, Group{Name: str(tag, "name"), Title: str(tag, "x-displayName"), Description: str(tag, "description")})
	}
	for _, r := range routes {
		n := get(tree, "paths", r.Path, strings.ToLower(r.Method))
		if n == nil {
			continue // it is a problem already
		}
		g := &v.Groups[group[items(get(n, "tags"))[0].Value]]
		if where, ok := at[r.Operation]; ok {
			op := &v.Groups[where[0]].Operations[where[1]]
			op.Routes = append(op.Routes, r)
			continue
		}
		at[r.Operation] = [2]int{group[g.Name], len(g.Operations)}
		g.Operations = append(g.Operations, b.viewOperation(tree, n, r))
	}
	each(get(tree, "components", "schemas"), func(name string, n *node) {
		if !strings.HasPrefix(name, "Refusal.") {
			kind, _ := typeOf(n)
			v.Schemas = append(v.Schemas, Schema{Name: name, Type: kind, Description: str(n, "description"), Rows: rows(n, 0)})
		}
	})
	return v
}

func (b *builder) viewOperation(tree, n *node, r Route) Operation {
	op := Operation{Name: r.Operation, Summary: str(n, "summary"), Description: str(n, "description"),
		Origin: str(n, "x-origin"), Access: str(n, "x-access"), Open: r.Open, Routes: []Route{r}}
	for _, one := range items(get(n, "x-rights")) {
		op.Rights = append(op.Rights, one.Value)
	}
	for _, p := range items(get(n, "parameters")) {
		if name, ok := strings.CutPrefix(str(p, "$ref"), "#/components/parameters/"); ok {
			p = get(tree, "components", "parameters", name)
		}
		row := row(str(p, "name"), get(p, "schema"), 0, str(p, "required") == "true")
		row.In = str(p, "in")
		if d := str(p, "description"); d != "" {
			row.Description = d
		}
		op.Parameters = append(op.Parameters, row)
	}
	if media := get(n, "requestBody", "content", "application/json"); media != nil {
		op.Body, op.BodyExample = whole(get(media, "schema")), b.pretty(get(media, "example"), r.Operation)
	}
	if media := get(n, "responses", "200", "content", "application/json"); media != nil {
		schema := get(media, "schema")
		if forms := items(get(schema, "oneOf")); len(forms) > 0 {
			schema = forms[0]
		}
		op.Answer, op.AnswerExample = rows(schema, 0), b.pretty(get(media, "example"), r.Operation)
	}
	for _, e := range crm.Table() {
		if slices.ContainsFunc(items(get(n, "x-errors")), func(one *node) bool { return str(one, "error") == e.Kind }) {
			op.Errors = append(op.Errors, e)
		}
	}
	return op
}

func (b *builder) pretty(n *node, at string) string {
	if n == nil {
		return ""
	}
	out, err := toJSON(n, "  ")
	if err != nil {
		b.problem("%s: the example: %v", at, err)
	}
	return string(out)
}

// whole is the table of a schema, with one row where it only names another.
func whole(schema *node) []Row {
	if get(schema, "$ref") != nil {
		return []Row{row("", schema, 0, true)}
	}
	return rows(schema, 0)
}

// rows are the keys of a schema, those of objects within it included, up to
// where a named schema begins.
func rows(schema *node, depth int) []Row {
	var all []Row
	required := items(get(schema, "required"))
	each(get(schema, "properties"), func(name string, one *node) {
		must := slices.ContainsFunc(required, func(n *node) bool { return n.Value == name })
		all = append(all, row(name, one, depth, must))
		all = append(all, rows(one, depth+1)...)
	})
	if one := get(schema, "items"); one != nil {
		all = append(all, rows(one, depth)...)
	}
	for _, one := range items(get(schema, "oneOf")) {
		all = append(all, rows(one, depth)...)
	}
	if get(schema, "patternProperties") != nil {
		all = append(all, Row{Depth: depth, Name: "*_asset_*", Ref: "CustomValue"})
	}
	return all
}

func row(name string, schema *node, depth int, required bool) Row {
	kind, ref := typeOf(schema)
	return Row{Depth: depth, Name: name, Type: kind, Ref: ref, Required: required, Description: str(schema, "description")}
}

// typeOf says in a few words what a schema allows, and which named schema says
// the rest.
func typeOf(schema *node) (kind, ref string) {
	if name, ok := strings.CutPrefix(str(schema, "$ref"), "#/components/schemas/"); ok {
		return "", name
	}
	if forms := items(get(schema, "oneOf")); len(forms) > 0 {
		var kinds []string
		for _, one := range forms {
			k, name := typeOf(one)
			if name != "" && ref == "" {
				ref = name
			} else if name != "" {
				k = name
			}
			if k != "" {
				kinds = append(kinds, k)
			}
		}
		return strings.Join(kinds, " | "), ref
	}
	var kinds []string
	for _, one := range append([]*node{get(schema, "type")}, items(get(schema, "type"))...) {
		if one != nil && one.Value != "" {
			kinds = append(kinds, one.Value)
		}
	}
	kind = strings.Join(kinds, " | ")
	if one := get(schema, "items"); one != nil {
		of, name := typeOf(one)
		if of != "" {
			kind += " of " + of
		}
		return kind, name
	}
	if c := get(schema, "const"); c != nil {
		b, _ := toJSON(c, "")
		return kind + " = " + string(b), ""
	}
	if all := items(get(schema, "enum")); len(all) > 0 {
		var values []string
		for _, one := range all {
			b, _ := toJSON(one, "")
			values = append(values, string(b))
		}
		kind += ": " + strings.Join(values, ", ")
	}
	return kind, ""
}
