package api

import (
	"context"
	"crypto/rand"
	"sync"
	"time"
)

// Budgets keeps a text for each organization that several processes change by
// compare-and-set; package store has it.
type Budgets interface {
	RateBudget(ctx context.Context, org int64) (state string, revision int64, err error)
	SetRateBudget(ctx context.Context, org int64, state string, revision int64) (done bool, err error)
}

// sharedLimiter bounds the calls that an organization makes to all processes on
// one database. A process takes grants from the organization's budget and counts
// within them in memory: a grant counts as used until the process says how much
// of it was, and when, or until the last call that it allows is a period old.
// So there are never more calls than allowed in any period, whatever becomes of
// the process. Grants are large while much is left and small near the limit.
//
// Processes tell the time by their own clocks: where these differ by a second,
// the number may be reached in a period that is a second shorter.
type sharedLimiter struct {
	calls   int
	period  int64 // milliseconds, as all times here
	life    int64 // of a grant
	step    int64 // to which the times of calls are rounded up
	quiet   int   // calls that a process may keep for a whole period
	budgets Budgets
	now     func() time.Time
	// after runs fn later, unless stop is called before; for tests.
	after func(d time.Duration, fn func()) (stop func())

	mu    sync.Mutex
	byOrg map[int64]*account
}

// account is what this process may use of one organization's budget. Whoever has
// its turn may touch it.
type account struct {
	org    int64
	turn   chan struct{}
	holder string
	left   int // calls of the grant
	end    int64
	taken  bool   // there is a grant
	made   []uses // within the grant
	spent  int    // all of them
	// Nothing is asked for before refused; a call may pass at free.
	refused, free int64
	took          int64  // how long the database took to answer last
	last          int64  // the latest time that was seen
	failed        int64  // when the database did not answer last
	err           error  // what it said
	stop          func() // keeps the grant from being given back at its end
	known         bool   // nobody else has a grant, so budget is likely the present one
	budget        budget
	revision      int64
}

func newSharedLimiter(calls int, period time.Duration, budgets Budgets, now func() time.Time) *sharedLimiter {
	ms := max(1, int64((period+time.Millisecond-1)/time.Millisecond))
	return &sharedLimiter{
		calls: calls, period: ms, life: max(ms/20, 50), step: max(1, ms/64), quiet: max(2, calls/32),
		budgets: budgets, now: now, byOrg: map[int64]*account{},
		after: func(d time.Duration, fn func()) func() {
			t := time.AfterFunc(d, fn)
			return func() { t.Stop() }
		},
	}
}

func (l *sharedLimiter) account(org int64) *account {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.byOrg[org]
	if a == nil {
		a = &account{org: org, turn: make(chan struct{}, 1), holder: rand.Text(), stop: func() {}}
		l.byOrg[org] = a
	}
	return a
}

// tries is how often a grant is asked for that has run out when it comes.
const tries = 5

func (l *sharedLimiter) wait(ctx context.Context, org int64, _ time.Time) (time.Duration, error) {
	a := l.account(org)
	began := l.now().UnixMilli()
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	for range tries {
		now := l.clock(a)
		if a.left > 0 && now < a.end {
			l.use(a, now)
			return 0, nil
		}
		if now < a.refused {
			return time.Duration(a.free-now) * time.Millisecond, nil
		}
		if a.failed > began {
			return 0, a.err // who has waited behind a failure need not fail again
		}
		// Others wait for the answer, whatever becomes of this client.
		if err := l.renew(context.WithoutCancel(ctx), a, true); err != nil {
			a.failed, a.err = l.clock(a), err
			return 0, err
		}
	}
	return time.Duration(l.life) * time.Millisecond, nil
}

// clock never goes back for one organization.
func (l *sharedLimiter) clock(a *account) int64 {
	a.last = max(a.last, l.now().UnixMilli())
	return a.last
}

func (l *sharedLimiter) use(a *account, now int64) {
	a.left--
	a.spent++
	at := (now/l.step+1)*l.step - 1
	if n := len(a.made); n > 0 && a.made[n-1].At == at {
		a.made[n-1].N++
		return
	}
	a.made = append(a.made, uses{at, 1})
}

// renew gives the grant back and says what was used of it. It takes another one
// if wanted and if there is any, and notes otherwise until when there is none.
func (l *sharedLimiter) renew(ctx context.Context, a *account, want bool) error {
	a.stop()
	a.left = 0
	for {
		start := l.clock(a)
		if !a.known {
			state, revision, err := l.budgets.RateBudget(ctx, a.org)
			if err != nil {
				return err
			}
			if a.budget, err = readBudget(state); err != nil {
				return err
			}
			a.revision = revision
		}
		a.known = false
		now := l.clock(a)
		b := &a.budget
		changed := b.settle(a.holder, a.made)
		changed = b.clean(now, l.period, max(l.period, l.life)) || changed
		var g grant
		if want {
			g = l.grant(a, now)
		}
		if g.N > 0 {
			b.Grants = append(b.Grants, g)
			changed = true
		} else if want {
			a.free = b.freeAt(l.calls, now, l.period)
			a.refused = min(a.free, now+l.life)
		}
		if changed {
			done, err := l.budgets.SetRateBudget(ctx, a.org, b.text(), a.revision)
			if err != nil {
				// Whether it was written or not: what stands there covers what was
				// used, and runs out by itself.
				l.abandon(a)
				return err
			}
			if !done {
				continue // somebody else was faster
			}
			a.revision++
		}
		a.took = l.clock(a) - start
		l.accept(a, g)
		return nil
	}
}

// grant is what the process may take: twice what it has used of the last one,
// but no more than half of its share of what is left. A grant that takes little
// of what is left lasts long, so that few calls cost few trips.
func (l *sharedLimiter) grant(a *account, now int64) grant {
	left := l.calls - a.budget.charged()
	if left <= 0 {
		return grant{}
	}
	n := min(max(l.quiet, 2*a.spent), max(1, left/2/(1+a.budget.active(now))))
	life := max(l.life, min(2*a.took, l.period))
	if n <= l.quiet && 8*n <= left {
		life = max(life, l.period)
	}
	return grant{a.holder, n, now + life}
}

// accept notes what was written.
func (l *sharedLimiter) accept(a *account, g grant) {
	a.left, a.end, a.taken, a.made, a.spent = g.N, g.End, g.N > 0, nil, 0
	others := len(a.budget.Grants)
	if a.taken {
		others--
		// A process that makes calls still gives it back with its next one.
		a.stop = l.after(time.Duration(g.End+l.life-a.last)*time.Millisecond, func() { l.giveBack(a) })
	}
	a.known = others == 0
}

// abandon leaves the grant to run out, under a name that nobody has any more.
func (l *sharedLimiter) abandon(a *account) {
	a.holder = rand.Text()
	l.accept(a, grant{})
	a.known = false
}

// giveBack settles a grant that has run out, so that nothing of it counts that
// was not used.
func (l *sharedLimiter) giveBack(a *account) {
	a.turn <- struct{}{}
	defer func() { <-a.turn }()
	if !a.taken || l.clock(a) < a.end {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	// Where the database does not answer, it runs out by itself.
	_ = l.renew(ctx, a, false)
}
