package job

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"guanxi/internal/crm"
	"guanxi/internal/store"
	"guanxi/internal/store/storetest"
)

// steps is a handler that writes customers one after the other, each with its
// checkpoint; before each, at is asked whether to go on.
func steps(st func() *store.Store, n int64, at func(ctx context.Context, step int64) error) func(context.Context, *Run) error {
	return func(ctx context.Context, run *Run) error {
		done, _ := run.Done()
		if run.Cursor() != "" && run.Cursor() != strconv.FormatInt(done, 10) {
			return fmt.Errorf("the cursor is %q and %d are done", run.Cursor(), done)
		}
		for ; done < n; done++ {
			if err := at(ctx, done); err != nil {
				return err
			}
			err := change(context.WithoutCancel(ctx), st(), run.Organization(), func(w *store.Write) error {
				run.Progress(done+1, n)
				if err := run.Checkpoint(w, strconv.FormatInt(done+1, 10)); err != nil {
					return err
				}
				return addCustomer(w, done+1)
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// upTo are the ids from 1 on.
func upTo(n int64) (ids []int64) {
	for id := range n {
		ids = append(ids, id+1)
	}
	return ids
}

// TestSteering pauses, resumes and cancels a running job, from its own process,
// which hears of it at once, and from another one.
func TestSteering(t *testing.T) {
	for _, c := range []struct{ own, cancel bool }{{true, false}, {false, false}, {true, true}, {false, true}} {
		d := database(t, 1)
		arrived := make(chan int64, 10)
		var p *process
		stop := true
		p = begin(t, d, []Kind{kind("k", steps(func() *store.Store { return p.store }, 5, func(ctx context.Context, step int64) error {
			arrived <- step
			if step == 2 && stop {
				<-ctx.Done()
				if cause := context.Cause(ctx); !errors.Is(cause, store.ErrClaimLost) {
					return &Failure{Text: cause.Error(), Final: true}
				}
				// It does not listen and goes on: what it writes is refused.
			}
			return nil
		}))}, nil)
		other := begin(t, d, nil, nil)
		from := other
		if c.own {
			from = p
		}
		id := p.enqueue(1, crm.NewJob{Kind: "k"})
		p.expect("start k")
		for step := range int64(3) {
			if got := <-arrived; got != step {
				t.Fatalf("step %d, want %d", got, step)
			}
		}
		from.update(1, func(w *store.Write) error {
			if c.cancel {
				return w.CancelJob(id, start)
			}
			return w.PauseJob(id, start)
		})
		if !c.own {
			p.clock.advance(idle+1, 5*time.Second)
		}
		p.expect("end k lost")
		want := crm.JobPaused
		if c.cancel {
			want = crm.JobCancelled
		}
		j := p.state(1, id, want)
		if j.Done != 2 || j.Cursor != "2" || j.DueAt != 0 || !slices.Equal(p.customers(1), upTo(2)) {
			t.Errorf("%+v: %+v, customers %v", c, j, p.customers(1))
		}
		p.quiet()
		if c.cancel {
			continue
		}
		stop = false
		from.update(1, func(w *store.Write) error { return w.ResumeJob(id, p.clock.at()) })
		if !c.own {
			p.poll(time.Second)
		}
		p.expect("start k", "end k done")
		if j := p.state(1, id, crm.JobDone); j.Attempts != 1 || j.Done != 5 || !slices.Equal(p.customers(1), upTo(5)) {
			t.Errorf("%+v: %+v, customers %v", c, j, p.customers(1))
		}
	}
}

// TestStopGivesBack ends a process in the middle of a job: another one goes on
// at once, and the attempt does not count.
func TestStopGivesBack(t *testing.T) {
	for name, obedient := range map[string]bool{"a handler that stops": true, "a handler that does not": false} {
		d := database(t, 1)
		arrived, hang := make(chan *Run, 1), make(chan error)
		p := begin(t, d, []Kind{kind("k", func(ctx context.Context, run *Run) error {
			arrived <- run
			if obedient {
				<-ctx.Done()
				return ctx.Err()
			}
			return <-hang
		})}, nil)
		id := p.enqueue(1, crm.NewJob{Kind: "k"})
		p.expect("start k")
		run := <-arrived
		if obedient {
			p.end()
		} else {
			p.endLate()
		}
		p.expect("end k given_back")
		j := p.state(1, id, crm.JobWaiting)
		if j.Attempts != 0 || j.DueAt != j.UpdatedAt || obedient != (j.DueAt == start) || !obedient && j.DueAt < start+5000 {
			t.Errorf("%s: %+v", name, j)
		}
		if err := run.Save(t.Context(), p.store, "late"); !errors.Is(err, store.ErrClaimLost) {
			t.Errorf("%s: wrote %v", name, err)
		}
		close(hang)
		next := begin(t, d, []Kind{kind("k", func(context.Context, *Run) error { return nil })}, nil)
		next.poll(j.DueAt.Std().Sub(start.Std()))
		next.expect("start k", "end k done")
		if j := next.state(1, id, crm.JobDone); j.Attempts != 1 || j.Claim != 2 {
			t.Errorf("%s: %+v", name, j)
		}
	}
}

// TestExactlyOnceEffect interrupts a job at random steps in several ways: every
// step is written once.
func TestExactlyOnceEffect(t *testing.T) {
	const n = 6
	st := storetest.Open(t, database(t, 0))
	org := int64(0)
	rapid.Check(t, func(r *rapid.T) {
		org++
		if err := addOrganization(st, org); err != nil {
			r.Fatal(err)
		}
		ways := rapid.SliceOfN(rapid.SampledFrom([]string{"go on", "go on", "fail", "panic", "stop", "after"}), 30, 30).Draw(r, "ways")
		var mu sync.Mutex
		way := func() string {
			mu.Lock()
			defer mu.Unlock()
			if len(ways) == 0 {
				return "go on"
			}
			w := ways[0]
			ways = ways[1:]
			return w
		}
		stopping := make(chan struct{}, 1)
		k := kind("k", steps(func() *store.Store { return st }, n, func(ctx context.Context, _ int64) error {
			switch way() {
			case "fail":
				return errors.New("fails")
			case "panic":
				panic("panics")
			case "stop":
				stopping <- struct{}{}
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}))
		whole := k.Handle
		k.Handle = func(ctx context.Context, run *Run) error {
			if err := whole(ctx, run); err != nil {
				return err
			}
			if way() == "after" { // all is written, but not that it is done
				return errors.New("fails after the last step")
			}
			return nil
		}
		k.MaxAttempts = 1000
		p := beginOn(t, st, []Kind{k}, nil)
		id := p.enqueue(org, crm.NewJob{Kind: "k"})
		clock := p.clock
		for over := false; !over; {
			select {
			case e := <-p.events:
				switch e {
				case "end k retried":
					clock.advance(idle, time.Minute)
				case "end k done":
					over = true
				}
			case <-stopping:
				p.end()
				p = beginOn(t, st, []Kind{k}, func(o *Options) { o.Clock = clock.clock() })
				p.clock = clock
			}
		}
		if got := p.customers(org); !slices.Equal(got, upTo(n)) {
			r.Fatalf("customers %v", got)
		}
		p.state(org, id, crm.JobDone)
		p.end()
	})
}
