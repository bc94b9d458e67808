package job

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// Options steer a runner. Clock, Random and Log have to be set.
type Options struct {
	Workers int           // jobs that run at the same time; 0 for 4
	Poll    time.Duration // how often it looks for due jobs; 0 for a second
	// Lease is how long a worker may be silent before its job is another's; it
	// extends its claim six times in that time. 0 for 30 seconds.
	Lease time.Duration
	// Grace is how long handlers may take to return when the process stops; 0
	// for 5 seconds.
	Grace  time.Duration
	Clock  Clock
	Random func() float64 // from 0 up to 1
	Log    *slog.Logger
	// Observe is told what happens; may be nil.
	Observe Observer
	// Chores are done by one of all processes.
	Chores []Chore

	page int // of a look at all organizations; 0 for lookPage
}

// Observer counts. Its methods must not wait.
type Observer interface {
	JobStarted(kind string)
	// JobEnded is told how a run has ended (see the outcomes) and how long it
	// took.
	JobEnded(kind, outcome string, took time.Duration)
	// JobsWait is told how long the job that is due for the longest time has been
	// waiting, 0 where none is due.
	JobsWait(time.Duration)
}

// Outcomes of a run.
const (
	Done      = "done"
	Failed    = "failed"     // and not tried again
	Retried   = "retried"    // failed, to be tried again
	GivenBack = "given_back" // the process stopped
	Lost      = "lost"       // the claim was lost; the job was paused or cancelled
	Unsettled = "unsettled"  // the end could not be written: the job runs again
)

// Runner claims jobs and runs them.
type Runner struct {
	store *store.Store
	kinds map[string]*Kind
	o     Options
	name  string

	wake     chan struct{}
	stopping chan struct{}
	all      sync.WaitGroup // runs

	mu      sync.Mutex
	active  map[crm.JobClaim]*active
	perKind map[string]int
	hints   map[pair]bool

	// What follows belongs to the goroutine of Run.
	pending []pair             // where due jobs are, as far as is known
	served  map[pair]int64     // when it was claimed from last, by count
	count   int64              // of claims
	rest    map[int64]crm.Time // organizations that did not answer, left alone until
	place   store.JobPlace     // where the look at all organizations goes on
	unknown map[string]bool    // kinds that nobody runs here
}

// pair is a queue: the jobs of a kind in an organization.
type pair struct {
	org  int64
	kind string
}

// Bounds of a look at all organizations and how long one that did not answer is
// left alone.
const (
	lookPage    = 500
	lookPages   = 8
	triedQueues = 64 // when it fails
	restLength  = 5 * time.Second
)

// New makes a runner of these kinds.
func New(st *store.Store, kinds []Kind, o Options) (*Runner, error) {
	o.Workers, o.Poll = cmp.Or(o.Workers, 4), cmp.Or(o.Poll, time.Second)
	o.page = cmp.Or(o.page, lookPage)
	o.Lease, o.Grace = cmp.Or(o.Lease, 30*time.Second), cmp.Or(o.Grace, 5*time.Second)
	if o.Observe == nil {
		o.Observe = nobody{}
	}
	b := make([]byte, 8)
	rand.Read(b)
	r := &Runner{
		store: st, kinds: map[string]*Kind{}, o: o, name: hex.EncodeToString(b), wake: make(chan struct{}, 1),
		stopping: make(chan struct{}), active: map[crm.JobClaim]*active{}, perKind: map[string]int{},
		hints:  map[pair]bool{},
		served: map[pair]int64{}, rest: map[int64]crm.Time{}, unknown: map[string]bool{},
	}
	for _, k := range kinds {
		if err := k.Validate(); err != nil {
			return nil, err
		}
		if r.kinds[k.Name] != nil {
			return nil, fmt.Errorf("job: there are two kinds %s", k.Name)
		}
		r.kinds[k.Name] = &k
	}
	r.o.Chores = append(slices.Clone(o.Chores), Chore{Name: "jobs.sweep", Every: time.Hour, Do: r.sweep})
	return r, nil
}

// Hint tells that something has happened to a job: it is looked at at once.
// It does not wait; package store calls it after commits (Store.OnJob).
func (r *Runner) Hint(h crm.JobHint) {
	r.mu.Lock()
	r.hints[pair{h.OrganizationID, h.Kind}] = true
	for c, a := range r.active {
		if c.OrganizationID == h.OrganizationID && c.ID == h.ID {
			signal(a.poke)
		}
	}
	r.mu.Unlock()
	signal(r.wake)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run works until ctx ends. Then it gives running jobs back and returns, at the
// latest when the grace is over. It is called once.
func (r *Runner) Run(ctx context.Context) {
	var chores sync.WaitGroup
	for _, c := range r.o.Chores {
		chores.Go(func() { r.chore(ctx, c) })
	}
	look := true
	var fired <-chan time.Time
	stop := func() {}
	for ctx.Err() == nil {
		look = r.round(ctx, look)
		if fired == nil {
			fired, stop = r.o.Clock.Timer(r.o.Poll)
		}
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-fired:
			look, fired = true, nil
		}
	}
	stop()
	close(r.stopping)
	r.all.Wait()
	chores.Wait()
}

