package api

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// What clients read (wire.md §6), as rules over a whole answer. They fail in the
// client's own ways on anything else: a date that does not parse, a text where
// a number is, a key that is not there.

var (
	minuteForm = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d$`)
	isoForm    = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00$`)
	spaced     = regexp.MustCompile(`^中国( \S+){0,3}$`) // in the list of customers
	parted     = regexp.MustCompile(`^\S+( \S+){0,3}$`)
	unspaced   = regexp.MustCompile(`^\S*$`)
	digits     = regexp.MustCompile(`^\d*$`)
)

// shapeOf says what clients read in one kind of answer.
type shapeOf struct {
	plural string // of a list; "" for one record
	single bool   // a list without paging
	// times, addresses and regions say which form the record's own times have,
	// which form its address, and how the parts of region_info are joined.
	iso     bool           // created_at in ISO form, as users have it
	raw     bool           // address in form A
	region  *regexp.Regexp // nil where nobody reads it
	options []string       // selects of the system: texts of digits, with a text in <name>_mapped
	texts   []string       // keys that must hold a text, never null
	objects []string       // keys that must hold an object, never null
	empty   bool           // a record that is not there yet: its times are empty
	mixed   bool           // updated_at in ISO form beside created_at in minutes
}

var shapesOf = map[string]shapeOf{
	"page":    {plural: "*"},
	"options": {plural: "options"},
	"customers": {plural: "customers", raw: true, region: spaced, options: []string{"status", "category", "source"},
		texts: []string{"name", "user_name", "approve_status", "approve_status_i18n", "last_called_at", "will_flow_time", "revisit_remind_at"}},
	"matches":  {plural: "customers", raw: true, region: unspaced, options: []string{"status", "category"}, texts: []string{"name", "user_name"}},
	"matching": {plural: "customers", single: true, raw: true, region: unspaced, options: []string{"status", "category"}, texts: []string{"name"}},
	"customer": {options: []string{"status", "category", "source", "industry"}, texts: []string{"name", "note", "not_revisit_at_time_str", "flow_into_at"},
		objects: []string{"creator", "before_user", "before_owned_department", "parent", "before_customer_common_setting"}, region: parted},
	"new customer":      {options: []string{"status", "category", "source"}, objects: []string{"before_user"}, empty: true},
	"raw customer":      {options: []string{"status", "category"}, mixed: true},
	"customer_contacts": {plural: "contacts", options: []string{"category"}, texts: []string{"name", "customer_name", "gender", "gender_i18n", "birth_date", "job"}},
	"contacts":          {plural: "contacts", raw: true, region: unspaced, options: []string{"category"}, texts: []string{"name", "name_pinyin", "job", "customer_name"}},
	"contact": {options: []string{"category"}, objects: []string{"attachment", "customer", "user", "address", "creator", "card_attachment"},
		texts: []string{"name", "department", "job", "gender", "gender_i18n", "birth_date", "name_pinyin"}, region: parted},
	"leads": {plural: "leads", raw: true, region: unspaced, options: []string{"status"}, texts: []string{"name", "company_name"}},
	"lead": {options: []string{"status", "source"}, objects: []string{"attachment", "card_attachment", "address", "user"},
		texts: []string{"name", "revisit_remind_at"}, region: parted},
	"pool lead": {options: []string{"status", "source"}, objects: []string{"attachment", "card_attachment"}},
	"users":     {plural: "users", iso: true, texts: []string{"name", "phone", "workflow_state", "role", "department_name", "avatar_url"}, objects: []string{"role_json"}},
	"user":      {iso: true, texts: []string{"name", "phone", "workflow_state", "role"}, objects: []string{"role_json"}},
	"people":    {plural: "*", texts: []string{"name", "phone", "workflow_state", "avatar_url", "department_name"}},
}

// checkRead looks for everything that clients read in an answer.
func checkRead(t *testing.T, kind, body string) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	var a map[string]any
	must(t, d.Decode(&a))
	if code, ok := a["code"].(json.Number); !ok || !regexp.MustCompile(`^\d+$`).MatchString(code.String()) {
		t.Errorf("code is %v, which C# does not read as a text and nobody as a number", a["code"])
	}
	if kind == "refusal" {
		if text, _ := a["message"].(string); text == "" {
			t.Errorf("a refusal without a message: %s", body)
		}
		return
	}
	if !strings.HasPrefix(body, `{"code":0,"data":`) {
		t.Errorf("the answer begins with %.40s", body)
	}
	data, ok := a["data"].(map[string]any)
	s, known := shapesOf[kind]
	if !ok || !known {
		t.Fatalf("%s: data is %T", kind, a["data"])
	}
	if s.plural == "" {
		s.record(t, kind, data, false)
		return
	}
	if !s.single {
		checkPaging(t, data)
	}
	records := 0
	for name, v := range data {
		if list, ok := v.([]any); ok && (s.plural == "*" || s.plural == name) {
			records++
			for i, r := range list {
				if record, ok := r.(map[string]any); ok && kind != "options" && kind != "page" {
					s.record(t, fmt.Sprintf("%s[%d]", name, i), record, true)
				}
			}
		}
	}
	if records != 1 {
		t.Errorf("%s: %d lists of them in the answer", kind, records)
	}
}

