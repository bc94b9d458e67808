package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// behaviour is something that several processes on one database do as one.
type behaviour interface {
	// do is called over and over, by several workers at once, while processes are
	// killed and started again. What it answers is a fault.
	do(ctx context.Context, r *rand.Rand) error
	// check is called once in the end, when all processes run.
	check(t *testing.T)
}

// behaviours are those that are tested. Rows with options of their own have
// processes of their own, the others share them. The first one looks at the
// rows of organization 1.
var behaviours = []struct {
	name    string
	workers int
	options []string
	begin   func(f *fleet, org *tenant) behaviour
}{
	{"records are there once and whole", 4, nil, beginRecords},
	{"a new session ends the former everywhere", 2, nil, beginSession},
	{"of sessions opened at once one lives", 1, nil, beginSessions},
	{"the operator's commands are seen everywhere", 1, nil, beginCommands},
	{"what has not changed is told from what has", 2, nil, beginTags},
	{"a ticket makes one record", 1, nil, beginTickets},
	{"the rate limit is one", 4, []string{"--rate-calls=60", "--rate-period=700ms"}, beginRate},
}

// soon is within what time a change is seen by every process.
const soon = time.Second

// TestSeveral runs three processes on one PostgreSQL database and sends calls
// to any of them, while they are killed and started again. An embedded database
// has one process, which keeps the same promises.
func TestSeveral(t *testing.T) {
	seed := *severalSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed: -several.seed=%d", seed)
	var groups [][]string
	for _, b := range behaviours {
		if !slices.ContainsFunc(groups, func(o []string) bool { return slices.Equal(o, b.options) }) {
			groups = append(groups, b.options)
		}
	}
	for _, options := range groups {
		several(t, rand.New(rand.NewPCG(seed, 1)), options)
		if t.Failed() {
			return
		}
	}
}

// several tests all behaviours of the processes with these options.
func several(t *testing.T, random *rand.Rand, options []string) {
	f := newFleet(t, options)
	var all []behaviour
	var workers sync.WaitGroup
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	for _, row := range behaviours {
		if !slices.Equal(row.options, options) {
			continue
		}
		org := f.organization()
		b := row.begin(f, org)
		all = append(all, b)
		for range row.workers {
			r := rand.New(rand.NewPCG(random.Uint64(), 2))
			workers.Go(func() {
				for !f.calm.Load() {
					if err := b.do(ctx, r); err != nil {
						t.Errorf("%s: %v", row.name, err)
						return
					}
				}
			})
		}
	}
	for range *severalRounds {
		f.answers(ctx, random.Int64N(300))
		i := random.IntN(len(f.servers))
		f.kill(i)
		if len(f.servers) > 1 {
			f.answers(ctx, random.Int64N(100)) // of the others
		}
		f.start(i)
	}
	f.answers(ctx, 300)
	f.calm.Store(true)
	workers.Wait()
	t.Logf("%d answers; the last sign of a former state %v after the change was acknowledged", f.answered.Load(), time.Duration(f.worst.Load()))
	for _, b := range all {
		b.check(t)
	}
	db := openDatabase(t, f.data)
	defer db.Close()
	checkDatabase(t, f.data, db)
	for i := range f.servers {
		f.servers[i].stop()
	}
}

// fleet are the processes on one database.
type fleet struct {
	t       *testing.T
	data    string
	options []string
	http    *http.Client
	tenants int

	calm     atomic.Bool  // nobody is killed any more
	answered atomic.Int64 // whole answers so far
	worst    atomic.Int64 // see seen

	mu      sync.Mutex
	servers []*process
	urls    []string // "" while it is down
}

func newFleet(t *testing.T, options []string) *fleet {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 32}
	t.Cleanup(transport.CloseIdleConnections)
	f := &fleet{t: t, data: t.TempDir(), http: &http.Client{Transport: transport},
		// Links and so tags are the same everywhere; nobody is locked out.
		options: append([]string{"--public-url=http://crm.example.com", "--signin-failures=0"}, options...)}
	must(t, "migrate", "--data", f.data)
	n := 3
	if databaseOf(t, f.data) == "" {
		n = 1
	}
	f.servers, f.urls = make([]*process, n), make([]string, n)
	for i := range n {
		f.start(i)
	}
	return f
}

