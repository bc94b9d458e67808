package param_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"guanxi/internal/api/param"
)

// checkRequest decodes a request, which may be refused with a typed error only, and checks that the tree holds to the
// limits and that all accessors work on it.
func checkRequest(r *http.Request, limits param.Limits) error {
	p, err := param.Decode(r, limits)
	if err != nil {
		e, ok := errors.AsType[*param.Error](err)
		if p != nil || !ok || e.Kind < param.TooLarge || e.Kind > param.Malformed || e.Message == "" || e.Detail == "" {
			return fmt.Errorf("got %v and the error %#v", p, err)
		}
		return nil
	}
	count := 0
	if err := checkValue(p.Root(), limits, 1, &count); err != nil {
		return err
	}
	if count > limits.Items {
		return fmt.Errorf("there are %d keys and elements", count)
	}
	if c, ok := param.Token(r, p); ok != (c.Token != "") {
		return fmt.Errorf("got %+v and %v", c, ok)
	}
	return p.Close()
}

func checkValue(v param.Value, limits param.Limits, depth int, count *int) error {
	if !utf8.ValidString(v.Text()) || strings.Contains(v.Text(), "\x00") {
		return fmt.Errorf("the text %q is not clean", v.Text())
	}
	_, _, _ = v.AsInt64()
	_, _, _ = v.AsFloat64()
	_, _, _ = v.AsBool()
	_ = v.AsStrings()
	switch v.Kind() {
	case param.KindFile:
		f := v.File()
		content, err := io.ReadAll(f.Open())
		if err != nil || int64(len(content)) != f.Size || strings.ContainsAny(f.Name, "/\\\x00") || !utf8.ValidString(f.Name) {
			return fmt.Errorf("the file %+v has %d bytes and the error %w", f, len(content), err)
		}
		return nil
	case param.KindList, param.KindObject:
	default:
		return nil
	}
	if depth > limits.Depth {
		return fmt.Errorf("the depth is %d", depth)
	}
	var children []param.Value
	if v.Kind() == param.KindList {
		children = v.List()
	}
	for _, key := range v.Keys() {
		if len(key) > limits.Key || !utf8.ValidString(key) || strings.Contains(key, "\x00") || !v.Has(key) {
			return fmt.Errorf("the key %q is not clean", key)
		}
		children = append(children, v.Get(key))
	}
	if v.IsList() && len(v.List()) != len(children) || v.Len() != len(children) {
		return errors.New("the numbers of children differ")
	}
	*count += len(children)
	for _, child := range children {
		if err := checkValue(child, limits, depth+1, count); err != nil {
			return err
		}
	}
	return nil
}

func FuzzDecode(f *testing.F) {
	const multi = "multipart/form-data; boundary=B"
	const part = "--B\r\nContent-Disposition: form-data; name=\"customer[name]\"\r\n\r\n张三\r\n"
	const file = "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a/b.txt\"\r\nContent-Type: text/plain\r\n\r\nlong enough to spill\r\n"
	for _, seed := range [][3]string{
		{"?user_token=t&device=open_api&version_code=9.9.9", "", ""},
		{"customer[contacts_attributes][][name]=a&customer[contacts_attributes][][phone]=b", "", ""},
		{"created_at%5B%5D=a&created_at%5B0%5D=b&a[b=1&a]b=2&[x]=3&a=1&a[b]=2", formType, "a[b][c]=1&a[b]=2&a[][]=3"},
		{"a=1", "application/json; chartset=utf-8", `{"a":{"0":{"b":[1,-2.5e3,true,null,"\u5f20\ud83d\ude00"]}}}`},
		{"", "", "\uFEFF {\"a\":1} "},
		{"", "text/plain", "a=1&b=%zz"},
		{"", multi, part + file + "--B--\r\n"},
		{"", multi, part + file},
		{"", "multipart/form-data; x; boundary = B", file + "--B--"},
	} {
		f.Add(seed[0], seed[1], []byte(seed[2]))
	}
	f.Fuzz(func(t *testing.T, query, contentType string, body []byte) {
		r := request("POST", "/", contentType, string(body))
		r.URL = &url.URL{Path: "/", RawQuery: query}
		limits := param.Limits{Body: 4096, Multipart: 8192, Memory: 8, Depth: 8, Items: 100, Key: 64, TempDir: t.TempDir()}
		if err := checkRequest(r, limits); err != nil {
			t.Fatal(err)
		}
		if left := filesIn(t, limits.TempDir); len(left) != 0 {
			t.Fatalf("there are temporary files left: %v", left)
		}
		checkAgainstStandard(t, body)
	})
}

// checkAgainstStandard checks that JSON is accepted if and only if the standard library accepts it, apart from what
// Decode refuses on purpose.
func checkAgainstStandard(t *testing.T, body []byte) {
	if len(body) == 0 || !utf8.Valid(body) || strings.HasPrefix(string(body), "\uFEFF") {
		return
	}
	var object map[string]any
	trimmed := strings.TrimLeft(string(body), " \t\r\n")
	standard := strings.HasPrefix(trimmed, "{") && json.Valid(body)
	p, err := param.Decode(request("POST", "/", jsonType, string(body)), param.Limits{})
	if err == nil && trimmed != "" && !standard {
		t.Fatalf("Decode accepts %q", body)
	}
	onPurpose := strings.Contains(string(body), `\u`)
	if e, ok := errors.AsType[*param.Error](err); ok && standard && e.Kind == param.Malformed && !onPurpose {
		t.Fatalf("Decode refuses %q: %v", body, err)
	}
	if err != nil || !standard {
		return
	}
	if err := json.Unmarshal(body, &object); err != nil {
		return // A number beyond float64.
	}
	if len(object) != p.Len() {
		t.Fatalf("got %d keys of %q, want %d", p.Len(), body, len(object))
	}
	for key, want := range object {
		if text, ok := want.(string); ok && text != p.String(key) {
			t.Fatalf("got %q under %q of %q", p.String(key), key, body)
		}
	}
}

func FuzzHeaderToken(f *testing.F) {
	for _, seed := range []string{
		"Token token=0123456789abcdef, device=open_api, version_code=9.9.9",
		`Token token="a",version_code="3.3.0",device="dingtalk"`,
		"Bearer abc==", `Bearer "a`, "Token", "token =\t=;,x", `Token "a"b`, "Basic eDp5",
	} {
		f.Add(seed, "")
		f.Add("", seed)
	}
	f.Fuzz(func(t *testing.T, authorization, access string) {
		c, ok := param.HeaderToken(http.Header{"Authorization": {authorization}, "Access-Token": {access}})
		if ok != (c.Token != "") {
			t.Fatalf("got %+v and %v", c, ok)
		}
		for _, s := range []string{c.Token, c.Device, c.VersionCode} {
			if len(s) > 256 || !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\r\n") {
				t.Fatalf("got %q", s)
			}
			if !strings.Contains(authorization, s) && !strings.Contains(access, s) {
				t.Fatalf("%q was not sent", s)
			}
		}
		if strings.ContainsAny(c.Token, " \t") {
			t.Fatalf("the token %q has blanks", c.Token)
		}
	})
}
