package v2

import (
	"strconv"

	"guanxi/internal/api/call"
	"guanxi/internal/crm"
)

// Contact answers GET /api/v2/contacts/:id: the full picture of one contact.
func Contact(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	return showContact(c, id)
}

// pathID reads :id. What is no positive number, as it is usually written, names
// nothing.
func pathID(c *call.Call) (int64, bool) {
	text := c.Request.PathValue("id")
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && id > 0 && text[0] >= '1' && text[0] <= '9'
}

func showContact(c *call.Call, id int64) error {
	show, err := contactShower(c)
	if err != nil {
		return err
	}
	k, err := c.Service.ContactDetail(c.Context(), c.Caller, id)
	if err != nil {
		return err
	}
	return show(k)
}

// contactShower gives what answers with a contact's detail. It is an error when
// the caller's position is none; before a write it is asked for first, so that
// nothing is written then.
func contactShower(c *call.Call) (func(*crm.ContactDetail) error, error) {
	s := shapes(c)
	if err := s.callerPosition(); err != nil {
		return nil, err
	}
	return func(k *crm.ContactDetail) error {
		s.d = c.Caller.Directory
		s.data(func() { s.contactDetail(k) })
		return nil
	}, nil
}

func (s *shape) contactDetail(k *crm.ContactDetail) {
	s.Int("id", k.ID)
	s.String("name", k.Name)
	s.String("department", k.Department)
	s.String("job", k.Job)
	s.option("category", "category_mapped", k.Category)
	s.String("gender", k.Gender)
	s.String("note", k.Note)
	s.String("birth_date", k.BirthDate)
	s.String("gender_i18n", crm.GenderLabel(k.Gender))
	s.minute("created_at", k.CreatedAt)
	s.minute("updated_at", k.UpdatedAt)
	s.rawAttachment("attachment", k.Card)
	s.contactCustomer(k)
	s.user("user", k.Customer.OwnerID)
	s.fullDetailAddress("address", &k.Address)
	s.Bool("is_own", k.Own)
	s.user("creator", k.CreatorID)
	s.String("name_pinyin", k.NamePinyin)
	s.Bool("need_hidden_dispose", k.Hidden)
	s.Bool("is_user_self", k.Self)
	s.Null("ding_ext_contact_id")
	s.attachment("card_attachment", k.Card)
	s.Fixed(`"wx_external_userid":null,"wx_contact_type":null`)
	s.related = k.Related
	s.customValues("contact", k.Custom, k.Files)
}

// contactCustomer is the customer inside a contact's detail.
func (s *shape) contactCustomer(k *crm.ContactDetail) {
	c := &k.Customer
	s.Object("customer")
	s.Int("id", c.ID)
	s.String("name", c.Name)
	s.String("name_pinyin", c.NamePinyin)
	s.id("user_id", c.OwnerID)
	s.String("user_name", s.d.UserName(c.OwnerID))
	s.Array("contacts")
	for i := range k.Siblings {
		s.Object("")
		s.Int("id", k.Siblings[i].ID)
		s.String("name", k.Siblings[i].Name)
		s.shortAddress("address", &k.Siblings[i].Address)
		s.End()
	}
	s.EndArray()
	s.String("company_name", c.CompanyName)
	s.shortAddress("address", &c.Address)
	s.iso("revisit_at", c.RevisitAt)
	s.Bool("is_own", k.Own)
	s.option("status", "status_mapped", c.Status)
	s.option("category", "category_mapped", c.Category)
	s.String("qixinbao_id", "")
	s.minute("created_at", c.CreatedAt)
	s.minute("updated_at", c.UpdatedAt)
	s.user("creator", c.CreatorID)
	s.Bool("is_user_self", k.Self)
	s.approval(c.Approval)
	s.End()
}
