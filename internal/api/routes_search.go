package api

import v2 "guanxi/internal/api/v2"

// searchRoutes are the lists of customers, contacts and leads, and what they
// can be filtered and sorted by.
func searchRoutes() []route {
	get := func(path, operation string, rt route) route {
		rt.method, rt.path, rt.operation, rt.conditional = "GET", path, operation, true
		return rt
	}
	var all []route
	for _, e := range []struct{ plural, entity string }{{"customers", "customer"}, {"contacts", "contact"}, {"leads", "lead"}} {
		all = append(all,
			get("/api/v2/"+e.plural+"/filter_sort_group", e.plural+".filter_sort_group", route{handler: v2.FilterGroup(e.entity)}),
			get("/api/v2/"+e.plural+"/{field_name}/filter_options", e.plural+".filter_options", route{handler: v2.FilterOptions(e.entity)}))
	}
	return append(all,
		get("/api/v2/customers", "customers.list", route{handler: v2.Customers}),
		get("/api/v2/customers/by_name", "customers.by_name", route{handler: v2.CustomersByName}),
		get("/api/v2/common_customers", "common_customers.list", route{handler: v2.PoolCustomers}),
		get("/api/v2/contacts", "contacts.list", route{handler: v2.Contacts}),
		get("/api/v2/contacts/simplest", "contacts.simplest", route{handler: v2.SimplestContacts}),
		get("/api/v2/leads", "leads.list", route{handler: v2.Leads}),
		get("/api/v2/common_leads", "common_leads.list", route{handler: v2.PoolLeads}),
	)
}
