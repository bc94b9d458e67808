package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// Whole answers of every call about pools.
func TestGoldenPools(t *testing.T) {
	lies := fmt.Sprint("/api/v2/common_customers/", lying)
	for _, c := range []struct {
		name, method, target, body string
		user                       int64
	}{
		{"common_customers.common_settings", "GET", "/api/v2/common_customers/common_settings", "", admin},
		{"common_customers.common_settings_member", "GET", "/api/v2/common_customers/common_settings", "", owner},
		{"common_customers.common_settings_none", "GET", "/api/v2/common_customers/common_settings", "", helper},
		{"common_customers.detail", "GET", lies, "", owner},
		{"common_customers.detail_owned", "GET", "/api/v2/common_customers/73717", "", owner},
		{"common_customers.contacts", "GET", lies + "/contacts", "", owner},
		{"common_customers.members", "GET", "/api/v2/common_customers/45/members?per_page=2&query=", "", superior},
		{"common_customers.create", "POST", "/api/v2/common_customers",
			`{"common_id":45,"customer":{"name":"新入公海","user_id":441,"want_department_id":6,"contacts_attributes":[{"name":"甲"}],"labels":["重点"]}}`, owner},
		{"common_customers.create_without_pool", "POST", "/api/v2/common_customers", `{"customer":{"name":"新入公海"}}`, owner},
		{"common_customers.create_elsewhere", "POST", "/api/v2/common_customers", `{"common_id":46,"customer":{"name":"新入公海"}}`, owner},
		{"common_customers.update", "PUT", lies, `{"customer":{"note":"新备注"}}`, superior},
		{"common_customers.delete", "DELETE", lies, "", superior},
		{"common_customers.transfer", "PUT", lies + "/transfer", `{"user_id":443}`, superior},
		{"common_customers.transfer_member", "PUT", lies + "/transfer", `{"user_id":443}`, owner},
		{"common_customers.transfer_outsider", "PUT", lies + "/transfer", `{"user_id":461}`, superior},
		{"common_customers.transfer_nobody", "PUT", lies + "/transfer", ``, superior},
		{"customers.take", "POST", fmt.Sprint("/api/v2/customers/", lying, "/take"), "", owner},
		{"customers.take_back", "POST", fmt.Sprint("/api/v2/customers/", lyingMarket, "/take"), "", colleague},
		{"customers.take_many", "POST", "/api/v2/common_customers/take", `{"ids":[940,941,73717,1]}`, owner},
		{"customers.take_many_none", "POST", "/api/v2/customers/take", `{}`, owner},
		{"customers.turn_common", "PUT", "/api/v2/customers/73717/turn_common?common_id=46", "", owner},
		{"customers.turn_common_again", "PUT", "/api/v2/customers/940/turn_common?common_id=45", "", superior},
		{"customers.turn_common_nowhere", "PUT", "/api/v2/customers/73717/turn_common?common_id=47", "", owner},
		{"customers.turn_common_without_pool", "PUT", "/api/v2/customers/73717/turn_common", "", owner},
		{"customers.turn_common_many", "PUT", "/api/v2/customers/turn_common", `{"ids":[73717,831,900],"common_id":"45"}`, owner},
		{"common_settings.list", "GET", "/api/v2/common_settings", "", admin},
		{"common_settings.list_refused", "GET", "/api/v2/common_settings", "", owner},
		{"common_settings.list_bad", "GET", "/api/v2/common_settings?entity_type=contact", "", admin},
		{"common_settings.detail", "GET", "/api/v2/common_settings/46", "", admin},
		{"common_settings.create", "POST", "/api/v2/common_settings", `{"common_setting":{"name":"新公海","admin_list":{"user_ids":["460"]},
			"member_list":{"all":0,"department_ids":["5"],"user_ids":[461]},"rule_type":2,"rule_config":{"unsold":{"max_unfollow_day":"30",
			"flow_into_type":"category","customer_categories":{"3468":"0","4024":60},"notify_before_unfollow_day":2,"flow_into_time":"06:30"}},
			"limit_grab_enable":true,"limit_grab_day":7,"custom_column_list":{"super":["name","status"],"common":["name"]},
			"filter_column_list":{"super":[],"common":["source"]}}}`, admin},
		{"common_settings.create_bad", "POST", "/api/v2/common_settings", `{"common_setting":{"name":"新公海","member_list":{"user_ids":"x"}}}`, admin},
		{"common_settings.create_nameless", "POST", "/api/v2/common_settings", `{"common_setting":{}}`, admin},
		{"common_settings.update", "PUT", "/api/v2/common_settings/45", `{"common_setting":{"member_list":{"all":1},"rule_config":{"owner":{"max_unfollow_day":20}}}}`, admin},
		{"common_settings.update_off", "PUT", "/api/v2/common_settings/45", `{"common_setting":{"rule_type":0,"limit_grab_enable":false}}`, admin},
		{"common_settings.order", "PUT", "/api/v2/common_settings/order", `{"ids":[46,45]}`, admin},
		{"common_settings.delete", "DELETE", "/api/v2/common_settings/47", "", admin},
		{"common_settings.delete_full", "DELETE", "/api/v2/common_settings/45", "", admin},
		{"owned_limits.show", "GET", "/api/v2/owned_limits", "", admin},
		{"owned_limits.update", "PUT", "/api/v2/owned_limits", `{"owned_limits":{"each":200,"users":{"443":"500"},"categories":{"4024":20}}}`, admin},
		{"owned_limits.update_bad", "PUT", "/api/v2/owned_limits", `{"owned_limits":{"users":{"x":1}}}`, admin},
		{"customers.detail_will_fall", "GET", "/api/v2/customers/831", "", star},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := poolWorld(t)
			golden(t, c.name, w.send(home, c.user, c.method, c.target, c.body).body)
		})
	}
}

