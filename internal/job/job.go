// Package job runs the jobs of the database: work that is done later, again, or
// for longer than a request may last.
//
// A job is asked for in the transaction that wants it done
// (store.Write.Enqueue), by the name of a kind; each kind is registered once,
// in service.JobKinds. Every process claims jobs that are due and runs them.
//
// A job runs at least once. It runs again when its process is killed, loses the
// database or is too slow to extend its claim: then two workers may even run it
// at the same time for a moment. What it does happens exactly once if it is
// written together with how far the run has come:
//
//	func handle(ctx context.Context, run *job.Run) error {
//		for after := read(run.Cursor()); ; {
//			rows, err := next(ctx, after)
//			if err != nil || len(rows) == 0 {
//				return err
//			}
//			after = rows[len(rows)-1]
//			err = st.Update(ctx, run.Organization(), func(w *store.Write) error {
//				if err := run.Checkpoint(w, text(after)); err != nil {
//					return err // the claim is lost: nothing of this is written
//				}
//				return change(w, rows) // with its row of the operation log
//			})
//			if err != nil {
//				return err
//			}
//		}
//	}
//
// The checkpoint and the change are one transaction. A worker that has lost its
// claim fails at the checkpoint, and the next one begins behind the last one
// that was committed. A job of a single step sets a cursor in the step's
// transaction and has nothing to do where it finds it. What happens outside of
// the database (a call to another server) can only be made repeatable.
package job

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// Kind is how jobs of one name are run.
type Kind struct {
	Name string // small letters, digits, dots and underscores
	// Handle does the work. It returns soon after ctx has ended: the process
	// stops, the job was paused or cancelled, the time is over or the claim lost.
	// What it returns then does not matter, unless it is nil: the work is done.
	Handle func(ctx context.Context, run *Run) error
	// Timeout bounds a run.
	Timeout time.Duration
	// MaxAttempts is after how many failed runs the job has failed.
	MaxAttempts int
	// FirstDelay is waited for after the first failed run; it doubles with each
	// further one, up to MaxDelay. Up to half of it is taken off at random.
	FirstDelay, MaxDelay time.Duration
	// Concurrency is how many run at the same time in a process, 0 for as many
	// as there are workers; PerOrganization how many for one organization in all
	// processes, 0 for no bound.
	Concurrency, PerOrganization int
	// Pausable says that a user may pause it.
	Pausable bool
	// Every is set for a kind of which each organization has one job that runs
	// again and again, so long after its last run.
	Every time.Duration
}

var kindName = regexp.MustCompile(`^[a-z][a-z0-9_.]{0,63}$`)

// Validate says what is wrong with a kind.
func (k *Kind) Validate() error {
	switch {
	case !kindName.MatchString(k.Name):
		return fmt.Errorf("job: %q is no name of a kind", k.Name)
	case k.Handle == nil, k.Timeout <= 0, k.MaxAttempts < 1, k.FirstDelay <= 0, k.MaxDelay < k.FirstDelay,
		k.Concurrency < 0, k.PerOrganization < 0, k.Every < 0:
		return fmt.Errorf("job: the kind %s lacks a handler, or a bound", k.Name)
	}
	return nil
}

// delay is how long to wait after a failed run. random gives numbers from 0 up
// to 1.
func (k *Kind) delay(attempt int, random func() float64) time.Duration {
	d := k.FirstDelay
	for ; attempt > 1 && d < k.MaxDelay; attempt-- {
		d *= 2
	}
	d = min(d, k.MaxDelay)
	return d - time.Duration(random()*float64(d/2))
}

// Failure is an error whose text may be shown to the users of the organization:
// it holds no values of records. Other errors go to the log only.
type Failure struct {
	Text string
	// Final says that trying again is of no use.
	Final bool
	Cause error // for the log
}

func (f *Failure) Error() string {
	if f.Cause != nil {
		return f.Text + ": " + f.Cause.Error()
	}
	return f.Text
}

func (f *Failure) Unwrap() error { return f.Cause }

// Reasons why the context of a handler has ended (context.Cause), besides
// store.ErrClaimLost: the claim is another worker's, or the job was paused or
// cancelled.
var (
	ErrStopping = errors.New("job: the process stops")
	ErrTimeout  = errors.New("job: the run took too long")
)
