package service

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/job"
	"guanxi/internal/store"
)

// HandOverKind is the kind of the jobs that hand over (交接) what a user has: one
// for each user whose things go to somebody else.
const HandOverKind = "user.hand_over"

func handOverKey(user int64) string { return strconv.FormatInt(user, 10) }

var errHandingOver = crm.Invalid("该用户的数据正在交接中", "The user's data is being handed over")

// handOverOrder is what a job is asked for with.
type handOverOrder struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// Handed is what a hand-over has done so far.
type Handed struct {
	Customers int64 `json:"customers"`
	Leads     int64 `json:"leads"`
	Assisted  int64 `json:"assisted"`
	Reports   int64 `json:"reports"` // people who have another superior now
	Pools     int64 `json:"pools"`
}

// HandOverState is how far a hand-over has come.
type HandOverState struct {
	Job      *crm.Job
	From, To int64
	Handed
}

// HandOver asks for everything that a user has to be given to another one:
// customers and leads, with the receiver's department; collaborations;
// subordinates, and places in pools. It is done by a durable job, page by page,
// each with its rows in the operation log. Limits on owned customers do not keep
// a receiver from getting them. The receiver is told at the end.
//
// Asked for again with the same receiver while it goes on, it is the same one.
// ErrForbidden, ErrNotFound and Conflict as UpdateUser; an
// entity_validation_error for a receiver who is not active, and while another
// hand-over of the user goes on.
func (s *Service) HandOver(ctx context.Context, c *Caller, from, to int64, show func(*HandOverState) error) error {
	payload, err := json.Marshal(handOverOrder{from, to})
	if err != nil {
		return err
	}
	return s.write(ctx, c, func(w *store.Write) error {
		if err := manages(c, c.Directory.Users[from], from); err != nil {
			return err
		}
		if err := s.unmodified(w, c, "user", from); err != nil {
			return err
		}
		if from == to || !c.Directory.Users[to].Active() {
			return crm.Invalid("交接人不存在", "The receiver does not exist")
		}
		j, err := w.JobOf(c.Org(), HandOverKind, handOverKey(from))
		switch {
		case errors.Is(err, store.ErrNoRow):
		case err != nil:
			return err
		case !j.Finished():
			state, err := handOverState(j)
			if err == nil && state.To != to {
				err = errHandingOver
			}
			if err != nil {
				return err
			}
			w.Nothing()
			return show(state)
		}
		id, err := w.Enqueue(0, crm.NewJob{Kind: HandOverKind, Key: handOverKey(from), Payload: string(payload),
			UserID: c.Viewer.User.ID, At: crm.At(s.now())})
		if err != nil {
			return err
		}
		if err := s.note(w, c, "user", from, "hand_over", nil, record{"hand_over_to": to}); err != nil {
			return err
		}
		if j, err = w.Job(c.Org(), id); err != nil {
			return err
		}
		state, err := handOverState(j)
		if err != nil {
			return err
		}
		return show(state)
	})
}

// HandOverOf tells how far the last hand-over of a user has come. ErrForbidden
// without the right; ErrNotFound where there was none for a month.
func (s *Service) HandOverOf(ctx context.Context, c *Caller, from int64) (state *HandOverState, err error) {
	if err := manages(c, c.Directory.Users[from], from); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, c.Org(), func(r *store.Read) error {
		j, err := r.JobOf(c.Org(), HandOverKind, handOverKey(from))
		if err != nil {
			return notFound(err)
		}
		state, err = handOverState(j)
		return err
	})
	return state, err
}

func handOverState(j *crm.Job) (*HandOverState, error) {
	var asked handOverOrder
	var at handOverPlace
	err := json.Unmarshal([]byte(j.Payload), &asked)
	if err == nil && j.Cursor != "" {
		err = json.Unmarshal([]byte(j.Cursor), &at)
	}
	return &HandOverState{Job: j, From: asked.From, To: asked.To, Handed: at.Handed}, err
}

// handOverPlace is how far a job has come: which step, and behind which record.
type handOverPlace struct {
	Step  int   `json:"step"`
	After int64 `json:"after,omitempty"`
	Handed
}

