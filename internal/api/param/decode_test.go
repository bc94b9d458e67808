package param_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"guanxi/internal/api/param"
)

// TestLoginForms sends the same login in all encodings that clients use.
func TestLoginForms(t *testing.T) {
	const form = "login=13800000000&password=p%40ss+w&device=open_api&version_code=9.9.9"
	const text = `{"login":"13800000000","password":"p@ss w","device":"open_api","version_code":"9.9.9"}`
	multiType, multi := multipartBody(t,
		pair{"login", "13800000000"}, pair{"password", "p@ss w"}, pair{"device", "open_api"}, pair{"version_code", "9.9.9"})
	tests := []struct{ name, target, contentType, body string }{
		{"form", "/", formType, form},
		{"form with charset", "/", formType + "; charset=UTF-8", form},
		{"form with line end", "/", formType, form + "\r\n"},
		{"form without type", "/", "", form},
		{"form as plain text", "/", "text/plain", form},
		{"JSON", "/", jsonType, text},
		{"JSON number", "/", jsonType, strings.Replace(text, `"13800000000"`, "13800000000", 1)},
		{"JSON with charset", "/", "application/json;charset=utf-8", text},
		{"JSON with chartset", "/", "application/json; chartset=utf-8", text},
		{"JSON with broken parameters", "/", "application/json; charset=utf-8; charset=gbk;;=", text},
		{"JSON in capitals", "/", "Application/JSON", text},
		{"JSON of a vendor", "/", "application/vnd.example+json", text},
		{"JSON twice", "/", "application/json, text/plain", text},
		{"JSON without type", "/", "", text},
		{"JSON with blanks and without type", "/", "", "\r\n\t " + text + " \n"},
		{"JSON with byte order mark", "/", jsonType, "\uFEFF" + text},
		{"JSON with byte order mark and without type", "/", "", "\uFEFF " + text},
		{"JSON as plain text", "/", "text/plain;charset=UTF-8", text},
		{"JSON with an impossible type", "/", "/;;", text},
		{"query", "/?" + form, "", ""},
		{"query with the type of JSON", "/?" + form, "application/json;charset=utf-8", ""},
		{"query and blank body", "/?" + form, jsonType, "\n"},
		{"query and empty multipart", "/?" + form, "multipart/form-data", ""},
		{"multipart", "/", multiType, multi},
	}
	want := []pair{{"login", "13800000000"}, {"password", "p@ss w"}, {"device", "open_api"}, {"version_code", "9.9.9"}}
	for _, test := range tests {
		for _, method := range []string{"POST", "GET", "PUT", "DELETE", "PATCH"} {
			t.Run(test.name+" "+method, func(t *testing.T) {
				p := decode(t, request(method, test.target, test.contentType, test.body))
				if diff := cmp.Diff(want, pairs(p.Root())); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestNoBody(t *testing.T) {
	for _, body := range []io.Reader{nil, http.NoBody, strings.NewReader(""), iotest.DataErrReader(strings.NewReader(""))} {
		for _, contentType := range []string{"", jsonType, formType, "multipart/form-data", "text/plain", "x"} {
			r := httptest.NewRequest("DELETE", "/?id=7", body)
			r.Header.Set("Content-Type", contentType)
			p := decode(t, r)
			if diff := cmp.Diff([]pair{{"id", "7"}}, pairs(p.Root())); diff != "" {
				t.Errorf("%T with %q: %s", body, contentType, diff)
			}
		}
	}
	r := request("GET", "/", "", "")
	r.URL, r.Body = nil, nil
	if p := decode(t, r); p.Len() != 0 {
		t.Errorf("got %d parameters from nothing", p.Len())
	}
}

// TestOverServer sends bodies through a real server, chunked and not, with methods whose bodies are unusual.
func TestOverServer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := param.Decode(r, param.Limits{})
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		defer func() { _ = p.Close() }()
		_, _ = fmt.Fprint(w, p.String("user_token"), " ", p.String("page"), " ", p.String("per_page"))
	}))
	defer server.Close()
	for _, method := range []string{"GET", "POST", "DELETE"} {
		for _, chunked := range []bool{false, true} {
			var body io.Reader = strings.NewReader("user_token=t1&page=2")
			if chunked {
				body = io.MultiReader(body)
			}
			r, err := http.NewRequest(method, server.URL+"/api/v2/customers??per_page=50&page=1", body)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", formType)
			response, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if err != nil || string(text) != "t1 2 50" {
				t.Errorf("%s, chunked %v: got %q and %v", method, chunked, text, err)
			}
		}
	}
}

func TestBodyOverQuery(t *testing.T) {
	p := decode(t, request("POST", "/?a=1&filter[x]=1&c=3&request_ticket=r", jsonType, `{"filter":{"y":2},"a":null,"d":4}`))
	want := []pair{
		{"a", nil},
		{"filter", []pair{{"y", "2"}}},
		{"c", "3"}, {"request_ticket", "r"}, {"d", "4"},
	}
	if diff := cmp.Diff(want, pairs(p.Root())); diff != "" {
		t.Error(diff)
	}
}

func TestLimits(t *testing.T) {
	deep := func(n int) string { return "a" + strings.Repeat("[b]", n-1) + "=1" }
	deepJSON := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	deepList := func(n int) string { return `{"a":` + strings.Repeat(`[`, n-1) + strings.Repeat("]", n-1) + "}" }
	many := func(n int, item, divider string) string {
		return strings.Repeat(item+divider, n-1) + item
	}
	multi := func(fields ...pair) [2]string {
		contentType, body := multipartBody(t, fields...)
		return [2]string{contentType, body}
	}
	long := multi(pair{"a", strings.Repeat("x", 101)})
	two := multi(pair{"a", strings.Repeat("x", 50)}, pair{"b", strings.Repeat("x", 51)})
	fits := multi(pair{"a", strings.Repeat("x", 100)})
	parts := multi(pair{"a", "1"}, pair{"a", "2"}, pair{"a", "3"})
	tests := []struct {
		name, target, contentType, body string
		limits                          param.Limits
		kind                            param.ErrorKind
	}{
		{"form fits", "/", formType, "a=" + strings.Repeat("x", 98), param.Limits{Body: 100}, 0},
		{"form too large", "/", formType, "a=" + strings.Repeat("x", 99), param.Limits{Body: 100}, param.TooLarge},
		{"default body", "/", formType, "a=" + strings.Repeat("x", 1<<20), param.Limits{}, param.TooLarge},
		{"JSON too large", "/", jsonType, `{"a":"` + strings.Repeat("x", 99) + `"}`, param.Limits{Body: 100}, param.TooLarge},
		{"multipart fits", "/", fits[0], fits[1], param.Limits{Body: 100}, 0},
		{"multipart field", "/", long[0], long[1], param.Limits{Body: 100}, param.TooLarge},
		{"multipart fields together", "/", two[0], two[1], param.Limits{Body: 100}, param.TooLarge},
		{"multipart in all", "/", two[0], two[1], param.Limits{Multipart: 150}, param.TooLarge},
		{"multipart parts", "/", parts[0], parts[1], param.Limits{Items: 2}, param.TooMany},
		{"query depth fits", "/?" + deep(32), "", "", param.Limits{}, 0},
		{"query too deep", "/?" + deep(33), "", "", param.Limits{}, param.TooDeep},
		{"form too deep", "/", formType, deep(33), param.Limits{}, param.TooDeep},
		{"lists too deep", "/?a" + strings.Repeat("[]", 32) + "=1", "", "", param.Limits{}, param.TooDeep},
		{"JSON depth fits", "/", jsonType, deepJSON(32), param.Limits{}, 0},
		{"JSON too deep", "/", jsonType, deepJSON(33), param.Limits{}, param.TooDeep},
		{"JSON lists fit", "/", jsonType, deepList(32), param.Limits{}, 0},
		{"JSON lists too deep", "/", jsonType, deepList(33), param.Limits{}, param.TooDeep},
		{"JSON endless", "/", jsonType, `{"a":` + strings.Repeat("[", 500_000), param.Limits{}, param.TooDeep},
		{"query fits", "/?" + many(10_000, "a=1", "&"), "", "", param.Limits{}, 0},
		{"query too many", "/?" + many(10_001, "a=1", "&"), "", "", param.Limits{}, param.TooMany},
		{"form too many", "/", formType, many(10_001, "a[]=1", "&"), param.Limits{}, param.TooMany},
		{"JSON elements fit", "/", jsonType, `{"a":[` + many(9_999, "1", ",") + "]}", param.Limits{}, 0},
		{"JSON too many elements", "/", jsonType, `{"a":[` + many(10_000, "1", ",") + "]}", param.Limits{}, param.TooMany},
		{"JSON too many keys", "/", jsonType, "{" + many(4, `"a":1`, ",") + "}", param.Limits{Items: 3}, param.TooMany},
		{"query and body together", "/?a=1&b=2", formType, "c=3&d=4", param.Limits{Items: 3}, param.TooMany},
		{"nodes on the way count", "/?a[b][c]=1", "", "", param.Limits{Items: 2}, param.TooMany},
		{"key fits", "/?" + strings.Repeat("k", 512) + "=1", "", "", param.Limits{}, 0},
		{"key too long", "/?" + strings.Repeat("k", 513) + "=1", "", "", param.Limits{}, param.TooLarge},
		{"JSON key too long", "/", jsonType, `{"` + strings.Repeat("k", 513) + `":1}`, param.Limits{}, param.TooLarge},
		{"query UTF-8", "/?a=%ff", "", "", param.Limits{}, param.Malformed},
		{"query raw UTF-8", "/?a=\xff", "", "", param.Limits{}, param.Malformed},
		{"query key UTF-8", "/?%e4%bd=1", "", "", param.Limits{}, param.Malformed},
		{"query NUL", "/?a=%00", "", "", param.Limits{}, param.Malformed},
		{"query key NUL", "/?a%00=1", "", "", param.Limits{}, param.Malformed},
		{"form raw NUL", "/", formType, "a=\x00", param.Limits{}, param.Malformed},
		{"form in GBK", "/", formType + "; charset=gbk", "a=%C4%E3", param.Limits{}, param.Malformed},
		{"binary", "/", "application/octet-stream", "\x89PNG=\x01", param.Limits{}, param.Malformed},
		{"XML", "/", "text/xml", `<?xml version="1.0"?>`, param.Limits{}, param.Malformed},
		{"prose", "/", "", "hello", param.Limits{}, param.Malformed},
		{"no boundary", "/", "multipart/form-data", "--x\r\n", param.Limits{}, param.Malformed},
		{"long boundary", "/", "multipart/form-data; boundary=" + strings.Repeat("x", 5000), "--x\r\n", param.Limits{}, param.Malformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := request("POST", test.target, test.contentType, test.body)
			if test.kind == 0 {
				decode(t, r)
			} else {
				refused(t, r, test.limits, test.kind)
			}
			r = request("POST", test.target, test.contentType, "")
			if test.body != "" {
				r.Body, r.ContentLength = io.NopCloser(iotest.HalfReader(strings.NewReader(test.body))), -1
			}
			if p, err := param.Decode(r, test.limits); (err == nil) != (test.kind == 0) {
				t.Errorf("a body of unknown length gave %v and %v", p, err)
			}
		})
	}
}

