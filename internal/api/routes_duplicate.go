package api

import v2 "guanxi/internal/api/v2"

// duplicateRoutes are the calls that look for duplicates.
func duplicateRoutes() []route {
	const setting = "/api/v2/duplicates/field_setting"
	return []route{
		{method: "GET", path: "/api/v2/duplicates/matching_name", handler: v2.MatchingName, operation: "duplicates.matching_name", conditional: true},
		{method: "GET", path: setting, handler: v2.DuplicateSetting, operation: "duplicates.field_setting", conditional: true},
		{method: "PUT", path: setting, handler: v2.SetDuplicates, operation: "duplicates.set"},
		{method: "POST", path: setting, handler: v2.SetDuplicates, operation: "duplicates.set"},
		{method: "GET", path: "/api/v2/duplicates/search", handler: v2.SearchDuplicates, operation: "duplicates.search", conditional: true},
		{method: "GET", path: "/api/v2/customers/search_duplicates", handler: v2.SearchCustomers, operation: "customers.search_duplicates", conditional: true},
	}
}
