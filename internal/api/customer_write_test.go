package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// v2 sends a JSON body, or none, with any method and further headers as a
// user of the first organization; headers come in pairs.
func (w *world) v2(user int64, method, target, body string, headers ...string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, "http://crm.example.com/api/v2"+target, strings.NewReader(body))
	r.Header.Set("Authorization", "Token token="+w.token(home, user))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return w.do(r)
}

// flat is the data of an answer, objects within it by paths such as
// address.phone; lists as JSON.
func flat(t *testing.T, a answer) map[string]string {
	t.Helper()
	var body struct {
		Code int
		Data map[string]any
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil || body.Code != 0 {
		t.Fatalf("%v in %s", err, a.body)
	}
	out := map[string]string{}
	var walk func(prefix string, m map[string]any)
	walk = func(prefix string, m map[string]any) {
		for k, v := range m {
			if object, ok := v.(map[string]any); ok && len(object) > 0 {
				walk(prefix+k+".", object)
				continue
			}
			b, _ := json.Marshal(v)
			out[prefix+k] = string(b)
		}
	}
	walk("", body.Data)
	return out
}

// changed names what differs between two answers, with what it is now.
func changed(t *testing.T, before, after answer) (all []string) {
	t.Helper()
	old, now := flat(t, before), flat(t, after)
	for _, k := range slices.Sorted(maps.Keys(now)) {
		if old[k] != now[k] && k != "updated_at" && k != "not_revisit_at_time_str" {
			all = append(all, k+" "+now[k])
		}
	}
	for _, k := range slices.Sorted(maps.Keys(old)) {
		if _, there := now[k]; !there {
			all = append(all, k+" gone")
		}
	}
	return all
}

// wholeCustomer makes a customer with everything and gives its path.
func wholeCustomer(t *testing.T, w *world) string {
	t.Helper()
	body := strings.Replace(customerJSON, `"approve_status":"applying"`, `"approve_status":"approved"`, 1)
	return "/customers/" + flat(t, w.v2(owner, "POST", "/customers", body))["id"]
}

// TestPartialUpdates: what is not sent stays; null and empty take away what a
// customer can be without, and leave what it cannot.
func TestPartialUpdates(t *testing.T) {
	w := newWorld(t)
	mobile := []string{`address.phone "13900000000"`, `address.phone_hidden_result "13900000000"`}
	none := func(k ...string) (all []string) {
		for _, name := range k {
			all = append(all, name+` ""`)
		}
		return all
	}
	noCity := []string{"address.city {}", "address.city.id gone", "address.city.name gone", "address.city.pinyin gone", "address.city.province_id gone"}
	noDistrict := []string{"address.district {}", "address.district.city_id gone", "address.district.id gone", "address.district.name gone", "address.district.pinyin gone"}
	for _, x := range []struct {
		sent string
		want []string
	}{
		{`{}`, nil},
		{`{"unknown":1,"id":5,"created_at":"2001-01-01 00:00","creator_id":1,"is_own":false,"customer_common_setting_id":1}`, nil},
		{`{"note":"新"}`, []string{`note "新"`}},
		{`{"note":null}`, none("note")}, {`{"note":""}`, none("note")},
		{`{"company_name":null}`, none("company_name")},
		{`{"status":null}`, none("status", "status_mapped")}, {`{"status":""}`, none("status", "status_mapped")}, {`{"status":0}`, none("status", "status_mapped")},
		{`{"status":"4021"}`, []string{`status "4021"`, `status_mapped "成交"`}},
		{`{"user_id":null,"want_department_id":"","custom_field_template_id":null,"approve_status":""}`, nil},
		{`{"want_department_id":5}`, []string{`owned_department.id 5`, `owned_department.name "销售部"`}},
		{`{"labels":null}`, []string{"labels []"}}, {`{"labels":[]}`, []string{"labels []"}}, {`{"labels":[""]}`, []string{"labels []"}}, {`{"labels":""}`, []string{"labels []"}},
		{`{"labels":[1,2]}`, nil},
		{`{"labels":"展会"}`, []string{`labels [{"color":"#1677ff","id":2,"name":"展会"}]`}},
		{`{"customer_labels_attributes":[{"label_group_id":9,"label_id":1}]}`, []string{`labels [{"color":"#f5222d","id":1,"name":"重点"}]`}},
		{`{"address_attributes":null}`, nil}, {`{"address_attributes":{}}`, nil}, {`{"address_attributes":{"mode":"x"}}`, nil},
		{`{"address_attributes":{"phone":"13900000000"}}`, mobile},
		{`{"address_attributes":{"phone":null}}`, none("address.phone", "address.phone_hidden_result")},
		{`{"address_attributes":{"province_id":14,"city_id":124}}`, nil},
		{`{"address_attributes":{"district_id":null}}`, append(slices.Clone(noDistrict), `address.full_address "中国 江西 南昌市 某路1号"`, `address.region_info "中国 江西 南昌市"`)},
		{`{"address_attributes":{"province_id":1}}`, append(append(slices.Clone(noCity), noDistrict...), `address.full_address "中国 北京 某路1号"`,
			`address.province.id 1`, `address.province.name "北京"`, `address.province.pinyin "beijing"`, `address.region_info "中国 北京"`)},
		{`{"text_asset_0a0b0c":null}`, []string{"text_asset_0a0b0c null", `text_asset_0a0b0c_hidden_result ""`}},
		{`{"text_asset_fbf817":""}`, []string{"text_asset_fbf817 null", "text_asset_fbf817_display null"}},
		{`{"text_asset_2baca2":[]}`, []string{"text_asset_2baca2 []", `text_asset_2baca2_display ""`}},
		{`{"text_asset_2baca2":["mul_0001"]}`, []string{`text_asset_2baca2 ["mul_0001"]`, `text_asset_2baca2_display "线上"`}},
		{`{"contacts_attributes":[{"name":"不会新增"}]}`, nil},
	} {
		path := wholeCustomer(t, w)
		before := w.v2(owner, "GET", path, "")
		after := w.v2(owner, "PUT", path, `{"check_duplicates":"flase","customer":`+x.sent+`}`)
		if outcome(after) != "shown" {
			t.Errorf("%s: %s", x.sent, after.body)
			continue
		}
		slices.Sort(x.want)
		got := changed(t, before, after)
		if slices.Sort(got); !slices.Equal(got, x.want) {
			t.Errorf("%s changed\n%q, want\n%q", x.sent, got, x.want)
		}
		if again := w.v2(owner, "GET", path, ""); again.body != after.body {
			t.Errorf("%s answers what is not kept:\n%s\n%s", x.sent, after.body, again.body)
		}
	}
	path := wholeCustomer(t, w)
	for sent, want := range map[string]string{
		`{"name":null}`: "客户名称不能为空", `{"name":""}`: "客户名称不能为空", `{"name":{"a":1}}`: "客户名称(name)必须是文本",
		`{"status":"x"}`: "跟进状态(status)必须是整数", `{"status":-1}`: "跟进状态(status)必须是正整数", `{"labels":[99]}`: "标签不存在",
		`{"address_attributes":5}`: "必须是对象", `{"address_attributes":{"lat":31}}`: "经纬度不正确", `{"opportunities_attributes":[{"title":"a"}]}`: "暂不支持随客户新增商机",
		`{"text_asset_fbf817":"sel_ffff"}`: "级别", `{"user_id":"abc"}`: "负责人(user_id)必须是整数", `{"approve_status":"none"}`: "审批状态不正确",
	} {
		before := w.v2(owner, "GET", path, "").body
		a := w.v2(owner, "PUT", path, `{"customer":`+sent+`}`)
		if !strings.Contains(a.body, `"code":100406`) || !strings.Contains(a.body, want) || w.v2(owner, "GET", path, "").body != before {
			t.Errorf("%s: %s", sent, a.body)
		}
	}
}

// TestUpdatesInEveryEncoding: PUT and POST, JSON and forms are the same call.
func TestUpdatesInEveryEncoding(t *testing.T) {
	w := newWorld(t)
	path := wholeCustomer(t, w)
	body := `{"customer":{"note":"编码","status":4021,"labels":["重点"],"address_attributes":{"phone":"13800000777"},"text_asset_2baca2":["mul_0001"]}}`
	form := url.Values{"customer[note]": {"编码"}, "customer[status]": {"4021"}, "customer[labels][]": {"重点"},
		"customer[address_attributes][phone]": {"13800000777"}, "customer[text_asset_2baca2][]": {"mul_0001"}}
	var first string
	for name, r := range encodings(t, "/api/v2"+path, form, body) {
		for _, method := range []string{"PUT", "POST"} {
			one := r.Clone(t.Context())
			one.Method, one.Body = method, r.Body
			if method == "POST" { // the body is read already
				again := encodings(t, "/api/v2"+path, form, body)
				one = again[name]
			}
			one.Header.Set("Authorization", "Token token="+w.token(home, owner))
			a := w.do(one)
			if first == "" {
				first = a.body
			}
			if outcome(a) != "shown" || a.body != first {
				t.Errorf("%s %s: %s", method, name, a.body)
			}
		}
	}
}

// TestTicketsOverHTTP: the first answer comes again, letter for letter, however
// the same is sent.
func TestTicketsOverHTTP(t *testing.T) {
	w := newWorld(t)
	const body, ticket = `{"customer":{"note":"一次","labels":[1]}}`, "0e2f6e1c-0000-4000-8000-00000000000a"
	first := w.v2(owner, "PUT", "/customers/73717?request_ticket="+ticket, body)
	if outcome(first) != "shown" {
		t.Fatal(first.body)
	}
	w.clock.Add(600_000)
	if a := w.v2(owner, "PUT", "/customers/73717", `{"customer":{"note":"后来"}}`); outcome(a) != "shown" {
		t.Fatal(a.body)
	}
	version, err := w.store.Version(t.Context(), home)
	must(t, err)
	form := httptest.NewRequest("PUT", "http://crm.example.com/api/v2/customers/73717", strings.NewReader(url.Values{"customer[labels][]": {"1"},
		"customer[note]": {"一次"}, "request_ticket": {ticket}, "user_token": {w.token(home, owner)}, "device": {"open_api"}}.Encode()))
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, a := range map[string]answer{
		"query":  w.v2(owner, "PUT", "/customers/73717?request_ticket="+ticket, body),
		"body":   w.v2(owner, "PUT", "/customers/73717", `{"request_ticket":"`+ticket+`","customer":{"labels":["1"],"note":"一次"}}`),
		"header": w.v2(owner, "PUT", "/customers/73717", body, "Idempotency-Key", ticket),
		"form":   w.do(form),
	} {
		if a.status != 200 || a.body != first.body {
			t.Errorf("%s: %s\nfirst: %s", name, a.body, first.body)
		}
	}
	if now, err := w.store.Version(t.Context(), home); err != nil || now != version {
		t.Errorf("the version went from %v to %v, %v", version, now, err)
	}
	for name, a := range map[string]answer{
		"another body":   w.v2(owner, "PUT", "/customers/73717", `{"customer":{"note":"两次"}}`, "Idempotency-Key", ticket),
		"another path":   w.v2(owner, "PUT", "/contacts/20583", body, "Idempotency-Key", ticket),
		"another method": w.v2(owner, "DELETE", "/customers/73717", "", "Idempotency-Key", ticket),
		"a create":       w.v2(owner, "POST", "/customers", body, "Idempotency-Key", ticket),
	} {
		if !strings.Contains(a.body, `"code":100406`) {
			t.Errorf("%s: %s", name, a.body)
		}
	}
	golden(t, "customers.update_ticket_used", w.v2(owner, "PUT", "/customers/73717", `{"customer":{"note":"两次"}}`, "Idempotency-Key", ticket).body)
	if a := w.v2(owner, "PUT", "/customers/73717", `{"customer":{"name":""}}`, "Idempotency-Key", "fresh"); outcome(a) == "shown" {
		t.Error(a.body)
	}
	if a := w.v2(owner, "PUT", "/customers/73717", `{"customer":{"name":"可以"}}`, "Idempotency-Key", "fresh"); outcome(a) != "shown" {
		t.Errorf("after a refusal: %s", a.body)
	}
	if a := w.v2(owner, "POST", "/customers?request_ticket="+strings.Repeat("x", 129), `{"customer":{"name":"a"}}`); !strings.Contains(a.body, "request_ticket过长") {
		t.Error(a.body)
	}
}

// TestIfMatch: a change that is made on what was read, and on nothing later.
func TestIfMatch(t *testing.T) {
	w := newWorld(t)
	tag := func(path string) string { return w.v2(owner, "GET", path, "").header.Get("Etag") }
	put := func(path, body, match string) answer { return w.v2(owner, "PUT", path, body, "If-Match", match) }
	const note = `{"customer":{"note":"%d"}}`
	first, contact := tag("/customers/73717"), tag("/contacts/20583")
	if a := w.v2(star, "PUT", "/customers/831", `{"customer":{"note":"别人的"}}`); outcome(a) != "shown" {
		t.Fatal(a.body)
	}
	if a := put("/customers/73717", fmt.Sprintf(note, 1), first); outcome(a) != "shown" {
		t.Errorf("another record has changed: %s", a.body)
	}
	stale := put("/customers/73717", fmt.Sprintf(note, 2), first)
	golden(t, "customers.update_conflict", stale.body)
	if stale.status != http.StatusOK {
		t.Errorf("the status is %d", stale.status)
	}
	if a := w.v2(owner, "GET", "/customers/73717", ""); !strings.Contains(a.body, `"note":"1"`) {
		t.Errorf("it was written: %s", a.body)
	}
	for i, before := range []string{"", "W/"} {
		if a := put("/customers/73717", fmt.Sprintf(note, 10+i), before+tag("/customers/73717")); outcome(a) != "shown" {
			t.Errorf("%sthe tag of a newer answer: %s", before, a.body)
		}
	}
	if a := put("/customers/73717", fmt.Sprintf(note, 12), "*"); outcome(a) != "shown" {
		t.Errorf("*: %s", a.body)
	}
	for _, match := range []string{`"x"`, `"zz`, `"0.abc"`, `"-1.abc"`, `"99999999999999999999.abc"`, `""`} {
		if a := put("/customers/73717", fmt.Sprintf(note, 4), match); !strings.Contains(a.body, `"code":409`) {
			t.Errorf("%s: %s", match, a.body)
		}
	}
	if a := w.v2(owner, "PUT", "/customers/73717", fmt.Sprintf(note, 5)); outcome(a) != "shown" {
		t.Errorf("without a tag the last write wins: %s", a.body)
	}
	// The contact has not changed, whatever became of its customer.
	if a := put("/contacts/20583", `{"contact":{"job":"经理"}}`, contact); outcome(a) != "shown" {
		t.Errorf("a contact: %s", a.body)
	}
	if a := w.v2(owner, "DELETE", "/contacts/20583", "", "If-Match", contact); !strings.Contains(a.body, `"code":409`) {
		t.Errorf("a deletion: %s", a.body)
	}
}

// TestMasksComeBack: who sees a mask and sends the whole record back changes
// nothing in the number.
func TestMasksComeBack(t *testing.T) {
	w := newWorld(t)
	path := wholeCustomer(t, w)
	shown := flat(t, w.v2(masked, "GET", path, ""))
	if !strings.Contains(shown["address.phone"], "****") || !strings.Contains(shown["text_asset_0a0b0c"], "****") {
		t.Fatalf("no masks in %v", shown)
	}
	before := w.v2(owner, "GET", path, "")
	a := w.v2(masked, "PUT", path, `{"customer":{"note":"改","text_asset_0a0b0c":`+shown["text_asset_0a0b0c"]+`,"address_attributes":{"phone":`+shown["address.phone"]+
		`,"tel":"","qq":"10000"}}}`)
	if outcome(a) != "shown" || strings.Contains(a.body, "13800000111") {
		t.Fatal(a.body)
	}
	if got := changed(t, before, w.v2(owner, "GET", path, "")); !slices.Equal(got, []string{`address.qq "10000"`, `note "改"`}) {
		t.Errorf("changed %q", got)
	}
	for _, sent := range []string{`{"address_attributes":{"phone":"13900000001"}}`, `{"address_attributes":{"phone":null}}`, `{"text_asset_0a0b0c":"13900000001"}`,
		`{"address_attributes":{"phone":"139****0111"}}`} {
		if a := w.v2(masked, "PUT", path, `{"customer":`+sent+`}`); !strings.Contains(a.body, `"code":401,`) {
			t.Errorf("%s: %s", sent, a.body)
		}
	}
	// A contact in the same way; and where there is no number, one can be given.
	if a := w.v2(masked, "PUT", "/contacts/20583", `{"contact":{"job":"总","address_attributes":{"phone":"138****0001","tel":"021****0001"}}}`); outcome(a) != "shown" {
		t.Error(a.body)
	}
	if a := w.v2(masked, "PUT", "/contacts/145384", `{"contact":{"address_attributes":{"phone":"13900000001"}}}`); outcome(a) != "shown" ||
		!strings.Contains(a.body, "139****0001") {
		t.Error(a.body)
	}
}

// TestWithoutID: a program that forgets the id means one customer, never all.
func TestWithoutID(t *testing.T) {
	w := newWorld(t)
	before := w.v2(admin, "GET", "/duplicates/matching_name?name=经理1的客户", "").body
	version, err := w.store.Version(t.Context(), home)
	must(t, err)
	for _, x := range [][3]string{{"DELETE", "/customers", ""}, {"DELETE", "/customers/", ""}, {"DELETE", "/customers?id=831", ""}, {"DELETE", "/customers", `{"id":831}`},
		{"PUT", "/customers", `{"customer":{"name":"全部"}}`}} {
		a := w.v2(admin, x[0], x[1], x[2])
		if a.status != http.StatusOK {
			t.Errorf("%s %s: %d", x[0], x[1], a.status)
		}
		golden(t, "customers.without_id_error", a.body)
	}
	if a := w.do(httptest.NewRequest("DELETE", "http://crm.example.com/api/v2/customers", nil)); outcome(a) != "unauthenticated" {
		t.Errorf("without a token: %s", a.body)
	}
	if now, err := w.store.Version(t.Context(), home); err != nil || now != version || w.v2(admin, "GET", "/duplicates/matching_name?name=经理1的客户", "").body != before {
		t.Errorf("something has changed, %v", err)
	}
}

// TestApprovalOverHTTP: the status that is answered follows the setting.
func TestApprovalOverHTTP(t *testing.T) {
	w := newWorld(t)
	must(t, w.store.Update(t.Context(), home, func(tx *store.Write) error {
		if err := tx.Log(0, crm.LogEntry{Entity: "organization", Changes: "{}"}); err != nil {
			return err
		}
		return tx.SetSettings(crm.Settings{CustomerApproval: true})
	}))
	for user, want := range map[int64]string{owner: `"approve_status":"applying","approve_status_i18n":"待审批"`, admin: `"approve_status":"approved","approve_status_i18n":"已通过"`} {
		if a := w.v2(user, "POST", "/customers", `{"customer":{"name":"审批","approve_status":"approved"}}`); !strings.Contains(a.body, want) {
			t.Errorf("%d: %s", user, a.body)
		}
	}
}
