package api

import (
	"slices"

	"guanxi/internal/api/call"
	v2 "guanxi/internal/api/v2"
)

// leadRoutes are the calls about leads, also about those that lie in pools.
func leadRoutes() []route {
	get := func(path, operation string, handler call.Handler) route {
		return route{method: "GET", path: path, handler: handler, operation: operation, conditional: true}
	}
	post := func(r route) []route { // the origin's own method first
		both := changes(r)
		slices.Reverse(both)
		return both
	}
	return slices.Concat(
		[]route{
			get("/api/v2/leads/by_name", "leads.by_name", v2.LeadsByName),
			get("/api/v2/leads/{id}", "leads.detail", v2.Lead),
			{method: "POST", path: "/api/v2/leads", handler: v2.CreateLead, operation: "leads.create"},
			{method: "DELETE", path: "/api/v2/leads/{id}", handler: v2.DeleteLead, operation: "leads.delete"},
			{method: "DELETE", path: "/api/v2/leads", handler: v2.DeleteLeads, operation: "leads.delete_many"},
			get("/api/v2/customers/new_from_lead", "customers.new_from_lead", v2.NewFromLead),
		},
		changes(route{path: "/api/v2/leads/{id}", handler: v2.UpdateLead, operation: "leads.update"}),
		post(route{path: "/api/v2/leads/{id}/update_user", handler: v2.TransferLead, operation: "leads.update_user"}),
		changes(route{path: "/api/v2/leads/update_user", handler: v2.TransferLeads, operation: "leads.update_user_many"}),
		changes(route{path: "/api/v2/leads/{id}/turn_common", handler: v2.PoolALead, operation: "leads.turn_common"}),
		changes(route{path: "/api/v2/common_leads/{id}/turn_common", handler: v2.PoolALead, operation: "leads.turn_common"}),
		changes(route{path: "/api/v2/leads/turn_common", handler: v2.PoolSeveralLeads, operation: "leads.turn_common_many"}),
		post(route{path: "/api/v2/leads/{id}/turn_to_customer", handler: v2.TurnLead, operation: "leads.turn_to_customer"}),
		post(route{path: "/api/v2/leads/{id}/take", handler: v2.TakeLead, operation: "leads.take"}),
		[]route{
			{method: "POST", path: "/api/v2/common_leads/{id}/take", handler: v2.TakeLead, operation: "leads.take"},
			{method: "POST", path: "/api/v2/leads/take", handler: v2.TakeLeads, operation: "leads.take_many"},
			{method: "POST", path: "/api/v2/common_leads/take", handler: v2.TakeLeads, operation: "leads.take_many"},

			get("/api/v2/common_leads/{id}/members", "common_leads.members", v2.LeadPoolMembers),
			get("/api/v2/common_leads/{id}", "common_leads.detail", v2.PoolLead),
			{method: "POST", path: "/api/v2/common_leads", handler: v2.CreatePoolLead, operation: "common_leads.create"},
			{method: "DELETE", path: "/api/v2/common_leads/{id}", handler: v2.DeletePoolLead, operation: "common_leads.delete"},
		},
		changes(route{path: "/api/v2/common_leads/{id}", handler: v2.UpdatePoolLead, operation: "common_leads.update"}),
		changes(route{path: "/api/v2/common_leads/{id}/transfer", handler: v2.TransferPoolLead, operation: "common_leads.transfer"}),
	)
}
