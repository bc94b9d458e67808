package service

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// Bounds of a setting.
const (
	maxRules   = 10
	maxColumns = 20
)

// checkable are the fields of the system that can take part in the check for
// duplicates: single lines and numbers, of the address too, save what is free
// text (the place) or the same for many (the postal code).
var checkable = map[string][]string{
	"customer": {"name", "company_name", "address.tel", "address.phone", "address.email", "address.qq", "address.wechat",
		"address.wangwang", "address.fax", "address.url"},
	"contact": {"name", "address.tel", "address.phone", "address.email", "address.qq", "address.wechat", "address.wangwang",
		"address.fax", "address.url"},
	"lead": {"name", "company_name", "address.tel", "address.phone", "address.email", "address.qq", "address.wechat",
		"address.wangwang", "address.fax", "address.url"},
}

// shownColumns are the fields of the system that the list of hits can show
// beside checkable ones.
var shownColumns = map[string][]string{
	"customer": {"user_id", "want_department_id", "status", "category", "source", "industry", "customer_common_setting_id",
		"approve_status", "address.region_info", "created_at", "updated_at", "real_revisit_at"},
	"contact": {"customer_id", "user_id", "department", "job", "category", "address.region_info", "created_at", "updated_at"},
	"lead": {"user_id", "want_department_id", "status", "source", "department", "job", "lead_common_setting_id",
		"address.region_info", "created_at", "updated_at", "real_revisit_at"},
}

// CheckableFields names the fields of an entity that can take part in the check
// for duplicates: enabled single lines and numbers.
func CheckableFields(d *crm.Directory, entity string) (names []string) {
	for _, name := range checkable[entity] {
		if f := d.FormField(entity, 0, name); f != nil && f.Enabled {
			names = append(names, name)
		}
	}
	for _, f := range d.OwnFields(entity, 0) {
		if k := field.Find(f.Kind); f.Enabled && k != nil && k.Checked {
			names = append(names, f.Name)
		}
	}
	return names
}

// HitColumns names the fields of an entity that the list of hits can show.
func HitColumns(d *crm.Directory, entity string) []string {
	names := slices.Concat(checkable[entity], shownColumns[entity])
	for _, f := range d.OwnFields(entity, 0) {
		if k := field.Find(f.Kind); f.Enabled && k != nil && k.Simple {
			names = append(names, f.Name)
		}
	}
	return names
}

// DuplicateSetting is how an entity is checked for duplicates.
type DuplicateSetting struct {
	crm.DuplicateSettings
	Entity string
	Rules  []*crm.DuplicateRule // those that count, or will
}

// Fields names the fields that take part.
func (x *DuplicateSetting) Fields() (names []string) {
	for _, r := range x.Rules {
		names = append(names, r.Field)
	}
	return names
}

// DuplicateSettingOf is the setting of one entity. Columns that are gone are
// left out.
func DuplicateSettingOf(d *crm.Directory, entity string) *DuplicateSetting {
	x := &DuplicateSetting{DuplicateSettings: d.Organization.Settings.Duplicates[entity], Entity: entity}
	there := HitColumns(d, entity)
	x.Columns = slices.DeleteFunc(slices.Clone(x.Columns), func(name string) bool { return !slices.Contains(there, name) })
	for _, r := range d.Rules {
		if r.Entity == entity && r.State != crm.RuleRemoving {
			x.Rules = append(x.Rules, r)
		}
	}
	return x
}

// DuplicateSetting answers how an entity is checked. An invalid_parameter_error
// for an entity that never is.
func (s *Service) DuplicateSetting(c *Caller, entity string) (*DuplicateSetting, error) {
	if err := formEntity(entity); err != nil {
		return nil, err
	}
	return DuplicateSettingOf(c.Directory, entity), nil
}

// settingIDs are the ids of the settings in the operation log.
var settingIDs = map[string]int64{"customer": 1, "contact": 2, "lead": 3}

