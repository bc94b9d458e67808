package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"guanxi/internal/api/call"
	"guanxi/internal/api/jsonw"
	"guanxi/internal/crm"
)

const preferEnglish = "en-US,en;q=0.9,zh-CN;q=0.8"

// inLanguage sends a request with an Accept-Language; "" sends none.
func (w *world) inLanguage(language, method, target, token, body string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, "http://crm.example.com"+target, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Token token="+token)
	}
	if language != "" {
		r.Header.Set("Accept-Language", language)
	}
	return w.do(r)
}

// Every error of the system goes out in the language that the client prefers,
// with the same code, kind and status.
func TestEveryErrorInBothLanguages(t *testing.T) {
	w := newWorld(t)
	w.server.mux.Handle("GET /api/v2/broken", w.server.endpoint(route{method: "GET", path: "/api/v2/broken", open: true,
		handler: func(c *call.Call) error {
			i, err := strconv.Atoi(c.Request.URL.Query().Get("i"))
			must(t, err)
			return crm.Table()[i].With("for the log")
		}}))
	for i, e := range crm.Table() {
		for language, message := range map[string]string{
			"": e.Message, "*": e.Message, "zh": e.Message, "fr": e.Message, "en": e.English, preferEnglish: e.English,
		} {
			a := w.inLanguage(language, "GET", fmt.Sprintf("/api/v2/broken?i=%d", i), "", "")
			want := fmt.Sprintf(`{"code":%d,"message":%q,"error":%q}`, e.Code, message, e.Kind)
			switch {
			case e.Bare:
				want = fmt.Sprintf(`{"code":%d,"data":null,"message":%q}`, e.Code, message)
			case e.Code == 500:
				want = strings.TrimSuffix(want, "}") + `,"request_id":"` + a.header.Get("X-Request-Id") + `"}`
			}
			if a.status != e.Status() || a.body != want {
				t.Errorf("%v with Accept-Language %q: %d %s, want %d %s", e, language, a.status, a.body, e.Status(), want)
			}
			// What a cache may keep says that it depends on the language.
			if cached := a.header.Get("Cache-Control") != "no-store"; cached != (a.header.Get("Vary") == "Accept-Language") {
				t.Errorf("%v: %v", e, a.header)
			}
		}
	}
}

