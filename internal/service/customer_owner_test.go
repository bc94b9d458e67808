package service

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// transfer is TransferCustomer for tests, which gives what the answer shows.
func (w *world) transfer(c *Caller, id, user int64) (out *crm.CustomerDetail, err error) {
	one, _ := acting(c, "")
	err = w.TransferCustomer(w.t.Context(), one, id, user, func(k *crm.CustomerDetail) error {
		out = k
		return nil
	})
	return out, err
}

// assist is SetCustomerAssistants for tests.
func (w *world) assist(c *Caller, id int64, users ...int64) (out []int64, err error) {
	one, _ := acting(c, "")
	err = w.SetCustomerAssistants(w.t.Context(), one, id, users, func(users []int64) error {
		out = users
		return nil
	})
	return out, err
}

func TestTransferCustomer(t *testing.T) {
	w := newWorld(t, settings())
	w.amend(orgA, func(tx *store.Write) error { return tx.AddAssistant(1, inSales) })
	w.clock.advance(1e9)
	now := crm.At(w.clock.Now())
	k, err := w.transfer(w.as(orgA, boss), 1, inSales)
	if err != nil || k.OwnerID != inSales || k.DepartmentID != 2 || k.OwnedAt != now || k.BeforeUserID != owner || k.BeforeDepartmentID != 2 ||
		k.UpdatedAt != now || !slices.Equal(k.Assistants, []int64{helper}) || len(k.Labels) != 2 || k.Status != 1 {
		t.Fatalf("got %+v, %v", k, err)
	}
	w.logged("customer", 1, "transfer", fmt.Sprintf("user_id: %d → %d", owner, inSales), fmt.Sprintf("assist_user_ids: [%d %d] → [%d]", inSales, helper, helper))
	for user, want := range map[int64][]string{owner: {"transferred customer 1: " + customerName}, inSales: {"transferred customer 1: " + customerName},
		helper: {"transferred customer 1: " + customerName}, boss: nil, colleague: nil} {
		if told := w.told(orgA, user); !slices.Equal(told, want) {
			t.Errorf("%d is told %q", user, told)
		}
	}
	// To the one who has it: nothing happens.
	super := w.as(orgA, admin)
	rows := w.rows(orgA)
	if k, err := w.transfer(super, 1, inSales); err != nil || k.OwnerID != inSales || w.rows(orgA) != rows {
		t.Errorf("got %+v, %v", k, err)
	}
	if _, err := w.CustomerDetail(t.Context(), w.as(orgA, owner), 1); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the former owner: %v", err)
	}
	// Who gives a customer away is shown it once more.
	if k, err := w.transfer(w.as(orgA, inSales), 1, boss); err != nil || k.OwnerID != boss || k.DepartmentID != 1 {
		t.Errorf("got %+v, %v", k, err)
	}
}

// TestUpdateOfTheOwner is a transfer in all that follows from it.
func TestUpdateOfTheOwner(t *testing.T) {
	w := newWorld(t, settings())
	k, err := w.update(w.as(orgA, owner), 1, func(d *crm.CustomerDraft) { d.OwnerID, d.Note = helper, "给你" })
	if err != nil || k.OwnerID != helper || k.DepartmentID != 1 || k.BeforeUserID != owner || k.Note != "给你" || len(k.Assistants) != 0 {
		t.Fatalf("got %+v, %v", k, err)
	}
	w.logged("customer", 1, "update", fmt.Sprintf("user_id: %d → %d", owner, helper), "department_id: 2 → 1", "note: <nil> → 给你",
		fmt.Sprintf("assist_user_ids: [%d] → <nil>", helper))
	if told := w.told(orgA, helper); !slices.Equal(told, []string{"transferred customer 1: " + customerName}) {
		t.Errorf("the new owner is told %q", told)
	}
	// With a department that is given, that one counts.
	if k, err := w.update(w.as(orgA, helper), 1, func(d *crm.CustomerDraft) { d.OwnerID, d.DepartmentID = boss, 2 }); err != nil || k.DepartmentID != 2 {
		t.Errorf("got %+v, %v", k, err)
	}
}

