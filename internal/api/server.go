// Package api is HTTP: the route table, who is asking, the envelope, errors,
// conditional answers, limits, logs and metrics. Handlers in api/v2 translate
// and decide nothing.
package api

import (
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"guanxi/internal/api/call"
	"guanxi/internal/api/docs"
	"guanxi/internal/api/jsonw"
	"guanxi/internal/api/openapi"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
	"guanxi/internal/obs"
	"guanxi/internal/service"
)

// Options are the operator's choices that concern HTTP.
type Options struct {
	// PublicURL begins absolute links; "" takes the host of each request.
	PublicURL string
	// TrustedProxies may say in X-Forwarded-For and X-Forwarded-Proto where a
	// request came from.
	TrustedProxies []netip.Prefix
	// RateCalls per RatePeriod and organization; 0 is no limit.
	RateCalls  int
	RatePeriod time.Duration
	// Budgets are where several processes count calls together; nil where this
	// one is the only one.
	Budgets Budgets
	// Instance and Build are part of every ETag.
	Instance, Build string
	Limits          param.Limits
}

// Server answers the API.
type Server struct {
	mux     *http.ServeMux
	service *service.Service
	links   *call.Links
	options Options
	log     *slog.Logger
	access  func(time.Time, *obs.Access)
	metrics *obs.Metrics
	rate    rateLimiter
	ids     requestIDs
	buffers sync.Pool
	etags   *etags
}

// New makes the server. files and maps answer /attachments/, /assets/ and
// /staticmap; operations answers /healthz, /readyz and /metrics. The pages about
// the API itself answer under /docs/.
func New(svc *service.Service, links *call.Links, files, maps, operations http.Handler, options Options,
	log *slog.Logger, metrics *obs.Metrics) *Server {
	s := &Server{
		service: svc, links: links, options: options, log: log,
		access: obs.AccessLog(log), metrics: metrics,
		rate: newRateLimiter(options.RateCalls, options.RatePeriod, options.Budgets, svc.Now), ids: newRequestIDs(),
		buffers: sync.Pool{New: func() any { b := make([]byte, 0, 16<<10); return &b }},
		etags:   newETags(options.Instance, options.Build),
	}
	s.mux = mount(routes(), s.endpoint, func(path, allow string) http.Handler {
		if path == "" {
			return s.refuse("other", crm.ErrNoRoute, "")
		}
		return s.refuse(path, crm.ErrMethod, allow)
	})
	page := docs.Page(func() *openapi.Document {
		d, _ := Document() // tests see to it that nothing is wrong with it
		return d
	})
	for pattern, h := range map[string]http.Handler{
		"/attachments/": files, "/assets/": files, "/staticmap": maps, "/docs/errors": docs.Errors(),
		"/docs": page, "/docs/page.js": page, "/openapi.json": page,
		"/healthz": operations, "/readyz": operations, "/metrics": operations,
	} {
		if h != nil {
			s.mux.Handle(pattern, s.plain(pattern, h))
		}
	}
	return s
}

// ServeHTTP takes a trailing slash, doubled slashes and dots out of API paths,
// since clients send them. A path with an escaped slash is left as it is: it
// names nothing.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p := r.URL.Path; strings.HasPrefix(strings.TrimLeft(p, "/"), "api/") && r.URL.RawPath == "" &&
		(p[len(p)-1] == '/' || strings.Contains(p, "//") || strings.Contains(p, "/.")) {
		u := *r.URL
		u.Path, u.RawPath = path.Clean(p), ""
		r2 := *r
		r2.URL = &u
		r = &r2
	}
	s.mux.ServeHTTP(w, r)
}

// record is what the access log and the metrics say of one request.
type record struct {
	route  string
	status int
	code   int
	bytes  int
	org    int64
	user   int64
	detail string
}

