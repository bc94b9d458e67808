package service

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// The pools of leads of a leadWorld. Members of poolOne are owner and colleague
// (and disabled, who counts for nothing); boss manages both, and poolTwo has
// nobody else.
const poolOne, poolTwo int64 = 11, 12

// The leads of a leadWorld: leadOwned is the owner's, leadPooled lies in poolOne
// and was the colleague's, leadTurned is the owner's and became customer 1, and
// leadAlone is only in the first organization.
const leadOwned, leadPooled, leadTurned, leadAlone int64 = 1, 2, 3, 4

// leadRights are all rights on leads and what it needs to make customers of them.
func leadRights() map[string]bool {
	rights := map[string]bool{crm.RightCreateCustomer: true, crm.RightCreateContact: true}
	for _, r := range []string{crm.RightCreateLead, crm.RightEditLead, crm.RightDeleteLead, crm.RightTransferLead, crm.RightPoolLead,
		crm.RightTakeLead, crm.RightTurnLead} {
		rights[r] = true
	}
	return rights
}

// newLeadWorld is a world with leads, in which everybody but powerless has the
// rights on them.
func newLeadWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, settings())
	now := crm.Time(startOfClock)
	for org, prefix := range map[int64]string{orgA: "1380000", orgB: "1390000"} {
		w.amend(org, func(tx *store.Write) error {
			errs := []error{
				tx.AddOption(&crm.Option{ID: 31, Entity: "lead", Field: "status", Label: "待联系", Enabled: true}),
				tx.AddOption(&crm.Option{ID: 32, Entity: "lead", Field: "status", Label: "旧"}),
				tx.AddOption(&crm.Option{ID: 33, Entity: "lead", Field: "source", Label: "广告", Enabled: true}),
				tx.AddOption(&crm.Option{ID: 34, Entity: "customer", Field: "source", Label: "广告", Enabled: true}),
				tx.AddPool(&crm.Pool{ID: poolOne, Entity: "lead", Name: "线索池", PoolSettings: crm.PoolSettings{
					Managers: []int64{boss}, Members: []int64{owner, colleague, disabled}}}, now),
				tx.AddPool(&crm.Pool{ID: poolTwo, Entity: "lead", Name: "第二池", PoolSettings: crm.PoolSettings{Managers: []int64{boss}}}, now),
			}
			for i, kind := range []string{"phone", "file", "text", "integer"} {
				name := []string{"text_asset_000003", "file_asset_000003", "text_asset_b000003", "numeric_asset_000003"}[i]
				errs = append(errs, tx.AddCustomField(&crm.CustomField{ID: int64(30 + i), Entity: "lead", Name: name, Label: kind, Kind: kind,
					Position: i, Enabled: true}, now))
			}
			for id, scope := range map[int64]crm.Scope{2: crm.ScopeOwn, 3: crm.ScopeDepartments, 4: crm.ScopeOrganization, 5: crm.ScopeOrganization} {
				r := &crm.Role{ID: id, Scope: scope, Rights: leadRights()}
				if id == 5 {
					r.Hidden = map[string]crm.Hiding{"lead.address.phone": crm.HideOthers, "lead.text_asset_b000003": crm.HideAll}
				}
				errs = append(errs, tx.SetRole(r, now))
			}
			for _, l := range []crm.Lead{
				{ID: leadOwned, OwnerID: owner, CreatorID: admin, DepartmentID: 2, Name: "张三", CompanyName: "示例公司", Status: 31, Source: 33,
					Department: "采购部", Job: "经理", Note: "展会上认识", OwnedAt: now,
					Custom: crm.Values(`{"text_asset_000003":"` + prefix + `5001","text_asset_b000003":"甲","numeric_asset_000003":7}`)},
				{ID: leadPooled, Name: "李四", PoolID: poolOne, HomePoolID: poolOne, FlowIntoAt: now, BeforeUserID: colleague, BeforeDepartmentID: 2},
				{ID: leadTurned, OwnerID: owner, DepartmentID: 2, Name: "王五", CustomerID: 1, TurnedAt: now},
				{ID: leadAlone, OwnerID: owner, DepartmentID: 2, Name: "张三"},
			} {
				if l.ID == leadAlone && org != orgA {
					continue
				}
				l.CreatedAt, l.UpdatedAt = now, now
				l.Address = crm.Address{ID: 10 + l.ID, Tel: crm.T("021" + prefix[3:] + fmt.Sprint(6100+l.ID)),
					Phone: crm.T(prefix + fmt.Sprint(6100+l.ID)), CreatedAt: now, UpdatedAt: now}
				errs = append(errs, tx.AddLead(&l))
			}
			for kind, last := range map[store.Kind]int64{store.Leads: 4, store.Addresses: 14, store.CustomFields: 40} {
				errs = append(errs, tx.SkipIDs(kind, last))
			}
			return errors.Join(errs...)
		})
	}
	return w
}

