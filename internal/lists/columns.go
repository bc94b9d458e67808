package lists

import (
	"bytes"
	"slices"

	"guanxi/internal/column"
	"guanxi/internal/crm"
	"guanxi/internal/field"
)

// ints are the number columns that each kind of records has from the start,
// with where their values come from. Times are milliseconds.
var customerInts = []struct {
	name string
	of   func(*crm.Customer) int64
}{
	{"user_id", func(c *crm.Customer) int64 { return c.OwnerID }},
	{"creator_id", func(c *crm.Customer) int64 { return c.CreatorID }},
	{"department_id", func(c *crm.Customer) int64 { return c.DepartmentID }},
	{"parent_id", func(c *crm.Customer) int64 { return c.ParentID }},
	{"status", func(c *crm.Customer) int64 { return c.Status }},
	{"category", func(c *crm.Customer) int64 { return c.Category }},
	{"source", func(c *crm.Customer) int64 { return c.Source }},
	{"industry", func(c *crm.Customer) int64 { return c.Industry }},
	{"staff_size", func(c *crm.Customer) int64 { return c.StaffSize }},
	{"approve_status", func(c *crm.Customer) int64 { return ApprovalCode(c.Approval) }},
	{"custom_field_template_id", func(c *crm.Customer) int64 { return c.TemplateID }},
	{"pool_id", func(c *crm.Customer) int64 { return c.PoolID }},
	{"home_pool_id", func(c *crm.Customer) int64 { return c.HomePoolID }},
	{"lead_id", func(c *crm.Customer) int64 { return c.LeadID }},
	{"real_revisit_at", func(c *crm.Customer) int64 { return int64(c.RevisitAt) }},
	{"revisit_remind_at", func(c *crm.Customer) int64 { return int64(c.RevisitRemindAt) }},
	{"flow_into_at", func(c *crm.Customer) int64 { return int64(c.FlowIntoAt) }},
	{"owned_at", func(c *crm.Customer) int64 { return int64(c.OwnedAt) }},
	{"created_at", func(c *crm.Customer) int64 { return int64(c.CreatedAt) }},
	{"updated_at", func(c *crm.Customer) int64 { return int64(c.UpdatedAt) }},
	{"address.province_id", func(c *crm.Customer) int64 { return c.Address.ProvinceID }},
	{"address.city_id", func(c *crm.Customer) int64 { return c.Address.CityID }},
	{"address.district_id", func(c *crm.Customer) int64 { return c.Address.DistrictID }},
}

var leadInts = []struct {
	name string
	of   func(*crm.Lead) int64
}{
	{"user_id", func(l *crm.Lead) int64 { return l.OwnerID }},
	{"creator_id", func(l *crm.Lead) int64 { return l.CreatorID }},
	{"department_id", func(l *crm.Lead) int64 { return l.DepartmentID }},
	{"status", func(l *crm.Lead) int64 { return l.Status }},
	{"source", func(l *crm.Lead) int64 { return l.Source }},
	{"pool_id", func(l *crm.Lead) int64 { return l.PoolID }},
	{"home_pool_id", func(l *crm.Lead) int64 { return l.HomePoolID }},
	{"turned_customer_id", func(l *crm.Lead) int64 { return l.CustomerID }},
	{"turned_at", func(l *crm.Lead) int64 { return int64(l.TurnedAt) }},
	{"real_revisit_at", func(l *crm.Lead) int64 { return int64(l.RevisitAt) }},
	{"revisit_remind_at", func(l *crm.Lead) int64 { return int64(l.RevisitRemindAt) }},
	{"flow_into_at", func(l *crm.Lead) int64 { return int64(l.FlowIntoAt) }},
	{"owned_at", func(l *crm.Lead) int64 { return int64(l.OwnedAt) }},
	{"created_at", func(l *crm.Lead) int64 { return int64(l.CreatedAt) }},
	{"updated_at", func(l *crm.Lead) int64 { return int64(l.UpdatedAt) }},
	{"address.province_id", func(l *crm.Lead) int64 { return l.Address.ProvinceID }},
	{"address.city_id", func(l *crm.Lead) int64 { return l.Address.CityID }},
	{"address.district_id", func(l *crm.Lead) int64 { return l.Address.DistrictID }},
}

