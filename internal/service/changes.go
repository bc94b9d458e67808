package service

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/field"
)

// record is what the operation log compares: values by the names of fields.
type record map[string]any

func customerRecord(c *crm.Customer, labels []int64) record {
	r := record{
		"name": c.Name, "company_name": c.CompanyName, "note": c.Note, "user_id": c.OwnerID, "department_id": c.DepartmentID,
		"parent_id": c.ParentID, "status": c.Status, "category": c.Category, "source": c.Source, "industry": c.Industry,
		"staff_size": c.StaffSize, "approve_status": string(c.Approval), "customer_common_setting_id": c.PoolID,
		"home_common_setting_id": c.HomePoolID, "custom_field_template_id": c.TemplateID, "lead_id": c.LeadID, "labels": labels,
	}
	return r.with(&c.Address, c.Custom)
}

func contactRecord(k *crm.Contact) record {
	r := record{
		"name": k.Name, "customer_id": k.CustomerID, "department": k.Department, "job": k.Job, "note": k.Note,
		"category": k.Category, "gender": k.Gender, "birth_date": k.BirthDate, "card_attachment_id": k.CardID,
	}
	return r.with(&k.Address, k.Custom)
}

func leadRecord(l *crm.Lead) record {
	r := record{
		"name": l.Name, "company_name": l.CompanyName, "user_id": l.OwnerID, "department_id": l.DepartmentID, "status": l.Status,
		"source": l.Source, "department": l.Department, "job": l.Job, "note": l.Note, "lead_common_setting_id": l.PoolID,
		"home_common_setting_id": l.HomePoolID, "turned_customer_id": l.CustomerID, "card_attachment_id": l.CardID,
	}
	return r.with(&l.Address, l.Custom)
}

// with adds an address and the custom values.
func (r record) with(a *crm.Address, custom crm.Values) record {
	for name, t := range map[string]crm.Text{
		"tel": a.Tel, "phone": a.Phone, "email": a.Email, "qq": a.QQ, "fax": a.Fax, "wechat": a.Wechat,
		"wangwang": a.Wangwang, "zip": a.Zip, "url": a.URL, "detail_address": a.Detail,
	} {
		r["address."+name] = t.Value
	}
	for name, id := range map[string]int64{
		"country_id": a.CountryID, "province_id": a.ProvinceID, "city_id": a.CityID, "district_id": a.DistrictID,
	} {
		r["address."+name] = id
	}
	if a.HasPosition {
		r["address.lat"], r["address.lng"] = a.Lat, a.Lng
	}
	for name, raw := range field.Decode(custom) {
		r[name] = raw
	}
	return r
}

// difference writes {"field": [before, after]} for every value that changed;
// what is empty is null.
func difference(before, after record) string {
	out := map[string][2]json.RawMessage{}
	for name := range before {
		pair(out, name, before[name], after[name])
	}
	for name := range after {
		if _, done := before[name]; !done {
			pair(out, name, nil, after[name])
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return "{}"
	}
	return string(b)
}

func pair(out map[string][2]json.RawMessage, name string, before, after any) {
	b, a := plain(before), plain(after)
	if !bytes.Equal(b, a) {
		out[name] = [2]json.RawMessage{b, a}
	}
}

// plain is a value as JSON; null where it is empty.
func plain(v any) json.RawMessage {
	null := json.RawMessage("null")
	switch v := v.(type) {
	case nil:
		return null
	case string:
		if v == "" {
			return null
		}
	case int64:
		if v == 0 {
			return null
		}
	case []int64:
		if len(v) == 0 {
			return null
		}
	}
	b, err := json.Marshal(v)
	if err != nil {
		return null
	}
	return b
}

// changedFields names what differs, in order.
func changedFields(before, after record) []string {
	out := map[string][2]json.RawMessage{}
	for _, name := range slices.Concat(slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after))) {
		pair(out, name, before[name], after[name])
	}
	return slices.Sorted(maps.Keys(out))
}
