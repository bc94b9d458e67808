package service

import (
	"context"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// maxTemplates is how many templates an entity may have.
const maxTemplates = 100

func templateRecord(t *crm.Template) record {
	return record{"entity": t.Entity, "name": t.Name, "enabled": t.Enabled, "position": int64(t.Position), "role_ids": t.Roles}
}

// AddTemplate makes a template (业务类型) behind the others, with the settings of
// another one (0 for those for all), and shows it.
//
// ErrForbidden without the right; an entity_validation_error for a kind of
// record that has no templates, a name that is none or there already, and a
// role that is not there.
func (s *Service) AddTemplate(ctx context.Context, c *Caller, in *crm.Template, copyOf int64,
	show func(d *crm.Directory, t *crm.Template) error) error {
	var id int64
	return s.manage(ctx, c, crm.RightManageFields, func(w *store.Write) error {
		t, d := *in, c.Directory
		if !crm.HasTemplates(t.Entity) {
			return crm.Invalid("该对象没有业务类型", "These records have no business types")
		}
		if err := templateOf(d, t.Entity, copyOf); err != nil {
			return err
		}
		others := templatesOf(d, t.Entity)
		if len(others) >= maxTemplates {
			return crm.Invalid("业务类型最多100个", "There can be at most 100 business types")
		}
		t.Position = 1
		for _, other := range others {
			t.Position = max(t.Position, other.Position+1)
		}
		if err := checkTemplateDraft(d, &t); err != nil {
			return err
		}
		var err error
		if t.ID, err = w.TakeIDs(store.Templates, 1); err != nil {
			return err
		}
		id = t.ID
		if err := w.AddTemplate(&t, crm.At(s.now())); err != nil {
			return err
		}
		for key, x := range d.FieldSettings {
			if key.Entity != t.Entity || key.Template != copyOf || copyOf == 0 {
				continue
			}
			key.Template = t.ID
			if err := w.SetFieldSetting(key, x); err != nil {
				return err
			}
		}
		return s.note(w, c, "custom_field_template", t.ID, "create", nil, templateRecord(&t))
	}, func(d *crm.Directory) error { return show(d, d.Templates[id]) })
}

// checkTemplateDraft checks a template that is made or changed.
func checkTemplateDraft(d *crm.Directory, t *crm.Template) (err error) {
	if t.Name, err = checkLabel(t.Name, "业务类型名称", "Name of the business type"); err != nil {
		return err
	}
	for _, other := range d.Templates {
		if other.Entity == t.Entity && other.ID != t.ID && other.Name == t.Name {
			return crm.Invalid("业务类型“"+t.Name+"”已存在", "There is the business type “"+t.Name+"” already")
		}
	}
	t.Roles = sortedSet(t.Roles)
	for _, role := range t.Roles {
		if d.Roles[role] == nil {
			return crm.Invalid("角色不存在", "The role does not exist")
		}
	}
	return nil
}

// ChangeTemplate changes a template: patch changes the draft. A disabled one is
// chosen for no more records; those that have it keep it.
//
// ErrNotFound where there is none; otherwise the refusals of AddTemplate.
func (s *Service) ChangeTemplate(ctx context.Context, c *Caller, id int64, patch func(*crm.Template) error,
	show func(d *crm.Directory, t *crm.Template) error) error {
	return s.manage(ctx, c, crm.RightManageFields, func(w *store.Write) error {
		before, err := s.templateFor(w, c, id)
		if err != nil {
			return err
		}
		t := *before
		t.Roles = slices.Clone(before.Roles)
		if err := patch(&t); err != nil {
			return err
		}
		if err := checkTemplateDraft(c.Directory, &t); err != nil {
			return err
		}
		old, now := templateRecord(before), templateRecord(&t)
		if len(changedFields(old, now)) == 0 {
			w.Nothing()
			return nil
		}
		if err := w.SetTemplate(&t, crm.At(s.now())); err != nil {
			return err
		}
		return s.note(w, c, "custom_field_template", id, "update", old, now)
	}, func(d *crm.Directory) error { return show(d, d.Templates[id]) })
}

func (s *Service) templateFor(w *store.Write, c *Caller, id int64) (*crm.Template, error) {
	t := c.Directory.Templates[id]
	if t == nil {
		return nil, crm.ErrNotFound
	}
	return t, s.unmodified(w, c, "custom_field_template", id)
}

// DeleteTemplate deletes a template that no record has. ErrNotFound where there
// is none, ErrForbidden without the right, an entity_validation_error for one
// that records have.
func (s *Service) DeleteTemplate(ctx context.Context, c *Caller, id int64, show func(d *crm.Directory, t *crm.Template) error) error {
	var t *crm.Template
	return s.manage(ctx, c, crm.RightManageFields, func(w *store.Write) (err error) {
		if t, err = s.templateFor(w, c, id); err != nil {
			return err
		}
		used, err := w.TemplateUsed(c.Org(), id)
		if err != nil {
			return err
		}
		if used {
			return crm.Invalid("已有数据使用该业务类型,不能删除,只能停用", "Records have this business type; it cannot be deleted, only disabled")
		}
		if err := w.DeleteTemplate(t); err != nil {
			return notFound(err)
		}
		return s.note(w, c, "custom_field_template", id, "destroy", templateRecord(t), nil)
	}, func(d *crm.Directory) error { return show(d, t) })
}
