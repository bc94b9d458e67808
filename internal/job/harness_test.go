package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store"
	"guanxi/internal/store/dbtest"
	"guanxi/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const start crm.Time = 1_550_000_000_000

// patience is how long a test waits for what must happen.
const patience = time.Minute

// clock is a clock that moves by hand.
type clock struct {
	mu     sync.Mutex
	moved  *sync.Cond // a timer was set or stopped
	now    time.Time
	timers map[*timer]bool
}

type timer struct {
	at    time.Time
	fired chan time.Time
}

func newClock() *clock {
	c := &clock{now: start.Std(), timers: map[*timer]bool{}}
	c.moved = sync.NewCond(&c.mu)
	return c
}

func (c *clock) clock() Clock { return Clock{Now: c.Now, Timer: c.timer} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) at() crm.Time { return crm.At(c.Now()) }

func (c *clock) timer(d time.Duration) (<-chan time.Time, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := &timer{c.now.Add(d), make(chan time.Time, 1)}
	if d <= 0 {
		x.fired <- c.now
		return x.fired, func() {}
	}
	c.timers[x] = true
	c.moved.Broadcast()
	return x.fired, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.timers, x)
		c.moved.Broadcast()
	}
}

// advance moves the clock when so many timers are set: whoever uses the clock
// is waiting then.
func (c *clock) advance(timers int, d time.Duration) {
	c.settled(timers)
	c.pass(d)
}

// pass moves the clock and fires what is due.
func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for x := range c.timers {
		if !x.at.After(c.now) {
			delete(c.timers, x)
			x.fired <- c.now
		}
	}
}

// settled waits until exactly so many timers are set.
func (c *clock) settled(timers int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.timers) != timers {
		c.moved.Wait()
	}
}

// idle is how many timers a runner without work has set: for the next look, and
// for the sweep.
const idle = 2

// events are what a runner tells its observer.
type events chan string

func (e events) JobStarted(kind string)                         { e <- "start " + kind }
func (e events) JobEnded(kind, outcome string, _ time.Duration) { e <- "end " + kind + " " + outcome }
func (e events) JobsWait(time.Duration)                         {}

// process is a runner with a store of its own.
type process struct {
	t      *testing.T
	store  *store.Store
	runner *Runner
	clock  *clock
	events events
	end    func() // stops the runner and waits for it
}

// database gives an empty database with organizations.
func database(t *testing.T, orgs int) string {
	t.Helper()
	return storetest.New(t, fmt.Sprint(orgs, " organizations"), func(st *store.Store) error {
		var errs []error
		for org := range int64(orgs) {
			errs = append(errs, addOrganization(st, org+1))
		}
		return errors.Join(errs...)
	})
}

func addOrganization(st *store.Store, org int64) error {
	return st.Update(context.Background(), org, func(w *store.Write) error {
		return errors.Join(w.AddOrganization("公司", start), w.SkipIDs(store.Logs, 1),
			w.Log(1, crm.LogEntry{Entity: "organization", Action: "create", Changes: "{}", At: start}))
	})
}

// begin starts a runner of some kinds; change may change its options.
func begin(t *testing.T, database string, kinds []Kind, change func(*Options)) *process {
	t.Helper()
	return beginOn(t, storetest.Open(t, database), kinds, change)
}

// beginOn is begin on an open store.
func beginOn(t *testing.T, st *store.Store, kinds []Kind, change func(*Options)) *process {
	t.Helper()
	p := &process{t: t, store: st, clock: newClock(), events: make(events, 10_000)}
	o := Options{Clock: p.clock.clock(), Random: func() float64 { return 0 }, Log: slog.New(slog.DiscardHandler), Observe: p.events}
	if change != nil {
		change(&o)
	}
	var err error
	if p.runner, err = New(p.store, kinds, o); err != nil {
		t.Fatal(err)
	}
	p.store.OnJob(p.runner.Hint)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { p.runner.Run(ctx) })
	p.end = func() {
		stop()
		running.Wait()
	}
	t.Cleanup(p.endLate) // a test that has failed may have left handlers behind that do not stop
	return p
}

