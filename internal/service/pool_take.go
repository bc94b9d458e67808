package service

import (
	"context"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// TakeCustomer makes the caller the owner of a customer that lies in a pool of
// which the caller is a member or a manager (抢).
//
// ErrNotFound where the caller does not see it; ErrForbidden without the right,
// for whoever is not in the pool, and where it lies in none; an entity_validation_error where somebody was
// faster, while a former owner may not take it back, and for whoever may own no
// more. Nothing is written then.
func (s *Service) TakeCustomer(ctx context.Context, c *Caller, id int64, show func(*crm.CustomerDetail) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		if err := s.takeCustomer(w, c, id); err != nil {
			return err
		}
		return s.showChanged(w, c, id, show)
	})
}

// TakeCustomers is TakeCustomer for several: it takes those that are still
// there.
func (s *Service) TakeCustomers(ctx context.Context, c *Caller, ids []int64, show func(*Several) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		out, changed, err := severally(ids, func(id int64) (bool, error) { return true, s.takeCustomer(w, c, id) })
		if err != nil {
			return err
		}
		if !changed {
			w.Nothing()
		}
		return show(out)
	})
}

func (s *Service) takeCustomer(w *store.Write, c *Caller, id int64) error {
	k, err := s.lyingCustomer(w, c, id, crm.ErrForbidden)
	if err != nil {
		return err
	}
	v, p := c.Viewer, c.Directory.Pools[k.PoolID]
	if !v.Role.May(crm.RightTakeCustomer) || !v.InPool(p) {
		return crm.ErrForbidden
	}
	if err := s.unmodified(w, c, "customer", id); err != nil {
		return err
	}
	if !v.Role.Super && p.Bars(k.BeforeUserID, v.User.ID, k.FlowIntoAt, crm.At(s.now())) {
		return crm.Invalid("前负责人在规定天数内不能领取该客户", "A former owner may not take the customer back yet")
	}
	return s.giveCustomer(w, c, k, v.User, "take")
}

// TransferPooled gives a customer out of a pool to a member of the pool, who is
// told. show is given the customer's row and its path of parents.
//
// ErrNotFound where the caller does not see it; ErrForbidden for whoever is no
// manager of the pool, who needs no right besides; an entity_validation_error for
// a user who is no member or may own no more, and where somebody was faster.
func (s *Service) TransferPooled(ctx context.Context, c *Caller, id, user int64, show func(*crm.CustomerRow) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		k, err := s.pooledFor(w, c, id, "")
		if err != nil {
			return err
		}
		to, err := activeUser(c, user)
		if err != nil {
			return err
		}
		if p := c.Directory.Pools[k.PoolID]; p == nil || !p.Has(to) {
			return crm.Invalid("该用户不是公海成员", "The user is not a member of the pool")
		}
		if err := s.giveCustomer(w, c, k, to, "transfer"); err != nil {
			return err
		}
		if err := s.tell(w, c, to.ID, crm.NoticeTransferred, "customer", k.ID, k.Name); err != nil {
			return err
		}
		row := &crm.CustomerRow{Customer: *k}
		for parent := k.ParentID; parent != 0 && len(row.Parents) < maxParents; {
			row.Parents = append(row.Parents, parent)
			if parent, err = w.ParentOf(c.Org(), parent); err != nil {
				return err
			}
		}
		return show(row)
	})
}

// giveCustomer gives a customer out of its pool to somebody, with that user's
// department. It is refused before anything is written where the user may own no
// more.
func (s *Service) giveCustomer(w *store.Write, c *Caller, k *crm.Customer, to *crm.User, action string) error {
	if err := s.checkOwnedLimit(w, c, to.ID, k.Category); err != nil {
		return err
	}
	before, now := customerRecord(k, nil), crm.At(s.now())
	k.BeforePoolID, k.PoolID, k.FlowIntoAt = k.PoolID, 0, 0
	k.OwnerID, k.DepartmentID, k.OwnedAt, k.UpdatedAt = to.ID, to.DepartmentID, now, now
	if err := w.SetCustomer(k); err != nil {
		return err
	}
	return s.note(w, c, "customer", k.ID, action, before, customerRecord(k, nil))
}
