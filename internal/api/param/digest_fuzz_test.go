package param_test

import (
	"encoding/json"
	"net/url"
	"testing"

	"guanxi/internal/api/param"
)

// asJSON is a value as JSON gives it, with texts for numbers and booleans; ok is
// false where there is a file in it.
func asJSON(v param.Value) (out any, ok bool) {
	switch {
	case v.Kind() == param.KindFile:
		return nil, false
	case v.Kind() == param.KindNull:
		return nil, true
	case v.IsList():
		list := []any{}
		for _, e := range v.List() {
			one, ok := asJSON(e)
			if !ok {
				return nil, false
			}
			list = append(list, one)
		}
		return list, true
	case v.Kind() == param.KindObject:
		object := map[string]any{}
		for _, k := range v.Keys() {
			one, ok := asJSON(v.Get(k))
			if !ok {
				return nil, false
			}
			object[k] = one
		}
		return object, true
	}
	return v.Text(), true
}

// FuzzDigest decodes anything, writes it as JSON with texts for all numbers, and
// decodes that: who asks for the same in another encoding has the same digest,
// and who asks for something else has another one.
func FuzzDigest(f *testing.F) {
	f.Add("customer[name]=a&customer[labels][]=1&customer[labels][]=2", "", []byte(nil))
	f.Add("request_ticket=1", "application/json", []byte(`{"customer":{"status":1.50,"labels":{"0":"a","1":null},"ok":true}}`))
	f.Add("a[0]=x&a[1]=y&b=&c[]=", "application/x-www-form-urlencoded", []byte("d[e][f]=1"))
	f.Fuzz(func(t *testing.T, query, contentType string, body []byte) {
		limits := param.Limits{Body: 4096, Multipart: 8192, Memory: 8, Depth: 8, Items: 100, Key: 64, TempDir: t.TempDir()}
		r := request("POST", "/", contentType, string(body))
		r.URL = &url.URL{Path: "/", RawQuery: query}
		p, err := param.Decode(r, limits)
		if err != nil {
			return
		}
		defer p.Close()
		sum := p.Digest("x", "request_ticket")
		if again := p.Digest("x", "request_ticket"); again != sum {
			t.Fatal("the digest changes")
		}
		if p.Digest("y", "request_ticket") == sum {
			t.Fatal("the digest does not depend on what is called")
		}
		all, ok := asJSON(p.Root())
		object, isObject := all.(map[string]any)
		if !ok || !isObject {
			return
		}
		digest := func(all map[string]any) [32]byte {
			text, err := json.Marshal(all)
			if err != nil {
				t.Fatal(err)
			}
			q, err := param.Decode(request("POST", "/", jsonType, string(text)), param.Limits{})
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			defer q.Close()
			return q.Digest("x", "request_ticket")
		}
		if got := digest(object); got != sum {
			t.Fatalf("%q, %q has another digest as JSON: %v", query, body, object)
		}
		object["one more"] = "1"
		if got := digest(object); got == sum && !p.Has("one more") {
			t.Fatalf("%q, %q has the digest of something else", query, body)
		}
	})
}
