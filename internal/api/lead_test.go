package api

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestGoldenLeads(t *testing.T) {
	const pooled, manager = "/common_leads/2832", superior
	for _, c := range []struct {
		name         string
		user         int64
		method, path string
		body         string
	}{
		{"leads.detail", owner, "GET", "/leads/2831", ""},
		{"leads.detail_with_position", superior, "GET", "/leads/2831?lat=31.239676&lng=121.42799", ""},
		{"leads.detail_pooled", colleague, "GET", "/leads/2832", ""},
		{"leads.detail_turned", owner, "GET", "/leads/2833", ""},
		{"leads.detail_bare", everybody, "GET", "/leads/2834", ""},
		{"leads.detail_masked", masked, "GET", "/leads/2831", ""},
		{"leads.by_name", owner, "GET", "/leads/by_name?query=%E5%8D%95%E5%85%88%E7%94%9F", ""},
		{"leads.by_name_turned", owner, "GET", "/leads/by_name?name=已转&turned_to_customer=true", ""},
		{"leads.by_name_none", owner, "GET", "/leads/by_name?query=单", ""},
		{"leads.by_name_blank", owner, "GET", "/leads/by_name", ""},
		{"leads.create", owner, "POST", "/leads", `{"lead":{"name":"新线索","company_name":"新公司","status":4301,"source":"4302","job":"总监",
			"text_asset_1ead01":"sel_7a02","text_asset_1ead02":"13800000099","text_asset_1ead04":["mul_0001"],
			"address_attributes":{"country_id":4,"province_id":1,"phone":"13800000010","detail_address":"某路"}}}`},
		{"leads.create_no_name", owner, "POST", "/leads", `{"lead":{"company_name":"新公司"}}`},
		{"leads.create_missing", owner, "POST", "/leads", `{}`},
		{"leads.update", owner, "PUT", "/leads/2831", `{"lead":{"note":"","text_asset_1ead01":null,"address_attributes":{"city_id":null}}}`},
		{"leads.update_turned", owner, "PUT", "/leads/2833", `{"lead":{"note":"改"}}`},
		{"leads.delete", owner, "DELETE", "/leads/2831", ""},
		{"leads.update_user", owner, "POST", "/leads/2831/update_user", `{"user_id":461}`},
		{"leads.update_user_nobody", owner, "POST", "/leads/2831/update_user", `{}`},
		{"leads.turn_common", owner, "PUT", "/leads/2831/turn_common?common_id=7", ""},
		{"leads.turn_common_no_pool", owner, "PUT", "/leads/2831/turn_common", ""},
		{"leads.take", owner, "POST", "/leads/2832/take", ""},
		{"leads.take_taken", owner, "POST", "/leads/2831/take", ""},
		{"customers.new_from_lead", owner, "GET", "/customers/new_from_lead?lead_id=2831", ""},
		{"customers.new_from_lead_bare", superior, "GET", "/customers/new_from_lead?lead_id=2834", ""},
		{"customers.new_from_lead_turned", owner, "GET", "/customers/new_from_lead?lead_id=2833", ""},
		{"customers.new_from_lead_missing", owner, "GET", "/customers/new_from_lead", ""},
		{"leads.turn_to_customer", owner, "POST", "/leads/2831/turn_to_customer", ""},
		{"leads.turn_to_customer_as_sent", owner, "POST", "/leads/2831/turn_to_customer", `{"customer":{"name":"另一名称","category":4024,
			"address_attributes":{"detail_address":""},"contacts_attributes":[{"name":"甲"},{"name":"乙"}]}}`},
		{"customers.create_of_lead", owner, "POST", "/customers", `{"refer_lead_id":2831,"customer":{"name":"转来的客户","user_id":443,"contacts_attributes":[]}}`},
		{"leads.update_user_many", superior, "PUT", "/leads/update_user", `{"ids":[2831,2832,2833,9],"user_id":461}`},
		{"leads.turn_common_many", owner, "PUT", "/leads/turn_common", `{"ids":"2831,2834","common_id":7}`},
		{"leads.delete_many", owner, "DELETE", "/leads?ids[]=2831&ids[]=2832", ""},
		{"leads.delete_many_none", owner, "DELETE", "/leads", ""},
		{"leads.take_many", owner, "POST", "/common_leads/take", `{"ids":[2832,9]}`},
		{"common_leads.members", owner, "GET", "/common_leads/7/members", ""},
		{"common_leads.members_page", manager, "GET", "/common_leads/7/members?query=同&page=2&per_page=1", ""},
		{"common_leads.common_settings", owner, "GET", "/common_leads/common_settings", ""},
		{"common_leads.detail", manager, "GET", pooled, ""},
		{"common_leads.create", owner, "POST", "/common_leads", `{"common_id":7,"lead":{"name":"新公海线索","user_id":443}}`},
		{"common_leads.update", manager, "PUT", pooled, `{"lead":{"note":"新"}}`},
		{"common_leads.transfer", manager, "PUT", pooled + "/transfer", `{"user_id":443}`},
		{"common_leads.transfer_no_member", manager, "PUT", pooled + "/transfer", `{"user_id":460}`},
		{"common_leads.delete", manager, "DELETE", pooled, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			golden(t, c.name, newLeadWorld(t).call(home, c.user, c.method, c.path, c.body).body)
		})
	}
}

