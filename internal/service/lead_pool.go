package service

import (
	"context"
	"slices"
	"strings"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// errNoPool refuses a pool that is not there, is one of customers, or is none of
// the caller's where that matters.
var errNoPool = crm.Invalid("公海不存在", "The pool does not exist")

// leadPool finds a pool of leads.
func leadPool(c *Caller, id int64) (*crm.Pool, error) {
	p := c.Directory.Pools[id]
	if p == nil || p.Entity != "lead" {
		return nil, errNoPool
	}
	return p, nil
}

// poolLeadFor reads a lead that lies in a pool for a change by a manager of that
// pool. It refuses what lyingLead refuses, as if a lead that lies in none were not
// there, and with ErrForbidden whoever is no manager or lacks the right.
func (s *Service) poolLeadFor(w *store.Write, c *Caller, id int64, right string) (*crm.Lead, error) {
	l, a, err := s.lyingLead(w, c, id, crm.ErrNotFound)
	switch {
	case err != nil:
		return nil, err
	case a != reachManager || !c.Viewer.Role.May(right):
		return nil, crm.ErrForbidden
	}
	return l, s.unmodified(w, c, "lead", id)
}

// LeadPoolMembers are the members of a pool of leads whose names contain a text,
// in the order of their ids; users who are not active are no members. ErrNotFound
// for a pool that the caller does not see into.
func (s *Service) LeadPoolMembers(c *Caller, pool int64, q *crm.ListQuery) ([]*crm.User, crm.ListPage, error) {
	p, err := leadPool(c, pool)
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

// TransferPoolLead gives a lead out of a pool to a member of the pool, who is
// told. ErrNotFound where the caller does not see it; ErrForbidden for whoever is
// no manager of the pool, and without the right; an entity_validation_error for a
// user who is no member, and where somebody was faster.
func (s *Service) TransferPoolLead(ctx context.Context, c *Caller, id, user int64, show func(*crm.LeadDetail) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		l, err := s.poolLeadFor(w, c, id, crm.RightTransferLead)
		if err != nil {
			return err
		}
		if _, err := s.passLead(w, c, l, user); err != nil {
			return err
		}
		return s.showLead(w, c, id, show)
	})
}

// UpdatePoolLead is UpdateLead for the managers of the pool that the lead lies in.
func (s *Service) UpdatePoolLead(ctx context.Context, c *Caller, id int64, patch func(*crm.Lead) error,
	show func(*crm.LeadDetail) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		before, err := s.poolLeadFor(w, c, id, crm.RightEditLead)
		if err != nil {
			return err
		}
		return s.patchLead(w, c, before, patch, show)
	})
}
