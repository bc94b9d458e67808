package api

import "fmt"

func poolReplays() []replay {
	lies := fmt.Sprintf("/common_customers/%d", pooledCustomer)
	const create = `{"common_id":31,"customer":{"name":"直接入海","note":"备注","status":3462,"category":3468,
		"address_attributes":{"tel":"02100000008"},"contacts_attributes":[{"name":"周九"}]}}`
	return []replay{
		get("pools", "", "/common_customers/common_settings", ``),
		get("pool_customer", "customer", lies, ``),
		refused(100100, get("pool_customer_with_owner", "", fmt.Sprintf("/common_customers/%d", fullCustomer), ``)),
		get("pool_contacts", "customer_contacts", lies+"/contacts", ``, ask{lies + "/contacts", `{"page":0}`}),
		write("pool_created", "customer", "POST", "/common_customers", create,
			ask{"/common_customers?common_id=31", create}),
		updates("pool_transferred", "raw customer", lies+"/transfer", `{"user_id":443}`, ask{lies + "/transfer?user_id=443", ``}),
		refused(100406, updates("pool_transferred_to_nobody", "", lies+"/transfer", ``)),
		write("pool_taken", "customer", "POST", fmt.Sprintf("/customers/%d/take", pooledCustomer), ``,
			ask{lies + "/take", ``}, ask{lies + "/take", `{"check":""}`}),
		get("lead_pools", "", "/common_leads/common_settings", ``),
		get("lead_pool_members", "people", fmt.Sprintf("/common_leads/%d/members", replayLeads), ``,
			ask{fmt.Sprintf("/common_leads/%d/members", replayLeads), `{"query":"","page":0}`}),
		write("lead_taken", "lead", "POST", fmt.Sprintf("/leads/%d/take", pooledLead), ``),
		write("pool_lead_deleted", "pool lead", "DELETE", fmt.Sprintf("/common_leads/%d", pooledLead), ``),
	}
}

func contactReplays() []replay {
	whole := fmt.Sprintf("/contacts/%d", fullContact)
	create := fmt.Sprintf(`{"contact":{"name":"郑十","customer_id":%d,"department":"财务","job":"会计","category":3480,"gender":"female",
		"birth_date":"1991-07-02","note":"备注","address_attributes":{"phone":"13800000141","email":"z@example.com","province_id":14,"city_id":124},
		"text_asset_7c7b94f7":"别名"}}`, fullCustomer)
	return []replay{
		get("contacts", "contacts", "/contacts", ``, ask{"/contacts", `{"page":0,"query":"","has_phone":"","tab_type":"","entity":"","entity_id":""}`},
			ask{"/contacts", `{"has_phone":false,"all_phone_number":"false"}`}, ask{"/contacts", `{"has_phone":"0"}`}),
		get("contacts_of_customer", "contacts", "/contacts", fmt.Sprintf(`{"entity":"customer","entity_id":%d}`, fullCustomer),
			ask{"/contacts", fmt.Sprintf(`{"entity":"customer","entity_id":"%d","page":0}`, fullCustomer)}),
		get("contacts_with_phone", "contacts", "/contacts", `{"has_phone":true,"all_phone_number":true,"per_page":2}`,
			ask{"/contacts", `{"has_phone":"true","all_phone_number":"true","per_page":2}`}, ask{"/contacts", `{"has_phone":1,"all_phone_number":"1","per_page":"2"}`}),
		get("contacts_searched", "contacts", "/contacts", `{"query":"李四"}`),
		by(owner, get("contacts_mine", "contacts", "/contacts", `{"tab_type":"my"}`)),
		by(helper, get("contacts_collaborated", "contacts", "/contacts", `{"tab_type":"my_assist"}`)),
		get("contacts_simplest", "page", "/contacts/simplest", fmt.Sprintf(`{"customer_id":%d}`, fullCustomer)),
		get("contact_whole", "contact", whole, ``),
		write("contact_created", "contact", "POST", "/contacts", create, ask{"/contacts?request_ticket=c1", create}),
		refused(100406, write("contact_without_customer", "", "POST", "/contacts", `{"contact":{"name":"x"}}`)),
		updates("contact_updated", "contact", whole, `{"contact":{"job":"总监","gender":"female","address_attributes":{"phone":"13800000149","tel":""}}}`),
		write("contact_deleted", "contact", "DELETE", whole, ``),
		refused(100100, write("contact_deleted_of_none", "", "DELETE", "/contacts/1", ``)),
	}
}

