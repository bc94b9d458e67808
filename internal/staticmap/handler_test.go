package staticmap

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"guanxi/internal/picture"
)

const (
	secret = "a+secret key&1"
	place  = "location=121.4737,31.2304&size=60*40"
)

// remote stands in for AMap. It counts its calls.
type remote struct {
	*AMap
	calls  atomic.Int64
	errors []error
}

func newRemote(t *testing.T, answer http.HandlerFunc) *remote {
	t.Helper()
	r := &remote{AMap: NewAMap(secret)}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.calls.Add(1)
		answer(w, q)
	}))
	t.Cleanup(srv.Close)
	r.BaseURL = srv.URL + "/v3/staticmap"
	r.OnError = func(err error) { r.errors = append(r.errors, err) }
	return r
}

// realPicture is what the stand-in answers.
func realPicture() []byte { return Draw(Request{Width: 3, Height: 3, Zoom: 1, Scale: 1}) }

func givePicture(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "image/png;charset=UTF-8")
	_, _ = w.Write(realPicture())
}

func newCache(t *testing.T) *picture.Cache {
	t.Helper()
	c, err := picture.OpenCache(t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func get(h http.Handler, query string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/staticmap", nil)
	r.URL.RawQuery = query
	h.ServeHTTP(w, r)
	return w
}

func TestFetch(t *testing.T) {
	var got url.Values
	var path string
	r := newRemote(t, func(w http.ResponseWriter, q *http.Request) {
		got, path = q.URL.Query(), q.URL.Path
		givePicture(w, q)
	})
	data, contentType, err := r.Fetch(t.Context(), parse(t, place+"&markers=mid,,A:1,2&foo=bar"))
	if err != nil || contentType != "image/png" || !bytes.Equal(data, realPicture()) {
		t.Fatalf("Fetch: %q, %v", contentType, err)
	}
	if path != "/v3/staticmap" || got.Get("key") != secret || got.Get("size") != "60*40" ||
		got.Get("location") != "121.4737,31.2304" || got.Get("markers") != "mid,,A:1,2" || got.Has("foo") {
		t.Errorf("asked %s for %v", path, got)
	}
}

func TestFetchRefuses(t *testing.T) {
	answer := func(contentType string, status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("Location", "/?key="+url.QueryEscape(secret))
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		word   string
	}{
		"json":     {answer("application/json", 200, `{"status":"0","info":"INVALID_USER_KEY","infocode":"10001"}`), "infocode 10001"},
		"odd json": {answer("application/json", 200, `{"infocode":"`+secret+`"}`), "no picture"},
		"no type":  {answer("", 200, string(realPicture())), "no picture"},
		"html":     {answer("image/png", 200, "<html><script>"), "is none"},
		"svg":      {answer("image/svg+xml", 200, "<svg xmlns='http://www.w3.org/2000/svg'/>"), "is none"},
		"status":   {answer("image/png", 500, string(realPicture())), "500"},
		"redirect": {answer("image/png", 302, ""), "302"},
		"large":    {answer("image/png", 200, string(realPicture())+strings.Repeat("x", amapMaxBytes)), "more than"},
		"hang up":  {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ""},
	} {
		r := newRemote(t, c.answer)
		_, _, err := r.Fetch(t.Context(), parse(t, place))
		if !errors.Is(err, ErrAMap) || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%s: %v", name, err)
		}
		noSecret(t, name, err)
		if len(r.errors) != 1 || r.errors[0] != err {
			t.Errorf("%s: OnError was told of %v", name, r.errors)
		}
	}
}

// noSecret looks for the key in all that can be printed of a value.
func noSecret(t *testing.T, name string, v any) {
	t.Helper()
	text := fmt.Sprintf("%v %+v %#v %s", v, v, v, v)
	if j, err := json.Marshal(v); err == nil {
		text += string(j)
	}
	for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
		if strings.Contains(text, form) {
			t.Errorf("%s shows the key: %s", name, text)
		}
	}
}