// TestWhoTransfers runs both ways to another owner.
func TestWhoTransfers(t *testing.T) {
	w := newWorld(t, settings())
	less := crm.RightsOfNormal()
	delete(less, crm.RightTransferCustomer)
	w.amend(orgA, func(tx *store.Write) error {
		errs := []error{tx.AddRole(&crm.Role{ID: 8, Scope: crm.ScopeOrganization, Rights: less}, startOfClock),
			tx.AddUser(&crm.User{ID: 13, RoleID: 8, State: crm.UserActive, Name: "不能转移"}, cheapHash(password))}
		for id := int64(10); id < 40; id++ {
			errs = append(errs, tx.AddCustomer(&crm.Customer{ID: id, OwnerID: owner, DepartmentID: 2, Name: "转移", Approval: crm.Approved,
				Address: crm.Address{ID: 50 + id}}), tx.AddAssistant(id, helper))
		}
		return errors.Join(errs...)
	})
	id := int64(10)
	for _, x := range []struct {
		name        string
		org, caller int64
		to          int64
		want        error
	}{
		{"owner", orgA, owner, boss, nil}, {"superior", orgA, boss, colleague, nil}, {"super administrator", orgA, admin, colleague, nil},
		{"department's scope", orgA, inSales, inSales, nil}, {"whole organization", orgA, wholeFirm, colleague, nil},
		{"collaborator", orgA, helper, helper, crm.ErrForbidden}, {"without the right", orgA, 13, boss, crm.ErrForbidden},
		{"without any right", orgA, powerless, boss, crm.ErrForbidden}, {"out of scope", orgA, colleague, colleague, crm.ErrNotFound},
		{"another organization", orgB, admin, boss, crm.ErrNotFound}, {"to nobody", orgA, owner, 99, crm.Invalid("", "")},
		{"to a disabled user", orgA, owner, disabled, crm.Invalid("", "")},
	} {
		for way, write := range map[string]func(c *Caller, id int64) error{
			"transfer": func(c *Caller, id int64) error { _, err := w.transfer(c, id, x.to); return err },
			"update": func(c *Caller, id int64) error {
				_, err := w.update(c, id, func(d *crm.CustomerDraft) { d.OwnerID = x.to })
				return err
			},
		} {
			caller, before := w.as(x.org, x.caller), w.rows(x.org)
			if err := write(caller, id); !errors.Is(err, x.want) || err != nil && w.rows(x.org) != before {
				t.Errorf("%s, %s: %v", x.name, way, err)
			}
			id++
		}
	}
	for _, err := range []error{func() error { _, err := w.transfer(w.as(orgA, admin), 2, boss); return err }()} {
		if !errors.Is(err, crm.Invalid("", "")) {
			t.Errorf("out of a pool: %v", err)
		}
	}
}

func TestTransferSeveral(t *testing.T) {
	w := newWorld(t, settings())
	caller, _ := acting(w.as(orgA, boss), "ticket", "several")
	var out *Several
	show := func(s *Several) error { out = s; return nil }
	if err := w.TransferCustomers(t.Context(), caller, []int64{3, 1, 99, 2, 1}, colleague, show); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(out.Done, []int64{1, 3}) || len(out.Failures) != 2 || out.Failures[0].ID != 2 || out.Failures[1].ID != 99 ||
		!errors.Is(out.Failures[0].Error, crm.ErrNotFound) || !errors.Is(out.Failures[1].Error, crm.ErrNotFound) {
		t.Errorf("got %+v", out)
	}
	if told := w.told(orgA, colleague); len(told) != 2 { // one for each
		t.Errorf("the new owner is told %q", told)
	}
	again := w.as(orgA, boss)
	before := w.rows(orgA)
	if err := w.TransferCustomers(t.Context(), again, []int64{2, 99}, colleague, show); err != nil || len(out.Done) != 0 || w.rows(orgA) != before {
		t.Errorf("got %+v, %v", out, err)
	}
	for name, ids := range map[string][]int64{"none": nil, "too many": make([]int64, 102)} {
		for i := range ids {
			ids[i] = int64(i + 1)
		}
		if err := w.TransferCustomers(t.Context(), w.as(orgA, boss), ids, colleague, show); err == nil {
			t.Errorf("%s: no refusal", name)
		}
	}
	// The limit counts what the same call has given already.
	w.set(orgA, func(s *crm.Settings) { s.OwnedLimit.Users = map[int64]int{owner: 1} })
	if err := w.TransferCustomers(t.Context(), w.as(orgA, admin), []int64{1, 3}, owner, show); err != nil || !slices.Equal(out.Done, []int64{1}) ||
		len(out.Failures) != 1 || out.Failures[0].Error.Message != "负责人的客户数已达上限" {
		t.Errorf("got %+v, %v", out, err)
	}
}

