package v2

import (
	"strconv"
	"strings"

	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
	"guanxi/internal/field"
)

// CreateCustomer answers POST /api/v2/customers with the new customer's
// detail.
func CreateCustomer(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	if p.Given("refer_lead_id") {
		return crm.BadParam("线索转客户暂不支持")
	}
	in, err := entity(c, p, "customer")
	if err != nil {
		return err
	}
	customer := in.customer()
	if in.err != nil {
		return in.err
	}
	id, err := c.Service.CreateCustomer(c.Context(), c.Caller, customer, p.String("request_ticket"))
	if err != nil {
		return err
	}
	return showCustomer(c, id)
}

// CreateContact answers POST /api/v2/contacts with the new contact's detail.
func CreateContact(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	in, err := entity(c, p, "contact")
	if err != nil {
		return err
	}
	contact := in.contact()
	if in.err != nil {
		return in.err
	}
	// A bad position is refused before anything is written.
	if err := shapes(c).callerPosition(); err != nil {
		return err
	}
	id, err := c.Service.CreateContact(c.Context(), c.Caller, &contact, p.String("request_ticket"))
	if err != nil {
		return err
	}
	return showContact(c, id)
}

// reader reads an entity out of the parameters and keeps the first error.
type reader struct {
	v   param.Value
	d   *crm.Directory
	err error
}

// entity gives the reader of the one entity that a write sends.
func entity(c *call.Call, p *param.Params, name string) (*reader, error) {
	switch v := p.Get(name); v.Kind() {
	case param.KindAbsent, param.KindNull:
		return nil, crm.BadParam("缺少" + name + "参数")
	case param.KindObject:
		return &reader{v: v, d: c.Caller.Directory}, nil
	}
	return nil, crm.BadParam(name + "必须是对象")
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) at(name string) *reader { return &reader{v: r.v.Object(name), d: r.d} }

// text reads one text; a list or an object in its place is refused.
func (r *reader) text(name string) string {
	v := r.v.Get(name)
	switch v.Kind() {
	case param.KindList, param.KindObject, param.KindFile:
		r.fail(crm.BadParam(name + "必须是文本"))
	}
	return strings.Clone(v.Text())
}

// optional reads a text that may be absent; null is absent.
func (r *reader) optional(name string) crm.Text {
	v := r.v.Get(name)
	if !v.Present() || v.Kind() == param.KindNull {
		return crm.Text{}
	}
	return crm.T(r.text(name))
}

func (r *reader) id(name string) int64 {
	n, given, err := r.v.Int64(name)
	if err != nil {
		r.fail(call.BadField(err))
		return 0
	}
	if given && n < 0 {
		r.fail(crm.BadParam(name + "必须是正整数"))
		return 0
	}
	return n // 0 is what forms send for "none"
}

func (r *reader) customer() *crm.NewCustomer {
	if r.v.Get("opportunities_attributes").Len() > 0 {
		r.fail(crm.BadParam("暂不支持随客户新增商机"))
	}
	c := &crm.NewCustomer{}
	c.OwnerID = r.id("user_id")
	c.ParentID = r.id("parent_id")
	c.DepartmentID = r.id("want_department_id")
	c.TemplateID = r.id("custom_field_template_id")
	c.Name = r.text("name")
	c.CompanyName = r.text("company_name")
	c.Note = r.text("note")
	c.Status = r.id("status")
	c.Category = r.id("category")
	c.Source = r.id("source")
	c.Industry = r.id("industry")
	c.StaffSize = r.id("staff_size")
	c.Approval = crm.Approval(r.text("approve_status"))
	c.Labels = r.labels()
	c.Address = r.address()
	contacts := r.v.Get("contacts_attributes")
	if contacts.Present() && contacts.Kind() != param.KindNull && !contacts.IsList() {
		r.fail(crm.BadParam("contacts_attributes必须是列表"))
	}
	for _, v := range contacts.List() {
		in := &reader{v: v, d: r.d}
		if v.Kind() != param.KindObject {
			in.fail(crm.BadParam("contacts_attributes的元素必须是对象"))
		}
		c.Contacts = append(c.Contacts, in.contact())
		if in.err != nil {
			r.fail(in.err)
		}
	}
	c.Custom = r.custom("customer")
	return c
}

func (r *reader) contact() crm.NewContact {
	k := crm.NewContact{}
	k.CustomerID = r.id("customer_id")
	k.Name = r.text("name")
	k.Department = r.text("department")
	k.Job = r.text("job")
	k.Category = r.id("category")
	k.Gender = r.text("gender")
	k.BirthDate = r.text("birth_date")
	k.Note = r.text("note")
	k.Address = r.address()
	k.Custom = r.custom("contact")
	return k
}

func (r *reader) address() crm.Address {
	v := r.v.Get("address_attributes")
	if v.Present() && v.Kind() != param.KindNull && v.Kind() != param.KindObject {
		r.fail(crm.BadParam("address_attributes必须是对象"))
		return crm.Address{}
	}
	in := r.at("address_attributes")
	a := crm.Address{
		CountryID: in.id("country_id"), ProvinceID: in.id("province_id"), CityID: in.id("city_id"),
		DistrictID: in.id("district_id"),
		Tel:        in.optional("tel"), Phone: in.optional("phone"), Email: in.optional("email"), QQ: in.optional("qq"),
		Fax: in.optional("fax"), Wechat: in.optional("wechat"), Wangwang: in.optional("wangwang"), Zip: in.optional("zip"),
		URL: in.optional("url"), Detail: in.optional("detail_address"),
	}
	lat, hasLat, err1 := in.v.Float64("lat")
	lng, hasLng, err2 := in.v.Float64("lng")
	if err1 != nil || err2 != nil || hasLat != hasLng {
		in.fail(crm.BadParam("经纬度不正确"))
	} else if hasLat {
		a.Lat, a.Lng, a.HasPosition = lat, lng, true
	}
	if in.err != nil {
		r.fail(in.err)
	}
	return a
}

// labels reads labels by id, by name, or as the objects that answers show. Of
// several labels with one name the oldest is meant.
func (r *reader) labels() []int64 {
	given := r.v.Get("labels")
	list := given.List()
	if list == nil && given.Filled() {
		list = []param.Value{given}
	}
	var ids []int64
	for _, v := range list {
		if v.Kind() == param.KindObject {
			v = v.Get("id")
		}
		text := strings.TrimSpace(v.Text())
		if text == "" && (v.Kind() == param.KindString || v.Kind() == param.KindNull) {
			continue
		}
		id := r.label(text)
		if id == 0 {
			r.fail(crm.Invalid("标签不存在"))
		}
		ids = append(ids, id)
	}
	return ids
}

func (r *reader) label(text string) (id int64) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && r.d.Labels[n] != nil {
		return n
	}
	for _, l := range r.d.Labels {
		if l.Name == text && (id == 0 || l.ID < id) {
			id = l.ID
		}
	}
	return id
}

// custom reads the custom fields, which stand beside the system's.
func (r *reader) custom(entity string) crm.Values {
	values, err := field.Parse(r.d.Fields[entity], func(name string) (field.Input, bool) {
		v := r.v.Get(name)
		switch {
		case !v.Present() || v.Kind() == param.KindNull:
			return field.Input{}, false
		case v.IsList():
			return field.Input{List: r.v.Strings(name), IsList: true}, true
		case v.Kind() == param.KindObject || v.Kind() == param.KindFile:
			r.fail(crm.BadParam(name + "的格式不正确"))
		}
		return field.Input{Text: v.Text()}, true
	})
	if err != nil {
		r.fail(err)
	}
	return values
}
