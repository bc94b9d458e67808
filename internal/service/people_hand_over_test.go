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

// init adds the row of hand-overs to what is tested of all jobs: more records
// than one transaction takes, of each kind.
func init() {
	kindCases[HandOverKind] = kindCase{
		payload: fmt.Sprintf(`{"from":%d,"to":%d}`, owner, colleague),
		fill: func(tx *store.Write) error {
			var errs []error
			for i := range int64(2*handOverPage + 10) {
				k := crm.Customer{ID: 100 + i, OwnerID: owner, DepartmentID: 2, Name: fmt.Sprint("客户", i), Approval: crm.Approved, CreatedAt: 1, UpdatedAt: 1,
					Address: crm.Address{ID: 1000 + i, CreatedAt: 1, UpdatedAt: 1}}
				l := crm.Lead{ID: 100 + i, OwnerID: owner, Name: fmt.Sprint("线索", i), CreatedAt: 1, UpdatedAt: 1, Address: crm.Address{ID: 2000 + i, CreatedAt: 1, UpdatedAt: 1}}
				a := k
				a.ID, a.Address.ID, a.OwnerID = 500+i, 3000+i, []int64{boss, colleague}[i%2]
				errs = append(errs, tx.AddCustomer(&k), tx.AddLead(&l), tx.AddCustomer(&a), tx.AddAssistant(a.ID, owner))
			}
			return errors.Join(append(errs, tx.AddAssistant(100, colleague), tx.AddAssistant(500, colleague))...)
		},
		effect: func(w *world) string {
			count := func(what string, args ...any) string {
				return w.query("SELECT count(*) FROM "+what, append([]any{orgA}, args...)...)
			}
			return fmt.Sprint(
				count("customers WHERE organization_id = $1 AND user_id = $2", owner), " customers left, ",
				count("customers WHERE organization_id = $1 AND user_id = $2 AND before_user_id = $3", colleague, owner), " customers, ",
				count("leads WHERE organization_id = $1 AND user_id = $2 AND before_user_id = $3", colleague, owner), " leads, ",
				count("customer_assistants WHERE organization_id = $1 AND user_id = $2", owner), " assisted left, ",
				count("customer_assistants WHERE organization_id = $1 AND user_id = $2", colleague), " assisted, ",
				count("operation_logs WHERE organization_id = $1 AND action = 'hand_over'"), " rows, ",
				count("operation_logs WHERE organization_id = $1 AND action = 'handed_over'"), " ends, ",
				count("notifications WHERE organization_id = $1 AND kind = 'handed_over'"), " notices; elsewhere ",
				w.query("SELECT count(*) FROM customers WHERE organization_id = $1 AND user_id = $2", orgB, owner))
		},
	}
}

// passOn asks for a hand-over and gives its state.
func (w *world) passOn(c *Caller, from, to int64) (state *HandOverState, err error) {
	err = w.HandOver(w.t.Context(), c, from, to, func(h *HandOverState) error {
		state = h
		return nil
	})
	return state, err
}

func TestHandOver(t *testing.T) {
	w := staffed(t)
	manager := w.as(orgA, wholeFirm)
	w.amend(orgA, func(tx *store.Write) error {
		l := crm.Lead{ID: 7, OwnerID: boss, DepartmentID: 1, Name: "线索", CreatedAt: 1, UpdatedAt: 1, Address: crm.Address{ID: 70, CreatedAt: 1, UpdatedAt: 1}}
		return errors.Join(tx.AddLead(&l), tx.AddAssistant(1, boss), tx.AddAssistant(3, colleague))
	})
	w.setPool(1, func(p *crm.Pool) { p.Managers, p.Members = []int64{boss, admin}, []int64{boss, colleague} })
	if err := w.disable(manager, boss); err != nil {
		t.Fatal(err)
	}
	state, err := w.passOn(manager, boss, colleague)
	if err != nil || state.Job.State != crm.JobWaiting || state.From != boss || state.To != colleague {
		t.Fatalf("%+v, %v", state, err)
	}
	w.logged("user", boss, "hand_over", "hand_over_to: <nil> → 4")
	if again, err := w.passOn(manager, boss, colleague); err != nil || again.Job.ID != state.Job.ID {
		t.Errorf("asked for again: %+v, %v", again, err)
	}
	if _, err := w.passOn(manager, boss, helper); !errors.Is(err, errHandingOver) {
		t.Errorf("to somebody else meanwhile: %v", err)
	}
	if err := w.fire(manager, boss); !errors.Is(err, crm.Invalid("", "")) {
		t.Errorf("deleted meanwhile: %v", err)
	}
	w.clock.advance(time.Hour)
	if err := w.runJob(HandOverKind); err != nil {
		t.Fatal(err)
	}
	state, err = w.HandOverOf(t.Context(), manager, boss)
	if err != nil || state.Job.State != crm.JobDone || state.Job.Done != 3 || state.Job.Total != 3 ||
		state.Handed != (Handed{Customers: 1, Leads: 1, Assisted: 1, Reports: 1, Pools: 1}) {
		t.Errorf("%+v of %+v, %v", state, state.Job, err)
	}
	k := w.customer(3)
	if k.OwnerID != colleague || k.DepartmentID != 2 || k.BeforeUserID != boss || k.BeforeDepartmentID != 1 || k.OwnedAt <= startOfClock {
		t.Errorf("the customer is %+v", k)
	}
	w.logged("customer", 3, "hand_over", "assist_user_ids: [4] → <nil>", "department_id: 1 → 2", "user_id: 3 → 4")
	w.logged("customer", 1, "hand_over", "assist_user_ids: [3 7] → [4 7]")
	w.logged("lead", 7, "hand_over", "department_id: 1 → 2", "user_id: 3 → 4")
	w.logged("user", owner, "hand_over", "superior_id: 3 → 4")
	if l := w.lead(orgA, 7); l.OwnerID != colleague || l.BeforeUserID != boss {
		t.Errorf("the lead is %+v", l)
	}
	p := w.directory().Pools[1]
	if !slices.Equal(p.Managers, []int64{admin, colleague}) || !slices.Equal(p.Members, []int64{colleague}) {
		t.Errorf("the pool has %v and %v", p.Managers, p.Members)
	}
	if !w.directory().Viewer(colleague).Subordinates[owner] {
		t.Error("the subordinate is nobody's")
	}
	if told := w.told(orgA, colleague); !slices.Equal(told, []string{"handed_over user 3: 用户3"}) {
		t.Errorf("told %q", told)
	}
	if err := w.fire(manager, boss); err != nil {
		t.Errorf("deleted afterwards: %v", err)
	}
	// Nothing is left to hand over: the next one finds nothing and tells nobody.
	if err := w.disable(manager, helper); err != nil {
		t.Fatal(err)
	}
	if _, err := w.passOn(manager, helper, colleague); err != nil {
		t.Fatal(err)
	}
	if err := w.runJob(HandOverKind); err != nil {
		t.Fatal(err)
	}
	if _, err := w.passOn(manager, helper, owner); err != nil {
		t.Errorf("once more, after the end: %v", err)
	}
	if err := w.runJob(HandOverKind); err != nil {
		t.Fatal(err)
	}
	if told := w.told(orgA, owner); len(told) != 0 {
		t.Errorf("told of nothing: %q", told)
	}
}