// round claims what is due, after a look at all organizations where look is
// set. later is set where all workers are busy and the look is still to come.
func (r *Runner) round(ctx context.Context, look bool) (later bool) {
	r.mu.Lock()
	free := r.o.Workers - len(r.active)
	if free <= 0 {
		r.mu.Unlock()
		return look
	}
	known := r.hints
	r.hints = map[pair]bool{}
	r.mu.Unlock()
	for _, p := range r.pending {
		delete(known, p)
	}
	r.pending = slices.AppendSeq(r.pending, maps.Keys(known))
	if look {
		r.look(ctx)
	}
	// Whoever was served the longest time ago comes first.
	slices.SortStableFunc(r.pending, func(a, b pair) int { return cmp.Compare(r.served[a], r.served[b]) })
	todo := r.pending
	r.pending = nil
	for len(todo) > 0 && free > 0 && ctx.Err() == nil {
		share := max(1, free/len(todo))
		var more []pair
		for i, p := range todo {
			if free <= 0 || ctx.Err() != nil {
				r.pending = append(r.pending, todo[i:]...)
				break
			}
			got, rest := r.claim(ctx, p, min(share, free))
			free -= got
			switch rest {
			case someLeft:
				more = append(more, p)
			case mustWait:
				r.pending = append(r.pending, p)
			}
		}
		todo = more
	}
	r.pending = append(r.pending, todo...)
	return false
}

// look finds due jobs of all organizations. There may be more of them than it
// may read at once: it goes on there the next time. When it fails, because a part
// of the database does not answer for one, queues are tried that had jobs before.
func (r *Runner) look(ctx context.Context) {
	now := crm.At(r.o.Clock.Now())
	known := map[pair]bool{}
	for _, p := range r.pending {
		known[p] = true
	}
	add := func(p pair) {
		if !known[p] {
			known[p] = true
			r.pending = append(r.pending, p)
		}
	}
	for page := range lookPages {
		due, err := r.store.DueJobs(ctx, now, r.place, r.o.page)
		if err != nil {
			if ctx.Err() == nil {
				r.o.Log.Error("look for due jobs", "error", err.Error())
				for _, p := range r.tried() {
					add(p)
				}
			}
			return
		}
		if page == 0 && r.place == (store.JobPlace{}) {
			var oldest time.Duration
			if len(due) > 0 {
				oldest = time.Duration(now-due[0].DueAt) * time.Millisecond
			}
			r.o.Observe.JobsWait(oldest)
		}
		for _, d := range due {
			add(pair{d.OrganizationID, d.Kind})
		}
		if len(due) < r.o.page {
			r.place = store.JobPlace{}
			return
		}
		r.place = due[len(due)-1].JobPlace
	}
}

// tried gives queues that jobs were claimed from, those first that were left
// alone for the longest time.
func (r *Runner) tried() []pair {
	all := slices.SortedFunc(maps.Keys(r.served), func(a, b pair) int { return cmp.Compare(r.served[a], r.served[b]) })
	return all[:min(len(all), triedQueues)]
}

// What a claim has left.
type leftover int

const (
	nothingLeft leftover = iota
	someLeft             // maybe
	mustWait             // for a run of the kind to end
)

// claim claims and starts jobs of a queue, so many at most.
func (r *Runner) claim(ctx context.Context, p pair, n int) (got int, left leftover) {
	k := r.kinds[p.kind]
	if k == nil {
		if !r.unknown[p.kind] {
			r.unknown[p.kind] = true
			r.o.Log.Warn("jobs of a kind that this program does not know stay where they are", "kind", p.kind)
		}
		return 0, nothingLeft
	}
	now := crm.At(r.o.Clock.Now())
	if until, resting := r.rest[p.org]; resting {
		if now < until {
			return 0, nothingLeft // the next look finds it
		}
		delete(r.rest, p.org)
	}
	if k.Concurrency > 0 {
		r.mu.Lock()
		n = min(n, k.Concurrency-r.perKind[k.Name])
		r.mu.Unlock()
	}
	if n <= 0 {
		return 0, mustWait
	}
	until := now + crm.Time(r.o.Lease.Milliseconds())
	jobs, bounded, err := r.store.ClaimJobs(ctx, p.org, store.ClaimWish{Kind: k.Name, Worker: r.name, Limit: n,
		AtOnce: k.PerOrganization, Now: now, Until: until})
	if err != nil {
		if ctx.Err() == nil {
			r.o.Log.Error("claim jobs", "organization", p.org, "kind", k.Name, "error", err.Error())
			r.rest[p.org] = now + crm.Time(restLength.Milliseconds())
		}
		// What was claimed where the outcome is unknown comes back when the claim ends.
		return 0, nothingLeft
	}
	r.count++
	r.served[p] = r.count
	if len(r.served) > 10_000 {
		clear(r.served)
	}
	for i := range jobs {
		r.start(k, &jobs[i], until)
	}
	if len(jobs) == n && !bounded {
		return n, someLeft
	}
	return len(jobs), nothingLeft // where it was bounded, the end of a run or the next look finds the rest
}

// start runs a claimed job.
func (r *Runner) start(k *Kind, j *crm.Job, until crm.Time) {
	a := &active{kind: k, run: NewRun(j, r.o.Clock.Now), until: until, began: r.o.Clock.Now(), poke: make(chan struct{}, 1)}
	a.ctx, a.end = context.WithCancelCause(context.Background())
	r.mu.Lock()
	r.active[a.run.Claim()] = a
	r.perKind[k.Name]++
	r.mu.Unlock()
	r.o.Observe.JobStarted(k.Name)
	r.all.Go(func() {
		outcome := r.work(a)
		a.end(nil)
		r.mu.Lock()
		delete(r.active, a.run.Claim())
		r.perKind[k.Name]--
		if k.PerOrganization > 0 {
			r.hints[pair{j.OrganizationID, k.Name}] = true
		}
		r.mu.Unlock()
		r.o.Observe.JobEnded(k.Name, outcome, r.o.Clock.Now().Sub(a.began))
		signal(r.wake)
	})
}

type nobody struct{}

func (nobody) JobStarted(string)                      {}
func (nobody) JobEnded(string, string, time.Duration) {}
func (nobody) JobsWait(time.Duration)                 {}

var errLostWorker = errors.New("job: the last process that ran it has not said how it ended")
