package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"guanxi/internal/crm"
)

// This file is what everybody does with jobs; what a worker does is in
// job_claim.go.

// MaxJobText is how many bytes payload, cursor and result of a job may have,
// each.
const MaxJobText = 64 << 10

const maxJobKey = 200

const jobColumns = `id, kind, key, payload, state, due_at, attempts, max_attempts, every, claim, worker, progress_done,
	progress_total, cursor, last_error, result, user_id, created_at, updated_at, started_at, finished_at`

func scanJob(r Rows, j *crm.Job) error {
	return r.Scan(&j.ID, &j.Kind, &j.Key, &j.Payload, &j.State, &j.DueAt, &j.Attempts, &j.MaxAttempts, &j.Every, &j.Claim,
		&j.Worker, &j.Done, &j.Total, &j.Cursor, &j.LastError, &j.Result, &j.UserID, &j.CreatedAt, &j.UpdatedAt,
		&j.StartedAt, &j.FinishedAt)
}

// addJob adds a job. One that is there and finished starts anew; a waiting one
// is moved earlier, or stays as it is; others stay as they are.
const addJob = `INSERT INTO jobs (organization_id, id, kind, key, payload, state, due_at, attempts, max_attempts, every,
	claim, worker, progress_done, progress_total, cursor, last_error, result, user_id, created_at, updated_at)
	VALUES ($1, $2, $3, $4, $5, 'waiting', $6, 0, $7, 0, 0, '', 0, 0, '', '', '', $8, $9, $9)
	ON CONFLICT (organization_id, kind, key) DO UPDATE SET
	due_at = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN EXCLUDED.due_at
		WHEN jobs.state = 'waiting' AND jobs.due_at > EXCLUDED.due_at THEN EXCLUDED.due_at ELSE jobs.due_at END,
	payload = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN EXCLUDED.payload ELSE jobs.payload END,
	attempts = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN 0 ELSE jobs.attempts END,
	max_attempts = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN EXCLUDED.max_attempts ELSE jobs.max_attempts END,
	progress_done = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN 0 ELSE jobs.progress_done END,
	progress_total = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN 0 ELSE jobs.progress_total END,
	cursor = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN '' ELSE jobs.cursor END,
	last_error = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN '' ELSE jobs.last_error END,
	result = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN '' ELSE jobs.result END,
	user_id = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN EXCLUDED.user_id ELSE jobs.user_id END,
	created_at = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN EXCLUDED.created_at ELSE jobs.created_at END,
	started_at = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN NULL ELSE jobs.started_at END,
	finished_at = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN NULL ELSE jobs.finished_at END,
	updated_at = EXCLUDED.updated_at,
	state = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN 'waiting' ELSE jobs.state END
	RETURNING id`

// Enqueue asks for work in this transaction: it is done if, and only if, the
// transaction commits. id is the job's if it is a new one (Store.TakeIDs, kind
// Jobs); with 0 one is taken in the transaction. Where there is a job of the
// same kind and key, it is that one, whose id is answered: one that is finished
// starts anew; one that waits runs at the earlier of both times; one that runs or
// is paused stays as it is. Payload and cursor of an unfinished job stay.
func (w *Write) Enqueue(id int64, j crm.NewJob) (int64, error) {
	switch {
	case j.Kind == "" || j.At == 0:
		return 0, errors.New("store: a job without kind or time")
	case len(j.Key) > maxJobKey || len(j.Payload) > MaxJobText:
		return 0, fmt.Errorf("store: key or payload of a job %s are too long", j.Kind)
	case j.Payload == "":
		j.Payload = "{}"
	case !json.Valid([]byte(j.Payload)):
		return 0, fmt.Errorf("store: the payload of a job %s is not JSON", j.Kind)
	}
	if id == 0 {
		var err error
		if id, err = w.TakeIDs(Jobs, 1); err != nil {
			return 0, err
		}
	}
	if j.Key == "" {
		j.Key = fmt.Sprint("#", id)
	}
	if j.DueAt == 0 {
		j.DueAt = j.At
	}
	err := one(w.tx, addJob, []any{w.org, id, j.Kind, j.Key, j.Payload, int64(j.DueAt), j.MaxAttempts, null(j.UserID),
		int64(j.At)}, &id)
	if err != nil {
		return 0, err
	}
	w.hint(0, j.Kind)
	return id, nil
}

// EnsureJob makes the organization's periodic job of a kind where there is none,
// first due at a time.
func (w *Write) EnsureJob(kind string, every int64, due, at crm.Time) error {
	id, err := w.TakeIDs(Jobs, 1)
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(`INSERT INTO jobs (organization_id, id, kind, key, payload, state, due_at, attempts, max_attempts, every,
		claim, worker, progress_done, progress_total, cursor, last_error, result, created_at, updated_at)
		VALUES ($1, $2, $3, $4, '{}', 'waiting', $5, 0, 0, $6, 0, '', 0, 0, '', '', '', $7, $7)
		ON CONFLICT (organization_id, kind, key) DO NOTHING`,
		w.org, id, kind, crm.JobPeriodic, int64(due), every, int64(at))
	return err
}

// EnsureJob is Write.EnsureJob in a transaction of its own: nobody has changed
// anything of the organization by it, so nothing is logged.
func (s *Store) EnsureJob(ctx context.Context, org int64, kind string, every int64, due, at crm.Time) error {
	return s.engine.update(ctx, org, func(tx Tx) error {
		return (&Write{Read: Read{tx}, store: s, org: org}).EnsureJob(kind, every, due, at)
	})
}

