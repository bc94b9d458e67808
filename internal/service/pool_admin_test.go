package service

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func TestPoolsOfTheCaller(t *testing.T) {
	w := poolWorld(t)
	for user, want := range map[int64][]int64{
		admin: {salesPool, marketPool}, boss: {salesPool}, colleague: {salesPool}, helper: {marketPool}, wholeFirm: nil, powerless: nil,
	} {
		var got []int64
		for _, p := range w.Pools(w.as(orgA, user), "customer") {
			got = append(got, p.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("user %d is in %v, want %v", user, got, want)
		}
		if leads := w.Pools(w.as(orgA, user), "lead"); len(leads) != 1 || leads[0].ID != leadPoolID {
			t.Errorf("user %d and leads: %v", user, leads)
		}
	}
	members, page, err := w.CustomerPoolMembers(w.as(orgA, boss), salesPool, &crm.ListQuery{Page: 1, PerPage: 2})
	if err != nil || len(members) != 2 || members[0].ID != owner || members[1].ID != colleague || page.Total != 3 || !page.More {
		t.Errorf("%v, %+v, %v", members, page, err)
	}
	members, _, err = w.CustomerPoolMembers(w.as(orgA, boss), salesPool, &crm.ListQuery{Text: " 用户5 "})
	if err != nil || len(members) != 1 || members[0].ID != inSales {
		t.Errorf("by name: %v, %v", members, err)
	}
	for _, c := range []struct{ user, pool int64 }{{helper, salesPool}, {boss, marketPool}, {boss, leadPoolID}, {boss, 99}} {
		if _, _, err := w.CustomerPoolMembers(w.as(orgA, c.user), c.pool, &crm.ListQuery{}); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("user %d, pool %d: %v", c.user, c.pool, err)
		}
	}
}

// Departments count with what lies below, also with what is made later.
func TestDepartmentsBelowAreMembers(t *testing.T) {
	w := poolWorld(t)
	w.setPool(marketPool, func(p *crm.Pool) { p.Departments = []int64{1} })
	if got := verdict(w.TakeCustomer(t.Context(), w.as(orgA, owner), 4, shown)); got != "done" {
		t.Errorf("of a department below: %s", got)
	}
	w.amend(orgA, func(tx *store.Write) error {
		u := crm.User{ID: 50, Name: "新人", RoleID: 2, DepartmentID: 3, State: crm.UserActive, CreatedAt: 1, UpdatedAt: 1}
		return errors.Join(tx.AddDepartment(&crm.Department{ID: 3, ParentID: 2, Name: "新组"}, 1), tx.AddUser(&u, cheapHash(password)))
	})
	if got := verdict(w.TakeCustomer(t.Context(), w.as(orgA, 50), 2, shown)); got != "done" {
		t.Errorf("of one that is new: %s", got)
	}
}

func TestPoolsAreForWhoSetsThemUp(t *testing.T) {
	w := poolWorld(t)
	for user, want := range map[int64]string{admin: "done", boss: "forbidden", colleague: "forbidden", powerless: "forbidden"} {
		c := w.as(orgA, user)
		check := func(what string, err error) {
			t.Helper()
			if got := verdict(err); got != want {
				t.Errorf("user %d, %s: %s", user, what, got)
			}
		}
		_, err := w.AllPools(c, "")
		check("all", err)
		_, err = w.Pool(c, salesPool)
		check("one", err)
		check("create", w.CreatePool(t.Context(), c, &crm.Pool{Entity: "customer", Name: "新"}, shown))
		check("update", w.UpdatePool(t.Context(), c, salesPool, func(p *crm.Pool) error { p.Everybody = true; return nil }, shown))
		check("order", w.OrderPools(t.Context(), c, "lead", []int64{leadPoolID}, shown))
		check("delete", w.DeletePool(t.Context(), c, leadPoolID, shown))
		_, err = w.OwnedLimits(c)
		check("limits", err)
		check("set limits", w.SetOwnedLimits(t.Context(), c, func(l *crm.OwnedLimits) error { l.Each = 9; return nil }, shown))
		w = poolWorld(t)
	}
}

