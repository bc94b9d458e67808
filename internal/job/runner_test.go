package job

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func TestJobRunsAtOnce(t *testing.T) {
	p := begin(t, database(t, 2), []Kind{kind("k", func(_ context.Context, run *Run) error {
		var in struct{ N int }
		if err := run.Payload(&in); err != nil {
			return err
		}
		run.Progress(3, 4)
		return run.SetResult(map[string]int{"n": in.N + 1, "organization": int(run.Organization())})
	})}, nil)
	p.clock.settled(idle)
	id := p.enqueue(2, crm.NewJob{Kind: "k", Payload: `{"n":7}`, UserID: 1})
	p.expect("start k", "end k done")
	j := p.state(2, id, crm.JobDone)
	want := crm.Job{OrganizationID: 2, ID: id, Kind: "k", Key: j.Key, Payload: `{"n":7}`, State: crm.JobDone, Attempts: 1, Claim: 1,
		Worker: p.runner.name, Result: `{"n":8,"organization":2}`, UserID: 1, CreatedAt: start, UpdatedAt: start, StartedAt: start, FinishedAt: start}
	if *j != want {
		t.Errorf("got %+v, want %+v", *j, want)
	}
	// What was asked for later is found by looking.
	later := p.enqueue(1, crm.NewJob{Kind: "k", DueAt: start + 1500})
	p.poll(time.Second)
	p.clock.settled(idle)
	p.state(1, later, crm.JobWaiting)
	p.poll(time.Second)
	p.expect("start k", "end k done")
}

func TestJobOfAnotherProcess(t *testing.T) {
	d := database(t, 1)
	p := begin(t, d, []Kind{kind("k", func(context.Context, *Run) error { return nil })}, nil)
	other := begin(t, d, []Kind{kind("other", func(context.Context, *Run) error { return nil })}, nil)
	p.clock.settled(idle)
	other.clock.settled(idle)
	id := other.enqueue(1, crm.NewJob{Kind: "k"})
	other.quiet() // it does not know the kind
	other.state(1, id, crm.JobWaiting)
	p.poll(time.Second)
	p.expect("start k", "end k done")
}

// secret is a value of a record, which nobody may read in a job's error.
const secret = "13800000042"

func TestFailures(t *testing.T) {
	cause := errors.New("about " + secret)
	var result error
	var calls int
	p := begin(t, database(t, 1), []Kind{kind("k", func(_ context.Context, run *Run) error {
		calls++
		if !errors.Is(result, errGoexit) && run.Job().Attempts != calls {
			return fmt.Errorf("attempt %d is call %d", run.Job().Attempts, calls)
		}
		switch {
		case errors.Is(result, errPanic):
			panic(secret)
		case errors.Is(result, errGoexit):
			runtime.Goexit()
		}
		return result
	})}, nil)
	const unexpected = "an unexpected error; the server's log has it"
	for _, c := range []struct {
		name   string
		result error
		text   string
		final  bool
	}{
		{"an error", cause, unexpected, false},
		{"a failure", &Failure{Text: "the other side says no", Cause: cause}, "the other side says no", false},
		{"a wrapped failure", fmt.Errorf("%s: %w", secret, &Failure{Text: "no", Cause: cause}), "no", false},
		{"a final failure", &Failure{Text: "never", Final: true}, "never", true},
		{"no database", fmt.Errorf("%w: %w", store.ErrUnavailable, cause), "the database does not answer", false},
		{"a panic", errPanic, "the program has a fault", false},
		{"the end of its goroutine", errGoexit, unexpected, false},
	} {
		result, calls = c.result, 0
		p.clock.settled(idle)
		id := p.enqueue(1, crm.NewJob{Kind: "k"})
		if !c.final {
			for _, delay := range []time.Duration{10 * time.Second, 20 * time.Second} {
				p.expect("start k", "end k retried")
				j := p.state(1, id, crm.JobWaiting)
				if j.LastError != c.text || j.DueAt != p.clock.at()+crm.Time(delay.Milliseconds()) {
					t.Errorf("%s: %q, due in %d ms", c.name, j.LastError, j.DueAt-p.clock.at())
				}
				p.poll(delay - time.Second)
				p.clock.settled(idle)
				p.state(1, id, crm.JobWaiting)
				p.poll(time.Second)
			}
		}
		p.expect("start k", "end k failed")
		j := p.state(1, id, crm.JobFailed)
		if j.LastError != c.text || j.DueAt != 0 || j.FinishedAt != p.clock.at() {
			t.Errorf("%s: %+v", c.name, j)
		}
		p.quiet()
	}
	// A payload that cannot be read, and a job with a limit of its own.
	result, calls = cause, 0
	id := p.enqueue(1, crm.NewJob{Kind: "k", MaxAttempts: 1})
	p.expect("start k", "end k failed")
	p.state(1, id, crm.JobFailed)
	err := NewRun(&crm.Job{Payload: `{"n":"x"}`}, p.clock.Now).Payload(&struct{ N int }{})
	if text, final := reason(err); !final || strings.Contains(text, "x") && text != "the payload cannot be read" {
		t.Errorf("%q, %v", text, final)
	}
}

