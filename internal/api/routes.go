package api

import (
	"net/http"
	"slices"
	"strings"

	"guanxi/internal/api/call"
)

// route is one line of the API: the only table of routes there is. The lines
// of a resource stand in a file of its own, routes_<resource>.go.
type route struct {
	method, path string
	handler      call.Handler
	// operation is what the API document calls it, "customers.list". Aliases
	// (a POST beside a PUT, a second path) share the operation of the original,
	// which stands before them.
	operation string
	// open routes need no token; conditional ones carry an ETag and answer
	// 304 to a repeated question.
	open, conditional bool
	// fixed routes are conditional ones whose answer is part of the program:
	// their ETag lasts as long as the build, and clients may keep the answer.
	fixed bool
}

// routes is the whole API, in the order of the document.
func routes() []route {
	return slices.Concat(
		sessionRoutes(),
		customerRoutes(),
		poolRoutes(),
		contactRoutes(),
		leadRoutes(),
		peopleRoutes(),
		fieldRoutes(),
		labelRoutes(),
		fileRoutes(),
		duplicateRoutes(),
		logRoutes(),
		regionRoutes(),
		searchRoutes(),
		noticeRoutes(),
	)
}

// mount makes the mux of a table. refuse answers a method that a path does not
// have, with those that it has, and with "" a path that nobody serves.
func mount(table []route, endpoint func(route) http.Handler, refuse func(path, allow string) http.Handler) *http.ServeMux {
	served, others := http.NewServeMux(), http.NewServeMux()
	methods := map[string][]string{}
	for _, r := range table {
		served.Handle(r.method+" "+r.path, endpoint(r))
		methods[r.path] = append(methods[r.path], r.method)
	}
	// The refusals have a mux of their own: in one with the routes,
	// /customers/by_name for any method and GET /customers/{id} are a conflict.
	for path, all := range methods {
		others.Handle(path, refuse(path, strings.Join(all, ", ")))
	}
	others.Handle("/", refuse("", ""))
	served.Handle("/", others)
	return served
}