// endpoint answers one route of the API.
func (s *Server) endpoint(rt route) http.Handler {
	name := rt.method + " " + rt.path
	observe := s.metrics.Route(name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		buf := s.buffers.Get().(*[]byte)
		limits := s.options.Limits
		if rt.open { // nobody uploads before signing in
			limits.Multipart = limits.Body
		}
		c := call.New(r, (*buf)[:0], limits)
		c.ID, c.Now, c.Service, c.Links = s.requestID(r), s.service.Now(), s.service, s.links
		c.Remote, c.Base = s.origin(r)
		rec := record{route: name}
		defer func() {
			if p := recover(); p != nil {
				s.log.Error("panic", "request_id", c.ID, "route", name, "panic", p, "stack", string(debug.Stack()))
				c.B = c.B[:0]
				s.fail(w, c, &rec, crm.ErrInternal)
			}
			c.Close()
			if cap(c.B) <= 1<<20 {
				*buf = c.B
				s.buffers.Put(buf)
			}
			s.done(r, c.ID, c.Remote, &rec, observe, start)
		}()
		s.answer(w, c, rt, &rec)
	})
}

func (s *Server) answer(w http.ResponseWriter, c *call.Call, rt route, rec *record) {
	h := w.Header()
	h["X-Request-Id"] = []string{c.ID}
	h["Content-Type"] = jsonType
	h["Cache-Control"] = privateNoCache
	if !rt.open {
		if err := s.authenticate(c); err != nil {
			s.fail(w, c, rec, err)
			return
		}
		rec.org, rec.user = c.Caller.Org(), c.Caller.Viewer.User.ID
		if s.rate != nil {
			wait, err := s.rate.wait(c.Context(), rec.org, c.Now)
			if err != nil {
				s.fail(w, c, rec, err)
				return
			}
			if wait > 0 {
				retryLater(w, rec, wait)
				return
			}
		}
	}
	var tag string
	if rt.conditional && c.Request.ContentLength == 0 {
		tag = s.etags.of(c)
		if rt.fixed {
			tag = s.etags.fixed(c)
			h["Cache-Control"] = privateDay
		}
		unchanged := matches(c.Request.Header["If-None-Match"], tag)
		if unchanged && !rt.fixed {
			// Another process may have changed something a moment ago.
			moved, err := s.service.Moved(c.Context(), c.Caller)
			if err == nil && moved {
				err = s.authenticate(c)
				unchanged = false
			}
			if err != nil {
				s.fail(w, c, rec, err)
				return
			}
			tag = s.etags.of(c)
		}
		if unchanged {
			h["Etag"] = []string{tag}
			delete(h, "Content-Type")
			rec.status = http.StatusNotModified
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	if !rt.open {
		if err := act(c); err != nil {
			s.fail(w, c, rec, err)
			return
		}
	}
	if err := rt.handler(c); err != nil {
		s.fail(w, c, rec, err)
		return
	}
	if tag != "" {
		h["Etag"] = []string{tag}
	}
	rec.status = http.StatusOK
	s.write(w, c.B, rec)
}

var (
	jsonType       = []string{"application/json; charset=utf-8"}
	privateNoCache = []string{"private, no-cache"}
	privateDay     = []string{"private, max-age=86400"}
	noSniff        = []string{"nosniff"}
)

func (s *Server) write(w http.ResponseWriter, body []byte, rec *record) {
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(rec.status)
	rec.bytes, _ = w.Write(body)
}

// authenticate finds the token in whatever place the client put it.
func (s *Server) authenticate(c *call.Call) error {
	cred, ok := param.HeaderToken(c.Request.Header)
	if !ok {
		p, err := c.Params()
		if err != nil {
			return err
		}
		if cred, ok = param.Token(c.Request, p); !ok {
			return crm.ErrUnauthenticated
		}
	}
	caller, err := s.service.Authenticate(c.Context(), cred.Token)
	if err != nil {
		return err
	}
	caller.RequestID, caller.RemoteAddress = c.ID, c.Remote
	c.Caller = caller
	return nil
}

// fail is the one place where an error becomes an answer. What the API knows
// goes out with HTTP 200, since its clients give up on any other status; what
// it does not know is logged and goes out as HTTP 500 with the request id;
// HTTP 503 says that the database does not answer.
func (s *Server) fail(w http.ResponseWriter, c *call.Call, rec *record, err error) {
	var known *crm.Error
	status := http.StatusOK
	switch {
	case s.service.Unavailable(err) != nil:
		known, status = s.service.Unavailable(err), http.StatusServiceUnavailable
		rec.detail = err.Error()
		w.Header()["Retry-After"] = retryAfter
	case errors.As(err, &known):
		rec.detail, status = known.Detail, known.Status()
	case c.Context().Err() != nil:
		// The client is gone; nobody reads this.
		known, status, rec.detail = crm.ErrInternal, 499, "the client went away"
	default:
		s.log.Error("internal error", "request_id", c.ID, "route", rec.route, "error", err.Error())
		known, status = crm.ErrInternal, http.StatusInternalServerError
	}
	j := jsonw.Writer{B: c.B[:0]}
	call.AppendError(&j, known, call.Language(c.Request.Header), c.ID)
	c.B = j.B
	rec.code, rec.status = known.Code, status
	if h := w.Header(); status == http.StatusOK {
		h["Cache-Control"] = noStore
	} else {
		h["Vary"] = varyLanguage
	}
	s.write(w, c.B, rec)
}

// retryAfter is how many seconds a client is asked to wait when the database
// does not answer.
var retryAfter = []string{"1"}

var (
	noStore = []string{"no-store"}
	// varyLanguage stands on errors that caches might keep.
	varyLanguage = []string{"Accept-Language"}
)

// refuse answers what no route serves, in the envelope.
func (s *Server) refuse(name string, e *crm.Error, allow string) http.Handler {
	observe := s.metrics.Route(name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		id := s.requestID(r)
		remote, _ := s.origin(r)
		rec := record{route: name, status: e.Status(), code: e.Code}
		w.Header()["X-Request-Id"] = []string{id}
		w.Header()["Content-Type"] = jsonType
		w.Header()["Vary"] = varyLanguage
		if allow != "" {
			w.Header().Set("Allow", allow)
		}
		var j jsonw.Writer
		call.AppendError(&j, e, call.Language(r.Header), id)
		s.write(w, j.B, &rec)
		s.done(r, id, remote, &rec, observe, start)
	})
}

// plain wraps a handler that writes its own answer (files, maps, health).
func (s *Server) plain(name string, h http.Handler) http.Handler {
	observe := s.metrics.Route(name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		id := s.requestID(r)
		remote, _ := s.origin(r)
		w.Header()["X-Request-Id"] = []string{id}
		w.Header()["X-Content-Type-Options"] = noSniff
		sw := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		rec := record{route: name}
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				s.log.Error("panic", "request_id", id, "route", name, "panic", p, "stack", string(debug.Stack()))
				if sw.bytes == 0 {
					http.Error(sw, "internal error "+id, http.StatusInternalServerError)
				}
			}
			rec.status, rec.bytes = sw.status, sw.bytes
			s.done(r, id, remote, &rec, observe, start)
		}()
		h.ServeHTTP(sw, r)
	})
}

type statusWriter struct {
	http.ResponseWriter
	status, bytes int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// done writes the access log and the metrics.
func (s *Server) done(r *http.Request, id, remote string, rec *record, observe *obs.Route, start time.Time) {
	took := time.Since(start)
	observe.Observe(rec.status, took)
	s.access(start, &obs.Access{RequestID: id, Method: r.Method, Route: rec.route, Status: rec.status, Code: rec.code,
		Bytes: rec.bytes, Org: rec.org, User: rec.user, Remote: remote, Detail: rec.detail, Took: took})
}
