package check

import (
	"encoding/json"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// Custom fields may stand between the keys of a schema that says so; the keys
// themselves keep their order.
func TestCustomFieldsBetween(t *testing.T) {
	schema := func(custom any) *openapi3.Schema {
		return &openapi3.Schema{
			Required:   []string{"id", "user"},
			Properties: openapi3.Schemas{"id": {Value: &openapi3.Schema{}}, "user": {Value: &openapi3.Schema{}}},
			Extensions: map[string]any{"x-order": []any{"id", "user"}, "x-custom": custom},
		}
	}
	for body, fits := range map[string][2]bool{
		`{"id":1,"user":2}`:                            {true, true},
		`{"id":1,"user":2,"text_asset_a":3}`:           {true, true},
		`{"id":1,"text_asset_a":3,"user":2}`:           {false, true},
		`{"text_asset_a":3,"id":1,"user":2}`:           {false, true},
		`{"user":2,"text_asset_a":3,"id":1}`:           {false, false},
		`{"user":2,"id":1}`:                            {false, false},
		`{"id":1,"a":1,"user":2,"b":2,"text_asset":3}`: {false, true},
	} {
		for i, custom := range []any{nil, "between"} {
			if err := order(schema(custom), json.RawMessage(body), ""); (err == nil) != fits[i] {
				t.Errorf("%s with %v: %v", body, custom, err)
			}
		}
	}
}
