package service

import (
	"context"
	"errors"
	"slices"
	"strings"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
	"guanxi/internal/zh"
)

// MatchingName finds all customers of the whole organization with exactly this
// name, the oldest first: other owners', pool and pending ones too. White
// space around the name is ignored. What the caller may not see of a hit
// (numbers, fields hidden by the role) is gone from it.
func (s *Service) MatchingName(ctx context.Context, c *Caller, name string) ([]crm.Match, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return nil, crm.BadParam("客户名称不能为空")
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
// that does not exist or is outside the caller's data scope. made is given
// for a record that the caller has made, now or with the same ticket before: it
// is shown even when it went to an owner outside the caller's scope.
func (s *Service) CustomerDetail(ctx context.Context, c *Caller, id int64, made bool) (*crm.CustomerDetail, error) {
	org, v := c.Org(), c.Viewer
	out := &crm.CustomerDetail{}
	err := s.store.View(ctx, org, func(r *store.Read) error {
		customer, err := r.Customer(org, id)
		if err != nil {
			return err
		}
		if !made {
			if err := s.visible(r, c, customer); err != nil {
				return err
			}
		}
		out.Customer, out.ParentName = *customer, ""
		if out.Contacts, err = r.ContactsOf(org, id); err != nil {
			return err
		}
		ids, err := r.CustomerLabels(org, id)
		if err != nil {
			return err
		}
		out.Labels = labels(c.Directory, ids)
		if customer.ParentID != 0 {
			parent, err := r.CustomerInShort(org, customer.ParentID)
			if err != nil {
				return err
			}
			out.ParentName = parent.Name
		}
		assistants, err := r.Assistants(org, id)
		if err != nil {
			return err
		}
		out.Assisting = slices.Contains(assistants, v.User.ID)
		out.Files, err = r.Attachments(org, fileIDs(c.Directory.Fields["customer"], out.Custom))
		return err
	})
	if err != nil {
		return nil, notFound(err)
	}
	owner := out.OwnerID
	out.Own, out.Self, out.Hidden = v.IsOwn(owner), v.IsSelf(owner), v.HidesNumbers(owner)
	v.ConcealAddress("customer", owner, &out.Address)
	for i := range out.Contacts {
		v.ConcealAddress("contact", owner, &out.Contacts[i].Address)
	}
	out.Custom = s.concealValues(c, "customer", owner, out.Custom)
	return out, nil
}

// visible refuses a customer outside the caller's data scope that neither the
// caller nor anybody below collaborates on.
func (s *Service) visible(r *store.Read, c *Caller, customer *crm.Customer) error {
	if c.Viewer.Sees(customer.OwnerID, customer.DepartmentID) {
		return nil
	}
	assistants, err := r.Assistants(c.Org(), customer.ID)
	if err != nil {
		return err
	}
	if !c.Viewer.Assists(assistants) {
		return crm.ErrNotFound
	}
	return nil
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

// CreateCustomer writes a customer with its address, contacts and labels in
// one transaction, and answers its id. The owner is the caller where none is
// given, the department the owner's. With a ticket, a second call writes
// nothing and answers the id that the first one made, which is not in.ID.
//
// ErrForbidden without the right; an entity_validation_error for a missing
// name, a value of the wrong form, an unknown option, owner, department,
// parent or label. Nothing is written then.
func (s *Service) CreateCustomer(ctx context.Context, c *Caller, in *crm.NewCustomer, ticket string) (int64, error) {
	if !c.Viewer.Role.May(crm.RightCreateCustomer) {
		return 0, crm.ErrForbidden
	}
	if len(in.Contacts) > 0 && !c.Viewer.Role.May(crm.RightCreateContact) {
		return 0, crm.ErrForbidden
	}
	if in.OwnerID == 0 {
		in.OwnerID = c.Viewer.User.ID
	}
	if in.Approval == "" {
		in.Approval = crm.Approved
	}
	if err := in.Validate(); err != nil {
		return 0, err
	}
	if err := s.checkCustomer(c, in); err != nil {
		return 0, err
	}
	n := len(in.Contacts)
	ids, err := s.take(ctx, c.Org(), want{store.Customers, 1}, want{store.Contacts, n}, want{store.Addresses, 1 + n},
		want{store.Logs, 1 + n})
	if err != nil {
		return 0, err
	}
	now := crm.At(s.now())
	in.ID, in.CreatorID, in.CreatedAt, in.UpdatedAt = ids[0], c.Viewer.User.ID, now, now
	in.NamePinyin, in.Labelled = zh.Pinyin(in.Name), len(in.Labels) > 0
	stamp(&in.Address, ids[2], now)
	for i := range in.Contacts {
		k := &in.Contacts[i].Contact
		k.ID, k.CustomerID = ids[1]+int64(i), in.ID
		s.prepareContact(c, k, ids[2]+1+int64(i), now)
	}
	var made int64
	err = s.store.Update(ctx, c.Org(), func(w *store.Write) error {
		made = in.ID
		if done, err := s.redeem(w, c, ticket, "customer", &made); done || err != nil {
			return err
		}
		if in.ParentID != 0 {
			parent, err := w.Customer(c.Org(), in.ParentID)
			if err == nil {
				err = s.visible(&w.Read, c, parent)
			}
			if err != nil {
				return refuse(err, "上级客户不存在")
			}
		}
		if err := s.checkFiles(w, c, "customer", in.Custom); err != nil {
			return err
		}
		if err := w.AddCustomer(&in.Customer); err != nil {
			return err
		}
		if err := s.claimFiles(w, c, "customer", "Customer", in.ID, in.Custom); err != nil {
			return err
		}
		for _, id := range in.Labels {
			if err := w.AddCustomerLabel(in.ID, id); err != nil {
				return err
			}
		}
		if err := w.Log(ids[3], s.entry(c, "customer", in.ID, "create", createdCustomer(in))); err != nil {
			return err
		}
		for i := range in.Contacts {
			k := &in.Contacts[i].Contact
			if err := s.addContact(w, c, k, ids[3]+1+int64(i)); err != nil {
				return err
			}
		}
		return nil
	})
	return made, err
}

// refuse turns "not there" into a refusal of the input.
func refuse(err error, message string) error {
	if errors.Is(err, store.ErrNoRow) || errors.Is(err, crm.ErrNotFound) {
		return crm.Invalid(message)
	}
	return err
}

// checkCustomer checks what a new customer refers to.
func (s *Service) checkCustomer(c *Caller, in *crm.NewCustomer) error {
	d := c.Directory
	owner := d.Users[in.OwnerID]
	if !owner.Active() {
		return crm.Invalid("负责人不存在")
	}
	if in.DepartmentID == 0 {
		in.DepartmentID = owner.DepartmentID
	} else if d.Departments[in.DepartmentID] == nil {
		return crm.Invalid("所属部门不存在")
	}
	if in.TemplateID != 0 {
		return crm.Invalid("业务类型不存在")
	}
	for _, f := range []struct {
		field, label string
		id           int64
	}{
		{"status", "跟进状态", in.Status}, {"category", "客户类型", in.Category}, {"source", "客户来源", in.Source},
		{"industry", "行业", in.Industry}, {"staff_size", "人员规模", in.StaffSize},
	} {
		if err := checkOption(d, "customer", f.field, f.label, f.id); err != nil {
			return err
		}
	}
	slices.Sort(in.Labels)
	in.Labels = slices.Compact(in.Labels)
	for _, id := range in.Labels {
		if d.Labels[id] == nil {
			return crm.Invalid("标签不存在")
		}
	}
	if err := s.checkRegion(&in.Address); err != nil {
		return err
	}
	for i := range in.Contacts {
		if err := s.checkContact(c, &in.Contacts[i].Contact); err != nil {
			return err
		}
	}
	return nil
}

func checkOption(d *crm.Directory, entity, name, label string, id int64) error {
	if id == 0 {
		return nil
	}
	o := d.Options[id]
	if o == nil || o.Entity != entity || o.Field != name || !o.Enabled {
		return crm.Invalid(label + "的选项不存在")
	}
	return nil
}

func (s *Service) checkRegion(a *crm.Address) error {
	if err := s.regions.Consistent(a.CountryID, a.ProvinceID, a.CityID, a.DistrictID); err != nil {
		return crm.Invalid("地区不正确").With(err.Error())
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
