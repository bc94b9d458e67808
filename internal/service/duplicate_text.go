package service

import (
	"encoding/json"

	"guanxi/internal/crm"
	"guanxi/internal/field"
)

// conceal takes away what the caller may not see. Numbers of records that are
// another's are masked, whatever the caller sees elsewhere: a hit is not a way
// to them.
func (x *hitRecord) conceal(c *Caller, entity string, mask bool) {
	c.Viewer.ConcealAddress(entity, x.owner, x.address)
	if mask {
		x.address.HideNumbers()
	}
	*x.custom = field.HideNumbers(c.Directory.Fields[entity], *x.custom, mask, func(name string) bool {
		return c.Viewer.Conceals(entity+"."+name, x.owner)
	})
	x.values = x.remake()
}

// text is what a column of a hit shows.
func (x *hitRecord) text(s *Service, c *Caller, entity, name string) string {
	d := c.Directory
	// Who lies in a pool of which the caller is no member shows neither owner nor
	// pool.
	inside := x.owner == 0 && d.Pools[x.pool] != nil && c.Viewer.InPool(d.Pools[x.pool])
	switch name {
	case "user_id":
		if inside {
			return d.Pools[x.pool].Name
		}
		return d.UserName(x.owner)
	case "customer_common_setting_id", "lead_common_setting_id":
		if inside {
			return d.Pools[x.pool].Name
		}
		return ""
	case "want_department_id":
		return d.DepartmentName(x.department)
	case "customer_id":
		if x.customer != nil {
			return x.customer.Name
		}
		return ""
	case "created_at":
		return minute(x.created)
	case "updated_at":
		return minute(x.updated)
	case "real_revisit_at":
		return minute(x.revisited)
	case "approve_status":
		status, _ := x.values[name].(string)
		return crm.Approval(status).Label()
	case "address.region_info":
		a := x.address
		return s.regions.Info(" ", a.CountryID, a.ProvinceID, a.CityID, a.DistrictID)
	}
	if own := ownField(d, entity, name); own != nil {
		return ownText(d, own, *x.custom)
	}
	switch value := x.values[name].(type) {
	case string:
		return value
	case int64:
		return d.OptionLabel(value)
	}
	return ""
}

// minute is a time as the wire shows it, "" for none.
func minute(t crm.Time) string {
	if t == 0 {
		return ""
	}
	return t.Std().In(crm.China).Format("2006-01-02 15:04")
}

// ownText is the value of an own field for people.
func ownText(d *crm.Directory, f *crm.CustomField, v crm.Values) string {
	values := field.Decode(v)
	if k := field.Find(f.Kind); k == nil || k.Displayed() {
		text, _ := field.Display(f, values, field.Names{User: d.UserName, Department: d.DepartmentName})
		return text
	}
	raw, ok := values[f.Name]
	if !ok {
		return ""
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return string(raw) // a number
	}
	return text
}
