package api

import "guanxi/internal/crm"

// The rows of the matrix: operations that are about no single record.

func administer(right, method, path, body string) op {
	return op{kind: "admin", right: right, method: method, path: "/api/v2" + path, body: body}
}

func yourself(method, path, body string) op {
	return op{kind: "self", method: method, path: "/api/v2" + path, body: body}
}

// several is an operation on many records, which tells of each what became of
// it. What the caller may not do must not happen.
func several(entity string, need level, right, method, path, body string) op {
	return op{kind: "many", entity: entity, need: need, right: right, method: method, path: "/api/v2" + path, body: body}
}

// manyOps are the operations on several records.
func manyOps() map[string]op {
	return map[string]op{
		"customers.transfer_many":       several("customer", lFull, crm.RightTransferCustomer, "PUT", "/customers/transfer", `{"ids":[%d],"user_id":3}`),
		"customers.turn_common_many":    several("customer", lFull, crm.RightPoolCustomer, "PUT", "/customers/turn_common", `{"ids":[%d],"common_id":31}`),
		"customers.take_many":           several("customer", lMember, crm.RightTakeCustomer, "POST", "/customers/take", `{"ids":[%d]}`),
		"customers.add_assist_users":    several("customer", lFull, crm.RightAssistCustomer, "POST", "/customers/add_assist_users", `{"ids":[%d],"assist_user_ids":[3]}`),
		"customers.remove_assist_users": several("customer", lFull, crm.RightAssistCustomer, "POST", "/customers/remove_assist_users", `{"ids":[%d],"assist_user_ids":[6]}`),
		"leads.update_user_many":        several("lead", lFull, crm.RightTransferLead, "PUT", "/leads/update_user", `{"ids":[%d],"user_id":3}`),
		"leads.turn_common_many":        several("lead", lFull, crm.RightPoolLead, "PUT", "/leads/turn_common", `{"ids":[%d],"common_id":32}`),
		"leads.delete_many":             several("lead", lFull, crm.RightDeleteLead, "DELETE", "/leads", `{"ids":[%d]}`),
		"leads.take_many":               several("lead", lMember, crm.RightTakeLead, "POST", "/common_leads/take", `{"ids":[%d]}`),
		"customers.without_id":          {kind: "nothing", method: "DELETE", path: "/api/v2/customers"},
	}
}

// peopleOps are the operations about people, sessions and logs.
func peopleOps() map[string]op {
	list := func(path string) op { return op{kind: "list", method: "GET", path: "/api/v2" + path} }
	return map[string]op{
		"session.login":        {kind: "open", method: "POST", path: "/api/v2/auth/login", body: `{"login":"员工57-1","password":"` + passwordOfAll + `"}`},
		"session.logout":       yourself("POST", "/auth/logout", ""),
		"user.info":            yourself("GET", "/user/info", ""),
		"user.password":        {kind: "nothing", method: "PUT", path: "/api/v2/user/password", body: `{"old_password":"wrong","password":"another password 1"}`},
		"user.sessions":        yourself("GET", "/user/sessions", ""),
		"user.end_session":     {kind: "nothing", method: "DELETE", path: "/api/v2/user/sessions/9999"},
		"user.set_avatar":      {kind: "nothing", method: "PUT", path: "/api/v2/user/avatar", body: `{}`},
		"user.remove_avatar":   yourself("DELETE", "/user/avatar", ""),
		"user.list":            list("/user/list?per_page=100"),
		"user.simple_list":     list("/user/simple_list"),
		"user.department_list": list("/user/department_list"),
		"user.detail":          list("/user/1"),
		"permissions":          yourself("GET", "/permissions", ""),
		"departments.list":     list("/departments"),

		"users.create":          administer(crm.RightManagePeople, "POST", "/users", `{"user":{"name":"新人","login":"xinren57","password":"a long password 1","role_id":1,"department_id":5}}`),
		"users.update":          administer(crm.RightManagePeople, "PUT", "/users/3", `{"user":{"job":"经理"}}`),
		"users.delete":          administer(crm.RightManagePeople, "DELETE", "/users/3", ""),
		"users.password":        administer(crm.RightManagePeople, "PUT", "/users/3/password", `{"password":"a long password 2"}`),
		"users.disable":         administer(crm.RightManagePeople, "PUT", "/users/3/disable", ""),
		"users.enable":          administer(crm.RightManagePeople, "PUT", "/users/16/enable", ""),
		"users.hand_over":       administer(crm.RightManagePeople, "POST", "/users/5/hand_over", `{"to_user_id":3}`),
		"users.hand_over_state": administer(crm.RightManagePeople, "GET", "/users/5/hand_over", ""),
		"user.set_avatar_of":    op{kind: "several kinds", method: "PUT", path: "/api/v2/users/3/avatar", body: `{}`},
		"user.remove_avatar_of": op{kind: "several kinds", method: "DELETE", path: "/api/v2/users/3/avatar"},
		"departments.create":    administer(crm.RightManagePeople, "POST", "/departments", `{"department":{"name":"新部门","parent_id":1}}`),
		"departments.update":    administer(crm.RightManagePeople, "PUT", "/departments/6", `{"department":{"name":"改名"}}`),
		"departments.delete":    administer(crm.RightManagePeople, "DELETE", "/departments/6", ""),
		"roles.list":            administer(crm.RightManagePeople, "GET", "/roles", ""),
		"roles.options":         administer(crm.RightManagePeople, "GET", "/roles/options", ""),
		"roles.detail":          administer(crm.RightManagePeople, "GET", "/roles/1", ""),
		"roles.create":          administer(crm.RightManagePeople, "POST", "/roles", `{"role":{"name":"新角色","data_scope":"own"}}`),
		"roles.copy":            administer(crm.RightManagePeople, "POST", "/roles/1/copy", `{"role":{"name":"副本"}}`),
		"roles.update":          administer(crm.RightManagePeople, "PUT", "/roles/1", `{"role":{"name":"改名"}}`),
		"roles.delete":          administer(crm.RightManagePeople, "DELETE", "/roles/5", ""),

		"operation_logs.list": administer(crm.RightShowLogs, "GET", "/operation_logs", ""),
		"login_logs.list":     administer(crm.RightShowLogs, "GET", "/login_logs", ""),

		"notifications.list":      yourself("GET", "/notifications", ""),
		"notifications.read":      {kind: "nothing", method: "PUT", path: "/api/v2/notifications/9999/read"},
		"notifications.read_many": {kind: "nothing", method: "PUT", path: "/api/v2/notifications/read", body: `{"ids":[9999]}`},
		"notifications.read_all":  yourself("PUT", "/notifications/read_all", ""),
	}
}