func leadReplays() []replay {
	whole, turned := fmt.Sprintf("/leads/%d", fullLead), fmt.Sprintf("/leads/%d", turnedLead)
	const create = `{"lead":{"name":"吴十一","company_name":"吴记","user_id":443,"status":3491,"source":3495,"department":"采购","job":"经理","note":"备注",
		"address_attributes":{"phone":"13800000151","tel":"02100000015","province_id":14,"city_id":124,"detail_address":"某路2号"},
		"text_asset_1ead01":"赣A00002","text_asset_1ead02":"13800000152","text_asset_1ead03":"sel_4d1f","numeric_asset_1ead04":1223}}`
	return []replay{
		get("leads", "leads", "/leads", ``, ask{"/leads", `{"page":0,"user_id":"","status":"","created_at":["",""]}`}),
		get("leads_of_options", "leads", "/leads", `{"status":3490,"source":3495,"user_id":443,"created_at":["2026-02-01","2026-02-28"]}`,
			ask{"/leads", `{"status":"3490","source":"3495","user_id":"443","created_at":["2026-2-1","2026-2-28"]}`}),
		get("leads_turned", "leads", "/leads", `{"turned_to_customer":true}`, ask{"/leads", `{"turned_to_customer":"1"}`}, ask{"/leads", `{"tab_type":"turned"}`}),
		get("leads_in_pools", "leads", "/leads", `{"tab_type":"common"}`, ask{"/common_leads", ``}),
		get("leads_by_name", "leads", "/leads/by_name", `{"name":"赵六"}`, ask{"/leads/by_name", `{"query":"赵六"}`}),
		get("leads_filters", "", "/leads/filter_sort_group", ``),
		get("leads_statuses", "options", "/leads/status/filter_options", ``),
		get("lead", "lead", whole, ``),
		get("lead_turned", "lead", turned, ``),
		write("lead_created", "lead", "POST", "/leads", create, ask{"/leads?request_ticket=l1", create}),
		write("lead_created_short", "lead", "POST", "/leads", `{"lead":{"name":"郑十二"}}`,
			ask{"/leads", `{"lead":{"name":"郑十二","company_name":"","user_id":"","status":"","address_attributes":{"phone":""}}}`}),
		refused(100407, write("lead_duplicate", "", "POST", "/leads", `{"lead":{"name":"赵六"}}`)),
		refused(100407, write("lead_duplicate_number", "", "POST", "/leads", `{"lead":{"name":"另一个","address_attributes":{"phone":"138 0000 0931"}}}`,
			ask{"/leads", `{"lead":{"name":"另一个","address_attributes":{"phone":"+86 13800000931"}}}`})),
		updates("lead_updated", "lead", whole, `{"lead":{"status":3491,"note":"","address_attributes":{"wechat":"wx"},"numeric_asset_1ead04":"7"}}`),
		write("lead_given", "lead", "POST", whole+"/update_user", `{"user_id":461}`, ask{whole + "/update_user", `{"user_id":"461"}`},
			ask{whole + "/update_user?user_id=461", ``}),
		write("lead_turned_to_customer", "customer", "POST", whole+"/turn_to_customer", ``),
		write("lead_deleted", "lead", "DELETE", whole, ``),
		refused(100406, write("leads_deleted_without_ids", "", "DELETE", "/leads", ``, ask{"/leads", `{"ids":""}`}, ask{"/leads", `{"ids":[]}`})),
		refused(100100, get("lead_of_none", "", "/leads/1", ``)),
	}
}

func userReplays() []replay {
	return []replay{
		get("users", "users", "/user/list", ``, ask{"/user/list", `{"page":0,"name":"","department_id":"","user_id":"","phone":"","dingtalk_userid":""}`}),
		get("users_of_department", "users", "/user/list", `{"department_id":5,"per_page":2,"except_user_id":443}`,
			ask{"/user/list", `{"department_id":"5","per_page":"2","except_user_id":"443"}`}),
		get("users_by_phone", "users", "/user/list", `{"phone":"13800000443"}`),
		get("users_simple", "page", "/user/simple_list", ``, ask{"/simple_list", ``},
			ask{"/user/simple_list", `{"page":0,"by_permission":"","query":""}`}),
		get("departments", "", "/user/department_list", ``, ask{"/user/department_list", `{"except_id":""}`}),
		get("user", "user", fmt.Sprintf("/user/%d", owner), ``),
		by(owner, get("user_info", "user", "/user/info", ``)),
		by(owner, get("permissions", "", "/permissions", ``)),
		refused(100100, get("user_of_none", "", "/user/1", ``)),
	}
}

func otherReplays() []replay {
	return []replay{
		get("fields_of_customers", "", "/custom_fields/customer/by_group", ``, ask{"/custom_fields/customer/by_group", `{"custom_field_template_id":""}`}),
		get("fields_of_all", "", "/custom_fields/by_group_all", ``),
		get("field_maps_of_customers", "", "/field_maps/customer", ``),
		get("field_maps_of_leads", "", "/field_maps/lead", ``),
		get("duplicates_settings", "", "/duplicates/field_setting", `{"entity_type":"customer"}`),
		get("duplicates_found", "", "/duplicates/search", `{"entity_type":"lead","query":"赵六"}`,
			ask{"/duplicates/search", `{"key":"lead","query":"赵六"}`}),
	}
}
