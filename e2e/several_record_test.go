package e2e

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"sync"
	"testing"
	"time"
)

// records creates customers as the crash test does.
type records struct {
	*crash
	f  *fleet
	mu sync.Mutex
}

func beginRecords(f *fleet, org *tenant) behaviour {
	c := &crash{t: f.t, data: f.data, client: f.balanced(org)}
	return &records{crash: c, f: f}
}

// balanced is a client of an organization's administrator that sends each call
// to any of the processes.
func (f *fleet) balanced(org *tenant) *client {
	c := newClient(f.t, f.urls[0])
	c.login(f.t, org.login, org.password)
	c.pick = func() string {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.urls[rand.IntN(len(f.urls))]
	}
	return c
}

func (x *records) do(ctx context.Context, r *rand.Rand) error {
	// Some process answers before anything is sent, so that calls are cut off but
	// do not fail for long.
	if _, _, err := x.f.insist(ctx, r, -1, "", "GET", "/healthz", ""); err != nil {
		return err
	}
	p := x.plan(r)
	x.mu.Lock()
	x.plans = append(x.plans, p)
	x.mu.Unlock()
	_ = x.create(ctx, p, r.IntN(3)) // it may be cut off
	return nil
}

func (x *records) check(t *testing.T) {
	acknowledged := 0
	for _, p := range x.plans {
		if p.acknowledged {
			acknowledged++
		}
	}
	t.Logf("%d of %d customers were acknowledged", acknowledged, len(x.plans))
	if acknowledged == 0 {
		t.Error("no customer was acknowledged")
	}
	x.each(x.plans, x.checkAcknowledged)
	x.sendAgain(x.plans)
	x.checkFiles()
}

// tags adds contacts to a customer and asks every process for it, with the tags
// of all that it has seen.
type tags struct {
	f     *fleet
	token string
	mu    sync.Mutex
	made  int            // contacts acknowledged
	seen  map[string]int // tag → contacts that its answer had, at least
	id    int64
	same  int // answers that nothing has changed
}

const taggedName = "标签公司"

func beginTags(f *fleet, org *tenant) behaviour {
	c := signedIn(f.t, f.urls[0], org.login, org.password)
	var got found
	c.do(f.t, "POST", "/api/v2/customers", formType, pairs{{"customer[name]", taggedName}}.form()).into(f.t, &got)
	return &tags{f: f, token: c.token, seen: map[string]int{}, id: got.ID}
}

// do makes a change in one of two calls, and asks without one otherwise.
func (x *tags) do(ctx context.Context, r *rand.Rand) error {
	if r.IntN(2) == 0 {
		form := pairs{{"contact[name]", "联系人"}, {"contact[customer_id]", fmt.Sprint(x.id)}}.form()
		if a, err := x.f.ask(ctx, r.IntN(len(x.f.urls)), x.token, "POST", "/api/v2/contacts", form); err == nil {
			if a.code() != 0 {
				return fmt.Errorf("HTTP %d %s", a.Status, a.Body)
			}
			x.mu.Lock()
			x.made++
			x.mu.Unlock()
		}
	}
	return x.f.everywhere(func(i int) error { return x.ask(ctx, i) })
}

// ask wants what was acknowledged before the question in the answer: no process
// takes a tag of a former state, not even for a moment.
func (x *tags) ask(ctx context.Context, i int) error {
	x.mu.Lock()
	made, sent, list := x.made, maps.Clone(x.seen), ""
	x.mu.Unlock()
	for tag := range sent {
		list += "," + tag
	}
	a, _, err := x.f.insist(ctx, nil, i, x.token, "GET", "/api/v2/duplicates/matching_name?name="+url.QueryEscape(taggedName), "",
		"If-None-Match", list)
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	tag := a.Header.Get("Etag")
	if a.Status == 304 {
		x.same++
		if n, known := sent[tag]; !known || n < made {
			return fmt.Errorf("process %d takes a tag of %d contacts (known: %v) where there are %d", i, n, known, made)
		}
		return nil
	}
	var data struct{ Customers []found }
	if err := a.decode(&data); err != nil {
		return err
	}
	if len(data.Customers) != 1 || tag == "" {
		return fmt.Errorf("tag %q for %s", tag, a.Body)
	}
	n := len(data.Customers[0].Contacts)
	if n < made {
		return fmt.Errorf("process %d shows %d contacts where there are %d", i, n, made)
	}
	if known, ok := x.seen[tag]; ok {
		n = min(n, known)
	} else if len(x.seen) > 20 {
		clear(x.seen)
	}
	x.seen[tag] = n
	return nil
}

