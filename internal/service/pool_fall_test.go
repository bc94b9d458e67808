package service

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/job"
	"guanxi/internal/store"
)

// fallCase is the row of the job in kindCases: customers and leads of more than
// one page, of which some are to fall and the owners of some are to be told.
var fallCase = kindCase{
	fill: func(tx *store.Write) error {
		long := crm.Time(startOfClock) - 100*oneDay
		rule := crm.PoolRule{On: true, Since: long, Days: 10, NoticeDays: 2}
		errs := []error{
			tx.AddPool(&crm.Pool{ID: 5, Name: "自动", PoolSettings: crm.PoolSettings{Everybody: true, Unfollowed: rule}}, long),
			tx.AddPool(&crm.Pool{ID: 6, Entity: "lead", Name: "自动线索", PoolSettings: crm.PoolSettings{Everybody: true, Unfollowed: rule}}, long),
		}
		for i := range int64(600) {
			made := crm.Time(startOfClock) - []crm.Time{1, 9, 20, 30}[i%4]*oneDay
			k := crm.Customer{ID: 101 + i, OwnerID: owner, DepartmentID: 2, Name: fmt.Sprint("客户", i), Approval: crm.Approved,
				CreatedAt: made, UpdatedAt: made, Address: crm.Address{ID: 1000 + i}}
			errs = append(errs, tx.AddCustomer(&k))
			if i%50 == 0 {
				errs = append(errs, tx.AddAssistant(k.ID, helper))
			}
		}
		for i := range int64(40) {
			l := crm.Lead{ID: 101 + i, OwnerID: owner, Name: fmt.Sprint("线索", i), CreatedAt: startOfClock - 20*oneDay, Address: crm.Address{ID: 2000 + i}}
			errs = append(errs, tx.AddLead(&l))
		}
		return errors.Join(errs...)
	},
	effect: func(w *world) string {
		count := func(what string, org int64) string {
			return w.query("SELECT count(*) FROM "+what, org)
		}
		var out []string
		for _, what := range []string{
			"customers WHERE organization_id = $1 AND pool_id = 5 AND user_id IS NULL AND before_user_id = 2",
			"leads WHERE organization_id = $1 AND pool_id = 6 AND before_user_id = 2",
			"customer_assistants WHERE organization_id = $1",
			"notifications WHERE organization_id = $1 AND kind = 'flowed_into_common'",
			"notifications WHERE organization_id = $1 AND kind = 'will_flow_into_common'",
			"operation_logs WHERE organization_id = $1 AND action = 'flow_into_common'",
		} {
			out = append(out, count(what, orgA)+" "+count(what, orgB))
		}
		return strings.Join(out, ", ")
	},
}