func TestBodyBreaksOff(t *testing.T) {
	broken := errors.New("the line went dead")
	multiType, multi := multipartBody(t, pair{"a", "1"})
	for contentType, body := range map[string]string{jsonType: `{"a":`, formType: "a=1", multiType: multi[:len(multi)-9], "": "a"} {
		r := request("POST", "/", contentType, "x")
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader(body), iotest.ErrReader(broken)))
		if e := refused(t, r, param.Limits{}, param.Malformed); !errors.Is(e, broken) {
			t.Errorf("%q: the error %v does not wrap the cause", contentType, e)
		}
		r = request("POST", "/", contentType, "x")
		r.Body = http.MaxBytesReader(nil, io.NopCloser(strings.NewReader(body+body)), int64(len(body)-1))
		refused(t, r, param.Limits{}, param.TooLarge)
	}
}

// TestErrorsKeepSecrets checks that neither an error nor a printed value shows what a client sent.
func TestErrorsKeepSecrets(t *testing.T) {
	const secret = "swordfish"
	for _, r := range []*http.Request{
		request("POST", "/", jsonType, `{"password":"`+secret+`",}`),
		request("POST", "/", jsonType, `{"`+secret),
		request("POST", "/", jsonType, secret),
		request("POST", "/?"+secret+"=%ff", "", ""),
		request("POST", "/", "multipart/form-data; boundary="+secret, secret),
		request("POST", "/", "", secret),
	} {
		e := refused(t, r, param.Limits{}, param.Malformed)
		if strings.Contains(e.Error()+e.Message+e.Detail, secret) {
			t.Errorf("the error %+v shows the value", e)
		}
	}
	p := decode(t, request("GET", "/?password="+secret, "", ""))
	_, _, err := p.Int64("password")
	printed := fmt.Sprintf("%v %+v %#v %s %v %+v %#v %v", p, p, p, p, p.Root(), p.Get("password"), p.Get("password"), err)
	if strings.Contains(printed, secret) {
		t.Errorf("printing shows the value: %s", printed)
	}
}
