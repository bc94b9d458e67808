package api

import "guanxi/internal/crm"

// The rows of the matrix: operations about records.

func see(kind, path string) op {
	return op{kind: kind, need: lSee, method: "GET", path: "/api/v2" + path}
}

func change(kind string, need level, right, method, path, body string, refused ...string) op {
	return op{kind: kind, need: need, right: right, method: method, path: "/api/v2" + path, body: body, refused: refused}
}

// recordOps are the operations about customers, contacts and leads.
func recordOps() map[string]op {
	return map[string]op{
		"customers.detail":       see("customer", "/customers/%d"),
		"customers.contacts":     see("customer", "/customers/%d/contacts"),
		"customers.assist_users": see("customer", "/customers/%d/assist_users"),
		"customers.attachments":  see("customer", "/customers/%d/attachments"),
		"customers.update": change("customer", lAssist, crm.RightEditCustomer, "PUT", "/customers/%d",
			`{"customer":{"note":"改了"}}`),
		"customers.delete": change("customer", lFull, crm.RightDeleteCustomer, "DELETE", "/customers/%d", ""),
		"customers.transfer": change("customer", lFull, crm.RightTransferCustomer, "PUT", "/customers/%d/transfer",
			`{"user_id":3}`, "pooled"),
		"customers.update_assist_user": change("customer", lFull, crm.RightAssistCustomer, "PUT", "/customers/%d/update_assist_user",
			`{"customer":{"assist_user_ids":[3]}}`, "pooled"),

		"contacts.detail":      see("contact", "/contacts/%d"),
		"contacts.attachments": see("contact", "/contacts/%d/attachments"),
		"contacts.update": change("contact", lAssist, crm.RightEditContact, "PUT", "/contacts/%d",
			`{"contact":{"job":"经理"}}`),
		"contacts.delete":       change("contact", lAssist, crm.RightDeleteContact, "DELETE", "/contacts/%d", ""),
		"customers.turn_common": change("customer", lFull, crm.RightPoolCustomer, "PUT", "/customers/%d/turn_common?common_id=31", "", "pooled"),
		"customers.take":        change("customer", lMember, crm.RightTakeCustomer, "POST", "/customers/%d/take", ""),
		"customers.logs":        see("customer", "/customers/%d/logs"),
		"contacts.logs":         see("contact", "/contacts/%d/logs"),
		"contacts.create": change("customer", lAssist, crm.RightCreateContact, "POST", "/contacts",
			`{"contact":{"name":"新来的","customer_id":%d}}`),
	}
}

// leadOps are the operations about leads.
func leadOps() map[string]op {
	return map[string]op{
		"leads.detail":      see("lead", "/leads/%d"),
		"leads.logs":        see("lead", "/leads/%d/logs"),
		"leads.attachments": see("lead", "/leads/%d/attachments"),
		"leads.update":      change("lead", lAssist, crm.RightEditLead, "PUT", "/leads/%d", `{"lead":{"note":"改了"}}`),
		"leads.delete":      change("lead", lFull, crm.RightDeleteLead, "DELETE", "/leads/%d", ""),
		"leads.update_user": change("lead", lFull, crm.RightTransferLead, "POST", "/leads/%d/update_user", `{"user_id":3}`, "pooled"),
		"leads.turn_common": change("lead", lFull, crm.RightPoolLead, "PUT", "/leads/%d/turn_common?common_id=32", "", "pooled"),
		"leads.take":        change("lead", lMember, crm.RightTakeLead, "POST", "/leads/%d/take", ""),
		"leads.turn_to_customer": change("lead", lFull, crm.RightTurnLead, "POST", "/leads/%d/turn_to_customer",
			`{"customer":{"name":"由线索而来"}}`, "pooled"),
		"customers.new_from_lead": change("lead", lFull, crm.RightTurnLead, "GET", "/customers/new_from_lead?lead_id=%d", "", "pooled"),
	}
}

// poolOps are the operations by the way of a pool.
func poolOps() map[string]op {
	by := func(kind string, need level, right, method, path, body string) op {
		o := change(kind, need, right, method, path, body)
		o.pool = true
		return o
	}
	return map[string]op{
		"common_customers.detail":   by("customer", lSee, "", "GET", "/common_customers/%d", ""),
		"common_customers.contacts": by("customer", lSee, "", "GET", "/common_customers/%d/contacts", ""),
		"common_customers.update": by("customer", lManage, crm.RightEditCustomer, "PUT", "/common_customers/%d",
			`{"customer":{"note":"改了"}}`),
		"common_customers.delete":   by("customer", lManage, crm.RightDeleteCustomer, "DELETE", "/common_customers/%d", ""),
		"common_customers.transfer": by("customer", lManage, "", "PUT", "/common_customers/%d/transfer", `{"user_id":8}`),
		"common_leads.detail":       by("lead", lSee, "", "GET", "/common_leads/%d", ""),
		"common_leads.update":       by("lead", lManage, crm.RightEditLead, "PUT", "/common_leads/%d", `{"lead":{"note":"改了"}}`),
		"common_leads.delete":       by("lead", lManage, crm.RightDeleteLead, "DELETE", "/common_leads/%d", ""),
		"common_leads.transfer":     by("lead", lManage, "", "PUT", "/common_leads/%d/transfer", `{"user_id":8}`),
	}
}

// listOps are the lists: everybody may ask; what is shown is looked through for
// leaks, and counted by TestMatrixLists.
func listOps() map[string]op {
	list := func(path string) op { return op{kind: "list", method: "GET", path: "/api/v2" + path} }
	return map[string]op{
		"customers.list":              list("/customers?per_page=100"),
		"customers.by_name":           list("/customers/by_name?query=密"),
		"common_customers.list":       list("/common_customers"),
		"contacts.list":               list("/contacts?per_page=100&all_phone_number=true"),
		"contacts.simplest":           list("/contacts/simplest"),
		"leads.list":                  list("/leads?per_page=100"),
		"common_leads.list":           list("/common_leads"),
		"customers.filter_sort_group": list("/customers/filter_sort_group"),
		"contacts.filter_sort_group":  list("/contacts/filter_sort_group"),
		"leads.filter_sort_group":     list("/leads/filter_sort_group"),
		"customers.filter_options":    list("/customers/status/filter_options"),
		"contacts.filter_options":     list("/contacts/user_id/filter_options"),
		"leads.filter_options":        list("/leads/status/filter_options"),
		"duplicates.matching_name":    list("/duplicates/matching_name?name=" + secret(matrixHome, "customer", place{id: 101})),
		"regions.countries":           list("/regions/countries"),
		"regions.provinces":           list("/regions/provinces?country_id=4"),
		"regions.cities":              list("/regions/cities?province_id=1"),
		"regions.districts":           list("/regions/districts?city_id=1"),
		"regions.tree":                list("/regions/tree"),
	}
}
