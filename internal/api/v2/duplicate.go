package v2

import (
	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
)

// MatchingName answers GET /api/v2/duplicates/matching_name: which customers
// of the whole organization have exactly this name.
func MatchingName(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	if k := p.Get("name").Kind(); k == param.KindList || k == param.KindObject || k == param.KindFile {
		return wrongType("customer", "name", mustBeText)
	}
	found, err := c.Service.MatchingName(c.Context(), c.Caller, p.String("name"))
	if err != nil {
		return err
	}
	s := shapes(c)
	s.Object("")
	s.Int("code", 0)
	s.Object("data")
	s.Array("customers")
	for i := range found {
		s.match(&found[i])
	}
	s.EndArray()
	s.End()
	s.End()
	return nil
}

func (s *shape) match(m *crm.Match) {
	s.Object("")
	s.Int("id", m.ID)
	s.id("user_id", m.OwnerID)
	s.String("user_name", s.d.UserName(m.OwnerID))
	s.String("name", m.Name)
	s.option("status", "status_mapped", m.Status)
	s.option("category", "category_mapped", m.Category)
	s.Bool("need_hidden_dispose", m.Hidden)
	s.minute("updated_at", m.UpdatedAt)
	s.minute("created_at", m.CreatedAt)
	s.approval(m.Approval)
	s.id("custom_field_template_id", m.TemplateID)
	s.Fixed(`"wx_external_userid":null,"wx_contact_type":null`)
	s.Bool("is_user_self", m.Self)
	s.labels(m.Labels)
	s.rawAddress("address", &m.Address, "Customer", m.ID)
	s.Array("contacts")
	for i := range m.Contacts {
		k := &m.Contacts[i]
		s.Object("")
		s.Int("id", k.ID)
		s.String("name", k.Name)
		s.rawAddress("address", &k.Address, "", k.ID)
		s.Bool("need_hidden_dispose", m.Hidden)
		s.Bool("is_user_self", m.Self)
		s.End()
	}
	s.EndArray()
	s.End()
}
