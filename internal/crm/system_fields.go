package crm

import "slices"

// SystemField is a field that every organization has. What an organization has
// changed on it is a FieldSetting; Directory.Form puts the two together. Its
// label is FieldLabel's.
type SystemField struct {
	// ID is the same on every installation, for ever. Own fields follow behind
	// OwnFieldIDs on the wire.
	ID int64
	// Name is the key under which a write sends the field; of the address with
	// "address." before it ("address.phone").
	Entity, Name string
	// Type is what the field holds: see field.SystemTypes.
	Type    string
	GroupID int64 // where it stands unless the organization says otherwise
	Common  bool  // shown without unfolding a form, unless the organization says otherwise
	// Required says that no record can be without it: it can neither be
	// disabled nor made optional.
	Required bool
	// Kept fields cannot be disabled. Filled ones always hold something or are
	// the system's to write: nobody can be asked for them. ReadOnly ones are the
	// system's alone.
	Kept, Filled, ReadOnly bool
}

// OwnFieldIDs lie on the wire behind the ids of the system's fields, so that the
// two never meet; groups that an organization makes begin there too.
const OwnFieldIDs = 1000

// FormEntities are the kinds of records that have forms, in the order of the
// wire.
func FormEntities() []string { return []string{"customer", "contact", "lead"} }

// The groups that every organization has: the three of an entity begin at its
// number.
const (
	customerGroups = 1
	contactGroups  = 11
	leadGroups     = 21

	basics, numbers, system int64 = 0, 1, 2
)

// systemGroups gives the groups that an entity has where nothing was changed.
func systemGroups(entity string) []*FieldGroup {
	first := map[string]int64{"customer": customerGroups, "contact": contactGroups, "lead": leadGroups}[entity]
	if first == 0 {
		return nil
	}
	return []*FieldGroup{
		{ID: first + basics, Entity: entity, Label: "基本信息", Position: 1, Enabled: true},
		{ID: first + numbers, Entity: entity, Label: "联系信息", Position: 2, Enabled: true},
		// Behind the groups that an organization makes.
		{ID: first + system, Entity: entity, Label: "系统信息", Position: 1000, Enabled: true},
	}
}

// SystemGroup reports whether a group is one of those that every organization
// has, which can be renamed and moved, not deleted.
func SystemGroup(id int64) bool { return id < OwnFieldIDs }

// SystemFields gives the fields of the system that records of an entity have, in
// the order in which a form shows them.
func SystemFields(entity string) []SystemField { return slices.Clone(systemFields[entity]) }

// FindSystemField gives one of them by its name; nil where there is none.
func FindSystemField(entity, name string) *SystemField {
	for _, f := range systemFields[entity] {
		if f.Name == name {
			return &f
		}
	}
	return nil
}

var systemFields = map[string][]SystemField{
	"customer": inGroups("customer", 0, customerGroups, []SystemField{
		{ID: 1, Name: "name", Type: "text", Common: true, Required: true},
		{ID: 2, Name: "company_name", Type: "text", Common: true},
		{ID: 3, Name: "status", Type: "select", Common: true},
		{ID: 4, Name: "category", Type: "select", Common: true},
		{ID: 5, Name: "source", Type: "select", Common: true},
		{ID: 6, Name: "industry", Type: "select"},
		{ID: 7, Name: "staff_size", Type: "select"},
		{ID: 8, Name: "parent_id", Type: "record"},
		{ID: 9, Name: "labels", Type: "labels", Common: true},
		{ID: 10, Name: "note", Type: "note", Common: true},
	}, []SystemField{
		{ID: 11, Name: "user_id", Type: "user", Common: true, Kept: true, Filled: true},
		{ID: 12, Name: "want_department_id", Type: "department", Kept: true, Filled: true},
		{ID: 13, Name: "real_revisit_at", Type: "time", Filled: true, ReadOnly: true},
	}),
	"contact": inGroups("contact", 100, contactGroups, []SystemField{
		{ID: 101, Name: "name", Type: "text", Common: true, Required: true},
		{ID: 102, Name: "customer_id", Type: "record", Common: true, Required: true},
		{ID: 103, Name: "department", Type: "text", Common: true},
		{ID: 104, Name: "job", Type: "text", Common: true},
		{ID: 105, Name: "category", Type: "select", Common: true},
		{ID: 106, Name: "gender", Type: "gender", Common: true},
		{ID: 107, Name: "birth_date", Type: "date"},
		{ID: 108, Name: "note", Type: "note", Common: true},
	}, nil),
	"lead": inGroups("lead", 200, leadGroups, []SystemField{
		{ID: 201, Name: "name", Type: "text", Common: true, Required: true},
		{ID: 202, Name: "company_name", Type: "text", Common: true},
		{ID: 203, Name: "status", Type: "select", Common: true},
		{ID: 204, Name: "source", Type: "select", Common: true},
		{ID: 205, Name: "department", Type: "text"},
		{ID: 206, Name: "job", Type: "text"},
		{ID: 207, Name: "note", Type: "note", Common: true},
	}, []SystemField{
		{ID: 211, Name: "user_id", Type: "user", Common: true, Kept: true, Filled: true},
		{ID: 212, Name: "want_department_id", Type: "department", Kept: true, Filled: true},
		{ID: 213, Name: "real_revisit_at", Type: "time", Filled: true, ReadOnly: true},
	}),
}

// inGroups puts the fields of an entity into its groups, the address's and
// those that all have with them. Their ids begin at ids.
func inGroups(entity string, ids, groups int64, main, managed []SystemField) []SystemField {
	address := []SystemField{
		{ID: ids + 20, Name: "address.tel", Type: "phone", Common: true},
		{ID: ids + 21, Name: "address.phone", Type: "phone", Common: true},
		{ID: ids + 22, Name: "address.email", Type: "email"},
		{ID: ids + 23, Name: "address.qq", Type: "text"},
		{ID: ids + 24, Name: "address.wechat", Type: "text"},
		{ID: ids + 25, Name: "address.wangwang", Type: "text"},
		{ID: ids + 26, Name: "address.fax", Type: "text"},
		{ID: ids + 27, Name: "address.url", Type: "url"},
		{ID: ids + 28, Name: "address.zip", Type: "text"},
		{ID: ids + 29, Name: "address.region_info", Type: "region", Common: true},
		{ID: ids + 30, Name: "address.detail_address", Type: "text", Common: true},
	}
	written := []SystemField{
		{ID: ids + 40, Name: "creator_id", Type: "user", Filled: true, ReadOnly: true},
		{ID: ids + 41, Name: "created_at", Type: "time", Filled: true, ReadOnly: true},
		{ID: ids + 42, Name: "updated_at", Type: "time", Filled: true, ReadOnly: true},
	}
	all := slices.Concat(main, address, managed, written)
	for i := range all {
		f := &all[i]
		f.Entity, f.GroupID = entity, groups+system
		switch {
		case i < len(main):
			f.GroupID = groups + basics
		case i < len(main)+len(address):
			f.GroupID = groups + numbers
		}
		f.Kept = f.Kept || f.Required
	}
	return all
}
