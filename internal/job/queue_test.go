package job

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// TestConcurrency counts what runs at the same time.
func TestConcurrency(t *testing.T) {
	d := database(t, 3)
	var mu sync.Mutex
	running, most := map[string]int{}, map[string]int{}
	count := func(key string, by int) {
		mu.Lock()
		defer mu.Unlock()
		running[key] += by
		most[key] = max(most[key], running[key])
	}
	goOn := make(chan struct{})
	handle := func(_ context.Context, run *Run) error {
		name, org := run.Job().Kind, fmt.Sprint(run.Job().Kind, " of ", run.Organization())
		for _, key := range []string{"all", name, org} {
			count(key, 1)
			defer count(key, -1)
		}
		<-goOn
		return nil
	}
	free, perProcess, perOrganization := kind("free", handle), kind("process", handle), kind("organization", handle)
	perProcess.Concurrency, perOrganization.PerOrganization = 2, 1
	p := begin(t, d, []Kind{free, perProcess, perOrganization}, func(o *Options) { o.Workers = 5 })
	const jobs = 4
	ended := 0
	go func() {
		for range 3 * 3 * jobs {
			goOn <- struct{}{}
		}
	}()
	for _, k := range []string{"organization", "process", "free"} {
		for org := range int64(3) {
			p.update(org+1, func(w *store.Write) error {
				for range jobs {
					if _, err := w.Enqueue(0, crm.NewJob{Kind: k, At: start}); err != nil {
						return err
					}
				}
				return nil
			})
		}
	}
	for ended < 3*3*jobs {
		if e := p.event(); len(e) > 3 && e[:3] == "end" {
			ended++
		}
	}
	for key, bound := range map[string]int{"all": 5, "process": 2, "organization of 1": 1, "organization of 2": 1, "organization of 3": 1} {
		if most[key] > bound || most[key] == 0 {
			t.Errorf("%s: %d at the same time, at most %d", key, most[key], bound)
		}
	}
	p.quiet()
}

// TestFairness gives a small organization its turn while a big one has a
// backlog.
func TestFairness(t *testing.T) {
	d := database(t, 2)
	order := make(chan int64, 100)
	k := kind("k", func(_ context.Context, run *Run) error {
		order <- run.Organization()
		return nil
	})
	first := begin(t, d, nil, nil)
	first.end()
	for range 30 {
		first.enqueue(1, crm.NewJob{Kind: "k"})
	}
	for range 3 {
		first.enqueue(2, crm.NewJob{Kind: "k"})
	}
	p := begin(t, d, []Kind{k}, func(o *Options) { o.Workers = 2 })
	last := 0
	for i := range 33 {
		if <-order == 2 {
			last = i
		}
	}
	if last > 12 {
		t.Errorf("the small organization had to wait for %d jobs", last)
	}
	p.end()
}

// TestLookGoesOn finds a job behind more due jobs than are read at once.
func TestLookGoesOn(t *testing.T) {
	const page = 5
	d := database(t, 2)
	first := begin(t, d, nil, nil)
	first.end()
	first.update(1, func(w *store.Write) error {
		id, err := w.TakeIDs(store.Jobs, page*lookPages+1)
		for i := range int64(page*lookPages + 1) {
			if _, e := w.Enqueue(id+i, crm.NewJob{Kind: "nobodys", At: start - 1}); e != nil {
				return e
			}
		}
		return err
	})
	first.enqueue(2, crm.NewJob{Kind: "k"})
	p := begin(t, d, []Kind{kind("k", func(context.Context, *Run) error { return nil })}, func(o *Options) { o.page = page })
	p.clock.settled(idle)
	if len(p.events) > 0 {
		t.Fatalf("%s: everything was read at once", <-p.events)
	}
	p.poll(time.Second)
	p.expect("start k", "end k done")
}

func TestPeriodic(t *testing.T) {
	d := database(t, 3)
	fail := errors.New("fails")
	var mu sync.Mutex
	var result error
	k := kind("daily", func(_ context.Context, run *Run) error {
		mu.Lock()
		defer mu.Unlock()
		return errors.Join(result, run.SetResult(run.Organization()))
	})
	k.Every = 24 * time.Hour
	k.Concurrency = 1
	p := begin(t, d, []Kind{k}, nil)
	p.clock.settled(idle)
	var ids []int64
	for org := range int64(3) {
		err := p.store.View(t.Context(), org+1, func(r *store.Read) error {
			j, err := r.JobOf(org+1, "daily", crm.JobPeriodic)
			if err == nil {
				ids = append(ids, j.ID)
				if j.DueAt != FirstRun(&k, org+1, start) || j.DueAt < start || j.DueAt >= start+24*3600*1000 {
					t.Errorf("organization %d: due at %d", org+1, j.DueAt)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		p.poll(24 * time.Hour)
		for range 3 {
			p.expect("start daily", "end daily done")
		}
	}
	for org, id := range ids {
		j := p.state(int64(org)+1, id, crm.JobWaiting)
		if j.DueAt != p.clock.at()+24*3600*1000 || j.Attempts != 0 || j.Result != fmt.Sprint(org+1) {
			t.Errorf("got %+v", j)
		}
	}
	// One that has failed for good waits for its next time as well.
	mu.Lock()
	result = &Failure{Text: "no", Final: true, Cause: fail}
	mu.Unlock()
	p.poll(24 * time.Hour)
	for range 3 {
		p.expect("start daily", "end daily failed")
	}
	if j := p.state(1, ids[0], crm.JobWaiting); j.LastError != "no" || j.DueAt != p.clock.at()+24*3600*1000 {
		t.Errorf("got %+v", j)
	}
}

// TestChores does a chore in one of two processes, and in the other one when
// the first has ended.
func TestChores(t *testing.T) {
	d := database(t, 1)
	done := make(chan string, 100)
	process := func(name string, c *clock) *process {
		return begin(t, d, nil, func(o *Options) {
			o.Clock = c.clock()
			o.Chores = []Chore{{Name: "tidy", Every: time.Minute, Do: func(context.Context) error {
				done <- name
				return nil
			}}}
		})
	}
	const timers = idle + 1
	a, b := newClock(), newClock()
	first := process("a", a)
	a.settled(timers)
	process("b", b)
	for range 5 {
		b.advance(timers, time.Minute)
		b.settled(timers)
		a.advance(timers, time.Minute)
		a.settled(timers)
	}
	close(done)
	var names []string
	for name := range done {
		names = append(names, name)
	}
	if !slices.Equal(names, []string{"a", "a", "a", "a", "a", "a"}) {
		t.Errorf("done by %v", names)
	}
	done = make(chan string, 100)
	first.end()
	b.advance(timers, time.Minute)
	if name := <-done; name != "b" {
		t.Errorf("done by %s", name)
	}
}
