package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A path with a word where another has a variable is served, whatever the
// methods of the two are.
func TestMount(t *testing.T) {
	say := func(s string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(s)) })
	}
	mux := mount([]route{
		{method: "GET", path: "/a/{id}"}, {method: "PUT", path: "/a/{id}"}, {method: "GET", path: "/a/by_name"},
		{method: "POST", path: "/a/search"}, {method: "GET", path: "/a"},
	}, func(r route) http.Handler { return say(r.method + " " + r.path) },
		func(path, allow string) http.Handler { return say("refused " + path + " " + allow) })
	for request, want := range map[string]string{
		"GET /a/1":       "GET /a/{id}",
		"HEAD /a/1":      "GET /a/{id}",
		"GET /a/by_name": "GET /a/by_name",
		"PUT /a/by_name": "PUT /a/{id}",
		"GET /a/search":  "GET /a/{id}",
		"POST /a/search": "POST /a/search",
		"POST /a/1":      "refused /a/{id} GET, PUT",
		"DELETE /a":      "refused /a GET",
		"ODD /a/by_name": "refused /a/by_name GET",
		"GET /b":         "refused  ",
		"POST /a/1/b":    "refused  ",
	} {
		method, target, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(method, target, nil))
		if got := w.Body.String(); got != want {
			t.Errorf("%s: %q, want %q", request, got, want)
		}
	}
}
