package service

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func TestWhoTakes(t *testing.T) {
	for user, want := range map[int64]string{
		owner: "done", colleague: "done", inSales: "done", boss: "done", admin: "done",
		helper: "hidden", wholeFirm: "forbidden", masked: "forbidden", powerless: "forbidden",
	} {
		w := poolWorld(t)
		c := w.as(orgA, user)
		if got := verdict(w.TakeCustomer(t.Context(), c, 2, shown)); got != want {
			t.Errorf("user %d: %s, want %s", user, got, want)
			continue
		}
		if want != "done" {
			if k := w.customer(2); k.PoolID != salesPool || k.OwnerID != 0 {
				t.Errorf("user %d was refused and left %s", user, places(k))
			}
			continue
		}
		w.clock.advance(time.Minute)
		at := int64(startOfClock)
		want := fmt.Sprintf("owner %d of %d since %d, pool 0 since 0, home 0, before 0 of 0 in 1", user, c.Viewer.User.DepartmentID, at)
		if got := places(w.customer(2)); got != want {
			t.Errorf("user %d: %s, want %s", user, got, want)
		}
		if got := verdict(w.TakeCustomer(t.Context(), c, 2, shown)); got != errCustomerTaken.Message {
			t.Errorf("user %d, once more: %s", user, got)
		}
	}
}

// What has an owner is taken by nobody, the owner included.
func TestTakeOfWhatIsOwned(t *testing.T) {
	w := poolWorld(t)
	for user, want := range map[int64]string{owner: "forbidden", boss: "forbidden", helper: "forbidden", admin: "forbidden", colleague: "hidden"} {
		if got := verdict(w.TakeCustomer(t.Context(), w.as(orgA, user), 1, shown)); got != want {
			t.Errorf("user %d: %s", user, got)
		}
	}
}

// Somebody with the scope of the whole organization who is a member takes as
// every member does.
func TestMemberWhoSeesAllTakes(t *testing.T) {
	w := poolWorld(t)
	w.setPool(salesPool, func(p *crm.Pool) { p.Members = []int64{wholeFirm} })
	if got := verdict(w.TakeCustomer(t.Context(), w.as(orgA, wholeFirm), 2, shown)); got != "done" {
		t.Error(got)
	}
}

func TestTakeShowsTheCustomer(t *testing.T) {
	w := poolWorld(t)
	var seen *crm.CustomerDetail
	err := w.TakeCustomer(t.Context(), w.as(orgA, colleague), 2, func(k *crm.CustomerDetail) error { seen = k; return nil })
	if err != nil || seen.OwnerID != colleague || !seen.Self || !seen.Editable || len(seen.Contacts) != 1 {
		t.Errorf("%+v, %v", seen, err)
	}
	if got := w.query("SELECT action || ' ' || user_id || ' ' || changes FROM operation_logs WHERE organization_id = $1 AND entity = 'customer' ORDER BY id DESC LIMIT 1", orgA); got !=
		`take 4 {"customer_common_setting_id":[1,null],"department_id":[null,2],"user_id":[null,4]}` {
		t.Errorf("the log says %s", got)
	}
	// Who is in the pool is told that it was taken, others that there is nothing.
	for user, want := range map[int64]string{owner: errCustomerTaken.Message, helper: "hidden", inSales: errCustomerTaken.Message} {
		if got := verdict(w.TakeCustomer(t.Context(), w.as(orgA, user), 2, shown)); got != want {
			t.Errorf("user %d comes too late: %s", user, got)
		}
	}
	if got := verdict(w.TakeCustomer(t.Context(), w.as(orgA, colleague), 99, shown)); got != "hidden" {
		t.Errorf("one that is not there: %s", got)
	}
	if got := verdict(w.TakeCustomer(t.Context(), w.as(orgB, admin), 4, shown)); got != "hidden" {
		t.Errorf("another organization's: %s", got)
	}
}