// settingOps are the operations about fields, labels, pools and the check for
// duplicates.
func settingOps() map[string]op {
	list := func(path string) op { return op{kind: "list", method: "GET", path: "/api/v2" + path} }
	fields, labels, pools := crm.RightManageFields, crm.RightManageLabels, crm.RightManagePools
	return map[string]op{
		"custom_fields.by_group":        list("/custom_fields/customer/by_group"),
		"custom_fields.by_group_all":    list("/custom_fields/by_group_all"),
		"field_maps.list":               list("/field_maps/customer"),
		"custom_field_templates.list":   list("/custom_field_templates"),
		"custom_fields.list":            administer(fields, "GET", "/custom_fields/customer", ""),
		"custom_fields.preview":         administer(fields, "GET", "/custom_fields/customer/preview", ""),
		"custom_fields.create":          administer(fields, "POST", "/custom_fields/customer", `{"custom_field":{"label":"新字段","kind":"text"}}`),
		"custom_fields.order":           administer(fields, "PUT", "/custom_fields/customer/order", `{"groups":[{"id":1,"names":["name"]}]}`),
		"custom_fields.update":          administer(fields, "PUT", "/custom_fields/customer/note", `{"custom_field":{"required":true}}`),
		"custom_fields.delete":          administer(fields, "DELETE", "/custom_fields/customer/text_asset_ffffff", `{"confirm":"x"}`),
		"custom_field_groups.create":    administer(fields, "POST", "/custom_field_groups", `{"custom_field_group":{"entity_type":"customer","label":"新组"}}`),
		"custom_field_groups.update":    administer(fields, "PUT", "/custom_field_groups/9999", `{"custom_field_group":{"label":"改"}}`),
		"custom_field_groups.delete":    administer(fields, "DELETE", "/custom_field_groups/9999", ""),
		"field_maps.create":             administer(fields, "POST", "/field_maps/customer/status", `{"field_value":{"label":"新选项"}}`),
		"field_maps.order":              administer(fields, "PUT", "/field_maps/customer/status/order", `{"ids":[1]}`),
		"field_maps.update":             administer(fields, "PUT", "/field_maps/customer/status/1", `{"field_value":{"label":"改名"}}`),
		"custom_field_templates.create": administer(fields, "POST", "/custom_field_templates", `{"custom_field_template":{"entity_type":"customer","name":"新类型"}}`),
		"custom_field_templates.update": administer(fields, "PUT", "/custom_field_templates/9999", `{"custom_field_template":{"name":"改"}}`),
		"custom_field_templates.delete": administer(fields, "DELETE", "/custom_field_templates/9999", ""),

		"labels.list":         list("/labels"),
		"labels.create":       administer(labels, "POST", "/labels", `{"label":{"name":"新标签"}}`),
		"labels.order":        administer(labels, "PUT", "/labels/order", `{"ids":[1]}`),
		"labels.update":       administer(labels, "PUT", "/labels/1", `{"label":{"name":"改名"}}`),
		"labels.delete":       administer(labels, "DELETE", "/labels/1", ""),
		"label_groups.list":   list("/label_groups"),
		"label_groups.create": administer(labels, "POST", "/label_groups", `{"label_group":{"name":"新组"}}`),
		"label_groups.order":  administer(labels, "PUT", "/label_groups/order", `{"ids":[1]}`),
		"label_groups.update": administer(labels, "PUT", "/label_groups/9999", `{"label_group":{"name":"改"}}`),
		"label_groups.delete": administer(labels, "DELETE", "/label_groups/9999", ""),

		"duplicates.field_setting":    list("/duplicates/field_setting?entity_type=customer"),
		"duplicates.set":              administer(crm.RightManageDuplicates, "PUT", "/duplicates/field_setting", `{"entity_type":"customer","enabled":false}`),
		"duplicates.search":           list("/duplicates/search?key=customer&query=密57"),
		"customers.search_duplicates": list("/customers/search_duplicates?query=密57"),

		"common_customers.common_settings": list("/common_customers/common_settings"),
		"common_leads.common_settings":     list("/common_leads/common_settings"),
		"common_settings.list":             administer(pools, "GET", "/common_settings", ""),
		"common_settings.detail":           administer(pools, "GET", "/common_settings/31", ""),
		"common_settings.create":           administer(pools, "POST", "/common_settings", `{"common_setting":{"name":"新公海","entity":"customer"}}`),
		"common_settings.update":           administer(pools, "PUT", "/common_settings/31", `{"common_setting":{"name":"改名"}}`),
		"common_settings.order":            administer(pools, "PUT", "/common_settings/order", `{"ids":[31]}`),
		"common_settings.delete":           administer(pools, "DELETE", "/common_settings/31", ""),
		"owned_limits.show":                administer(pools, "GET", "/owned_limits", ""),
		"owned_limits.update":              administer(pools, "PUT", "/owned_limits", `{"owned_limits":{"each":5}}`),
	}
}

