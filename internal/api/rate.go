package api

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// rateLimiter bounds the calls of each organization: never more than a number
// in any period, counted to the call.
type rateLimiter interface {
	// wait is how long the organization must wait for its next call; 0 lets this
	// one pass and counts it. An error is the database's.
	wait(ctx context.Context, org int64, now time.Time) (time.Duration, error)
}

// newRateLimiter allows calls in each period; nil for no limit. Without budgets
// this process is the only one that counts.
func newRateLimiter(calls int, period time.Duration, budgets Budgets, now func() time.Time) rateLimiter {
	switch {
	case calls <= 0 || period <= 0:
		return nil
	case budgets == nil:
		return &ownLimiter{calls: calls, period: period, byOrg: map[int64]*window{}}
	default:
		return newSharedLimiter(calls, period, budgets, now)
	}
}

// ownLimiter counts in memory.
type ownLimiter struct {
	calls  int
	period time.Duration
	mu     sync.Mutex
	byOrg  map[int64]*window
}

// window holds when the last calls of one organization came, as a ring. It
// grows with the calls, up to as many as are allowed.
type window struct {
	times []time.Time
	next  int // where the oldest stands once the ring is full
}

func (l *ownLimiter) wait(_ context.Context, org int64, now time.Time) (time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.byOrg[org]
	if w == nil {
		w = &window{}
		l.byOrg[org] = w
	}
	if len(w.times) < l.calls {
		w.times = append(w.times, now)
		return 0, nil
	}
	if d := w.times[w.next].Add(l.period).Sub(now); d > 0 {
		return d, nil
	}
	w.times[w.next] = now
	w.next = (w.next + 1) % l.calls
	return 0, nil
}

// retryLater is the one business answer that is not HTTP 200 and no envelope:
// clients look for exactly this text.
func retryLater(w http.ResponseWriter, rec *record, wait time.Duration) {
	h := w.Header()
	h.Set("Content-Type", "text/plain")
	h.Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	h["Cache-Control"] = noStore
	rec.status = http.StatusTooManyRequests
	w.WriteHeader(rec.status)
	rec.bytes, _ = io.WriteString(w, "Retry later\n")
}
