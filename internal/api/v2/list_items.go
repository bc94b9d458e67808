package v2

import (
	"cmp"
	"encoding/json"

	"guanxi/internal/crm"
	"guanxi/internal/field"
)

// customerItem is a customer in the list: the origin's keys in its order as far
// as that is known (phones_data), then ours.
func (s *shape) customerItem(k *crm.CustomerItem) {
	c := &k.Customer
	s.Object("")
	s.Int("id", c.ID)
	s.id("user_id", c.OwnerID)
	s.String("user_name", s.d.UserName(c.OwnerID))
	s.Null("user_third_userid")
	s.String("name", c.Name)
	s.option("status", "status_mapped", c.Status)
	s.option("category", "category_mapped", c.Category)
	s.Bool("need_hidden_dispose", k.Hidden)
	s.minute("updated_at", c.UpdatedAt)
	s.minute("created_at", c.CreatedAt)
	s.Null("last_revist_log_content")
	s.String("last_called_at", "")
	s.minute("revisit_remind_at", c.RevisitRemindAt)
	s.minute("will_flow_time", crm.FallAt(s.d, c.Holding(s.d)).At)
	s.approval(c.Approval)
	s.id("custom_field_template_id", c.TemplateID)
	s.String("custom_field_template_i18n", s.templateName(c.TemplateID))
	s.phones(k)
	s.minute("real_revisit_at", cmp.Or(c.RevisitAt, c.CreatedAt)) // clients take no empty one
	s.option("source", "source_mapped", c.Source)
	s.option("industry", "industry_mapped", c.Industry)
	s.Int("staff_size", c.StaffSize)
	s.String("staff_size_mapped", s.d.OptionLabel(c.StaffSize))
	s.String("company_name", c.CompanyName)
	s.String("note", c.Note)
	s.id("parent_id", c.ParentID)
	s.id("department_id", c.DepartmentID)
	s.String("department_name", s.d.DepartmentName(c.DepartmentID))
	s.id("customer_common_setting_id", c.PoolID)
	s.minute("flow_into_at", c.FlowIntoAt)
	s.Bool("is_user_self", k.Self)
	s.labels(k.Labels)
	s.listAddress("address", &c.Address, "Customer", c.ID)
	s.related = k.Related
	s.formValues("customer", c.TemplateID, c.Custom, nil)
	s.End()
}

func (s *shape) templateName(id int64) string {
	if t := s.d.Templates[id]; t != nil {
		return t.Name
	}
	return ""
}

// phones are the numbers of a customer that can be called, one for each field
// that holds one.
func (s *shape) phones(k *crm.CustomerItem) {
	s.Array("phones_data")
	s.phone(k, "电话", "address.tel", k.Address.Tel.Value)
	s.phone(k, "手机", "address.phone", k.Address.Phone.Value)
	var values map[string]json.RawMessage
	for _, f := range s.d.Fields["customer"] {
		if kind := field.Find(f.Kind); !f.Enabled || kind == nil || !kind.Phone {
			continue
		}
		if values == nil {
			values = field.Decode(k.Custom)
		}
		var number string
		_ = json.Unmarshal(values[f.Name], &number)
		s.phone(k, f.Label, f.Name, number)
	}
	s.EndArray()
}

func (s *shape) phone(k *crm.CustomerItem, label, name, number string) {
	if number == "" {
		return
	}
	s.Object("")
	s.String("label", label)
	s.String("call_field_name", name)
	s.String("custom_field_name", name)
	s.String("phone", number)
	s.String("phone_hidden_result", number)
	s.Bool("is_invisible", false)
	s.Bool("is_enable", true)
	s.String("entity_class", "Customer")
	s.Int("entity_id", k.ID)
	s.End()
}

// contactItem is a contact in the list: the origin's keys in its order as far
// as that is known (is_user_self), then ours.
func (s *shape) contactItem(k *crm.ContactItem, allNumbers bool) {
	s.Object("")
	s.Int("id", k.ID)
	s.String("name", k.Name)
	s.String("name_pinyin", k.NamePinyin)
	s.String("job", k.Job)
	s.Int("customer_id", k.CustomerID)
	s.String("customer_name", k.CustomerOf.Name)
	s.Bool("have_image", k.CardID != 0)
	s.rawAddress("address", &k.Address, "Contact", k.ID)
	s.Bool("need_hidden_dispose", k.Hidden)
	s.minute("updated_at", k.UpdatedAt)
	s.Bool("is_user_self", k.Self)
	s.minute("created_at", k.CreatedAt)
	s.String("department", k.Department)
	s.option("category", "category_mapped", k.Category)
	s.String("gender", k.Gender)
	s.String("gender_i18n", crm.GenderLabel(k.Gender))
	s.String("birth_date", k.BirthDate)
	s.String("note", k.Note)
	s.id("user_id", k.CustomerOf.OwnerID)
	s.String("user_name", s.d.UserName(k.CustomerOf.OwnerID))
	s.Bool("is_own", k.Own)
	if allNumbers {
		s.Array("phone_numbers")
		for _, number := range []string{k.Address.Tel.Value, k.Address.Phone.Value} {
			if number != "" {
				s.String("", number)
			}
		}
		s.EndArray()
	}
	s.related = k.Related
	s.customValues("contact", k.Custom, nil)
	s.End()
}

// leadListItem is a lead in the list: the keys that clients read, then ours.
func (s *shape) leadListItem(k *crm.LeadItem) {
	l := &k.Lead
	s.Object("")
	s.Int("id", l.ID)
	s.String("name", l.Name)
	s.String("company_name", l.CompanyName)
	s.option("status", "status_mapped", l.Status)
	s.Bool("turned_to_customer", l.Turned())
	s.rawAddress("address", &l.Address, "Lead", l.ID)
	s.Bool("need_hidden_dispose", k.Hidden)
	s.Bool("is_user_self", k.Self)
	s.minute("updated_at", l.UpdatedAt)
	s.minute("created_at", l.CreatedAt)
	s.id("user_id", l.OwnerID)
	s.String("user_name", s.d.UserName(l.OwnerID))
	s.option("source", "source_mapped", l.Source)
	s.String("department", l.Department)
	s.String("job", l.Job)
	s.String("note", l.Note)
	s.minute("real_revisit_at", cmp.Or(l.RevisitAt, l.CreatedAt))
	s.minute("revisit_remind_at", l.RevisitRemindAt)
	s.id("department_id", l.DepartmentID)
	s.String("department_name", s.d.DepartmentName(l.DepartmentID))
	s.id("lead_common_setting_id", l.PoolID)
	s.minute("flow_into_at", l.FlowIntoAt)
	s.id("turned_customer_id", l.CustomerID)
	s.Bool("is_own", k.Own)
	s.related = k.Related
	s.customValues("lead", l.Custom, nil)
	s.End()
}
