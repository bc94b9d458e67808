package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"guanxi/internal/pgtest"
)

const crashClients = 16

// planned is a customer that a client has sent, and what is known of its fate.
type planned struct {
	name, tel string
	contacts  []plannedContact
	ticket    string // "" for one that is not sent again

	acknowledged bool
	id, address  int64
}

type plannedContact struct {
	name, phone string
	id, address int64 // once acknowledged
}

// TestCrash kills the server while many clients create customers, starts it
// again on the same folder and looks at what is left, over and over: what was
// acknowledged is there whole, what was not is there whole or not at all. In
// some rounds it is the PostgreSQL server that is killed, if there is one; ours
// has to go on with the next one.
func TestCrash(t *testing.T) {
	seed := *crashSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed: -crash.seed=%d", seed)
	c := &crash{t: t, random: rand.New(rand.NewPCG(seed, 1)), data: t.TempDir()}
	rounds := 20
	if !embedded() {
		rounds = 12
		c.cluster = durableCluster(t)
		useDatabase(c.data, c.cluster.Fresh(t, ""))
	}
	if *crashRounds > 0 {
		rounds = *crashRounds
	}
	password := addOrganization(t, c.data, "13800000000")
	server := start(t, c.data)
	c.client = signedIn(t, server.url, "13800000000", password)

	var acknowledged, open, interrupted, survived int
	for round := range rounds {
		threshold := c.threshold()
		victim := c.victim()
		sent := c.load(server, victim, threshold)
		c.plans = append(c.plans, sent...)
		now := 0
		for _, p := range sent {
			if p.acknowledged {
				now++
			}
		}
		acknowledged += now
		open += len(sent) - now
		if now < len(sent) {
			interrupted++
		}
		c.checkFiles()
		server = victim.back(server)
		c.client.url = server.url // the session outlives the crash as well
		whole := c.checkAnswers(round, sent)
		survived += whole
		t.Logf("round %d: %s killed at event %d, %d acknowledged, %d open of which %d whole and %d absent",
			round+1, victim.name, threshold, now, len(sent)-now, whole, len(sent)-now-whole)
		c.sendAgain(sent)
		if t.Failed() {
			t.FailNow()
		}
	}
	c.each(c.plans, c.checkAcknowledged)
	server.stop()
	c.checkFiles()
	t.Logf("%d rounds: %d acknowledged, %d open at the kill, of which %d were kept; %d rounds with open requests",
		rounds, acknowledged, open, survived, interrupted)
	if acknowledged == 0 || 2*interrupted < rounds {
		t.Errorf("only %d of %d kills landed while writes were in flight", interrupted, rounds)
	}
}