func TestKeyIsNeverShown(t *testing.T) {
	a := NewAMap(secret)
	noSecret(t, "the fetcher", a)
	for _, base := range []string{"http://127.0.0.1:0/", "no scheme", "http://\x7f/", "gopher://x/", "http://x/" + secret + "\x00"} {
		a.BaseURL = base
		_, _, err := a.Fetch(t.Context(), parse(t, place))
		if !errors.Is(err, ErrAMap) {
			t.Errorf("%q: %v", base, err)
		}
		noSecret(t, base, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := NewAMap(secret).Fetch(ctx, parse(t, place)); !errors.Is(err, context.Canceled) || !errors.Is(err, ErrAMap) {
		t.Errorf("cancelled: %v", err)
	} else {
		noSecret(t, "cancelled", err)
	}
}

func TestHandlerDraws(t *testing.T) {
	cache := newCache(t)
	h := New(cache, nil, nil)
	for _, query := range []string{place, place + "&sig=abc", place + "&markers=mid,,A:121.47,31.23;121.48,31.24"} {
		w := get(h, query)
		if w.Code != 200 || w.Header().Get("Content-Type") != "image/png" || w.Header().Get("Cache-Control") != keepADay ||
			w.Header().Get("Content-Length") != fmt.Sprint(w.Body.Len()) {
			t.Fatalf("%q: %d, %v", query, w.Code, w.Header())
		}
		img, err := png.Decode(bytes.NewReader(w.Body.Bytes()))
		if err != nil || img.Bounds().Dx() != 60 {
			t.Errorf("%q: %v", query, err)
		}
	}
	if s := cache.Stats(); s.Builds != 2 || s.Hits != 1 {
		t.Errorf("cache %+v", s)
	}
}

func TestHandlerRefuses(t *testing.T) {
	h := New(newCache(t), nil, nil)
	for _, query := range []string{"", "location=1", "location=%zz", place + "&foo=" + strings.Repeat("x", maxQueryBytes)} {
		w := get(h, query)
		if w.Code != 400 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") ||
			!strings.HasPrefix(w.Body.String(), "bad map request") || w.Body.Len() > 200 || w.Header().Get("Cache-Control") != "" {
			t.Errorf("%.50q: %d, %q", query, w.Code, w.Body)
		}
	}
	for _, method := range []string{"POST", "DELETE", "PUT"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/staticmap?"+place, nil))
		if w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
	// A client that is gone gets no picture, whatever it is told.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/staticmap?"+place, nil))
	if w.Code != 503 {
		t.Errorf("cancelled: %d", w.Code)
	}
}

// TestOnlySignedRequestsReachAMap counts the calls on the operator's account.
func TestOnlySignedRequestsReachAMap(t *testing.T) {
	r := newRemote(t, givePicture)
	h := New(newCache(t), r.AMap, func(query, sig string) bool { return query == place && sig == "good" })
	for _, query := range []string{place, place + "&sig=", place + "&sig=bad", place + "&zoom=5&sig=good", place + "&sig=good&sig=good"} {
		if w := get(h, query); w.Code != 200 || bytes.Equal(w.Body.Bytes(), realPicture()) {
			t.Errorf("%q: %d", query, w.Code)
		}
	}
	if n := r.calls.Load(); n != 0 {
		t.Errorf("%d calls for unsigned requests", n)
	}
	first, rest, _ := strings.Cut(place, "&")
	for _, query := range []string{place + "&sig=good", "sig=good&" + place, first + "&sig=good&" + rest} {
		w := get(h, query)
		if w.Code != 200 || !bytes.Equal(w.Body.Bytes(), realPicture()) || w.Header().Get("Cache-Control") != keepADay {
			t.Errorf("%q: %d, %v", query, w.Code, w.Header())
		}
	}
	if n := r.calls.Load(); n != 1 {
		t.Errorf("%d calls for one picture", n)
	}
}

func TestHandlerFallsBackAndRests(t *testing.T) {
	var broken atomic.Bool
	broken.Store(true)
	r := newRemote(t, func(w http.ResponseWriter, q *http.Request) {
		if broken.Load() {
			http.Error(w, "no", http.StatusBadGateway)
			return
		}
		givePicture(w, q)
	})
	h := New(newCache(t), r.AMap, func(_, sig string) bool { return sig == "good" }).(*handler)
	now := time.Unix(1_700_000_000, 0)
	h.now = func() time.Time { return now }
	ask := func(want string, calls int64) {
		t.Helper()
		w := get(h, place+"&sig=good")
		if w.Code != 200 || w.Header().Get("Cache-Control") != want || r.calls.Load() != calls {
			t.Errorf("%d, %v after %d calls", w.Code, w.Header(), r.calls.Load())
		}
		if real := bytes.Equal(w.Body.Bytes(), realPicture()); real != (want == keepADay) {
			t.Errorf("the picture is real: %v", real)
		}
	}
	ask(keepAMinute, 1)
	broken.Store(false)
	ask(keepAMinute, 1) // AMap is left alone.
	now = now.Add(pause)
	ask(keepADay, 2)
	broken.Store(true)
	ask(keepADay, 2) // The cache has it.
	if len(r.errors) != 1 {
		t.Errorf("OnError was told of %v", r.errors)
	}
}

func TestStripSig(t *testing.T) {
	for in, want := range map[string][2]string{
		"": {"", ""}, "a=1": {"a=1", ""}, "sig=x": {"", "x"}, "a=1&sig=x&b=%20": {"a=1&b=%20", "x"},
		"sig=x&a&sig=y": {"a&sig=y", "x"}, "sigh=1&a": {"sigh=1&a", ""},
	} {
		if rest, sig := StripSig(in); rest != want[0] || sig != want[1] {
			t.Errorf("StripSig(%q): %q, %q", in, rest, sig)
		}
	}
}
