package service

import (
	"cmp"
	"slices"

	"guanxi/internal/crm"
)

// FormGroup is a heading of a form with its fields.
type FormGroup struct {
	crm.FieldGroup
	Fields []crm.FormField
}

// EntityTypes are the words of the wire for kinds of records with fields. What
// is not one of crm.FormEntities has none yet.
func EntityTypes() []string {
	return []string{"product", "customer", "contact", "lead", "opportunity", "contract", "received_payment"}
}

// entityType refuses a word that stands for no kind of record.
func entityType(entity string) error {
	if !slices.Contains(EntityTypes(), entity) {
		zh, en := crm.FieldLabel("", "entity_type")
		return crm.BadParam(zh+"(entity_type)不存在", en+" (entity_type) does not exist")
	}
	return nil
}

// formEntity refuses a word that stands for no kind of record with a form.
func formEntity(entity string) error {
	if !slices.Contains(crm.FormEntities(), entity) {
		zh, en := crm.FieldLabel("", "entity_type")
		return crm.BadParam(zh+"(entity_type)不存在", en+" (entity_type) does not exist")
	}
	return nil
}

// templateOf refuses a template that the entity does not have; 0 is none.
func templateOf(d *crm.Directory, entity string, template int64) error {
	if t := d.Templates[template]; template != 0 && (t == nil || t.Entity != entity) {
		zh, en := crm.FieldLabel("customer", "custom_field_template_id")
		return crm.BadParam(zh+"不存在", en+" does not exist")
	}
	return nil
}

// Form gives the groups of a form and what the caller sees in them: enabled
// fields but those that the caller's role never shows. Groups without any are
// left out. Kinds of records that have no form yet have no groups.
func (s *Service) Form(c *Caller, entity string, template int64) ([]FormGroup, error) {
	if err := entityType(entity); err != nil {
		return nil, err
	}
	if err := templateOf(c.Directory, entity, template); err != nil {
		return nil, err
	}
	return formFor(c.Directory, entity, template, c.Viewer.Role), nil
}

func formFor(d *crm.Directory, entity string, template int64, role *crm.Role) []FormGroup {
	groups := formGroups(d, entity, template, func(f *crm.FormField) bool {
		return f.Enabled && (role.Super || role.Hidden[entity+"."+f.Name] != crm.HideAll)
	})
	return slices.DeleteFunc(groups, func(g FormGroup) bool { return len(g.Fields) == 0 })
}

func formGroups(d *crm.Directory, entity string, template int64, shown func(*crm.FormField) bool) []FormGroup {
	groups := make([]FormGroup, len(d.Groups[entity]))
	places := map[int64]int{}
	for i, g := range d.Groups[entity] {
		groups[i].FieldGroup = *g
		places[g.ID] = i
	}
	form := d.Form(entity, template)
	for i := range form {
		if g := &groups[places[form[i].GroupID]]; shown(&form[i]) {
			g.Fields = append(g.Fields, form[i])
		}
	}
	return groups
}

// mayManage refuses a caller without a right of administration.
func mayManage(c *Caller, right string) error {
	if !c.Viewer.Role.May(right) {
		return crm.ErrForbidden
	}
	return nil
}

// AllFields gives all groups and fields of an entity, disabled ones and empty
// groups too, with the settings of one template or (0) for all. ErrForbidden
// without the right to manage fields.
func (s *Service) AllFields(c *Caller, entity string, template int64) ([]FormGroup, error) {
	if err := mayManage(c, crm.RightManageFields); err != nil {
		return nil, err
	}
	if err := formEntity(entity); err != nil {
		return nil, err
	}
	if err := templateOf(c.Directory, entity, template); err != nil {
		return nil, err
	}
	return AllGroups(c.Directory, entity, template), nil
}

// AllGroups gives all groups of an entity with all their fields.
func AllGroups(d *crm.Directory, entity string, template int64) []FormGroup {
	return formGroups(d, entity, template, func(*crm.FormField) bool { return true })
}

// PreviewForm gives a form as the people of a role see it. ErrForbidden without
// the right to manage fields.
func (s *Service) PreviewForm(c *Caller, entity string, template, role int64) ([]FormGroup, error) {
	if _, err := s.AllFields(c, entity, template); err != nil {
		return nil, err
	}
	r := c.Viewer.Role
	if role != 0 {
		if r = c.Directory.Roles[role]; r == nil {
			return nil, crm.Invalid("角色不存在", "The role does not exist")
		}
	}
	return formFor(c.Directory, entity, template, r), nil
}

// OptionList is a select field of the system with all its options in their
// order, disabled ones too.
type OptionList struct {
	Field   string
	Options []*crm.Option
}

// Options gives the select fields of an entity with their options.
func (s *Service) Options(c *Caller, entity string) ([]OptionList, error) {
	if err := entityType(entity); err != nil {
		return nil, err
	}
	var all []OptionList
	for _, f := range crm.SystemFields(entity) {
		if f.Type == "select" {
			all = append(all, OptionList{f.Name, OptionsOf(c.Directory, entity, f.Name)})
		}
	}
	return all, nil
}

// OptionsOf gives the options of a select field in their order.
func OptionsOf(d *crm.Directory, entity, name string) []*crm.Option {
	var all []*crm.Option
	for _, o := range d.Options {
		if o.Entity == entity && o.Field == name {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b *crm.Option) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// Templates gives the templates of an entity in their order: those that the
// caller may make records with, and all for who manages fields.
func (s *Service) Templates(c *Caller, entity string) ([]*crm.Template, error) {
	if err := entityType(entity); err != nil {
		return nil, err
	}
	d := c.Directory
	if !c.Viewer.Role.May(crm.RightManageFields) {
		usable, _ := d.UsableTemplates(entity, c.Viewer.Role)
		return usable, nil
	}
	return templatesOf(d, entity), nil
}

func templatesOf(d *crm.Directory, entity string) []*crm.Template {
	var all []*crm.Template
	for _, t := range d.Templates {
		if t.Entity == entity {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *crm.Template) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	})
	return all
}