func TestCreatePool(t *testing.T) {
	w := poolWorld(t)
	w.clock.advance(time.Hour)
	now := crm.At(w.clock.Now())
	c := w.as(orgA, admin)
	in := &crm.Pool{Entity: "customer", Name: " 新公海 ", PoolSettings: crm.PoolSettings{Managers: []int64{boss, boss}, Members: []int64{colleague, owner},
		Unfollowed: crm.PoolRule{On: true, Days: 30, NoticeDays: 2, Categories: map[int64]int{4: 60}}, GrabDays: 5,
		MemberColumns: []string{"name", "text_asset_b000002", "address.region_info", "lastest_revisit_log.content"}}}
	var made *crm.Pool
	if err := w.CreatePool(t.Context(), c, in, func(p *crm.Pool) error { made = p; return nil }); err != nil {
		t.Fatal(err)
	}
	kept, err := w.Pool(w.as(orgA, admin), made.ID)
	if err != nil || kept.ID != 4 || kept.Name != "新公海" || kept.Position != 3 || kept.CreatedAt != now || kept.UpdatedAt != now ||
		!slices.Equal(kept.Managers, []int64{boss}) || !slices.Equal(kept.Members, []int64{owner, colleague}) || kept.Unfollowed.Since != now ||
		kept.GrabFrom != now || kept.Unfollowed.Categories[4] != 60 || len(kept.MemberColumns) != 4 || kept.Unsold.Since != 0 {
		t.Errorf("%+v, %v", kept, err)
	}
	if got := difference(poolRecord(kept), poolRecord(made)); got != "{}" {
		t.Errorf("shown otherwise than kept: %s", got)
	}
	if n := w.query("SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND entity = 'pool' AND entity_id = 4 AND action = 'create' AND user_id = 1", orgA); n != "1" {
		t.Errorf("%s rows in the log", n)
	}
}

func TestRefusedPools(t *testing.T) {
	w := poolWorld(t)
	c := w.as(orgA, admin)
	good := func() *crm.Pool { return &crm.Pool{Entity: "customer", Name: "新"} }
	for name, x := range map[string]struct {
		change func(*crm.Pool)
		want   string
	}{
		"no name":              {func(p *crm.Pool) { p.Name = " " }, "公海名称不能为空"},
		"a name that is there": {func(p *crm.Pool) { p.Name = "公司公海" }, "公海名称已存在"},
		"another kind":         {func(p *crm.Pool) { p.Entity = "contact" }, "公海的对象类型只能是customer或lead"},
		"unknown manager":      {func(p *crm.Pool) { p.Managers = []int64{99} }, "公海的用户不存在"},
		"disabled member":      {func(p *crm.Pool) { p.Members = []int64{disabled} }, "公海的用户不存在"},
		"unknown department":   {func(p *crm.Pool) { p.Departments = []int64{99} }, "公海的部门不存在"},
		"unknown category":     {func(p *crm.Pool) { p.Unsold.Categories = map[int64]int{1: 5} }, "公海规则的客户类型不存在"},
		"unknown column":       {func(p *crm.Pool) { p.ManagerColumns = []string{"nothing"} }, "公海的显示列不正确"},
		"a column twice":       {func(p *crm.Pool) { p.MemberFilters = []string{"name", "name"} }, "公海的显示列不正确"},
		"a rule without days":  {func(p *crm.Pool) { p.Unsold.On = true }, "启用自动规则时必须设置天数"},
	} {
		before := w.rows(orgA)
		p := good()
		x.change(p)
		if got := verdict(w.CreatePool(t.Context(), c, p, shown)); got != x.want {
			t.Errorf("%s: %s", name, got)
		}
		if name != "another kind" { // which cannot be changed
			got := verdict(w.UpdatePool(t.Context(), c, marketPool, func(p *crm.Pool) error { x.change(p); return nil }, shown))
			if got != x.want {
				t.Errorf("%s, changed: %s", name, got)
			}
		}
		if after := w.rows(orgA); after != before {
			t.Errorf("%s: there was %s, there is %s", name, before, after)
		}
	}
	// A name may stand in both kinds.
	if got := verdict(w.CreatePool(t.Context(), c, &crm.Pool{Entity: "lead", Name: "公司公海"}, shown)); got != "done" {
		t.Error(got)
	}
}

