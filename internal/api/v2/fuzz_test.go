package v2

import (
	"errors"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"

	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/service"
)

// fuzzed is an organization with a field of every kind, and a caller.
var fuzzed = sync.OnceValue(func() *service.Caller {
	d := &crm.Directory{
		Organization: crm.Organization{ID: 57},
		Users:        map[int64]*crm.User{1: {ID: 1, Name: "大", RoleID: 1, State: crm.UserActive}},
		Roles:        map[int64]*crm.Role{1: {ID: 1, Scope: crm.ScopeOrganization, Super: true}},
		Labels:       map[int64]*crm.Label{1: {ID: 1, Name: "重点"}, 2: {ID: 2, Name: "重点"}},
		Pools:        map[int64]*crm.Pool{31: {ID: 31, Entity: "customer"}},
		Options:      map[int64]*crm.Option{3: {ID: 3, Entity: "customer", Field: "status", Label: "待联系", Enabled: true}},
		Fields:       map[string][]*crm.CustomField{},
	}
	for _, entity := range []string{"customer", "contact", "lead"} {
		for i, k := range field.Kinds() {
			f := &crm.CustomField{ID: int64(i + 1), Entity: entity, Name: k.Prefix + string([]byte{'a', 'b', 'c', 'd', '0' + byte(i/10), '0' + byte(i%10)}),
				Label: k.Name, Kind: k.Name, Enabled: true}
			if k.Choice {
				f.Choices = []crm.Choice{{Value: "sel_0001", Label: "一", Other: true}, {Value: "sel_0002", Label: "二", Children: []crm.Choice{{Value: "sel_0003", Label: "三"}}}}
			}
			if k.Rows {
				f.Options.Columns = []*crm.CustomField{{Name: "text_asset_eeeeee", Label: "列", Kind: "text", Enabled: true}}
			}
			d.Fields[entity] = append(d.Fields[entity], f)
		}
	}
	d.Prepare()
	return &service.Caller{Directory: d, Viewer: d.Viewer(1)}
})

// fuzzCall is a call with any query and body.
func fuzzCall(query, contentType string, body []byte) *call.Call {
	r := httptest.NewRequest("POST", "/", strings.NewReader(string(body)))
	r.URL = &url.URL{Path: "/", RawQuery: query}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	c := call.New(r, nil, param.Limits{Body: 64 << 10, Multipart: 64 << 10, Memory: 64 << 10})
	c.Caller = fuzzed()
	return c
}

// known fails the test for an error that is not one for the caller.
func known(t *testing.T, err error) {
	t.Helper()
	var e *crm.Error
	if err != nil && (!errors.As(err, &e) || e.Code == crm.ErrInternal.Code || e.In(crm.Chinese) == "" || e.In(crm.English) == "") {
		t.Fatalf("refused with %v", err)
	}
}

// FuzzReaders reads anything as everything that a write can send: nothing
// panics, what is refused is told in both languages, and reading the same twice
// gives the same, since a transaction may run twice.
func FuzzReaders(f *testing.F) {
	for _, seed := range [][3]string{
		{"", "application/json", customerSeed},
		{"customer[name]=a&customer[labels][]=1&customer[address_attributes][lat]=1&contact[name]=b&lead[name]=c", "", ""},
		{"common_id=31&user_id=1", "application/x-www-form-urlencoded", "customer[contacts_attributes][0][name]=a&customer[contacts_attributes][0][card_attachment_id]=7"},
		{"", "application/json", `{"name":"公海","admin_list":{"user_ids":["1"]},"member_list":{"all":1,"department_ids":["0"]},"rule_type":1,` +
			`"rule_config":{"owner":{"max_unfollow_day":"10","flow_into_time":"16:00","customer_categories":{"3":"0"}}},"limit_grab_enable":true,"limit_grab_day":"3"}`},
		{"", "application/json", `{"user":{"name":"a","role_id":"1","assist_departments":[1]},"role":{"name":"r","rights":["customer.create"]},"department":{"name":"d"},` +
			`"label":{"name":"l","color":"#fff"},"custom_field":{"label":"f","field_type":"select2_field","collection_options":[{"label":"a"}]}}`},
		{"", "application/json", `{"customer":{"subform_asset_abcd21":[{"text_asset_eeeeee":"x"}],"text_asset_abcd10":"sel_0001","text_asset_abcd10_other":"y"}}`},
	} {
		f.Add(seed[0], seed[1], []byte(seed[2]))
	}
	f.Fuzz(func(t *testing.T, query, contentType string, body []byte) {
		c := fuzzCall(query, contentType, body)
		defer c.Close()
		p, err := c.Params()
		known(t, err)
		if err != nil {
			return
		}
		for _, name := range []string{"customer", "contact", "lead", "user", "role", "department", "label", "custom_field", ""} {
			in := &reader{v: p.Root(), entity: "customer"}
			if name != "" {
				if in, err = entity(c, p, name); err != nil {
					known(t, err)
					continue
				}
			}
			for _, read := range readAll {
				first, err1 := read(in.fresh(c), c)
				again, err2 := read(in.fresh(c), c)
				known(t, err1)
				if (err1 == nil) != (err2 == nil) || err1 == nil && !reflect.DeepEqual(first, again) {
					t.Fatalf("read %#v, %v and then %#v, %v", first, err1, again, err2)
				}
			}
		}
		_, err = some(p, "customer", "ids")
		known(t, err)
		_, _, err = paging(p)
		known(t, err)
	})
}