// verdictOf says in one word what came back.
func verdictOf(t *testing.T, a answer) string {
	t.Helper()
	var body struct {
		Code int
		Data struct {
			Failures []struct{ Code int }
		}
	}
	must(t, json.Unmarshal([]byte(a.body), &body))
	if len(body.Data.Failures) == 1 {
		body.Code = body.Data.Failures[0].Code
	}
	for code, word := range map[int]string{0: "ok", 100100: "hidden", 401: "barred", 100401: "gone", 100406: "invalid"} {
		if code == body.Code {
			return word
		}
	}
	return a.body
}

// Every call about leads as every kind of caller. %d is a lead of its own for
// each row: one of the owner's, in rows with a P one that lies in the pool.
func TestWhoMayCallWhatAboutLeads(t *testing.T) {
	callers := []int64{owner, superior, colleague, sameDept, everybody, helper, admin, masked, creator, disabled, 0}
	rows := []struct{ where, method, path, body, want string }{
		{"", "GET", "/leads/%d", "", "ok ok hidden ok ok hidden ok ok hidden gone gone"},
		{"P", "GET", "/leads/%d", "", "ok ok ok hidden ok hidden ok ok hidden gone gone"},
		{"", "PUT", "/leads/%d", `{"lead":{"note":"x"}}`, "ok ok hidden ok ok hidden ok ok hidden gone gone"},
		{"P", "POST", "/leads/%d", `{"lead":{"note":"x"}}`, "barred ok barred hidden barred hidden ok barred hidden gone gone"},
		{"", "DELETE", "/leads/%d", "", "ok ok hidden ok ok hidden ok ok hidden gone gone"},
		{"P", "DELETE", "/leads/%d", "", "barred ok barred hidden barred hidden ok barred hidden gone gone"},
		{"", "POST", "/leads/%d/update_user", `{"user_id":461}`, "ok ok hidden ok ok hidden ok ok hidden gone gone"},
		{"", "PUT", "/leads/%d/update_user", `{"lead":{"user_id":461}}`, "ok ok hidden ok ok hidden ok ok hidden gone gone"},
		{"P", "PUT", "/leads/%d/update_user", `{"user_id":461}`, "barred ok barred hidden barred hidden ok barred hidden gone gone"},
		{"", "PUT", "/leads/%d/turn_common?common_id=7", "", "ok ok hidden ok ok hidden ok ok hidden gone gone"},
		{"", "POST", "/leads/%d/take", "", "barred barred hidden barred barred hidden barred barred hidden gone gone"},
		{"P", "POST", "/leads/%d/take", "", "ok ok ok hidden barred hidden ok barred hidden gone gone"},
		{"P", "PUT", "/leads/%d/take", "", "ok ok ok hidden barred hidden ok barred hidden gone gone"},
		{"", "GET", "/customers/new_from_lead?lead_id=%d", "", "ok ok hidden ok ok hidden ok ok hidden gone gone"},
		{"", "POST", "/leads/%d/turn_to_customer", "", "ok ok hidden ok ok hidden ok ok hidden gone gone"},
		{"P", "POST", "/leads/%d/turn_to_customer", "", "barred invalid barred hidden barred hidden invalid barred hidden gone gone"},
		{"", "POST", "/customers", `{"refer_lead_id":%d,"customer":{"note":"x"}}`, "ok ok hidden ok ok hidden ok ok hidden gone gone"},
		{"", "PUT", "/leads/update_user", `{"ids":[%d],"user_id":461}`, "ok ok hidden ok ok hidden ok ok hidden gone gone"},
		{"", "PUT", "/leads/turn_common", `{"ids":[%d],"common_id":7}`, "ok ok hidden ok ok hidden ok ok hidden gone gone"},
		{"", "DELETE", "/leads?ids[]=%d", "", "ok ok hidden ok ok hidden ok ok hidden gone gone"},
		{"P", "POST", "/common_leads/take", `{"ids":[%d]}`, "ok ok ok hidden barred hidden ok barred hidden gone gone"},
		{"", "GET", "/common_leads/%d", "", "hidden hidden hidden hidden hidden hidden hidden hidden hidden gone gone"},
		{"P", "GET", "/common_leads/%d", "", "ok ok ok hidden ok hidden ok ok hidden gone gone"},
		{"P", "PUT", "/common_leads/%d", `{"lead":{"note":"x"}}`, "barred ok barred hidden barred hidden ok barred hidden gone gone"},
		{"P", "PUT", "/common_leads/%d/transfer", `{"user_id":461}`, "barred ok barred hidden barred hidden ok barred hidden gone gone"},
		{"P", "DELETE", "/common_leads/%d", "", "barred ok barred hidden barred hidden ok barred hidden gone gone"},
		{"", "POST", "/leads", `{"lead":{"name":"x"}}`, "ok ok ok ok ok ok ok ok barred gone gone"},
		{"", "POST", "/common_leads", `{"common_id":7,"lead":{"name":"x"}}`, "ok ok ok invalid invalid invalid ok invalid invalid gone gone"},
		{"", "GET", "/common_leads/7/members", "", "ok ok ok hidden ok hidden ok ok hidden gone gone"},
		{"", "GET", "/leads/by_name?query=x", "", "ok ok ok ok ok ok ok ok ok gone gone"},
	}
	got := make([][]string, len(rows))
	for _, user := range callers {
		w := newLeadWorld(t)
		for i, r := range rows {
			id := 3000 + i
			if r.where == "P" {
				id += 100
			}
			fill := func(s string) string { return strings.Replace(s, "%d", fmt.Sprint(id), 1) }
			got[i] = append(got[i], verdictOf(t, w.call(home, user, r.method, fill(r.path), fill(r.body))))
			if user == admin && strings.Contains(r.path+r.body, "%d") {
				// The other organization has none of these leads.
				if v := verdictOf(t, w.call(other, admin, r.method, fill(r.path), fill(r.body))); v != "hidden" {
					t.Errorf("%s %s%s from another organization: %s", r.method, r.path, r.body, v)
				}
			}
		}
	}
	for i, r := range rows {
		if s := strings.Join(got[i], " "); s != r.want {
			t.Errorf("%s %s%s of a lead %q as %v:\ngot  %s\nwant %s", r.method, r.path, r.body, r.where, callers, s, r.want)
		}
	}
}

