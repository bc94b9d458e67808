package v2

import (
	"strconv"

	"guanxi/internal/api/call"
	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/service"
)

// leadDetail is the lead's detail, in the order of the origin's samples: the
// values of custom fields stand in the middle, their displays behind them. In a
// pool a lead shows neither owner nor address.
func (s *shape) leadDetail(k *crm.LeadDetail) {
	l := &k.Lead
	s.Int("id", l.ID)
	s.String("name", l.Name)
	s.String("company_name", l.CompanyName)
	s.optionID("status", l.Status)
	s.option("source", "source_mapped", l.Source)
	s.String("department", l.Department)
	s.String("job", l.Job)
	s.String("note", l.Note)
	s.minute("created_at", l.CreatedAt)
	s.String("status_mapped", s.d.OptionLabel(l.Status))
	s.minute("updated_at", l.UpdatedAt)
	s.Bool("is_own", k.Own)
	s.String("status_display", s.d.OptionLabel(l.Status))
	s.rawAttachment("attachment", k.Card)
	s.Bool("turned_to_customer", l.Turned())
	s.minute("revisit_remind_at", l.RevisitRemindAt)
	s.Int("turned_customer_id", l.CustomerID)
	s.String("turned_to_customer_name", k.CustomerName)
	s.String("qixinbao_id", "")
	s.user("creator", l.CreatorID)
	s.Bool("is_editable", k.Editable)
	s.Bool("is_user_self", k.Self)
	s.attachment("card_attachment", k.Card)
	s.id("lead_common_setting_id", l.PoolID)
	s.id("before_lead_common_setting_id", l.BeforePoolID)
	s.minute("flow_into_at", l.FlowIntoAt)
	s.leadValues(k)
	s.userOrNull("user", l.OwnerID)
	if l.OwnerID == 0 {
		s.Null("address")
	} else {
		s.fullDetailAddress("address", &l.Address)
	}
	s.departmentOrNull("owned_department", l.DepartmentID)
	s.userOrNull("before_user", l.BeforeUserID)
	s.departmentOrNull("before_owned_department", l.BeforeDepartmentID)
}

// leadValues are the custom fields of a lead: first all values, then what may be
// shown of numbers, then, behind need_hidden_dispose, the displays.
func (s *shape) leadValues(k *crm.LeadDetail) {
	values := field.Decode(k.Custom)
	s.related = k.Related
	each := func(fn func(f *crm.CustomField, kind *field.Kind)) {
		for _, f := range s.d.OwnFields("lead", 0) {
			if kind := field.Find(f.Kind); f.Enabled && kind != nil && !kind.NoValue {
				fn(f, kind)
			}
		}
	}
	each(func(f *crm.CustomField, kind *field.Kind) {
		s.fieldValue(f, kind, values, k.Files)
		if field.TakesOther(f) {
			s.String(f.Name+"_other", field.Other(f, values))
		}
	})
	each(func(f *crm.CustomField, kind *field.Kind) {
		if kind.Phone {
			s.numberShown(f, values)
		}
	})
	s.Bool("need_hidden_dispose", k.Hidden)
	each(func(f *crm.CustomField, kind *field.Kind) {
		if kind.Displayed() {
			s.display(f, kind, values)
		}
	})
}

// optionID is a select of the system without its label.
func (s *shape) optionID(k string, id int64) {
	s.Quote(k)
	if id != 0 {
		s.B = strconv.AppendInt(s.B, id, 10)
	}
	s.Unquote()
}

// userOrNull is user, but null where there is none.
func (s *shape) userOrNull(k string, id int64) {
	if s.d.Users[id] == nil {
		s.Null(k)
	} else {
		s.user(k, id)
	}
}

// departmentOrNull is department, but null where there is none.
func (s *shape) departmentOrNull(k string, id int64) {
	if s.d.Departments[id] == nil {
		s.Null(k)
	} else {
		s.department(k, id)
	}
}

// several is what became of several records, as our own calls about many answer.
func (s *shape) several(out *service.Several) {
	s.Int("success_count", int64(len(out.Done)))
	s.Array("ids")
	for _, id := range out.Done {
		s.Int("", id)
	}
	s.EndArray()
	s.Array("failures")
	for _, f := range out.Failures {
		s.Object("")
		s.Int("id", f.ID)
		s.Int("code", int64(f.Error.Code))
		s.String("message", f.Error.In(call.Language(s.Request.Header)))
		s.String("error", f.Error.Kind)
		s.End()
	}
	s.EndArray()
}

// noMoney are the sums of a customer without contracts: whole zeros, and in the
// customer that a lead would become zeros with a fraction.
func (s *shape) noMoney(c *crm.Customer) {
	for _, k := range []string{"history_contarct_money", "total_have_receive_pay", "total_not_receive_pay"} {
		if c.ID == 0 {
			s.Float(k, 0)
		} else {
			s.Int(k, 0)
		}
	}
}

// leadPerson is the contact that a lead would become, in the prefilled customer.
func (s *shape) leadPerson(lead int64, k *crm.Contact) {
	s.Object("")
	s.Int("refer_lead_id", lead)
	s.Int("id", 0)
	s.String("name", k.Name)
	s.String("department", k.Department)
	s.String("job", k.Job)
	s.String("note", k.Note)
	s.Null("wx_external_userid")
	s.Null("wx_contact_type")
	s.fullDetailAddress("address", &k.Address)
	s.customValues("contact", k.Custom, nil)
	s.End()
}
