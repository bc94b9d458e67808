package service

import (
	"context"
	"errors"

	"guanxi/internal/crm"
	"guanxi/internal/job"
	"guanxi/internal/store"
)

// JobKinds are all kinds of jobs, one row for each.
func (s *Service) JobKinds() []job.Kind {
	return []job.Kind{
		job.PurgeTickets(s.store),
		job.PurgeJobs(s.store),
		job.PurgeNotices(s.store),
		s.fallJob(),
		s.handOverJob(),
		walk(destroyKind, s.destroyValues),
		walk(removeLabelKind, s.removeLabel),
		walk(buildRuleKind, s.buildRule),
		walk(removeRuleKind, s.removeRule),
	}
}

// addPeriodicJobs gives an organization that is being made the jobs that every
// one has. Those that were made in another way get them by the runner's sweep.
func (s *Service) addPeriodicJobs(w *store.Write, org int64, now crm.Time) error {
	for _, k := range s.JobKinds() {
		if k.Every == 0 {
			continue
		}
		if err := w.EnsureJob(k.Name, k.Every.Milliseconds(), job.FirstRun(&k, org, now), now); err != nil {
			return err
		}
	}
	return nil
}

// Whether the caller may see or steer jobs is for whoever calls the methods
// below to decide.

// JobFilter chooses jobs; empty fields choose all.
type JobFilter struct {
	Kind, State string
	// Before is the id of the last job of the page before; 0 for the first page.
	Before int64
}

// maxJobPage is how many jobs a page has at most.
const maxJobPage = 100

// Jobs lists jobs of the caller's organization, the newest first, at most so
// many.
func (s *Service) Jobs(ctx context.Context, c *Caller, f JobFilter, limit int) (found []crm.Job, err error) {
	limit = max(1, min(limit, maxJobPage))
	err = s.store.View(ctx, c.Org(), func(r *store.Read) (err error) {
		found, err = r.Jobs(c.Org(), f.Kind, f.State, f.Before, limit)
		return err
	})
	return found, err
}

// Job gives one job. ErrNotFound where there is none.
func (s *Service) Job(ctx context.Context, c *Caller, id int64) (j *crm.Job, err error) {
	err = s.store.View(ctx, c.Org(), func(r *store.Read) (err error) {
		j, err = r.Job(c.Org(), id)
		return err
	})
	return j, notFound(err)
}

// Refusals of what cannot be done to a job as it is.
var (
	errJobNotPausable = crm.Invalid("该任务不能暂停", "This job cannot be paused")
	errJobFinished    = crm.Invalid("该任务已经结束", "This job has ended already")
	errJobNotPaused   = crm.Invalid("该任务没有暂停", "This job is not paused")
)

// PauseJob stops a job until ResumeJob. One that runs is told to stop, and what
// it has not written by now it cannot write any more. Pausing a paused job
// changes nothing.
func (s *Service) PauseJob(ctx context.Context, c *Caller, id int64) error {
	return s.steer(ctx, c, id, "pause", func(w *store.Write, j *crm.Job, now crm.Time) (bool, error) {
		switch {
		case j.State == crm.JobPaused:
			return false, nil
		case j.Finished():
			return false, errJobFinished
		case !s.pausable(j.Kind):
			return false, errJobNotPausable
		}
		return true, w.PauseJob(id, now)
	})
}

// ResumeJob lets a paused job go on where it was. Resuming one that waits or
// runs changes nothing.
func (s *Service) ResumeJob(ctx context.Context, c *Caller, id int64) error {
	return s.steer(ctx, c, id, "resume", func(w *store.Write, j *crm.Job, now crm.Time) (bool, error) {
		switch {
		case j.Finished():
			return false, errJobNotPaused
		case j.State != crm.JobPaused:
			return false, nil
		}
		return true, w.ResumeJob(id, now)
	})
}

// CancelJob ends a job before its time. One that runs is told to stop, and what
// it has not written by now it cannot write any more; what it has written stays.
// Cancelling a cancelled job changes nothing.
func (s *Service) CancelJob(ctx context.Context, c *Caller, id int64) error {
	return s.steer(ctx, c, id, "cancel", func(w *store.Write, j *crm.Job, now crm.Time) (bool, error) {
		switch {
		case j.State == crm.JobCancelled:
			return false, nil
		case j.Finished():
			return false, errJobFinished
		}
		return true, w.CancelJob(id, now)
	})
}

// steer changes the state of a job. change answers whether it has changed
// something.
func (s *Service) steer(ctx context.Context, c *Caller, id int64, action string,
	change func(w *store.Write, j *crm.Job, now crm.Time) (bool, error)) error {
	logID, err := s.store.TakeIDs(ctx, c.Org(), store.Logs, 1)
	if err != nil {
		return err
	}
	entry := s.entry(c, "job", id, action, "{}")
	for {
		err := s.store.Update(ctx, c.Org(), func(w *store.Write) error {
			w.Quiet()
			j, err := w.Job(c.Org(), id)
			if err != nil {
				return notFound(err)
			}
			changed, err := change(w, j, entry.At)
			if err != nil {
				return err
			}
			if !changed {
				w.Nothing()
				return nil
			}
			return w.Log(logID, entry)
		})
		// A worker, who does not wait for us, has finished or begun it since it was read.
		if !errors.Is(err, store.ErrNoRow) || ctx.Err() != nil {
			return err
		}
	}
}

func (s *Service) pausable(kind string) bool {
	for _, k := range s.JobKinds() {
		if k.Name == kind {
			return k.Pausable
		}
	}
	return false
}