// The keys of the row that transfer answers with, in the order of the origin's
// sample.
func TestRowOfATransfer(t *testing.T) {
	w := poolWorld(t)
	a := w.send(home, superior, "PUT", fmt.Sprint("/api/v2/common_customers/", lying, "/transfer"), `{"user_id":443}`)
	var keys []string
	d := json.NewDecoder(strings.NewReader(a.body[strings.Index(a.body, `"data":`)+len(`"data":`):]))
	_, err := d.Token()
	must(t, err)
	for d.More() {
		key, err := d.Token()
		must(t, err)
		keys = append(keys, key.(string))
		var value any
		must(t, d.Decode(&value))
	}
	const want = `id, name, category, source, industry, staff_size, note, created_at, updated_at, organization_id, user_id, parent_id, path, ` +
		`status, department_id, name_pinyin, revisit_at, real_revisit_at, revisit_remind_at, company_name, qixinbao_id, cio_pid, creator_id, ` +
		`before_user_id, before_department_id, flow_into_at, status_updated_at, customer_common_setting_id, before_customer_common_setting_id, ` +
		`approve_status, approve_deny_type, step, submit_applying_at, finish_approve_at, pending_step, custom_field_template_id, channel, status_mapped`
	if got := strings.Join(keys, ", "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	for _, part := range []string{`"path":"0/831/940"`, `"staff_size":""`, `"customer_common_setting_id":null`, `"before_customer_common_setting_id":45`,
		`"created_at":"2014-11-07 10:11"`, `"updated_at":"2026-11-21T18:20:00.000+08:00"`, `"revisit_at":"2026-11-21T18:20:00.000+08:00"`, `"real_revisit_at":null`} {
		if !strings.Contains(a.body, part) {
			t.Errorf("%s is missing in %s", part, a.body)
		}
	}
}

// poolForm sends fields with brackets in their names as multipart/form-data.
func (w *world) poolForm(org, user int64, method, target string, fields ...string) answer {
	w.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		must(w.t, m.WriteField(fields[i], fields[i+1]))
	}
	must(w.t, m.Close())
	r := httptest.NewRequest(method, "http://crm.example.com"+target, &body)
	r.Header.Set("Authorization", "Token token="+w.token(org, user))
	r.Header.Set("Content-Type", m.FormDataContentType())
	return w.do(r)
}