// 64 people want one customer: one gets it, the others are told that it is gone.
func TestSimultaneousTakes(t *testing.T) {
	const people = 64
	w := poolWorld(t)
	w.setPool(salesPool, func(p *crm.Pool) { p.Everybody = true })
	w.amend(orgA, func(tx *store.Write) error {
		for i := range int64(people) {
			u := crm.User{ID: 100 + i, Name: fmt.Sprint("抢", i), RoleID: 2, DepartmentID: 2, State: crm.UserActive, CreatedAt: 1, UpdatedAt: 1}
			if err := tx.AddUser(&u, cheapHash(password)); err != nil {
				return err
			}
		}
		return nil
	})
	callers := make([]*Caller, people)
	for i := range callers {
		callers[i] = w.as(orgA, 100+int64(i))
	}
	verdicts := make([]string, people)
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() { verdicts[i] = verdict(w.TakeCustomer(t.Context(), callers[i], 2, shown)) })
	}
	all.Wait()
	winner := slices.Index(verdicts, "done")
	if winner < 0 {
		t.Fatal("nobody has it")
	}
	for i, v := range verdicts {
		if i != winner && v != errCustomerTaken.Message {
			t.Errorf("person %d: %s", i, v)
		}
	}
	if k := w.customer(2); k.OwnerID != 100+int64(winner) {
		t.Errorf("it is %d's, but %d was told so", k.OwnerID, 100+winner)
	}
	if n := w.query("SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND action = 'take'", orgA); n != "1" {
		t.Errorf("%s takes are in the log", n)
	}
}

func TestTakeSeveral(t *testing.T) {
	w := poolWorld(t)
	w.setPool(marketPool, func(p *crm.Pool) { p.Members = []int64{colleague} })
	c := w.as(orgA, colleague)
	var out *Several
	show := func(s *Several) error { out = s; return nil }
	before := w.rows(orgA)
	if err := w.TakeCustomers(t.Context(), c, []int64{99, 1}, show); err != nil || len(out.Done) != 0 || len(out.Failures) != 2 {
		t.Errorf("%+v, %v", out, err)
	}
	if after := w.rows(orgA); after != before {
		t.Errorf("nothing was taken: there was %s, there is %s", before, after)
	}
	err := w.TakeCustomers(t.Context(), c, []int64{4, 2, 99, 3, 4}, show)
	if err != nil || !slices.Equal(out.Done, []int64{2, 4}) || len(out.Failures) != 2 || out.Failures[0].ID != 3 ||
		verdict(out.Failures[0].Error) != "hidden" || out.Failures[1].ID != 99 {
		t.Errorf("%+v, %v", out, err)
	}
	if a, b := w.customer(2), w.customer(4); a.OwnerID != colleague || b.OwnerID != colleague || b.HomePoolID != marketPool {
		t.Errorf("%s; %s", places(a), places(b))
	}
	if got := verdict(w.TakeCustomers(t.Context(), c, nil, show)); got != "编号列表不能为空" {
		t.Errorf("without ids: %s", got)
	}
	if got := verdict(w.TakeCustomers(t.Context(), c, make101(), show)); got != "一次最多操作100条记录" {
		t.Errorf("with too many: %s", got)
	}
}

func make101() (ids []int64) {
	for i := range int64(101) {
		ids = append(ids, i+1)
	}
	return ids
}

func TestFormerOwnerMayNotTakeBack(t *testing.T) {
	w := poolWorld(t)
	w.setPool(marketPool, func(p *crm.Pool) { p.GrabDays = 3; p.Members = []int64{helper, colleague}; p.Managers = nil })
	const late = "前负责人在规定天数内不能领取该客户"
	take := func(user int64) string {
		return verdict(w.TakeCustomer(t.Context(), w.as(orgA, user), 4, shown))
	}
	w.clock.advance(3*24*time.Hour - time.Millisecond)
	if got := take(helper); got != late {
		t.Errorf("a moment too early: %s", got)
	}
	w.clock.advance(time.Millisecond)
	if got := take(helper); got != "done" {
		t.Errorf("when the days are over: %s", got)
	}

	w = poolWorld(t)
	w.setPool(marketPool, func(p *crm.Pool) { p.GrabDays = 3; p.Members = []int64{helper, colleague} })
	if got := take(colleague); got != "done" {
		t.Errorf("another one: %s", got)
	}
	w = poolWorld(t) // it came in before there was a limit
	w.setPool(marketPool, func(p *crm.Pool) { p.GrabDays, p.GrabFrom = 3, startOfClock+1 })
	if got := take(helper); got != "done" {
		t.Errorf("before the limit: %s", got)
	}
}