func TestOneFallOfMany(t *testing.T) {
	w := jobWorld(t, "pools.fall", fallCase)
	run := w.claimed("pools.fall")
	if err := w.Service.fall(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	// Half of 600 customers fall, of which 6 had a collaborator besides; of a quarter
	// the owners are told.
	if got := fallCase.effect(w); got != "300 0, 40 0, 7 13, 346 0, 150 0, 340 0" {
		t.Errorf("the run leaves %s", got)
	}
	if done, _ := run.Done(); done != 643 {
		t.Errorf("it has looked at %d records", done)
	}
}

// fallWorld is a world of pools in which records fall into the pool of sales.
func fallWorld(t *testing.T, patch func(*crm.PoolSettings)) *world {
	t.Helper()
	w := poolWorld(t)
	long := crm.Time(startOfClock) - 1000*oneDay
	w.amend(orgA, func(tx *store.Write) error {
		// What the owner has besides is another one's.
		k, err := tx.Customer(orgA, 1)
		if err != nil {
			return err
		}
		k.OwnerID = helper
		set := crm.PoolSettings{Managers: []int64{boss}, Departments: []int64{2},
			Unfollowed: crm.PoolRule{On: true, Since: long, Days: 10, NoticeDays: 2, FlowTime: "16:00", NoticeTime: "09:00"}}
		if patch != nil {
			patch(&set)
		}
		return errors.Join(tx.SetCustomer(k), tx.AddPool(&crm.Pool{ID: 8, Name: "销售公海", PoolSettings: set}, long),
			tx.AddPool(&crm.Pool{ID: 9, Entity: "lead", Name: "销售线索", PoolSettings: set}, long))
	})
	return w
}

// hold adds a customer of somebody.
func (w *world) hold(id, user int64, patch func(*crm.Customer)) {
	w.t.Helper()
	at := crm.At(w.clock.Now())
	k := crm.Customer{ID: id, OwnerID: user, DepartmentID: 2, Name: fmt.Sprint("客户", id), Approval: crm.Approved, CreatedAt: at,
		OwnedAt: at, UpdatedAt: at, Address: crm.Address{ID: 1000 + id}}
	if patch != nil {
		patch(&k)
	}
	w.amend(orgA, func(tx *store.Write) error { return tx.AddCustomer(&k) })
}

// sweep runs the job once.
func (w *world) sweep() {
	w.t.Helper()
	run := w.ask()
	if err := w.Service.fall(w.t.Context(), run); err != nil {
		w.t.Fatal(err)
	}
	w.finish(run)
}

// ask asks for a run of the job and claims it.
func (w *world) ask() *job.Run {
	w.t.Helper()
	w.amend(orgA, func(tx *store.Write) error {
		_, err := tx.Enqueue(0, crm.NewJob{Kind: "pools.fall", Key: crm.JobPeriodic, At: crm.At(w.clock.Now())})
		return err
	})
	return w.claimed("pools.fall")
}

// until moves the clock to a moment in +08:00, given in days and time.
func (w *world) until(days int, clock string) {
	w.t.Helper()
	first := time.UnixMilli(startOfClock).In(crm.China).AddDate(0, 0, days).Format("2006-01-02 ")
	at, err := time.ParseInLocation("2006-01-02 15:04", first+clock, crm.China)
	if err != nil || at.Before(w.clock.Now()) {
		w.t.Fatal(at, err)
	}
	w.clock.advance(at.Sub(w.clock.Now()))
}

// The clock starts at 03:33: what is got then is due ten days later, and falls at
// the sweep of 16:00.
func TestFallOfACustomer(t *testing.T) {
	w := fallWorld(t, nil)
	w.hold(20, owner, nil)
	w.amend(orgA, func(tx *store.Write) error { return tx.AddAssistant(20, helper) })
	const soon = "客户「客户20」因10天未跟进,将于2019-02-23 16:00划入公海「销售公海」"
	const fell = "客户「客户20」因10天未跟进,已划入公海「销售公海」"
	for _, step := range []struct {
		days   int
		clock  string
		pooled bool
		said   []string
	}{
		{1, "16:00", false, nil},
		{8, "08:58", false, nil},
		{8, "09:00", false, []string{soon}},
		{8, "12:00", false, []string{soon}},
		{9, "16:00", false, []string{soon}},
		{10, "15:58", false, []string{soon}},
		{10, "16:00", true, []string{fell, soon}},
		{11, "16:00", true, []string{fell, soon}},
	} {
		w.until(step.days, step.clock)
		w.sweep()
		k := w.customer(20)
		if (k.PoolID == 8) != step.pooled {
			t.Errorf("day %d, %s: %s", step.days, step.clock, places(k))
		}
		for _, user := range []int64{owner, helper} {
			if got := w.said(user); !slices.Equal(got, step.said) {
				t.Errorf("day %d, %s: %d is told %v", step.days, step.clock, user, got)
			}
		}
	}
	k := w.customer(20)
	at := crm.At(time.UnixMilli(startOfClock).In(crm.China).AddDate(0, 0, 10)).Std().In(crm.China).Format("2006-01-02")
	if got, want := places(k), fmt.Sprintf("owner 0 of 0 since 0, pool 8 since %d, home 0, before 2 of 2 in 0", k.FlowIntoAt); got != want ||
		k.FlowIntoAt.Std().In(crm.China).Format("2006-01-02 15:04") != at+" 16:01" {
		t.Errorf("%s, want %s", got, want)
	}
	if got := w.query("SELECT coalesce(user_id, 0) || ' ' || changes FROM operation_logs WHERE organization_id = $1 AND action = 'flow_into_common'", orgA); got !=
		`0 {"assist_user_ids":[[7],null],"customer_common_setting_id":[null,8],"department_id":[2,null],"user_id":[2,null]}` {
		t.Errorf("the log says %s", got)
	}
}

func TestFollowUpMovesTheFall(t *testing.T) {
	w := fallWorld(t, nil)
	w.hold(20, owner, nil)
	w.until(9, "10:00")
	w.sweep()
	if got := len(w.said(owner)); got != 1 {
		t.Fatalf("%d notices", got)
	}
	w.amend(orgA, func(tx *store.Write) error {
		k, err := tx.Customer(orgA, 20)
		k.RevisitAt = crm.At(w.clock.Now())
		return errors.Join(err, tx.SetCustomer(k))
	})
	for _, step := range []struct {
		days, notices int
		pooled        bool
	}{{11, 1, false}, {16, 1, false}, {17, 2, false}, {18, 2, false}, {19, 3, true}} {
		w.until(step.days, "17:00")
		w.sweep()
		if got := len(w.said(owner)); got != step.notices || (w.customer(20).PoolID == 8) != step.pooled {
			t.Errorf("day %d: %d notices, %s", step.days, got, places(w.customer(20)))
		}
	}
}

// What the rules leave out stays whose it is.
func TestWhatFalls(t *testing.T) {
	for name, c := range map[string]struct {
		settings func(*crm.PoolSettings)
		customer func(*crm.Customer)
		falls    bool
	}{
		"a member's":                   {nil, nil, true},
		"an outsider's":                {nil, func(k *crm.Customer) { k.OwnerID = helper }, false},
		"a super administrator's":      {func(s *crm.PoolSettings) { s.Everybody = true }, func(k *crm.Customer) { k.OwnerID = admin }, false},
		"of who is not active":         {func(s *crm.PoolSettings) { s.Everybody = true }, func(k *crm.Customer) { k.OwnerID = disabled }, true},
		"one that waits for approval":  {nil, func(k *crm.Customer) { k.Approval = crm.Applying }, true},
		"of this home":                 {nil, func(k *crm.Customer) { k.HomePoolID = 8 }, true},
		"of another home":              {nil, func(k *crm.Customer) { k.HomePoolID = salesPool }, false},
		"of a home that is gone":       {nil, func(k *crm.Customer) { k.HomePoolID = 77 }, false},
		"won":                          {nil, func(k *crm.Customer) { k.Status = 11 }, true},
		"won, where that is left out":  {func(s *crm.PoolSettings) { s.Unfollowed.SkipWon = true }, func(k *crm.Customer) { k.Status = 11 }, false},
		"followed up, but not sold":    {unsold, func(k *crm.Customer) { k.RevisitAt = startOfClock + 9*oneDay }, true},
		"sold":                         {unsold, func(k *crm.Customer) { k.Status = 11 }, false},
		"of a category of its own":     {func(s *crm.PoolSettings) { s.Unfollowed.Categories = map[int64]int{4: 90} }, func(k *crm.Customer) { k.Category = 4 }, false},
		"of another category":          {func(s *crm.PoolSettings) { s.Unfollowed.Categories = map[int64]int{4: 90} }, func(k *crm.Customer) { k.Category = 12 }, true},
		"with the rule off":            {func(s *crm.PoolSettings) { s.Unfollowed.On = false }, nil, false},
		"with the rule on since today": {func(s *crm.PoolSettings) { s.Unfollowed.Since = startOfClock + 10*oneDay }, nil, false},
	} {
		w := fallWorld(t, c.settings)
		w.hold(20, owner, c.customer)
		home := w.customer(20).HomePoolID
		w.until(10, "23:00")
		w.sweep()
		if k := w.customer(20); (k.PoolID == 8) != c.falls || (k.OwnerID == 0) != c.falls || k.HomePoolID != home {
			t.Errorf("%s: %s", name, places(k))
		}
	}
}

func unsold(s *crm.PoolSettings) {
	s.Unsold, s.Unfollowed = s.Unfollowed, crm.PoolRule{}
}

func TestFallOfLeads(t *testing.T) {
	w := fallWorld(t, nil)
	w.amend(orgA, func(tx *store.Write) error {
		var errs []error
		for id, turned := range map[int64]int64{20: 0, 21: 1} {
			l := crm.Lead{ID: id, OwnerID: owner, DepartmentID: 2, Name: fmt.Sprint("线索", id), CustomerID: turned, CreatedAt: startOfClock,
				Address: crm.Address{ID: 1000 + id}}
			errs = append(errs, tx.AddLead(&l))
		}
		return errors.Join(errs...)
	})
	w.until(9, "10:00")
	w.sweep()
	w.until(10, "16:00")
	w.sweep()
	if got := w.said(owner); !slices.Equal(got, []string{"线索「线索20」因10天未跟进,已划入公海「销售线索」",
		"线索「线索20」因10天未跟进,将于2019-02-23 16:00划入公海「销售线索」"}) {
		t.Errorf("the owner is told %v", got)
	}
	const of = "SELECT coalesce(user_id, 0) || ' ' || coalesce(pool_id, 0) || ' ' || coalesce(before_user_id, 0) || ' ' || coalesce(before_department_id, 0) FROM leads WHERE organization_id = $1 AND id = $2"
	if got := w.query(of, orgA, 20); got != "0 9 2 2" {
		t.Errorf("the lead: %s", got)
	}
	if got := w.query(of, orgA, 21); got != "2 0 0 0" {
		t.Errorf("the one that became a customer: %s", got)
	}
}

// A member who is added later: what is over the limit already falls at once,
// without notice.
func TestMemberAddedLater(t *testing.T) {
	w := fallWorld(t, func(s *crm.PoolSettings) { s.Departments = nil })
	w.hold(20, owner, nil)
	w.until(30, "10:00")
	w.sweep()
	if k := w.customer(20); k.OwnerID != owner {
		t.Fatal(places(k))
	}
	w.setPool(8, func(p *crm.Pool) { p.Members = []int64{owner} })
	w.sweep()
	if k, said := w.customer(20), w.said(owner); k.PoolID != 8 || len(said) != 1 || !strings.Contains(said[0], "已划入") {
		t.Errorf("%s, %v", places(k), said)
	}
}

// The job does what crm.FallAt says, hour by hour, for customers of all kinds.
func TestFallIsAsToldBefore(t *testing.T) {
	w := fallWorld(t, func(s *crm.PoolSettings) { s.Unfollowed.Categories, s.Unfollowed.Days = map[int64]int{4: 3, 12: 0}, 5 })
	d, err := w.Organization(t.Context(), orgA)
	if err != nil {
		t.Fatal(err)
	}
	told := map[int64]crm.Time{}
	for id := range int64(24) {
		w.hold(20+id, []int64{owner, colleague, helper}[id%3], func(k *crm.Customer) {
			k.Category = []int64{0, 4, 12, 0}[id%4]
			k.OwnedAt -= crm.Time(id) * oneDay / 5
			k.RevisitAt = []crm.Time{0, startOfClock + oneDay + 7, 0, startOfClock - 3*oneDay}[id/3%4]
			told[k.ID] = crm.FallAt(d, k.Holding(d)).At
		})
	}
	for range 24 * 8 {
		w.clock.advance(59 * time.Minute) // and one by the claim
		w.sweep()
		now := crm.At(w.clock.Now())
		for id, at := range told {
			if k := w.customer(id); (k.PoolID == 8) != (at != 0 && at <= now) {
				t.Fatalf("customer %d at %v: %s, told %v", id, now.Std().In(crm.China), places(k), at.Std().In(crm.China))
			}
		}
	}
}
