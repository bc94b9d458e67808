package staticmap

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"guanxi/internal/picture"
)

const (
	// maxQueryBytes is the longest query that is looked at.
	maxQueryBytes = 4096
	// pause is how long AMap is left alone after it failed. Without it every
	// request would wait for it, and be refused by it, again.
	pause = 30 * time.Second
	// The names under which the cache keeps pictures. The number is raised
	// when sheets are drawn differently.
	drawnKey = "map/drawn/1?"
	amapKey  = "map/amap/1?"
)

// Values of the Cache-Control header.
const (
	keepADay = "private, max-age=86400"
	// A sheet that stands in for a real picture should not stay for a day.
	keepAMinute = "private, max-age=60"
)

type handler struct {
	cache *picture.Cache
	amap  *AMap
	check func(rawQueryWithoutSig, sig string) bool
	now   func() time.Time

	mu      sync.Mutex
	resting time.Time // Until then AMap is not asked.
}

// New gives a handler that answers GET requests with a picture, whatever their
// path. The query is that of Parse. A query that does not describe a picture
// is answered with status 400 and a line of plain text.
//
// When amap is not nil, a request whose parameter sig passes check gets the
// real picture. All other requests, and those during half a minute after AMap
// failed, get a drawn sheet, so that nobody can use up the operator's quota
// with requests of their own. The check is given the query without sig, byte
// for byte as StripSig leaves it. It is not called when amap is nil, and may
// then be nil as well.
func New(cache *picture.Cache, amap *AMap, check func(rawQueryWithoutSig, sig string) bool) http.Handler {
	return &handler{cache: cache, amap: amap, check: check, now: time.Now}
}

// StripSig takes the first parameter named sig out of a raw query. The rest
// keeps its order and its spelling.
func StripSig(rawQuery string) (rest, sig string) {
	parts := strings.Split(rawQuery, "&")
	for i, part := range parts {
		if v, ok := strings.CutPrefix(part, "sig="); ok {
			return strings.Join(append(parts[:i:i], parts[i+1:]...), "&"), v
		}
	}
	return rawQuery, ""
}

// ServeHTTP answers one request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET is possible here", http.StatusMethodNotAllowed)
		return
	}
	if len(r.URL.RawQuery) > maxQueryBytes {
		http.Error(w, bad("the query is too long").Error(), http.StatusBadRequest)
		return
	}
	// A semicolon may separate markers. The standard parser refuses it where
	// it is not escaped.
	values, err := url.ParseQuery(strings.ReplaceAll(r.URL.RawQuery, ";", "%3B"))
	if err != nil {
		http.Error(w, bad("the query is malformed").Error(), http.StatusBadRequest)
		return
	}
	req, err := Parse(values)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	data, contentType, keep, err := h.picture(r.Context(), r.URL.RawQuery, req)
	if err != nil {
		http.Error(w, "the map cannot be drawn now", http.StatusServiceUnavailable)
		return
	}
	head := w.Header()
	head.Set("Content-Type", contentType)
	head.Set("Content-Length", strconv.Itoa(len(data)))
	head.Set("Cache-Control", keep)
	head.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(data) // The client may be gone, which is its own affair.
}

// picture gives the real picture where it is due and can be had, and a sheet
// otherwise.
func (h *handler) picture(ctx context.Context, rawQuery string, req Request) (data []byte, contentType, keep string, err error) {
	keep = keepADay
	if h.amap != nil && h.check(StripSig(rawQuery)) {
		data, contentType, err = h.cache.GetRemote(ctx, amapKey+req.Query(), func(ctx context.Context) ([]byte, string, error) {
			return h.ask(ctx, req)
		})
		if err == nil {
			return data, contentType, keep, nil
		}
		keep = keepAMinute
	}
	data, contentType, err = h.cache.Get(ctx, drawnKey+req.Query(), func(context.Context) ([]byte, string, error) {
		return Draw(req), "image/png", nil
	})
	return data, contentType, keep, err
}

// ask fetches from AMap unless that failed a moment ago. The cache sees to it
// that the context is not that of one impatient client.
func (h *handler) ask(ctx context.Context, req Request) ([]byte, string, error) {
	h.mu.Lock()
	rest := h.now().Before(h.resting)
	h.mu.Unlock()
	if rest {
		return nil, "", ErrAMap
	}
	data, contentType, err := h.amap.Fetch(ctx, req)
	if err != nil {
		h.mu.Lock()
		h.resting = h.now().Add(pause)
		h.mu.Unlock()
	}
	return data, contentType, err
}
