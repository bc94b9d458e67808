package service

import (
	"encoding/json"
	"strconv"
	"strings"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// checkRequired refuses a record that lacks what the form of its template asks
// for. before is nil for a new record. Of a changed one only what is taken away
// is refused: a record from before a field was required can still be changed.
// Nobody is asked for a field that he may not see on the record, by its owner
// before the change; a new one is the caller's own.
func (s *Service) checkRequired(c *Caller, entity string, template, owner int64, before, after record) error {
	if before == nil {
		owner = c.Viewer.User.ID
	}
	form := c.Directory.Form(entity, template)
	for i := range form {
		f := &form[i]
		if !f.Required || holds(f, after) || before != nil && !holds(f, before) || c.Viewer.Conceals(entity+"."+f.Name, owner) {
			continue
		}
		return crm.Required(f.Label, f.English)
	}
	return nil
}

// holds tells whether a record has something in a field.
func holds(f *crm.FormField, r record) bool {
	if f.Own != nil {
		if k := field.Find(f.Own.Kind); k == nil || k.ReadOnly {
			return true // nobody can fill it in
		}
		raw, _ := r[f.Name].(json.RawMessage)
		return !field.Blank(raw)
	}
	name := f.Name
	if name == "address.region_info" {
		name = "address.country_id"
		if string(plain(r["address.province_id"])) != "null" {
			name = "address.province_id"
		}
	}
	if text, ok := r[name].(string); ok {
		return strings.TrimSpace(text) != ""
	}
	return string(plain(r[name])) != "null"
}

// assignNumbers gives a new record its automatic numbers. They are taken in the
// transaction of the record, so that none is given twice and none is lost.
func (s *Service) assignNumbers(w *store.Write, c *Caller, entity string, template int64, v *crm.Values) error {
	fields := c.Directory.OwnFields(entity, template)
	for _, f := range fields {
		if f.Kind != "auto_number" || !f.Enabled {
			continue
		}
		now := crm.At(s.now())
		kind := store.Kind("number." + strconv.FormatInt(f.ID, 10) + "." + field.NumberPeriod(f.Options.Number, now))
		n, err := w.TakeIDs(kind, 1)
		if err != nil {
			return err
		}
		*v = field.SetNumber(fields, *v, f, field.FormatNumber(f.Options.Number, n, now))
	}
	return nil
}

// chooseTemplate settles which kind of business a record is of. was is what it
// was until now, 0 for none; it never changes once it is set. Where there are
// templates, a record needs one: a new one, and one from before when it is
// changed. Where the role may use just one, that is it.
func (s *Service) chooseTemplate(c *Caller, entity string, id *int64, was int64, exists bool) error {
	zh, en := crm.FieldLabel("customer", "custom_field_template_id")
	if was != 0 {
		if *id != was {
			return crm.Invalid(zh+"不能修改", en+" cannot be changed")
		}
		return nil
	}
	usable, any := c.Directory.UsableTemplates(entity, c.Viewer.Role)
	for _, t := range usable {
		if t.ID == *id {
			return nil
		}
	}
	switch {
	case *id != 0:
		return crm.Invalid(zh+"不存在", en+" does not exist")
	case !any, exists && len(usable) == 0:
		return nil
	case len(usable) == 0:
		return crm.Invalid("您的角色没有可用的"+zh, "Your role has no "+en+" that it may use")
	case len(usable) == 1:
		*id = usable[0].ID
		return nil
	}
	return crm.Required(zh, en)
}