// durableCluster is a PostgreSQL server that keeps its promises when it is
// killed, unlike those of most tests.
func durableCluster(t *testing.T) *pgtest.Cluster {
	t.Helper()
	c, err := pgtest.Start(pgtest.Options{Settings: map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// victim is what a round kills.
type victim struct {
	name string
	kill func(*process)
	// back gives the server that answers from then on.
	back func(*process) *process
}

func (c *crash) victim() victim {
	own := victim{"server", (*process).kill, func(*process) *process { return start(c.t, c.data) }}
	if c.cluster == nil || c.random.IntN(5) < 3 {
		return own
	}
	return victim{"database", func(*process) {
		// It is started at once: the records are looked at in it.
		if err := errors.Join(c.cluster.Kill(), c.cluster.Restart()); err != nil {
			c.t.Fatal(err)
		}
	}, func(server *process) *process {
		probe := newClient(c.t, server.url)
		until(c.t, "ready after the database was away", func(ctx context.Context) bool {
			a, err := probe.send(ctx, "GET", "/readyz", "", "")
			return err == nil && a.Status == 200
		})
		return server
	}}
}

// crash is the state of the test over all rounds.
type crash struct {
	t       *testing.T
	data    string
	cluster *pgtest.Cluster // nil for the embedded database
	random  *rand.Rand
	client  *client
	plans   []*planned // all that was ever sent
	serial  int64      // of what is made up
}

// threshold is the number of events (requests sent, answers received) at which
// the round's kill comes: mostly early, sometimes after many.
func (c *crash) threshold() int64 {
	return int64(crashClients * math.Pow(100, c.random.Float64()))
}

// load runs the clients until the victim is gone, and kills it at the given
// event, whichever client that happens to.
func (c *crash) load(server *process, victim victim, threshold int64) []*planned {
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	var events atomic.Int64
	kill := make(chan struct{})
	event := func() {
		if events.Add(1) == threshold {
			close(kill)
		}
	}
	sources := make([]*rand.Rand, crashClients)
	for i := range sources {
		sources[i] = rand.New(rand.NewPCG(c.random.Uint64(), uint64(i)))
	}
	sent := make([][]*planned, crashClients)
	var over atomic.Bool
	var clients sync.WaitGroup
	for i := range crashClients {
		clients.Go(func() {
			for n := 0; !over.Load(); n++ {
				p := c.plan(sources[i])
				sent[i] = append(sent[i], p)
				event()
				if err := c.create(ctx, p, n+i); err != nil {
					return // the victim is gone
				}
				event()
			}
		})
	}
	select {
	case <-kill:
	case <-ctx.Done():
		c.t.Errorf("only %d of %d events happened", events.Load(), threshold)
	}
	victim.kill(server)
	over.Store(true)
	clients.Wait()
	var all []*planned
	for _, s := range sent {
		all = append(all, s...)
	}
	return all
}

// plan makes up a customer whose name and numbers no other has.
func (c *crash) plan(random *rand.Rand) *planned {
	n := atomic.AddInt64(&c.serial, 1)
	p := &planned{name: fmt.Sprintf("崩溃测试%d号有限公司", n), tel: fmt.Sprintf("0571-%08d", n)}
	if random.IntN(2) == 0 {
		p.ticket = fmt.Sprintf("ticket-%d", n)
	}
	for i := range 1 + random.IntN(3) {
		phone := fmt.Sprint(13800000000 + atomic.AddInt64(&c.serial, 1))
		p.contacts = append(p.contacts, plannedContact{name: fmt.Sprintf("联系人%d-%d", n, i), phone: phone})
	}
	return p
}

// create sends a customer in one of three encodings. An error means that no
// whole answer came; an answer that is not good fails the test.
func (c *crash) create(ctx context.Context, p *planned, encoding int) error {
	path := "/api/v2/customers"
	if p.ticket != "" {
		path += "?request_ticket=" + p.ticket
	}
	contentType, body := p.encode(encoding)
	a, err := c.client.send(ctx, "POST", path, contentType, body)
	if err != nil {
		return err
	}
	var got found
	if a.Status == 503 && c.cluster != nil {
		return errors.New("the database does not answer")
	}
	if a.code() != 0 || json.Unmarshal(a.Data, &got) != nil || got.Name != p.name || len(got.Contacts) != len(p.contacts) {
		c.t.Errorf("create %s: HTTP %d %s", p.name, a.Status, a.Body)
		return fmt.Errorf("code %d", a.code())
	}
	p.id, p.address = got.ID, got.Address.ID
	for i, k := range got.Contacts {
		if k.Name != p.contacts[i].name || text(k.Address.Phone) != p.contacts[i].phone {
			c.t.Errorf("create %s answers another contact: %s", p.name, a.Body)
		}
		p.contacts[i].id, p.contacts[i].address = k.ID, k.Address.ID
	}
	p.acknowledged = true
	return nil
}

// encode writes the request's body as JSON, as a form or as multipart.
func (p *planned) encode(encoding int) (contentType, body string) {
	if encoding%3 == 0 {
		type address map[string]string
		contacts := []map[string]any{}
		for _, k := range p.contacts {
			contacts = append(contacts, map[string]any{"name": k.name, "address_attributes": address{"phone": k.phone}})
		}
		b, _ := json.Marshal(map[string]any{"customer": map[string]any{ // maps of strings always marshal
			"name": p.name, "address_attributes": address{"tel": p.tel}, "contacts_attributes": contacts,
		}})
		return "application/json", string(b)
	}
	fields := pairs{{"customer[name]", p.name}, {"customer[address_attributes][tel]", p.tel}}
	for i, k := range p.contacts {
		prefix := fmt.Sprintf("customer[contacts_attributes][%d]", i)
		fields = append(fields, [2]string{prefix + "[name]", k.name}, [2]string{prefix + "[address_attributes][phone]", k.phone})
	}
	if encoding%3 == 1 {
		return formType, fields.form()
	}
	return fields.multipart()
}

// sendAgain repeats what was not answered and carries a ticket, as its client
// would after an error; the ticket must keep it from being created twice.
func (c *crash) sendAgain(sent []*planned) {
	var again []*planned
	for _, p := range sent {
		if !p.acknowledged && p.ticket != "" {
			again = append(again, p)
		}
	}
	c.each(again, func(ctx context.Context, p *planned) string {
		if err := c.create(ctx, p, strings.Count(p.name, "1")); err != nil {
			return err.Error()
		}
		return c.checkAcknowledged(ctx, p)
	})
}

// each runs a check on every plan with a few workers and reports what it says.
func (c *crash) each(plans []*planned, check func(context.Context, *planned) string) {
	ctx, cancel := context.WithTimeout(c.t.Context(), 10*time.Minute)
	defer cancel()
	var next atomic.Int64
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(plans)); i = next.Add(1) - 1 {
				if problem := check(ctx, plans[i]); problem != "" {
					c.t.Errorf("%s: %s", plans[i].name, problem)
				}
			}
		})
	}
	workers.Wait()
}
