package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/store"
)

// What the API says when the database does not answer. (That it says so then
// is tested from outside, in e2e.)
func TestUnavailable(t *testing.T) {
	w := newWorld(t)
	for name, cause := range map[string]error{
		"error_unavailable": store.ErrUnavailable, "error_unknown_outcome": store.ErrUnknownOutcome,
	} {
		rr, rec := httptest.NewRecorder(), record{}
		c := call.New(httptest.NewRequest("GET", "/api/v2/contacts/1", nil), nil, param.Limits{})
		w.server.fail(rr, c, &rec, fmt.Errorf("read: %w", cause))
		golden(t, name, rr.Body.String())
		if rr.Code != http.StatusServiceUnavailable || rec.status != rr.Code || rec.code != 503 || rr.Header().Get("Retry-After") != "1" ||
			rr.Header().Get("Etag") != "" {
			t.Errorf("%s: %d, %v, %+v", name, rr.Code, rr.Header(), rec)
		}
	}
}
