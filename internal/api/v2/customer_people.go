package v2

import (
	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
)

// CustomerContacts answers GET /api/v2/customers/:id/contacts.
func CustomerContacts(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	p, err := c.Params()
	if err != nil {
		return err
	}
	found, err := c.Service.CustomerContacts(c.Context(), c.Caller, id)
	if err != nil {
		return err
	}
	return pageOfContacts(c, p, found)
}

// pageOfContacts answers with a page of the contacts of a customer.
func pageOfContacts(c *call.Call, p *param.Params, found []crm.ContactItem) error {
	s := shapes(c)
	if err := s.callerPosition(); err != nil {
		return err
	}
	first, last, page, err := pageOf(p, len(found))
	if err != nil {
		return err
	}
	s.page("contacts", page, last-first, func(i int) { s.contactOfCustomer(&found[first+i]) })
	return nil
}

// contactOfCustomer is a contact in the list of a customer's, key for key the
// origin's.
func (s *shape) contactOfCustomer(k *crm.ContactItem) {
	s.Object("")
	s.Int("id", k.ID)
	s.String("name", k.Name)
	s.String("name_pinyin", k.NamePinyin)
	s.id("user_id", k.CustomerOf.OwnerID)
	s.String("user_name", s.d.UserName(k.CustomerOf.OwnerID))
	s.String("department", k.Department)
	s.option("category", "category_mapped", k.Category)
	s.String("gender", k.Gender)
	s.Int("customer_id", k.CustomerID)
	s.String("customer_name", k.CustomerOf.Name)
	s.String("birth_date", k.BirthDate)
	s.String("gender_i18n", crm.GenderLabel(k.Gender))
	s.String("job", k.Job)
	s.closeAddress("address", &k.Address)
	s.Bool("is_own", k.Own)
	s.Bool("have_image", k.CardID != 0)
	s.Bool("need_hidden_dispose", k.Hidden)
	s.Bool("is_user_self", k.Self)
	s.End()
}

// TransferCustomer answers PUT /api/v2/customers/:id/transfer with the
// customer's detail.
func TransferCustomer(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	p, err := c.Params()
	if err != nil {
		return err
	}
	user, err := receiver(p)
	if err != nil {
		return err
	}
	return c.Service.TransferCustomer(c.Context(), c.Caller, id, user, showCustomer(c))
}

// receiver reads who gets customers. What is to go with them besides is read
// too: there is nothing yet that could.
func receiver(p *param.Params) (int64, error) {
	for _, name := range []string{"transfer_contracts", "transfer_opportunities", "nowin_opportunities"} {
		if _, _, err := p.Bool(name); err != nil {
			return 0, call.BadField("customer", err)
		}
	}
	return oneID(p, "customer", "user_id")
}

// TransferCustomers answers PUT /api/v2/customers/transfer.
func TransferCustomers(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	of, err := some(p, "customer", "ids")
	if err != nil {
		return err
	}
	user, err := receiver(p)
	if err != nil {
		return err
	}
	return c.Service.TransferCustomers(c.Context(), c.Caller, of, user, showSeveral(c))
}

// CustomerAssistants answers GET /api/v2/customers/:id/assist_users.
func CustomerAssistants(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	users, err := c.Service.CustomerAssistants(c.Context(), c.Caller, id)
	if err != nil {
		return err
	}
	return showAssistants(c)(users)
}

// showAssistants answers with a page of collaborators.
func showAssistants(c *call.Call) func(users []int64) error {
	return func(users []int64) error {
		p, err := c.Params()
		if err != nil {
			return err
		}
		s := shapes(c)
		first, last, page, err := pageOf(p, len(users))
		if err != nil {
			return err
		}
		s.page("assist_users", page, last-first, func(i int) { s.user("", users[first+i]) })
		return nil
	}
}

// UpdateCustomerAssistants answers PUT /api/v2/customers/:id/update_assist_user
// with the collaborators as they are then.
func UpdateCustomerAssistants(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	_, in, err := body(c, "customer")
	if err != nil {
		return err
	}
	if !in.v.Has("assist_user_ids") {
		return crm.Required(call.Named("customer", "assist_user_ids"))
	}
	users, err := ids(in.v.Get("assist_user_ids"), "customer", "assist_user_ids")
	if err != nil {
		return err
	}
	return c.Service.SetCustomerAssistants(c.Context(), c.Caller, id, users, showAssistants(c))
}

// AddCustomerAssistants answers POST /api/v2/customers/add_assist_users.
func AddCustomerAssistants(c *call.Call) error {
	of, users, err := customersAndUsers(c)
	if err != nil {
		return err
	}
	return c.Service.AddCustomerAssistants(c.Context(), c.Caller, of, users, showSeveral(c))
}

// RemoveCustomerAssistants answers POST /api/v2/customers/remove_assist_users.
func RemoveCustomerAssistants(c *call.Call) error {
	of, users, err := customersAndUsers(c)
	if err != nil {
		return err
	}
	return c.Service.RemoveCustomerAssistants(c.Context(), c.Caller, of, users, showSeveral(c))
}

func customersAndUsers(c *call.Call) (of, users []int64, err error) {
	p, err := c.Params()
	if err != nil {
		return nil, nil, err
	}
	if of, err = some(p, "customer", "ids"); err != nil {
		return nil, nil, err
	}
	users, err = some(p, "customer", "assist_user_ids")
	return of, users, err
}

// CustomerWithoutID answers DELETE and PUT /api/v2/customers: programs leave the
// id out by mistake, and mean one customer, never all.
func CustomerWithoutID(*call.Call) error {
	return crm.BadParam("缺少客户编号(id)", "The id of the customer is missing")
}
