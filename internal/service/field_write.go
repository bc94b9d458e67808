package service

import (
	"context"
	"encoding/json"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// manage runs a change of what the directory holds for a caller with a right of
// administration, and shows what it holds then.
func (s *Service) manage(ctx context.Context, c *Caller, right string, change func(w *store.Write) error,
	show func(*crm.Directory) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		if err := mayManage(c, right); err != nil {
			return err
		}
		if err := change(w); err != nil {
			return err
		}
		d, err := w.Directory(c.Org())
		if err != nil {
			return err
		}
		return show(d)
	})
}

// maxOwnFields is how many own fields an entity may have.
const maxOwnFields = 500

// AddField makes an own field behind all others and shows the directory with
// it. Where no name is given it gets one.
//
// ErrForbidden without the right; an entity_validation_error for what no
// definition may be, and for a label that another field of the entity has.
func (s *Service) AddField(ctx context.Context, c *Caller, in *crm.CustomField, show func(d *crm.Directory, name string) error) error {
	name := ""
	return s.manage(ctx, c, crm.RightManageFields, func(w *store.Write) error {
		f, d := *cloneField(in), c.Directory // the transaction may run twice
		if err := formEntity(f.Entity); err != nil {
			return err
		}
		k := field.Find(f.Kind)
		if k == nil {
			return crm.Invalid("字段类型不存在", "The type of the field does not exist")
		}
		if len(d.Fields[f.Entity]) >= maxOwnFields {
			return crm.Invalid("自定义字段最多500个", "There can be at most 500 own fields")
		}
		if f.Name == "" {
			f.Name = freshName(k, func(name string) bool { return ownField(d, f.Entity, name) != nil })
		} else if ownField(d, f.Entity, f.Name) != nil {
			return crm.Invalid("字段标识已存在", "There is a field of this name already")
		}
		complete(&f, nil)
		if err := s.checkField(d, &f); err != nil {
			return err
		}
		f.Position = lastPlace(d, f.Entity)
		var err error
		if f.ID, err = w.TakeIDs(store.CustomFields, 1); err != nil {
			return err
		}
		if err := w.AddCustomField(&f, crm.At(s.now())); err != nil {
			return err
		}
		name = f.Name
		return s.note(w, c, "custom_field", crm.OwnFieldIDs+f.ID, "create", nil, fieldRecord(&f, 0))
	}, func(d *crm.Directory) error { return show(d, name) })
}

// checkField refuses what no definition may be, in view of the others.
func (s *Service) checkField(d *crm.Directory, f *crm.CustomField) error {
	if err := field.Validate(f); err != nil {
		return err
	}
	k := field.Find(f.Kind)
	switch {
	case k.ReadOnly && f.Required:
		return crm.Invalid(f.Label+"由系统填写,不能设为必填", f.Label+" is filled in by the system and cannot be required")
	case f.Options.Target != "" && !slices.Contains(crm.FormEntities(), f.Options.Target):
		return crm.Invalid(f.Label+"的关联对象不存在", f.Label+" has a target that does not exist")
	}
	return checkPlace(d, f)
}

// checkPlace refuses a label that another field has, and a group that is not
// there.
func checkPlace(d *crm.Directory, f *crm.CustomField) error {
	form := d.Form(f.Entity, 0)
	for i := range form {
		if form[i].Label == f.Label && form[i].Name != f.Name {
			return crm.Invalid("已有名称为“"+f.Label+"”的字段", "There is a field with the label “"+f.Label+"” already")
		}
	}
	if f.GroupID != 0 && !slices.ContainsFunc(d.Groups[f.Entity], func(g *crm.FieldGroup) bool { return g.ID == f.GroupID }) {
		return errNoFieldGroup
	}
	return nil
}

var errNoFieldGroup = crm.Invalid("字段分组不存在", "The group of fields does not exist")

