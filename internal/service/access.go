package service

import (
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// reach is how a caller comes to a record, from not at all to everything.
type reach int

const (
	reachNone reach = iota
	// reachMember is a member of the pool that the record lies in: sees and
	// takes it.
	reachMember
	// reachAssist is a collaborator, or somebody above one: sees and edits, but
	// does not transfer, move to a pool or delete.
	reachAssist
	// reachSee is somebody who sees all records, of one that lies in a pool.
	reachSee
	// reachScope is within the caller's data scope: what the role's rights allow.
	reachScope
	// reachManager is a manager of the pool that the record lies in.
	reachManager
)

// edits tells whether the caller may change the record, given the right.
func (a reach) edits() bool { return a == reachAssist || a >= reachScope }

// disposes tells whether the caller may transfer, move to a pool or delete the
// record, given the right.
func (a reach) disposes() bool { return a >= reachScope }

// reachOf says how the caller comes to a record by its owner, department and
// pool. assistants are asked for where nothing else reaches; nil for a kind of
// record that has none.
func reachOf(c *Caller, owner, department, pool int64, assistants func() ([]int64, error)) (reach, error) {
	v := c.Viewer
	if owner == 0 {
		p := c.Directory.Pools[pool]
		switch {
		case v.Role.Super || v.ManagesPool(p):
			return reachManager, nil
		case v.InPool(p):
			return reachMember, nil
		case v.SeesAll():
			return reachSee, nil
		}
	} else if v.Sees(owner, department) {
		return reachScope, nil
	}
	if assistants == nil {
		return reachNone, nil
	}
	users, err := assistants()
	if err != nil || !v.Assists(users) {
		return reachNone, err
	}
	return reachAssist, nil
}

// reachCustomer says how the caller comes to a customer.
func (s *Service) reachCustomer(r *store.Read, c *Caller, k *crm.Customer) (reach, error) {
	return reachOf(c, k.OwnerID, k.DepartmentID, k.PoolID, func() ([]int64, error) { return r.Assistants(c.Org(), k.ID) })
}

// reachLead says how the caller comes to a lead.
func reachLead(c *Caller, l *crm.Lead) reach {
	a, _ := reachOf(c, l.OwnerID, l.DepartmentID, l.PoolID, nil)
	return a
}

// visible refuses a customer that the caller does not see, as if it were not
// there.
func (s *Service) visible(r *store.Read, c *Caller, customer *crm.Customer) error {
	a, err := s.reachCustomer(r, c, customer)
	if err == nil && a == reachNone {
		err = crm.ErrNotFound
	}
	return err
}

// customerFor reads a customer for a change: ErrNotFound where the caller does
// not see it, ErrForbidden where the role lacks the right or the way to the
// record does not allow it, Conflict where it has changed since the caller saw
// it.
func (s *Service) customerFor(w *store.Write, c *Caller, id int64, right string, allowed func(reach) bool) (*crm.Customer, error) {
	k, err := w.Customer(c.Org(), id)
	if err != nil {
		return nil, notFound(err)
	}
	a, err := s.reachCustomer(&w.Read, c, k)
	switch {
	case err != nil:
		return nil, err
	case a == reachNone:
		return nil, crm.ErrNotFound
	case !c.Viewer.Role.May(right) || !allowed(a):
		return nil, crm.ErrForbidden
	}
	return k, s.unmodified(w, c, "customer", id)
}

// leadFor is customerFor for a lead.
func (s *Service) leadFor(w *store.Write, c *Caller, id int64, right string, allowed func(reach) bool) (*crm.Lead, error) {
	l, err := w.Lead(c.Org(), id)
	if err != nil {
		return nil, notFound(err)
	}
	a := reachLead(c, l)
	switch {
	case a == reachNone:
		return nil, crm.ErrNotFound
	case !c.Viewer.Role.May(right) || !allowed(a):
		return nil, crm.ErrForbidden
	}
	return l, s.unmodified(w, c, "lead", id)
}

// activeUser finds a user that a record may be given to.
func activeUser(c *Caller, id int64) (*crm.User, error) {
	u := c.Directory.Users[id]
	if !u.Active() {
		return nil, crm.Invalid("负责人不存在", "The owner does not exist")
	}
	return u, nil
}

// sortedSet sorts ids and drops those that come twice and 0.
func sortedSet(ids []int64) []int64 {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id int64) bool { return id == 0 })
}
