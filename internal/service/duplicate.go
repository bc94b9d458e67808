package service

import (
	"encoding/json"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
	"guanxi/internal/zh"
)

// duplicateKey is the value of a field as the check for duplicates (查重)
// compares it; "" where there is nothing to compare.
func duplicateKey(d *crm.Directory, entity, name string, r record) string {
	var text string
	switch v := r[name].(type) {
	case string:
		text = v
	case json.RawMessage:
		if json.Unmarshal(v, &text) != nil {
			return ""
		}
	}
	if isNumber(d, entity, name) {
		return zh.FoldNumber(text)
	}
	return zh.Fold(text)
}

// isNumber tells whether a field holds phone numbers.
func isNumber(d *crm.Directory, entity, name string) bool {
	if name == "address.tel" || name == "address.phone" {
		return true
	}
	for _, f := range d.Fields[entity] {
		if f.Name == name {
			k := field.Find(f.Kind)
			return k != nil && k.Phone
		}
	}
	return false
}

// checkDuplicates refuses a record that has in any field which takes part in
// the check the same value as another one of the whole organization, whoever
// owns that, and keeps the keys of the record. It is part of the write: updates
// of an organization follow each other, so of many that come at the same time
// with one name exactly one finds nothing. before is nil for a new record,
// after for one that goes. A value that has not changed is not looked for.
func (s *Service) checkDuplicates(w *store.Write, c *Caller, entity string, id int64, before, after record) error {
	d := c.Directory
	settings := d.Organization.Settings.Duplicates[entity]
	for _, rule := range d.Rules {
		if rule.Entity != entity || rule.State == crm.RuleRemoving {
			continue
		}
		old, now := duplicateKey(d, entity, rule.Field, before), duplicateKey(d, entity, rule.Field, after)
		if old == now {
			continue
		}
		if now != "" && settings.Enabled {
			if err := s.refuseDuplicate(w, c, rule, id, now, settings.Across); err != nil {
				return err
			}
		}
		if old != "" {
			if err := w.DeleteKey(rule.ID, old, id); err != nil {
				return err
			}
		}
		if now != "" {
			if err := w.AddKey(rule.ID, now, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// across names the field of another kind of record that holds the same as a
// lead's: a lead's company is a customer's name.
func across(entity, name string) string {
	switch {
	case entity == "customer" && name == "company_name":
		return "name"
	case entity == "customer" && name == "name", entity == "contact" && name == "company_name":
		return ""
	}
	return name
}

func (s *Service) refuseDuplicate(w *store.Write, c *Caller, rule *crm.DuplicateRule, id int64, key string, wide bool) error {
	for _, other := range c.Directory.Rules {
		if other.State != crm.RuleActive {
			continue
		}
		switch {
		case other.ID == rule.ID:
		case wide && rule.Entity == "lead" && other.Entity != "lead" && other.Field == across(other.Entity, rule.Field):
		default:
			continue
		}
		hits, err := w.RecordsWithKey(c.Org(), other.ID, key, 2)
		if err != nil {
			return err
		}
		for _, hit := range hits {
			if other.Entity != rule.Entity || hit != id {
				return duplicateOf(c.Directory, rule, other.Entity)
			}
		}
	}
	return nil
}

// duplicateOf says which field is equal, and what kind of record is there.
func duplicateOf(d *crm.Directory, rule *crm.DuplicateRule, entity string) *crm.Error {
	zhLabel, enLabel := fieldLabel(d, rule.Entity, rule.Field)
	kind := map[string][2]string{"customer": {"客户", "customer"}, "lead": {"线索", "lead"}, "contact": {"联系人", "contact"}}[entity]
	return crm.Duplicate("你已经有相同"+zhLabel+"的"+kind[0], "There is a "+kind[1]+" with the same "+enLabel+" already")
}

// fieldLabel is a field's name for people, the system's or an own one.
func fieldLabel(d *crm.Directory, entity, name string) (string, string) { return d.Label(entity, name) }
