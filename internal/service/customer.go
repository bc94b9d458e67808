package service

import (
	"context"
	"errors"
	"slices"
	"strings"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// MatchingName finds all customers of the whole organization with exactly this
// name, the oldest first: other owners', pool and pending ones too. White
// space around the name is ignored. What the caller may not see of a hit
// (numbers, fields hidden by the role) is gone from it.
func (s *Service) MatchingName(ctx context.Context, c *Caller, name string) ([]crm.Match, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return nil, crm.BadParam("客户名称不能为空", "Customer name must not be blank")
	}
	org := c.Org()
	var rows []store.Match
	err := s.store.Glance(ctx, org, func(r *store.Read) (err error) {
		rows, err = r.CustomersByName(org, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	found := make([]crm.Match, len(rows))
	for i := range rows {
		found[i] = rows[i].Match
		if found[i].Labelled {
			found[i].Labels = labels(c.Directory, rows[i].LabelIDs)
		}
	}
	v := c.Viewer
	for i := range found {
		m := &found[i]
		m.Self, m.Hidden = v.IsSelf(m.OwnerID), v.HidesNumbers(m.OwnerID)
		v.ConcealAddress("customer", m.OwnerID, &m.Address)
		for j := range m.Contacts {
			v.ConcealAddress("contact", m.OwnerID, &m.Contacts[j].Address)
		}
	}
	return found, nil
}

func labels(d *crm.Directory, ids []int64) []crm.Label {
	out := make([]crm.Label, 0, len(ids))
	for _, id := range ids {
		if l := d.Labels[id]; l != nil {
			out = append(out, *l)
		}
	}
	return out
}

// CustomerDetail reads one customer with its contacts. ErrNotFound for one
// that does not exist or that the caller does not see.
func (s *Service) CustomerDetail(ctx context.Context, c *Caller, id int64) (*crm.CustomerDetail, error) {
	var out *crm.CustomerDetail
	err := s.store.View(ctx, c.Org(), func(r *store.Read) (err error) {
		out, err = s.customerDetail(r, c, id, false)
		return err
	})
	return out, err
}

// customerDetail reads what a customer's detail shows. made is given for a
// record that the caller has just written: it is shown even when it went to an
// owner outside the caller's scope.
func (s *Service) customerDetail(r *store.Read, c *Caller, id int64, made bool) (*crm.CustomerDetail, error) {
	org, v := c.Org(), c.Viewer
	customer, err := r.Customer(org, id)
	if err != nil {
		return nil, notFound(err)
	}
	out := &crm.CustomerDetail{Customer: *customer}
	if out.Assistants, err = r.Assistants(org, id); err != nil {
		return nil, err
	}
	a, err := reachOf(c, out.OwnerID, out.DepartmentID, out.PoolID, func() ([]int64, error) { return out.Assistants, nil })
	if err != nil {
		return nil, err
	}
	if a == reachNone && !made {
		return nil, crm.ErrNotFound
	}
	if out.Contacts, err = r.ContactsOf(org, id); err != nil {
		return nil, err
	}
	ids, err := r.CustomerLabels(org, id)
	if err != nil {
		return nil, err
	}
	out.Labels = labels(c.Directory, ids)
	if out.ParentID != 0 {
		// The parent's name is shown to whoever sees the parent.
		parent, err := r.CustomerInShort(org, out.ParentID)
		if err != nil {
			return nil, err
		}
		if err := s.visible(r, c, parent); err == nil {
			out.ParentName = parent.Name
		} else if !errors.Is(err, crm.ErrNotFound) {
			return nil, err
		}
	}
	if out.Files, err = r.Attachments(org, fileIDs(c.Directory.Fields["customer"], out.Custom)); err != nil {
		return nil, err
	}
	files := &fileOwner{kind: crm.OfCustomer, id: id, user: out.OwnerID, custom: out.Custom}
	if out.Attachments, err = s.filesOf(r, c, files, filesOfDetail); err != nil {
		return nil, err
	}
	owner := out.OwnerID
	out.Assisting = slices.Contains(out.Assistants, v.User.ID)
	out.Own, out.Self, out.Hidden = v.IsOwn(owner), v.IsSelf(owner), v.HidesNumbers(owner)
	out.Editable = a.edits() && v.Role.May(crm.RightEditCustomer)
	out.MayAssist = owner != 0 && a.disposes() && v.Role.May(crm.RightAssistCustomer)
	v.ConcealAddress("customer", owner, &out.Address)
	for i := range out.Contacts {
		v.ConcealAddress("contact", owner, &out.Contacts[i].Address)
	}
	out.Custom = s.concealValues(c, "customer", owner, out.Custom)
	out.Related, err = s.related(r, c, "customer", out.Custom)
	return out, err
}

// concealValues removes from custom values what the caller may not see.
func (s *Service) concealValues(c *Caller, entity string, owner int64, v crm.Values) crm.Values {
	if len(v) == 0 || (len(c.Viewer.Role.Hidden) == 0 && !c.Viewer.HidesNumbers(owner)) {
		return v
	}
	return field.HideNumbers(c.Directory.Fields[entity], v, c.Viewer.HidesNumbers(owner), func(name string) bool {
		return c.Viewer.Conceals(entity+"."+name, owner)
	})
}

// refuse turns "not there" into a refusal of the input.
func refuse(err error, refusal *crm.Error) error {
	if errors.Is(err, store.ErrNoRow) || errors.Is(err, crm.ErrNotFound) {
		return refusal
	}
	return err
}

func checkOption(d *crm.Directory, entity, name string, id int64) error {
	if id == 0 {
		return nil
	}
	o := d.Options[id]
	if o == nil || o.Entity != entity || o.Field != name || !o.Enabled {
		zh, en := crm.FieldLabel(entity, name)
		return crm.Invalid(zh+"的选项不存在", en+" has no such option")
	}
	return nil
}

func (s *Service) checkRegion(a *crm.Address) error {
	if err := s.regions.Consistent(a.CountryID, a.ProvinceID, a.CityID, a.DistrictID); err != nil {
		return crm.Invalid("地区不正确", "The region is not correct").With(err.Error())
	}
	return nil
}

// stamp gives an address its id and times.
func stamp(a *crm.Address, id int64, now crm.Time) { a.ID, a.CreatedAt, a.UpdatedAt = id, now, now }

type want struct {
	kind store.Kind
	n    int
}

// take takes ids of several kinds, the first of each.
func (s *Service) take(ctx context.Context, org int64, wants ...want) ([]int64, error) {
	ids := make([]int64, len(wants))
	for i, w := range wants {
		id, err := s.store.TakeIDs(ctx, org, w.kind, w.n)
		if err != nil {
			return nil, err
		}
		ids[i] = id
	}
	return ids, nil
}
