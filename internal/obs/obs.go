// Package obs is what an operator sees: structured logs and metrics.
package obs

import (
	"bufio"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the server's own metrics, in a registry of their own.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	jobs     jobMetrics
}

// NewMetrics makes an empty set with the process's and the runtime's figures.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "guanxi_requests_total", Help: "Requests by route and HTTP status.",
		}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "guanxi_request_seconds", Help: "Time to answer by route.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route"}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "guanxi_info", Help: "The running version.",
		ConstLabels: prometheus.Labels{"version": version}})
	info.Set(1)
	m.jobs = newJobMetrics(m.registry)
	m.registry.MustRegister(m.requests, m.seconds, info, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler answers /metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Route gives the counters of one route, looked up once.
func (m *Metrics) Route(name string) *Route {
	return &Route{ok: m.requests.WithLabelValues(name, "200"), unchanged: m.requests.WithLabelValues(name, "304"),
		requests: m.requests.MustCurryWith(prometheus.Labels{"route": name}), seconds: m.seconds.WithLabelValues(name)}
}

// Route counts the requests of one route.
type Route struct {
	ok, unchanged prometheus.Counter
	requests      *prometheus.CounterVec
	seconds       prometheus.Observer
}

// Observe counts one request.
func (r *Route) Observe(status int, took time.Duration) {
	switch status {
	case http.StatusOK:
		r.ok.Inc()
	case http.StatusNotModified:
		r.unchanged.Inc()
	default:
		r.requests.WithLabelValues(strconv.Itoa(status)).Inc()
	}
	r.seconds.Observe(took.Seconds())
}

// Logger writes logs as lines of JSON or text. Lines are gathered and written
// at least every 200 ms, and at once from level warn on, so that an access log
// does not cost a system call for each request. Close writes the rest; a crash
// loses at most the last 200 ms of access lines.
type Logger struct {
	*slog.Logger
	out *flusher
}

// NewLogger makes a logger to w. format is "json" or "text".
func NewLogger(w io.Writer, format string, level slog.Level) *Logger {
	f := &flusher{out: bufio.NewWriterSize(w, 64<<10), stop: make(chan struct{}), stopped: make(chan struct{})}
	go f.run()
	options := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewJSONHandler(f, options)
	if format == "text" {
		h = slog.NewTextHandler(f, options)
	}
	return &Logger{Logger: slog.New(&urgent{h, f, format != "text"}), out: f}
}

// Flush writes what has been gathered.
func (l *Logger) Flush() { l.out.flush() }

// Close writes what is left.
func (l *Logger) Close() {
	close(l.out.stop)
	<-l.out.stopped
}

type flusher struct {
	mu            sync.Mutex
	out           *bufio.Writer
	stop, stopped chan struct{}
}

func (f *flusher) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.out.Write(b)
}

func (f *flusher) flush() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.out.Flush()
}

func (f *flusher) run() {
	defer close(f.stopped)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			f.flush()
		case <-f.stop:
			f.flush()
			return
		}
	}
}
