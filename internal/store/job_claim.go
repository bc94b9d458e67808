package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"guanxi/internal/crm"
)

// This file is what workers do with jobs. Nothing here takes the lock of the
// organization's row, so that workers and requests do not wait for each other,
// and nothing is a change that an answer shows: no version moves and nothing is
// logged.

// ErrClaimLost says that a worker's claim is no longer good: its time was over
// and another one has the job, or it was paused or cancelled. Nothing was
// written.
var ErrClaimLost = errors.New("store: the claim of the job is lost")

// JobPlace is where a look at due jobs has come to.
type JobPlace struct {
	DueAt              crm.Time
	OrganizationID, ID int64
}

// DueJob is a job that somebody should look at.
type DueJob struct {
	JobPlace
	Kind string
}

// DueJobs gives jobs that are due, behind a place, in the order of their times,
// at most so many. It looks at all organizations without taking locks: what it
// finds may be another worker's by the time it is claimed.
func (s *Store) DueJobs(ctx context.Context, now crm.Time, after JobPlace, limit int) (due []DueJob, err error) {
	err = s.engine.view(ctx, everyone, func(tx Tx) error {
		due = nil
		return each(tx, `SELECT due_at, organization_id, id, kind FROM jobs
			WHERE due_at <= $1 AND (due_at, organization_id, id) > ($2, $3, $4)
			ORDER BY due_at, organization_id, id LIMIT $5`,
			[]any{int64(now), int64(after.DueAt), after.OrganizationID, after.ID, limit}, func(r Rows) error {
				var d DueJob
				err := r.Scan(&d.DueAt, &d.OrganizationID, &d.ID, &d.Kind)
				due = append(due, d)
				return err
			})
	})
	return due, err
}

// ClaimWish is what a worker wants to claim in one organization.
type ClaimWish struct {
	Kind   string
	Worker string
	Limit  int      // jobs
	AtOnce int      // running jobs of the kind in the organization at most, of all workers; 0: no bound
	Now    crm.Time // jobs are due until
	Until  crm.Time // the claim lasts, unless KeepJob makes it last longer
}

// claimJob takes the due job that has waited for the longest time and that nobody
// else is about to take: a new, a retried or an orphaned one. The limit is a
// constant: with a parameter in its place, PostgreSQL plans for a tenth of all
// due jobs, and reads the whole table.
const claimJob = `WITH j AS MATERIALIZED (SELECT d.id AS due_id FROM jobs d
	WHERE d.organization_id = $1 AND d.kind = $2 AND d.due_at <= $3 ORDER BY d.due_at, d.id LIMIT 1 FOR UPDATE SKIP LOCKED)
	UPDATE jobs SET state = 'running', due_at = $4, attempts = attempts + 1, claim = claim + 1, worker = $5,
	started_at = $3, updated_at = $3 FROM j WHERE jobs.organization_id = $1 AND jobs.id = j.due_id RETURNING ` + jobColumns

// ClaimJobs claims due jobs of one kind. bounded is set where AtOnce has kept
// it from claiming as many as the limit says.
func (s *Store) ClaimJobs(ctx context.Context, org int64, wish ClaimWish) (claimed []crm.Job, bounded bool, err error) {
	err = s.engine.update(ctx, org, func(tx Tx) error {
		claimed, bounded = nil, false
		limit := wish.Limit
		if wish.AtOnce > 0 {
			running, err := gate(tx, org, wish)
			if err != nil {
				return err
			}
			bounded = wish.AtOnce-running < limit
			limit = min(limit, wish.AtOnce-running)
		}
		if limit <= 0 {
			return nil
		}
		one := Question{SQL: claimJob, Args: []any{org, wish.Kind, int64(wish.Now), int64(wish.Until), wish.Worker},
			Each: func(r Rows) error {
				j := crm.Job{OrganizationID: org}
				err := scanJob(r, &j)
				claimed = append(claimed, j)
				return err
			}}
		return tx.Together(slices.Repeat([]Question{one}, limit)...)
	})
	slices.SortFunc(claimed, func(a, b crm.Job) int { return cmp.Compare(a.ID, b.ID) })
	return claimed, bounded, err
}

// gate lets one claim of a kind through at a time, and counts what runs then:
// what two claims count at the same time, both would fill up. It counts the
// claims in a counter of its own, for the sake of the counter's lock.
func gate(tx Tx, org int64, wish ClaimWish) (running int, err error) {
	err = tx.Together(
		Question{SQL: nextIDs, Args: []any{org, "claims of " + wish.Kind, int64(1)}},
		Question{SQL: `SELECT count(*) FROM jobs WHERE organization_id = $1 AND kind = $2 AND due_at > $3 AND state = 'running'`,
			Args: []any{org, wish.Kind, int64(wish.Now)}, Each: func(r Rows) error { return r.Scan(&running) }})
	return running, err
}

