package param_test

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"guanxi/internal/api/param"
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// request makes a request as a server sees it. An empty body means that there is none.
func request(method, target, contentType, body string) *http.Request {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, "/", reader)
	r.URL.Path, r.URL.RawQuery, _ = strings.Cut(target, "?")
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

// decode decodes a request that has to be right.
func decode(t testing.TB, r *http.Request) *param.Params {
	t.Helper()
	p, err := param.Decode(r, param.Limits{TempDir: t.TempDir()})
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return p
}

// refused decodes a request that has to be refused with an error of the kind, whose texts are sound.
func refused(t testing.TB, r *http.Request, limits param.Limits, kind param.ErrorKind) *param.Error {
	t.Helper()
	p, err := param.Decode(r, limits)
	if p != nil {
		_ = p.Close()
		t.Fatalf("Decode gave parameters, want an error of kind %v", kind)
	}
	e, ok := errors.AsType[*param.Error](err)
	if !ok || e.Kind != kind {
		t.Fatalf("Decode gave the error %v, want kind %v", err, kind)
	}
	if e.Message == "" || e.Detail == "" || !strings.EqualFold(e.English(), e.Detail) || strings.ToUpper(e.English()[:1]) != e.English()[:1] {
		t.Fatalf("the error %#v lacks a text", e)
	}
	return e
}

// pair is one key of an object in a plain tree.
type pair struct {
	Key string
	Val any
}

// plain turns a value into lists, pairs and texts as the accessors show them: []any for what reads as a list, []pair
// for any other object, a string for a scalar, and nil for null and absent.
func plain(v param.Value) any {
	switch {
	case v.IsList():
		list := []any{}
		for _, item := range v.List() {
			list = append(list, plain(item))
		}
		return list
	case v.Kind() == param.KindObject:
		return pairs(v)
	case v.Kind() == param.KindFile:
		content, err := io.ReadAll(v.File().Open())
		if err != nil {
			return err
		}
		return v.File().Name + ":" + string(content)
	case v.Kind() == param.KindNull || !v.Present():
		return nil
	default:
		return v.Text()
	}
}

// pairs gives the keys of an object in their order.
func pairs(v param.Value) []pair {
	all := []pair{}
	v.Each(func(key string, item param.Value) bool {
		all = append(all, pair{key, plain(item)})
		return true
	})
	return all
}

// multipartBody encodes names and values as a multipart form.
func multipartBody(t testing.TB, fields ...pair) (contentType, body string) {
	t.Helper()
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for _, f := range fields {
		if err := w.WriteField(f.Key, f.Val.(string)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), buf.String()
}
