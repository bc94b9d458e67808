package v2

import (
	"strconv"

	"guanxi/internal/api/call"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// PooledCustomer answers GET /api/v2/common_customers/:id: the full picture of a
// customer that lies in a pool.
func PooledCustomer(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	k, err := c.Service.PooledCustomer(c.Context(), c.Caller, id)
	if err != nil {
		return err
	}
	return showCustomer(c)(k)
}

// PooledContacts answers GET /api/v2/common_customers/:id/contacts.
func PooledContacts(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	p, err := c.Params()
	if err != nil {
		return err
	}
	found, err := c.Service.PooledContacts(c.Context(), c.Caller, id)
	if err != nil {
		return err
	}
	return pageOfContacts(c, p, found)
}

// CreatePooled answers POST /api/v2/common_customers with the new customer's
// detail.
func CreatePooled(c *call.Call) error {
	p, in, err := body(c, "customer")
	if err != nil {
		return err
	}
	pool, err := oneID(p, "pool", "common_id")
	if err != nil {
		return err
	}
	customer, err := in.newCustomer()
	if err != nil {
		return err
	}
	customer.PoolID = pool
	return c.Service.CreatePooled(c.Context(), c.Caller, customer, showCustomer(c))
}

// UpdatePooled answers PUT /api/v2/common_customers/:id with the customer's detail
// as it is then. What is not sent stays.
func UpdatePooled(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	_, in, err := body(c, "customer")
	if err != nil {
		return err
	}
	return c.Service.UpdatePooled(c.Context(), c.Caller, id, func(draft *crm.CustomerDraft) error {
		return in.fresh(c).customer(draft)
	}, showCustomer(c))
}

// DeletePooled answers DELETE /api/v2/common_customers/:id with the customer as it
// was.
func DeletePooled(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	return c.Service.DeletePooled(c.Context(), c.Caller, id, showCustomer(c))
}

// TakeCustomer answers POST /api/v2/customers/:id/take with the customer's detail,
// and with its name as message, as the origin does for leads.
func TakeCustomer(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	return c.Service.TakeCustomer(c.Context(), c.Caller, id, func(k *crm.CustomerDetail) error {
		s := shapes(c)
		s.Object("")
		s.Int("code", 0)
		s.Object("data")
		s.customerDetail(k)
		s.End()
		s.String("message", k.Name)
		s.End()
		return nil
	})
}

// TakeCustomers answers POST /api/v2/common_customers/take with what was taken
// and what was not.
func TakeCustomers(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	ids, err := some(p, "customer", "ids")
	if err != nil {
		return err
	}
	return c.Service.TakeCustomers(c.Context(), c.Caller, ids, showSeveral(c))
}

// PoolCustomer answers PUT /api/v2/customers/:id/turn_common with the customer's
// detail as it lies in the pool.
func PoolCustomer(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	p, err := c.Params()
	if err != nil {
		return err
	}
	pool, err := oneID(p, "pool", "common_id")
	if err != nil {
		return err
	}
	return c.Service.PoolCustomer(c.Context(), c.Caller, id, pool, showCustomer(c))
}

// PoolSeveral answers PUT /api/v2/customers/turn_common with what was moved and
// what was not.
func PoolSeveral(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	ids, err := some(p, "customer", "ids")
	if err != nil {
		return err
	}
	pool, err := oneID(p, "pool", "common_id")
	if err != nil {
		return err
	}
	return c.Service.PoolCustomers(c.Context(), c.Caller, ids, pool, showSeveral(c))
}

func showSeveral(c *call.Call) func(*service.Several) error {
	return func(out *service.Several) error {
		s := shapes(c)
		s.data(func() { s.several(out) })
		return nil
	}
}

// TransferPooled answers PUT /api/v2/common_customers/:id/transfer with the
// customer's row.
func TransferPooled(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	p, err := c.Params()
	if err != nil {
		return err
	}
	user, err := oneID(p, "pool", "user_id")
	if err != nil {
		return err
	}
	return c.Service.TransferPooled(c.Context(), c.Caller, id, user, func(k *crm.CustomerRow) error {
		s := shapes(c)
		s.data(func() { s.rawCustomer(k) })
		return nil
	})
}

// rawCustomer is a customer as the origin's row. Times are null where they are
// not set; revisit_at is the last follow-up or when the owner got it, whatever was
// later, real_revisit_at the follow-up alone. Where the samples do not say, null is
// our choice.
func (s *shape) rawCustomer(k *crm.CustomerRow) {
	c := &k.Customer
	s.Int("id", c.ID)
	s.String("name", c.Name)
	s.optionID("category", c.Category)
	s.optionID("source", c.Source)
	s.optionID("industry", c.Industry)
	s.optionID("staff_size", c.StaffSize)
	s.String("note", c.Note)
	s.minute("created_at", c.CreatedAt)
	s.iso("updated_at", c.UpdatedAt)
	s.Int("organization_id", s.d.Organization.ID)
	s.id("user_id", c.OwnerID)
	s.id("parent_id", c.ParentID)
	s.Quote("path")
	s.B = append(s.B, '0')
	for i := len(k.Parents) - 1; i >= 0; i-- {
		s.B = strconv.AppendInt(append(s.B, '/'), k.Parents[i], 10)
	}
	s.B = strconv.AppendInt(append(s.B, '/'), c.ID, 10)
	s.Unquote()
	s.optionID("status", c.Status)
	s.id("department_id", c.DepartmentID)
	s.String("name_pinyin", c.NamePinyin)
	s.isoOrNull("revisit_at", max(c.RevisitAt, c.OwnedAt))
	s.isoOrNull("real_revisit_at", c.RevisitAt)
	s.isoOrNull("revisit_remind_at", c.RevisitRemindAt)
	s.String("company_name", c.CompanyName)
	s.Fixed(`"qixinbao_id":null,"cio_pid":null`)
	s.id("creator_id", c.CreatorID)
	s.id("before_user_id", c.BeforeUserID)
	s.id("before_department_id", c.BeforeDepartmentID)
	s.isoOrNull("flow_into_at", c.FlowIntoAt)
	s.isoOrNull("status_updated_at", c.StatusAt)
	s.id("customer_common_setting_id", c.PoolID)
	s.id("before_customer_common_setting_id", c.BeforePoolID)
	s.String("approve_status", string(c.Approval))
	s.Fixed(`"approve_deny_type":0,"step":0`)
	s.isoOrNull("submit_applying_at", c.SubmittedAt)
	s.isoOrNull("finish_approve_at", c.DecidedAt)
	s.Null("pending_step")
	s.id("custom_field_template_id", c.TemplateID)
	s.String("channel", "")
	s.String("status_mapped", s.d.OptionLabel(c.Status))
}

// isoOrNull is iso, but null where it is not set.
func (s *shape) isoOrNull(k string, t crm.Time) {
	if t == 0 {
		s.Null(k)
	} else {
		s.iso(k, t)
	}
}

// PoolMembers answers GET /api/v2/common_customers/:id/members, where the id is a
// pool's.
func PoolMembers(c *call.Call) error { return poolMembers(c, c.Service.CustomerPoolMembers) }
