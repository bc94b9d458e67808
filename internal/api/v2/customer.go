package v2

import (
	"strconv"

	"guanxi/internal/api/call"
	"guanxi/internal/crm"
)

// Customer answers GET /api/v2/customers/:id: the full picture of one customer.
func Customer(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	k, err := c.Service.CustomerDetail(c.Context(), c.Caller, id)
	if err != nil {
		return err
	}
	return showCustomer(c)(k)
}

// showCustomer gives what answers with a customer's detail.
func showCustomer(c *call.Call) func(*crm.CustomerDetail) error {
	return func(k *crm.CustomerDetail) error {
		s := shapes(c)
		s.data(func() { s.customerDetail(k) })
		return nil
	}
}

// customerDetail is the customer's detail. The origin's page is known up to
// approve_status; what follows is our order of what its clients read.
func (s *shape) customerDetail(k *crm.CustomerDetail) {
	c := &k.Customer
	s.Int("id", c.ID)
	s.String("name", c.Name)
	s.option("status", "status_mapped", c.Status)
	s.String("note", c.Note)
	s.option("category", "category_mapped", c.Category)
	s.labels(k.Labels)
	s.option("source", "source_mapped", c.Source)
	s.option("industry", "industry_mapped", c.Industry)
	s.Object("parent")
	if c.ParentID != 0 {
		s.Int("id", c.ParentID)
		s.String("name", k.ParentName)
	}
	s.End()
	s.Int("staff_size", c.StaffSize)
	s.String("staff_size_display", s.d.OptionLabel(c.StaffSize))
	s.String("staff_size_mapped", s.d.OptionLabel(c.StaffSize))
	s.minute("created_at", c.CreatedAt)
	s.minute("updated_at", c.UpdatedAt)
	s.Bool("is_own", k.Own)
	s.attachments(k.Attachments)
	s.String("company_name", c.CompanyName)
	s.Bool("is_has_policy_for_assist_user", k.MayAssist)
	s.String("qixinbao_id", "")
	s.Bool("is_my_assist_entity", k.Assisting)
	s.Null("cio_pid")
	s.Bool("is_subscribed", false)
	s.user("creator", c.CreatorID)
	s.user("before_user", c.BeforeUserID)
	s.department("before_owned_department", c.BeforeDepartmentID)
	s.idleDays("not_revisit_at_time_str", c)
	s.noMoney(c)
	s.Bool("is_editable", k.Editable)
	s.minute("flow_into_at", c.FlowIntoAt)
	s.Array("contacts")
	for i := range k.Contacts {
		t := &k.Contacts[i]
		if c.ID == 0 {
			s.leadPerson(c.LeadID, t)
			continue
		}
		s.Object("")
		s.Int("id", t.ID)
		s.String("name", t.Name)
		s.Null("wx_external_userid")
		s.Null("wx_contact_type")
		s.Object("address")
		s.Int("id", t.Address.ID)
		s.numbers(&t.Address)
		s.End()
		s.End()
	}
	s.EndArray()
	fall := crm.FallAt(s.d, c.Holding(s.d))
	s.minute("expect_flow_at", fall.At)
	s.minute("will_flow_time", fall.At)
	s.Bool("need_hidden_dispose", k.Hidden)
	s.minute("revisit_remind_at", c.RevisitRemindAt)
	s.id("customer_common_setting_id", c.PoolID)
	s.pool("before_customer_common_setting", c.BeforePoolID)
	s.Bool("is_user_self", k.Self)
	s.Bool("step_can_approve", false)
	s.Int("step", 0)
	s.Array("notify_users")
	s.EndArray()
	s.Bool("can_revert_applying", false)
	s.Int("need_approve_step", 1)
	s.approval(c.Approval)
	s.id("custom_field_template_id", c.TemplateID)
	s.String("name_pinyin", c.NamePinyin)
	s.user("user", c.OwnerID)
	s.department("owned_department", c.DepartmentID)
	s.fullDetailAddress("address", &c.Address)
	s.related = k.Related
	s.formValues("customer", c.TemplateID, c.Custom, k.Files)
}

// pool is a pool inside another answer; {} where there is none.
func (s *shape) pool(k string, id int64) {
	s.Object(k)
	if p := s.d.Pools[id]; p != nil {
		s.Int("id", p.ID)
		s.String("name", p.Name)
	}
	s.End()
}

func (s *shape) department(k string, id int64) {
	s.Object(k)
	if d := s.d.Departments[id]; d != nil {
		s.Int("id", d.ID)
		s.String("name", d.Name)
	}
	s.End()
}

// idleDays is how many full days nobody has followed up, "20天未跟进"; from the
// creation where nobody ever has.
func (s *shape) idleDays(k string, c *crm.Customer) {
	since := c.RevisitAt
	if since == 0 {
		since = c.CreatedAt
	}
	days := max(0, int64(crm.At(s.Now)-since)/86_400_000)
	s.String(k, strconv.FormatInt(days, 10)+"天未跟进")
}