func TestUpdatePool(t *testing.T) {
	w := poolWorld(t)
	c := w.as(orgA, admin)
	update := func(patch func(*crm.Pool)) *crm.Pool {
		t.Helper()
		w.clock.advance(time.Minute)
		var out *crm.Pool
		err := w.UpdatePool(t.Context(), c, marketPool, func(p *crm.Pool) error { patch(p); return nil },
			func(p *crm.Pool) error { out = p; return nil })
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	p := update(func(p *crm.Pool) { p.Unfollowed.On, p.Unfollowed.Days, p.GrabDays = true, 10, 3 })
	on := crm.At(w.clock.Now())
	if p.Unfollowed.Since != on || p.GrabFrom != on || p.UpdatedAt != on || p.CreatedAt != startOfClock {
		t.Errorf("switched on: %+v", p)
	}
	p = update(func(p *crm.Pool) { p.Unfollowed.Days, p.GrabDays, p.Entity, p.Position = 5, 4, "lead", 77 })
	if p.Unfollowed.Since != on || p.GrabFrom != on || p.Entity != "customer" || p.Position != 2 {
		t.Errorf("another number of days: %+v", p)
	}
	p = update(func(p *crm.Pool) { p.Unfollowed.On, p.GrabDays = false, 0 })
	if p.Unfollowed.Since != 0 || p.GrabFrom != 0 || p.Unfollowed.Days != 5 {
		t.Errorf("switched off: %+v", p)
	}
	p = update(func(p *crm.Pool) { p.Unfollowed.On = true })
	if p.Unfollowed.Since != crm.At(w.clock.Now()) {
		t.Errorf("on again: %+v", p)
	}
	before := w.rows(orgA)
	update(func(*crm.Pool) {})
	if after := w.rows(orgA); after != before {
		t.Errorf("nothing was changed: there was %s, there is %s", before, after)
	}
	// Who has left since may stay, and so may a category that is gone.
	w.setPool(marketPool, func(p *crm.Pool) { p.Members = []int64{helper, disabled}; p.Unsold.Categories = map[int64]int{99: 5} })
	update(func(p *crm.Pool) { p.Name = "改名" })
	if got := verdict(w.UpdatePool(t.Context(), w.as(orgA, admin), 99, func(*crm.Pool) error { return nil }, shown)); got != "hidden" {
		t.Errorf("one that is not there: %s", got)
	}
	if p := w.Pools(w.as(orgB, admin), "customer"); len(p) != 1 || p[0].Name != "公司公海" || p[0].Everybody {
		t.Errorf("the other organization's: %+v", p)
	}
}

func TestOrderPools(t *testing.T) {
	w := poolWorld(t)
	c := w.as(orgA, admin)
	for _, bad := range [][]int64{nil, {salesPool}, {salesPool, salesPool}, {salesPool, leadPoolID}, {salesPool, marketPool, leadPoolID}} {
		if got := verdict(w.OrderPools(t.Context(), c, "customer", bad, shown)); got == "done" {
			t.Errorf("%v is an order", bad)
		}
	}
	if err := w.OrderPools(t.Context(), c, "customer", []int64{marketPool, salesPool}, shown); err != nil {
		t.Fatal(err)
	}
	all, err := w.AllPools(w.as(orgA, admin), "")
	if err != nil || len(all) != 3 || all[0].ID != marketPool || all[1].ID != salesPool || all[2].ID != leadPoolID {
		t.Errorf("%v, %v", all, err)
	}
}

func TestDeletePool(t *testing.T) {
	w := poolWorld(t)
	c := w.as(orgA, admin)
	if got := verdict(w.DeletePool(t.Context(), c, marketPool, shown)); got != "公海中还有记录,不能删除" {
		t.Errorf("with a customer: %s", got)
	}
	w.amend(orgA, func(tx *store.Write) error {
		return tx.AddLead(&crm.Lead{ID: 5, PoolID: leadPoolID, Name: "线索", Address: crm.Address{ID: 50}})
	})
	if got := verdict(w.DeletePool(t.Context(), c, leadPoolID, shown)); got != "公海中还有记录,不能删除" {
		t.Errorf("with a lead: %s", got)
	}
	if got := verdict(w.TakeCustomer(t.Context(), w.as(orgA, helper), 4, shown)); got != "done" {
		t.Fatal(got)
	}
	if got := verdict(w.DeletePool(t.Context(), w.as(orgA, admin), marketPool, shown)); got != "done" {
		t.Errorf("empty: %s", got)
	}
	if k := w.customer(4); k.HomePoolID != marketPool || k.BeforePoolID != marketPool {
		t.Errorf("what it was home to: %s", places(k))
	}
	if _, err := w.Pool(w.as(orgA, admin), marketPool); !errors.Is(err, crm.ErrNotFound) {
		t.Error("it is there still")
	}
	if _, err := w.CustomerDetail(t.Context(), w.as(orgA, helper), 4); err != nil {
		t.Errorf("a customer of a pool that is gone: %v", err)
	}
}

func TestOwnedLimitsAreSet(t *testing.T) {
	w := poolWorld(t)
	c := w.as(orgA, admin)
	set := func(l crm.OwnedLimits) string {
		return verdict(w.SetOwnedLimits(t.Context(), c, func(d *crm.OwnedLimits) error { *d = l; return nil }, shown))
	}
	for _, bad := range []crm.OwnedLimits{{Each: -1}, {Each: crm.MaxOwned + 1}, {Users: map[int64]int{99: 1}}, {Users: map[int64]int{owner: -1}},
		{Categories: map[int64]int{1: 1}}, {Categories: map[int64]int{4: -1}}} {
		if got := set(bad); got == "done" {
			t.Errorf("%+v is taken", bad)
		}
	}
	want := crm.OwnedLimits{Each: 3, Users: map[int64]int{owner: 1}, Categories: map[int64]int{4: 2}}
	if got := set(want); got != "done" {
		t.Fatal(got)
	}
	if got, err := w.OwnedLimits(w.as(orgA, admin)); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, %v", got, err)
	}
	before := w.rows(orgA)
	if got := set(want); got != "done" || w.rows(orgA) != before {
		t.Errorf("the same once more: %s", got)
	}
	// Other settings stay.
	w.amend(orgA, func(tx *store.Write) error {
		return tx.SetSettings(crm.Settings{CustomerApproval: true, OwnedLimit: want})
	})
	if got := set(crm.OwnedLimits{}); got != "done" || !w.as(orgA, admin).Directory.Organization.Settings.CustomerApproval {
		t.Errorf("%s", got)
	}
}

