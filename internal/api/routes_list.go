package api

import (
	"sync"

	"guanxi/internal/api/openapi"
)

// Routes lists the API as the document of the API needs it, in the order of
// the table.
func Routes() []openapi.Route {
	var all []openapi.Route
	for _, r := range routes() {
		all = append(all, openapi.Route{Method: r.method, Path: r.path, Operation: r.operation, Open: r.open,
			Conditional: r.conditional})
	}
	return all
}

// Document is the document of the API, made when it is first asked for. Its
// error is for tests: there is a document all the same.
var Document = sync.OnceValues(func() (*openapi.Document, error) { return openapi.Build(Routes()) })
