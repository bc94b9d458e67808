package service

import (
	"context"
	"errors"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// Act is one write as its caller sends it. The answer is made inside the
// transaction, so that it shows exactly what was written, and is kept with the
// ticket in the same transaction: who sends the same once more, also after a
// crash, gets the first answer.
type Act struct {
	// Ticket names the write (request_ticket, Idempotency-Key), Digest what it
	// asks for. Empty for a write without one.
	Ticket, Digest string
	// Unmodified is the organization's version at which the caller saw the
	// record (If-Match); 0 for none. crm.Conflict when the record has changed
	// since.
	Unmodified int64
	// Begin empties the answer: the transaction may run more than once. Answer
	// gives the answer as it stands, Replay takes an earlier one.
	Begin  func()
	Answer func() []byte
	Replay func(answer string)
}

// maxTicket is the longest ticket in bytes.
const maxTicket = 128

// write runs fn in one transaction of the caller's organization, once for each
// ticket. fn writes, and lets the answer be made of what it reads back.
//
// entity_validation_error for a ticket that is too long or was used for
// something else; what fn returns otherwise. Nothing is written then.
func (s *Service) write(ctx context.Context, c *Caller, fn func(w *store.Write) error) error {
	a := c.Act
	if a != nil && len(a.Ticket) > maxTicket {
		return crm.BadParam("request_ticket过长", "request_ticket is too long")
	}
	for range 3 {
		err := s.writeOnce(ctx, c, a, fn)
		if !errors.Is(err, errDirectoryMoved) {
			return err
		}
		// Rights, rules or settings have changed since the caller was recognised:
		// what the call may do is decided by what holds now.
		if err := s.refresh(ctx, c); err != nil {
			return err
		}
	}
	return crm.ErrUnavailable.With("the directory keeps changing")
}

var errDirectoryMoved = errors.New("the directory has moved")

// refresh gives the caller the organization's present directory.
// ErrUnauthenticated when the user may no longer work with the system.
func (s *Service) refresh(ctx context.Context, c *Caller) error {
	v, err := s.store.FreshVersion(ctx, c.Org())
	if err != nil {
		return err
	}
	d, err := s.directory(ctx, c.Org(), v)
	if err != nil {
		return err
	}
	viewer := d.Viewer(c.Viewer.User.ID)
	if viewer == nil {
		return crm.ErrUnauthenticated
	}
	c.Directory, c.Viewer = d, viewer
	return nil
}

func (s *Service) writeOnce(ctx context.Context, c *Caller, a *Act, fn func(w *store.Write) error) error {
	return s.store.Update(ctx, c.Org(), func(w *store.Write) error {
		if now, err := w.DirectoryNow(c.Org()); err != nil {
			return err
		} else if now != c.Directory.Organization.DirectoryVersion {
			return errDirectoryMoved
		}
		if a == nil {
			return fn(w)
		}
		a.Begin()
		if a.Ticket == "" {
			return fn(w)
		}
		user := c.Viewer.User.ID
		t, err := w.Ticket(c.Org(), user, a.Ticket)
		switch {
		case err == nil && (t.Digest != a.Digest || t.Answer == ""):
			return crm.BadParam("request_ticket已被使用", "this request_ticket was used for another request")
		case err == nil:
			a.Replay(t.Answer)
			w.Nothing()
			return nil
		case !errors.Is(err, store.ErrNoRow):
			return err
		}
		if err := fn(w); err != nil {
			return err
		}
		return w.AddTicket(user, a.Ticket, store.Ticket{Entity: "answer", Digest: a.Digest, Answer: string(a.Answer())},
			crm.At(s.now()))
	})
}

// unmodified refuses to change a record that has changed since the caller saw
// it, where the caller says when that was.
func (s *Service) unmodified(w *store.Write, c *Caller, entity string, id int64) error {
	if c.Act == nil || c.Act.Unmodified == 0 {
		return nil
	}
	changed, err := w.ChangedSince(c.Org(), entity, id, c.Act.Unmodified)
	if err != nil {
		return err
	}
	if changed {
		return crm.Conflict
	}
	return nil
}

// note notes a change of a record in the operation log. before and after are
// the record as customerRecord and its like show it; nil before a create and
// after a delete.
func (s *Service) note(w *store.Write, c *Caller, entity string, id int64, action string, before, after record) error {
	return w.Log(0, s.entry(c, entity, id, action, difference(before, after)))
}
