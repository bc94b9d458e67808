package store

import (
	"encoding/json"

	"guanxi/internal/crm"
)

// The methods of this file write the definitions of fields and what an
// organization sets on them; each makes every process load the directory anew.

func fieldTexts(f *crm.CustomField) (choices, settings string, err error) {
	c, err := json.Marshal(append([]crm.Choice{}, f.Choices...))
	if err != nil {
		return "", "", err
	}
	s, err := json.Marshal(f.Options)
	return string(c), string(s), err
}

// AddCustomField writes the definition of a custom field.
func (w *Write) AddCustomField(f *crm.CustomField, at crm.Time) error {
	w.directory = true
	choices, settings, err := fieldTexts(f)
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(`INSERT INTO custom_fields (organization_id, id, entity, name, label, kind, group_id, position, enabled,
		common, required, choices, settings, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)`,
		w.org, f.ID, f.Entity, f.Name, f.Label, f.Kind, null(f.GroupID), f.Position, f.Enabled, f.Common, f.Required, choices,
		settings, int64(at))
	return err
}

// SetCustomField writes what may change of a definition: all but entity, name
// and kind. ErrNoRow where there is none.
func (w *Write) SetCustomField(f *crm.CustomField, at crm.Time) error {
	w.directory = true
	choices, settings, err := fieldTexts(f)
	if err != nil {
		return err
	}
	return changed(w.tx.Exec(`UPDATE custom_fields SET label = $3, group_id = $4, position = $5, enabled = $6, common = $7,
		required = $8, choices = $9, settings = $10, updated_at = $11 WHERE organization_id = $1 AND id = $2`,
		w.org, f.ID, f.Label, null(f.GroupID), f.Position, f.Enabled, f.Common, f.Required, choices, settings, int64(at)))
}

// DeleteCustomField deletes a definition with what templates set on it; the
// values of records stay. ErrNoRow where there is none.
func (w *Write) DeleteCustomField(f *crm.CustomField) error {
	w.directory = true
	if _, err := w.tx.Exec(`DELETE FROM field_settings WHERE organization_id = $1 AND entity = $2 AND name = $3`,
		w.org, f.Entity, f.Name); err != nil {
		return err
	}
	return changed(w.tx.Exec(`DELETE FROM custom_fields WHERE organization_id = $1 AND id = $2`, w.org, f.ID))
}

// SetFieldSetting writes what is changed on a field, for one template or for
// all.
func (w *Write) SetFieldSetting(k crm.FieldKey, x crm.FieldSetting) error {
	w.directory = true
	b, err := json.Marshal(x)
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(`INSERT INTO field_settings (organization_id, entity, template_id, name, settings)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, entity, template_id, name)
		DO UPDATE SET settings = EXCLUDED.settings`, w.org, k.Entity, k.Template, k.Name, string(b))
	return err
}

// SetFieldGroup writes a group of fields, a new one or one that is there.
func (w *Write) SetFieldGroup(g *crm.FieldGroup, at crm.Time) error {
	w.directory = true
	_, err := w.tx.Exec(`INSERT INTO field_groups (organization_id, id, entity, label, position, enabled, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (organization_id, id)
		DO UPDATE SET label = EXCLUDED.label, position = EXCLUDED.position, enabled = EXCLUDED.enabled,
		updated_at = EXCLUDED.updated_at`, w.org, g.ID, g.Entity, g.Label, g.Position, g.Enabled, int64(at))
	return err
}

// DeleteFieldGroup deletes a group of fields. ErrNoRow where there is none.
func (w *Write) DeleteFieldGroup(id int64) error {
	w.directory = true
	return changed(w.tx.Exec(`DELETE FROM field_groups WHERE organization_id = $1 AND id = $2`, w.org, id))
}

func roleIDs(t *crm.Template) (string, error) {
	b, err := json.Marshal(append([]int64{}, t.Roles...))
	return string(b), err
}

