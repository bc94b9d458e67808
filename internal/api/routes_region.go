package api

import v2 "guanxi/internal/api/v2"

// regionRoutes are the calls about countries, provinces, cities and districts.
func regionRoutes() []route {
	return []route{
		{method: "GET", path: "/api/v2/regions/countries", handler: v2.Countries, operation: "regions.countries", conditional: true, fixed: true},
		{method: "GET", path: "/api/v2/regions/provinces", handler: v2.Provinces, operation: "regions.provinces", conditional: true, fixed: true},
		{method: "GET", path: "/api/v2/regions/cities", handler: v2.Cities, operation: "regions.cities", conditional: true, fixed: true},
		{method: "GET", path: "/api/v2/regions/districts", handler: v2.Districts, operation: "regions.districts", conditional: true, fixed: true},
		{method: "GET", path: "/api/v2/regions/tree", handler: v2.RegionTree, operation: "regions.tree", conditional: true, fixed: true},
	}
}