var errPanic, errGoexit = errors.New("panic"), errors.New("goexit")

func TestDelay(t *testing.T) {
	k := kind("k", nil)
	for _, c := range []struct {
		attempt int
		random  float64
		want    time.Duration
	}{
		{1, 0, 10 * time.Second}, {2, 0, 20 * time.Second}, {3, 0, 40 * time.Second}, {4, 0, time.Minute}, {1000, 0, time.Minute},
		{1, 0.5, 7500 * time.Millisecond}, {4, 0.999999, 30*time.Second + 30*time.Microsecond},
	} {
		if got := k.delay(c.attempt, func() float64 { return c.random }); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestKindsAreChecked(t *testing.T) {
	ok := func(context.Context, *Run) error { return nil }
	for name, change := range map[string]func(*Kind){
		"no name": func(k *Kind) { k.Name = "" }, "a blank": func(k *Kind) { k.Name = "a b" }, "no handler": func(k *Kind) { k.Handle = nil },
		"no timeout": func(k *Kind) { k.Timeout = 0 }, "no attempt": func(k *Kind) { k.MaxAttempts = 0 },
		"no delay": func(k *Kind) { k.FirstDelay = 0 }, "a cap below": func(k *Kind) { k.MaxDelay = time.Second },
		"negative": func(k *Kind) { k.PerOrganization = -1 },
	} {
		k := kind("k", ok)
		change(&k)
		if _, err := New(nil, []Kind{k}, Options{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := New(nil, []Kind{kind("k", ok), kind("k", ok)}, Options{}); err == nil {
		t.Error("two kinds of one name")
	}
}

func TestTimeout(t *testing.T) {
	stuck := make(chan struct{})
	p := begin(t, database(t, 1), []Kind{kind("k", func(ctx context.Context, run *Run) error {
		<-ctx.Done()
		if cause := context.Cause(ctx); !errors.Is(cause, ErrTimeout) {
			return &Failure{Text: cause.Error(), Final: true}
		}
		<-stuck
		return ctx.Err()
	})}, func(o *Options) { o.Lease = 10 * time.Hour })
	id := p.enqueue(1, crm.NewJob{Kind: "k"})
	p.expect("start k")
	p.clock.advance(idle+1, time.Hour)
	close(stuck)
	p.expect("end k retried")
	if j := p.state(1, id, crm.JobWaiting); j.LastError != ErrTimeout.Error() || j.Attempts != 1 {
		t.Errorf("got %+v", j)
	}
}

// block is a handler that waits until it is told to go on, or has to stop.
func block(arrived chan<- *Run, goOn <-chan error) func(context.Context, *Run) error {
	return func(ctx context.Context, run *Run) error {
		arrived <- run
		select {
		case err := <-goOn:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// TestClaimLastsAsLongAsTheRun lets a job run for a long time beside another
// process that would take it.
func TestClaimLastsAsLongAsTheRun(t *testing.T) {
	d := database(t, 1)
	arrived, goOn := make(chan *Run, 1), make(chan error)
	kinds := []Kind{kind("k", block(arrived, goOn))}
	p, other := begin(t, d, kinds, nil), begin(t, d, kinds, nil)
	other.clock.settled(idle)
	id := p.enqueue(1, crm.NewJob{Kind: "k"})
	p.expect("start k")
	run := <-arrived
	for i := range 20 {
		run.Progress(int64(i), 20)
		p.clock.advance(idle+1, 5*time.Second)
		p.clock.settled(idle + 1) // it has been extended
		if j := p.state(1, id, crm.JobRunning); j.DueAt != p.clock.at()+30_000 || j.Done != int64(i) || j.Total != 20 {
			t.Fatalf("got %+v", j)
		}
		other.poll(5 * time.Second)
	}
	other.quiet()
	goOn <- nil
	p.expect("end k done")
}

// TestKilledWorker takes a job over whose process has died, and one whose
// process hangs: that cannot write any more when it comes back.
func TestKilledWorker(t *testing.T) {
	d := database(t, 1)
	arrived, goOn := make(chan *Run, 1), make(chan error)
	var second atomic.Int64
	hung := begin(t, d, []Kind{kind("k", func(ctx context.Context, run *Run) error {
		arrived <- run
		<-goOn
		return nil
	})}, nil)
	p := begin(t, d, []Kind{kind("k", func(_ context.Context, run *Run) error {
		second.Add(1)
		if run.Cursor() != "half" || run.Job().Attempts != 2 {
			return fmt.Errorf("began at %q, attempt %d", run.Cursor(), run.Job().Attempts)
		}
		return change(context.Background(), hung.store, 1, func(w *store.Write) error {
			return errors.Join(run.Checkpoint(w, "whole"), addCustomer(w, 2))
		})
	})}, nil)
	p.clock.settled(idle)
	id := hung.enqueue(1, crm.NewJob{Kind: "k"})
	hung.expect("start k")
	run := <-arrived
	hung.update(1, func(w *store.Write) error { return errors.Join(run.Checkpoint(w, "half"), addCustomer(w, 1)) })
	// Its clock stands still, ours does not.
	for range 29 {
		p.poll(time.Second)
	}
	p.clock.settled(idle)
	p.state(1, id, crm.JobRunning)
	p.poll(time.Second)
	p.expect("start k", "end k done")
	done := *p.state(1, id, crm.JobDone)
	err := change(t.Context(), hung.store, 1, func(w *store.Write) error {
		return errors.Join(addCustomer(w, 3), run.Checkpoint(w, "late"))
	})
	if !errors.Is(err, store.ErrClaimLost) {
		t.Errorf("the late worker wrote: %v", err)
	}
	if err := run.Save(t.Context(), hung.store, "late"); !errors.Is(err, store.ErrClaimLost) {
		t.Errorf("the late worker wrote: %v", err)
	}
	goOn <- nil
	hung.expect("end k lost")
	if now := *p.job(1, id); now != done || !slices.Equal(p.customers(1), []int64{1, 2}) || second.Load() != 1 {
		t.Errorf("was %+v, is %+v; customers %v, %d runs", done, now, p.customers(1), second.Load())
	}
}

// TestLostAgainAndAgain claims a job as a process that dies each time: in the
// end it has failed, without being run.
func TestLostAgainAndAgain(t *testing.T) {
	d := database(t, 1)
	p := begin(t, d, []Kind{kind("k", func(context.Context, *Run) error { return errors.New("it was run") })}, nil)
	p.clock.settled(idle)
	p.end()
	id := p.enqueue(1, crm.NewJob{Kind: "k"})
	for i := range crm.Time(3) {
		found, _, err := p.store.ClaimJobs(t.Context(), 1, store.ClaimWish{Kind: "k", Limit: 1, Now: start + i, Until: start + i + 1})
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
	}
	again := begin(t, d, []Kind{kind("k", func(context.Context, *Run) error { return errors.New("it was run") })}, nil)
	again.poll(time.Second)
	again.expect("start k", "end k failed")
	if j := again.state(1, id, crm.JobFailed); j.LastError != "the process that ran it was lost" {
		t.Errorf("got %+v", j)
	}
}
