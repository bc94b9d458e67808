package service

import (
	"context"
	"errors"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// PoolCustomer moves a customer into a pool: out of the hands of its owner, or out
// of another pool, which is for that one's managers. The pool is its own (所属公海)
// from then on. Its collaborators are let go; they and the owner are told.
//
// ErrNotFound where the caller does not see it; ErrForbidden without the right
// and for collaborators; an entity_validation_error for a pool that there is not,
// and for the one that it lies in.
func (s *Service) PoolCustomer(ctx context.Context, c *Caller, id, pool int64, show func(*crm.CustomerDetail) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		told := map[int64][]named{}
		if err := s.poolCustomer(w, c, id, pool, told); err != nil {
			return err
		}
		if err := s.tellPooled(w, c, pool, told); err != nil {
			return err
		}
		return s.showChanged(w, c, id, show)
	})
}

// PoolCustomers is PoolCustomer for several; everybody is told once.
func (s *Service) PoolCustomers(ctx context.Context, c *Caller, ids []int64, pool int64, show func(*Several) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		told := map[int64][]named{}
		out, changed, err := severally(ids, func(id int64) (bool, error) { return true, s.poolCustomer(w, c, id, pool, told) })
		if err != nil {
			return err
		}
		if !changed {
			w.Nothing()
		}
		if err := s.tellPooled(w, c, pool, told); err != nil {
			return err
		}
		return show(out)
	})
}

// poolCustomer moves a customer into a pool and notes who is to be told.
func (s *Service) poolCustomer(w *store.Write, c *Caller, id, pool int64, told map[int64][]named) error {
	k, err := s.customerFor(w, c, id, crm.RightPoolCustomer, reach.disposes)
	if err != nil {
		return err
	}
	p, err := customerPool(c, pool)
	switch {
	case err != nil:
		return err
	case k.PoolID == p.ID:
		return crm.Invalid("该客户已在该公海中", "The customer lies in this pool already")
	}
	before, owner := customerRecord(k, nil), k.OwnerID
	k.HomePoolID = p.ID
	collaborators, err := layDown(w, c.Org(), k, p, crm.At(s.now()))
	if err != nil {
		return err
	}
	before["assist_user_ids"] = collaborators
	for _, user := range sortedSet(append(collaborators, owner)) {
		told[user] = append(told[user], named{k.ID, k.Name})
	}
	return s.note(w, c, "customer", k.ID, "turn_common", before, customerRecord(k, nil))
}

// layDown writes a customer as it lies in a pool from now on: without owner,
// department and collaborators. It answers who collaborated.
func layDown(w *store.Write, org int64, k *crm.Customer, p *crm.Pool, now crm.Time) (collaborators []int64, err error) {
	if k.OwnerID != 0 {
		k.BeforeUserID, k.BeforeDepartmentID = k.OwnerID, k.DepartmentID
	} else {
		k.BeforePoolID = k.PoolID
	}
	k.OwnerID, k.DepartmentID, k.OwnedAt = 0, 0, 0
	k.PoolID, k.FlowIntoAt, k.UpdatedAt = p.ID, now, now
	if collaborators, err = w.Assistants(org, k.ID); err != nil {
		return nil, err
	}
	if len(collaborators) > 0 {
		if err := w.SetAssistants(k.ID, nil); err != nil {
			return nil, err
		}
	}
	return collaborators, w.SetCustomer(k)
}

// tellPooled tells people that the customers which were theirs were moved to a
// pool.
func (s *Service) tellPooled(w *store.Write, c *Caller, pool int64, told map[int64][]named) error {
	if len(told) == 0 {
		return nil
	}
	return s.tellEach(w, c, crm.NoticeMoved, "customer", told, crm.NoticeContent{Pool: c.Directory.Pools[pool].Name})
}

// severally does one thing with each of several records, in the order of their
// ids. A refusal of one leaves that as it was and does not keep the others: one
// must refuse before it writes. changed says whether anything was written.
func severally(ids []int64, one func(id int64) (changed bool, err error)) (out *Several, changed bool, err error) {
	ids = sortedSet(ids)
	switch {
	case len(ids) == 0:
		return nil, false, crm.Required(crm.FieldLabel("", "ids"))
	case len(ids) > maxSeveral:
		return nil, false, crm.BadParam("一次最多操作100条记录", "At most 100 records at once")
	}
	out = &Several{}
	for _, id := range ids {
		wrote, err := one(id)
		var refusal *crm.Error
		switch {
		case errors.As(err, &refusal):
			out.Failures = append(out.Failures, Failure{id, refusal})
			continue
		case err != nil:
			return nil, false, err
		}
		out.Done = append(out.Done, id)
		changed = changed || wrote
	}
	return out, changed, nil
}