// handOverPage is how many records are handed over in one transaction.
const handOverPage = 100

// handOverSteps are done one after the other. Each hands over a page of records
// behind at.After, moves that, and answers how many there were; none ends the
// step.
func (s *Service) handOverSteps() []handOverStep {
	return []handOverStep{s.handOverCustomers, s.handOverLeads, s.handOverAssisted, s.handOverPlaces}
}

type handOverStep func(w *store.Write, c *Caller, from, to *crm.User, at *handOverPlace) (n int, err error)

func (s *Service) handOverJob() job.Kind {
	return job.Kind{Name: HandOverKind, Handle: s.runHandOver, Timeout: 6 * time.Hour, MaxAttempts: 5, FirstDelay: 10 * time.Second,
		MaxDelay: 10 * time.Minute, Concurrency: 2, Pausable: true}
}

// runHandOver hands over what a user has, whatever earlier runs have left.
func (s *Service) runHandOver(ctx context.Context, run *job.Run) error {
	var order handOverOrder
	if err := run.Payload(&order); err != nil {
		return err
	}
	var at handOverPlace
	if run.Cursor() != "" {
		if err := json.Unmarshal([]byte(run.Cursor()), &at); err != nil {
			return err
		}
	}
	steps := s.handOverSteps()
	for at.Step < len(steps) {
		if err := ctx.Err(); err != nil {
			return err
		}
		next := at
		done, total := run.Done()
		err := s.inJob(ctx, run, at.cursor(), func(w *store.Write, c *Caller) (cursor string, wrote bool, err error) {
			next = at
			from, to, whole := c.Directory.Users[order.From], c.Directory.Users[order.To], total
			if !from.Present() || !to.Active() {
				return "", false, &job.Failure{Text: "one of the users is not there any more", Final: true}
			}
			if at == (handOverPlace{}) {
				customers, leads, assisted, err := w.Held(c.Org(), from.ID)
				if err != nil {
					return "", false, err
				}
				whole = customers + leads + assisted
			}
			n, err := steps[at.Step](w, c, from, to, &next)
			if err != nil {
				return "", false, err
			}
			if n == 0 {
				next.Step, next.After = at.Step+1, 0
			}
			now := done + int64(n)
			run.Progress(now, max(now, whole))
			end := next.Step == len(steps)
			if end {
				err = s.endHandOver(w, c, from, to, next.Handed)
			}
			return next.cursor(), n > 0 || end, err
		})
		if err != nil {
			return err
		}
		at = next
	}
	return run.SetResult(at.Handed)
}

func (p handOverPlace) cursor() string {
	b, _ := json.Marshal(p) // of numbers
	return string(b)
}

// inJob runs fn in one transaction together with the place that a job has come
// to, as whoever has asked for the job. fn decides by what the directory holds
// then; it answers the place, and whether it has written something.
func (s *Service) inJob(ctx context.Context, run *job.Run, place string,
	fn func(w *store.Write, c *Caller) (place string, wrote bool, err error)) error {
	org := run.Organization()
	for {
		d, err := s.present(ctx, org)
		if err != nil {
			return err
		}
		by := d.Users[run.Job().UserID]
		if by == nil {
			by = &crm.User{}
		}
		c := &Caller{Directory: d, Viewer: &crm.Viewer{User: by, Role: &crm.Role{Super: true}},
			RequestID: "job-" + strconv.FormatInt(run.Job().ID, 10)}
		err = s.store.Update(ctx, org, func(w *store.Write) error {
			if err := run.Checkpoint(w, place); err != nil {
				return err // the claim is lost
			}
			if now, err := w.DirectoryNow(org); err != nil {
				return err
			} else if now != d.Organization.DirectoryVersion {
				return errDirectoryMoved
			}
			next, wrote, err := fn(w, c)
			if err != nil {
				return err
			}
			if !wrote {
				w.Nothing()
			}
			return run.Checkpoint(w, next)
		})
		if !errors.Is(err, errDirectoryMoved) || ctx.Err() != nil {
			return err
		}
	}
}