// What clients send as multipart, form, query or with POST in the place of PUT
// is answered alike.
func TestPoolEncodings(t *testing.T) {
	transfer := fmt.Sprint("/api/v2/common_customers/", lying, "/transfer")
	var want string
	for name, send := range map[string]func(w *world) answer{
		"json":  func(w *world) answer { return w.send(home, superior, "PUT", transfer, `{"user_id":443}`) },
		"post":  func(w *world) answer { return w.send(home, superior, "POST", transfer, `{"user_id":"443"}`) },
		"query": func(w *world) answer { return w.send(home, superior, "POST", transfer+"?user_id=443", ``) },
		"multipart": func(w *world) answer {
			return w.poolForm(home, superior, "POST", transfer, "user_id", "443", "id", "940")
		},
	} {
		got := send(poolWorld(t)).body
		if want == "" {
			want = got
		}
		if got != want || !strings.HasPrefix(got, `{"code":0`) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	w := poolWorld(t)
	a := w.poolForm(home, owner, "POST", "/api/v2/common_customers", "common_id", "45", "customer[name]", "多部分", "customer[contacts_attributes][0][name]", "甲",
		"customer[address_attributes][phone]", "13800000042", "customer[labels][]", "展会")
	if outcome(a) != "shown" || !strings.Contains(a.body, `"customer_common_setting_id":45`) || !strings.Contains(a.body, "13800000042") || !strings.Contains(a.body, "展会") {
		t.Error(a.body)
	}
	a = w.poolForm(home, admin, "POST", "/api/v2/common_settings/46", "common_setting[rule_config][owner][max_unfollow_day]", "12",
		"common_setting[rule_type]", "1", "common_setting[member_list][user_ids][]", "443", "common_setting[member_list][all]", "0")
	if outcome(a) != "shown" || !strings.Contains(a.body, `"max_unfollow_day":"12"`) || !strings.Contains(a.body, `"user_ids":["443"]`) {
		t.Error(a.body)
	}
}

// What a client reads of a pool it can write back unchanged.
func TestSettingsAreWrittenBack(t *testing.T) {
	w := poolWorld(t)
	for _, id := range []int64{companyPool, marketPool, poolOfLeads} {
		target := fmt.Sprint("/api/v2/common_settings/", id)
		read := w.get(home, admin, target).body
		data := strings.TrimSuffix(strings.TrimPrefix(read, `{"code":0,"data":`), "}")
		got := w.send(home, admin, "PUT", target, `{"common_setting":`+data+`}`).body
		if got, want := untimed.ReplaceAllString(got, ""), untimed.ReplaceAllString(read, ""); got != want {
			t.Errorf("pool %d: %s, was %s", id, got, want)
		}
		// Now even the usual columns stand there, and there is nothing left to change.
		if again := w.send(home, admin, "PUT", target, `{"common_setting":`+data+`}`); again.body != got {
			t.Errorf("pool %d once more: %s, was %s", id, again.body, got)
		}
	}
}

var untimed = regexp.MustCompile(`"updated_at":"[^"]*",`)

// Every kind of caller at every call about pools.
func TestWhoMayWhatWithPools(t *testing.T) {
	lies := fmt.Sprint("/api/v2/common_customers/", lying)
	const (
		ok, hidden, forbidden, invalid, nobody = 0, 100100, 401, 100406, 100401
	)
	type callers struct {
		member, manager, outsider, all, super, stranger int
	}
	of := map[string]callers{
		"GET " + lies:                                  {ok, ok, hidden, ok, ok, hidden},
		"GET " + lies + "/contacts":                    {ok, ok, hidden, ok, ok, hidden},
		"PUT " + lies:                                  {forbidden, ok, hidden, forbidden, ok, hidden},
		"DELETE " + lies:                               {forbidden, ok, hidden, forbidden, ok, hidden},
		"PUT " + lies + "/transfer":                    {forbidden, ok, hidden, forbidden, ok, hidden},
		"POST " + lies + "/take":                       {ok, ok, hidden, forbidden, ok, hidden},
		"PUT " + lies + "/turn_common":                 {forbidden, ok, hidden, forbidden, ok, hidden},
		"POST /api/v2/common_customers/take":           {ok, ok, ok, ok, ok, ok},
		"PUT /api/v2/customers/turn_common":            {ok, ok, ok, ok, ok, ok},
		"POST /api/v2/common_customers":                {ok, ok, invalid, invalid, ok, invalid},
		"GET /api/v2/common_customers/45/members":      {ok, ok, hidden, ok, ok, hidden},
		"GET /api/v2/common_customers/common_settings": {ok, ok, ok, ok, ok, ok},
		"GET /api/v2/common_leads/common_settings":     {ok, ok, ok, ok, ok, ok},
		"GET /api/v2/common_settings":                  {forbidden, forbidden, forbidden, forbidden, ok, forbidden},
		"GET /api/v2/common_settings/45":               {forbidden, forbidden, forbidden, forbidden, ok, forbidden},
		"POST /api/v2/common_settings":                 {forbidden, forbidden, forbidden, forbidden, ok, forbidden},
		"PUT /api/v2/common_settings/45":               {forbidden, forbidden, forbidden, forbidden, ok, forbidden},
		"PUT /api/v2/common_settings/order":            {forbidden, forbidden, forbidden, forbidden, ok, forbidden},
		"DELETE /api/v2/common_settings/47":            {forbidden, forbidden, forbidden, forbidden, ok, forbidden},
		"GET /api/v2/owned_limits":                     {forbidden, forbidden, forbidden, forbidden, ok, forbidden},
		"PUT /api/v2/owned_limits":                     {forbidden, forbidden, forbidden, forbidden, ok, forbidden},
		"GET /api/v2/notifications":                    {ok, ok, ok, ok, ok, ok},
		"PUT /api/v2/notifications/read_all":           {ok, ok, ok, ok, ok, ok},
		"PUT /api/v2/notifications/read":               {hidden, hidden, hidden, hidden, hidden, hidden},
		"PUT /api/v2/notifications/9/read":             {hidden, hidden, hidden, hidden, hidden, hidden},
	}
	const body = `{"customer":{"name":"改名","note":"备注"},"user_id":443,"common_id":%d,"ids":[940],"entity_type":"customer",
		"common_setting":{"name":"另一个"},"owned_limits":{"each":9}}`
	w := poolWorld(t)
	for call, want := range of {
		method, target, _ := strings.Cut(call, " ")
		for _, who := range []struct {
			name      string
			org, user int64
			want      int
		}{
			{"member", home, star, want.member}, {"manager", home, superior, want.manager}, {"outsider", home, helper, want.outsider},
			{"everybody's", home, everybody, want.all}, {"super", home, admin, want.super}, {"stranger", other, helper, want.stranger},
			{"disabled", home, disabled, nobody}, {"nobody", home, 0, nobody},
		} {
			common := companyPool
			if strings.HasSuffix(target, "turn_common") {
				common = marketPool
			}
			sent := fmt.Sprintf(body, common)
			if target == "/api/v2/common_settings/order" {
				sent = `{"ids":[46,45]}`
			}
			if method == "GET" {
				sent = ""
			}
			before := w.get(home, admin, "/api/v2/common_settings").header.Get("ETag")
			a := w.send(who.org, who.user, method, target, sent)
			var e struct{ Code int }
			must(t, json.Unmarshal([]byte(a.body), &e))
			if e.Code != who.want {
				t.Errorf("%s as %s: %d, want %d: %s", call, who.name, e.Code, who.want, a.body)
			}
			after := w.get(home, admin, "/api/v2/common_settings").header.Get("ETag")
			if e.Code != 0 && after != before {
				t.Errorf("%s as %s was refused and has changed something", call, who.name)
			}
			if after != before {
				w = poolWorld(t)
			}
		}
	}
}

// A notice reaches those that it is for, and nobody else.
func TestGoldenNotices(t *testing.T) {
	w := poolWorld(t)
	if a := w.send(home, superior, "PUT", "/api/v2/customers/73717/turn_common?common_id=45", ""); outcome(a) != "shown" {
		t.Fatal(a.body)
	}
	must(t, w.store.Update(t.Context(), home, func(tx *store.Write) error {
		must(t, tx.AddNotice(&crm.Notice{ID: 1, UserID: owner, Kind: crm.NoticeWillFall, Entity: "customer", EntityID: 831, CreatedAt: at("2026-11-20 09:00"),
			Content: fmt.Sprintf(`{"name":"甲","pool":"公司公海","days":10,"at":%d}`, at("2026-11-22 16:00")), ReadAt: at("2026-11-20 10:00")}))
		return tx.Log(0, crm.LogEntry{Entity: "test", Action: "test", Changes: "{}", At: 1})
	}))
	golden(t, "notifications.list", w.get(home, owner, "/api/v2/notifications").body)
	golden(t, "notifications.list_unread", w.get(home, owner, "/api/v2/notifications?unread=1&per_page=1").body)
	golden(t, "notifications.list_english", w.send(home, owner, "GET", "/api/v2/notifications", "", "Accept-Language", "en").body)
	golden(t, "notifications.list_none", w.get(home, colleague, "/api/v2/notifications").body)
	golden(t, "notifications.list_bad", w.get(home, owner, "/api/v2/notifications?unread=x").body)
	golden(t, "notifications.read", w.send(home, owner, "PUT", "/api/v2/notifications/1/read", "").body)
	golden(t, "notifications.read_others", w.send(home, helper, "PUT", "/api/v2/notifications/1/read", "").body)
	golden(t, "notifications.read_many", w.send(home, owner, "POST", "/api/v2/notifications/read", `{"ids":[1]}`).body)
	golden(t, "notifications.read_many_none", w.send(home, owner, "POST", "/api/v2/notifications/read", `{}`).body)
	golden(t, "notifications.read_all", w.send(home, owner, "PUT", "/api/v2/notifications/read_all", "").body)
}
