package check

import (
	"encoding/json"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compiled keeps every schema that was asked for as a JSON Schema: the OpenAPI
// library compiles it anew for each value, which takes most of the time.
type compiled struct {
	components any // of the document, for what schemas refer to
	ready      map[*openapi3.Schema]*jsonschema.Schema
}

func newCompiled(document []byte) (*compiled, error) {
	var doc struct {
		Components any `json:"components"`
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		return nil, err
	}
	return &compiled{doc.Components, map[*openapi3.Schema]*jsonschema.Schema{}}, nil
}

// holds reports whether the value fits the schema. false leaves it to the
// OpenAPI library to say why not.
func (c *compiled) holds(schema *openapi3.Schema, value any) bool {
	ready, known := c.ready[schema]
	if !known {
		ready = c.compile(schema)
		c.ready[schema] = ready
	}
	return ready != nil && ready.Validate(value) == nil
}

// compile gives nil for a schema that cannot be compiled.
func (c *compiled) compile(schema *openapi3.Schema) *jsonschema.Schema {
	raw, err := json.Marshal(schema)
	if err != nil {
		return nil
	}
	var root any
	if json.Unmarshal(raw, &root) != nil {
		return nil
	}
	url := fmt.Sprintf("mem:///%d.json", len(c.ready))
	compiler := jsonschema.NewCompiler()
	if compiler.AddResource(url, map[string]any{"components": c.components, "root": root}) != nil {
		return nil
	}
	out, err := compiler.Compile(url + "#/root")
	if err != nil {
		return nil
	}
	return out
}
