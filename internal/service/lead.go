package service

import (
	"context"
	"errors"
	"slices"
	"strings"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// LeadDetail is the full picture of one lead, also of one that has become a
// customer. ErrNotFound for one that does not exist or that the caller does not
// see.
func (s *Service) LeadDetail(ctx context.Context, c *Caller, id int64) (*crm.LeadDetail, error) {
	var out *crm.LeadDetail
	err := s.store.View(ctx, c.Org(), func(r *store.Read) (err error) {
		out, err = s.leadDetail(r, c, id, false)
		return err
	})
	return out, err
}

// PoolLeadDetail is LeadDetail of a lead that lies in a pool; ErrNotFound for
// every other.
func (s *Service) PoolLeadDetail(ctx context.Context, c *Caller, id int64) (*crm.LeadDetail, error) {
	out, err := s.LeadDetail(ctx, c, id)
	if err == nil && out.OwnerID != 0 {
		err = crm.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// leadDetail reads what a lead's detail shows. made is given for a record that
// the caller has just written: it is shown even when it went to an owner outside
// the caller's scope.
func (s *Service) leadDetail(r *store.Read, c *Caller, id int64, made bool) (*crm.LeadDetail, error) {
	org, v := c.Org(), c.Viewer
	lead, err := r.Lead(org, id)
	if err != nil {
		return nil, notFound(err)
	}
	a := reachLead(c, lead)
	if a == reachNone && !made {
		return nil, crm.ErrNotFound
	}
	out := &crm.LeadDetail{Lead: *lead}
	if out.CustomerName, err = s.nameOfTurned(r, c, lead); err != nil {
		return nil, err
	}
	files := fileIDs(c.Directory.Fields["lead"], out.Custom)
	if out.CardID != 0 {
		files = append(files, out.CardID)
	}
	if out.Files, err = r.Attachments(org, files); err != nil {
		return nil, err
	}
	owner := out.OwnerID
	if !v.Conceals("lead.card_attachment_id", owner) {
		out.Card = out.Files[out.CardID]
	}
	out.Own, out.Self, out.Hidden = v.IsOwn(owner), v.IsSelf(owner), v.HidesNumbers(owner)
	out.Editable = a.edits() && v.Role.May(crm.RightEditLead) && !out.Turned()
	s.concealLead(c, &out.Lead)
	out.Related, err = s.related(r, c, "lead", out.Custom)
	return out, err
}

// nameOfTurned is the name of the customer that a lead became, "" where there
// is none, where it is gone, and where the caller does not see it.
func (s *Service) nameOfTurned(r *store.Read, c *Caller, l *crm.Lead) (string, error) {
	if !l.Turned() {
		return "", nil
	}
	customer, err := r.CustomerInShort(c.Org(), l.CustomerID)
	if err == nil {
		err = s.visible(r, c, customer)
	}
	switch {
	case errors.Is(err, store.ErrNoRow), errors.Is(err, crm.ErrNotFound):
		return "", nil
	case err != nil:
		return "", err
	}
	return customer.Name, nil
}

// concealLead takes away what the caller may not see of a lead.
func (s *Service) concealLead(c *Caller, l *crm.Lead) {
	c.Viewer.ConcealAddress("lead", l.OwnerID, &l.Address)
	l.Custom = s.concealValues(c, "lead", l.OwnerID, l.Custom)
}

// leadItems are leads as lists show them.
func (s *Service) leadItems(c *Caller, leads []crm.Lead) []crm.LeadItem {
	items := make([]crm.LeadItem, len(leads))
	for i := range leads {
		owner := leads[i].OwnerID
		items[i] = crm.LeadItem{Lead: leads[i], Own: c.Viewer.IsOwn(owner), Self: c.Viewer.IsSelf(owner),
			Hidden: c.Viewer.HidesNumbers(owner)}
		s.concealLead(c, &items[i].Lead)
	}
	return items
}

// LeadsByName is Leads for exactly one name, the text of the query: the newest
// first, in the same tabs. White space around the name is ignored.
func (s *Service) LeadsByName(ctx context.Context, c *Caller, q *crm.ListQuery) (items []crm.LeadItem, page crm.ListPage, err error) {
	name, org := strings.TrimSpace(q.Text), c.Org()
	if name == "" {
		zh, en := crm.FieldLabel("lead", "name")
		return nil, page, crm.BadParam(zh+"不能为空", en+" must not be blank")
	}
	in, err := leadTab(c, q.Tab)
	if err != nil {
		return nil, page, err
	}
	err = s.store.View(ctx, org, func(r *store.Read) error {
		all, err := r.LeadsByName(org, name)
		if err != nil {
			return err
		}
		var ids []int64
		for i := range slices.Backward(all) {
			if in(&all[i]) {
				ids = append(ids, all[i].ID)
			}
		}
		ids, page = pageOf(ids, q)
		found, err := r.LeadsOf(org, ids)
		items = s.leadItems(c, found)
		return err
	})
	return items, page, err
}

// leadTab tells which leads a tab of the lists shows to the caller, as leadScope
// does.
func leadTab(c *Caller, tab string) (func(*crm.Lead) bool, error) {
	v := c.Viewer
	owned := func(l *crm.Lead) bool { return l.OwnerID != 0 && v.Sees(l.OwnerID, l.DepartmentID) }
	switch tab {
	case "", "all":
		return func(l *crm.Lead) bool { return !l.Turned() && owned(l) }, nil
	case "my":
		return func(l *crm.Lead) bool { return !l.Turned() && v.IsSelf(l.OwnerID) }, nil
	case "sub":
		return func(l *crm.Lead) bool { return !l.Turned() && v.Subordinates[l.OwnerID] }, nil
	case "common":
		return func(l *crm.Lead) bool { return !l.Turned() && l.OwnerID == 0 && reachLead(c, l) != reachNone }, nil
	case "turned":
		return func(l *crm.Lead) bool { return l.Turned() && owned(l) }, nil
	}
	return nil, crm.BadParam("tab_type的值不正确", "tab_type has no such value").With(tab)
}

// pageOf is the page of a short list that a query asks for.
func pageOf[T any](all []T, q *crm.ListQuery) ([]T, crm.ListPage) {
	q = normalised(q)
	from := min((q.Page-1)*q.PerPage, len(all))
	to := min(from+q.PerPage, len(all))
	return all[from:to], crm.ListPage{Page: q.Page, PerPage: q.PerPage, Total: len(all), More: to < len(all)}
}
