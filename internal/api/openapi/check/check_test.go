package check_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"guanxi/internal/api"
	"guanxi/internal/api/openapi"
	"guanxi/internal/api/openapi/check"
)

func document(t *testing.T, lang string) []byte {
	t.Helper()
	d, err := api.Document()
	if d == nil {
		t.Fatal(err)
	}
	body, _ := d.JSON(lang)
	return body
}

func validator(t *testing.T) *check.Validator {
	t.Helper()
	v, err := check.New(document(t, "en"))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func jsonHeader(more ...string) http.Header {
	h := http.Header{"Content-Type": {"application/json; charset=utf-8"}, "X-Request-Id": {"0123456789ab-1"}}
	for i := 0; i < len(more); i += 2 {
		h.Set(more[i], more[i+1])
	}
	return h
}

func body(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The bodies of testdata are re-typed from the shapes of the contract with
// made-up values.
func TestAnswersThatFit(t *testing.T) {
	const tag = `"1z.AbCdEfGhIjKlMnOpQrStUv"`
	v := validator(t)
	for _, c := range []struct {
		name, method, path string
		status             int
		header             http.Header
		body               string
	}{
		{"sign-in", "POST", "/api/v2/auth/login", 200, jsonHeader(), body(t, "sign_in.json")},
		{"sign-in by GET", "GET", "/api/v2/auth/login?login=x", 200, jsonHeader(), body(t, "sign_in.json")},
		{"wrong password", "POST", "/api/v2/auth/login", 200, jsonHeader(), body(t, "refusal_login.json")},
		{"matching name", "GET", "/api/v2/duplicates/matching_name", 200, jsonHeader("ETag", tag), body(t, "matching_name.json")},
		{"trailing slash", "GET", "/api/v2/duplicates/matching_name/", 200, jsonHeader("ETag", tag), body(t, "matching_name.json")},
		{"pool customer", "GET", "/api/v2/duplicates/matching_name", 200, jsonHeader("ETag", tag), body(t, "matching_name_pool.json")},
		{"no hit", "GET", "/api/v2/duplicates/matching_name", 200, jsonHeader("ETag", tag), `{"code":0,"data":{"customers":[]}}`},
		{"replaced session", "GET", "/api/v2/duplicates/matching_name", 200, jsonHeader(), body(t, "replaced.json")},
		{"expired session", "GET", "/api/v2/contacts/7", 200, jsonHeader(), body(t, "refusal_expired.json")},
		{"contact", "GET", "/api/v2/contacts/20583", 200, jsonHeader("ETag", tag), body(t, "contact.json")},
		{"bare contact", "GET", "/api/v2/contacts/1", 200, jsonHeader("ETag", tag), body(t, "contact_bare.json")},
		{"no such contact", "GET", "/api/v2/contacts/abc", 200, jsonHeader(), body(t, "refusal_not_found.json")},
		{"unchanged", "GET", "/api/v2/contacts/1", 304, jsonHeader("ETag", tag), ""},
		{"HEAD", "HEAD", "/api/v2/contacts/1", 200, jsonHeader("ETag", tag), ""},
		{"new contact", "POST", "/api/v2/contacts", 200, jsonHeader(), body(t, "contact_bare.json")},
		{"new customer", "POST", "/api/v2/customers", 200, jsonHeader(), body(t, "customer.json")},
		{"rate limit", "POST", "/api/v2/customers", 429,
			http.Header{"Content-Type": {"text/plain"}, "Retry-After": {"3"}, "X-Request-Id": {"x"}}, "Retry later\n"},
		{"internal error", "GET", "/api/v2/contacts/1", 500, jsonHeader(),
			`{"code":500,"message":"抱歉~","error":"internal_server_error","request_id":"x"}`},
		{"no route", "GET", "/api/v2/nothing", 404, jsonHeader(), `{"code":404,"message":"没有","error":"routing_error"}`},
		{"wrong method", "PATCH", "/api/v2/customers", 405, jsonHeader("Allow", "POST"),
			`{"code":405,"message":"不行","error":"method_not_allowed"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := v.Check(c.method, c.path, c.status, c.header, []byte(c.body)); err != nil {
				t.Error(err)
			}
		})
	}
}

// Each case changes one thing of an answer that fits.
func TestAnswersThatDoNotFit(t *testing.T) {
	v := validator(t)
	for _, c := range []struct{ name, path, file, old, new string }{
		{"id as a string", "/api/v2/contacts/1", "contact.json", `"id":20583,"name":"张三","department"`, `"id":"20583","name":"张三","department"`},
		{"degrees as strings in a detail", "/api/v2/contacts/1", "contact.json", `"lat":31.229676,"lng":121.42799,"distance"`, `"lat":"31.229676","lng":121.42799,"distance"`},
		{"degrees as numbers in a raw address", "/api/v2/duplicates/matching_name", "matching_name.json", `"lat":"31.579004"`, `"lat":31.579004`},
		{"null where a text stands", "/api/v2/contacts/1", "contact.json", `"job":""`, `"job":null`},
		{"text where null stands", "/api/v2/contacts/1", "contact.json", `"ding_ext_contact_id":null`, `"ding_ext_contact_id":""`},
		{"an unknown key", "/api/v2/contacts/1", "contact.json", `"is_own":true,"creator"`, `"is_own":true,"more":1,"creator"`},
		{"a missing key", "/api/v2/contacts/1", "contact.json", `"wx_contact_type":null,`, ``},
		{"another order of keys", "/api/v2/contacts/1", "contact.json", `"department":"","job":""`, `"job":"","department":""`},
		{"another order inside", "/api/v2/contacts/1", "contact.json", `"lng":121.42799,"lat":31.229676`, `"lat":31.229676,"lng":121.42799`},
		{"an option id as a number", "/api/v2/duplicates/matching_name", "matching_name.json", `"status":"3462"`, `"status":3462`},
		{"a time in the wrong form", "/api/v2/duplicates/matching_name", "matching_name.json", `"2019-02-15 17:36"`, `"2019-02-15T17:36:00.000+08:00"`},
		{"the address form of a detail", "/api/v2/duplicates/matching_name", "matching_name.json", `"off_distance":null`, `"off_distance":-1`},
		{"order inside a list", "/api/v2/duplicates/matching_name", "matching_name.json", `"mode":"compat","time_format":"ruby"`, `"time_format":"ruby","mode":"compat"`},
		{"an unknown code", "/api/v2/contacts/1", "refusal_not_found.json", `100100`, `100101`},
		{"data in form B", "/api/v2/contacts/1", "refusal_not_found.json", `"error"`, `"data":null,"error"`},
		{"a custom field of no kind", "/api/v2/contacts/1", "contact.json", `"text_asset_7c7b94f7"`, `"colour"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			good := body(t, c.file)
			if err := v.Check("GET", c.path, 200, jsonHeader(), []byte(good)); err != nil {
				t.Fatalf("the answer does not fit before it is changed: %v", err)
			}
			bad := strings.Replace(good, c.old, c.new, 1)
			if bad == good {
				t.Fatalf("%s does not hold %s", c.file, c.old)
			}
			if err := v.Check("GET", c.path, 200, jsonHeader(), []byte(bad)); err == nil {
				t.Error("it passed")
			}
		})
	}
}

func TestStatusAndHeaders(t *testing.T) {
	v := validator(t)
	good := body(t, "contact_bare.json")
	html := jsonHeader()
	html.Set("Content-Type", "text/html")
	for _, c := range []struct {
		name, method, path string
		status             int
		header             http.Header
		body               string
	}{
		{"a status that is not documented", "GET", "/api/v2/contacts/1", 403, jsonHeader(), good},
		{"a route that is not documented", "GET", "/api/v2/nothing", 200, jsonHeader(), good},
		{"a method that is not documented", "PATCH", "/api/v2/contacts/1", 200, jsonHeader(), good},
		{"another content type", "GET", "/api/v2/contacts/1", 200, html, good},
		{"no request id", "GET", "/api/v2/contacts/1", 200, http.Header{"Content-Type": {"application/json"}}, good},
		{"a weak ETag", "GET", "/api/v2/contacts/1", 200, jsonHeader("ETag", `W/"1z.AbCdEfGhIjKlMnOpQrStUv"`), good},
		{"a body of a 304", "GET", "/api/v2/contacts/1", 304, jsonHeader(), good},
		{"two bodies", "GET", "/api/v2/contacts/1", 200, jsonHeader(), good + good},
		{"no JSON", "GET", "/api/v2/contacts/1", 200, jsonHeader(), "Retry later\n"},
		{"405 without Allow", "PATCH", "/api/v2/contacts/1", 405, jsonHeader(), `{"code":405,"message":"不行","error":"method_not_allowed"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := v.Check(c.method, c.path, c.status, c.header, []byte(c.body)); err == nil {
				t.Error("it passed")
			}
		})
	}
}

// Every golden body of the API's own tests fits the document. What a body
// answers is told by the beginning of its name: the name of the operation
// ("customers.list_empty.json").
func TestGoldenBodies(t *testing.T) {
	v := validator(t)
	mark := regexp.MustCompile(`"id": ?-([1-9])`) // stands for an id that is new each time
	files, err := filepath.Glob("../../testdata/golden/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden bodies: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		method, path, status, header := "GET", "", http.StatusOK, jsonHeader()
		switch route, found := routeOf(name); {
		case found:
			method, path = route.Method, variable.ReplaceAllString(route.Path, "1")
		case name == "error_no_route":
			path, status = "/api/v2/nothing", http.StatusNotFound
		case name == "error_method":
			method, path, status = "PATCH", "/api/v2/customers", http.StatusMethodNotAllowed
			header.Set("Allow", "POST")
		case name == "error_internal":
			path, status = "/api/v2/contacts/1", http.StatusInternalServerError
		case name == "error_unavailable", name == "error_unknown_outcome":
			path, status = "/api/v2/contacts/1", http.StatusServiceUnavailable
			header.Set("Retry-After", "1")
		case strings.HasPrefix(name, "contact"), strings.HasPrefix(name, "error"):
			path = "/api/v2/contacts/1"
		case strings.HasPrefix(name, "matching_name"):
			path = "/api/v2/duplicates/matching_name"
		case strings.HasPrefix(name, "created_customer"):
			method, path = "POST", "/api/v2/customers"
		case strings.HasPrefix(name, "created_contact"):
			method, path = "POST", "/api/v2/contacts"
		case strings.HasPrefix(name, "sign_in"):
			method, path = "POST", "/api/v2/auth/login"
		default:
			t.Errorf("%s: which operation answers this? Its name begins with the operation's", name)
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b = mark.ReplaceAll(b, []byte(`"id":$1`))
		if err := v.Check(method, path, status, header, b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var variable = regexp.MustCompile(`\{[^}]+\}`)

// routeOf finds the operation with the longest name that begins a golden one.
func routeOf(name string) (found openapi.Route, ok bool) {
	for _, r := range api.Routes() {
		if strings.HasPrefix(name, r.Operation) && len(r.Operation) > len(found.Operation) {
			found, ok = r, true
		}
	}
	return found, ok
}
