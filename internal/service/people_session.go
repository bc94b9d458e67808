package service

import (
	"context"
	"errors"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// OwnSession is a session of the caller as the caller sees it.
type OwnSession struct {
	crm.Session
	Address string // where it was opened from, as far as it is known
	Current bool   // the one that asks
}

// OwnSessions lists the caller's live sessions, the newest first. One that has
// expired is left out.
func (s *Service) OwnSessions(ctx context.Context, c *Caller) ([]OwnSession, error) {
	var found []OwnSession
	org, user, now := c.Org(), c.Viewer.User.ID, s.now()
	err := s.store.Latest(ctx, org, func(r *store.Read) error {
		found = nil
		all, err := r.Sessions(org, user, "")
		if err != nil {
			return err
		}
		for i := len(all) - 1; i >= 0; i-- {
			one := OwnSession{Session: all[i], Current: all[i].ID == c.Session.ID}
			if one.Address, err = r.SignInAddress(org, one.ID); err != nil {
				return err
			}
			found = append(found, one)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	live := found[:0]
	for _, one := range found {
		t, err := s.session(ctx, one.TokenHash)
		if errors.Is(err, crm.ErrUnauthenticated) {
			continue // it has just ended
		}
		if err != nil {
			return nil, err
		}
		one.LastUsedAt = crm.Time(t.lastUsed.Load())
		if !s.expired(t, now) {
			live = append(live, one)
		}
	}
	return live, nil
}

// SignOut ends the caller's session: its token is good for nothing any more.
func (s *Service) SignOut(ctx context.Context, c *Caller) error {
	return s.endSession(ctx, c, c.Session.ID, crm.LogSignOut)
}

// EndOwnSession ends one of the caller's sessions, be it the one that asks.
// ErrNotFound where the caller has none of this id.
func (s *Service) EndOwnSession(ctx context.Context, c *Caller, id int64) error {
	action := crm.LogSessionEnded
	if id == c.Session.ID {
		action = crm.LogSignOut
	}
	return s.endSession(ctx, c, id, action)
}

func (s *Service) endSession(ctx context.Context, c *Caller, id int64, action string) error {
	org, user := c.Org(), c.Viewer.User.ID
	return s.store.Update(ctx, org, func(w *store.Write) error {
		w.Quiet()
		t, err := w.SessionOf(org, user, id)
		if err != nil {
			return notFound(err)
		}
		if err := w.EndSession(t, crm.SessionEnded); err != nil {
			return err
		}
		return w.Log(0, s.entry(c, "session", id, action, deviceOf(t)))
	})
}

// deviceOf is what the log keeps of the device of a session.
func deviceOf(t *crm.Session) string {
	return difference(nil, record{"device": t.Device, "device_kind": t.DeviceKind, "version_code": t.VersionCode})
}

// noteFailure notes that somebody has tried to sign in as a user with a wrong
// password, or while the user is disabled. Only what was compared is noted: who
// is locked out writes nothing. A login that is nobody's costs the same work.
func (s *Service) noteFailure(ctx context.Context, org, user int64, c Credentials) {
	ctx = context.WithoutCancel(ctx) // a client that hangs up has guessed all the same
	var err error
	if org == store.NoOrganization {
		err = s.store.AddFailures(ctx, crm.At(s.now()), s.failures.after(), s.failures.key("n:"+LoginKey(c.Login)))
	} else {
		t := &crm.Session{Device: cut(c.Device, 64), DeviceKind: crm.DeviceKind(c.Device), VersionCode: cut(c.VersionCode, 32)}
		err = s.store.Update(ctx, org, func(w *store.Write) error {
			w.Quiet()
			return w.Log(0, crm.LogEntry{UserID: user, Entity: "session", Action: crm.LogSignInFailed, Changes: deviceOf(t),
				RequestID: c.RequestID, RemoteAddress: c.RemoteAddress, At: crm.At(s.now())})
		})
	}
	if err != nil {
		s.log.Error("note a failed sign-in", "organization", org, "request_id", c.RequestID, "error", err.Error())
	}
}