// errUndone undoes a write that would have been done.
var errUndone = errors.New("done, and undone by the test")

func undo[T any](*T) error { return errUndone }

// word says in one word what became of a call.
func word(err error) string {
	var refusal *crm.Error
	switch {
	case err == nil, errors.Is(err, errUndone):
		return "ok"
	case errors.Is(err, crm.ErrNotFound):
		return "hidden"
	case errors.Is(err, crm.ErrForbidden):
		return "barred"
	case errors.As(err, &refusal):
		return "invalid"
	}
	return err.Error()
}

// kept counts what an organization has, sign-ins aside.
func (w *world) kept(org int64) string {
	w.t.Helper()
	var out []string
	for _, table := range []string{"leads", "customers", "contacts", "duplicate_keys", "notifications"} {
		out = append(out, table, w.query("SELECT count(*) FROM "+table+" WHERE organization_id = $1", org))
	}
	out = append(out, "logs", w.query("SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND action <> 'sign_in'", org),
		"version", w.query("SELECT version FROM organizations WHERE organization_id = $1", org))
	return strings.Join(out, " ")
}

// callersOfLeads are the columns of the tables below.
var callersOfLeads = []int64{owner, boss, colleague, inSales, wholeFirm, helper, admin, masked, powerless}

// lead reads a lead past the service.
func (w *world) lead(org, id int64) (l *crm.Lead) {
	w.t.Helper()
	if err := w.store.View(w.t.Context(), org, func(r *store.Read) (err error) {
		l, err = r.Lead(org, id)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return l
}

func TestWhoMayWhatWithLeads(t *testing.T) {
	w := newLeadWorld(t)
	rename := func(l *crm.Lead) error { l.Note = "新"; return nil }
	calls := map[string]func(c *Caller, id int64) error{
		"detail": func(c *Caller, id int64) error { _, err := w.LeadDetail(t.Context(), c, id); return err },
		"pooled": func(c *Caller, id int64) error { _, err := w.PoolLeadDetail(t.Context(), c, id); return err },
		"update": func(c *Caller, id int64) error { return w.UpdateLead(t.Context(), c, id, rename, undo) },
		"delete": func(c *Caller, id int64) error { return w.DeleteLead(t.Context(), c, id, undo) },
		"give":   func(c *Caller, id int64) error { return w.TransferLead(t.Context(), c, id, colleague, undo) },
		"pool":   func(c *Caller, id int64) error { return w.PoolLead(t.Context(), c, id, poolTwo, undo) },
		"take":   func(c *Caller, id int64) error { return w.TakeLead(t.Context(), c, id, undo) },
		"form":   func(c *Caller, id int64) error { _, err := w.CustomerFromLead(t.Context(), c, id, 0); return err },
		"turn": func(c *Caller, id int64) error {
			return w.TurnLead(t.Context(), c, id, func(*crm.NewCustomer) error { return nil }, undo)
		},
		"pool update": func(c *Caller, id int64) error { return w.UpdatePoolLead(t.Context(), c, id, rename, undo) },
		"pool delete": func(c *Caller, id int64) error { return w.DeletePoolLead(t.Context(), c, id, undo) },
		"pool give":   func(c *Caller, id int64) error { return w.TransferPoolLead(t.Context(), c, id, colleague, undo) },
	}
	// The columns are callersOfLeads.
	table := map[int64]map[string]string{
		leadOwned: {
			"detail":      "ok ok hidden ok ok hidden ok ok ok",
			"pooled":      "hidden hidden hidden hidden hidden hidden hidden hidden hidden",
			"update":      "ok ok hidden ok ok hidden ok ok barred",
			"delete":      "ok ok hidden ok ok hidden ok ok barred",
			"give":        "ok ok hidden ok ok hidden ok ok barred",
			"pool":        "ok ok hidden ok ok hidden ok ok barred",
			"take":        "barred barred hidden barred barred hidden barred barred barred",
			"form":        "ok ok hidden ok ok hidden ok ok barred",
			"turn":        "ok ok hidden ok ok hidden ok ok barred",
			"pool update": "hidden hidden hidden hidden hidden hidden hidden hidden hidden",
			"pool delete": "hidden hidden hidden hidden hidden hidden hidden hidden hidden",
			"pool give":   "hidden hidden hidden hidden hidden hidden hidden hidden hidden",
		},
		leadPooled: {
			"detail":      "ok ok ok hidden ok hidden ok ok ok",
			"pooled":      "ok ok ok hidden ok hidden ok ok ok",
			"update":      "barred ok barred hidden barred hidden ok barred barred",
			"delete":      "barred ok barred hidden barred hidden ok barred barred",
			"give":        "barred ok barred hidden barred hidden ok barred barred",
			"pool":        "barred ok barred hidden barred hidden ok barred barred",
			"take":        "ok ok ok hidden barred hidden ok barred barred",
			"form":        "barred invalid barred hidden barred hidden invalid barred barred",
			"turn":        "barred invalid barred hidden barred hidden invalid barred barred",
			"pool update": "barred ok barred hidden barred hidden ok barred barred",
			"pool delete": "barred ok barred hidden barred hidden ok barred barred",
			"pool give":   "barred ok barred hidden barred hidden ok barred barred",
		},
		leadTurned: {
			"detail":      "ok ok hidden ok ok hidden ok ok ok",
			"pooled":      "hidden hidden hidden hidden hidden hidden hidden hidden hidden",
			"update":      "invalid invalid hidden invalid invalid hidden invalid invalid barred",
			"delete":      "ok ok hidden ok ok hidden ok ok barred",
			"give":        "invalid invalid hidden invalid invalid hidden invalid invalid barred",
			"pool":        "invalid invalid hidden invalid invalid hidden invalid invalid barred",
			"take":        "barred barred hidden barred barred hidden barred barred barred",
			"form":        "invalid invalid hidden invalid invalid hidden invalid invalid barred",
			"turn":        "invalid invalid hidden invalid invalid hidden invalid invalid barred",
			"pool update": "hidden hidden hidden hidden hidden hidden hidden hidden hidden",
			"pool delete": "hidden hidden hidden hidden hidden hidden hidden hidden hidden",
			"pool give":   "hidden hidden hidden hidden hidden hidden hidden hidden hidden",
		},
	}
	var callers []*Caller
	for _, user := range callersOfLeads {
		callers = append(callers, w.as(orgA, user))
	}
	stranger := w.as(orgB, admin)
	before := w.kept(orgA)
	for id, rows := range table {
		if len(rows) != len(calls) {
			t.Fatalf("lead %d has %d rows for %d calls", id, len(rows), len(calls))
		}
		for _, name := range slices.Sorted(maps.Keys(rows)) {
			var got []string
			for _, c := range callers {
				got = append(got, word(calls[name](c, id)))
			}
			if s := strings.Join(got, " "); s != rows[name] {
				t.Errorf("lead %d, %s for %v:\ngot  %s\nwant %s", id, name, callersOfLeads, s, rows[name])
			}
		}
	}
	for name, call := range calls {
		for _, id := range []int64{leadAlone, 99} {
			if got := word(call(stranger, id)); got != "hidden" {
				t.Errorf("%s of lead %d from another organization: %s", name, id, got)
			}
		}
	}
	if after := w.kept(orgA); after != before {
		t.Errorf("there was %s, there is %s", before, after)
	}
}

func TestLeadDetailShowsAndHides(t *testing.T) {
	w := newLeadWorld(t)
	k, err := w.LeadDetail(t.Context(), w.as(orgA, owner), leadOwned)
	if err != nil || !k.Own || !k.Self || k.Hidden || !k.Editable || k.Address.Phone.Value != "13800006101" ||
		compact(k.Custom) != `{"text_asset_000003":"13800005001","text_asset_b000003":"甲","numeric_asset_000003":7}` {
		t.Errorf("owner: %+v, %v", k, err)
	}
	k, err = w.LeadDetail(t.Context(), w.as(orgA, masked), leadOwned)
	if err != nil || !k.Hidden || search(k, "13800006101", "13800005001", "02100006101") != "" || k.Address.Phone.Value != "138****6101" {
		t.Errorf("masked: %+v, %v", k, err)
	}
	k, err = w.LeadDetail(t.Context(), w.as(orgA, blinded), leadOwned)
	if err != nil || k.Address.Phone.Set || search(k, "13800006101", "甲") != "" || search(k, "13800005001") == "" {
		t.Errorf("blinded: %+v, %v", k, err)
	}
	// The customer's name is for who sees the customer; the flag is for everybody.
	for user, name := range map[int64]string{owner: customerName, admin: customerName} {
		k, err = w.LeadDetail(t.Context(), w.as(orgA, user), leadTurned)
		if err != nil || k.CustomerName != name || k.CustomerID != 1 || k.Editable {
			t.Errorf("user %d: %+v, %v", user, k, err)
		}
	}
	w.amend(orgA, func(tx *store.Write) error {
		return tx.SetLead(&crm.Lead{ID: leadTurned, OwnerID: helper, Name: "王五", CustomerID: 3})
	})
	if k, err = w.LeadDetail(t.Context(), w.as(orgA, helper), leadTurned); err != nil || k.CustomerName != "" || !k.Turned() {
		t.Errorf("a customer that the caller does not see: %+v, %v", k, err)
	}
}

func TestLeadsByName(t *testing.T) {
	w := newLeadWorld(t)
	for _, c := range []struct {
		user      int64
		name, tab string
		want      string
	}{
		{owner, "张三", "", "[4 1] 2"},
		{owner, " 张三 ", "all", "[4 1] 2"},
		{owner, "张三", "my", "[4 1] 2"},
		{owner, "张三", "sub", "[] 0"},
		{boss, "张三", "sub", "[4 1] 2"},
		{boss, "张三", "my", "[] 0"},
		{inSales, "张三", "", "[4 1] 2"},
		{colleague, "张三", "", "[] 0"},
		{helper, "张三", "", "[] 0"},
		{wholeFirm, "张三", "", "[4 1] 2"},
		{owner, "张", "", "[] 0"},
		{colleague, "李四", "", "[] 0"},
		{colleague, "李四", "common", "[2] 1"},
		{helper, "李四", "common", "[] 0"},
		{wholeFirm, "李四", "common", "[2] 1"},
		{owner, "王五", "", "[] 0"},
		{owner, "王五", "turned", "[3] 1"},
		{colleague, "王五", "turned", "[] 0"},
	} {
		items, page, err := w.LeadsByName(t.Context(), w.as(orgA, c.user), &crm.ListQuery{Text: c.name, Tab: c.tab})
		ids := []int64{}
		for _, l := range items {
			ids = append(ids, l.ID)
		}
		if got := fmt.Sprint(ids, page.Total); err != nil || got != c.want {
			t.Errorf("user %d, %q in %q: %s, %v; want %s", c.user, c.name, c.tab, got, err, c.want)
		}
	}
	items, page, err := w.LeadsByName(t.Context(), w.as(orgA, masked), &crm.ListQuery{Text: "张三", Page: 2, PerPage: 1})
	if err != nil || len(items) != 1 || items[0].ID != leadOwned || page.More || page.Total != 2 || page.Page != 2 ||
		!items[0].Hidden || search(items, "13800006101", "13800005001") != "" {
		t.Errorf("second page: %+v, %+v, %v", items, page, err)
	}
	for _, q := range []crm.ListQuery{{Text: " "}, {Text: "张三", Tab: "nothing"}} {
		if _, _, err := w.LeadsByName(t.Context(), w.as(orgA, owner), &q); !errors.Is(err, crm.BadParam("", "")) {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

func TestLeadPoolMembers(t *testing.T) {
	w := newLeadWorld(t)
	for _, c := range []struct {
		user, pool int64
		text       string
		want       string
	}{
		{owner, poolOne, "", "[2 4]"},
		{boss, poolOne, "4", "[4]"},
		{admin, poolOne, "没有", "[]"},
		{wholeFirm, poolTwo, "", "[]"},
		{boss, poolTwo, "", "[]"},
		{owner, poolTwo, "", "hidden"},
		{helper, poolOne, "", "hidden"},
		{admin, 1, "", "hidden"}, // a pool of customers
		{admin, 99, "", "hidden"},
	} {
		users, _, err := w.LeadPoolMembers(w.as(orgA, c.user), c.pool, &crm.ListQuery{Text: c.text})
		ids := []int64{}
		for _, u := range users {
			ids = append(ids, u.ID)
		}
		got := fmt.Sprint(ids)
		if err != nil {
			got = word(err)
		}
		if got != c.want {
			t.Errorf("user %d, pool %d, %q: %s, want %s", c.user, c.pool, c.text, got, c.want)
		}
	}
}
