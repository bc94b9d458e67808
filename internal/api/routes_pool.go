package api

import (
	"guanxi/internal/api/call"
	v2 "guanxi/internal/api/v2"
)

// poolRoutes are the calls about the pools of customers and of leads; those
// about what lies in the pools of leads are leadRoutes.
func poolRoutes() []route {
	get := func(path, operation string, handler call.Handler) route {
		return route{method: "GET", path: path, handler: handler, operation: operation, conditional: true}
	}
	all := []route{
		get("/api/v2/common_customers/common_settings", "common_customers.common_settings", v2.CommonSettings("customer")),
		get("/api/v2/common_leads/common_settings", "common_leads.common_settings", v2.CommonSettings("lead")),
		get("/api/v2/common_customers/{id}", "common_customers.detail", v2.PooledCustomer),
		get("/api/v2/common_customers/{id}/contacts", "common_customers.contacts", v2.PooledContacts),
		get("/api/v2/common_customers/{id}/members", "common_customers.members", v2.PoolMembers),
		{method: "POST", path: "/api/v2/common_customers", handler: v2.CreatePooled, operation: "common_customers.create"},
	}
	for _, r := range []route{
		{path: "/api/v2/common_customers/{id}", handler: v2.UpdatePooled, operation: "common_customers.update"},
		{path: "/api/v2/common_customers/{id}/transfer", handler: v2.TransferPooled, operation: "common_customers.transfer"},
		{path: "/api/v2/customers/{id}/turn_common", handler: v2.PoolCustomer, operation: "customers.turn_common"},
		{path: "/api/v2/common_customers/{id}/turn_common", handler: v2.PoolCustomer, operation: "customers.turn_common"},
		{path: "/api/v2/customers/turn_common", handler: v2.PoolSeveral, operation: "customers.turn_common_many"},
		{path: "/api/v2/common_settings/{id}", handler: v2.UpdatePool, operation: "common_settings.update"},
		{path: "/api/v2/common_settings/order", handler: v2.OrderPools, operation: "common_settings.order"},
		{path: "/api/v2/owned_limits", handler: v2.UpdateOwnedLimits, operation: "owned_limits.update"},
	} {
		all = append(all, changes(r)...)
	}
	return append(all,
		route{method: "DELETE", path: "/api/v2/common_customers/{id}", handler: v2.DeletePooled, operation: "common_customers.delete"},
		route{method: "POST", path: "/api/v2/customers/{id}/take", handler: v2.TakeCustomer, operation: "customers.take"},
		route{method: "POST", path: "/api/v2/common_customers/{id}/take", handler: v2.TakeCustomer, operation: "customers.take"},
		route{method: "POST", path: "/api/v2/customers/take", handler: v2.TakeCustomers, operation: "customers.take_many"},
		route{method: "POST", path: "/api/v2/common_customers/take", handler: v2.TakeCustomers, operation: "customers.take_many"},
		get("/api/v2/common_settings", "common_settings.list", v2.AllPools),
		get("/api/v2/common_settings/{id}", "common_settings.detail", v2.Pool),
		route{method: "POST", path: "/api/v2/common_settings", handler: v2.CreatePool, operation: "common_settings.create"},
		route{method: "DELETE", path: "/api/v2/common_settings/{id}", handler: v2.DeletePool, operation: "common_settings.delete"},
		get("/api/v2/owned_limits", "owned_limits.show", v2.OwnedLimits),
	)
}

// changes is a PUT with the POST that old clients send in its place.
func changes(r route) []route {
	put, post := r, r
	put.method, post.method = "PUT", "POST"
	return []route{put, post}
}

// noticeRoutes are the calls about what users are told. Marking as read moves no
// version, so the list has no ETag.
func noticeRoutes() []route {
	all := []route{{method: "GET", path: "/api/v2/notifications", handler: v2.Notices, operation: "notifications.list"}}
	for _, r := range []route{
		{path: "/api/v2/notifications/{id}/read", handler: v2.ReadNotice, operation: "notifications.read"},
		{path: "/api/v2/notifications/read", handler: v2.ReadNotices, operation: "notifications.read_many"},
		{path: "/api/v2/notifications/read_all", handler: v2.ReadAllNotices, operation: "notifications.read_all"},
	} {
		all = append(all, changes(r)...)
	}
	return all
}