func settingRecord(x crm.DuplicateSettings, fields []string) record {
	r := record{"enabled": x.Enabled, "across": x.Across, "columns": nil, "fields": nil}
	for name, list := range map[string][]string{"columns": x.Columns, "fields": fields} {
		if len(list) > 0 {
			r[name] = list
		}
	}
	return r
}

// SetDuplicates changes how an entity is checked: patch changes the setting and
// the names of the fields. A field that is new takes part when a job has looked
// at all records; one that is left out takes part no more at once.
//
// ErrForbidden without the right; an entity_validation_error for fields and
// columns that cannot be chosen.
func (s *Service) SetDuplicates(ctx context.Context, c *Caller, entity string, patch func(x *crm.DuplicateSettings, fields *[]string) error,
	show func(*crm.Directory) error) error {
	return s.manage(ctx, c, crm.RightManageDuplicates, func(w *store.Write) error {
		if err := formEntity(entity); err != nil {
			return err
		}
		id := settingIDs[entity]
		if err := s.unmodified(w, c, "duplicate_setting", id); err != nil {
			return err
		}
		d := c.Directory
		was := DuplicateSettingOf(d, entity)
		x, fields := was.DuplicateSettings, was.Fields()
		x.Columns = slices.Clone(x.Columns)
		if err := patch(&x, &fields); err != nil {
			return err
		}
		if err := checkSetting(d, entity, &x, fields); err != nil {
			return err
		}
		old, now := settingRecord(was.DuplicateSettings, was.Fields()), settingRecord(x, fields)
		if len(changedFields(old, now)) == 0 {
			w.Nothing()
			return nil
		}
		for _, r := range was.Rules {
			if !slices.Contains(fields, r.Field) {
				if err := s.dropRule(w, c, r); err != nil {
					return err
				}
			}
		}
		for i, name := range fields {
			if !slices.Contains(was.Fields(), name) {
				if err := addRule(w, entity, name, i+1, crm.RuleBuilding, c.Viewer.User.ID, crm.At(s.now())); err != nil {
					return err
				}
			}
		}
		settings := d.Organization.Settings
		settings.Duplicates = maps.Clone(settings.Duplicates)
		if settings.Duplicates == nil {
			settings.Duplicates = map[string]crm.DuplicateSettings{}
		}
		settings.Duplicates[entity] = x
		if err := w.SetSettings(settings); err != nil {
			return err
		}
		return s.note(w, c, "duplicate_setting", id, "update", old, now)
	}, show)
}

func checkSetting(d *crm.Directory, entity string, x *crm.DuplicateSettings, fields []string) error {
	switch {
	case len(fields) > maxRules:
		return crm.Invalid("查重字段最多10个", "At most 10 fields can be checked for duplicates")
	case len(x.Columns) > maxColumns:
		return crm.Invalid("查重窗口最多20列", "The list of hits can have at most 20 columns")
	case x.Across && entity != "lead":
		return crm.Invalid("只有线索可以同时在客户和联系人中查重", "Only leads can be looked for among customers and contacts")
	}
	for _, list := range []struct {
		chosen, there []string
		zh, en        string
	}{
		{fields, CheckableFields(d, entity), "不能用于查重", "cannot be checked for duplicates"},
		{x.Columns, HitColumns(d, entity), "不能在查重窗口中显示", "cannot be shown in the list of hits"},
	} {
		for i, name := range list.chosen {
			if !slices.Contains(list.there, name) || slices.Contains(list.chosen[:i], name) {
				zh, en := d.Label(entity, name)
				return crm.Invalid("字段“"+zh+"”"+list.zh, "The field “"+en+"” "+list.en)
			}
		}
	}
	return nil
}

// addRule lets a field take part. Where there are records already, a job goes
// over them first.
func addRule(w *store.Write, entity, name string, position int, state string, user int64, at crm.Time) error {
	id, err := w.TakeIDs(store.Rules, 1)
	if err != nil {
		return err
	}
	if err := w.AddRule(&crm.DuplicateRule{ID: id, Entity: entity, Field: name, State: state}, position, at); err != nil {
		return err
	}
	if state != crm.RuleBuilding {
		return nil
	}
	return enqueueRule(w, buildRuleKind, id, user, at)
}