// AddTemplate writes a template. ErrConstraint where the entity has one of the
// name.
func (w *Write) AddTemplate(t *crm.Template, at crm.Time) error {
	w.directory = true
	roles, err := roleIDs(t)
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(`INSERT INTO field_templates (organization_id, id, entity, name, position, enabled, role_ids, created_at,
		updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)`, w.org, t.ID, t.Entity, t.Name, t.Position, t.Enabled, roles, int64(at))
	return err
}

// SetTemplate writes a changed template. ErrNoRow where there is none.
func (w *Write) SetTemplate(t *crm.Template, at crm.Time) error {
	w.directory = true
	roles, err := roleIDs(t)
	if err != nil {
		return err
	}
	return changed(w.tx.Exec(`UPDATE field_templates SET name = $3, position = $4, enabled = $5, role_ids = $6, updated_at = $7
		WHERE organization_id = $1 AND id = $2`, w.org, t.ID, t.Name, t.Position, t.Enabled, roles, int64(at)))
}

// DeleteTemplate deletes a template with its settings. ErrNoRow where there is
// none.
func (w *Write) DeleteTemplate(t *crm.Template) error {
	w.directory = true
	if _, err := w.tx.Exec(`DELETE FROM field_settings WHERE organization_id = $1 AND entity = $2 AND template_id = $3`,
		w.org, t.Entity, t.ID); err != nil {
		return err
	}
	return changed(w.tx.Exec(`DELETE FROM field_templates WHERE organization_id = $1 AND id = $2`, w.org, t.ID))
}

// TemplateUsed reports whether a customer has the template. It looks at all of
// them where none has.
func (r *Read) TemplateUsed(org, template int64) (bool, error) {
	ids, err := r.ids(`SELECT id FROM customers WHERE organization_id = $1 AND custom_field_template_id = $2 LIMIT 1`, org, template)
	return len(ids) > 0, err
}

// AddOption writes an option of a system select field.
func (w *Write) AddOption(o *crm.Option) error {
	w.directory = true
	_, err := w.tx.Exec(`INSERT INTO field_options (organization_id, id, entity, field, label, position, enabled, meaning)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, w.org, o.ID, o.Entity, o.Field, o.Label, o.Position, o.Enabled, o.Meaning)
	return err
}

// SetOption writes a changed option. ErrNoRow where there is none.
func (w *Write) SetOption(o *crm.Option) error {
	w.directory = true
	return changed(w.tx.Exec(`UPDATE field_options SET label = $3, position = $4, enabled = $5
		WHERE organization_id = $1 AND id = $2`, w.org, o.ID, o.Label, o.Position, o.Enabled))
}

// setCustom writes the custom values of one record, by kind of record.
var setCustom = map[string]string{
	"customer": `UPDATE customers SET custom_values = $3 WHERE organization_id = $1 AND id = $2`,
	"contact":  `UPDATE contacts SET custom_values = $3 WHERE organization_id = $1 AND id = $2`,
	"lead":     `UPDATE leads SET custom_values = $3 WHERE organization_id = $1 AND id = $2`,
}

// SetCustom writes the values of a record's own fields and nothing else of it.
// ErrNoRow where there is no such record.
func (w *Write) SetCustom(entity string, id int64, v crm.Values) error {
	return changed(w.tx.Exec(setCustom[entity], w.org, id, values(v)))
}

// customAfter reads the custom values of all records, by kind of record.
var customAfter = map[string]string{
	"customer": `SELECT id, custom_values FROM customers WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
	"contact":  `SELECT id, custom_values FROM contacts WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
	"lead":     `SELECT id, custom_values FROM leads WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
}

// CustomAfter reads the custom values of a page of all records of a kind behind
// an id, in order. It answers the last id, 0 after the last page.
func (r *Read) CustomAfter(org int64, entity string, after int64, limit int, fn func(id int64, v crm.Values)) (last int64, err error) {
	n := 0
	err = each(r.tx, customAfter[entity], []any{org, after, limit}, func(rows Rows) error {
		var v crm.Values
		err := rows.Scan(&last, &v)
		n++
		fn(last, v)
		return err
	})
	if n < limit {
		last = 0
	}
	return last, err
}
