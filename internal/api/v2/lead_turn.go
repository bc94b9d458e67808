package v2

import (
	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
)

// NewFromLead answers GET /api/v2/customers/new_from_lead: the customer that a
// lead would become.
func NewFromLead(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	id, err := oneID(p, "customer", "lead_id")
	if err != nil {
		return err
	}
	var template int64
	if p.Given("custom_field_template_id") {
		if template, err = oneID(p, "customer", "custom_field_template_id"); err != nil {
			return err
		}
	}
	k, err := c.Service.CustomerFromLead(c.Context(), c.Caller, id, template)
	if err != nil {
		return err
	}
	return showCustomer(c)(k)
}

// TurnLead answers POST /api/v2/leads/:id/turn_to_customer with the customer's
// detail. What customer says goes before what the lead gives.
func TurnLead(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	p, err := c.Params()
	if err != nil {
		return err
	}
	in := &reader{d: c.Caller.Directory, entity: "customer"}
	if p.Given("customer") {
		if in, err = entity(c, p, "customer"); err != nil {
			return err
		}
	}
	return turnLead(c, id, in)
}

// referredLead reads which lead a new customer is made of; 0 for none.
func referredLead(p *param.Params) (int64, error) {
	if n, _, err := p.Int64("refer_lead_id"); err == nil && n == 0 {
		return 0, nil
	}
	return oneID(p, "customer", "refer_lead_id")
}

func turnLead(c *call.Call, id int64, in *reader) error {
	return c.Service.TurnLead(c.Context(), c.Caller, id, in.overLead(c), showCustomer(c))
}

// overLead gives what puts the values that were sent over those of the lead.
func (r *reader) overLead(c *call.Call) func(*crm.NewCustomer) error {
	return func(in *crm.NewCustomer) error {
		r := r.fresh(c)
		draft := crm.CustomerDraft{Customer: in.Customer, Labels: in.Labels}
		draft.ID = 1 // read as of a customer that is there: what is not sent stays
		_ = r.customer(&draft)
		draft.ID = 0
		in.Customer, in.Labels = draft.Customer, draft.Labels
		if v := r.v.Get("contacts_attributes"); v.Present() && v.Kind() != param.KindNull {
			in.Contacts = nil
			r.contacts(&in.Contacts)
		}
		return r.err
	}
}
