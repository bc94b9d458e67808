package store

import (
	"cmp"
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
	return w.addRoleRights(r)
}

func (w *Write) addRoleRights(r *crm.Role) error {
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

// AddPool writes a public pool, of customers where it does not say.
func (w *Write) AddPool(p *crm.Pool, at crm.Time) error {
	w.directory = true
	settings, err := json.Marshal(p.PoolSettings)
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(`INSERT INTO customer_pools (organization_id, id, entity, name, position, settings, created_at,
		updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)`, w.org, p.ID, cmp.Or(p.Entity, "customer"), p.Name, p.Position,
		string(settings), int64(at))
	return err
}
