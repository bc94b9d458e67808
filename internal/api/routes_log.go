package api

import v2 "guanxi/internal/api/v2"

// logRoutes are the calls about the operation log and the sign-in log.
func logRoutes() []route {
	return []route{
		{method: "GET", path: "/api/v2/operation_logs", handler: v2.OperationLogs, operation: "operation_logs.list"},
		{method: "GET", path: "/api/v2/login_logs", handler: v2.LoginLogs, operation: "login_logs.list"},
		{method: "GET", path: "/api/v2/customers/{id}/logs", handler: v2.RecordLogs("customer"), operation: "customers.logs"},
		{method: "GET", path: "/api/v2/contacts/{id}/logs", handler: v2.RecordLogs("contact"), operation: "contacts.logs"},
		{method: "GET", path: "/api/v2/leads/{id}/logs", handler: v2.RecordLogs("lead"), operation: "leads.logs"},
	}
}
