package service

import (
	"encoding/json"

	"guanxi/internal/crm"
	"guanxi/internal/field"
)

// createdCustomer is the change of a create for the operation log: what was
// set, from null.
func createdCustomer(in *crm.NewCustomer) string {
	set := map[string]any{
		"name": in.Name, "company_name": in.CompanyName, "note": in.Note, "user_id": in.OwnerID,
		"department_id": in.DepartmentID, "parent_id": in.ParentID, "status": in.Status, "category": in.Category,
		"source": in.Source, "industry": in.Industry, "staff_size": in.StaffSize, "approve_status": string(in.Approval),
		"labels": in.Labels,
	}
	addressChange(set, &in.Address)
	return changes(set, in.Custom)
}

func addressChange(set map[string]any, a *crm.Address) {
	for name, t := range map[string]crm.Text{
		"tel": a.Tel, "phone": a.Phone, "email": a.Email, "qq": a.QQ, "fax": a.Fax, "wechat": a.Wechat,
		"wangwang": a.Wangwang, "zip": a.Zip, "url": a.URL, "detail_address": a.Detail,
	} {
		set["address."+name] = t.Value
	}
	for name, id := range map[string]int64{
		"country_id": a.CountryID, "province_id": a.ProvinceID, "city_id": a.CityID, "district_id": a.DistrictID,
	} {
		set["address."+name] = id
	}
	if a.HasPosition {
		set["address.lat"], set["address.lng"] = a.Lat, a.Lng
	}
}

// changes writes {"field": [null, value]} for every value that is not empty.
func changes(set map[string]any, custom crm.Values) string {
	for name, raw := range field.Decode(custom) {
		set[name] = raw
	}
	out := map[string][2]any{}
	for name, v := range set {
		switch v := v.(type) {
		case string:
			if v == "" {
				continue
			}
		case int64:
			if v == 0 {
				continue
			}
		case []int64:
			if len(v) == 0 {
				continue
			}
		}
		out[name] = [2]any{nil, v}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return "{}"
	}
	return string(b)
}
