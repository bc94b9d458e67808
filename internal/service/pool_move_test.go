package service

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func TestWhoMovesIntoAPool(t *testing.T) {
	for user, want := range map[int64]string{
		owner: "done", boss: "done", inSales: "done", wholeFirm: "done", admin: "done",
		helper: "forbidden", powerless: "forbidden", colleague: "hidden",
	} {
		w := poolWorld(t)
		w.clock.advance(time.Hour)
		at := crm.At(w.clock.Now())
		if got := verdict(w.PoolCustomer(t.Context(), w.as(orgA, user), 1, marketPool, shown)); got != want {
			t.Errorf("user %d: %s, want %s", user, got, want)
		}
		if want != "done" {
			continue
		}
		want := fmt.Sprintf("owner 0 of 0 since 0, pool 2 since %d, home 2, before 2 of 2 in 0", at)
		k := w.customer(1)
		if got := places(k); got != want || k.UpdatedAt != at {
			t.Errorf("user %d: %s, want %s", user, got, want)
		}
		text := fmt.Sprintf("用户%d将客户「%s」转入公海「市场公海」", user, customerName)
		if got := w.said(helper); !slices.Equal(got, []string{text}) {
			t.Errorf("user %d: the collaborator is told %v", user, got)
		}
		var told []string
		if user != owner {
			told = []string{text}
		}
		if got := w.said(owner); !slices.Equal(got, told) {
			t.Errorf("user %d: the owner is told %v", user, got)
		}
		if n := w.query("SELECT count(*) FROM customer_assistants WHERE organization_id = $1 AND customer_id = 1", orgA); n != "0" {
			t.Errorf("%s collaborators are left", n)
		}
	}
}

func TestMoveIsShownAndLogged(t *testing.T) {
	w := poolWorld(t)
	var seen *crm.CustomerDetail
	err := w.PoolCustomer(t.Context(), w.as(orgA, owner), 1, marketPool, func(k *crm.CustomerDetail) error { seen = k; return nil })
	if err != nil || seen.PoolID != marketPool || seen.OwnerID != 0 || seen.BeforeUserID != owner || len(seen.Assistants) != 0 {
		t.Errorf("%+v, %v", seen, err)
	}
	if got := w.query("SELECT action || ' ' || changes FROM operation_logs WHERE organization_id = $1 AND entity = 'customer' ORDER BY id DESC LIMIT 1", orgA); got !=
		`turn_common {"assist_user_ids":[[7],null],"customer_common_setting_id":[null,2],"department_id":[2,null],"home_common_setting_id":[null,2],"user_id":[2,null]}` {
		t.Errorf("the log says %s", got)
	}
	for pool, want := range map[int64]string{99: "公海不存在", leadPoolID: "公海不存在", 0: "公海不存在"} {
		if got := verdict(w.PoolCustomer(t.Context(), w.as(orgA, boss), 3, pool, shown)); got != want {
			t.Errorf("into %d: %s", pool, got)
		}
	}
	// A customer that waits for approval may be moved.
	if got := verdict(w.PoolCustomer(t.Context(), w.as(orgA, boss), 3, salesPool, shown)); got != "done" || w.customer(3).Approval != crm.Applying {
		t.Error(got)
	}
}

func TestWhoMovesBetweenPools(t *testing.T) {
	for user, want := range map[int64]string{
		boss: "done", admin: "done", owner: "forbidden", wholeFirm: "forbidden", helper: "hidden",
	} {
		w := poolWorld(t)
		w.clock.advance(time.Hour)
		at := crm.At(w.clock.Now())
		if got := verdict(w.PoolCustomer(t.Context(), w.as(orgA, user), 2, marketPool, shown)); got != want {
			t.Errorf("user %d: %s, want %s", user, got, want)
		}
		if want != "done" {
			continue
		}
		if got, want := places(w.customer(2)), fmt.Sprintf("owner 0 of 0 since 0, pool 2 since %d, home 2, before 0 of 0 in 1", at); got != want {
			t.Errorf("user %d: %s, want %s", user, got, want)
		}
	}
	w := poolWorld(t)
	c := w.as(orgA, boss)
	before := w.rows(orgA)
	if got := verdict(w.PoolCustomer(t.Context(), c, 2, salesPool, shown)); got != "该客户已在该公海中" || w.rows(orgA) != before {
		t.Errorf("where it lies already: %s, %s was %s", got, w.rows(orgA), before)
	}
}

