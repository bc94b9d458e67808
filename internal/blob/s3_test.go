package blob

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestObjectsStayUnderThePrefix(t *testing.T) {
	f := newService(t)
	one, two, whole := f.open(t, testPrefix), f.open(t, testPrefix+"x"), f.open(t, "")
	put(t, one, "57/a", "one")
	put(t, two, "57/a", "two")
	if got := read(t, whole, testPrefix+"/57/a"); string(got) != "one" {
		t.Errorf("read %q", got)
	}
	var told []string
	if err := one.Each(t.Context(), func(key string, _ Info) error { told = append(told, key); return nil }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(told, []string{"57/a"}) {
		t.Errorf("told %q", told)
	}
	if err := one.Delete(t.Context(), "57/a"); err != nil {
		t.Fatal(err)
	}
	if got := read(t, two, "57/a"); string(got) != "two" {
		t.Errorf("read %q", got)
	}
	if _, err := one.Put(t.Context(), strings.Repeat("a/", 510)+"a", strings.NewReader("x")); !errors.Is(err, ErrBadKey) {
		t.Errorf("Put of a key that is too long with its prefix: %v", err)
	}
}

// Whatever is wrong with the service is ErrUnavailable, and names no secret.
func TestServiceThatFails(t *testing.T) {
	f := newService(t)
	s := f.open(t, testPrefix)
	put(t, s, "1/x", "x")
	check := func(t *testing.T) {
		t.Helper()
		fails := func(what string, err error) {
			t.Helper()
			if !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrNotFound) {
				t.Errorf("%s: %v", what, err)
			}
			if text := err.Error(); strings.Contains(text, "secret key") || strings.Contains(text, "access key") {
				t.Errorf("%s names a secret: %v", what, err)
			}
		}
		_, err := s.Put(t.Context(), "1/x", strings.NewReader("y"))
		fails("Put", err)
		_, err = s.Put(t.Context(), "1/x", io.LimitReader(zeros{}, 2*partBytes))
		fails("Put of parts", err)
		_, _, err = s.Open(t.Context(), "1/x")
		fails("Open", err)
		_, err = s.Stat(t.Context(), "1/x")
		fails("Stat", err)
		fails("Delete", s.Delete(t.Context(), "1/x"))
		fails("Each", s.Each(t.Context(), func(string, Info) error { return nil }))
		fails("Check", s.Check(t.Context()))
	}
	t.Run("it refuses", func(t *testing.T) {
		f.down.Store(true)
		check(t)
		f.down.Store(false)
		if got := read(t, s, "1/x"); string(got) != "x" {
			t.Errorf("read %q", got)
		}
	})
	t.Run("it is not there", func(t *testing.T) {
		gone := httptest.NewServer(http.NotFoundHandler())
		gone.Close()
		f.url = gone.URL
		s = f.open(t, testPrefix)
		if _, _, err := s.Open(t.Context(), "1/x"); !errors.Is(err, ErrUnavailable) {
			t.Errorf("Open: %v", err)
		}
		if _, err := s.Put(t.Context(), "1/x", strings.NewReader("y")); !errors.Is(err, ErrUnavailable) {
			t.Errorf("Put: %v", err)
		}
	})
}

func TestMissingBucket(t *testing.T) {
	f := newService(t)
	if err := f.open(t, "").Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := f.open(t, "")
	s.bucket = "another"
	if err := s.Check(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("Check: %v", err)
	}
	if _, _, err := s.Open(t.Context(), "1/x"); !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrNotFound) {
		t.Errorf("Open: %v", err)
	}
	if _, err := s.Put(t.Context(), "1/x", strings.NewReader("x")); !errors.Is(err, ErrUnavailable) {
		t.Errorf("Put: %v", err)
	}
}

// An answer that ends too early is no whole object.
func TestCutOffAnswer(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		w.Header().Set("ETag", `"x"`)
		w.Header().Set("Last-Modified", "Sun, 22 Nov 2026 00:00:00 GMT")
		io.WriteString(w, "half")
	}))
	defer srv.Close()
	s := (&service{url: srv.URL}).open(t, "")
	f, _, err := s.Open(t.Context(), "1/x")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := io.ReadAll(f); string(got) != "half" || !errors.Is(err, ErrUnavailable) {
		t.Fatalf("read %q, %v", got, err)
	}
}

func TestParseLocation(t *testing.T) {
	for text, want := range map[string]Location{
		"s3://files": {Bucket: "files", Endpoint: "s3.amazonaws.com", Region: "us-east-1"},
		"s3://files/crm/one/?endpoint=https://s3.example.com:9000&region=cn-1&path_style=1": {
			Bucket: "files", Prefix: "crm/one", Endpoint: "s3.example.com:9000", Region: "cn-1", PathStyle: true},
		"s3://files?endpoint=s3.example.com&path_style=0": {Bucket: "files", Endpoint: "s3.example.com", Region: "us-east-1"},
		"s3://files?endpoint=http://127.0.0.1:9000/":      {Bucket: "files", Endpoint: "127.0.0.1:9000", Region: "us-east-1", Plain: true},
	} {
		if got, err := ParseLocation(text); err != nil || *got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "files", "/files", "https://files", "s3:files", "s3://", "s3://f", "s3://Files_", "s3://files#x", "s3://files/../x",
		"s3://files//a//b", "s3://files/.x", "s3://files/" + strings.Repeat("a/", 200), "s3://files/a%00b", "s3://%zz",
		"s3://sesame:open@files", "s3://sesame@files", "s3://files?access_key=sesame", "s3://files?region=", "s3://files?region=a&region=b",
		"s3://files?path_style=yes", "s3://files?endpoint=https://sesame:open@host", "s3://files?endpoint=ftp://host",
		"s3://files?endpoint=https://host/path", "s3://files?endpoint=https://", "s3://files?%zz=sesame", "s3://sesame:op en@files",
	} {
		if _, err := ParseLocation(text); err == nil {
			t.Errorf("%q was taken", text)
		} else if strings.Contains(err.Error(), "sesame") {
			t.Errorf("%q: the error repeats it: %v", text, err)
		}
	}
}
