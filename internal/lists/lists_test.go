package lists

import (
	"testing"

	"pgregory.net/rapid"

	"guanxi/internal/store/storetest"
)

// TestListsFollow writes at random, also while lists are loaded and brought up to
// date, and asks after each write: lists show what the database has. One keeper may
// hold nothing.
func TestListsFollow(t *testing.T) {
	small(t)
	for _, budget := range []int64{1 << 30, 1} {
		rapid.Check(t, func(rt *rapid.T) {
			s, database := newStore(t)
			m := newModel(rt, s, storetest.Beside(t, database), budget)
			actions := rapid.StateMachineActions(m)
			delete(actions, "Check")
			actions[""] = m.Check
			rt.Repeat(actions)
		})
	}
}

// TestWritesWhileLoading begins each time with some records and nothing in memory:
// the list is loaded, or gets a column, or follows many changes, while one change
// after the other is made.
func TestWritesWhileLoading(t *testing.T) {
	small(t)
	rapid.Check(t, func(rt *rapid.T) {
		s, database := newStore(t)
		m := newModel(rt, s, storetest.Beside(t, database), 1<<30)
		for range 12 {
			m.AddCustomer(nil)
			m.PutContact(nil)
			m.PutLead(nil)
		}
		m.flush()
		for range 2 {
			switch rapid.IntRange(0, 2).Draw(rt, "begin") {
			case 0:
				m.Forget(nil)
			case 1:
				m.ChangeMany(nil)
				m.flush()
			}
			m.onlyLater = true
			changes := []func(*rapid.T){m.ChangeCustomer, m.ChangeCustomer, m.Surroundings, m.PutContact, m.DeleteCustomer, m.DeleteContact, m.PutLead}
			for range rapid.IntRange(1, 10).Draw(rt, "changes") {
				rapid.SampledFrom(changes).Draw(rt, "change")(nil)
			}
			m.onlyLater = false
			m.Check(nil)
		}
	})
}
