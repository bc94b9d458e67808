package e2e

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"guanxi/internal/pgtest"
)

const actors = 10

// TestCrashWrites kills the server while many clients change everything that
// can be changed, each its own records, and starts it again, over and over.
// What was acknowledged is as it was acknowledged; what was under way when the
// server died is done or not done, never half; what carried a ticket is done
// exactly once when it is sent again; jobs go on to their end. In some rounds it
// is the PostgreSQL server that is killed, if there is one.
func TestCrashWrites(t *testing.T) {
	seed := *crashSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed: -crash.seed=%d", seed)
	w := &writes{t: t, random: rand.New(rand.NewPCG(seed, 3)), data: t.TempDir(), contests: map[string]*contest{}}
	rounds := 12
	if !embedded() {
		rounds = 8
		w.cluster = durableCluster(t)
		useDatabase(w.data, w.cluster.Fresh(t, ""))
	}
	if *crashRounds > 0 {
		rounds = *crashRounds
	}
	password := addOrganization(t, w.data, "13800000000")
	for i, name := range staff {
		out := must(t, "user", "add", name, "--org", "1", "--login", fmt.Sprint(13800000001+i), "--data", w.data)
		var id int64
		if _, err := fmt.Sscanf(out, "user %d", &id); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		w.staff = append(w.staff, id)
	}
	server := start(t, w.data)
	w.client = signedIn(t, server.url, "13800000000", password)
	w.prepare()
	for i := range actors {
		w.actors = append(w.actors, &actor{w: w, number: i, random: rand.New(rand.NewPCG(seed, uint64(100+i)))})
	}
	var done, cut int
	for round := range rounds {
		works := w.worksOf(round)
		for _, k := range works {
			k.begin()
		}
		crash := (&crashRound{w: w, victim: w.victim()}).run(server)
		done, cut = done+crash.done, cut+crash.cut
		if w.victimIsServer(crash.victim) {
			for _, k := range works {
				k.dead()
			}
			w.checkRows()
		}
		server = crash.victim.back(server)
		w.client.url = server.url
		w.settle()
		for _, k := range works {
			k.end()
		}
		w.checkContests()
		w.checkTotals()
		t.Logf("round %d: %s killed, %d changes acknowledged, %d cut off", round+1, crash.victim.name, crash.done, crash.cut)
		if t.Failed() {
			t.FailNow()
		}
	}
	w.each(func(ctx context.Context, a *actor) error { return a.checkAll(ctx) })
	totals := w.totals()
	server.stop()
	w.checkRows()
	w.checkCounts(totals)
	t.Logf("%d rounds: %d changes acknowledged, %d cut off", rounds, done, cut)
	for what, n := range w.counted() {
		t.Logf("%6d × %s", n, what)
	}
	if done == 0 || cut == 0 {
		t.Errorf("%d changes acknowledged, %d cut off", done, cut)
	}
}

// staff are two users that records are given to, two of whom one hands all over
// to the other, and one who collaborates.
var staff = []string{"王五", "赵六", "交接人", "接收人", "协作人"}

// writes is the state of the test over all rounds.
type writes struct {
	t       *testing.T
	data    string
	cluster *pgtest.Cluster // nil for the embedded database
	random  *rand.Rand
	client  *client
	actors  []*actor

	admin          int64   // the client's user
	staff          []int64 // users that actors give records to
	pool, leadPool int64
	labels         []string
	statuses       []string
	leadStatuses   []string
	serial         atomic.Int64
	contest        atomic.Int64

	mu       sync.Mutex
	contests map[string]*contest
	counts   map[string]int // acknowledged changes by kind
}

// A contest is a name that many clients give a new customer at the same time.
type contest struct{ won, lost, open int }

func (w *writes) count(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.counts == nil {
		w.counts = map[string]int{}
	}
	w.counts[what]++
}

func (w *writes) counted() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counts
}

func (w *writes) victim() victim {
	c := &crash{t: w.t, data: w.data, cluster: w.cluster, random: w.random}
	return c.victim()
}

func (w *writes) victimIsServer(v victim) bool { return v.name == "server" }

// prepare makes what records refer to.
func (w *writes) prepare() {
	t := w.t
	t.Helper()
	var info struct{ ID int64 }
	w.client.get(t, "/api/v2/user/info").into(t, &info)
	w.admin = info.ID
	for _, p := range []struct {
		kind string
		into *int64
	}{{"customer", &w.pool}, {"lead", &w.leadPool}} {
		var made struct{ ID int64 }
		w.client.do(t, "POST", "/api/v2/common_settings", "application/json",
			`{"common_setting":{"name":"公海","entity_type":"`+p.kind+`","member_list":{"all":1}}}`).into(t, &made)
		*p.into = made.ID
	}
	for _, name := range []string{"重点", "展会", "老客户"} {
		var made struct{ ID int64 }
		w.client.do(t, "POST", "/api/v2/labels", "application/json", `{"label":{"name":"`+name+`","color":"#1677ff"}}`).into(t, &made)
		w.labels = append(w.labels, fmt.Sprint(made.ID))
	}
	for path, into := range map[string]*[]string{"customers": &w.statuses, "leads": &w.leadStatuses} {
		var found struct{ Options []struct{ Value string } }
		w.client.get(t, "/api/v2/"+path+"/status/filter_options").into(t, &found)
		for _, o := range found.Options {
			*into = append(*into, o.Value)
		}
	}
	if len(w.statuses) == 0 || len(w.leadStatuses) == 0 || w.pool == 0 || w.leadPool == 0 {
		t.Fatalf("the organization lacks something: %+v", w.statuses)
	}
}

// crashRound is one load with its kill.
type crashRound struct {
	w         *writes
	victim    victim
	done, cut int
}