// Who takes over from the own superior does not get below oneself, nor below
// those who were below the superior.
func TestHandOverToSomebodyBelow(t *testing.T) {
	for name, c := range map[string]struct {
		superiors map[int64]int64
		to        int64
		want      string
	}{
		"to somebody elsewhere":     {map[int64]int64{boss: admin, owner: boss, helper: boss}, colleague, "2:4 3:1 7:4"},
		"to somebody right below":   {map[int64]int64{boss: admin, owner: boss, helper: boss}, owner, "2:1 3:1 7:2"},
		"to somebody further below": {map[int64]int64{boss: admin, owner: boss, helper: owner, colleague: boss}, helper, "2:1 3:1 4:7 7:2"},
		"to the own superior":       {map[int64]int64{boss: colleague, owner: boss}, colleague, "2:4 3:4"},
	} {
		t.Run(name, func(t *testing.T) {
			w := staffed(t)
			w.amend(orgA, func(tx *store.Write) error {
				var errs []error
				for id, superior := range c.superiors {
					u := *w.directory().Users[id]
					u.SuperiorID = superior
					errs = append(errs, tx.SetUser(&u))
				}
				return errors.Join(errs...)
			})
			if _, err := w.passOn(w.as(orgA, wholeFirm), boss, c.to); err != nil {
				t.Fatal(err)
			}
			if err := w.runJob(HandOverKind); err != nil {
				t.Fatal(err)
			}
			var got []string
			for id := int64(1); id <= 11; id++ {
				if superior := w.directory().Users[id].SuperiorID; superior != 0 {
					got = append(got, fmt.Sprint(id, ":", superior))
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("superiors are %v, want %s", got, c.want)
			}
		})
	}
}

func TestHandOversThatCannotBe(t *testing.T) {
	w := staffed(t)
	manager := w.as(orgA, wholeFirm)
	for name, c := range map[string]struct {
		from, to int64
		want     error
	}{
		"to oneself":               {owner, owner, crm.Invalid("", "")},
		"to nobody":                {owner, 99, crm.Invalid("", "")},
		"to a disabled user":       {owner, disabled, crm.Invalid("", "")},
		"from nobody":              {99, owner, crm.ErrNotFound},
		"from a super by somebody": {admin, owner, crm.ErrForbidden},
	} {
		if _, err := w.passOn(manager, c.from, c.to); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.HandOverOf(t.Context(), manager, owner); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the state of none: %v", err)
	}
	w.forbidden("hand over", func(c *Caller) error { _, err := w.passOn(c, colleague, helper); return err })
	w.forbidden("state", func(c *Caller) error { _, err := w.HandOverOf(t.Context(), c, colleague); return err })
	// The receiver goes before it begins: it fails for good, and everything stays.
	if _, err := w.passOn(manager, owner, colleague); err != nil {
		t.Fatal(err)
	}
	if err := w.disable(manager, colleague); err != nil {
		t.Fatal(err)
	}
	var failure *job.Failure
	if err := w.runJob(HandOverKind); !errors.As(err, &failure) || !failure.Final {
		t.Errorf("to somebody who is gone: %v", err)
	}
	if k := w.customer(1); k.OwnerID != owner {
		t.Errorf("the customer is %d's", k.OwnerID)
	}
}
