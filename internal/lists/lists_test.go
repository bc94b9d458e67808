package lists

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"guanxi/internal/column"
	"guanxi/internal/store"
	"guanxi/internal/store/storetest"
)

// TestListsFollow writes at random, also while lists are loaded and brought up to
// date, and asks after each write: lists show what the database has. Some keepers
// may hold nothing.
func TestListsFollow(t *testing.T) {
	small(t)
	s, database := newStore(t)
	beside := storetest.Beside(t, database)
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(rt, s, beside, rapid.SampledFrom([]int64{1 << 30, 1}).Draw(rt, "budget"))
		actions := rapid.StateMachineActions(m)
		delete(actions, "Check")
		actions[""] = m.Check
		rt.Repeat(actions)
	})
}

// TestWritesWhileLoading begins each time with some records and nothing in memory:
// the list is loaded, or gets a column, or follows many changes, while one change
// after the other is made.
func TestWritesWhileLoading(t *testing.T) {
	small(t)
	s, database := newStore(t)
	beside := storetest.Beside(t, database)
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(rt, s, beside, 1<<30)
		for range 8 {
			m.AddCustomer(nil)
			m.PutContact(nil)
			m.PutLead(nil)
		}
		m.flush()
		for range 2 {
			switch rapid.IntRange(0, 3).Draw(rt, "begin") {
			case 0:
				m.Forget(nil)
			case 1:
				m.ChangeMany(nil)
				m.flush()
			case 2: // loaded, without further columns
				m.Forget(nil)
				for _, entity := range []string{Customers, Contacts, Leads} {
					question{org: m.org, entity: entity, own: m.own}.must(rt, m.s, m.k)
				}
			}
			m.onlyLater = true
			changes := []func(*rapid.T){m.ChangeCustomer, m.ChangeCustomer, m.Surroundings, m.PutContact, m.DeleteCustomer, m.DeleteContact, m.PutLead}
			for range rapid.IntRange(1, 10).Draw(rt, "changes") {
				rapid.SampledFrom(changes).Draw(rt, "change")(nil)
			}
			m.onlyLater = false
			m.checkSome(15)
		}
	})
}

// TestOlderSnapshot asks with an older snapshot while many changes are taken over:
// nothing older may come in the place of what was taken over already.
func TestOlderSnapshot(t *testing.T) {
	small(t)
	s, _ := newStore(t)
	org, with := newOrganization(t, s), &source{Store: s}
	k := New(with, 1<<30, nil)
	of := func(status int64) question {
		return question{org: org, entity: Customers, where: column.IntEq("status", status)}
	}
	customers(t, s, org, 1, 0, upTo(6)...)
	if page := of(0).must(t, with, k); page.Total != 6 {
		t.Fatalf("%+v", page)
	}
	customers(t, s, org, 1, 1, 1)
	err := s.View(t.Context(), org, func(older *store.Read) error {
		if _, err := older.VersionNow(org); err != nil { // the snapshot begins here
			return err
		}
		customers(t, s, org, 1, 2, upTo(6)...)
		views := 0
		with.before = func() error {
			if views++; views == 3 { // some are taken over
				_, err := k.Table(older, org, with.Epoch(), Customers, nil, nil)
				var behind *Behind
				if !errors.As(err, &behind) {
					t.Errorf("the older snapshot is answered: %v", err)
				}
			}
			return nil
		}
		if page := of(2).must(t, with, k); page.Total != 6 || views < 4 {
			t.Errorf("%+v after %d snapshots", page, views)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestManyChangesOfFew changes one record, and customers that have no contacts, more
// often than is followed at once: that is no reason to wait for ever.
func TestManyChangesOfFew(t *testing.T) {
	small(t)
	s, _ := newStore(t)
	org, with := newOrganization(t, s), &source{Store: s}
	k := New(with, 1<<30, nil)
	customers(t, s, org, 1, 0, upTo(6)...)
	change(t, s, org, func(w *store.Write) error {
		for _, id := range upTo(6) {
			if err := errors.Join(w.DeleteContact(id), note(w, Contacts, id)); err != nil {
				return err
			}
		}
		return nil
	})
	for range 3 {
		for _, q := range []question{{org: org, entity: Customers}, {org: org, entity: Contacts}} {
			want := map[string]int{Customers: 6}[q.entity]
			if page := q.must(t, with, k); page.Total != want {
				t.Errorf("%+v", page)
			}
		}
		for range mostAtOnce + 2 {
			customers(t, s, org, 1, 1, 1)
		}
		customers(t, s, org, 2, 2, upTo(6)...)
	}
}