func TestMoveSeveral(t *testing.T) {
	w := poolWorld(t)
	w.amend(orgA, func(tx *store.Write) error {
		k := crm.Customer{ID: 5, OwnerID: owner, DepartmentID: 2, Name: "乙", Approval: crm.Approved, CreatedAt: 1, UpdatedAt: 1, Address: crm.Address{ID: 8}}
		if err := tx.AddCustomer(&k); err != nil {
			return err
		}
		return tx.AddAssistant(5, helper)
	})
	var out *Several
	err := w.PoolCustomers(t.Context(), w.as(orgA, boss), []int64{5, 4, 1, 2}, salesPool, func(s *Several) error { out = s; return nil })
	if err != nil || !slices.Equal(out.Done, []int64{1, 5}) || len(out.Failures) != 2 || out.Failures[0].ID != 2 ||
		verdict(out.Failures[0].Error) != "该客户已在该公海中" || out.Failures[1].ID != 4 || verdict(out.Failures[1].Error) != "hidden" {
		t.Fatalf("%+v, %v", out, err)
	}
	for user := range map[int64]bool{owner: true, helper: true} {
		if got := w.said(user); !slices.Equal(got, []string{"用户3将客户「" + customerName + "」「乙」转入公海「公司公海」"}) {
			t.Errorf("user %d is told %v", user, got)
		}
	}
	if got := w.said(boss); got != nil {
		t.Errorf("who did it is told %v", got)
	}
}

func TestPooledIsCreated(t *testing.T) {
	for user, want := range map[int64]string{
		owner: "done", boss: "done", admin: "done", helper: "公海不存在", wholeFirm: "公海不存在", powerless: "公海不存在",
	} {
		w := poolWorld(t)
		in := fullCustomer()
		in.PoolID, in.OwnerID, in.DepartmentID, in.ParentID = salesPool, colleague, 2, 0
		var seen *crm.CustomerDetail
		if got := verdict(w.CreatePooled(t.Context(), w.as(orgA, user), in, func(k *crm.CustomerDetail) error { seen = k; return nil })); got != want {
			t.Errorf("user %d: %s, want %s", user, got, want)
		}
		if want != "done" {
			continue
		}
		if got, want := places(w.customer(seen.ID)), fmt.Sprintf("owner 0 of 0 since 0, pool 1 since %d, home 1, before 0 of 0 in 0", int64(startOfClock)); got != want {
			t.Errorf("user %d: %s, want %s", user, got, want)
		}
		if len(seen.Contacts) != 2 || len(seen.Labels) != 2 || seen.CreatorID != user {
			t.Errorf("user %d is shown %+v", user, seen)
		}
	}
}

// A manager needs no right to create in the own pool, a member does.
func TestPooledIsCreatedWithoutTheRight(t *testing.T) {
	w := poolWorld(t)
	w.setPool(salesPool, func(p *crm.Pool) { p.Members = []int64{powerless} })
	in := &crm.NewCustomer{Customer: crm.Customer{Name: "丙", PoolID: salesPool}}
	if got := verdict(w.CreatePooled(t.Context(), w.as(orgA, powerless), in, shown)); got != "forbidden" {
		t.Errorf("a member: %s", got)
	}
	w.setPool(salesPool, func(p *crm.Pool) { p.Managers = []int64{powerless} })
	in.Contacts = []crm.NewContact{{Contact: crm.Contact{Name: "丁"}}}
	if got := verdict(w.CreatePooled(t.Context(), w.as(orgA, powerless), in, shown)); got != "done" {
		t.Errorf("a manager: %s", got)
	}
	if got := verdict(w.CreatePooled(t.Context(), w.as(orgA, owner), &crm.NewCustomer{Customer: crm.Customer{Name: "戊"}}, shown)); got != "公海不能为空" {
		t.Errorf("without a pool: %s", got)
	}
}

func TestWhoChangesAndDeletesInAPool(t *testing.T) {
	for user, want := range map[int64]string{
		boss: "done", admin: "done", owner: "forbidden", wholeFirm: "forbidden", helper: "hidden", powerless: "forbidden",
	} {
		w := poolWorld(t)
		c := w.as(orgA, user)
		note := func(d *crm.CustomerDraft) error { d.Note = "新备注"; return nil }
		if got := verdict(w.UpdatePooled(t.Context(), c, 2, note, shown)); got != want {
			t.Errorf("user %d changes: %s, want %s", user, got, want)
		}
		if k := w.customer(2); (k.Note == "新备注") != (want == "done") || k.PoolID != salesPool {
			t.Errorf("user %d: %s, %s", user, k.Note, places(k))
		}
		if got := verdict(w.DeletePooled(t.Context(), c, 2, shown)); got != want {
			t.Errorf("user %d deletes: %s, want %s", user, got, want)
		}
		if n := w.query("SELECT count(*) FROM customers WHERE organization_id = $1 AND id = 2", orgA); (n == "0") != (want == "done") {
			t.Errorf("user %d: %s are left", user, n)
		}
	}
	w := poolWorld(t)
	if got := verdict(w.DeletePooled(t.Context(), w.as(orgA, boss), 3, shown)); got != "hidden" || w.customer(3) == nil {
		t.Errorf("the own one: %s", got)
	}
	if _, err := w.PooledCustomer(t.Context(), w.as(orgA, boss), 3); verdict(err) != "hidden" {
		t.Errorf("the own one in a pool: %v", err)
	}
	for user, want := range map[int64]string{owner: "done", boss: "done", wholeFirm: "done", helper: "hidden"} {
		if _, err := w.PooledCustomer(t.Context(), w.as(orgA, user), 2); verdict(err) != want {
			t.Errorf("user %d sees: %v", user, err)
		}
	}
}