// run lets all actors work until the victim is gone, and kills it after so many
// answers.
func (r *crashRound) run(server *process) *crashRound {
	w := r.w
	ctx, cancel := context.WithTimeout(w.t.Context(), 2*patience)
	defer cancel()
	threshold := int64(actors * math.Pow(60, w.random.Float64()))
	var events, done, cut atomic.Int64
	kill := make(chan struct{})
	var over atomic.Bool
	var workers sync.WaitGroup
	for _, a := range w.actors {
		workers.Go(func() {
			for !over.Load() {
				err := a.act(ctx)
				if events.Add(1) == threshold {
					close(kill)
				}
				switch {
				case err == nil:
					done.Add(1)
				case errors.Is(err, errCut):
					cut.Add(1)
					return
				default:
					w.t.Errorf("actor %d: %v", a.number, err)
					return
				}
			}
		})
	}
	select {
	case <-kill:
	case <-ctx.Done():
		w.t.Errorf("only %d of %d events happened", events.Load(), threshold)
	}
	r.victim.kill(server)
	over.Store(true)
	workers.Wait()
	r.done, r.cut = int(done.Load()), int(cut.Load())
	return r
}

// each runs fn for all actors at once.
func (w *writes) each(fn func(context.Context, *actor) error) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 4*patience)
	defer cancel()
	var workers sync.WaitGroup
	for _, a := range w.actors {
		workers.Go(func() {
			if err := fn(ctx, a); err != nil {
				w.t.Errorf("actor %d: %v", a.number, err)
			}
		})
	}
	workers.Wait()
}

// settle finds out what became of the changes that were cut off, sends those
// with a ticket again, and looks at some records of each actor.
func (w *writes) settle() {
	w.t.Helper()
	w.each(func(ctx context.Context, a *actor) error {
		if err := a.settle(ctx); err != nil {
			return err
		}
		return a.checkSome(ctx, 6)
	})
}

// checkContests wants each contested name once where somebody was told so.
func (w *writes) checkContests() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	w.mu.Lock()
	defer w.mu.Unlock()
	for name, c := range w.contests {
		found, err := w.client.byName(ctx, name)
		want := 0
		if c.won+c.lost > 0 {
			want = 1
		}
		if err != nil || c.won > 1 || len(found) > 1 || len(found) < want || len(found) > c.won+c.open {
			w.t.Errorf("%s: %d told that it is theirs, %d that it is there, %d told nothing; there %d times (%v)", name, c.won, c.lost,
				c.open, len(found), err)
		}
		delete(w.contests, name)
	}
	w.contest.Add(actors) // the next ones are for other names
}

// lists are the lists whose totals are compared with the rows, each with the
// query that counts them.
var lists = []struct{ path, count string }{
	{"customers", "SELECT count(*) FROM customers WHERE organization_id = 1 AND user_id IS NOT NULL"},
	{"customers?tab_type=my", "SELECT count(*) FROM customers WHERE organization_id = 1 AND user_id = 1"},
	{"customers?tab_type=common", "SELECT count(*) FROM customers WHERE organization_id = 1 AND user_id IS NULL"},
	{"customers?labels=1", "SELECT count(*) FROM customers c WHERE organization_id = 1 AND user_id IS NOT NULL AND EXISTS (SELECT 1 FROM customer_labels l " +
		"WHERE l.organization_id = c.organization_id AND l.customer_id = c.id AND l.label_id = 1)"},
	{"customers?query=%E8%A1%8C", "SELECT count(*) FROM customers WHERE organization_id = 1 AND user_id IS NOT NULL AND name LIKE '%行%'"},
	{"contacts", "SELECT count(*) FROM contacts k JOIN customers c ON c.organization_id = k.organization_id AND c.id = k.customer_id " +
		"WHERE k.organization_id = 1 AND c.user_id IS NOT NULL"},
	{"leads", "SELECT count(*) FROM leads WHERE organization_id = 1 AND user_id IS NOT NULL AND turned_customer_id IS NULL"},
	{"leads?tab_type=turned", "SELECT count(*) FROM leads WHERE organization_id = 1 AND turned_customer_id IS NOT NULL"},
	{"leads?tab_type=common", "SELECT count(*) FROM leads WHERE organization_id = 1 AND user_id IS NULL AND turned_customer_id IS NULL"},
}

// totals asks for the total of each list.
func (w *writes) totals() []string {
	w.t.Helper()
	var all []string
	for _, l := range lists {
		var page struct {
			Total int `json:"total_count"`
		}
		w.client.get(w.t, "/api/v2/"+l.path).into(w.t, &page)
		all = append(all, fmt.Sprint(page.Total))
	}
	return all
}

// checkTotals compares the lists with what the actors know: nobody acts now, but
// jobs may move customers between owners and pools.
func (w *writes) checkTotals() {
	w.t.Helper()
	known := 0
	for _, a := range w.actors {
		for _, r := range a.records {
			if r.kind == "lead" && r.state != nil {
				known++
			}
		}
	}
	listed := 0
	for i, total := range w.totals() {
		if strings.HasPrefix(lists[i].path, "leads") {
			n := 0
			fmt.Sscan(total, &n)
			listed += n
		}
	}
	if listed != known {
		w.t.Errorf("%d leads in the lists, the actors know of %d", listed, known)
	}
}

// checkCounts compares totals with the rows of a database that nobody writes.
func (w *writes) checkCounts(totals []string) {
	w.t.Helper()
	db := openDatabase(w.t, w.data)
	defer db.Close()
	for i, l := range lists {
		if err := report(db, l.count, func(n string) {
			if n != totals[i] {
				w.t.Errorf("%s: total_count %s, rows %s", l.path, totals[i], n)
			}
		}); err != nil {
			w.t.Error(err)
		}
	}
}