func (x *tags) check(t *testing.T) {
	if x.same == 0 || x.made == 0 {
		t.Errorf("%d changes, %d answers that nothing has changed", x.made, x.same)
	}
}

// tickets sends the same ticket to every process at once.
type tickets struct {
	f      *fleet
	token  string
	serial int
}

func beginTickets(f *fleet, org *tenant) behaviour {
	return &tickets{f: f, token: signedIn(f.t, f.urls[0], org.login, org.password).token}
}

func (x *tickets) do(ctx context.Context, r *rand.Rand) error {
	x.serial++
	form := pairs{{"customer[name]", fmt.Sprintf("票据公司%d", x.serial)}, {"request_ticket", fmt.Sprintf("ticket-%d", x.serial)}}.form()
	ids := make([]int64, len(x.f.urls))
	err := x.f.everywhere(func(i int) error {
		a, _, err := x.f.insist(ctx, r, i, x.token, "POST", "/api/v2/customers", form)
		if err != nil {
			return err
		}
		var got found
		err = a.decode(&got)
		ids[i] = got.ID
		return err
	})
	for _, id := range ids {
		if err == nil && (id != ids[0] || id == 0) {
			err = fmt.Errorf("one ticket gives the customers %v", ids)
		}
	}
	return err
}

// check leaves it to checkDatabase to find a name twice.
func (x *tickets) check(t *testing.T) {
	if x.serial == 0 {
		t.Error("no ticket was sent")
	}
}

// rate makes calls as fast as they are answered.
type rate struct {
	f       *fleet
	token   string
	mu      sync.Mutex
	passed  map[string][]span // by who counts them
	refused int
}

// span is when a call was sent and when its answer had come.
type span struct{ sent, came time.Time }

func beginRate(f *fleet, org *tenant) behaviour {
	return &rate{f: f, passed: map[string][]span{}, token: signedIn(f.t, f.urls[0], org.login, org.password).token}
}

func (x *rate) do(ctx context.Context, r *rand.Rand) error {
	a, sent, err := x.f.insist(ctx, r, -1, x.token, "GET", anything, "")
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case a.Status == 429 && a.Body == "Retry later\n" && a.Header.Get("Retry-After") != "":
		x.refused++
	case a.code() == 0:
		counter := "the database"
		if len(x.f.urls) == 1 {
			counter = a.Server // in memory, until it is killed
		}
		x.passed[counter] = append(x.passed[counter], span{sent, time.Now()})
	default:
		return fmt.Errorf("HTTP %d %s", a.Status, a.Body)
	}
	return nil
}

// check counts the calls that lie in one period for certain, for each period
// that begins with a call.
func (x *rate) check(t *testing.T) {
	const calls, period = 60, 700 * time.Millisecond
	all := 0
	for counter, passed := range x.passed {
		all += len(passed)
		for _, first := range passed {
			n := 0
			for _, p := range passed {
				if !p.sent.Before(first.sent) && p.came.Sub(first.sent) < period {
					n++
				}
			}
			if n > calls {
				t.Fatalf("%d calls counted by %s passed in %v", n, counter, period)
			}
		}
	}
	t.Logf("%d calls passed, %d were refused", all, x.refused)
	if all < calls || x.refused == 0 {
		t.Errorf("%d calls passed, %d were refused", all, x.refused)
	}
}
