package service

import (
	"context"
	"slices"
	"strings"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// Pools are the pools of a kind of record that the caller is in or manages, in
// their order; all of them for a super administrator.
func (s *Service) Pools(c *Caller, entity string) []*crm.Pool {
	return slices.DeleteFunc(c.Directory.PoolsOf(entity), func(p *crm.Pool) bool { return !c.Viewer.InPool(p) })
}

// CustomerPoolMembers are the active members of a pool of customers whose names
// contain a text, in the order of their ids. ErrNotFound for a pool that the
// caller does not see into.
func (s *Service) CustomerPoolMembers(c *Caller, pool int64, q *crm.ListQuery) ([]*crm.User, crm.ListPage, error) {
	p, err := customerPool(c, pool)
	if err != nil || !c.Viewer.SeesPooled(c.Directory, pool) {
		return nil, crm.ListPage{}, crm.ErrNotFound
	}
	text := strings.ToLower(strings.TrimSpace(q.Text))
	members := slices.DeleteFunc(c.Directory.MembersOf(p), func(u *crm.User) bool {
		return !strings.Contains(strings.ToLower(u.Name), text)
	})
	members, page := pageOf(members, q)
	return members, page, nil
}

// customerPool finds a pool of customers.
func customerPool(c *Caller, id int64) (*crm.Pool, error) {
	p := c.Directory.Pools[id]
	if p == nil || p.Entity != "customer" {
		return nil, errNoPool
	}
	return p, nil
}

// PooledCustomer is CustomerDetail of a customer that lies in a pool;
// ErrNotFound for every other.
func (s *Service) PooledCustomer(ctx context.Context, c *Caller, id int64) (*crm.CustomerDetail, error) {
	k, err := s.CustomerDetail(ctx, c, id)
	if err == nil && k.OwnerID != 0 {
		return nil, crm.ErrNotFound
	}
	return k, err
}

// PooledContacts is CustomerContacts of a customer that lies in a pool;
// ErrNotFound for every other.
func (s *Service) PooledContacts(ctx context.Context, c *Caller, customer int64) ([]crm.ContactItem, error) {
	err := s.store.View(ctx, c.Org(), func(r *store.Read) error {
		k, err := r.CustomerInShort(c.Org(), customer)
		if err == nil && k.OwnerID != 0 {
			err = crm.ErrNotFound
		}
		return notFound(err)
	})
	if err != nil {
		return nil, err
	}
	return s.CustomerContacts(ctx, c, customer)
}

// CreatePooled writes a customer that lies in the pool of PoolID from the start,
// with its contacts and labels, and shows it. Managers of the pool may do so, and
// members who may create customers. An owner and a department that were given are
// not taken: a customer in a pool has neither.
//
// An entity_validation_error for a pool that the caller is not in; otherwise the
// refusals of CreateCustomer.
func (s *Service) CreatePooled(ctx context.Context, c *Caller, in *crm.NewCustomer, show func(*crm.CustomerDetail) error) error {
	if in.PoolID == 0 {
		return crm.Required(crm.FieldLabel("pool", "common_id"))
	}
	pooled := *in
	pooled.OwnerID, pooled.DepartmentID = 0, 0
	return s.create(ctx, c, &pooled, nil, show)
}

// mayAdd refuses to make a customer without the right. In a pool its managers
// need none.
func mayAdd(c *Caller, in *crm.NewCustomer) error {
	role := c.Viewer.Role
	if in.PoolID != 0 {
		p, err := customerPool(c, in.PoolID)
		if err != nil || !c.Viewer.InPool(p) {
			return errNoPool
		}
		if c.Viewer.ManagesPool(p) {
			return nil
		}
	}
	if !role.May(crm.RightCreateCustomer) || len(in.Contacts) > 0 && !role.May(crm.RightCreateContact) {
		return crm.ErrForbidden
	}
	return nil
}

// pooledFor reads a customer that lies in a pool for a change by a manager of
// that pool: ErrNotFound where the caller does not see it, ErrForbidden for whoever
// is no manager, and without the right, where the change needs one.
func (s *Service) pooledFor(w *store.Write, c *Caller, id int64, right string) (*crm.Customer, error) {
	k, err := s.lyingCustomer(w, c, id, crm.ErrNotFound)
	if err != nil {
		return nil, err
	}
	v := c.Viewer
	if right != "" && !v.Role.May(right) || !v.Role.Super && !v.ManagesPool(c.Directory.Pools[k.PoolID]) {
		return nil, crm.ErrForbidden
	}
	return k, s.unmodified(w, c, "customer", id)
}

// errCustomerTaken tells whoever comes too late.
var errCustomerTaken = crm.Invalid("该客户已被领取", "The customer has been taken already")

// lyingCustomer reads a customer that lies in a pool. ErrNotFound where the caller
// does not see it; for one that was taken out of a pool that the caller is in, the
// refusal says so; every other one that has an owner is refused as the caller of
// this says.
func (s *Service) lyingCustomer(w *store.Write, c *Caller, id int64, owned *crm.Error) (*crm.Customer, error) {
	k, err := w.Customer(c.Org(), id)
	switch {
	case err != nil:
		return nil, notFound(err)
	case k.OwnerID != 0 && c.Viewer.InPool(c.Directory.Pools[k.BeforePoolID]):
		return nil, errCustomerTaken
	}
	if err := s.visible(&w.Read, c, k); err != nil {
		return nil, err
	}
	if k.OwnerID != 0 {
		return nil, owned
	}
	return k, nil
}

// UpdatePooled is UpdateCustomer for the managers of the pool that the customer
// lies in.
func (s *Service) UpdatePooled(ctx context.Context, c *Caller, id int64, patch func(*crm.CustomerDraft) error,
	show func(*crm.CustomerDetail) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		before, err := s.pooledFor(w, c, id, crm.RightEditCustomer)
		if err != nil {
			return err
		}
		labels, err := w.CustomerLabels(c.Org(), id)
		if err != nil {
			return err
		}
		labels = knownLabels(c.Directory, labels)
		draft := crm.CustomerDraft{Customer: *before, Labels: slices.Clone(labels)}
		if err := patch(&draft); err != nil {
			return err
		}
		if err := s.saveCustomer(w, c, before, labels, &draft); err != nil {
			return err
		}
		return s.showChanged(w, c, id, show)
	})
}

// DeletePooled is DeleteCustomer for the managers of the pool that the customer
// lies in.
func (s *Service) DeletePooled(ctx context.Context, c *Caller, id int64, show func(*crm.CustomerDetail) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		k, err := s.pooledFor(w, c, id, crm.RightDeleteCustomer)
		if err != nil {
			return err
		}
		out, err := s.customerDetail(&w.Read, c, id, false)
		if err != nil {
			return err
		}
		if err := s.removeCustomer(w, c, k); err != nil {
			return err
		}
		return show(out)
	})
}

// showChanged shows a customer as it is after the change, also to a caller who
// sees it no longer.
func (s *Service) showChanged(w *store.Write, c *Caller, id int64, show func(*crm.CustomerDetail) error) error {
	out, err := s.customerDetail(&w.Read, c, id, true)
	if err != nil {
		return err
	}
	return show(out)
}
