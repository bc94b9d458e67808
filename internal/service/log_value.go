package service

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// logItems are rows of the log without what the caller may not see of them.
func (s *Service) logItems(r *store.Read, c *Caller, rows []crm.LogEntry) ([]crm.LogItem, error) {
	items := make([]crm.LogItem, len(rows))
	owners := map[[2]any]int64{}
	for i, e := range rows {
		var values map[string][2]json.RawMessage
		if err := json.Unmarshal([]byte(e.Changes), &values); err != nil {
			return nil, err
		}
		items[i].LogEntry = e
		if restricted(c.Viewer) {
			key := [2]any{e.Entity, e.EntityID}
			owner, known := owners[key]
			if !known {
				var err error
				if owner, err = ownerOf(r, c.Org(), e.Entity, e.EntityID); err != nil {
					return nil, err
				}
				owners[key] = owner
			}
			conceal(c, e.Entity, owner, values)
		}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			v := values[name]
			items[i].Values = append(items[i].Values, crm.LogChange{Field: name, Before: string(v[0]), After: string(v[1]),
				BeforeText: logText(c.Directory, e.Entity, name, v[0]), AfterText: logText(c.Directory, e.Entity, name, v[1])})
		}
	}
	return items, nil
}

// restricted reports whether there is anything that the viewer may not see on
// some record.
func restricted(v *crm.Viewer) bool {
	return v.User.HideNumbers || len(v.Role.Hidden) > 0 && !v.Role.Super
}

// ownerOf is who owns a record now, 0 where it lies in a pool or is gone.
func ownerOf(r *store.Read, org int64, entity string, id int64) (owner int64, err error) {
	switch entity {
	case "lead":
		var l *crm.Lead
		if l, err = r.Lead(org, id); err == nil {
			owner = l.OwnerID
		}
	case "contact":
		var k *crm.Contact
		if k, err = r.Contact(org, id); err == nil {
			return ownerOf(r, org, "customer", k.CustomerID)
		}
	case "customer":
		var k *crm.Customer
		if k, err = r.CustomerInShort(org, id); err == nil {
			owner = k.OwnerID
		}
	}
	if errors.Is(err, store.ErrNoRow) {
		err = nil
	}
	return owner, err
}

// conceal takes away what a viewer may not see of the values that a change has
// changed, as the record's detail does.
func conceal(c *Caller, entity string, owner int64, values map[string][2]json.RawMessage) {
	switch entity {
	case "customer", "contact", "lead":
	case "attachment": // may be a file of a hidden field
		clear(values)
		return
	default:
		return
	}
	v, mask := c.Viewer, c.Viewer.HidesNumbers(owner)
	own := map[string]bool{}
	for _, f := range c.Directory.Fields[entity] {
		own[f.Name] = true
	}
	hidden := func(name string) bool {
		if name == "address.lat" || name == "address.lng" {
			name = "address.detail_address"
		}
		return v.Conceals(entity+"."+name, owner)
	}
	for name, pair := range values {
		switch {
		case hidden(name), strings.Contains(name, "_asset_") && !own[strings.TrimSuffix(name, "_other")]:
			// Nobody knows any more what a field was that is gone.
			delete(values, name)
		case own[strings.TrimSuffix(name, "_other")]:
			if hidden(strings.TrimSuffix(name, "_other")) {
				delete(values, name)
				continue
			}
			values[name] = [2]json.RawMessage{maskOwn(c.Directory, entity, name, pair[0], mask), maskOwn(c.Directory, entity, name, pair[1], mask)}
		case mask && isNumber(c.Directory, entity, name):
			values[name] = [2]json.RawMessage{maskText(pair[0]), maskText(pair[1])}
		}
	}
}

// maskOwn masks the numbers in a value of an own field.
func maskOwn(d *crm.Directory, entity, name string, raw json.RawMessage, mask bool) json.RawMessage {
	if !mask || raw == nil || string(raw) == "null" {
		return raw
	}
	b, err := json.Marshal(map[string]json.RawMessage{name: raw})
	if err != nil {
		return json.RawMessage("null")
	}
	out := field.HideNumbers(d.Fields[entity], b, true, func(string) bool { return false })
	if masked := field.Decode(out)[name]; masked != nil {
		return masked
	}
	return json.RawMessage("null")
}

func maskText(raw json.RawMessage) json.RawMessage {
	var number string
	if json.Unmarshal(raw, &number) != nil || number == "" {
		return json.RawMessage("null")
	}
	b, _ := json.Marshal(crm.Mask(number))
	return b
}

// logText is a value as people read it: the names behind ids, the label of an
// option, or the value as it stands.
func logText(d *crm.Directory, entity, name string, raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	nameOf := namesOf(d, entity, name)
	var id int64
	if nameOf != nil && json.Unmarshal(raw, &id) == nil {
		return nameOf(id)
	}
	var ids []int64
	if nameOf != nil && json.Unmarshal(raw, &ids) == nil {
		names := make([]string, len(ids))
		for i, id := range ids {
			names[i] = nameOf(id)
		}
		return strings.Join(names, ",")
	}
	return strings.Trim(string(raw), `"`)
}

// namesOf gives what names the ids of a field; nil for a field without ids.
func namesOf(d *crm.Directory, entity, name string) func(int64) string {
	switch name {
	case "user_id", "superior_id", "hand_over_to", "assist_user_ids", "managers", "members":
		return d.UserName
	case "department_id", "assist_departments", "departments":
		return d.DepartmentName
	case "role_id":
		return func(id int64) string {
			if r := d.Roles[id]; r != nil {
				return r.Name
			}
			return strconv.FormatInt(id, 10)
		}
	case "status", "category", "source", "industry", "staff_size":
		return d.OptionLabel
	case "labels":
		return func(id int64) string {
			if l := d.Labels[id]; l != nil {
				return l.Name
			}
			return strconv.FormatInt(id, 10)
		}
	case "customer_common_setting_id", "home_common_setting_id", "lead_common_setting_id":
		return func(id int64) string {
			if p := d.Pools[id]; p != nil {
				return p.Name
			}
			return strconv.FormatInt(id, 10)
		}
	case "parent_id":
		if entity == "department" {
			return d.DepartmentName
		}
	}
	return nil
}
