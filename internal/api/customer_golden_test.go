package api

import (
	"strings"
	"testing"
)

// TestGoldenCustomers compares whole answers of the calls about customers and
// contacts, each in a world of its own.
func TestGoldenCustomers(t *testing.T) {
	for _, x := range []struct {
		name                 string
		user                 int64
		method, target, body string
	}{
		{"customers.detail_owner", owner, "GET", "/customers/73717", ""},
		{"customers.detail_collaborator", helper, "GET", "/customers/73717", ""},
		{"customers.detail_masked", masked, "GET", "/customers/831", ""},
		{"customers.detail_pool", admin, "GET", "/customers/900", ""},
		{"customers.detail_hidden", colleague, "GET", "/customers/73717", ""},
		{"customers.update_partial", owner, "PUT", "/customers/73717", `{"customer":{"status":3462,"note":"已修改","labels":["重点",2],"address_attributes":{"province_id":1,"phone":"13800000099"}}}`},
		{"customers.update_owner", superior, "PUT", "/customers/73717", `{"customer":{"user_id":461}}`},
		{"customers.update_owner_of_department", superior, "PUT", "/customers/73717", `{"customer":{"user_id":462}}`},
		{"customers.update_forbidden", helper, "PUT", "/customers/73717", `{"customer":{"user_id":461}}`},
		{"customers.update_pending", colleague, "PUT", "/customers/901", `{"customer":{"approve_status":"reverted"}}`},
		{"customers.delete", admin, "DELETE", "/customers/73717", ""},
		{"customers.delete_forbidden", owner, "DELETE", "/customers/73717", ""},
		{"customers.contacts", owner, "GET", "/customers/73717/contacts", ""},
		{"customers.contacts_second_page", owner, "GET", "/customers/73717/contacts?per_page=2&page=2&lat=31.239676&lng=121.42799", ""},
		{"customers.contacts_masked", masked, "GET", "/customers/831/contacts?page=0", ""},
		{"customers.contacts_none", colleague, "GET", "/customers/901/contacts", ""},
		{"customers.contacts_hidden", colleague, "GET", "/customers/73717/contacts", ""},
		{"customers.transfer", superior, "PUT", "/customers/73717/transfer", `{"user_id":461,"transfer_contracts":"true","transfer_opportunities":false,"nowin_opportunities":""}`},
		{"customers.transfer_form", owner, "PUT", "/customers/73717/transfer?user_id=461&transfer_contracts=false", ""},
		{"customers.transfer_nobody", owner, "PUT", "/customers/73717/transfer", `{"transfer_contracts":true}`},
		{"customers.transfer_pool", admin, "PUT", "/customers/900/transfer", `{"user_id":461}`},
		{"customers.transfer_many", admin, "PUT", "/customers/transfer", `{"ids":[831,"73717",900,5],"user_id":461}`},
		{"customers.transfer_many_text", owner, "PUT", "/customers/transfer?ids=73717,831&user_id=461", ""},
		{"customers.transfer_many_none", admin, "PUT", "/customers/transfer", `{"ids":[],"user_id":461}`},
		{"customers.assist_users", owner, "GET", "/customers/73717/assist_users", ""},
		{"customers.assist_users_none", star, "GET", "/customers/831/assist_users?per_page=1000", ""},
		{"customers.assist_users_hidden", colleague, "GET", "/customers/73717/assist_users", ""},
		{"customers.update_assist_user", owner, "PUT", "/customers/73717/update_assist_user", `{"customer":{"assist_user_ids":[461,"443",462]}}`},
		{"customers.update_assist_user_none", owner, "POST", "/customers/73717/update_assist_user?customer[assist_user_ids][]=", ""},
		{"customers.update_assist_user_missing", owner, "PUT", "/customers/73717/update_assist_user", `{"customer":{}}`},
		{"customers.update_assist_user_unknown", owner, "PUT", "/customers/73717/update_assist_user", `{"customer":{"assist_user_ids":[99999]}}`},
		{"customers.update_assist_user_forbidden", helper, "PUT", "/customers/73717/update_assist_user", `{"customer":{"assist_user_ids":[]}}`},
		{"customers.add_assist_users", admin, "POST", "/customers/add_assist_users", `{"ids":[831,73717,900],"assist_user_ids":[462]}`},
		{"customers.remove_assist_users", admin, "POST", "/customers/remove_assist_users", `{"ids":"73717","assist_user_ids":{"0":"466","1":462}}`},
		{"contacts.update_partial", owner, "PUT", "/contacts/20583", `{"contact":{"name":"新名","gender":"female","birth_date":"1990-06-01","text_asset_7c7b94f7":"别名","address_attributes":{"phone":null,"wechat":"wx"}}}`},
		{"contacts.update_customer", admin, "POST", "/contacts/20583", `{"contact":{"customer_id":831}}`},
		{"contacts.update_blank_name", owner, "PUT", "/contacts/20583", `{"contact":{"name":" "}}`},
		{"contacts.update_hidden", colleague, "PUT", "/contacts/20583", `{"contact":{"name":"a"}}`},
		{"contacts.update_hidden_field", barred, "PUT", "/contacts/20583", `{"contact":{"address_attributes":{"phone":"13900000000"}}}`},
		{"contacts.delete", owner, "DELETE", "/contacts/20583", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			w := newWorld(t)
			a := w.v2(x.user, x.method, x.target, x.body)
			golden(t, x.name, a.body)
			if x.method == "DELETE" && strings.HasPrefix(a.body, `{"code":0,`) {
				golden(t, "error_not_found", w.v2(admin, "GET", x.target, "").body)
			}
		})
	}
}
