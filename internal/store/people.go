package store

import "guanxi/internal/crm"

// SetDepartment writes name, parent and position of a department; ErrNoRow where
// there is none.
func (w *Write) SetDepartment(d *crm.Department, at crm.Time) error {
	w.directory = true
	return changed(w.tx.Exec(`UPDATE departments SET name = $3, parent_id = $4, position = $5, updated_at = $6
		WHERE organization_id = $1 AND id = $2`, w.org, d.ID, d.Name, null(d.ParentID), d.Position, int64(at)))
}

// DeleteDepartment deletes a department. ErrConstraint while users, records or
// other departments lie in it, ErrNoRow where there is none.
func (w *Write) DeleteDepartment(id int64) error {
	w.directory = true
	return changed(w.tx.Exec(`DELETE FROM departments WHERE organization_id = $1 AND id = $2`, w.org, id))
}

// DepartmentHasRecords reports whether a customer or a lead belongs to a
// department.
func (r *Read) DepartmentHasRecords(org, id int64) (bool, error) {
	found, err := r.ids(`SELECT id FROM customers WHERE organization_id = $1 AND department_id = $2 LIMIT 1`, org, id)
	if err != nil || len(found) > 0 {
		return len(found) > 0, err
	}
	found, err = r.ids(`SELECT id FROM leads WHERE organization_id = $1 AND department_id = $2 LIMIT 1`, org, id)
	return len(found) > 0, err
}

// SetRole writes a role with its operation and field rights; ErrNoRow where
// there is none.
func (w *Write) SetRole(r *crm.Role, at crm.Time) error {
	w.directory = true
	err := changed(w.tx.Exec(`UPDATE roles SET name = $3, data_scope = $4, updated_at = $5 WHERE organization_id = $1 AND id = $2`,
		w.org, r.ID, r.Name, string(r.Scope), int64(at)))
	if err != nil {
		return err
	}
	if _, err := w.tx.Exec(`DELETE FROM role_rights WHERE organization_id = $1 AND role_id = $2`, w.org, r.ID); err != nil {
		return err
	}
	if _, err := w.tx.Exec(`DELETE FROM role_hidden_fields WHERE organization_id = $1 AND role_id = $2`, w.org, r.ID); err != nil {
		return err
	}
	return w.addRoleRights(r)
}

// DeleteRole deletes a role. What deleted users had it gets another, since a
// user always has one. ErrConstraint while a user has it, ErrNoRow where there
// is none.
func (w *Write) DeleteRole(id, other int64) error {
	w.directory = true
	if _, err := w.tx.Exec(`UPDATE users SET role_id = $3 WHERE organization_id = $1 AND role_id = $2 AND state = 'deleted'`,
		w.org, id, other); err != nil {
		return err
	}
	return changed(w.tx.Exec(`DELETE FROM roles WHERE organization_id = $1 AND id = $2`, w.org, id))
}

// Held counts what a user still has: customers, leads and collaborations.
func (r *Read) Held(org, user int64) (customers, leads, assisted int64, err error) {
	count := func(sql string, into *int64) Question {
		return Question{SQL: sql, Args: []any{org, user}, Each: func(rows Rows) error { return rows.Scan(into) }}
	}
	err = r.tx.Together(
		count(`SELECT count(*) FROM customers WHERE organization_id = $1 AND user_id = $2`, &customers),
		count(`SELECT count(*) FROM leads WHERE organization_id = $1 AND user_id = $2`, &leads),
		count(`SELECT count(*) FROM customer_assistants WHERE organization_id = $1 AND user_id = $2`, &assisted))
	return customers, leads, assisted, err
}
