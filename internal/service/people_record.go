package service

import (
	"maps"
	"slices"

	"guanxi/internal/crm"
)

// What the operation log compares of people; see record. It never holds a
// password.

func userRecord(u *crm.User) record {
	return record{
		"name": u.Name, "email": u.Email, "phone": u.Phone, "login": u.Login, "tel": u.Tel, "job": u.Job, "gender": u.Gender,
		"role_id": u.RoleID, "department_id": u.DepartmentID, "assist_departments": slices.Sorted(slices.Values(u.FurtherDepartments)),
		"superior_id": u.SuperiorID, "workflow_state": u.State, "enabled_number_hidden_dispose": u.HideNumbers,
	}
}

func departmentRecord(d *crm.Department) record {
	return record{"name": d.Name, "parent_id": d.ParentID, "position": int64(d.Position)}
}

func roleRecord(r *crm.Role) record {
	out := record{"name": r.Name, "entity_grant_scope": string(r.Scope)}
	for right, has := range r.Rights {
		if has {
			out["permissions."+right] = true
		}
	}
	for field, on := range r.Hidden {
		out["field_permissions."+field] = string(on)
	}
	return out
}

// loginKeys are the login keys that a user's row stands for, in order.
func loginKeys(u *crm.User) []string {
	keys := map[string]bool{}
	for _, login := range []string{u.Phone, u.Email, u.Login} {
		if key := LoginKey(login); key != "" {
			keys[key] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}