// The owner has one customer already, which is of category 4 as the one in the
// pool.
func TestOwnedLimits(t *testing.T) {
	const full = "负责人的客户数已达上限"
	for name, c := range map[string]struct {
		limits crm.OwnedLimits
		want   string
	}{
		"of everybody":              {crm.OwnedLimits{Each: 1}, full},
		"of the user":               {crm.OwnedLimits{Each: 5, Users: map[int64]int{owner: 1}}, full},
		"of the category":           {crm.OwnedLimits{Categories: map[int64]int{4: 1}}, full},
		"of category and user":      {crm.OwnedLimits{Each: 1, Users: map[int64]int{owner: 9}, Categories: map[int64]int{4: 1}}, full},
		"not reached":               {crm.OwnedLimits{Each: 2, Categories: map[int64]int{4: 2}}, "done"},
		"of another user":           {crm.OwnedLimits{Users: map[int64]int{colleague: 1}}, "done"},
		"of another category":       {crm.OwnedLimits{Categories: map[int64]int{12: 1}}, "done"},
		"lifted for the user":       {crm.OwnedLimits{Each: 1, Users: map[int64]int{owner: 0}}, "done"},
		"none":                      {crm.OwnedLimits{}, "done"},
		"lifted where there is one": {crm.OwnedLimits{Each: 1, Users: map[int64]int{owner: 2}}, "done"},
	} {
		for how, do := range map[string]func(w *world) error{
			"taking":   func(w *world) error { return w.TakeCustomer(t.Context(), w.as(orgA, owner), 2, shown) },
			"transfer": func(w *world) error { return w.TransferPooled(t.Context(), w.as(orgA, boss), 2, owner, shown) },
		} {
			w := poolWorld(t)
			w.amend(orgA, func(tx *store.Write) error {
				for _, id := range []int64{1, 2} {
					k, err := tx.Customer(orgA, id)
					if err != nil {
						return err
					}
					k.Category = 4
					if err := tx.SetCustomer(k); err != nil {
						return err
					}
				}
				return tx.SetSettings(crm.Settings{OwnedLimit: c.limits})
			})
			if got := verdict(do(w)); got != c.want {
				t.Errorf("%s, %s: %s", name, how, got)
			}
			if k := w.customer(2); (k.OwnerID == owner) != (c.want == "done") {
				t.Errorf("%s, %s: %s", name, how, places(k))
			}
		}
	}
}

func TestWhoTransfersOutOfAPool(t *testing.T) {
	for user, want := range map[int64]string{
		boss: "done", admin: "done", colleague: "forbidden", owner: "forbidden", wholeFirm: "forbidden", helper: "hidden",
	} {
		w := poolWorld(t)
		var row *crm.CustomerRow
		got := verdict(w.TransferPooled(t.Context(), w.as(orgA, user), 2, owner, func(k *crm.CustomerRow) error { row = k; return nil }))
		if got != want {
			t.Errorf("user %d: %s, want %s", user, got, want)
		}
		if want != "done" {
			continue
		}
		if row.OwnerID != owner || row.DepartmentID != 2 || row.BeforePoolID != salesPool || row.PoolID != 0 {
			t.Errorf("user %d is shown %s", user, places(&row.Customer))
		}
		if got, want := w.said(owner), fmt.Sprintf("用户%d转移了客户「%s」", user, customerName); len(got) != 1 || got[0] != want {
			t.Errorf("the new owner is told %v", got)
		}
	}
}

// A manager needs no right to give away what lies in the own pool.
func TestTransferWithoutTheRight(t *testing.T) {
	w := poolWorld(t)
	w.setPool(salesPool, func(p *crm.Pool) { p.Managers = []int64{powerless} })
	if got := verdict(w.TransferPooled(t.Context(), w.as(orgA, powerless), 2, owner, shown)); got != "done" {
		t.Error(got)
	}
}

func TestTransferNeedsAMember(t *testing.T) {
	w := poolWorld(t)
	c := w.as(orgA, boss)
	for user, want := range map[int64]string{boss: "该用户不是公海成员", helper: "该用户不是公海成员", disabled: "负责人不存在", 99: "负责人不存在"} {
		if got := verdict(w.TransferPooled(t.Context(), c, 2, user, shown)); got != want {
			t.Errorf("to %d: %s", user, got)
		}
	}
	if got := verdict(w.TransferPooled(t.Context(), c, 1, owner, shown)); got != "hidden" {
		t.Errorf("one of a subordinate's: %s", got)
	}
	if got := verdict(w.TransferPooled(t.Context(), w.as(orgA, helper), 3, helper, shown)); got != "hidden" {
		t.Errorf("one out of sight: %s", got)
	}
}

func TestRowHasThePathOfParents(t *testing.T) {
	w := poolWorld(t)
	w.amend(orgA, func(tx *store.Write) error {
		for child, parent := range map[int64]int64{2: 3, 3: 1} {
			k, err := tx.Customer(orgA, child)
			if err != nil {
				return err
			}
			k.ParentID = parent
			if err := tx.SetCustomer(k); err != nil {
				return err
			}
		}
		return nil
	})
	err := w.TransferPooled(t.Context(), w.as(orgA, boss), 2, owner, func(k *crm.CustomerRow) error {
		if !slices.Equal(k.Parents, []int64{3, 1}) {
			t.Errorf("the parents are %v", k.Parents)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
