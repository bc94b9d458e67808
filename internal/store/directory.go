package store

import (
	"context"
	"encoding/json"
	"fmt"

	"guanxi/internal/crm"
)

// Directory loads what nearly every answer of an organization needs, on one
// snapshot, ready to be shared. ErrNoRow where there is no such organization.
func (s *Store) Directory(ctx context.Context, org int64) (*crm.Directory, error) {
	var d *crm.Directory
	var v Version
	err := s.View(ctx, org, func(r *Read) error {
		d = &crm.Directory{
			Users: map[int64]*crm.User{}, Departments: map[int64]*crm.Department{}, Roles: map[int64]*crm.Role{},
			Options: map[int64]*crm.Option{}, Labels: map[int64]*crm.Label{}, Pools: map[int64]*crm.Pool{},
			Fields: map[string][]*crm.CustomField{},
		}
		o := &d.Organization
		if err := one(r.tx, `SELECT organization_id, name, version, directory_version, sessions_version, created_at
			FROM organizations WHERE organization_id = $1`, []any{org}, &o.ID, &o.Name, &v.All, &v.Directory, &v.Sessions,
			&o.CreatedAt); err != nil {
			return err
		}
		o.Version, o.DirectoryVersion = v.All, v.Directory
		for _, load := range []func(*crm.Directory, int64) error{
			r.loadDepartments, r.loadRoles, r.loadUsers, r.loadOptions, r.loadLabels, r.loadPools, r.loadFields,
		} {
			if err := load(d, org); err != nil {
				return fmt.Errorf("load the directory of organization %d: %w", org, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	d.Prepare()
	return d, nil
}

func (r *Read) loadDepartments(d *crm.Directory, org int64) error {
	return each(r.tx, `SELECT id, parent_id, name, position FROM departments WHERE organization_id = $1`, []any{org},
		func(rows Rows) error {
			x := &crm.Department{}
			err := rows.Scan(&x.ID, &x.ParentID, &x.Name, &x.Position)
			d.Departments[x.ID] = x
			return err
		})
}

func (r *Read) loadRoles(d *crm.Directory, org int64) error {
	err := each(r.tx, `SELECT id, name, data_scope, is_super FROM roles WHERE organization_id = $1`, []any{org},
		func(rows Rows) error {
			x := &crm.Role{Rights: map[string]bool{}, Hidden: map[string]crm.Hiding{}}
			err := rows.Scan(&x.ID, &x.Name, &x.Scope, &x.Super)
			d.Roles[x.ID] = x
			return err
		})
	if err != nil {
		return err
	}
	err = each(r.tx, `SELECT role_id, operation FROM role_rights WHERE organization_id = $1`, []any{org},
		func(rows Rows) error {
			var id int64
			var operation string
			err := rows.Scan(&id, &operation)
			d.Roles[id].Rights[operation] = true
			return err
		})
	if err != nil {
		return err
	}
	return each(r.tx, `SELECT role_id, field, hidden_on FROM role_hidden_fields WHERE organization_id = $1`, []any{org},
		func(rows Rows) error {
			var id int64
			var field string
			var on crm.Hiding
			err := rows.Scan(&id, &field, &on)
			d.Roles[id].Hidden[field] = on
			return err
		})
}

func (r *Read) loadUsers(d *crm.Directory, org int64) error {
	err := each(r.tx, `SELECT u.id, u.name, u.email, u.phone, u.tel, u.job, u.gender, u.role_id, u.department_id,
		u.superior_id, u.state, u.avatar_attachment_id, a.file_name, u.hide_numbers, u.created_at, u.updated_at
		FROM users u LEFT JOIN attachments a ON a.organization_id = u.organization_id AND a.id = u.avatar_attachment_id
		WHERE u.organization_id = $1`, []any{org},
		func(rows Rows) error {
			x := &crm.User{}
			err := rows.Scan(&x.ID, &x.Name, &x.Email, &x.Phone, &x.Tel, &x.Job, &x.Gender, &x.RoleID, &x.DepartmentID,
				&x.SuperiorID, &x.State, &x.AvatarID, &x.AvatarName, &x.HideNumbers, &x.CreatedAt, &x.UpdatedAt)
			d.Users[x.ID] = x
			return err
		})
	if err != nil {
		return err
	}
	return each(r.tx, `SELECT user_id, department_id FROM user_departments WHERE organization_id = $1
		ORDER BY user_id, department_id`, []any{org},
		func(rows Rows) error {
			var user, department int64
			err := rows.Scan(&user, &department)
			d.Users[user].FurtherDepartments = append(d.Users[user].FurtherDepartments, department)
			return err
		})
}

func (r *Read) loadOptions(d *crm.Directory, org int64) error {
	return each(r.tx, `SELECT id, entity, field, label, position, enabled, meaning FROM field_options
		WHERE organization_id = $1`, []any{org},
		func(rows Rows) error {
			x := &crm.Option{}
			err := rows.Scan(&x.ID, &x.Entity, &x.Field, &x.Label, &x.Position, &x.Enabled, &x.Meaning)
			d.Options[x.ID] = x
			return err
		})
}

func (r *Read) loadLabels(d *crm.Directory, org int64) error {
	return each(r.tx, `SELECT id, name, color FROM labels WHERE organization_id = $1`, []any{org},
		func(rows Rows) error {
			x := &crm.Label{}
			err := rows.Scan(&x.ID, &x.Name, &x.Color)
			d.Labels[x.ID] = x
			return err
		})
}

func (r *Read) loadPools(d *crm.Directory, org int64) error {
	return each(r.tx, `SELECT id, name FROM customer_pools WHERE organization_id = $1`, []any{org},
		func(rows Rows) error {
			x := &crm.Pool{}
			err := rows.Scan(&x.ID, &x.Name)
			d.Pools[x.ID] = x
			return err
		})
}

func (r *Read) loadFields(d *crm.Directory, org int64) error {
	return each(r.tx, `SELECT id, entity, name, label, kind, position, enabled, required, choices FROM custom_fields
		WHERE organization_id = $1 ORDER BY entity, position, id`, []any{org},
		func(rows Rows) error {
			x := &crm.CustomField{}
			var choices string
			if err := rows.Scan(&x.ID, &x.Entity, &x.Name, &x.Label, &x.Kind, &x.Position, &x.Enabled, &x.Required,
				&choices); err != nil {
				return err
			}
			d.Fields[x.Entity] = append(d.Fields[x.Entity], x)
			return json.Unmarshal([]byte(choices), &x.Choices)
		})
}
