package store

import (
	"encoding/json"

	"guanxi/internal/crm"
)

// The methods of this file write what Directory holds; each makes every
// process load it anew.

// AddDepartment writes a department; its parent must be there.
func (w *Write) AddDepartment(d *crm.Department, at crm.Time) error {
	w.directory = true
	_, err := w.tx.Exec(`INSERT INTO departments (organization_id, id, parent_id, name, position, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6)`, w.org, d.ID, null(d.ParentID), d.Name, d.Position, int64(at))
	return err
}

// AddRole writes a role with its operation and field rights.
func (w *Write) AddRole(r *crm.Role, at crm.Time) error {
	w.directory = true
	_, err := w.tx.Exec(`INSERT INTO roles (organization_id, id, name, data_scope, is_super, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6)`, w.org, r.ID, r.Name, string(r.Scope), r.Super, int64(at))
	if err != nil {
		return err
	}
	for operation, has := range r.Rights {
		if !has {
			continue
		}
		if _, err := w.tx.Exec(`INSERT INTO role_rights (organization_id, role_id, operation) VALUES ($1, $2, $3)`,
			w.org, r.ID, operation); err != nil {
			return err
		}
	}
	for field, on := range r.Hidden {
		if _, err := w.tx.Exec(`INSERT INTO role_hidden_fields (organization_id, role_id, field, hidden_on)
			VALUES ($1, $2, $3, $4)`, w.org, r.ID, field, string(on)); err != nil {
			return err
		}
	}
	return nil
}

// AddOption writes an option of a system select field.
func (w *Write) AddOption(o *crm.Option) error {
	w.directory = true
	_, err := w.tx.Exec(`INSERT INTO field_options (organization_id, id, entity, field, label, position, enabled, meaning)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, w.org, o.ID, o.Entity, o.Field, o.Label, o.Position, o.Enabled, o.Meaning)
	return err
}

// AddLabel writes a label.
func (w *Write) AddLabel(l *crm.Label, position int) error {
	w.directory = true
	_, err := w.tx.Exec(`INSERT INTO labels (organization_id, id, name, color, position) VALUES ($1, $2, $3, $4, $5)`,
		w.org, l.ID, l.Name, l.Color, position)
	return err
}

// AddPool writes a public pool.
func (w *Write) AddPool(p *crm.Pool, at crm.Time) error {
	w.directory = true
	_, err := w.tx.Exec(`INSERT INTO customer_pools (organization_id, id, name, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $4)`, w.org, p.ID, p.Name, int64(at))
	return err
}

// AddCustomField writes the definition of a custom field.
func (w *Write) AddCustomField(f *crm.CustomField, at crm.Time) error {
	w.directory = true
	choices, err := json.Marshal(append([]crm.Choice{}, f.Choices...))
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(`INSERT INTO custom_fields (organization_id, id, entity, name, label, kind, position, enabled,
		required, choices, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)`,
		w.org, f.ID, f.Entity, f.Name, f.Label, f.Kind, f.Position, f.Enabled, f.Required, string(choices), int64(at))
	return err
}
