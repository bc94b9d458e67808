package api

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// discard is a response writer that costs nothing.
type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) WriteHeader(int)             {}
func (d discard) Write(b []byte) (int, error) { return len(b), nil }

func benchmark(b *testing.B, target string, conditional bool) {
	w := newWorld(b)
	r := httptest.NewRequest("GET", "http://crm.example.com"+target, nil)
	r.Header.Set("Authorization", "Token token="+w.token(home, owner)+", device=open_api, version_code=9.9.9")
	if conditional {
		first := w.do(r)
		r.Header.Set("If-None-Match", first.header.Get("Etag"))
	}
	b.ReportAllocs()
	for b.Loop() {
		w.server.ServeHTTP(discard{http.Header{}}, r)
	}
}

func BenchmarkMatchingName(b *testing.B) {
	benchmark(b, "/api/v2/duplicates/matching_name?name=%E7%BB%8F%E7%90%861%E7%9A%84%E5%AE%A2%E6%88%B7", false)
}

func BenchmarkContact(b *testing.B) { benchmark(b, "/api/v2/contacts/20583", false) }

func BenchmarkContactUnchanged(b *testing.B) { benchmark(b, "/api/v2/contacts/20583", true) }