// ownField finds the definition of an own field; nil where there is none.
func ownField(d *crm.Directory, entity, name string) *crm.CustomField {
	for _, f := range d.Fields[entity] {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// fieldDraft is a field, the system's or an own one, as it is changed: of the
// system's the label, the placeholder, the group and the three switches count.
func fieldDraft(d *crm.Directory, f *crm.FormField) *crm.CustomField {
	draft := &crm.CustomField{Entity: f.Entity, Name: f.Name}
	if f.Own != nil {
		draft = cloneField(ownField(d, f.Entity, f.Name))
	} else {
		draft.Kind = f.System.Type
	}
	draft.Label, draft.GroupID, draft.Position = f.Label, f.GroupID, f.Position
	draft.Enabled, draft.Common, draft.Required = f.Enabled, f.Common, f.Required
	draft.Options.Placeholder = f.Placeholder
	return draft
}

// ChangeField changes a field, the system's or an own one, for all records or
// for those of one template: patch changes the draft, and only that.
//
// ErrNotFound where there is none; ErrForbidden without the right; an
// entity_validation_error for what the field cannot be.
func (s *Service) ChangeField(ctx context.Context, c *Caller, entity, name string, template int64, patch func(*crm.CustomField) error,
	show func(*crm.Directory) error) error {
	return s.manage(ctx, c, crm.RightManageFields, func(w *store.Write) error {
		f, err := s.fieldFor(w, c, entity, name, template)
		if err != nil {
			return err
		}
		before, draft := fieldDraft(c.Directory, f), fieldDraft(c.Directory, f)
		if err := patch(draft); err != nil {
			return err
		}
		if draft.Entity != before.Entity || draft.Name != before.Name || draft.Kind != before.Kind {
			return crm.Invalid("字段类型不能修改", "The type of a field cannot be changed")
		}
		if f.Own != nil {
			complete(draft, before)
		}
		old, now := fieldRecord(before, template), fieldRecord(draft, template)
		if len(changedFields(old, now)) == 0 {
			w.Nothing()
			return nil
		}
		switch {
		case template != 0:
			err = s.setForTemplate(w, c, f, template, before, draft)
		case f.Own != nil:
			err = s.setOwnField(w, c, before, draft)
		default:
			err = s.setSystemField(w, c, f, draft)
		}
		if err != nil {
			return err
		}
		if before.Enabled && !draft.Enabled && template == 0 {
			if err := s.dropRules(w, c, entity, name); err != nil {
				return err
			}
		}
		return s.note(w, c, "custom_field", f.ID, "update", old, now)
	}, show)
}

// fieldFor finds a field for a change.
func (s *Service) fieldFor(w *store.Write, c *Caller, entity, name string, template int64) (*crm.FormField, error) {
	if err := formEntity(entity); err != nil {
		return nil, err
	}
	if err := templateOf(c.Directory, entity, template); err != nil {
		return nil, err
	}
	f := c.Directory.FormField(entity, template, name)
	if f == nil {
		return nil, crm.ErrNotFound
	}
	return f, s.unmodified(w, c, "custom_field", f.ID)
}

func (s *Service) setOwnField(w *store.Write, c *Caller, before, draft *crm.CustomField) error {
	if draft.Options.Target != before.Options.Target {
		return crm.Invalid(draft.Label+"的关联对象不能修改", "The target of "+draft.Label+" cannot be changed")
	}
	if err := s.checkField(c.Directory, draft); err != nil {
		return err
	}
	if draft.GroupID == before.GroupID {
		kept := ownField(c.Directory, draft.Entity, draft.Name)
		draft.GroupID, draft.Position = kept.GroupID, kept.Position
	} else {
		draft.Position = lastPlace(c.Directory, draft.Entity)
	}
	return w.SetCustomField(draft, crm.At(s.now()))
}

func (s *Service) setSystemField(w *store.Write, c *Caller, f *crm.FormField, draft *crm.CustomField) error {
	key := crm.FieldKey{Entity: f.Entity, Name: f.Name}
	x := c.Directory.FieldSettings[key]
	switch {
	case draft.Label == "": // as the system calls it
		x.Label = nil
		draft.Label, _ = crm.FieldLabel(f.Entity, f.Name)
	case draft.Label != f.Label:
		x.Label = &draft.Label
	}
	if err := field.ValidateTexts(draft); err != nil {
		return err
	}
	if err := checkPlace(c.Directory, draft); err != nil {
		return err
	}
	if err := mayChangeSystemField(f, draft); err != nil {
		return err
	}
	changedTo(&x.Placeholder, f.Placeholder, draft.Options.Placeholder)
	if draft.GroupID != f.GroupID {
		x.GroupID, x.Position = &draft.GroupID, new(int)
		*x.Position = lastPlace(c.Directory, f.Entity)
	}
	changedTo(&x.Enabled, f.Enabled, draft.Enabled)
	changedTo(&x.Common, f.Common, draft.Common)
	changedTo(&x.Required, f.Required, draft.Required)
	return w.SetFieldSetting(key, x)
}

// mayChangeSystemField refuses switches that a field of the system does not
// have.
func mayChangeSystemField(f *crm.FormField, draft *crm.CustomField) error {
	x := f.System
	switch {
	case x == nil:
		return nil
	case x.Kept && !draft.Enabled:
		return crm.Invalid(f.Label+"不能停用", f.English+" cannot be disabled")
	case x.Required && !draft.Required:
		return crm.Invalid(f.Label+"必须是必填", f.English+" cannot be made optional")
	case x.Filled && draft.Required:
		return crm.Invalid(f.Label+"由系统填写,不能设为必填", f.English+" is filled in by the system and cannot be required")
	}
	return nil
}

// setForTemplate sets the switches that a template has of its own.
func (s *Service) setForTemplate(w *store.Write, c *Caller, f *crm.FormField, template int64, before, draft *crm.CustomField) error {
	only := *before
	only.Enabled, only.Common, only.Required = draft.Enabled, draft.Common, draft.Required
	if len(changedFields(fieldRecord(&only, template), fieldRecord(draft, template))) > 0 {
		return crm.Invalid("业务类型只能设置字段的启用、常用和必填", "A business type can only set whether a field is enabled, common and required")
	}
	if err := mayChangeSystemField(f, draft); err != nil {
		return err
	}
	if k := field.Find(draft.Kind); k != nil && k.ReadOnly && draft.Required {
		return crm.Invalid(f.Label+"由系统填写,不能设为必填", f.English+" is filled in by the system and cannot be required")
	}
	base := c.Directory.FormField(f.Entity, 0, f.Name)
	if draft.Enabled && !base.Enabled {
		return crm.Invalid(f.Label+"已停用,请先启用该字段", f.English+" is disabled for all; enable it there first")
	}
	key := crm.FieldKey{Entity: f.Entity, Template: template, Name: f.Name}
	x := c.Directory.FieldSettings[key]
	changedTo(&x.Enabled, f.Enabled, draft.Enabled)
	changedTo(&x.Common, f.Common, draft.Common)
	changedTo(&x.Required, f.Required, draft.Required)
	return w.SetFieldSetting(key, x)
}

// changedTo notes a value that is to be another.
func changedTo[T comparable](into **T, was, now T) {
	if was != now {
		*into = &now
	}
}

// DeleteField deletes an own field. Who calls it says which one by sending its
// label once more. The definition is gone at once; the values of all records
// are destroyed by a job.
//
// ErrNotFound where there is none; ErrForbidden without the right; an
// entity_validation_error for a field of the system and for another label.
func (s *Service) DeleteField(ctx context.Context, c *Caller, entity, name, confirm string, show func(*crm.FormField) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		if err := mayManage(c, crm.RightManageFields); err != nil {
			return err
		}
		f, err := s.fieldFor(w, c, entity, name, 0)
		if err != nil {
			return err
		}
		switch {
		case f.System != nil:
			return crm.Invalid("系统字段不能删除,只能停用", "A field of the system cannot be deleted, only disabled")
		case confirm == "":
			return crm.Invalid("删除字段会销毁所有数据,请在confirm中填写字段名称确认", "Deleting a field destroys its data; send its label as confirm")
		case confirm != f.Label:
			return crm.Invalid("confirm与字段名称不一致", "confirm is not the label of the field")
		}
		own := ownField(c.Directory, entity, name)
		if err := s.dropRules(w, c, entity, name); err != nil {
			return err
		}
		if err := w.DeleteCustomField(own); err != nil {
			return err
		}
		payload, err := json.Marshal(destroyed{Entity: entity, Name: name, Files: field.Find(own.Kind) != nil && field.Find(own.Kind).Files})
		if err != nil {
			return err
		}
		if _, err := w.Enqueue(0, crm.NewJob{Kind: destroyKind, Key: name, Payload: string(payload), UserID: c.Viewer.User.ID,
			At: crm.At(s.now())}); err != nil {
			return err
		}
		if err := s.note(w, c, "custom_field", f.ID, "destroy", fieldRecord(own, 0), nil); err != nil {
			return err
		}
		return show(f)
	})
}

// fieldRecord is a field as the operation log shows it.
func fieldRecord(f *crm.CustomField, template int64) record {
	r := record{"entity": f.Entity, "name": f.Name, "label": f.Label, "kind": f.Kind, "group_id": f.GroupID,
		"enabled": f.Enabled, "common": f.Common, "required": f.Required, "custom_field_template_id": template}
	if len(f.Choices) > 0 {
		r["choices"] = f.Choices
	}
	r["options"] = f.Options
	return r
}
