package job

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// active is a job that runs in this process.
type active struct {
	kind  *Kind
	run   *Run
	ctx   context.Context
	end   context.CancelCauseFunc
	until crm.Time // the claim lasts, as far as this process knows
	began time.Time
	poke  chan struct{} // something has happened to the job
}

// work runs a job and writes down how it ended.
func (r *Runner) work(a *active) (outcome string) {
	if a.run.job.Attempts > r.attempts(a) {
		// Whoever had it the last time was lost with it.
		return r.settle(a, &Failure{Text: "the process that ran it was lost", Final: true, Cause: errLostWorker})
	}
	ended := make(chan error, 1)
	go call(a, ended)
	return r.settle(a, r.watch(a, ended))
}

// attempts is after how many failed runs the job has failed.
func (r *Runner) attempts(a *active) int {
	if n := a.run.job.MaxAttempts; n > 0 {
		return n
	}
	return a.kind.MaxAttempts
}

// call runs the handler; a panic is an error.
func call(a *active, ended chan<- error) {
	err := errors.New("job: the handler has ended its goroutine")
	defer func() {
		if p := recover(); p != nil {
			err = &Failure{Text: "the program has a fault", Cause: fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
		}
		ended <- err
	}()
	err = a.kind.Handle(a.ctx, a.run)
}

// watch extends the claim until the handler has returned, and ends its context
// when it has to stop. It waits for the handler, but when the process stops, not
// for longer than the grace.
func (r *Runner) watch(a *active, ended <-chan error) error {
	beat := r.o.Lease / 6
	limit := a.began.Add(a.kind.Timeout)
	stopping := r.stopping
	var grace <-chan time.Time
	for {
		var fired <-chan time.Time
		stop := func() {}
		if a.ctx.Err() == nil {
			fired, stop = r.o.Clock.Timer(min(beat, limit.Sub(r.o.Clock.Now())))
		}
		select {
		case err := <-ended:
			stop()
			return err
		case <-stopping:
			stop()
			stopping = nil
			a.end(ErrStopping)
			var stopGrace func()
			grace, stopGrace = r.o.Clock.Timer(r.o.Grace)
			defer stopGrace()
		case <-grace:
			r.o.Log.Error("a job does not stop", r.about(a)...)
			return ErrStopping
		case <-a.poke:
			stop()
			r.extend(a)
		case <-fired:
			if !r.o.Clock.Now().Before(limit) {
				a.end(ErrTimeout)
				continue
			}
			r.extend(a)
		}
	}
}

// extend makes the claim last longer and ends the run where it is lost.
func (r *Runner) extend(a *active) {
	if a.ctx.Err() != nil {
		return
	}
	now := crm.At(r.o.Clock.Now())
	until := now + crm.Time(r.o.Lease.Milliseconds())
	done, total := a.run.Done()
	// A database that hangs must not hide that the claim has ended.
	ctx, cancel := context.WithTimeout(context.Background(), r.o.Lease)
	defer cancel()
	err := r.store.KeepJob(ctx, a.run.Claim(), until, done, total, now)
	switch {
	case err == nil:
		a.until = until
	case errors.Is(err, store.ErrClaimLost):
		a.end(store.ErrClaimLost)
	default:
		r.o.Log.Error("extend the claim of a job", append(r.about(a), "error", err.Error())...)
		if crm.At(r.o.Clock.Now()) >= a.until {
			a.end(store.ErrClaimLost)
		}
	}
}

// settle writes down how a run has ended. While the database does not answer it
// tries again until the claim is over.
func (r *Runner) settle(a *active, err error) (outcome string) {
	outcome, write := r.verdict(a, err)
	if write == nil {
		return outcome
	}
	for {
		ctx, cancel := context.WithTimeout(context.Background(), r.o.Lease)
		failed := write(ctx)
		cancel()
		switch {
		case failed == nil:
			return outcome
		case errors.Is(failed, store.ErrClaimLost):
			return Lost
		}
		r.o.Log.Error("write down the end of a job", append(r.about(a), "error", failed.Error())...)
		if !errors.Is(failed, store.ErrUnavailable) || crm.At(r.o.Clock.Now()) >= a.until {
			return Unsettled
		}
		fired, stop := r.o.Clock.Timer(time.Second)
		select {
		case <-fired:
		case <-r.stopping:
			stop()
			return Unsettled
		}
	}
}

// verdict tells how a run has ended and what is to be written about it; write
// is nil where that is nothing.
func (r *Runner) verdict(a *active, err error) (outcome string, write func(context.Context) error) {
	c, j, now := a.run.Claim(), &a.run.job, crm.At(r.o.Clock.Now())
	var every int64
	if j.Every > 0 {
		every = a.kind.Every.Milliseconds()
	}
	cause := context.Cause(a.ctx)
	switch {
	case err == nil:
		r.o.Log.Debug("a job is done", r.about(a)...)
		return Done, func(ctx context.Context) error {
			return r.store.FinishJob(ctx, c, store.JobEnd{State: crm.JobDone, Result: a.run.getResult(), Every: every, At: now})
		}
	case errors.Is(cause, store.ErrClaimLost), errors.Is(err, store.ErrClaimLost):
		r.o.Log.Info("a job is no longer ours", r.about(a)...)
		return Lost, nil
	case errors.Is(cause, ErrStopping):
		return GivenBack, func(ctx context.Context) error { return r.store.GiveBackJob(ctx, c, now) }
	case errors.Is(cause, ErrTimeout):
		err = &Failure{Text: ErrTimeout.Error(), Cause: err}
	}
	text, final := reason(err)
	fields := append(r.about(a), "error", err.Error())
	if final || j.Attempts >= r.attempts(a) {
		r.o.Log.Error("a job has failed", fields...)
		return Failed, func(ctx context.Context) error {
			return r.store.FinishJob(ctx, c, store.JobEnd{State: crm.JobFailed, LastError: text, Every: every, At: now})
		}
	}
	due := now + crm.Time(a.kind.delay(j.Attempts, r.o.Random).Milliseconds())
	r.o.Log.Warn("a job has failed and is tried again", fields...)
	return Retried, func(ctx context.Context) error { return r.store.RetryJob(ctx, c, due, text, now) }
}

// reason is what users may read about an error.
func reason(err error) (text string, final bool) {
	var f *Failure
	switch {
	case errors.As(err, &f):
		return f.Text, f.Final
	case errors.Is(err, store.ErrUnavailable):
		return store.ErrUnavailable.Error(), false
	}
	return "an unexpected error; the server's log has it", false
}

// about is what log lines say of a job.
func (r *Runner) about(a *active) []any {
	j := &a.run.job
	return []any{"organization", j.OrganizationID, "job", j.ID, "kind", j.Kind, "attempt", j.Attempts, "claim", j.Claim}
}
