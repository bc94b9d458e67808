package store

import (
	"errors"
	"reflect"
	"testing"

	"guanxi/internal/crm"
)

// What forms are made of comes back as it was written.
func TestFormsHoldWhatWasWritten(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	decimals, label, group, yes := 3, "名称", int64(1001), true
	field := crm.CustomField{ID: 5, Entity: "customer", Name: "subform_asset_000001", Label: "明细", Kind: "subform", GroupID: 1001,
		Position: 4, Enabled: true, Common: true, Required: true, Options: crm.FieldOptions{Placeholder: "填写", MaxRows: 9,
			Columns: []*crm.CustomField{{Name: "numeric_asset_000002", Label: "单价", Kind: "money", Enabled: true,
				Options: crm.FieldOptions{Decimals: &decimals}}}}}
	number := crm.CustomField{ID: 6, Entity: "customer", Name: "text_asset_000003", Label: "编号", Kind: "auto_number", Position: 5, Enabled: true,
		Options: crm.FieldOptions{Number: &crm.NumberRule{Prefix: "KH", Date: "YYYY", Digits: 4, Restart: true}}}
	setting := crm.FieldSetting{Label: &label, GroupID: &group, Required: &yes}
	template := crm.Template{ID: 7, Entity: "customer", Name: "大客户", Position: 2, Enabled: true, Roles: []int64{1, 2}}
	key := crm.FieldKey{Entity: "customer", Template: 7, Name: "name"}
	logs := int64(1)
	change := func(fn func(w *Write) error) *crm.Directory {
		t.Helper()
		logs++
		if err := s.Update(t.Context(), 1, func(w *Write) error { return errors.Join(fn(w), logged(w, logs)) }); err != nil {
			t.Fatal(err)
		}
		d, err := s.Directory(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := change(func(w *Write) error {
		return errors.Join(w.AddCustomField(&field, testTime), w.AddCustomField(&number, testTime), w.SetFieldSetting(key, setting),
			w.SetFieldGroup(&crm.FieldGroup{ID: 1001, Entity: "customer", Label: "财务", Position: 9, Enabled: true}, testTime),
			w.AddTemplate(&template, testTime))
	})
	field.Choices, number.Choices = []crm.Choice{}, []crm.Choice{}
	if got := d.Fields["customer"]; len(got) != 2 || !reflect.DeepEqual(*got[0], field) || !reflect.DeepEqual(*got[1], number) {
		t.Errorf("the fields are %+v", got)
	}
	if !reflect.DeepEqual(d.FieldSettings[key], setting) || !reflect.DeepEqual(*d.Templates[7], template) {
		t.Errorf("the settings are %+v, the template %+v", d.FieldSettings, d.Templates[7])
	}
	if f := d.FormField("customer", 7, "subform_asset_000001"); f.GroupID != 1001 || f.Placeholder != "填写" {
		t.Errorf("in the form it is %+v", f)
	}
	field.Label, field.Common, field.GroupID, field.Options.Placeholder = "明细表", false, 0, ""
	template.Name, template.Roles = "小客户", []int64{}
	d = change(func(w *Write) error {
		return errors.Join(w.SetCustomField(&field, testTime), w.SetTemplate(&template, testTime), w.SetFieldSetting(key, crm.FieldSetting{}),
			w.SetFieldGroup(&crm.FieldGroup{ID: 1001, Entity: "customer", Label: "钱", Position: 0}, testTime))
	})
	if !reflect.DeepEqual(*d.Fields["customer"][0], field) || d.FieldSettings[key] != (crm.FieldSetting{}) || !reflect.DeepEqual(*d.Templates[7], template) ||
		d.Groups["customer"][0].Label != "钱" {
		t.Errorf("after the change %+v, %+v, %+v", d.Fields["customer"][0], d.FieldSettings, d.Templates[7])
	}
	d = change(func(w *Write) error {
		return errors.Join(w.SetFieldSetting(crm.FieldKey{Entity: "customer", Template: 7, Name: field.Name}, setting), w.DeleteCustomField(&field),
			w.DeleteFieldGroup(1001), w.DeleteTemplate(&template))
	})
	if len(d.Fields["customer"]) != 1 || len(d.FieldSettings) != 0 || len(d.Templates) != 0 || len(d.Groups["customer"]) != 3 {
		t.Errorf("after the deletion %+v", d)
	}
	for name, fn := range map[string]func(w *Write) error{
		"SetCustomField": func(w *Write) error { return w.SetCustomField(&field, testTime) }, "DeleteCustomField": func(w *Write) error { return w.DeleteCustomField(&field) },
		"DeleteFieldGroup": func(w *Write) error { return w.DeleteFieldGroup(1001) }, "SetTemplate": func(w *Write) error { return w.SetTemplate(&template, testTime) },
		"DeleteTemplate": func(w *Write) error { return w.DeleteTemplate(&template) }, "SetOption": func(w *Write) error { return w.SetOption(&crm.Option{ID: 9}) },
		"SetLabel": func(w *Write) error { return w.SetLabel(&crm.Label{ID: 9}) }, "HideLabel": func(w *Write) error { return w.HideLabel(9, testTime) },
		"DeleteLabel": func(w *Write) error { return w.DeleteLabel(9) }, "DeleteLabelGroup": func(w *Write) error { return w.DeleteLabelGroup(9) },
		"SetCustom": func(w *Write) error { return w.SetCustom("lead", 9, nil) },
	} {
		if err := s.Update(t.Context(), 1, fn); !errors.Is(err, ErrNoRow) {
			t.Errorf("%s of what is not there: %v", name, err)
		}
	}
}
