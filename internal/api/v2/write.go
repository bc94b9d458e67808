package v2

import (
	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
)

// CreateCustomer answers POST /api/v2/customers with the new customer's
// detail.
func CreateCustomer(c *call.Call) error {
	p, in, err := body(c, "customer")
	if err != nil {
		return err
	}
	lead, err := referredLead(p)
	switch {
	case err != nil:
		return err
	case lead != 0:
		return turnLead(c, lead, in)
	}
	customer, err := in.newCustomer()
	if err != nil {
		return err
	}
	return c.Service.CreateCustomer(c.Context(), c.Caller, customer, showCustomer(c))
}

// newCustomer reads a customer that is to be made, with its contacts.
func (r *reader) newCustomer() (*crm.NewCustomer, error) {
	var draft crm.CustomerDraft
	_ = r.customer(&draft)
	in := &crm.NewCustomer{Customer: draft.Customer, Labels: draft.Labels}
	r.contacts(&in.Contacts)
	return in, r.err
}

// UpdateCustomer answers PUT /api/v2/customers/:id with the customer's detail as
// it is then. What is not sent stays.
func UpdateCustomer(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	_, in, err := body(c, "customer")
	if err != nil {
		return err
	}
	return c.Service.UpdateCustomer(c.Context(), c.Caller, id, func(draft *crm.CustomerDraft) error {
		return in.fresh(c).customer(draft)
	}, showCustomer(c))
}

// fresh is the same reader for another try of the transaction, with what the
// directory holds now.
func (r *reader) fresh(c *call.Call) *reader {
	return &reader{v: r.v, d: c.Caller.Directory, entity: r.entity}
}

// DeleteCustomer answers DELETE /api/v2/customers/:id with the customer as it
// was.
func DeleteCustomer(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	return c.Service.DeleteCustomer(c.Context(), c.Caller, id, showCustomer(c))
}

// CreateContact answers POST /api/v2/contacts with the new contact's detail.
func CreateContact(c *call.Call) error {
	_, in, err := body(c, "contact")
	if err != nil {
		return err
	}
	var contact crm.NewContact
	if err := in.contact(&contact.Contact); err != nil {
		return err
	}
	show, err := contactShower(c)
	if err != nil {
		return err
	}
	return c.Service.CreateContact(c.Context(), c.Caller, &contact, show)
}

// UpdateContact answers PUT /api/v2/contacts/:id with the contact's detail as it
// is then. What is not sent stays.
func UpdateContact(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	_, in, err := body(c, "contact")
	if err != nil {
		return err
	}
	show, err := contactShower(c)
	if err != nil {
		return err
	}
	return c.Service.UpdateContact(c.Context(), c.Caller, id, func(draft *crm.Contact) error {
		return in.fresh(c).contact(draft)
	}, show)
}

// DeleteContact answers DELETE /api/v2/contacts/:id with the contact as it was.
func DeleteContact(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	show, err := contactShower(c)
	if err != nil {
		return err
	}
	return c.Service.DeleteContact(c.Context(), c.Caller, id, show)
}

// data writes the envelope of a single answer around what fn writes.
func (s *shape) data(fn func()) {
	s.Object("")
	s.Int("code", 0)
	s.Object("data")
	fn()
	s.End()
	s.End()
}

// oneID reads a parameter that must name something. ErrNotFound would say too
// little: the caller forgot it.
func oneID(p *param.Params, entity, name string) (int64, error) { return idOf(p.Root(), entity, name) }

// idOf is oneID for a parameter inside an object.
func idOf(v param.Value, entity, name string) (int64, error) {
	n, given, err := v.Int64(name)
	switch {
	case err != nil:
		return 0, call.BadField(entity, err)
	case !given:
		return 0, crm.Required(call.Named(entity, name))
	case n <= 0:
		return 0, wrongType(entity, name, mustBePositive)
	}
	return n, nil
}