// What real programs send: forms with bracketed names, texts for numbers, numbered
// lists; and twice the same with a ticket.
func TestLeadsInOtherEncodings(t *testing.T) {
	w := newLeadWorld(t)
	form := func(method, target string, values url.Values) answer {
		r := httptest.NewRequest(method, "http://crm.example.com/api/v2"+target, strings.NewReader(values.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", "Token token="+w.token(home, owner)+",device=open_api,version_code=9.9.9")
		return w.do(r)
	}
	for range 2 {
		a := form("POST", "/leads?request_ticket=0123456789", url.Values{"lead[name]": {"表单"}, "lead[status]": {"4301"},
			"lead[address_attributes][phone]": {"13800000012"}, "lead[text_asset_1ead04][0]": {"mul_0001"}, "lead[source]": {""}})
		if !strings.Contains(a.body, `"id":4001,"name":"表单"`) || !strings.Contains(a.body, `"status":"4301","source":""`) ||
			!strings.Contains(a.body, `"phone":"13800000012"`) || !strings.Contains(a.body, `"text_asset_1ead04":["mul_0001"]`) {
			t.Errorf("got %s", a.body)
		}
	}
	if a := form("POST", "/leads/2834", url.Values{"lead[name]": {"改名"}}); !strings.Contains(a.body, `"name":"改名"`) {
		t.Errorf("got %s", a.body)
	}
	if a := form("POST", "/leads/2834/update_user", url.Values{"lead[user_id]": {"461"}}); !strings.Contains(a.body, `"before_user":{"id":443`) {
		t.Errorf("got %s", a.body)
	}
	if a := form("PUT", "/leads/turn_common", url.Values{"ids[0]": {"2831"}, "ids[1]": {"9"}, "common_id": {"7"}}); !strings.Contains(a.body, `"success_count":1,"ids":[2831],"failures":[{"id":9,`) {
		t.Errorf("got %s", a.body)
	}
}

// If-Match: who saw the lead before somebody else changed it is told so.
func TestLeadsWithIfMatch(t *testing.T) {
	w := newLeadWorld(t)
	tag := w.call(home, owner, "GET", "/leads/2831", "").header.Get("ETag")
	put := func(path string) string {
		r := httptest.NewRequest("PUT", "http://crm.example.com/api/v2"+path, strings.NewReader(`{"lead":{"note":"改"}}`))
		r.Header.Set("Authorization", "Token token="+w.token(home, owner))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("If-Match", tag)
		return w.do(r).body
	}
	if got := put("/leads/2834"); !strings.HasPrefix(got, `{"code":0,`) {
		t.Errorf("another lead: %s", got)
	}
	w.call(home, superior, "PUT", "/leads/2831", `{"lead":{"job":"总监"}}`)
	for _, path := range []string{"/leads/2831", "/leads/2831/turn_to_customer", "/leads/2831/turn_common?common_id=7"} {
		if got := put(path); !strings.HasPrefix(got, `{"code":409,`) {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// A lead that became a customer leaves the lists for one of its own.
func TestTurnedLeadsHaveAListOfTheirOwn(t *testing.T) {
	w := newLeadWorld(t)
	listed := func(query string) bool {
		return strings.Contains(w.call(home, owner, "GET", "/leads?query=单先生"+query, "").body, `"id":2831,"name":"单先生"`)
	}
	if !listed("") || !listed("&tab_type=my") || listed("&tab_type=turned") {
		t.Error("before")
	}
	if a := w.call(home, owner, "POST", "/leads/2831/turn_to_customer", ""); outcome(a) != "shown" {
		t.Fatal(a.body)
	}
	if listed("") || listed("&tab_type=my") || !listed("&tab_type=turned") {
		t.Error("after")
	}
	// 0 and nothing refer to no lead.
	for _, none := range []string{`0`, `""`, `null`} {
		if a := w.call(home, owner, "POST", "/customers", `{"refer_lead_id":`+none+`,"customer":{"name":"没有线索"}}`); outcome(a) != "shown" {
			t.Errorf("%s: %s", none, a.body)
		}
	}
	for _, bad := range []string{`-1`, `"x"`, `[1]`} {
		if a := w.call(home, owner, "POST", "/customers", `{"refer_lead_id":`+bad+`,"customer":{"name":"没有线索"}}`); verdictOf(t, a) != "invalid" {
			t.Errorf("%s: %s", bad, a.body)
		}
	}
}
