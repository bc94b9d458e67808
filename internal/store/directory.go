package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"guanxi/internal/crm"
)

// Directory loads what nearly every answer of an organization needs, on one
// snapshot, ready to be shared. ErrNoRow where there is no such organization.
func (s *Store) Directory(ctx context.Context, org int64) (d *crm.Directory, err error) {
	err = s.View(ctx, org, func(r *Read) error {
		d, err = r.Directory(org)
		return err
	})
	return d, err
}

// Directory is Store.Directory of this snapshot. In a transaction that has
// changed something of it, it shows that, under the version from before.
func (r *Read) Directory(org int64) (*crm.Directory, error) {
	d := &crm.Directory{
		Users: map[int64]*crm.User{}, Departments: map[int64]*crm.Department{}, Roles: map[int64]*crm.Role{},
		Options: map[int64]*crm.Option{}, Labels: map[int64]*crm.Label{}, LabelGroups: map[int64]*crm.LabelGroup{},
		Pools: map[int64]*crm.Pool{}, Templates: map[int64]*crm.Template{},
		Fields: map[string][]*crm.CustomField{}, Groups: map[string][]*crm.FieldGroup{},
		FieldSettings: map[crm.FieldKey]crm.FieldSetting{},
	}
	o := &d.Organization
	var v Version
	var settings string
	if err := one(r.tx, `SELECT organization_id, name, version, directory_version, sessions_version, created_at, settings
		FROM organizations WHERE organization_id = $1`, []any{org}, &o.ID, &o.Name, &v.All, &v.Directory, &v.Sessions,
		&o.CreatedAt, &settings); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(settings), &o.Settings); err != nil {
		return nil, fmt.Errorf("read the settings of organization %d: %w", org, err)
	}
	o.Version, o.DirectoryVersion = v.All, v.Directory
	for _, load := range []func(*crm.Directory, int64) error{
		r.loadDepartments, r.loadRoles, r.loadUsers, r.loadOptions, r.loadLabels, r.loadPools, r.loadFields, r.loadForms,
		r.loadRules,
	} {
		if err := load(d, org); err != nil {
			return nil, fmt.Errorf("load the directory of organization %d: %w", org, err)
		}
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
		u.superior_id, u.state, u.avatar_attachment_id, a.file_name, u.hide_numbers, u.login, u.created_at, u.updated_at
		FROM users u LEFT JOIN attachments a ON a.organization_id = u.organization_id AND a.id = u.avatar_attachment_id
		WHERE u.organization_id = $1`, []any{org},
		func(rows Rows) error {
			x := &crm.User{}
			err := rows.Scan(&x.ID, &x.Name, &x.Email, &x.Phone, &x.Tel, &x.Job, &x.Gender, &x.RoleID, &x.DepartmentID,
				&x.SuperiorID, &x.State, &x.AvatarID, &x.AvatarName, &x.HideNumbers, &x.Login, &x.CreatedAt, &x.UpdatedAt)
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
	err := each(r.tx, `SELECT id, name, position FROM label_groups WHERE organization_id = $1`, []any{org},
		func(rows Rows) error {
			x := &crm.LabelGroup{}
			err := rows.Scan(&x.ID, &x.Name, &x.Position)
			d.LabelGroups[x.ID] = x
			return err
		})
	if err != nil {
		return err
	}
	return each(r.tx, `SELECT id, group_id, name, color, position FROM labels WHERE organization_id = $1 AND deleted_at IS NULL`, []any{org},
		func(rows Rows) error {
			x := &crm.Label{}
			err := rows.Scan(&x.ID, &x.GroupID, &x.Name, &x.Color, &x.Position)
			d.Labels[x.ID] = x
			return err
		})
}

func (r *Read) loadPools(d *crm.Directory, org int64) error {
	return each(r.tx, `SELECT id, entity, name, position, settings, created_at, updated_at FROM customer_pools
		WHERE organization_id = $1`, []any{org},
		func(rows Rows) error {
			x := &crm.Pool{}
			var settings string
			if err := rows.Scan(&x.ID, &x.Entity, &x.Name, &x.Position, &settings, &x.CreatedAt, &x.UpdatedAt); err != nil {
				return err
			}
			d.Pools[x.ID] = x
			return json.Unmarshal([]byte(settings), &x.PoolSettings)
		})
}

func (r *Read) loadFields(d *crm.Directory, org int64) error {
	return each(r.tx, `SELECT id, entity, name, label, kind, group_id, position, enabled, common, required, choices, settings
		FROM custom_fields WHERE organization_id = $1 ORDER BY entity, position, id`, []any{org},
		func(rows Rows) error {
			x := &crm.CustomField{}
			var choices, settings string
			if err := rows.Scan(&x.ID, &x.Entity, &x.Name, &x.Label, &x.Kind, &x.GroupID, &x.Position, &x.Enabled, &x.Common,
				&x.Required, &choices, &settings); err != nil {
				return err
			}
			d.Fields[x.Entity] = append(d.Fields[x.Entity], x)
			return errors.Join(json.Unmarshal([]byte(choices), &x.Choices), json.Unmarshal([]byte(settings), &x.Options))
		})
}