// KeepJob makes a claim last longer and notes the progress. ErrClaimLost where
// the claim is no longer good.
func (s *Store) KeepJob(ctx context.Context, c crm.JobClaim, until crm.Time, done, total int64, at crm.Time) error {
	return s.claimed(ctx, c, `UPDATE jobs SET due_at = $5, progress_done = $6, progress_total = $7, updated_at = $8
		WHERE organization_id = $1 AND id = $2 AND claim = $3 AND worker = $4 AND state = 'running'`, int64(until), done, total, int64(at))
}

// JobProgress notes how far a run has come, in the transaction that brings it
// there: both are written, or neither is. It fails with ErrClaimLost, and the
// transaction with it, where the claim is no longer good; nobody can take it
// until the transaction ends. It is best called before anything is written.
func (w *Write) JobProgress(c crm.JobClaim, p crm.JobProgress) error {
	if c.OrganizationID != w.org {
		return errors.New("store: the job belongs to another organization")
	}
	if len(p.Cursor) > MaxJobText {
		return errors.New("store: the cursor of a job is too long")
	}
	n, err := w.tx.Exec(`UPDATE jobs SET progress_done = $5, progress_total = $6, cursor = $7, updated_at = $8
		WHERE organization_id = $1 AND id = $2 AND claim = $3 AND worker = $4 AND state = 'running'`,
		w.org, c.ID, c.Number, c.Worker, p.Done, p.Total, p.Cursor, int64(p.At))
	if err == nil && n == 0 {
		err = ErrClaimLost
	}
	return err
}

// Housekeep runs fn in a transaction of a claimed job that changes only what
// no answer shows and no user has made, such as rows that are old enough to be
// deleted: the organization is not locked, no version moves and nothing is logged.
// fn answers how far the run has come. It may run more than once.
func (s *Store) Housekeep(ctx context.Context, c crm.JobClaim, fn func(*Write) (crm.JobProgress, error)) error {
	return s.engine.update(ctx, c.OrganizationID, func(tx Tx) error {
		w := &Write{Read: Read{tx}, store: s, org: c.OrganizationID}
		p, err := fn(w)
		if err != nil {
			return err
		}
		return w.JobProgress(c, p)
	})
}

// JobEnd is what a finished run leaves.
type JobEnd struct {
	State     string // JobDone or JobFailed
	Result    string // JSON, or empty
	LastError string
	// Every is set for a periodic job: it waits for its next time then, whatever
	// its state would be.
	Every int64
	At    crm.Time // now
}

// FinishJob ends a run. ErrClaimLost where the claim is no longer good.
func (s *Store) FinishJob(ctx context.Context, c crm.JobClaim, e JobEnd) error {
	if e.State != crm.JobDone && e.State != crm.JobFailed || len(e.Result) > MaxJobText {
		return fmt.Errorf("store: a job cannot end as %q with %d bytes", e.State, len(e.Result))
	}
	if e.Every > 0 {
		return s.claimed(ctx, c, `UPDATE jobs SET state = 'waiting', due_at = $5, every = $6, attempts = 0, progress_done = 0,
			progress_total = 0, cursor = '', result = $7, last_error = $8, finished_at = $9, updated_at = $9
			WHERE organization_id = $1 AND id = $2 AND claim = $3 AND worker = $4 AND state = 'running'`,
			int64(e.At)+e.Every, e.Every, e.Result, e.LastError, int64(e.At))
	}
	return s.claimed(ctx, c, `UPDATE jobs SET state = $5, due_at = NULL, every = 0, result = $6, last_error = $7,
		finished_at = $8, updated_at = $8 WHERE organization_id = $1 AND id = $2 AND claim = $3 AND worker = $4 AND state = 'running'`,
		e.State, e.Result, e.LastError, int64(e.At))
}

// RetryJob lets a job wait for another run. ErrClaimLost where the claim is no
// longer good.
func (s *Store) RetryJob(ctx context.Context, c crm.JobClaim, due crm.Time, lastError string, at crm.Time) error {
	return s.claimed(ctx, c, `UPDATE jobs SET state = 'waiting', due_at = $5, last_error = $6, updated_at = $7
		WHERE organization_id = $1 AND id = $2 AND claim = $3 AND worker = $4 AND state = 'running'`, int64(due), lastError, int64(at))
}

// GiveBackJob lets a job wait for another worker at once; the attempt does not
// count. ErrClaimLost where the claim is no longer good.
func (s *Store) GiveBackJob(ctx context.Context, c crm.JobClaim, at crm.Time) error {
	return s.claimed(ctx, c, `UPDATE jobs SET state = 'waiting', due_at = $5, attempts = attempts - 1, updated_at = $5
		WHERE organization_id = $1 AND id = $2 AND claim = $3 AND worker = $4 AND state = 'running'`, int64(at))
}

// claimed runs an update of one claimed job, whose first four parameters are
// the claim.
func (s *Store) claimed(ctx context.Context, c crm.JobClaim, sql string, args ...any) error {
	all := append([]any{c.OrganizationID, c.ID, c.Number, c.Worker}, args...)
	return s.engine.update(ctx, c.OrganizationID, func(tx Tx) error {
		n, err := tx.Exec(sql, all...)
		if err == nil && n == 0 {
			err = ErrClaimLost
		}
		return err
	})
}
