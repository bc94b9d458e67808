package service

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// hits gives the hits of a search as "entity id", and the last one whole.
func (w *world) hits(c *Caller, entity, text string) (hits []string, last DuplicateHit) {
	w.t.Helper()
	all, page, err := w.SearchDuplicates(w.t.Context(), c, entity, text, 1, 100)
	if err != nil || page.Total != len(all) || page.More {
		w.t.Fatalf("%s: %+v, %v", text, page, err)
	}
	for _, h := range all {
		hits = append(hits, fmt.Sprint(h.Entity, " ", h.ID))
		last = h
	}
	return hits, last
}

// searchable has the standard settings with all columns that tell something.
func searchable(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, settings())
	if err := w.EnsureDuplicates(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range standardRules {
		if err := w.runJob(buildRuleKind); err != nil {
			t.Fatal(err)
		}
	}
	for entity, columns := range map[string][]string{
		"customer": {"name", "user_id", "customer_common_setting_id", "want_department_id", "status", "address.phone", "address.tel", "text_asset_000002", "created_at"},
		"contact":  {"name", "customer_id", "user_id", "address.phone"},
		"lead":     {"name", "company_name", "user_id", "address.phone"},
	} {
		if _, err := w.setDuplicates(w.as(orgA, admin), entity, func(x *crm.DuplicateSettings, _ *[]string) { x.Columns = columns }); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func values(h DuplicateHit) (all []string) {
	for _, c := range h.Columns {
		all = append(all, c.Value)
	}
	return all
}

func TestSearchDuplicates(t *testing.T) {
	w := searchable(t)
	a := w.as(orgA, admin)
	for _, c := range []struct {
		entity, text string
		want         []string
	}{
		{"customer", "0永豐餘投資有限公司", []string{"customer 1", "customer 2", "customer 3"}},
		{"customer", " ０永豐餘投資有限公司　", []string{"customer 1", "customer 2", "customer 3"}},
		{"customer", "+86 138-0000-6001", []string{"customer 1"}},
		{"customer", "13800006001", []string{"customer 1"}},
		{"customer", "1380000600", nil}, // numbers are found whole only
		{"customer", "投資", []string{"customer 1", "customer 2", "customer 3"}},
		{"customer", "投", nil},
		{"customer", "没有这家", nil},
		{"contact", "13800008001", []string{"contact 1"}},
		{"contact", "联系人2", []string{"contact 2"}},
		{"lead", "13800006001", nil}, // leads are not looked for among customers
	} {
		if got, _ := w.hits(a, c.entity, c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s %q: %v, want %v", c.entity, c.text, got, c.want)
		}
	}
	for text, want := range map[string]error{"": crm.BadParam("", ""), " \t": crm.BadParam("", "")} {
		if _, _, err := w.SearchDuplicates(t.Context(), a, "customer", text, 1, 15); !errors.Is(err, want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, _, err := w.SearchDuplicates(t.Context(), a, "product", "x", 1, 15); !errors.Is(err, crm.BadParam("", "")) {
		t.Error(err)
	}
	// Pages: equal ones first, then those that contain it.
	if _, err := w.create(a, company("投資"), ""); err != nil {
		t.Fatal(err)
	}
	var all []int64
	for page := 1; page <= 4; page++ {
		hits, p, err := w.SearchDuplicates(t.Context(), a, "customer", "投資", page, 1)
		if err != nil || p.Total != 4 || len(hits) != 1 || p.More != (page < 4) {
			t.Fatalf("page %d: %v, %+v, %v", page, hits, p, err)
		}
		all = append(all, hits[0].ID)
	}
	if all[0] != 4 || len(all) != 4 {
		t.Errorf("the order is %v", all)
	}
	if hits, p, err := w.SearchDuplicates(t.Context(), a, "customer", "投資", 9, 15); err != nil || len(hits) != 0 || p.Total != 4 {
		t.Errorf("behind the end: %v, %+v, %v", hits, p, err)
	}
	if got, _ := w.hits(w.as(orgB, admin), "customer", "13800006001"); got != nil {
		t.Errorf("another organization found %v", got)
	}
}

// A hit tells what the columns show and the caller may see.
func TestWhatHitsTell(t *testing.T) {
	w := searchable(t)
	const number = "13800006001"
	for _, c := range []struct {
		user int64
		text string
		open bool
		want []string // name, user, pool, department, status, phone, telephone, own number, creation
	}{
		{owner, number, true, []string{customerName, "用户2", "", "销售部", "待联系", "13800006001", "02100006001", "13800005001", "2019-02-13 03:33"}},
		{admin, number, true, []string{customerName, "用户2", "", "销售部", "待联系", "138****6001", "021****6001", "138****5001", "2019-02-13 03:33"}},
		{colleague, number, false, []string{customerName, "用户2", "", "销售部", "待联系", "138****6001", "021****6001", "138****5001", "2019-02-13 03:33"}},
		{helper, number, true, []string{customerName, "用户2", "", "销售部", "待联系", "138****6001", "021****6001", "138****5001", "2019-02-13 03:33"}},
		{blinded, number, true, []string{customerName, "用户2", "", "销售部", "待联系", "", "", "", "2019-02-13 03:33"}},
		{powerless, number, true, []string{customerName, "用户2", "", "销售部", "待联系", "138****6001", "021****6001", "138****5001", "2019-02-13 03:33"}},
		// In a pool: owner and pool are for its members.
		{owner, "13800006002", false, []string{customerName, "", "", "", "", "138****6002", "021****6002", "", "2019-02-13 03:33"}},
		{admin, "13800006002", true, []string{customerName, "公司公海", "公司公海", "", "", "138****6002", "021****6002", "", "2019-02-13 03:33"}},
	} {
		got, h := w.hits(w.as(orgA, c.user), "customer", c.text)
		if len(got) != 1 || !slices.Equal(values(h), c.want) || h.Open != c.open || h.Self != (c.user == owner && c.text == number) || h.Turned {
			t.Errorf("user %d, %s: %v %q open %t, want %q", c.user, c.text, got, values(h), h.Open, c.want)
		}
	}
	// What the setting does not show is not told.
	if _, err := w.setDuplicates(w.as(orgA, admin), "customer", func(x *crm.DuplicateSettings, _ *[]string) { x.Columns = []string{"status"} }); err != nil {
		t.Fatal(err)
	}
	if _, h := w.hits(w.as(orgA, colleague), "customer", number); len(h.Columns) != 1 || h.Column("name") != "" || h.Column("user_id") != "" || h.Columns[0].Value != "待联系" {
		t.Errorf("told is %+v", h)
	}
	if got, h := w.hits(w.as(orgA, owner), "contact", "13800008001"); len(got) != 1 || !slices.Equal(values(h), []string{"联系人1", customerName, "用户2", "13800008001"}) {
		t.Errorf("a contact: %q", values(h))
	}
}

// Leads: also among customers and contacts where set, and those that have
// become a customer, which nobody can open.
func TestSearchLeads(t *testing.T) {
	w := searchable(t)
	a := w.as(orgA, admin)
	lead := &crm.Lead{Name: "张三", CompanyName: "示例公司", Address: crm.Address{Phone: crm.T("13800009001")}}
	id, err := w.createLead(a, lead)
	if err != nil {
		t.Fatal(err)
	}
	one := fmt.Sprint("lead ", id)
	if got, h := w.hits(a, "lead", "13800009001"); !slices.Equal(got, []string{one}) || !h.Open || h.Turned {
		t.Errorf("%v, %+v", got, h)
	}
	for _, text := range []string{"张三", "示例", "示例公司"} {
		if got, _ := w.hits(a, "lead", text); !slices.Equal(got, []string{one}) {
			t.Errorf("%s: %v", text, got)
		}
	}
	if _, err := w.setDuplicates(a, "lead", func(x *crm.DuplicateSettings, _ *[]string) { x.Across = true }); err != nil {
		t.Fatal(err)
	}
	a = w.as(orgA, admin)
	if got, _ := w.hits(a, "lead", "13800006001"); !slices.Equal(got, []string{"customer 1"}) {
		t.Errorf("among customers: %v", got)
	}
	if got, _ := w.hits(a, "lead", "13800008001"); !slices.Equal(got, []string{"contact 1"}) {
		t.Errorf("among contacts: %v", got)
	}
	if got, _ := w.hits(a, "lead", customerName); !slices.Equal(got, []string{"customer 1", "customer 2", "customer 3"}) {
		t.Errorf("a lead's company among customers: %v", got)
	}
	w.amend(orgA, func(tx *store.Write) error {
		l, err := tx.Lead(orgA, id)
		if err != nil {
			return err
		}
		l.CustomerID, l.TurnedAt = 1, startOfClock
		return tx.SetLead(l)
	})
	if got, h := w.hits(a, "lead", "13800009001"); !slices.Equal(got, []string{one}) || h.Open || !h.Turned {
		t.Errorf("a turned lead: %v, %+v", got, h)
	}
}
