package service

import (
	"cmp"
	"context"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// CustomerFromLead is the customer that a lead would become, with the lead's
// person as its contact, as a form shows it before it is sent: nothing is written,
// and ids are 0. What the caller may not see is gone from it; TurnLead carries that
// over all the same.
//
// The refusals are those of TurnLead as far as they are known by then.
func (s *Service) CustomerFromLead(ctx context.Context, c *Caller, id, template int64) (*crm.CustomerDetail, error) {
	var l *crm.Lead
	err := s.store.View(ctx, c.Org(), func(r *store.Read) (err error) {
		l, err = r.Lead(c.Org(), id)
		return err
	})
	if err != nil {
		return nil, notFound(err)
	}
	if err := mayTurn(c, l); err != nil {
		return nil, err
	}
	usable, _ := c.Directory.UsableTemplates("customer", c.Viewer.Role)
	if template != 0 && !slices.ContainsFunc(usable, func(t *crm.Template) bool { return t.ID == template }) {
		zh, en := crm.FieldLabel("customer", "custom_field_template_id")
		return nil, crm.Invalid(zh+"不存在", en+" does not exist")
	}
	s.concealLead(c, l)
	in, v := fromLead(c, l), c.Viewer
	out := &crm.CustomerDetail{Customer: in.Customer, Own: v.IsOwn(in.OwnerID), Self: v.IsSelf(in.OwnerID),
		Hidden: v.HidesNumbers(in.OwnerID), Editable: true}
	out.TemplateID, out.Approval, out.RevisitAt = template, approvalOf(c, ""), crm.At(s.now())
	v.ConcealAddress("customer", in.OwnerID, &out.Address)
	out.Custom = s.concealValues(c, "customer", in.OwnerID, out.Custom)
	for i := range in.Contacts {
		k := in.Contacts[i].Contact
		v.ConcealAddress("contact", in.OwnerID, &k.Address)
		k.Custom = s.concealValues(c, "contact", in.OwnerID, k.Custom)
		out.Contacts = append(out.Contacts, k)
	}
	return out, nil
}

// mayTurn refuses to make a customer of a lead.
func mayTurn(c *Caller, l *crm.Lead) error {
	a, role := reachLead(c, l), c.Viewer.Role
	switch {
	case a == reachNone:
		return crm.ErrNotFound
	case !role.May(crm.RightTurnLead) || !role.May(crm.RightCreateCustomer) || !a.disposes():
		return crm.ErrForbidden
	case l.Turned():
		return errTurned
	case l.OwnerID == 0:
		return crm.Invalid("公海线索须先领取或转移,才能转为客户", "A lead in a pool must be taken or transferred before it becomes a customer")
	}
	return nil
}

// fromLead is what a lead's customer and contact are filled in with. The lead's
// company is the customer's name, the lead's own name where it has none. What
// matches is carried over: note, department and job, the address with its numbers,
// the option of the same name, and own fields as field.Carry says.
func fromLead(c *Caller, l *crm.Lead) *crm.NewCustomer {
	d := c.Directory
	owner, department := l.OwnerID, l.DepartmentID
	if !d.Users[owner].Active() {
		owner, department = c.Viewer.User.ID, c.Viewer.User.DepartmentID
	}
	address := l.Address
	address.ID, address.CreatedAt, address.UpdatedAt = 0, 0, 0
	carry := func(entity string) crm.Values { return field.Carry(d.Fields["lead"], l.Custom, d.Fields[entity]) }
	return &crm.NewCustomer{
		Customer: crm.Customer{
			OwnerID: owner, DepartmentID: department, Name: cmp.Or(l.CompanyName, l.Name), CompanyName: l.CompanyName,
			Note: l.Note, Status: optionLike(d, l.Status, "status"), Source: optionLike(d, l.Source, "source"), LeadID: l.ID,
			Address: address, Custom: carry("customer"),
		},
		Contacts: []crm.NewContact{{Contact: crm.Contact{
			Name: l.Name, Department: l.Department, Job: l.Job, Note: l.Note, Address: address, Custom: carry("contact"),
		}}},
	}
}

// optionLike is the customers' option that is called like a lead's, 0 where
// there is none. Of several with one label it is the first.
func optionLike(d *crm.Directory, id int64, name string) int64 {
	var found *crm.Option
	for _, o := range d.Options {
		if id != 0 && o.Entity == "customer" && o.Field == name && o.Enabled && o.Label == d.OptionLabel(id) &&
			(found == nil || cmp.Or(cmp.Compare(o.Position, found.Position), cmp.Compare(o.ID, found.ID)) < 0) {
			found = o
		}
	}
	if found == nil {
		return 0
	}
	return found.ID
}

// TurnLead makes a customer of a lead, with its contact, in one transaction. It is
// what CustomerFromLead shows, as patch changes it. The lead stays where it is,
// says what it became, and cannot be changed any more; of many who turn it at the
// same time one does.
//
// ErrNotFound where the caller does not see the lead; ErrForbidden without the
// rights to turn leads and to create customers and contacts; Conflict where
// somebody else was faster; an entity_validation_error for a lead that has become
// a customer already or that lies in a pool; otherwise the refusals of
// CreateCustomer. Nothing is written then.
func (s *Service) TurnLead(ctx context.Context, c *Caller, id int64, patch func(*crm.NewCustomer) error,
	show func(*crm.CustomerDetail) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		l, err := w.Lead(c.Org(), id)
		if err != nil {
			return notFound(err)
		}
		if err := mayTurn(c, l); err != nil {
			return err
		}
		if err := s.unmodified(w, c, "lead", id); err != nil {
			return err
		}
		in := fromLead(c, l)
		if err := patch(in); err != nil {
			return err
		}
		if err := s.turnLead(w, c, l, in); err != nil {
			return err
		}
		out, err := s.customerDetail(&w.Read, c, in.ID, true)
		if err != nil {
			return err
		}
		return show(out)
	})
}

// turnLead writes the customer of a lead, and that the lead has become it.
func (s *Service) turnLead(w *store.Write, c *Caller, l *crm.Lead, in *crm.NewCustomer) error {
	in.LeadID = l.ID
	for i := range in.Contacts {
		unmask(c, l.OwnerID, &in.Contacts[i].Address, &l.Address)
	}
	var ids [3]int64
	for i, of := range []want{{store.Customers, 1}, {store.Contacts, len(in.Contacts)}, {store.Addresses, 1 + len(in.Contacts)}} {
		if of.n == 0 {
			continue
		}
		var err error
		if ids[i], err = w.TakeIDs(of.kind, of.n); err != nil {
			return err
		}
	}
	if err := s.addCustomer(w, c, in, ids[0], ids[1], ids[2]); err != nil {
		return err
	}
	before, now := leadRecord(l), crm.At(s.now())
	l.CustomerID, l.TurnedAt, l.UpdatedAt = in.ID, now, now
	if err := w.SetLead(l); err != nil {
		return err
	}
	return s.note(w, c, "lead", l.ID, "turn_to_customer", before, leadRecord(l))
}

// unmask puts the real numbers back where a caller to whom they are masked has
// sent the masked ones, as they were shown.
func unmask(c *Caller, owner int64, in, real *crm.Address) {
	if !c.Viewer.HidesNumbers(owner) {
		return
	}
	if in.Tel.Value == crm.Mask(real.Tel.Value) {
		in.Tel = real.Tel
	}
	if in.Phone.Value == crm.Mask(real.Phone.Value) {
		in.Phone = real.Phone
	}
}
