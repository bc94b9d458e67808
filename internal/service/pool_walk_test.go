package service

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/job"
	"guanxi/internal/store"
)

// What is decided when the page is read is decided anew when it is written.
func TestRecordsThatChangedMeanwhile(t *testing.T) {
	for name, change := range map[string]func(w *world){
		"the rule is off":    func(w *world) { w.setPool(8, func(p *crm.Pool) { p.Unfollowed.On = false }) },
		"it was followed up": func(w *world) { w.touch(func(k *crm.Customer) { k.RevisitAt = crm.At(w.clock.Now()) }) },
		"it was taken away": func(w *world) {
			w.touch(func(k *crm.Customer) { k.OwnerID, k.OwnedAt = colleague, crm.At(w.clock.Now()) })
		},
		"the owner has left":   func(w *world) { w.setPool(8, func(p *crm.Pool) { p.Departments = nil }) },
		"it is gone":           func(w *world) { w.amend(orgA, func(tx *store.Write) error { return tx.DeleteCustomer(20) }) },
		"there is no limit":    func(w *world) { w.setPool(8, func(p *crm.Pool) { p.Unfollowed.Days = 100 }) },
		"it is won by now":     func(w *world) { w.touch(func(k *crm.Customer) { k.HomePoolID = salesPool }) },
		"it fell a moment ago": func(w *world) { w.sweep() },
	} {
		w := fallWorld(t, nil)
		w.hold(20, owner, nil)
		w.until(12, "10:00")
		if name == "it fell a moment ago" {
			change(w)
			change = func(*world) {}
		}
		run := w.ask()
		fell := w.query("SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND action = 'flow_into_common'", orgA)
		change(w)
		if err := w.Service.fallStep(t.Context(), run, fallPlace{Entity: "customer"}, []int64{20}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := w.query("SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND action = 'flow_into_common'", orgA); n != fell {
			t.Errorf("%s: it falls", name)
		}
		if got := w.query("SELECT cursor FROM jobs WHERE organization_id = $1 AND kind = 'pools.fall'", orgA); !strings.Contains(got, `"after":20`) {
			t.Errorf("%s: the place is %s", name, got)
		}
	}
}

// touch changes customer 20 past the service.
func (w *world) touch(patch func(*crm.Customer)) {
	w.t.Helper()
	w.amend(orgA, func(tx *store.Write) error {
		k, err := tx.Customer(orgA, 20)
		if err != nil {
			return err
		}
		patch(k)
		return tx.SetCustomer(k)
	})
}

// The rule is switched off while a walk lies still: those behind its place stay.
func TestRuleSwitchedOffBetweenSteps(t *testing.T) {
	w := fallWorld(t, nil)
	for id := range int64(2*fallAtOnce + 10) {
		w.hold(100+id, owner, nil)
	}
	w.until(12, "10:00")
	run := w.ask()
	var err error
	for left := 0; left < 100; left++ { // as far as the first step
		if err = w.Service.fall(&countdown{t.Context(), left}, run); w.query("SELECT count(*) FROM customers WHERE organization_id = $1 AND pool_id = 8", orgA) != "0" {
			break
		}
	}
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("the walk was not interrupted: %v", err)
	}
	if err := w.UpdatePool(t.Context(), w.as(orgA, admin), 8, func(p *crm.Pool) error { p.Unfollowed.On = false; return nil }, shown); err != nil {
		t.Fatal(err)
	}
	next := w.claimed("pools.fall")
	if next.Cursor() == "" {
		t.Error("it does not go on where it was")
	}
	if err := w.Service.fall(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	if n := w.query("SELECT count(*) FROM customers WHERE organization_id = $1 AND pool_id = 8", orgA); n != fmt.Sprint(fallAtOnce) {
		t.Errorf("%s fell, want the first %d", n, fallAtOnce)
	}
}

func TestWhenToWalk(t *testing.T) {
	noon := crm.At(time.Date(2026, 3, 1, 12, 0, 0, 0, crm.China))
	minute := crm.Time(60_000)
	pool := &crm.Pool{PoolSettings: crm.PoolSettings{Unfollowed: crm.PoolRule{On: true, Days: 10, FlowTime: "12:30", NoticeDays: 1, NoticeTime: "12:40"}}}
	d := &crm.Directory{Pools: map[int64]*crm.Pool{1: pool}}
	for _, c := range []struct {
		name      string
		last, now crm.Time
		want      bool
	}{
		{"the first time", 0, noon, true},
		{"a moment later", noon, noon + minute, false},
		{"the time of the fall", noon + 29*minute, noon + 30*minute, true},
		{"after it", noon + 30*minute, noon + 31*minute, false},
		{"the time of the notice", noon + 31*minute, noon + 41*minute, true},
		{"before it", noon + 31*minute, noon + 39*minute, false},
		{"an hour later", noon + 41*minute, noon + 101*minute, true},
	} {
		if got := walkDue(d, c.last, c.now); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	pool.Unfollowed.On = false
	if walkDue(d, 0, noon) {
		t.Error("without a rule")
	}
}

// A run that has nothing to do leaves what the last walk has left.
func TestRunWithoutAWalk(t *testing.T) {
	w := fallWorld(t, nil)
	w.hold(20, owner, nil)
	w.until(12, "10:00")
	run := w.ask()
	last := fmt.Sprintf(`{"began":%d,"looked":7}`, run.Now().UnixMilli()-1)
	if err := w.store.FinishJob(t.Context(), run.Claim(), store.JobEnd{State: crm.JobDone, Result: last, Every: 1000, At: crm.At(run.Now())}); err != nil {
		t.Fatal(err)
	}
	run = w.claimed("pools.fall")
	if err := w.Service.fall(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	if k := w.customer(20); k.OwnerID != owner {
		t.Errorf("it walks: %s", places(k))
	}
	w.clock.advance(time.Hour)
	w.sweepAfter(run)
	if k := w.customer(20); k.PoolID != 8 {
		t.Errorf("an hour later it does not: %s", places(k))
	}
}

// sweepAfter ends a run with the result that it came with and runs the next one.
func (w *world) sweepAfter(run *job.Run) {
	w.t.Helper()
	if err := w.store.FinishJob(w.t.Context(), run.Claim(), store.JobEnd{State: crm.JobDone, Result: run.Job().Result, Every: 1000, At: crm.At(run.Now())}); err != nil {
		w.t.Fatal(err)
	}
	if err := w.Service.fall(w.t.Context(), w.claimed("pools.fall")); err != nil {
		w.t.Fatal(err)
	}
}