const customerSeed = `{"customer":{"name":"a","status":3,"labels":[1,"重点",{"label_id":2}],"want_department_id":"1","approve_status":"applying",
	"address_attributes":{"country_id":4,"province_id":14,"tel":"1","phone":null,"lat":"31.2","lng":121.4},
	"contacts_attributes":{"0":{"name":"b","gender":"male","birth_date":"1990-06-01"}},"text_asset_abcd00":"x","numeric_asset_abcd06":"1.5"}}`

// readAll are the readers, each into a draft of its own that is compared.
var readAll = []func(r *reader, c *call.Call) (any, error){
	func(r *reader, _ *call.Call) (any, error) { return r.newCustomer() },
	func(r *reader, _ *call.Call) (any, error) {
		draft := crm.CustomerDraft{Customer: crm.Customer{ID: 1, Name: "b", Custom: crm.Values(`{"text_asset_abcd00":"old"}`)}, Labels: []int64{1}}
		draft.Address.Phone = crm.T("13800000000")
		err := r.customer(&draft)
		return draft, err
	},
	func(r *reader, c *call.Call) (any, error) {
		in := &crm.NewCustomer{Customer: crm.Customer{Name: "b"}}
		err := r.overLead(c)(in)
		return in, err
	},
	func(r *reader, _ *call.Call) (any, error) {
		k := crm.Contact{ID: 1, Custom: crm.Values(`{"text_asset_abcd03":"13800000000"}`)}
		err := r.contact(&k)
		return k, err
	},
	func(r *reader, _ *call.Call) (any, error) {
		l := crm.Lead{}
		err := r.lead(&l)
		return l, err
	},
	func(r *reader, _ *call.Call) (any, error) {
		p := crm.Pool{Entity: "customer"}
		err := r.pool(&p)
		return p, err
	},
	func(r *reader, _ *call.Call) (any, error) {
		var u crm.User
		err := r.user(&u)
		return u, err
	},
	func(r *reader, _ *call.Call) (any, error) {
		var into crm.Role
		err := r.role(&into)
		return into, err
	},
	func(r *reader, _ *call.Call) (any, error) {
		var d service.DepartmentDraft
		err := r.department(&d)
		return d, err
	},
	func(r *reader, _ *call.Call) (any, error) {
		var l crm.Label
		err := r.labelDraft(&l)
		return l, err
	},
	func(r *reader, _ *call.Call) (any, error) {
		f := crm.CustomField{Kind: "text"}
		err := r.field(&f)
		return f, err
	},
	func(r *reader, _ *call.Call) (any, error) {
		var tpl crm.Template
		err := r.template(&tpl)
		return tpl, err
	},
	func(r *reader, _ *call.Call) (any, error) {
		var a crm.Attachment
		r.recordOf(&a, false)
		return a, r.err
	},
}

// FuzzListQuery reads anything as the question to a list.
func FuzzListQuery(f *testing.F) {
	for _, seed := range []string{
		"page=0&per_page=200&query=a&custom_field_name=name&sort=created_at&order=asc&tab_type=my&user_id=&status=3462",
		"created_at[]=2019-1-1&created_at[]=2019-02-01&numeric_asset_abcd06[]=1&numeric_asset_abcd06[]=2", "cursor=eyJ2IjoxfQ&page=-1",
		"status[a]=1&labels[]=1&labels[]=2&address.province_id=1&province_id[]=2", "order=up", "per_page=9e99",
	} {
		f.Add(seed, []byte(nil))
	}
	f.Fuzz(func(t *testing.T, query string, body []byte) {
		for _, name := range []string{"customer", "contact", "lead"} {
			c := fuzzCall(query, "", body)
			q, _, err := listQuery(c, name)
			known(t, err)
			if err == nil && (q.Page < 1 || q.PerPage < 1 || q.PerPage > crm.MaxPerPage) {
				t.Fatalf("page %d of %d", q.Page, q.PerPage)
			}
			c.Close()
		}
	})
}
