// Package openapi holds the machine-readable document of the API (OpenAPI
// 3.1) and a validator with which tests compare recorded answers against it.
package openapi

import (
	_ "embed"
	"slices"
)

//go:embed openapi.yaml
var document []byte

// Document gives the document as YAML. The caller owns the bytes.
func Document() []byte { return slices.Clone(document) }