func TestAssistants(t *testing.T) {
	w := newWorld(t, settings())
	o := w.as(orgA, owner)
	users, err := w.assist(o, 1, colleague, owner, colleague, inSales)
	if err != nil || !slices.Equal(users, []int64{colleague, inSales}) {
		t.Fatalf("got %v, %v", users, err)
	}
	w.logged("customer", 1, "update_assist_user", fmt.Sprintf("assist_user_ids: [%d] → [%d %d]", helper, colleague, inSales))
	if told := w.told(orgA, colleague); !slices.Equal(told, []string{"assist_added customer 1: " + customerName}) {
		t.Errorf("the new one is told %q", told)
	}
	if told := w.told(orgA, helper); len(told) != 0 {
		t.Errorf("the former one is told %q", told)
	}
	if k, err := w.CustomerDetail(t.Context(), w.as(orgA, colleague), 1); err != nil || !k.Assisting || !k.Editable || k.MayAssist {
		t.Errorf("the new one sees %+v, %v", k, err)
	}
	if _, err := w.CustomerDetail(t.Context(), w.as(orgA, helper), 1); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the former one: %v", err)
	}
	before := w.rows(orgA)
	if users, err := w.assist(o, 1, inSales, colleague); err != nil || len(users) != 2 || w.rows(orgA) != before {
		t.Errorf("the same: %v, %v", users, err)
	}
	for _, x := range []struct {
		name   string
		caller int64
		users  []int64
		want   error
	}{
		{"a collaborator", colleague, nil, crm.ErrForbidden}, {"out of scope", helper, nil, crm.ErrNotFound}, {"without the right", powerless, nil, crm.ErrForbidden},
		{"unknown user", owner, []int64{99}, crm.Invalid("", "")}, {"disabled user", owner, []int64{disabled}, crm.Invalid("", "")},
		{"another organization's user", owner, []int64{50}, crm.Invalid("", "")},
	} {
		caller := w.as(orgA, x.caller)
		before := w.rows(orgA)
		if _, err := w.assist(caller, 1, x.users...); !errors.Is(err, x.want) || w.rows(orgA) != before {
			t.Errorf("%s: %v", x.name, err)
		}
	}
	if _, err := w.assist(w.as(orgA, admin), 2, helper); !errors.Is(err, crm.Invalid("", "")) {
		t.Errorf("of a customer in a pool: %v", err)
	}
	// One who was disabled since stays, and nobody at all is a list as well.
	w.amend(orgA, func(tx *store.Write) error { return tx.SetUserState(inSales, crm.UserDisabled, startOfClock) })
	if users, err := w.assist(o, 1, inSales, helper); err != nil || !slices.Equal(users, []int64{inSales, helper}) {
		t.Errorf("got %v, %v", users, err)
	}
	if users, err := w.assist(o, 1); err != nil || len(users) != 0 {
		t.Errorf("got %v, %v", users, err)
	}
}

func TestAssistantsOfSeveral(t *testing.T) {
	w := newWorld(t, settings())
	caller, _ := acting(w.as(orgA, boss), "")
	var out *Several
	show := func(s *Several) error { out = s; return nil }
	if err := w.AddCustomerAssistants(t.Context(), caller, []int64{1, 3, 99}, []int64{colleague, helper}, show); err != nil ||
		!slices.Equal(out.Done, []int64{1, 3}) || len(out.Failures) != 1 {
		t.Fatalf("got %+v, %v", out, err)
	}
	for id, want := range map[int64][]int64{1: {colleague, helper}, 3: {colleague, helper}} {
		if users, err := w.CustomerAssistants(t.Context(), caller, id); err != nil || !slices.Equal(users, want) {
			t.Errorf("customer %d: %v, %v", id, users, err)
		}
	}
	if err := w.RemoveCustomerAssistants(t.Context(), caller, []int64{1, 3}, []int64{helper, inSales}, show); err != nil || len(out.Done) != 2 {
		t.Fatalf("got %+v, %v", out, err)
	}
	if users, err := w.CustomerAssistants(t.Context(), caller, 1); err != nil || !slices.Equal(users, []int64{colleague}) {
		t.Errorf("%v, %v", users, err)
	}
	if err := w.AddCustomerAssistants(t.Context(), caller, []int64{1}, []int64{99}, show); err != nil || len(out.Failures) != 1 || len(out.Done) != 0 {
		t.Errorf("got %+v, %v", out, err)
	}
}

// TestParallelTransfers: one owner is left, and the log tells how it came to be.
func TestParallelTransfers(t *testing.T) {
	w := newWorld(t, settings())
	caller := w.as(orgA, admin)
	targets := []int64{owner, boss, colleague, inSales}
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			if _, err := w.transfer(caller, 1, targets[i%len(targets)]); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	k, err := w.CustomerDetail(t.Context(), caller, 1)
	if err != nil {
		t.Fatal(err)
	}
	// Each row of the log begins where the one before ended.
	at, rows := owner, 0
	for ; ; rows++ {
		row := w.query("SELECT coalesce((SELECT changes FROM operation_logs WHERE organization_id = $1 AND entity = 'customer' AND entity_id = 1 AND action = 'transfer' ORDER BY id LIMIT 1 OFFSET $2), '')", orgA, rows)
		if row == "" {
			break
		}
		var from, to int64
		for _, name := range targets {
			for _, other := range targets {
				if containsPair(row, "user_id", name, other) {
					from, to = name, other
				}
			}
		}
		if from != at || to == 0 {
			t.Fatalf("row %d begins with %d after %d: %s", rows, from, at, row)
		}
		at = to
	}
	if at != k.OwnerID || rows == 0 {
		t.Errorf("the log ends with %d after %d rows, the owner is %d", at, rows, k.OwnerID)
	}
}
