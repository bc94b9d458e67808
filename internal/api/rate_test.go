package api

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"guanxi/internal/store/storetest"
)

// limits is a world in which processes share budgets and a clock moves by hand.
type limits struct {
	t        *testing.T
	random   *rand.Rand
	now      int64
	calls    int
	period   int64
	state    string
	revision int64
	trips    int
	// trouble is how likely the database is slow, fails or is asked by somebody
	// else in between; 0 for never.
	trouble   float64
	processes []*sharedLimiter
	inner     bool // a call in between another one
	timers    []timer
	passed    []int64
}

type timer struct {
	at int64
	fn func()
}

var errNoAnswer = errors.New("no answer")

func newLimits(t *testing.T, seed uint64, processes, calls int, period int64) *limits {
	w := &limits{t: t, random: rand.New(rand.NewPCG(seed, 7)), now: 1_550_000_000_000, calls: calls, period: period}
	for range processes {
		w.processes = append(w.processes, w.process())
	}
	return w
}

func (w *limits) process() *sharedLimiter {
	l := newSharedLimiter(w.calls, time.Duration(w.period)*time.Millisecond, w, func() time.Time { return time.UnixMilli(w.now) })
	l.after = func(d time.Duration, fn func()) func() {
		w.timers = append(w.timers, timer{w.now + d.Milliseconds(), fn})
		n := len(w.timers) - 1
		return func() { w.timers[n].fn = nil }
	}
	return l
}

// chance is true once in a while where there is trouble.
func (w *limits) chance(p float64) bool { return w.random.Float64() < p*w.trouble }

func (w *limits) RateBudget(context.Context, int64) (string, int64, error) {
	w.trips++
	if w.chance(0.1) {
		return "", 0, errNoAnswer
	}
	state, revision := w.state, w.revision
	w.between()
	return state, revision, nil
}

func (w *limits) SetRateBudget(_ context.Context, _ int64, state string, revision int64) (bool, error) {
	w.trips++
	w.between()
	if w.chance(0.1) {
		return false, errNoAnswer
	}
	if revision != w.revision {
		return false, nil
	}
	w.state, w.revision = state, revision+1
	if w.chance(0.1) {
		return false, errNoAnswer // and it was written
	}
	return true, nil
}

// between is what happens while a process waits for the database.
func (w *limits) between() {
	if w.chance(0.2) {
		w.now += w.random.Int64N(w.period/10 + 1)
	}
	if w.inner || !w.chance(0.5) {
		return
	}
	w.inner = true
	defer func() { w.inner = false }()
	// Whoever holds the turn is the one who waits.
	l := w.processes[w.random.IntN(len(w.processes))]
	if a := l.account(1); len(a.turn) == 0 {
		w.call(l)
	}
}

// call makes a call and tells whether it passed, and how long it has to wait.
func (w *limits) call(l *sharedLimiter) (bool, time.Duration) {
	wait, err := l.wait(context.Background(), 1, time.Time{})
	switch {
	case errors.Is(err, errNoAnswer):
		return false, 0
	case err != nil || wait < 0:
		w.t.Fatalf("wait %v, %v", wait, err)
	case wait == 0:
		w.passed = append(w.passed, w.now)
	}
	return wait == 0, wait
}