// endLate is end with time passing until it has happened.
func (p *process) endLate() {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.end()
	}()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case <-tick.C:
			p.clock.pass(time.Second)
		}
	}
}

// kind is a kind of jobs for tests.
func kind(name string, handle func(context.Context, *Run) error) Kind {
	return Kind{Name: name, Handle: handle, Timeout: time.Hour, MaxAttempts: 3, FirstDelay: 10 * time.Second, MaxDelay: time.Minute, Pausable: true}
}

// expect waits for events in their order.
func (p *process) expect(want ...string) {
	p.t.Helper()
	for _, want := range want {
		if got := p.event(); got != want {
			p.t.Fatalf("%s, want %s", got, want)
		}
	}
}

func (p *process) event() string {
	p.t.Helper()
	select {
	case got := <-p.events:
		return got
	case <-time.After(patience):
		p.t.Fatal("nothing happens")
		return ""
	}
}

// fresh makes the next reads see what other stores have committed: the embedded
// database may show it a little later otherwise.
func (p *process) fresh() {
	p.t.Helper()
	if _, err := p.store.FreshVersion(context.Background(), 1); err != nil {
		p.t.Fatal(err)
	}
}

// poll lets a runner without work look for due jobs, also of other stores.
func (p *process) poll(after time.Duration) {
	p.t.Helper()
	p.clock.settled(idle)
	p.fresh()
	p.clock.advance(idle, after)
}

// quiet waits until the runner has nothing to do and makes sure that it has done
// nothing.
func (p *process) quiet() {
	p.t.Helper()
	p.poll(time.Second)
	p.clock.settled(idle)
	if len(p.events) > 0 {
		p.t.Fatalf("%s, want nothing", <-p.events)
	}
}

// update changes an organization.
func (p *process) update(org int64, fn func(*store.Write) error) {
	p.t.Helper()
	if err := change(context.Background(), p.store, org, fn); err != nil {
		p.t.Fatal(err)
	}
}

func change(ctx context.Context, st *store.Store, org int64, fn func(*store.Write) error) error {
	id, err := st.TakeIDs(ctx, org, store.Logs, 1)
	if err != nil {
		return err
	}
	return st.Update(ctx, org, func(w *store.Write) error {
		if err := fn(w); err != nil {
			return err
		}
		return w.Log(id, crm.LogEntry{Entity: "test", Action: "test", Changes: "{}", At: start})
	})
}

func (p *process) enqueue(org int64, j crm.NewJob) (id int64) {
	p.t.Helper()
	j.At = p.clock.at()
	p.update(org, func(w *store.Write) (err error) {
		id, err = w.Enqueue(0, j)
		return err
	})
	return id
}

func (p *process) job(org, id int64) (j *crm.Job) {
	p.t.Helper()
	p.fresh()
	err := p.store.View(context.Background(), org, func(r *store.Read) (err error) {
		j, err = r.Job(org, id)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return j
}

// state reads a job, which has to be in a state.
func (p *process) state(org, id int64, want string) *crm.Job {
	p.t.Helper()
	j := p.job(org, id)
	if j.State != want {
		p.t.Fatalf("the job is %s, want %s: %+v", j.State, want, j)
	}
	return j
}

// addCustomer writes a customer whose id says which one it is.
func addCustomer(w *store.Write, id int64) error {
	return w.AddCustomer(&crm.Customer{ID: id, Name: "客户", Approval: crm.Approved, CreatedAt: start, UpdatedAt: start,
		Address: crm.Address{ID: id, CreatedAt: start, UpdatedAt: start}})
}

// customers are the ids of all customers.
func (p *process) customers(org int64) (ids []int64) {
	p.t.Helper()
	p.fresh()
	err := p.store.View(context.Background(), org, func(r *store.Read) error {
		found, err := r.CustomersByName(org, "客户")
		for _, c := range found {
			ids = append(ids, c.ID)
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	slices.Sort(ids)
	return ids
}
