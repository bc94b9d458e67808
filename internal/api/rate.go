package api

import (
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// rateLimiter bounds the calls of each organization.
type rateLimiter struct {
	limit rate.Limit
	burst int
	mu    sync.Mutex
	byOrg map[int64]*rate.Limiter
}

// newRateLimiter allows calls in each period, all of them at once if need be;
// nil for no limit.
func newRateLimiter(calls int, period time.Duration) *rateLimiter {
	if calls <= 0 || period <= 0 {
		return nil
	}
	return &rateLimiter{limit: rate.Limit(float64(calls) / period.Seconds()), burst: calls, byOrg: map[int64]*rate.Limiter{}}
}

// wait is how long the organization must wait for its next call; 0 lets this
// one pass and counts it.
func (l *rateLimiter) wait(org int64, now time.Time) time.Duration {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	lim := l.byOrg[org]
	if lim == nil {
		lim = rate.NewLimiter(l.limit, l.burst)
		l.byOrg[org] = lim
	}
	r := lim.ReserveN(now, 1)
	d := r.DelayFrom(now)
	if d > 0 {
		r.CancelAt(now)
	}
	return d
}

// retryLater is the one business answer that is not HTTP 200 and no envelope:
// clients look for exactly this text.
func retryLater(w http.ResponseWriter, rec *record, wait time.Duration) {
	h := w.Header()
	h.Set("Content-Type", "text/plain")
	h.Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	rec.status = http.StatusTooManyRequests
	w.WriteHeader(rec.status)
	rec.bytes, _ = io.WriteString(w, "Retry later\n")
}
