package api

import v2 "guanxi/internal/api/v2"

// peopleRoutes are the calls about users, departments and roles. The origin
// reads users under /user; what is ours writes them under /users, which reads
// too.
func peopleRoutes() []route {
	return []route{
		{method: "GET", path: "/api/v2/user/list", handler: v2.People, operation: "user.list", conditional: true},
		{method: "GET", path: "/api/v2/users", handler: v2.People, operation: "user.list", conditional: true},
		{method: "GET", path: "/api/v2/users/list", handler: v2.People, operation: "user.list", conditional: true},
		{method: "GET", path: "/api/v2/user/simple_list", handler: v2.SimplePeople, operation: "user.simple_list", conditional: true},
		{method: "GET", path: "/api/v2/simple_list", handler: v2.SimplePeople, operation: "user.simple_list", conditional: true}, // one public client does
		{method: "GET", path: "/api/v2/users/simple_list", handler: v2.SimplePeople, operation: "user.simple_list", conditional: true},
		{method: "GET", path: "/api/v2/user/department_list", handler: v2.DepartmentList, operation: "user.department_list", conditional: true},
		{method: "GET", path: "/api/v2/users/department_list", handler: v2.DepartmentList, operation: "user.department_list", conditional: true},
		{method: "GET", path: "/api/v2/user/{id}", handler: v2.Person, operation: "user.detail", conditional: true},
		{method: "GET", path: "/api/v2/users/{id}", handler: v2.Person, operation: "user.detail", conditional: true},
		{method: "GET", path: "/api/v2/permissions", handler: v2.Permissions, operation: "permissions", conditional: true},

		{method: "POST", path: "/api/v2/users", handler: v2.CreateUser, operation: "users.create"},
		{method: "PUT", path: "/api/v2/users/{id}", handler: v2.UpdateUser, operation: "users.update"},
		{method: "POST", path: "/api/v2/users/{id}", handler: v2.UpdateUser, operation: "users.update"},
		{method: "PUT", path: "/api/v2/user/{id}", handler: v2.UpdateUser, operation: "users.update"},
		{method: "POST", path: "/api/v2/user/{id}", handler: v2.UpdateUser, operation: "users.update"},
		{method: "DELETE", path: "/api/v2/users/{id}", handler: v2.DeleteUser, operation: "users.delete"},
		{method: "DELETE", path: "/api/v2/user/{id}", handler: v2.DeleteUser, operation: "users.delete"},
		{method: "PUT", path: "/api/v2/users/{id}/password", handler: v2.ResetPassword, operation: "users.password"},
		{method: "POST", path: "/api/v2/users/{id}/password", handler: v2.ResetPassword, operation: "users.password"},
		{method: "PUT", path: "/api/v2/users/{id}/disable", handler: v2.DisableUser, operation: "users.disable"},
		{method: "POST", path: "/api/v2/users/{id}/disable", handler: v2.DisableUser, operation: "users.disable"},
		{method: "PUT", path: "/api/v2/users/{id}/enable", handler: v2.EnableUser, operation: "users.enable"},
		{method: "POST", path: "/api/v2/users/{id}/enable", handler: v2.EnableUser, operation: "users.enable"},
		{method: "POST", path: "/api/v2/users/{id}/hand_over", handler: v2.HandOver, operation: "users.hand_over"},
		{method: "PUT", path: "/api/v2/users/{id}/hand_over", handler: v2.HandOver, operation: "users.hand_over"},
		{method: "GET", path: "/api/v2/users/{id}/hand_over", handler: v2.HandOverState, operation: "users.hand_over_state"},

		{method: "GET", path: "/api/v2/departments", handler: v2.Departments, operation: "departments.list", conditional: true},
		{method: "POST", path: "/api/v2/departments", handler: v2.CreateDepartment, operation: "departments.create"},
		{method: "PUT", path: "/api/v2/departments/{id}", handler: v2.UpdateDepartment, operation: "departments.update"},
		{method: "POST", path: "/api/v2/departments/{id}", handler: v2.UpdateDepartment, operation: "departments.update"},
		{method: "DELETE", path: "/api/v2/departments/{id}", handler: v2.DeleteDepartment, operation: "departments.delete"},

		{method: "GET", path: "/api/v2/roles", handler: v2.Roles, operation: "roles.list", conditional: true},
		{method: "GET", path: "/api/v2/roles/options", handler: v2.RoleOptions, operation: "roles.options", conditional: true},
		{method: "GET", path: "/api/v2/roles/{id}", handler: v2.Role, operation: "roles.detail", conditional: true},
		{method: "POST", path: "/api/v2/roles", handler: v2.CreateRole, operation: "roles.create"},
		{method: "POST", path: "/api/v2/roles/{id}/copy", handler: v2.CopyRole, operation: "roles.copy"},
		{method: "PUT", path: "/api/v2/roles/{id}", handler: v2.UpdateRole, operation: "roles.update"},
		{method: "POST", path: "/api/v2/roles/{id}", handler: v2.UpdateRole, operation: "roles.update"},
		{method: "DELETE", path: "/api/v2/roles/{id}", handler: v2.DeleteRole, operation: "roles.delete"},
	}
}