// advance moves the clock; what was put off happens in between.
func (w *limits) advance(by int64) {
	end := w.now + by
	for {
		next := -1
		for i, x := range w.timers {
			if x.fn != nil && x.at <= end && (next < 0 || x.at < w.timers[next].at) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		w.now = max(w.now, w.timers[next].at)
		fn := w.timers[next].fn
		w.timers[next].fn = nil
		if !w.chance(0.2) {
			fn()
		}
	}
	w.now = max(w.now, end)
}

// check finds a period with more calls than allowed.
func (w *limits) check(what string) {
	w.t.Helper()
	slices.Sort(w.passed)
	for i := w.calls; i < len(w.passed); i++ {
		if w.passed[i]-w.passed[i-w.calls] < w.period {
			w.t.Fatalf("%s: more than %d calls in %d ms, at %d", what, w.calls, w.period, i)
		}
	}
}

// burst makes calls until one is refused and gives how many passed.
func (w *limits) burst(l *sharedLimiter) (n int, wait time.Duration) {
	for n <= w.calls {
		ok, d := w.call(l)
		if !ok {
			return n, d
		}
		n++
	}
	return n, 0
}

// Never more calls than allowed pass in any period, whatever happens to the
// processes and to the database.
func TestSharedLimitIsNeverPassed(t *testing.T) {
	passed, refused := 0, 0
	for seed := range uint64(120) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := newLimits(t, seed, 1+r.IntN(4), 1+r.IntN(1<<r.IntN(8)), []int64{20, 100, 1000, 10_000, 600_000}[r.IntN(5)])
		w.trouble = []float64{0, 0.3, 1}[r.IntN(3)]
		what := fmt.Sprintf("seed %d: %d processes, %d calls in %d ms, trouble %v", seed, len(w.processes), w.calls, w.period, w.trouble)
		for range 200 {
			switch i := r.IntN(len(w.processes)); {
			case r.IntN(30) == 0: // killed and started anew
				w.processes[i] = w.process()
			case r.IntN(3) == 0:
				w.advance(r.Int64N(1 + w.period/int64(1+r.IntN(50))))
			default:
				for range r.IntN(2 + w.calls) {
					if ok, _ := w.call(w.processes[i]); !ok {
						refused++
						break
					}
				}
			}
			if len(w.state) > 10_000 {
				t.Fatalf("%s: the state has grown to %d bytes", what, len(w.state))
			}
		}
		w.check(what)
		passed += len(w.passed)
	}
	if passed < 5000 || refused < 1000 {
		t.Errorf("%d calls passed and %d were refused: too few to tell", passed, refused)
	}
}

// One process alone gives all calls, once in each period, and asks the database
// seldom.
func TestSharedLimitOfOne(t *testing.T) {
	for _, calls := range []int{1, 2, 3, 10, 64, 100, 1000, 10_000} {
		w := newLimits(t, 1, 2, calls, 10_000)
		l := w.processes[0]
		for period := range 5 {
			trips := w.trips
			n, wait := w.burst(l)
			if n != calls || wait <= 0 || wait.Milliseconds() > w.period+l.step {
				t.Fatalf("period %d: %d of %d calls passed, then wait %v", period, n, calls, wait)
			}
			if period == 0 {
				t.Logf("%d calls at once: %d trips", calls, w.trips-trips)
			}
			if w.trips-trips > 35 {
				t.Errorf("%d calls cost %d trips", calls, w.trips-trips)
			}
			if ok, _ := w.call(l); ok {
				t.Error("one more")
			}
			w.advance(wait.Milliseconds())
		}
		w.check("one process")
	}
}

// After a pause of one period everything is there again, for whichever process.
func TestSharedLimitRecovers(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 2))
		w := newLimits(t, seed, 3, 1+r.IntN(300), 10_000)
		for range 100 {
			w.call(w.processes[r.IntN(3)])
			w.advance(r.Int64N(200))
		}
		w.advance(w.period + w.processes[0].life)
		if n, _ := w.burst(w.processes[r.IntN(3)]); n != w.calls {
			t.Errorf("seed %d: %d of %d calls after a pause", seed, n, w.calls)
		}
		w.check("with a pause")
	}
	// What a killed process held comes back when its grants have run out.
	w := newLimits(t, 1, 2, 100, 10_000)
	w.call(w.processes[0])
	w.timers = nil
	w.advance(2 * w.period)
	if n, _ := w.burst(w.processes[1]); n != w.calls {
		t.Errorf("%d of %d calls after a process was killed", n, w.calls)
	}
	if ok, _ := w.call(w.processes[0]); ok {
		t.Error("it was not dead after all, and used what it had held")
	}
}

// A client that sends as many calls as are allowed at once, to any of several
// processes, gets nearly all of them.
func TestSharedLimitOfABurst(t *testing.T) {
	for _, calls := range []int{10, 100, 1000} {
		w := newLimits(t, 1, 3, calls, 10_000)
		for range calls {
			w.call(w.processes[w.random.IntN(3)])
		}
		t.Logf("%d of %d calls to three processes at once passed", len(w.passed), calls)
		if len(w.passed) < calls*9/10 {
			t.Errorf("only %d of %d calls passed", len(w.passed), calls)
		}
	}
}

