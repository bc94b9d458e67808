package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// JSON Schema knows no order of keys, clients of this API do not need one, and
// the contract fixes one all the same. Our schemas list their keys in the order
// of the wire: in "x-order", or in "required" where all are. order compares with
// that. Keys that neither has (custom fields) come after all others, or wherever
// they like where the schema says so ("x-custom": "between").
func order(schema *openapi3.Schema, raw json.RawMessage, at string) error {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0:
		return nil
	case raw[0] == '[':
		return orderOfItems(schema, raw, at)
	case raw[0] != '{':
		return nil
	}
	keys, values, err := members(raw)
	if err != nil || len(keys) == 0 {
		return err
	}
	if schema = variant(schema, keys); schema == nil {
		return nil
	}
	// Required keys are all there and no others but optional and custom ones:
	// the schema has seen to it.
	i, ordered := 0, keys
	if schema.Extensions["x-custom"] == "between" {
		ordered = slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return schema.Properties[k] == nil })
	}
	for _, want := range wanted(schema) {
		if !slices.Contains(ordered, want) {
			continue
		}
		if ordered[i] != want {
			return fmt.Errorf("%s: key %d should be %q; the keys are %q", at+"/", i, want, keys)
		}
		i++
	}
	for i, k := range keys {
		if p := schema.Properties[k]; p != nil {
			if err := order(p.Value, values[i], at+"/"+k); err != nil {
				return err
			}
			continue
		}
		for _, p := range schema.PatternProperties {
			if err := order(p.Value, values[i], at+"/"+k); err != nil {
				return err
			}
		}
	}
	return nil
}

// wanted are the keys of a schema in their order.
func wanted(schema *openapi3.Schema) []string {
	named, _ := schema.Extensions["x-order"].([]any)
	if named == nil {
		return schema.Required
	}
	var all []string
	for _, one := range named {
		if key, ok := one.(string); ok {
			all = append(all, key)
		}
	}
	return all
}

func orderOfItems(schema *openapi3.Schema, raw json.RawMessage, at string) error {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return err
	}
	for _, one := range append([]*openapi3.SchemaRef{{Value: schema}}, schema.OneOf...) {
		if one.Value.Items == nil {
			continue
		}
		for i, item := range items {
			if err := order(one.Value.Items.Value, item, fmt.Sprintf("%s/%d", at, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// variant finds the schema of an object with these keys among alternatives:
// the one that requires exactly those that are there, custom fields aside.
func variant(schema *openapi3.Schema, keys []string) *openapi3.Schema {
	if len(schema.OneOf) == 0 {
		if len(wanted(schema)) == 0 {
			return nil
		}
		return schema
	}
	for _, one := range schema.OneOf {
		found := variant(one.Value, keys)
		if found == nil || len(found.Required) > len(keys) {
			continue
		}
		if !slices.ContainsFunc(found.Required, func(k string) bool { return !slices.Contains(keys, k) }) {
			return found
		}
	}
	return nil
}

// members takes an object apart, keeping the order of its keys.
func members(raw json.RawMessage) (keys []string, values []json.RawMessage, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return nil, nil, err
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, nil, err
		}
		k, ok := t.(string)
		if !ok {
			return nil, nil, fmt.Errorf("%v is no key", t)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, nil, err
		}
		keys, values = append(keys, k), append(values, value)
	}
	return keys, values, nil
}
