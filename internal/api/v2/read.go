package v2

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode"

	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
	"guanxi/internal/field"
)

// reader reads an entity out of the parameters into a draft and keeps the first
// error. Only what was sent changes the draft, so that the same reader serves
// creates and partial updates.
type reader struct {
	v param.Value
	d *crm.Directory
	// entity is whose field labels errors name: customer, contact, lead or
	// address.
	entity string
	err    error
}

// entity gives the reader of the one entity that a write sends.
func entity(c *call.Call, p *param.Params, name string) (*reader, error) {
	switch v := p.Get(name); v.Kind() {
	case param.KindAbsent, param.KindNull:
		return nil, crm.BadParam("缺少"+name+"参数", "Parameter "+name+" is missing")
	case param.KindObject:
		return &reader{v: v, d: c.Caller.Directory, entity: name}, nil
	}
	return nil, crm.BadParam(name+"必须是对象", name+" must be an object")
}

// body decodes the parameters and gives the reader of the entity that a write
// sends.
func body(c *call.Call, name string) (*param.Params, *reader, error) {
	p, err := c.Params()
	if err != nil {
		return nil, nil, err
	}
	in, err := entity(c, p, name)
	return p, in, err
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// mustBe says in both languages what a value has to be.
type mustBe struct{ zh, en string }

var (
	mustBeText       = mustBe{"必须是文本", "must be text"}
	mustBePositive   = mustBe{"必须是正整数", "must be a positive integer"}
	mustBeList       = mustBe{"必须是列表", "must be a list"}
	mustBeObject     = mustBe{"必须是对象", "must be an object"}
	mustBeAllObjects = mustBe{"的元素必须是对象", "must hold objects only"}
	mustBePlain      = mustBe{"不能含有控制字符", "must not have control characters"}
)

// wrongType refuses a value of the wrong type, with the label of its field as
// the caller reads it and its name on the wire.
func wrongType(entity, name string, what mustBe) *crm.Error {
	zh, en := call.Named(entity, name)
	return crm.BadParam(zh+what.zh, en+" "+what.en)
}

func (r *reader) wrong(name string, what mustBe) { r.fail(wrongType(r.entity, name, what)) }

// text reads one text; a list or an object in its place is refused.
func (r *reader) text(name string, into *string) {
	v := r.v.Get(name)
	switch v.Kind() {
	case param.KindAbsent:
		return
	case param.KindList, param.KindObject, param.KindFile:
		r.wrong(name, mustBeText)
		return
	}
	text := strings.Clone(v.Text())
	if !plainText(text, name == "note") {
		r.wrong(name, mustBePlain)
		return
	}
	*into = text
}

// plainText tells whether a text has no control characters: but for tabs none
// inside one line, and besides line breaks none in several.
func plainText(text string, lines bool) bool {
	if !lines {
		text = strings.TrimSpace(text)
	}
	return !strings.ContainsFunc(text, func(c rune) bool {
		return unicode.IsControl(c) && c != '\t' && !(lines && (c == '\n' || c == '\r'))
	})
}

// optional reads a text of which it is known whether it was ever given; null
// takes it away.
func (r *reader) optional(name string, into *crm.Text) {
	switch r.v.Get(name).Kind() {
	case param.KindAbsent:
	case param.KindNull:
		*into = crm.Text{}
	default:
		var text string
		r.text(name, &text)
		*into = crm.T(text)
	}
}

// phone reads a phone number. One that comes as the mask of the number that is
// there says that it stays: whoever may not see it sends back what was shown.
func (r *reader) phone(name string, into *crm.Text) {
	was := *into
	if r.optional(name, into); was.Value != "" && into.Value == crm.Mask(was.Value) {
		*into = was
	}
}

// id reads an id; 0, "" and null take it away.
func (r *reader) id(name string, into *int64) {
	n, given, err := r.v.Int64(name)
	switch {
	case err != nil:
		r.fail(call.BadField(r.entity, err))
	case given && n < 0:
		r.wrong(name, mustBePositive)
	case given:
		*into = n
	case r.v.Has(name):
		*into = 0
	}
}

// given reads an id of what a record cannot be without: empty is as if it were
// not sent.
func (r *reader) given(name string, into *int64) {
	var n int64
	if r.id(name, &n); n != 0 {
		*into = n
	}
}

// customer reads a customer into a draft.
func (r *reader) customer(c *crm.CustomerDraft) error {
	if r.v.Get("opportunities_attributes").Len() > 0 {
		r.fail(crm.BadParam("暂不支持随客户新增商机", "Creating opportunities together with a customer is not supported yet"))
	}
	r.given("user_id", &c.OwnerID)
	r.id("parent_id", &c.ParentID)
	r.given("want_department_id", &c.DepartmentID)
	r.given("custom_field_template_id", &c.TemplateID)
	r.text("name", &c.Name)
	r.text("company_name", &c.CompanyName)
	r.text("note", &c.Note)
	r.id("status", &c.Status)
	r.id("category", &c.Category)
	r.id("source", &c.Source)
	r.id("industry", &c.Industry)
	r.id("staff_size", &c.StaffSize)
	if approval := string(c.Approval); r.v.Given("approve_status") {
		r.text("approve_status", &approval)
		c.Approval = crm.Approval(approval)
	}
	r.labels(&c.Labels)
	r.address(&c.Address)
	r.custom("customer", c.TemplateID, &c.Custom, c.ID != 0)
	return r.err
}

// contacts reads the contacts that come with a new customer.
func (r *reader) contacts(into *[]crm.NewContact) {
	list := r.v.Get("contacts_attributes")
	if list.Present() && list.Kind() != param.KindNull && !list.IsList() {
		r.wrong("contacts_attributes", mustBeList)
	}
	for _, v := range list.List() {
		in := &reader{v: v, d: r.d, entity: "contact"}
		if !v.Filled() {
			continue // as a form writes an empty list
		}
		if v.Kind() != param.KindObject {
			r.wrong("contacts_attributes", mustBeAllObjects)
			return
		}
		var k crm.NewContact
		if err := in.contact(&k.Contact); err != nil {
			r.fail(err)
		}
		*into = append(*into, k)
	}
}

// contact reads a contact into a draft.
func (r *reader) contact(k *crm.Contact) error {
	r.given("customer_id", &k.CustomerID)
	r.text("name", &k.Name)
	r.text("department", &k.Department)
	r.text("job", &k.Job)
	r.id("card_attachment_id", &k.CardID)
	r.id("category", &k.Category)
	r.text("gender", &k.Gender)
	r.text("birth_date", &k.BirthDate)
	r.text("note", &k.Note)
	r.address(&k.Address)
	r.custom("contact", 0, &k.Custom, k.ID != 0)
	return r.err
}

// lead reads a lead into a draft.
func (r *reader) lead(l *crm.Lead) error {
	r.given("user_id", &l.OwnerID)
	r.given("want_department_id", &l.DepartmentID)
	r.text("name", &l.Name)
	r.text("company_name", &l.CompanyName)
	r.id("status", &l.Status)
	r.id("source", &l.Source)
	r.text("department", &l.Department)
	r.text("job", &l.Job)
	r.id("card_attachment_id", &l.CardID)
	r.text("note", &l.Note)
	r.address(&l.Address)
	r.custom("lead", 0, &l.Custom, l.ID != 0)
	return r.err
}

func (r *reader) address(a *crm.Address) {
	v := r.v.Get("address_attributes")
	switch v.Kind() {
	case param.KindAbsent, param.KindNull:
		return
	case param.KindObject:
	default:
		r.wrong("address_attributes", mustBeObject)
		return
	}
	in := &reader{v: v, d: r.d, entity: "address"}
	in.region(a)
	in.phone("tel", &a.Tel)
	in.phone("phone", &a.Phone)
	in.optional("email", &a.Email)
	in.optional("qq", &a.QQ)
	in.optional("fax", &a.Fax)
	in.optional("wechat", &a.Wechat)
	in.optional("wangwang", &a.Wangwang)
	in.optional("zip", &a.Zip)
	in.optional("url", &a.URL)
	in.optional("detail_address", &a.Detail)
	lat, hasLat, err1 := in.v.Float64("lat")
	lng, hasLng, err2 := in.v.Float64("lng")
	switch {
	case err1 != nil:
		in.fail(call.BadField("address", err1))
	case err2 != nil:
		in.fail(call.BadField("address", err2))
	case hasLat != hasLng:
		in.fail(badPosition())
	case hasLat:
		a.Lat, a.Lng, a.HasPosition = lat, lng, true
	case in.v.Has("lat") && in.v.Has("lng"): // both null or empty
		a.Lat, a.Lng, a.HasPosition = 0, 0, false
	}
	if in.err != nil {
		r.fail(in.err)
	}
}

// region reads the ids of a region. One that is given takes the finer ones away
// that are not: another city has other districts.
func (r *reader) region(a *crm.Address) {
	levels := []struct {
		name string
		into *int64
	}{{"country_id", &a.CountryID}, {"province_id", &a.ProvinceID}, {"city_id", &a.CityID}, {"district_id", &a.DistrictID}}
	for i, l := range levels {
		was := *l.into
		r.id(l.name, l.into)
		if *l.into != was {
			for _, finer := range levels[i+1:] {
				*finer.into = 0
			}
		}
	}
}

// labels reads labels by id, by name, or as the objects that answers show, also
// in the form {label_group_id, label_id} of customer_labels_attributes. Of several
// labels with one name the oldest is meant.
func (r *reader) labels(into *[]int64) {
	given := r.v.Get("labels")
	if !given.Present() {
		given = r.v.Get("customer_labels_attributes")
	}
	if !given.Present() {
		return
	}
	list := given.List()
	if !given.IsList() && given.Filled() {
		list = []param.Value{given}
	}
	ids := []int64{}
	for _, v := range list {
		if v.Kind() == param.KindObject {
			if id := v.Get("label_id"); id.Present() {
				v = id
			} else {
				v = v.Get("id")
			}
		}
		text := strings.TrimSpace(v.Text())
		if text == "" && (v.Kind() == param.KindString || v.Kind() == param.KindNull) {
			continue
		}
		id := r.label(text)
		if id == 0 {
			r.fail(crm.Invalid("标签不存在", "The label does not exist"))
		}
		ids = append(ids, id)
	}
	*into = ids
}

// custom reads the custom fields that the form of a template shows; they stand
// beside the system's. Which of them are required is the service's to ask.
func (r *reader) custom(entity string, template int64, into *crm.Values, exists bool) {
	given := givenIn(r.v, func(name string) {
		r.fail(badCustom(r.d, entity, name))
	})
	fields, err := r.d.OwnFields(entity, template), error(nil)
	if exists {
		*into, _, err = field.Merge(fields, *into, unmasked(fields, *into, given))
	} else {
		*into, err = field.Parse(fields, given)
	}
	if err != nil {
		r.fail(err)
	}
}

// unmasked leaves out the numbers that come as the mask of what is there; see
// phone.
func unmasked(fields []*crm.CustomField, there crm.Values, given field.Given) field.Given {
	values := field.Decode(there)
	return func(name string) (field.Input, bool) {
		in, ok := given(name)
		if !ok || !strings.Contains(in.Text, "****") {
			return in, ok
		}
		for _, f := range fields {
			if k := field.Find(f.Kind); f.Name == name && k != nil && k.Phone {
				var was string
				_ = json.Unmarshal(values[name], &was) // what is no text has no mask
				return in, was == "" || in.Text != crm.Mask(was)
			}
		}
		return in, true
	}
}

func badCustom(d *crm.Directory, entity, name string) *crm.Error {
	label := name
	for _, f := range d.Fields[entity] {
		if f.Name == name {
			label = f.Label + "(" + name + ")"
		}
	}
	return crm.BadParam(label+"的格式不正确", label+" has the wrong form")
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