// One user takes 20 customers at the same time and may own five.
func TestLimitHoldsForSimultaneousTakes(t *testing.T) {
	w := poolWorld(t)
	w.amend(orgA, func(tx *store.Write) error {
		errs := []error{tx.SetSettings(crm.Settings{OwnedLimit: crm.OwnedLimits{Each: 5}})}
		for id := range int64(20) {
			k := crm.Customer{ID: 100 + id, Name: "多", PoolID: salesPool, Approval: crm.Approved, CreatedAt: 1, UpdatedAt: 1, Address: crm.Address{ID: 100 + id}}
			errs = append(errs, tx.AddCustomer(&k))
		}
		return errors.Join(errs...)
	})
	verdicts := make([]string, 20)
	var all sync.WaitGroup
	for i := range verdicts {
		c := w.as(orgA, colleague)
		all.Go(func() { verdicts[i] = verdict(w.TakeCustomer(t.Context(), c, 100+int64(i), shown)) })
	}
	all.Wait()
	slices.Sort(verdicts)
	if verdicts[4] != "done" || verdicts[5] != "负责人的客户数已达上限" || verdicts[19] != verdicts[5] {
		t.Error(verdicts)
	}
	if n := w.query("SELECT count(*) FROM customers WHERE organization_id = $1 AND user_id = 4", orgA); n != "5" {
		t.Errorf("%s are owned", n)
	}
}
