package api

import (
	"fmt"
	"slices"
)

// replays is the table of all requests that clients of the origin send. The
// rows of each resource stand in a function of their own.
func replays() []replay {
	return slices.Concat(customerReplays(), customerWriteReplays(), poolReplays(), contactReplays(), leadReplays(), userReplays(),
		otherReplays())
}

// get is a row of a list or detail.
func get(answer, reads, path, params string, others ...ask) replay {
	return replay{answer: answer, method: "GET", ask: ask{"/api/v2" + path, params}, reads: reads, others: under(others)}
}

// write is a row of a change.
func write(answer, reads, method, path, params string, others ...ask) replay {
	return replay{answer: answer, method: method, ask: ask{"/api/v2" + path, params}, reads: reads, others: under(others)}
}

// updates is a change that old clients send with POST.
func updates(answer, reads, path, params string, others ...ask) replay {
	r := write(answer, reads, "PUT", path, params, others...)
	r.alias = true
	return r
}

// refused is a row that is answered with a code.
func refused(code int, r replay) replay {
	r.code, r.reads = code, "refusal"
	return r
}

func under(others []ask) []ask {
	for i := range others {
		others[i].path = "/api/v2" + others[i].path
	}
	return others
}

func customerReplays() []replay {
	whole, contacts := fmt.Sprintf("/customers/%d", fullCustomer), fmt.Sprintf("/customers/%d/contacts", fullCustomer)
	return []replay{
		get("customers", "customers", "/customers", ``,
			ask{"/customers", `{"page":0}`}, ask{"/customers", `{"page":"1","per_page":"15"}`},
			ask{"/customers", `{"page":1,"per_page":15,"query":"","custom_field_name":"","department_id":"","sort":"","order":"","tab_type":"",
				"user_id":"","status":"","category":"","real_revisit_at":"","product_id":"","source":"","created_at":["",""]}`},
			ask{"/customers", `{"user_id":null,"sort":"created_at","order":"desc","nobody_knows":"this","created_at":[]}`}),
		get("customers_page", "customers", "/customers", `{"page":2,"per_page":2,"sort":"created_at","order":"asc"}`,
			ask{"/customers", `{"page":"2","per_page":"2","sort":"created_at","order":"ASC"}`}),
		get("customers_beyond", "customers", "/customers", `{"page":9,"per_page":100}`, ask{"/customers", `{"page":9,"per_page":200}`}),
		get("customers_days", "customers", "/customers", `{"created_at":["2026-02-03","2026-02-03"]}`,
			ask{"/customers", `{"created_at":["2026-2-3","2026-2-3"]}`}, ask{"/customers", `{"created_at":["2026-02-03 00:00:00","2026-2-3"]}`}),
		get("customers_followed", "customers", "/customers", `{"real_revisit_at":["2026-10-31","2026-11-30"],"sort":"real_revisit_at","order":"asc"}`,
			ask{"/customers", `{"real_revisit_at":["2026-10-31",""],"sort":"real_revisit_at","order":"asc"}`}),
		get("customers_since", "customers", "/customers", `{"updated_at":["2026-10-31","2026-10-31"]}`,
			ask{"/customers", `{"updated_at":["2026/10/31","2026/10/31"]}`}),
		get("customers_searched", "customers", "/customers", `{"query":"科技","custom_field_name":"name"}`,
			ask{"/customers", `{"query":" 科技 ","custom_field_name":"name","user_id":""}`}),
		get("customers_by_number", "customers", "/customers", `{"query":"13800000911"}`),
		get("customers_by_own_field", "customers", "/customers", `{"query":"13800000913","custom_field_name":"text_asset_0a0b0c"}`),
		get("customers_of_options", "customers", "/customers",
			`{"status":3462,"category":3468,"source":4030,"user_id":443,"department_id":5}`,
			ask{"/customers", `{"status":"3462","category":"3468","source":"4030","user_id":"443","department_id":"5"}`},
			ask{"/customers", `{"status":[3462],"category":[3468],"source":[4030],"user_id":[443],"department_id":[5]}`}),
		get("customers_of_choices", "customers", "/customers", `{"text_asset_fbf817":"sel_4d1f"}`,
			ask{"/customers", `{"text_asset_fbf817":["sel_4d1f"]}`}, ask{"/customers", `{"text_asset_2baca2":["mul_0001"]}`}),
		get("customers_of_money", "customers", "/customers", `{"numeric_asset_11aa22":["100","200.5"]}`,
			ask{"/customers", `{"numeric_asset_11aa22":[100,200.5]}`}),
		get("customers_in_pools", "customers", "/customers", `{"tab_type":"common"}`, ask{"/common_customers", ``}),
		get("customers_in_one_pool", "customers", "/customers", `{"tab_type":"common","common_id":31}`, ask{"/common_customers", `{"common_id":"31"}`}),
		by(owner, get("customers_mine", "customers", "/customers", `{"tab_type":"my"}`)),
		by(superior, get("customers_of_subordinates", "customers", "/customers", `{"tab_type":"sub"}`)),
		by(helper, get("customers_collaborated", "customers", "/customers", `{"tab_type":"assist"}`)),
		refused(100406, get("customers_bad_page", "", "/customers", `{"page":"zwei"}`)),
		refused(100406, get("customers_bad_sort", "", "/customers", `{"sort":"nobody_knows"}`)),
		refused(100406, get("customers_bad_day", "", "/customers", `{"created_at":["2026-02-30","2026-03-01"]}`)),
		get("customers_by_name", "matches", "/customers/by_name", `{"query":"完整","per_page":15}`, ask{"/customers/by_name", `{"query":"完整","status":""}`}),
		get("customers_filters", "", "/customers/filter_sort_group", ``),
		get("customers_statuses", "options", "/customers/status/filter_options", ``, ask{"/customers/status/filter_options", `{"page":0,"per_page":15}`}),
		get("customer", "customer", whole, ``),
		get("customer_bare", "customer", "/customers/901", ``),
		refused(100100, by(colleague, get("customer_of_another", "", whole, ``))),
		get("customer_contacts", "customer_contacts", contacts, ``, ask{contacts, `{"page":0,"per_page":""}`}),
		get("customer_assist_users", "people", whole+"/assist_users", ``, ask{whole + "/assist_users", `{"page":1}`}),
		get("customer_from_lead", "new customer", "/customers/new_from_lead", fmt.Sprintf(`{"lead_id":%d}`, fullLead),
			ask{"/customers/new_from_lead", fmt.Sprintf(`{"lead_id":"%d","custom_field_template_id":""}`, fullLead)}),
		get("customers_search_duplicates", "", "/customers/search_duplicates", `{"query":"完整科技有限公司","per_page":15}`),
		get("matching_name", "matching", "/duplicates/matching_name", `{"name":"完整科技有限公司"}`),
	}
}