func (f *fleet) start(i int) {
	p := start(f.t, f.data, f.options...)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.servers[i], f.urls[i] = p, p.url
}

func (f *fleet) kill(i int) {
	f.mu.Lock()
	p := f.servers[i]
	f.urls[i] = ""
	f.mu.Unlock()
	p.kill()
}

// answers waits until so many more answers have come.
func (f *fleet) answers(ctx context.Context, n int64) {
	f.t.Helper()
	end := f.answered.Load() + n
	until(f.t, "answers", func(context.Context) bool { return f.answered.Load() >= end || f.t.Failed() || ctx.Err() != nil })
}

// tenant is an organization of its own for a behaviour.
type tenant struct {
	id              int
	login, password string // of its administrator
}

func (f *fleet) organization() *tenant {
	f.tenants++
	login := fmt.Sprint(13800000000 + 1000*f.tenants)
	password := addOrganization(f.t, f.data, login)
	f.known(login, password)
	return &tenant{f.tenants, login, password}
}

// known waits until every process knows somebody who was added beside it.
func (f *fleet) known(login, password string) {
	f.t.Helper()
	for i := range f.urls {
		until(f.t, login+" can sign in", func(ctx context.Context) bool {
			a, err := f.ask(ctx, i, "", "POST", "/api/v2/auth/login", credentials(login, password))
			return err == nil && a.code() == 0
		})
	}
}

var errDown = errors.New("the process is down")

// ask sends a request to one process. An error means that no whole answer came:
// it is down, or was killed meanwhile.
func (f *fleet) ask(ctx context.Context, i int, token, method, path, form string, header ...string) (*answer, error) {
	f.mu.Lock()
	url := f.urls[i]
	f.mu.Unlock()
	if url == "" {
		return nil, errDown
	}
	contentType := ""
	if form != "" {
		contentType = formType
	}
	a, err := (&client{http: f.http, url: url, token: token}).send(ctx, method, path, contentType, form, header...)
	if err == nil {
		f.answered.Add(1)
	}
	return a, err
}

// insist asks until a whole answer comes: one process, or any where i is
// negative. It gives when the request with this answer was sent.
func (f *fleet) insist(ctx context.Context, r *rand.Rand, i int, token, method, path, form string, header ...string) (*answer, time.Time, error) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		server := i
		if i < 0 {
			server = r.IntN(len(f.urls))
		}
		sent := time.Now()
		a, err := f.ask(ctx, server, token, method, path, form, header...)
		if err == nil {
			return a, sent, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, sent, fmt.Errorf("no answer any more: %w", err)
		}
	}
}

// everywhere runs fn for each process at once and gives all faults.
func (f *fleet) everywhere(fn func(i int) error) error {
	faults := make([]error, len(f.urls))
	var all sync.WaitGroup
	for i := range faults {
		all.Go(func() { faults[i] = fn(i) })
	}
	all.Wait()
	return errors.Join(faults...)
}

// seen asks one process until the answer shows a change that was acknowledged
// at a time. It is a fault when a request that was sent more than a second
// later does not show it. shows may give a fault of its own.
func (f *fleet) seen(ctx context.Context, i int, since time.Time, token, method, path, form string, shows func(*answer) (bool, error)) error {
	for {
		a, sent, err := f.insist(ctx, nil, i, token, method, path, form)
		if err != nil {
			return err
		}
		ok, err := shows(a)
		if ok || err != nil {
			return err
		}
		after := int64(sent.Sub(since))
		for worst := f.worst.Load(); after > worst && !f.worst.CompareAndSwap(worst, after); worst = f.worst.Load() {
		}
		if after > int64(soon) {
			return fmt.Errorf("%v after a change, process %d still answers HTTP %d %s", time.Duration(after), i, a.Status, a.Body)
		}
	}
}