// fileOps are the operations about files; place %d has a file of that id, which
// belongs to the customer.
func fileOps() map[string]op {
	return map[string]op{
		"attachments.create":   {kind: "nothing", method: "POST", path: "/api/v2/attachments", body: `{}`},
		"attachments.list":     see("customer", "/attachments?attachmentable_type=Customer&attachmentable_id=%d"),
		"attachments.detail":   see("customer", "/attachments/%d"),
		"attachments.update":   change("customer", lAssist, crm.RightEditCustomer, "PUT", "/attachments/%d", `{"attachment":{"note":"改了"}}`),
		"attachments.delete":   change("customer", lAssist, crm.RightEditCustomer, "DELETE", "/attachments/%d", ""),
		"attachments.attach":   {kind: "nothing", method: "POST", path: "/api/v2/attachments/9999/attach", body: `{"attachmentable_type":"Customer","attachmentable_id":101}`},
		"contacts.set_card":    {kind: "nothing", method: "PUT", path: "/api/v2/contacts/101/card", body: `{"attachment_id":9999}`},
		"contacts.remove_card": change("contact", lAssist, crm.RightEditContact, "DELETE", "/contacts/%d/card", ""),
		"leads.set_card":       {kind: "nothing", method: "PUT", path: "/api/v2/leads/101/card", body: `{"attachment_id":9999}`},
		"leads.remove_card":    change("lead", lAssist, crm.RightEditLead, "DELETE", "/leads/%d/card", ""),
		"customers.create":     administer(crm.RightCreateCustomer, "POST", "/customers", `{"customer":{"name":"新客户"}}`),
		"leads.create":         administer(crm.RightCreateLead, "POST", "/leads", `{"lead":{"name":"新线索"}}`),
		"leads.by_name":        {kind: "list", method: "GET", path: "/api/v2/leads/by_name?query=" + secret(matrixHome, "lead", place{id: 101})},
		"common_customers.create": {kind: "several kinds", method: "POST", path: "/api/v2/common_customers",
			body: `{"common_id":31,"customer":{"name":"公海新客户"}}`},
		"common_leads.create": {kind: "several kinds", method: "POST", path: "/api/v2/common_leads",
			body: `{"common_id":32,"lead":{"name":"池中新线索"}}`},
		"common_customers.members": {kind: "several kinds", method: "GET", path: "/api/v2/common_customers/31/members"},
		"common_leads.members":     {kind: "several kinds", method: "GET", path: "/api/v2/common_leads/32/members"},
	}
}