// by lets somebody else ask.
func by(user int64, r replay) replay {
	r.as = user
	return r
}

func customerWriteReplays() []replay {
	const address = `"address_attributes":{"phone":"13800000111","tel":"","country_id":4,"province_id":14,"city_id":124,"district_id":1122,
		"detail_address":"某路1号","lat":31.2,"lng":121.4}`
	const create = `{"customer":{"user_id":443,"name":"单记重庆商行","status":3462,"category":3468,"source":4030,"industry":3470,"staff_size":3471,
		"want_department_id":6,"labels":[2,"重点"],"note":"备注","company_name":"公司","approve_status":"approved",` + address + `,
		"contacts_attributes":[{"name":"单先生","gender":"male","birth_date":"1990-06-01","address_attributes":{"phone":"13800000112"}},
			{"name":"曾小姐","text_asset_7c7b94f7":"别名","address_attributes":{"tel":"02100000009"}}],
		"text_asset_fbf817":"sel_4d1f","text_asset_0a0b0c":"13800000113","text_asset_2baca2":["mul_0002","mul_0001"],
		"numeric_asset_11aa22":156.655,"datetime_asset_33bb44":"2019-02-15 17:36:00"}}`
	whole := fmt.Sprintf("/customers/%d", fullCustomer)
	return []replay{
		write("customer_created", "customer", "POST", "/customers", create,
			ask{"/customers?request_ticket=1b4e28ba-2fa1-11d2-883f-0016d3cca427", create}),
		write("customer_created_short", "customer", "POST", "/customers", `{"customer":{"name":"只有名称"}}`,
			ask{"/customers", `{"customer":{"name":" 只有名称 ","note":"","status":"","user_id":"","parent_id":0,"labels":[],"address_attributes":{}},"check":false}`},
			ask{"/customers", `{"customer":{"name":"只有名称","note":null,"contacts_attributes":[],"nobody_knows":{"this":[1,2]}}}`}),
		refused(100407, write("customer_duplicate", "", "POST", "/customers", `{"customer":{"name":"完整科技有限公司"}}`,
			ask{"/customers", `{"customer":{"name":" 完整科技有限公司"}}`})),
		refused(100406, write("customer_without_name", "", "POST", "/customers", `{"customer":{"name":"","note":"x"}}`)),
		refused(100406, write("customer_wrong_type", "", "POST", "/customers", `{"customer":{"name":"a","status":"viel"}}`)),
		updates("customer_updated", "customer", whole, `{"check_duplicates":"true","customer":{"note":"改过的","status":4021,"labels":[2],
			"address_attributes":{"phone":"13800000119"},"text_asset_fbf817":"sel_4d20"}}`,
			ask{whole, `{"check_duplicates":true,"customer":{"note":"改过的","status":"4021","labels":["展会"],
				"address_attributes":{"phone":"13800000119"},"text_asset_fbf817":"sel_4d20"}}`},
			ask{whole + "?request_ticket=7", `{"customer":{"note":"改过的","status":4021,"labels":[{"id":2,"name":"展会"}],
				"address_attributes":{"phone":"13800000119"},"text_asset_fbf817":"sel_4d20"}}`}),
		updates("customer_emptied", "customer", whole, `{"customer":{"note":"","source":"","labels":[""],"text_asset_2baca2":[""],"datetime_asset_33bb44":""}}`),
		updates("customer_given", "customer", whole, `{"customer":{"user_id":461}}`),
		refused(100100, updates("customer_update_of_none", "", "/customers/1", `{"customer":{"note":"x"}}`)),
		write("customer_deleted", "customer", "DELETE", "/customers/901", ``, ask{"/customers/901", `{"id":901}`}),
		refused(100406, write("customers_deleted_without_id", "", "DELETE", "/customers", ``, ask{"/customers/", ``})),
		refused(100406, write("customers_updated_without_id", "", "PUT", "/customers", `{"customer":{"name":"x"}}`,
			ask{"/customers/", `{"customer":{"name":"x"}}`})),
		updates("customer_turned_common", "customer", whole+"/turn_common", `{"common_id":31}`, ask{whole + "/turn_common?common_id=31", ``}),
		updates("customer_transferred", "customer", whole+"/transfer", `{"user_id":461,"transfer_contracts":false,"transfer_opportunities":true}`,
			ask{whole + "/transfer", `{"user_id":"461","transfer_contracts":"0","transfer_opportunities":"1","nowin_opportunities":""}`},
			ask{whole + "/transfer?user_id=461", ``}),
		updates("customer_assisted", "", whole+"/update_assist_user", `{"customer":{"assist_user_ids":[461,466]}}`,
			ask{whole + "/update_assist_user", `{"customer":{"assist_user_ids":["461","466"]}}`}),
		write("customer_of_lead", "customer", "POST", "/customers",
			fmt.Sprintf(`{"refer_lead_id":%d,"customer":{"name":"赵六商贸","category":3468,"source":4030,"want_department_id":5,"user_id":443}}`, fullLead),
			ask{"/customers", fmt.Sprintf(`{"refer_lead_id":"%d","customer":{"name":"赵六商贸","category":"3468","source":"4030",
				"want_department_id":"5","user_id":"443"}}`, fullLead)}),
	}
}
