package api

import (
	"net/http/httptest"
	"testing"
	"time"

	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// FuzzIfMatch reads anything as the tag of an answer. A tag that was given out
// says the version that it was made at, and matches itself alone.
func FuzzIfMatch(f *testing.F) {
	for _, tag := range []string{`"1.abc"`, `W/"zz.x"`, "*", "", `"-1.a"`, `"9999999999999999999999.a"`, `"1.a", "2.b"`} {
		f.Add(tag, "/api/v2/contacts/1", int64(35))
	}
	tags := newETags("test", "test")
	d := &crm.Directory{Organization: crm.Organization{ID: 57}}
	f.Fuzz(func(t *testing.T, text, target string, version int64) {
		if v, ok := versionOf(text); ok && v <= 0 {
			t.Fatalf("%q says version %d", text, v)
		}
		if version <= 0 {
			return
		}
		c := call.New(httptest.NewRequest("GET", "/", nil), nil, param.Limits{})
		c.Request.URL.Path, c.Request.URL.RawQuery = target, text
		c.Now = time.UnixMilli(0)
		c.Caller = &service.Caller{Directory: d, Viewer: &crm.Viewer{User: &crm.User{ID: 1}}, Version: version}
		tag := tags.of(c)
		if v, ok := versionOf(tag); !ok || v != version {
			t.Fatalf("%s says version %d, %v, and was made at %d", tag, v, ok, version)
		}
		if !matches([]string{"W/" + tag}, tag) || !matches([]string{`"1.x", ` + tag}, tag) || matches([]string{tag + "x"}, tag) {
			t.Fatalf("%s does not match itself, or something else", tag)
		}
		if matches([]string{text}, tag) {
			t.Fatalf("%q is taken for %s", text, tag)
		}
	})
}