// Refusals as clients get them, at every place that makes one.
func TestRefusalsInEnglish(t *testing.T) {
	w := newWorld(t)
	token := w.token(home, owner)
	const customers = "/api/v2/customers"
	for _, c := range []struct {
		method, target, token, body string
		status, code                int
		english, chinese            string
	}{
		{"GET", "/api/v2/nothing", "", "", 404, 404, crm.ErrNoRoute.English, crm.ErrNoRoute.Message},
		{"PATCH", "/api/v2/auth/login", "", "", 405, 405, crm.ErrMethod.English, crm.ErrMethod.Message},
		{"GET", "/api/v2/contacts/20583", "", "", 200, 100401, crm.ErrUnauthenticated.English, crm.ErrUnauthenticated.Message},
		{"GET", "/api/v2/contacts/99", token, "", 200, 100100, crm.ErrNotFound.English, crm.ErrNotFound.Message},
		{"POST", customers, w.token(home, creator), `{"customer":{"name":"a"}}`, 200, 401, crm.ErrForbidden.English, crm.ErrForbidden.Message},
		{"POST", "/api/v2/auth/login", "", `{"login":"nobody@example.com","password":"x"}`, 200, 100400,
			crm.ErrBadLogin.English, crm.ErrBadLogin.Message},
		{"POST", "/api/v2/auth/login", "", `{"password":"x"}`, 200, 100406, "Login must not be blank", "登录帐号不能为空"},
		{"POST", customers, token, `{"customer":`, 200, 100406,
			"JSON: unexpected end at byte 13", "请求内容不是有效的 JSON（第 13 字节）"},
		{"POST", customers, token, `{}`, 200, 100406, "Parameter customer is missing", "缺少customer参数"},
		{"POST", customers, token, `{"customer":{}}`, 200, 100406, "Customer name must not be blank", "客户名称不能为空"},
		{"POST", customers, token, `{"customer":{"name":[]}}`, 200, 100406,
			"Customer name (name) must be text", "客户名称(name)必须是文本"},
		{"POST", customers, token, `{"customer":{"name":"a","category":"甲"}}`, 200, 100406,
			"Customer category (category) must be an integer", "客户类型(category)必须是整数"},
		{"POST", customers, token, `{"customer":{"name":"a","parent_id":-1}}`, 200, 100406,
			"Parent customer (parent_id) must be a positive integer", "上级客户(parent_id)必须是正整数"},
		{"POST", customers, token, `{"customer":{"name":"a","category":1}}`, 200, 100406,
			"Customer category has no such option", "客户类型的选项不存在"},
		{"POST", customers, token, `{"customer":{"name":"a","contacts_attributes":1}}`, 200, 100406,
			"Contacts (contacts_attributes) must be a list", "联系人(contacts_attributes)必须是列表"},
		{"POST", customers, token, `{"customer":{"name":"a","contacts_attributes":[1]}}`, 200, 100406,
			"Contacts (contacts_attributes) must hold objects only", "联系人(contacts_attributes)的元素必须是对象"},
		{"POST", customers, token, `{"customer":{"name":"a","contacts_attributes":[{"job":{}}]}}`, 200, 100406,
			"Job title (job) must be text", "职务(job)必须是文本"},
		{"POST", customers, token, `{"customer":{"name":"a","address_attributes":"x"}}`, 200, 100406,
			"Address (address_attributes) must be an object", "地址(address_attributes)必须是对象"},
		{"POST", customers, token, `{"customer":{"name":"a","address_attributes":{"tel":[1]}}}`, 200, 100406,
			"Telephone (tel) must be text", "电话(tel)必须是文本"},
		{"POST", customers, token, `{"customer":{"name":"a","address_attributes":{"lat":"x","lng":1}}}`, 200, 100406,
			"Latitude (lat) must be a number", "纬度(lat)必须是数字"},
		{"POST", customers, token, `{"customer":{"name":"a","address_attributes":{"lat":1,"lng":"x"}}}`, 200, 100406,
			"Longitude (lng) must be a number", "经度(lng)必须是数字"},
		{"POST", customers, token, `{"customer":{"name":"a","address_attributes":{"lat":1}}}`, 200, 100406,
			"The latitude or longitude is not correct", "经纬度不正确"},
		{"POST", customers, token, `{"customer":{"name":"a","numeric_asset_11aa22":"x"}}`, 200, 100406,
			"注册资本 must be a number", "注册资本必须是数字"},
		{"POST", customers, token, `{"customer":{"name":"a","numeric_asset_11aa22":{"a":"b"}}}`, 200, 100406,
			"注册资本(numeric_asset_11aa22) has the wrong form", "注册资本(numeric_asset_11aa22)的格式不正确"},
	} {
		for language, message := range map[string]string{preferEnglish: c.english, "": c.chinese} {
			a := w.inLanguage(language, c.method, c.target, c.token, c.body)
			var got struct {
				Code    int
				Message string
			}
			must(t, json.Unmarshal([]byte(a.body), &got))
			if a.status != c.status || got.Code != c.code || got.Message != message {
				t.Errorf("%s %s %s in %q: %d %s, want %q", c.method, c.target, c.body, language, a.status, a.body, message)
			}
		}
	}
}

// The ETag of an answer does not depend on the language, since the answer does
// not.
func TestLanguageLeavesETagsAlone(t *testing.T) {
	w := newWorld(t)
	token := w.token(home, owner)
	zh := w.inLanguage("", "GET", "/api/v2/contacts/20583", token, "")
	en := w.inLanguage(preferEnglish, "GET", "/api/v2/contacts/20583", token, "")
	if zh.body != en.body || zh.header.Get("Etag") == "" || zh.header.Get("Etag") != en.header.Get("Etag") {
		t.Errorf("%v\n%v", zh.header, en.header)
	}
}

// Data of an error goes out only as a function that writes members.
func TestDataOfAnError(t *testing.T) {
	for _, c := range []struct {
		data any
		want string
	}{
		{nil, ``},
		{[]int64{1, 2}, ``},
		{func(w *jsonw.Writer) { w.Array("duplicates"); w.Object(""); w.Int("id", 7); w.End(); w.EndArray() }, `,"duplicates":[{"id":7}]`},
	} {
		e := crm.Duplicate("你已经有相同客户名称的客户", "You already have a customer with the same customer name")
		e.Data = c.data
		var w jsonw.Writer
		call.AppendError(&w, e.With("for the log"), crm.Chinese, "id")
		if want := `{"code":100407,"message":"你已经有相同客户名称的客户","error":"entity_duplicate_error"` + c.want + `}`; string(w.B) != want {
			t.Errorf("got %s, want %s", w.B, want)
		}
	}
}

func TestErrorsPageIsServed(t *testing.T) {
	w := newWorld(t)
	a := w.inLanguage(preferEnglish, "GET", "/docs/errors", "", "")
	if a.status != http.StatusOK || !strings.Contains(a.body, "stale_object_error") || a.header.Get("X-Content-Type-Options") != "nosniff" ||
		a.header.Get("Content-Language") != "en" {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}
}
