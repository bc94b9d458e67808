package crm

import (
	"cmp"
	"slices"
)

// Template (业务类型) is a kind of business: records made with it show and demand
// its own set of fields.
type Template struct {
	ID       int64
	Entity   string
	Name     string
	Position int
	Enabled  bool
	Roles    []int64 // who may use it; empty for all
}

// UsableBy reports whether a role may make records with the template. A super
// administrator may use every one that is enabled.
func (t *Template) UsableBy(role *Role) bool {
	return t.Enabled && (role.Super || len(t.Roles) == 0 || slices.Contains(t.Roles, role.ID))
}

// HasTemplates reports whether records of an entity can have a template.
func HasTemplates(entity string) bool { return entity == "customer" }

// UsableTemplates are the templates that the role may make records with, in
// their order; any says that there are such that somebody may use. Where there
// are, a record needs one.
func (d *Directory) UsableTemplates(entity string, role *Role) (usable []*Template, any bool) {
	for _, t := range d.Templates {
		if t.Entity == entity && t.Enabled {
			any = true
			if t.UsableBy(role) {
				usable = append(usable, t)
			}
		}
	}
	slices.SortFunc(usable, func(a, b *Template) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	})
	return usable, any
}

// FieldGroup is a heading under which forms and details show fields.
type FieldGroup struct {
	ID       int64
	Entity   string
	Label    string
	Position int
	Enabled  bool
}

// FieldKey names a field's settings: for one template, or for all with 0.
type FieldKey struct {
	Entity   string
	Template int64
	Name     string
}

// FieldSetting is what an organization has changed on a field; nil is not
// changed. For one template only the first three count.
type FieldSetting struct {
	Enabled     *bool   `json:"enabled,omitempty"`
	Common      *bool   `json:"common,omitempty"`
	Required    *bool   `json:"required,omitempty"`
	Label       *string `json:"label,omitempty"`
	Placeholder *string `json:"placeholder,omitempty"`
	GroupID     *int64  `json:"group_id,omitempty"`
	Position    *int    `json:"position,omitempty"`
}
