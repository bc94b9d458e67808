package service

import (
	"context"
	"errors"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// errTaken tells who takes a lead that somebody else was faster.
var errTaken = crm.Invalid("该线索已被领取", "The lead has been taken already")

// TakeLead makes the caller the owner of a lead that lies in a pool of which the
// caller is a member or a manager. There is no limit to the leads that somebody
// may own.
//
// ErrNotFound where the caller does not see it; ErrForbidden without the right,
// for whoever is not in the pool, and for a lead that lies in none; an
// entity_validation_error where somebody was faster, also for a caller who is in
// the pool and no longer sees the lead, and while a former owner may not take it
// back.
func (s *Service) TakeLead(ctx context.Context, c *Caller, id int64, show func(*crm.LeadDetail) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		if err := s.takeLead(w, c, id); err != nil {
			return err
		}
		return s.showLead(w, c, id, show)
	})
}

func (s *Service) takeLead(w *store.Write, c *Caller, id int64) error {
	l, a, err := s.lyingLead(w, c, id, crm.ErrForbidden)
	v := c.Viewer
	switch {
	case err != nil:
		return err
	case !v.Role.May(crm.RightTakeLead) || a != reachMember && a != reachManager:
		return crm.ErrForbidden
	}
	if err := s.unmodified(w, c, "lead", id); err != nil {
		return err
	}
	if !v.Role.Super && c.Directory.Pools[l.PoolID].Bars(l.BeforeUserID, v.User.ID, l.FlowIntoAt, crm.At(s.now())) {
		return crm.Invalid("前负责人在规定天数内不能领取该线索", "A former owner may not take the lead back yet")
	}
	return s.setOwner(w, c, l, v.User, "take")
}

// lyingLead reads a lead that lies in a pool, and says how the caller comes to
// it. ErrNotFound where the caller does not see it; for one that was taken out of
// a pool that the caller is in, the refusal says so; every other one that has an
// owner is refused as the caller of this says.
func (s *Service) lyingLead(w *store.Write, c *Caller, id int64, owned *crm.Error) (*crm.Lead, reach, error) {
	l, err := w.Lead(c.Org(), id)
	if err != nil {
		return nil, reachNone, notFound(err)
	}
	a := reachLead(c, l)
	switch {
	case l.OwnerID != 0 && c.Viewer.InPool(c.Directory.Pools[l.BeforePoolID]):
		return nil, a, errTaken
	case a == reachNone:
		return nil, a, crm.ErrNotFound
	case l.OwnerID != 0:
		return nil, a, owned
	}
	return l, a, nil
}

// setOwner gives a lead to somebody, out of its pool or from its owner, together
// with that user's department.
func (s *Service) setOwner(w *store.Write, c *Caller, l *crm.Lead, to *crm.User, action string) error {
	before := leadRecord(l)
	if l.OwnerID != 0 {
		l.BeforeUserID, l.BeforeDepartmentID = l.OwnerID, l.DepartmentID
	}
	if l.PoolID != 0 {
		l.BeforePoolID, l.PoolID, l.FlowIntoAt = l.PoolID, 0, 0
	}
	now := crm.At(s.now())
	l.OwnerID, l.DepartmentID, l.OwnedAt, l.UpdatedAt = to.ID, to.DepartmentID, now, now
	if err := w.SetLead(l); err != nil {
		return err
	}
	return s.note(w, c, "lead", l.ID, action, before, leadRecord(l))
}

// TransferLead gives a lead to another user, with that user's department. Both
// owners are told. Out of a pool only a manager gives it, and to a member only.
//
// ErrNotFound where the caller does not see it; ErrForbidden without the right;
// an entity_validation_error for a user who is not active or no member, and for a
// lead that has become a customer.
func (s *Service) TransferLead(ctx context.Context, c *Caller, id, user int64, show func(*crm.LeadDetail) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		changed, err := s.transferLead(w, c, id, user)
		if err != nil {
			return err
		}
		if !changed {
			w.Nothing()
		}
		return s.showLead(w, c, id, show)
	})
}

func (s *Service) transferLead(w *store.Write, c *Caller, id, user int64) (changed bool, err error) {
	l, err := s.openLead(w, c, id, crm.RightTransferLead, reach.disposes)
	if err != nil {
		return false, err
	}
	return s.passLead(w, c, l, user)
}

// passLead gives a lead to a user, which changes nothing where it is that user's
// already. That the caller may do so was checked.
func (s *Service) passLead(w *store.Write, c *Caller, l *crm.Lead, user int64) (changed bool, err error) {
	to, err := activeUser(c, user)
	if err != nil || l.OwnerID == to.ID {
		return false, err
	}
	if pool := c.Directory.Pools[l.PoolID]; l.OwnerID == 0 && (pool == nil || !pool.Has(to)) {
		return false, crm.Invalid("该用户不是公海成员", "The user is not a member of the pool")
	}
	if err := s.tellPassed(w, c, l, to.ID); err != nil {
		return false, err
	}
	return true, s.setOwner(w, c, l, to, "transfer")
}

// tellPassed tells the old owner of a lead and the new one.
func (s *Service) tellPassed(w *store.Write, c *Caller, before *crm.Lead, to int64) error {
	return errors.Join(
		s.tell(w, c, before.OwnerID, crm.NoticeTransferred, "lead", before.ID, before.Name),
		s.tell(w, c, to, crm.NoticeTransferred, "lead", before.ID, before.Name))
}

// PoolLead moves a lead into a pool, out of the hands of its owner, who is told,
// or out of another pool, which is for that one's managers. The pool is the lead's
// own (所属公海) from then on.
//
// ErrNotFound where the caller does not see it; ErrForbidden without the right;
// an entity_validation_error for a pool that there is not or that the lead lies in
// already, and for a lead that has become a customer.
func (s *Service) PoolLead(ctx context.Context, c *Caller, id, pool int64, show func(*crm.LeadDetail) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		told := map[int64][]named{}
		if err := s.poolLead(w, c, id, pool, told); err != nil {
			return err
		}
		if err := s.tellLeadsMoved(w, c, told, pool); err != nil {
			return err
		}
		return s.showLead(w, c, id, show)
	})
}

// poolLead moves a lead into a pool. The former owner is added to those who are
// told.
func (s *Service) poolLead(w *store.Write, c *Caller, id, pool int64, told map[int64][]named) error {
	l, err := s.openLead(w, c, id, crm.RightPoolLead, reach.disposes)
	if err != nil {
		return err
	}
	if _, err := leadPool(c, pool); err != nil {
		return err
	}
	if l.PoolID == pool {
		return crm.Invalid("该线索已在该公海中", "The lead lies in this pool already")
	}
	before := leadRecord(l)
	if l.OwnerID != 0 {
		l.BeforeUserID, l.BeforeDepartmentID = l.OwnerID, l.DepartmentID
		told[l.OwnerID] = append(told[l.OwnerID], named{l.ID, l.Name})
	} else {
		l.BeforePoolID = l.PoolID
	}
	now := crm.At(s.now())
	l.OwnerID, l.DepartmentID, l.OwnedAt = 0, 0, 0
	l.PoolID, l.HomePoolID, l.FlowIntoAt, l.UpdatedAt = pool, pool, now, now
	if err := w.SetLead(l); err != nil {
		return err
	}
	return s.note(w, c, "lead", id, "turn_common", before, leadRecord(l))
}
