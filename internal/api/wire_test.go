package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// typedRequest has a body of a type, or of none.
func typedRequest(method, path, contentType, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

// Every way in which real clients send the token (wire.md §2 and §3).
func TestWaysOfSendingTheToken(t *testing.T) {
	w := newWorld(t)
	tok := w.token(home, owner)
	const path = "http://crm.example.com/api/v2/contacts/20583"
	want := w.get(home, owner, "/api/v2/contacts/20583").body
	header := func(name, value string) *http.Request {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set(name, value)
		return r
	}
	body := func(contentType, b string) *http.Request { return typedRequest("GET", path, contentType, b) }
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	must(t, m.WriteField("user_token", tok))
	must(t, m.Close())
	for name, r := range map[string]*http.Request{
		"header with spaces":  header("Authorization", "Token token="+tok+", device=open_api, version_code=9.9.9"),
		"header tight":        header("Authorization", "Token token="+tok+",device=open_api,version_code=9.9.9"),
		"header quoted":       header("Authorization", `Token token="`+tok+`",version_code="3.3.0",device="dingtalk"`),
		"header other order":  header("Authorization", `Token device="web", token="`+tok+`"`),
		"header token only":   header("Authorization", "Token token="+tok),
		"access-token":        header("access-token", tok),
		"ACCESS-TOKEN":        header("ACCESS-TOKEN", tok),
		"query":               httptest.NewRequest("GET", path+"?user_token="+tok+"&version_code=9.9.9&device=open_api", nil),
		"doubled question":    httptest.NewRequest("GET", path+"??user_token="+tok, nil),
		"dots":                httptest.NewRequest("GET", strings.Replace(path, "/v2/", "/v2/./contacts/../", 1)+"?user_token="+tok, nil),
		"doubled slash":       httptest.NewRequest("GET", strings.Replace(path, "/v2/", "//v2//", 1)+"?user_token="+tok, nil),
		"trailing slash":      httptest.NewRequest("GET", path+"/?user_token="+tok, nil),
		"form body of a GET":  body("application/x-www-form-urlencoded", "user_token="+tok+"&device=open_api"),
		"JSON body of a GET":  body("application/json; chartset=utf-8", `{"user_token":"`+tok+`"}`),
		"untyped JSON of GET": body("", `{"user_token":"`+tok+`"}`),
		"multipart":           body(m.FormDataContentType(), form.String()),
	} {
		if got := w.do(r); got.body != want {
			t.Errorf("%s: %.200s", name, got.body)
		}
	}
}

// Every encoding of a sign-in and of a create gives the same answer.
func TestEncodings(t *testing.T) {
	w := newWorld(t, func(_ *Options, s *service.Settings) { s.SessionsPerDevice = 100 })
	login := url.Values{"login": {"13857000443"}, "password": {passwordOfAll}, "device": {"dingtalk"}}
	for name, r := range encodings(t, "/api/v2/auth/login", login,
		`{"login":"13857000443","password":"`+passwordOfAll+`","device":"dingtalk","version_code":null}`) {
		a := w.do(r)
		if !strings.Contains(a.body, `"user_token":"`) || !strings.Contains(a.body, `"user_id":443,"avatar_url":"http://crm.example.com/assets/male_uc.jpg"`) {
			t.Errorf("sign-in, %s: %s", name, a.body)
		}
	}
	var first string
	i := 0
	for name, r := range encodings(t, "/api/v2/customers", customerForm(), customerJSON) {
		r.Header.Set("Authorization", "Token token="+w.token(home, owner))
		a := w.do(r)
		if outcome(a) != "shown" {
			t.Errorf("create, %s: %s", name, a.body)
			continue
		}
		// Ids differ from record to record; everything else is the same.
		got := strings.NewReplacer(fmt.Sprint(80001+i), "-1", fmt.Sprint(150001+2*i), "-2", fmt.Sprint(150002+2*i), "-3",
			fmt.Sprint(250001+3*i), "-4", fmt.Sprint(250002+3*i), "-5", fmt.Sprint(250003+3*i), "-6").Replace(a.body)
		i++
		if first == "" {
			first = got
			golden(t, "created_customer", got)
		} else if got != first {
			t.Errorf("create, %s differs:\n%s\n%s", name, first, got)
		}
	}
	found := w.get(home, colleague, "/api/v2/duplicates/matching_name?name=新客户").body
	if n := strings.Count(found, `"name":"新客户"`); n != i {
		t.Errorf("%d of %d found by name", n, i)
	}
}

func customerForm() url.Values {
	return url.Values{
		"customer[user_id]": {"443"}, "customer[name]": {" 新客户 "}, "customer[status]": {"3462"}, "customer[category]": {"3468"},
		"customer[source]": {"4030"}, "customer[want_department_id]": {"6"}, "customer[labels][]": {"2", "重点"},
		"customer[note]": {"备注"}, "customer[company_name]": {"公司"}, "customer[approve_status]": {"applying"},
		"customer[address_attributes][phone]": {"13800000111"}, "customer[address_attributes][tel]": {""},
		"customer[address_attributes][country_id]": {"4"}, "customer[address_attributes][province_id]": {"14"},
		"customer[address_attributes][city_id]": {"124"}, "customer[address_attributes][district_id]": {"1122"},
		"customer[address_attributes][detail_address]": {"某路1号"}, "customer[address_attributes][lat]": {"31.2"},
		"customer[address_attributes][lng]":                           {"121.4"},
		"customer[contacts_attributes][0][name]":                      {"单先生"},
		"customer[contacts_attributes][0][gender]":                    {"male"},
		"customer[contacts_attributes][0][birth_date]":                {"1990-06-01"},
		"customer[contacts_attributes][0][address_attributes][phone]": {"13800000112"},
		"customer[contacts_attributes][1][name]":                      {"曾小姐"},
		"customer[contacts_attributes][1][text_asset_7c7b94f7]":       {"别名"},
		"customer[contacts_attributes][1][address_attributes][tel]":   {"02100000009"},
		"customer[text_asset_fbf817]":                                 {"sel_4d1f"}, "customer[text_asset_0a0b0c]": {"13800000113"},
		"customer[text_asset_2baca2][]": {"mul_0002", "mul_0001"}, "customer[numeric_asset_11aa22]": {"156.655"},
		"customer[datetime_asset_33bb44]": {"2019-2-15 17:36:00"},
	}
}

const customerJSON = `{"customer":{"user_id":443,"name":" 新客户 ","status":3462,"category":"3468","source":4030,"want_department_id":6,
	"labels":["2","重点"],"note":"备注","company_name":"公司","approve_status":"applying",
	"address_attributes":{"phone":"13800000111","tel":"","country_id":4,"province_id":14,"city_id":124,"district_id":1122,
		"detail_address":"某路1号","lat":31.2,"lng":"121.4"},
	"contacts_attributes":{"0":{"name":"\u5355先生","gender":"male","birth_date":"1990-06-01","address_attributes":{"phone":13800000112}},
		"1":{"name":"曾小姐","text_asset_7c7b94f7":"别名","address_attributes":{"tel":"02100000009"}}},
	"text_asset_fbf817":"sel_4d1f","text_asset_0a0b0c":"13800000113","text_asset_2baca2":["mul_0002","mul_0001"],
	"numeric_asset_11aa22":156.655,"datetime_asset_33bb44":"2019-02-15 17:36"}}`

// encodings is one request in every encoding of wire.md §2 and §4.
func encodings(t *testing.T, path string, form url.Values, json string) map[string]*http.Request {
	path = "http://crm.example.com" + path
	typed := func(contentType, body string) *http.Request { return typedRequest("POST", path, contentType, body) }
	var parts bytes.Buffer
	m := multipart.NewWriter(&parts)
	for k, values := range form {
		for _, v := range values {
			must(t, m.WriteField(k, v))
		}
	}
	must(t, m.Close())
	literal := strings.NewReplacer("%5B", "[", "%5D", "]").Replace(form.Encode())
	return map[string]*http.Request{
		"form":               typed("application/x-www-form-urlencoded", form.Encode()),
		"literal brackets":   typed("application/x-www-form-urlencoded;charset=utf-8", literal),
		"JSON":               typed("application/json", json),
		"JSON chartset":      typed("application/json; chartset=utf-8", json),
		"JSON without type":  typed("", json),
		"JSON as form":       typed("application/x-www-form-urlencoded", json),
		"query":              httptest.NewRequest("POST", path+"?"+form.Encode(), nil),
		"multipart":          typed(m.FormDataContentType(), parts.String()),
		"form without type":  typed("", form.Encode()),
		"doubled question":   httptest.NewRequest("POST", path+"??"+form.Encode(), nil),
		"slash and question": httptest.NewRequest("POST", path+"/?"+form.Encode(), nil),
	}
}

func TestRefusedCreates(t *testing.T) {
	w := newWorld(t)
	for body, message := range map[string]string{
		`{}`:                                        "缺少customer参数",
		`{"customer":{}}`:                           "客户名称不能为空",
		`{"customer":"x"}`:                          "customer必须是对象",
		`{"customer":["x"]}`:                        "customer必须是对象",
		`{"customer":{"name":" \u3000 "}}`:          "客户名称不能为空",
		`{"customer":{"name":["a"]}}`:               "客户名称(name)必须是文本",
		`{"customer":{"name":"a","user_id":1}}`:     "负责人不存在",
		`{"customer":{"name":"a","user_id":470}}`:   "负责人不存在",
		`{"customer":{"name":"a","status":3468}}`:   "跟进状态的选项不存在",
		`{"customer":{"name":"a","source":4031}}`:   "客户来源的选项不存在",
		`{"customer":{"name":"a","category":"甲"}}`:  "客户类型(category)必须是整数",
		`{"customer":{"name":"a","labels":["没有"]}}`: "标签不存在",
		`{"customer":{"name":"a","address_attributes":{"city_id":124,"province_id":1}}}`: "地区不正确",
		`{"customer":{"name":"a","address_attributes":{"lat":31}}}`:                      "经纬度不正确",
		`{"customer":{"name":"a","contacts_attributes":[{"name":"b"},{"job":"c"}]}}`:     "联系人姓名不能为空",
		`{"customer":{"name":"a","contacts_attributes":[{"name":"b","gender":"x"}]}}`:    "性别只能是male或female",
		`{"customer":{"name":"a","opportunities_attributes":[{"title":"b"}]}}`:           "暂不支持随客户新增商机",
		`{"customer":{"name":"a","approve_status":"done"}}`:                              "审批状态只能是approved或applying",
		`{"customer":{"name":"a","text_asset_fbf817":"sel_none"}}`:                       "级别的选项不存在",
		`{"customer":{"name":"a","numeric_asset_11aa22":"viel"}}`:                        "注册资本必须是数字",
		`{"customer":{"name":"a"`: "",
	} {
		a := w.post(home, owner, "/api/v2/customers", body)
		var got struct {
			Code           int
			Message, Error string
		}
		must(t, json.Unmarshal([]byte(a.body), &got))
		if a.status != 200 || got.Code != 100406 || got.Error == "" || (message != "" && got.Message != message) {
			t.Errorf("%s\n got %s\nwant %s", body, a.body, message)
		}
	}
	if a := w.post(home, creator, "/api/v2/customers", `{"customer":{"name":"a"}}`); !strings.Contains(a.body, `"code":401`) {
		t.Errorf("without the right: %s", a.body)
	}
	if a := w.get(home, owner, "/api/v2/duplicates/matching_name?name=a"); a.body != `{"code":0,"data":{"customers":[]}}` {
		t.Errorf("something was written: %s", a.body)
	}
	// A bad position of the caller refuses before anything is written.
	if a := w.post(home, owner, "/api/v2/contacts?lat=x&lng=1", `{"contact":{"name":"nie","customer_id":73717}}`); !strings.Contains(a.body, "100406") {
		t.Errorf("bad position: %s", a.body)
	}
	if a := w.get(home, owner, "/api/v2/contacts/20583"); strings.Contains(a.body, "nie") {
		t.Errorf("a refused contact was written: %s", a.body)
	}
	if a := w.get(home, owner, "/api/v2/duplicates/matching_name?name[]=a"); !strings.Contains(a.body, "客户名称(name)必须是文本") {
		t.Errorf("a list of names: %s", a.body)
	}
	if a := w.post(home, owner, "/api/v2/customers", `{"customer":{"name":"子公司","parent_id":73717}}`); !strings.Contains(a.body,
		`"parent":{"id":73717,"name":"0永豐餘投資有限公司"}`) {
		t.Errorf("with a parent: %s", a.body)
	}
	if a := w.post(home, owner, "/api/v2/customers", `{"customer":{"name":"子公司","parent_id":901}}`); !strings.Contains(a.body, "上级客户不存在") {
		t.Errorf("with a parent that the caller does not see: %s", a.body)
	}
	// Labels in the shape of our own answers.
	a := w.post(home, owner, "/api/v2/customers", `{"customer":{"name":"b","parent_id":0,"labels":[{"id":2,"name":"展会"},{"name":"x"}]}}`)
	if !strings.Contains(a.body, "标签不存在") {
		t.Errorf("a label without an id: %s", a.body)
	}
	a = w.post(home, owner, "/api/v2/customers", `{"customer":{"name":"b","parent_id":0,"labels":[{"id":2,"name":"展会"}]}}`)
	if !strings.Contains(a.body, `"labels":[{"id":2,"name":"展会","color":"#1677ff"}]`) {
		t.Errorf("labels as objects: %s", a.body)
	}
	// Contacts go to customers that the caller sees.
	for customer, want := range map[int]string{73717: "shown", 831: "shown", 901: "hidden", 1: "hidden"} {
		a := w.post(home, owner, "/api/v2/contacts", fmt.Sprintf(`{"contact":{"name":"新","customer_id":%d}}`, customer))
		if got := outcome(a); got != want {
			t.Errorf("contact of %d: %s", customer, a.body)
		}
	}
}

// A file of a custom field is shown with its record and belongs to it alone.
func TestFilesOfCustomFields(t *testing.T) {
	w := newWorld(t)
	const create = `{"contact":{"name":"带附件","customer_id":73717,"file_asset_6da421":[14000]}}`
	for _, user := range []int64{everybody, admin} {
		if a := w.post(home, user, "/api/v2/contacts", create); !strings.Contains(a.body, "附件的附件不存在") {
			t.Errorf("a file that user %d did not upload: %s", user, a.body)
		}
	}
	a := w.post(home, owner, "/api/v2/contacts", create)
	if !strings.Contains(a.body, `"file_asset_6da421":[{"id":14000,"file_url":"http://crm.example.com/attachments/files/14000/`) ||
		!strings.Contains(a.body, `"attachmentable_type":"Contact"`) {
		t.Errorf("created with a file: %s", a.body)
	}
	if a := w.post(home, owner, "/api/v2/contacts", create); !strings.Contains(a.body, "附件的附件不存在") {
		t.Errorf("a file that belongs to another record: %s", a.body)
	}
}

func TestRequestTicket(t *testing.T) {
	w := newWorld(t)
	// Also where the record went to an owner outside the caller's scope.
	const given = `{"customer":{"name":"给别人","user_id":461}}`
	made := w.post(home, owner, "/api/v2/customers?request_ticket=zz9", given).body
	if again := w.post(home, owner, "/api/v2/customers?request_ticket=zz9", given).body; again != made || !strings.HasPrefix(made, `{"code":0,`) {
		t.Errorf("made and given away: %s\nonce more: %s", made, again)
	}
	first := w.post(home, owner, "/api/v2/customers?request_ticket=0b1c", `{"customer":{"name":"一次"}}`).body
	if again := w.post(home, owner, "/api/v2/customers?request_ticket=0b1c", `{"customer":{"name":"一次"}}`).body; again != first {
		t.Errorf("second call: %s", again)
	}
	if found := w.get(home, owner, "/api/v2/duplicates/matching_name?name=一次").body; strings.Count(found, `"name":"一次"`) != 1 {
		t.Errorf("found: %s", found)
	}
}

func TestRateLimit(t *testing.T) {
	w := newWorld(t, func(o *Options, _ *service.Settings) { o.RateCalls, o.RatePeriod = 10, 10*time.Second })
	const target = "/api/v2/duplicates/matching_name?name=x"
	for i := range 10 {
		if i == 5 {
			w.clock.Add(1000)
		}
		if a := w.get(home, []int64{owner, colleague}[i%2], target); outcome(a) != "shown" {
			t.Fatalf("call %d: %s", i+1, a.body)
		}
	}
	a := w.get(home, owner, target)
	if a.status != 429 || a.body != "Retry later\n" || a.header.Get("Retry-After") != "9" {
		t.Errorf("over the limit: %d %q, Retry-After %q", a.status, a.body, a.header.Get("Retry-After"))
	}
	if a := w.get(other, owner, target); outcome(a) != "shown" {
		t.Errorf("the other organization: %s", a.body)
	}
	// Ten seconds after the first five, five more may come; not one in between.
	w.clock.Add(8999)
	if a := w.get(home, owner, target); a.status != 429 {
		t.Errorf("too early: %d", a.status)
	}
	w.clock.Add(1)
	for i := range 6 {
		if a := w.get(home, owner, target); (a.status == 429) != (i == 5) {
			t.Errorf("call %d of the next period: %d", i+1, a.status)
		}
	}
}

func TestInternalErrorTellsNothing(t *testing.T) {
	w := newWorld(t)
	if _, err := w.store.Directory(t.Context(), home); err != nil {
		t.Fatal(err)
	}
	w.server.mux.Handle("GET /api/v2/broken", w.server.endpoint(route{method: "GET", path: "/api/v2/broken",
		handler: brokenHandler}))
	a := w.get(home, owner, "/api/v2/broken")
	want := `{"code":500,"message":"抱歉~ 系统出错了,攻城狮们已经在修理了!","error":"internal_server_error","request_id":"` +
		a.header.Get("X-Request-Id") + `"}`
	if a.status != 500 || a.body != want {
		t.Errorf("%d %s", a.status, a.body)
	}
	if !strings.Contains(w.log.String(), "the secret reason") || !strings.Contains(w.log.String(), a.header.Get("X-Request-Id")) {
		t.Error("the log does not tell the reason")
	}
	a = w.get(home, owner, "/api/v2/broken?panic=1")
	if a.status != 500 || !strings.HasPrefix(a.body, `{"code":500,`) || strings.Contains(a.body, "reason") {
		t.Errorf("panic: %d %s", a.status, a.body)
	}
}

func TestMethods(t *testing.T) {
	w := newWorld(t)
	r := httptest.NewRequest("DELETE", "http://crm.example.com/api/v2/duplicates/matching_name", nil)
	a := w.do(r)
	if a.status != 405 || a.header.Get("Allow") != "GET" || !strings.Contains(a.body, fmt.Sprintf(`"code":%d`, crm.ErrMethod.Code)) {
		t.Errorf("DELETE matching_name: %d %v %s", a.status, a.header, a.body)
	}
}