// contactInts come from the contact (of) or from its customer (by).
var contactInts = [...]struct {
	name string
	of   func(*crm.Contact) int64
	by   func(*owner) int64
}{
	{name: "customer_id", of: func(k *crm.Contact) int64 { return k.CustomerID }},
	{name: "user_id", by: func(c *owner) int64 { return c.user }},
	{name: "department_id", by: func(c *owner) int64 { return c.department }},
	{name: "pool_id", by: func(c *owner) int64 { return c.pool }},
	{name: "creator_id", of: func(k *crm.Contact) int64 { return k.CreatorID }},
	{name: "category", of: func(k *crm.Contact) int64 { return k.Category }},
	{name: "gender", of: func(k *crm.Contact) int64 { return GenderCode(k.Gender) }},
	{name: "has_phone", of: func(k *crm.Contact) int64 {
		if k.Address.Tel.Value == "" && k.Address.Phone.Value == "" {
			return 0
		}
		return 1
	}},
	{name: "created_at", of: func(k *crm.Contact) int64 { return int64(k.CreatedAt) }},
	{name: "updated_at", of: func(k *crm.Contact) int64 { return int64(k.UpdatedAt) }},
}

// ApprovalCode is a state of approval as a number, for filters.
func ApprovalCode(a crm.Approval) int64 {
	return int64(1 + slices.Index([]crm.Approval{crm.Approved, crm.Applying, crm.Rejected, crm.Reverted}, a))
}

// GenderCode is a gender as a number, for filters.
func GenderCode(gender string) int64 {
	return int64(1 + slices.Index([]string{"male", "female"}, gender))
}

// usual gives the columns that a list has from the start: the numbers, name,
// and (of customers and contacts) who collaborates, (of customers) labels, as
// tokens of ids.
func usual(entity string) []column.Column {
	var all []column.Column
	add := func(name string) { all = append(all, column.Column{Name: name, Kind: column.Int}) }
	switch entity {
	case Customers:
		for _, c := range customerInts {
			add(c.name)
		}
	case Contacts:
		for _, c := range contactInts {
			add(c.name)
		}
	case Leads:
		for _, c := range leadInts {
			add(c.name)
		}
	}
	all = append(all, text("name"))
	if entity != Leads {
		all = append(all, tokens("assistants"))
	}
	if entity == Customers {
		all = append(all, tokens("labels"))
	}
	return all
}

func text(name string) column.Column {
	return column.Column{Name: name, Kind: column.Text, Searchable: true, Fold: foldText}
}

// tokens is a column of ids or choices, searched by field.Token.
func tokens(name string) column.Column {
	return column.Column{Name: name, Kind: column.Text, Searchable: true, Fold: func(s string) string { return s }}
}

// columnOf is the column of an own field.
func columnOf(f *crm.CustomField) column.Column {
	k := field.Find(f.Kind)
	switch {
	case k == nil:
		return text(f.Name)
	case k.Held == field.HeldFloat:
		return column.Column{Name: f.Name, Kind: column.Float}
	case k.Held == field.HeldTime:
		return column.Column{Name: f.Name, Kind: column.Int}
	case k.Held == field.HeldSet:
		return tokens(f.Name)
	}
	return text(f.Name)
}

// customValue is what a record has in an own field, as its column holds it; nil
// where it has nothing.
func customValue(f *crm.CustomField, v crm.Values) any {
	raw, plain := rawValue(v, f.Name)
	if !plain {
		raw = field.Decode(v)[f.Name]
	}
	if raw == nil {
		return nil
	}
	return field.Column(f, raw)
}

// rawValue finds the value of a key in a JSON object, nil where it has none,
// without reading the others: that takes a tenth of the time. It looks at objects as
// the program writes them; of others it says that they are not plain.
func rawValue(v []byte, name string) (raw []byte, plain bool) {
	if len(v) == 0 {
		return nil, true
	}
	if v[0] != '{' {
		return nil, false
	}
	for at := 1; at < len(v); at++ {
		if v[at] == '}' && at == len(v)-1 {
			return nil, true
		}
		key, end := v[at:], 0
		if key[0] != '"' {
			return nil, false
		}
		if end = bytes.IndexByte(key[1:], '"') + 1; end == 0 || bytes.IndexByte(key[:end], '\\') >= 0 {
			return nil, false
		}
		key = key[1:end]
		if at += end + 1; at >= len(v) || v[at] != ':' {
			return nil, false
		}
		size := valueSize(v[at+1:])
		if size == 0 {
			return nil, false
		}
		if string(key) == name {
			return v[at+1 : at+1+size], true
		}
		if at += size + 1; at < len(v) && v[at] == '}' {
			at--
		} else if at >= len(v) || v[at] != ',' {
			return nil, false
		}
	}
	return nil, false
}

// valueSize is how many bytes the JSON value at the beginning of v takes, 0 where
// that is not seen.
func valueSize(v []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case (c == '}' || c == ']') && depth > 0:
			depth--
		case (c == '}' || c == ']' || c == ',') && depth == 0:
			return i
		}
	}
	return 0
}