// What calls cost in trips to the database, and how much of the limit several
// processes can use. The bounds are rough; the log has the numbers.
func TestSharedLimitCosts(t *testing.T) {
	for _, c := range []struct {
		name             string
		processes, calls int
		every            int64 // milliseconds between calls; they come in tens
		most             int   // trips for 1,000 calls
	}{
		{"one process, a twentieth of the limit", 1, 1000, 2000, 110},
		{"one process, half of the limit", 1, 1000, 200, 60},
		{"three processes, a twentieth of the limit", 3, 1000, 2000, 300},
		{"three processes, half of the limit", 3, 1000, 200, 200},
		{"three processes, half of a high limit", 3, 20_000, 10, 20},
		{"three processes, twice the limit", 3, 1000, 50, 700},
	} {
		w := newLimits(t, 1, c.processes, c.calls, 10_000)
		made := 0
		start := w.now
		for w.now < start+5*w.period {
			for range 10 {
				w.call(w.processes[w.random.IntN(c.processes)])
				made++
			}
			w.advance(c.every)
		}
		w.check(c.name)
		per := w.trips * 1000 / made
		t.Logf("%s: %d trips for 1,000 calls; %d of %d passed, the limit allows %d", c.name, per, len(w.passed), made, 5*c.calls)
		if per > c.most || len(w.passed) < min(made, 5*c.calls*9/10) {
			t.Errorf("%s: %d trips for 1,000 calls, %d of %d passed", c.name, per, len(w.passed), made)
		}
	}
}

// A refused call asks for nothing until something may have changed.
func TestRefusedCallsAskSeldom(t *testing.T) {
	w := newLimits(t, 1, 2, 100, 10_000)
	w.burst(w.processes[0])
	trips := w.trips
	for range 1000 {
		if ok, _ := w.call(w.processes[1]); ok {
			t.Fatal("it passed")
		}
		w.advance(1)
	}
	if n := w.trips - trips; n > 10 {
		t.Errorf("1,000 refused calls in a second cost %d trips", n)
	}
}

// Without the database, calls pass within the grant in hand and no others.
func TestSharedLimitWithoutDatabase(t *testing.T) {
	w := newLimits(t, 1, 1, 1000, 10_000)
	l := w.processes[0]
	w.call(l)
	w.trouble = 1e9
	var n int
	var err error
	for ; err == nil && n <= w.calls; n++ {
		_, err = l.wait(t.Context(), 1, time.Time{})
	}
	if !errors.Is(err, errNoAnswer) || n != l.quiet {
		t.Errorf("%d more calls, then %v", n-1, err)
	}
	if _, err := l.wait(t.Context(), 2, time.Time{}); !errors.Is(err, errNoAnswer) {
		t.Errorf("another organization: %v", err)
	}
}

// A clock that was wrong does not lock an organization for long.
func TestSharedLimitAfterAWrongClock(t *testing.T) {
	w := newLimits(t, 1, 2, 10, 1000)
	w.now += 1e9
	w.burst(w.processes[0])
	w.timers = nil
	w.now -= 1e9
	w.burst(w.processes[1])
	w.advance(1001) // a period, and the millisecond in which the calls were made
	if n, _ := w.burst(w.processes[1]); n != 10 {
		t.Errorf("%d calls", n)
	}
}

// TestSharedLimitOnADatabase lets several processes with real clocks use up the
// limit of one organization.
func TestSharedLimitOnADatabase(t *testing.T) {
	database := storetest.New(t, "empty", nil)
	const calls, period, processes, wanted = 60, 300 * time.Millisecond, 3, 5 * 60
	type interval struct{ start, end time.Time }
	var mu sync.Mutex
	var passed []interval
	var all sync.WaitGroup
	for range processes {
		l := newRateLimiter(calls, period, storetest.Open(t, database), time.Now).(*sharedLimiter)
		l.after = func(time.Duration, func()) func() { return func() {} } // nothing outlives the test
		for range 2 {
			all.Go(func() {
				for enough := false; !enough; {
					start := time.Now()
					wait, err := l.wait(t.Context(), 1, start)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					if wait == 0 {
						passed = append(passed, interval{start, time.Now()})
					}
					enough = len(passed) >= wanted
					mu.Unlock()
				}
			})
		}
	}
	all.Wait()
	for _, from := range passed {
		n := 0
		for _, p := range passed {
			if !p.start.Before(from.start) && p.end.Sub(from.start) < period {
				n++
			}
		}
		if n > calls {
			t.Fatalf("%d calls in one period", n)
		}
	}
}