func enqueueRule(w *store.Write, kind string, rule, user int64, at crm.Time) error {
	id := strconv.FormatInt(rule, 10)
	_, err := w.Enqueue(0, crm.NewJob{Kind: kind, Key: id, Payload: `{"rule":` + id + `}`, UserID: user, At: at})
	return err
}

// dropRule ends a rule; a job forgets its keys.
func (s *Service) dropRule(w *store.Write, c *Caller, r *crm.DuplicateRule) error {
	if err := w.SetRuleState(r.ID, crm.RuleRemoving); err != nil {
		return err
	}
	return enqueueRule(w, removeRuleKind, r.ID, c.Viewer.User.ID, crm.At(s.now()))
}

// dropRules ends the rules of a field that is disabled or deleted.
func (s *Service) dropRules(w *store.Write, c *Caller, entity, name string) error {
	was := DuplicateSettingOf(c.Directory, entity)
	now := slices.DeleteFunc(was.Fields(), func(f string) bool { return f == name })
	if len(now) == len(was.Rules) {
		return nil
	}
	for _, r := range was.Rules {
		if r.Field == name {
			if err := s.dropRule(w, c, r); err != nil {
				return err
			}
		}
	}
	return s.note(w, c, "duplicate_setting", settingIDs[entity], "update", settingRecord(was.DuplicateSettings, was.Fields()),
		settingRecord(was.DuplicateSettings, now))
}

// standardRules are the fields that take part where nobody has chosen any.
var standardRules = []struct{ entity, field string }{
	{"customer", "name"}, {"customer", "address.phone"}, {"contact", "address.phone"}, {"lead", "company_name"}, {"lead", "address.phone"},
}

// AddStandardDuplicates gives an organization the settings of the check for
// duplicates that it starts with: on for customers and leads, off for contacts.
// state is crm.RuleActive for one without records, crm.RuleBuilding otherwise.
func AddStandardDuplicates(w *store.Write, settings crm.Settings, state string, at crm.Time) error {
	settings.Duplicates = map[string]crm.DuplicateSettings{
		"customer": {Enabled: true, Columns: []string{"name", "user_id", "want_department_id", "status", "created_at"}},
		"contact":  {Columns: []string{"name", "customer_id", "user_id", "created_at"}},
		"lead":     {Enabled: true, Columns: []string{"name", "company_name", "user_id", "status", "created_at"}},
	}
	if err := w.SetSettings(settings); err != nil {
		return err
	}
	for i, r := range standardRules {
		if err := addRule(w, r.entity, r.field, i+1, state, 0, at); err != nil {
			return err
		}
	}
	return nil
}

// EnsureDuplicates gives the organizations from before there was the setting
// what new ones start with.
func (s *Service) EnsureDuplicates(ctx context.Context) error {
	loads, err := s.store.GeneratedLoads(ctx)
	if err != nil {
		return err
	}
	unfinished := map[int64]bool{} // they get it with their last record
	for _, l := range loads {
		unfinished[l.OrganizationID] = l.Done < l.Planned
	}
	for after := int64(0); ; {
		orgs, last, err := s.store.OrganizationsUnset(ctx, "duplicates", after, 500)
		if err != nil {
			return err
		}
		for _, org := range orgs {
			if unfinished[org] {
				continue
			}
			if err := s.ensureDuplicates(ctx, org); err != nil {
				return err
			}
		}
		if last == 0 {
			return nil
		}
		after = last
	}
}

func (s *Service) ensureDuplicates(ctx context.Context, org int64) error {
	now := crm.At(s.now())
	return s.store.Update(ctx, org, func(w *store.Write) error {
		settings, err := w.Settings(org)
		if err != nil {
			return err
		}
		if settings.Duplicates != nil {
			w.Nothing()
			return nil
		}
		if err := AddStandardDuplicates(w, settings, crm.RuleBuilding, now); err != nil {
			return err
		}
		return w.Log(0, crm.LogEntry{Entity: "duplicate_setting", EntityID: 0, Action: "create", Changes: "{}", At: now})
	})
}
