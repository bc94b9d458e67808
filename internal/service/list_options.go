package service

import (
	"cmp"
	"slices"
	"strconv"

	"guanxi/internal/crm"
	"guanxi/internal/field"
)

// FilterField is a field that a list can be filtered by, with its values where
// it is one of a choice.
type FilterField struct {
	Name, Label string
	Kind        string // select, user, department, date, number
	Values      []FilterValue
}

// SortField is a field that a list can be sorted by.
type SortField struct{ Value, Label string }

// FilterGroup gives what a list of a kind of record can be filtered and sorted
// by, without the fields that the caller may not ask by.
func (s *Service) FilterGroup(c *Caller, entity string) (filters []FilterField, by []SortField) {
	l := &listing{s: s, c: c, entity: entity, q: &crm.ListQuery{}}
	d := c.Directory
	for _, name := range FilterFields(d, entity) {
		if l.secret(name) || filterKinds[entity][name] == "none" {
			continue
		}
		label, _ := fieldLabel(d, entity, name)
		f := FilterField{Name: name, Label: label, Kind: l.kind(name)}
		f.Values, _ = l.values(name)
		filters = append(filters, f)
	}
	names := slices.Clone(sorts[entity])
	for _, f := range d.Fields[entity] {
		if k := field.Find(f.Kind); f.Enabled && k != nil && k.Sorted {
			names = append(names, f.Name)
		}
	}
	for _, name := range names {
		if !l.secret(name) {
			label, _ := fieldLabel(d, entity, name)
			by = append(by, SortField{name, label})
		}
	}
	return filters, by
}

func (l *listing) kind(name string) string {
	switch filterKinds[l.entity][name] {
	case "time":
		return "date"
	case "id":
		switch name {
		case "user_id", "creator_id":
			return "user"
		case "department_id":
			return "department"
		}
		return "select"
	case "":
		if f := l.own(name); f != nil {
			switch k := field.Find(f.Kind); {
			case k.Held == field.HeldTime:
				return "date"
			case k.Held == field.HeldFloat:
				return "number"
			case k.Reference == "user":
				return "user"
			case k.Reference == "department":
				return "department"
			}
		}
	}
	return "select"
}

// values are what a field can be filtered by; ErrNotFound for a field without
// values to choose from.
func (l *listing) values(name string) (out []FilterValue, err error) {
	d := l.c.Directory
	add := func(id int64, label string) { out = append(out, FilterValue{strconv.FormatInt(id, 10), label}) }
	switch {
	case name == "approve_status":
		for _, a := range []crm.Approval{crm.Approved, crm.Applying, crm.Rejected, crm.Reverted} {
			out = append(out, FilterValue{string(a), a.Label()})
		}
	case name == "gender":
		for _, g := range []string{"male", "female"} {
			out = append(out, FilterValue{g, crm.GenderLabel(g)})
		}
	case name == "user_id" || name == "creator_id":
		for _, u := range byID(d.Users) {
			if l.c.Viewer.SeesAll() || u.ID == l.c.Viewer.User.ID || l.c.Viewer.Subordinates[u.ID] || name == "creator_id" {
				add(u.ID, u.Name)
			}
		}
	case name == "department_id":
		for _, x := range byID(d.Departments) {
			add(x.ID, x.Name)
		}
	case name == "labels":
		for _, x := range byID(d.Labels) {
			add(x.ID, x.Name)
		}
	case name == "custom_field_template_id":
		for _, x := range byID(d.Templates) {
			if x.Entity == l.entity {
				add(x.ID, x.Name)
			}
		}
	case filterKinds[l.entity][name] == "pool":
		for _, id := range l.c.pools(l.entity) {
			add(id, d.Pools[id].Name)
		}
	case filterKinds[l.entity][name] == "id":
		var options []*crm.Option
		for _, o := range d.Options {
			if o.Entity == l.entity && o.Field == name {
				options = append(options, o)
			}
		}
		slices.SortFunc(options, func(a, b *crm.Option) int {
			return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
		})
		for _, o := range options {
			add(o.ID, o.Label)
		}
		if len(options) == 0 {
			return nil, crm.ErrNotFound
		}
	default:
		f := l.own(name)
		if f == nil || field.Find(f.Kind) == nil || !field.Find(f.Kind).Choice {
			return nil, crm.ErrNotFound
		}
		out = choices(nil, "", "", f.Choices)
	}
	return out, nil
}

// choices gives the choices of an own field, those of a cascade with the way to
// them.
func choices(out []FilterValue, value, label string, all []crm.Choice) []FilterValue {
	for _, c := range all {
		v, l := value+c.Value, label+c.Label
		out = append(out, FilterValue{v, l})
		out = choices(out, v+"/", l+"/", c.Children)
	}
	return out
}

func byID[T any](m map[int64]*T) []*T {
	ids := make([]int64, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	out := make([]*T, len(ids))
	for i, id := range ids {
		out[i] = m[id]
	}
	return out
}