// OrganizationsWithoutJob gives organizations behind a number that lack the
// periodic job of a kind, in order, at most so many. It looks at all
// organizations, for the sweep that makes what is missing, never for a request.
func (s *Store) OrganizationsWithoutJob(ctx context.Context, kind string, after int64, limit int) (orgs []int64, err error) {
	err = s.engine.view(ctx, everyone, func(tx Tx) error {
		orgs = nil
		return each(tx, `SELECT o.organization_id FROM organizations o WHERE o.organization_id > $1 AND NOT EXISTS (
			SELECT 1 FROM jobs j WHERE j.organization_id = o.organization_id AND j.kind = $2 AND j.key = $3)
			ORDER BY o.organization_id LIMIT $4`, []any{after, kind, crm.JobPeriodic, limit}, func(r Rows) error {
			var org int64
			err := r.Scan(&org)
			orgs = append(orgs, org)
			return err
		})
	})
	return orgs, err
}

// PauseJob stops a waiting or running job until ResumeJob. The worker that runs
// it has lost its claim, and the attempt does not count. ErrNoRow where there is
// no such job, or it neither waits nor runs.
func (w *Write) PauseJob(id int64, at crm.Time) error {
	return w.steer(`UPDATE jobs SET state = 'paused', due_at = NULL, updated_at = $3,
		attempts = attempts - CASE WHEN state = 'running' THEN 1 ELSE 0 END
		WHERE organization_id = $1 AND id = $2 AND state IN ('waiting', 'running') RETURNING kind`, id, at)
}

// ResumeJob lets a paused job go on where it was, at once. ErrNoRow where there
// is no such job, or it is not paused.
func (w *Write) ResumeJob(id int64, at crm.Time) error {
	return w.steer(`UPDATE jobs SET state = 'waiting', due_at = $3, updated_at = $3
		WHERE organization_id = $1 AND id = $2 AND state = 'paused' RETURNING kind`, id, at)
}

// CancelJob finishes a job that is not finished. The worker that runs it has
// lost its claim. ErrNoRow where there is no such job, or it is finished.
func (w *Write) CancelJob(id int64, at crm.Time) error {
	return w.steer(`UPDATE jobs SET state = 'cancelled', due_at = NULL, finished_at = $3, updated_at = $3
		WHERE organization_id = $1 AND id = $2 AND state IN ('waiting', 'running', 'paused') RETURNING kind`, id, at)
}

func (w *Write) steer(sql string, id int64, at crm.Time) error {
	var kind string
	if err := one(w.tx, sql, []any{w.org, id, int64(at)}, &kind); err != nil {
		return err
	}
	w.hint(id, kind)
	return nil
}

// hint notes what OnJob is told after the commit.
func (w *Write) hint(id int64, kind string) {
	h := crm.JobHint{OrganizationID: w.org, ID: id, Kind: kind}
	if !slices.Contains(w.jobs, h) {
		w.jobs = append(w.jobs, h)
	}
}

// OnJob sets who is told when an update of this process has asked for a job, or
// has paused, resumed or cancelled one, after its commit. fn must not wait. It
// is a hint only: it is lost with the process, and others do not hear it.
func (s *Store) OnJob(fn func(crm.JobHint)) { s.onJob.Store(&fn) }

func (s *Store) tellOfJobs(jobs []crm.JobHint) {
	fn := s.onJob.Load()
	if fn == nil {
		return
	}
	for _, j := range jobs {
		(*fn)(j)
	}
}

// Job reads one job. ErrNoRow where there is none.
func (r *Read) Job(org, id int64) (*crm.Job, error) {
	rows, err := r.tx.Query(`SELECT `+jobColumns+` FROM jobs WHERE organization_id = $1 AND id = $2`, org, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, errors.Join(rows.Err(), ErrNoRow)
	}
	j := &crm.Job{OrganizationID: org}
	return j, scanJob(rows, j)
}

// JobOf reads the job of a kind and key. ErrNoRow where there is none.
func (r *Read) JobOf(org int64, kind, key string) (*crm.Job, error) {
	var id int64
	err := one(r.tx, `SELECT id FROM jobs WHERE organization_id = $1 AND kind = $2 AND key = $3`, []any{org, kind, key}, &id)
	if err != nil {
		return nil, err
	}
	return r.Job(org, id)
}

// Jobs lists jobs with ids below before, the newest first, at most so many;
// only those of a kind and in a state where these are not empty. before is 0
// for the first page.
func (r *Read) Jobs(org int64, kind, state string, before int64, limit int) (found []crm.Job, err error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	err = each(r.tx, `SELECT `+jobColumns+` FROM jobs WHERE organization_id = $1 AND id < $2 AND ($3 = '' OR kind = $3)
		AND ($4 = '' OR state = $4) ORDER BY id DESC LIMIT $5`, []any{org, before, kind, state, limit}, func(rows Rows) error {
		j := crm.Job{OrganizationID: org}
		err := scanJob(rows, &j)
		found = append(found, j)
		return err
	})
	return found, err
}

// ForgetJobs looks at a page of jobs behind an id and deletes those that
// finished before a moment; periodic ones stay. last is where the next page
// begins, 0 after the last one.
func (w *Write) ForgetJobs(before crm.Time, after int64, page int) (last, removed int64, err error) {
	last = 1<<63 - 1
	err = one(w.tx, `SELECT id FROM jobs WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3`,
		[]any{w.org, after, page - 1}, &last)
	if err != nil && !errors.Is(err, ErrNoRow) {
		return 0, 0, err
	}
	more := err == nil
	removed, err = w.tx.Exec(`DELETE FROM jobs WHERE organization_id = $1 AND id > $2 AND id <= $3 AND finished_at < $4
		AND every = 0 AND state IN ('done', 'failed', 'cancelled')`, w.org, after, last, int64(before))
	if !more {
		last = 0
	}
	return last, removed, err
}