func checkPaging(t *testing.T, data map[string]any) {
	t.Helper()
	for _, name := range []string{"total_count", "per_page", "page"} {
		n, ok := data[name].(json.Number)
		if !ok || !digits.MatchString(n.String()) || name != "total_count" && n == "0" {
			t.Errorf("%s is %v", name, data[name])
		}
	}
	if _, ok := data["has_next_page"].(bool); !ok {
		t.Errorf("has_next_page is %v", data["has_next_page"])
	}
}

// record looks at one record, of a list or by itself.
func (s shapeOf) record(t *testing.T, at string, r map[string]any, inList bool) {
	t.Helper()
	bad := func(name string, wants string) { t.Errorf("%s: %s is %#v, want %s", at, name, r[name], wants) }
	if id, ok := r["id"].(json.Number); !ok || !digits.MatchString(id.String()) {
		bad("id", "an integer")
	}
	for _, name := range []string{"created_at", "updated_at", "real_revisit_at"} {
		v, there := r[name]
		text, _ := v.(string)
		form := minuteForm
		if s.iso || s.mixed && name != "created_at" {
			form = isoForm
		}
		switch {
		case !there || s.empty && text == "" || s.mixed && v == nil:
		case s.mixed && name == "real_revisit_at" && (minuteForm.MatchString(text) || isoForm.MatchString(text)):
		case !form.MatchString(text):
			bad(name, "a time like "+form.String())
		}
	}
	if inList && s.raw { // the lists that old clients walk through
		for _, name := range []string{"created_at", "updated_at"} {
			if _, there := r[name]; !there {
				bad(name, "to be there")
			}
		}
	}
	for _, name := range s.options {
		if v, there := r[name]; there {
			text, ok := v.(string)
			mapped, labelled := r[name+"_mapped"].(string)
			if !ok || !digits.MatchString(text) || labelled && (text == "") != (mapped == "") {
				bad(name, "the digits of an option as a text, and its label beside it")
			}
		} else {
			bad(name, "to be there")
		}
	}
	for _, name := range s.texts {
		if _, ok := r[name].(string); !ok {
			bad(name, "a text")
		}
	}
	for _, name := range s.objects {
		if _, ok := r[name].(map[string]any); !ok {
			bad(name, "an object")
		}
	}
	if address, ok := r["address"].(map[string]any); ok {
		s.address(t, at+".address", address, inList)
	}
	if contacts, ok := r["contacts"].([]any); ok {
		for i, k := range contacts {
			contact, ok := k.(map[string]any)
			if address, has := contact["address"].(map[string]any); ok && has {
				nested := s
				nested.region = nil
				nested.address(t, fmt.Sprintf("%s.contacts[%d].address", at, i), address, inList)
			}
		}
	}
}

// address looks at an address: form A in lists of records, B or C elsewhere.
func (s shapeOf) address(t *testing.T, at string, a map[string]any, inList bool) {
	t.Helper()
	for _, name := range []string{"lat", "lng"} {
		v, there := a[name]
		_, number := v.(json.Number)
		_, text := v.(string)
		if there && (s.raw && !text && v != nil || !s.raw && !number) {
			t.Errorf("%s.%s is %#v", at, name, v)
		}
	}
	if v, there := a["off_distance"]; there && (s.raw && v != nil || !s.raw && v != json.Number("-1")) {
		t.Errorf("%s.off_distance is %#v", at, v)
	}
	if s.raw {
		for _, name := range []string{"created_at", "updated_at"} {
			if text, _ := a[name].(string); !isoForm.MatchString(text) {
				t.Errorf("%s.%s is %#v", at, name, a[name])
			}
		}
	}
	if v := a["region_info"]; v != nil && s.region != nil {
		if text, ok := v.(string); !ok || !s.region.MatchString(text) {
			t.Errorf("%s.region_info is %#v, want %s", at, v, s.region)
		}
	}
}
