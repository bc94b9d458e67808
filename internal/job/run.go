package job

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// Run is one run of a job as its handler sees it. Its methods may be called from
// several goroutines.
type Run struct {
	job crm.Job
	now func() time.Time

	mu          sync.Mutex
	done, total int64
	result      string
}

// NewRun is the run of a job that was claimed.
func NewRun(j *crm.Job, now func() time.Time) *Run {
	return &Run{job: *j, now: now, done: j.Done, total: j.Total}
}

// Organization is whose job it is.
func (r *Run) Organization() int64 { return r.job.OrganizationID }

// Job is the job as it was when it was claimed.
func (r *Run) Job() *crm.Job { return &r.job }

// Claim is the right to the job, for store.Write.JobProgress and
// store.Store.Housekeep.
func (r *Run) Claim() crm.JobClaim {
	return crm.JobClaim{OrganizationID: r.job.OrganizationID, ID: r.job.ID, Number: r.job.Claim, Worker: r.job.Worker}
}

// Now is the clock of the runner.
func (r *Run) Now() time.Time { return r.now() }

// Payload reads what the job was asked for with. A payload that does not fit
// will not fit the next time either, so the error is final.
func (r *Run) Payload(into any) error {
	if err := json.Unmarshal([]byte(r.job.Payload), into); err != nil {
		return &Failure{Text: "the payload cannot be read", Final: true, Cause: err}
	}
	return nil
}

// Cursor is the last checkpoint of earlier runs that did not finish, "" where
// there was none.
func (r *Run) Cursor() string { return r.job.Cursor }

// Progress says how much is done. It is written down with the next checkpoint,
// or within seconds. A run that continues begins with what was written.
func (r *Run) Progress(done, total int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done, r.total = done, total
}

// Done is how much is done, as Progress has said or earlier runs have left it.
func (r *Run) Done() (done, total int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.done, r.total
}

// At is the progress at a cursor.
func (r *Run) At(cursor string) crm.JobProgress {
	done, total := r.Done()
	return crm.JobProgress{Done: done, Total: total, Cursor: cursor, At: crm.At(r.now())}
}

// Checkpoint notes in a transaction how far the run has come when it is
// committed. It fails with store.ErrClaimLost, and the transaction must, where
// this worker may no longer write.
func (r *Run) Checkpoint(w *store.Write, cursor string) error {
	return w.JobProgress(r.Claim(), r.At(cursor))
}

// SetResult keeps what the run has found, for the day when it is done.
func (r *Run) SetResult(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("the result of a job %s: %w", r.job.Kind, err)
	}
	if len(b) > store.MaxJobText {
		return &Failure{Text: "the result is too long", Final: true}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result = string(b)
	return nil
}

func (r *Run) getResult() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.result
}

// Save writes down how far the run has come, in a transaction of its own.
func (r *Run) Save(ctx context.Context, st *store.Store, cursor string) error {
	return st.Housekeep(ctx, r.Claim(), func(*store.Write) (crm.JobProgress, error) { return r.At(cursor), nil })
}
