package openapi

import (
	"slices"
	"strings"

	yaml3 "github.com/oasdiff/yaml3"
)

// schema writes the short forms of the spec files out, so that what remains is
// JSON Schema:
//
//	Id                     {$ref: '#/components/schemas/Id'}
//	{$ref: Id, …}          the same with words of its own beside it
//	[Label]                a list of labels
//	{object: {id: Id, …}}  an object with exactly these keys, in this order
//
// Beside object may stand optional, a list of those keys that may be left out.
// custom: true lets the custom fields of an answer follow at the end, custom:
// between lets them stand anywhere in it, custom: input is for those of a body.
func (b *builder) schema(n *node, at string) *node {
	switch n.Kind {
	case yaml3.ScalarNode:
		if n.ShortTag() != "!!str" { // additionalProperties: false
			return n
		}
		return b.schemaReference(n.Value, at)
	case yaml3.SequenceNode:
		if len(n.Content) != 1 {
			b.problem("%s: a list of schemas names one schema: [Name]", at)
			return object()
		}
		return object("type", text("array"), "items", b.schema(n.Content[0], at))
	}
	if get(n, "object") != nil {
		n = b.closed(n, at)
	}
	out := object()
	each(n, func(key string, value *node) {
		switch key {
		case "$ref":
			ref := b.schemaReference(strings.TrimPrefix(value.Value, "#/components/schemas/"), at)
			each(ref, func(k string, v *node) { set(out, k, v) })
		case "properties", "patternProperties":
			made := object()
			each(value, func(name string, one *node) { set(made, name, b.schema(one, at+"."+name)) })
			set(out, key, made)
		case "items", "additionalProperties", "not":
			set(out, key, b.schema(value, at))
		case "oneOf", "anyOf", "allOf":
			made := list()
			for _, one := range items(value) {
				made.Content = append(made.Content, b.schema(one, at))
			}
			set(out, key, made)
		case "example":
			set(out, "examples", list(value))
		case "custom":
			set(out, "patternProperties", b.custom(value.Value))
			if value.Value == "between" {
				set(out, "x-custom", value)
			}
		default:
			set(out, key, value)
		}
	})
	return out
}

// closed writes the short form of an object out.
func (b *builder) closed(n *node, at string) *node {
	optional := map[string]bool{}
	for _, one := range items(get(n, "optional")) {
		optional[one.Value] = true
		if get(n, "object", one.Value) == nil {
			b.problem("%s: optional names %s, which is no key of the object", at, one.Value)
		}
	}
	required, order := list(), list()
	each(get(n, "object"), func(key string, _ *node) {
		order.Content = append(order.Content, text(key))
		if !optional[key] {
			required.Content = append(required.Content, text(key))
		}
	})
	out := object("type", text("object"))
	each(n, func(key string, value *node) {
		switch key {
		case "object":
			set(out, "additionalProperties", boolean(false))
			set(out, "required", required)
			set(out, "x-order", order)
			set(out, "properties", value)
		case "optional":
		default:
			set(out, key, value)
		}
	})
	if len(required.Content) == 0 {
		unset(out, "required")
	}
	return out
}

// custom is how the names of custom fields and their companions look, in an
// answer ("true") or in what is sent in ("input").
func (b *builder) custom(kind string) *node {
	const name = `^(text|text_area|numeric|datetime|file|user_field|department_field|custom_relation|subform)_asset_[0-9a-z]+$`
	if kind == "input" {
		return object(name, reference("schemas", "InputCustom"))
	}
	return object(name, reference("schemas", "CustomValue"),
		`^(text|user_field|department_field|custom_relation)_asset_[0-9a-z]+_(display|hidden_result|other)$`, reference("schemas", "CustomText"))
}

func (b *builder) schemaReference(name, at string) *node {
	if b.schemas[name] == nil {
		b.problem("%s: there is no schema %q", at, name)
		return object()
	}
	return reference("schemas", name)
}

// resolve follows a reference to the schema that it names.
func (b *builder) resolve(schema *node) *node {
	for range 20 {
		name, ok := strings.CutPrefix(str(schema, "$ref"), "#/components/schemas/")
		if !ok {
			return schema
		}
		schema = get(b.root, "components", "schemas", name)
	}
	return nil
}

// is tells whether a schema allows a type.
func is(schema *node, kind string) bool {
	t := get(schema, "type")
	if t == nil {
		return false
	}
	return t.Value == kind || slices.ContainsFunc(items(t), func(one *node) bool { return one.Value == kind })
}

// example composes a value from the examples of a schema and of its parts.
func (b *builder) example(schema *node, at string, depth int) *node {
	if first := items(get(schema, "examples")); len(first) > 0 {
		return first[0]
	}
	if schema = b.resolve(schema); schema == nil || depth > 20 {
		b.problem("%s: no example can be made", at)
		return scalar("!!null", "null")
	}
	if first := items(get(schema, "examples")); len(first) > 0 {
		return first[0]
	}
	if c := get(schema, "const"); c != nil {
		return c
	}
	for _, key := range []string{"enum", "oneOf", "anyOf"} {
		first := items(get(schema, key))
		switch {
		case len(first) == 0:
		case key == "enum":
			return first[0]
		default:
			return b.example(first[0], at, depth+1)
		}
	}
	switch {
	case is(schema, "object"):
		made := object()
		each(get(schema, "properties"), func(key string, one *node) {
			set(made, key, b.example(one, at+"."+key, depth+1))
		})
		return made
	case is(schema, "array"):
		if one := get(schema, "items"); one != nil {
			return list(b.example(one, at+"[]", depth+1))
		}
		return list()
	case is(schema, "string"):
		if get(schema, "pattern") != nil || get(schema, "minLength") != nil {
			b.problem("%s: a text with a pattern or minLength needs an example", at)
		}
		return text("")
	case is(schema, "integer"), is(schema, "number"):
		if low := get(schema, "minimum"); low != nil {
			return low
		}
		return integer(0)
	case is(schema, "boolean"):
		return boolean(false)
	}
	return scalar("!!null", "null")
}
