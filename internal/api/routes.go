package api

import (
	"guanxi/internal/api/call"
	v2 "guanxi/internal/api/v2"
)

// route is one line of the API: the only table of routes there is.
type route struct {
	method, path string
	handler      call.Handler
	// open routes need no token; conditional ones carry an ETag and answer
	// 304 to a repeated question.
	open, conditional bool
}

// routes is the whole API.
func routes() []route {
	return []route{
		{method: "POST", path: "/api/v2/auth/login", handler: v2.SignIn, open: true},
		{method: "GET", path: "/api/v2/auth/login", handler: v2.SignIn, open: true}, // one public client does
		{method: "GET", path: "/api/v2/duplicates/matching_name", handler: v2.MatchingName, conditional: true},
		{method: "GET", path: "/api/v2/contacts/{id}", handler: v2.Contact, conditional: true},
		{method: "POST", path: "/api/v2/contacts", handler: v2.CreateContact},
		{method: "POST", path: "/api/v2/customers", handler: v2.CreateCustomer},
	}
}
