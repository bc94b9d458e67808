package service

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// renamed renames a customer under a ticket and gives what is answered: what it is
// called then, and when.
func renamed(w *world, s *Service, c *Caller, id int64, ticket, name string) (string, error) {
	one, answer := acting(c, ticket, "rename", id, name)
	err := s.UpdateCustomer(w.t.Context(), one, id, func(d *crm.CustomerDraft) error {
		d.Name = name
		return nil
	}, func(k *crm.CustomerDetail) error {
		*answer = fmt.Appendf(*answer, "%d is %s since %d, of %d", k.ID, k.Name, k.UpdatedAt, k.OwnerID)
		return nil
	})
	return string(*answer), err
}

// TestSameAnswerForTheSameTicket: the first answer is given again byte for byte,
// whatever has happened since, also by another process and after a restart.
func TestSameAnswerForTheSameTicket(t *testing.T) {
	w := newWorld(t, settings())
	caller := w.as(orgA, owner)
	first, err := renamed(w, w.Service, caller, 1, "ticket", "甲")
	if err != nil || first == "" {
		t.Fatal(first, err)
	}
	w.clock.advance(1e9)
	if _, err := renamed(w, w.Service, caller, 1, "another", "乙"); err != nil {
		t.Fatal(err)
	}
	before := w.rows(orgA)
	for name, s := range map[string]*Service{"again": w.Service, "after a restart": w.again(settings())} {
		if answer, err := renamed(w, s, caller, 1, "ticket", "甲"); err != nil || answer != first {
			t.Errorf("%s: %q, %v; the first was %q", name, answer, err, first)
		}
	}
	if w.rows(orgA) != before {
		t.Errorf("there was %s, there is %s", before, w.rows(orgA))
	}
	// Also when the record is gone, or the caller may no longer do it.
	if _, err := w.remove(w.as(orgA, admin), 1); err != nil {
		t.Fatal(err)
	}
	w.amend(orgA, func(tx *store.Write) error { return tx.SetRole(&crm.Role{ID: 2, Scope: crm.ScopeOwn}, startOfClock) })
	if answer, err := renamed(w, w.Service, caller, 1, "ticket", "甲"); err != nil || answer != first {
		t.Errorf("after the deletion: %q, %v", answer, err)
	}
}

// TestTicketOfAnotherRequest: a ticket stands for one request of one user.
func TestTicketOfAnotherRequest(t *testing.T) {
	w := newWorld(t, settings())
	caller := w.as(orgA, owner)
	if _, err := renamed(w, w.Service, caller, 1, "ticket", "甲"); err != nil {
		t.Fatal(err)
	}
	before := w.rows(orgA)
	var e *crm.Error
	for name, write := range map[string]func() error{
		"another name":     func() error { _, err := renamed(w, w.Service, caller, 1, "ticket", "乙"); return err },
		"another customer": func() error { _, err := renamed(w, w.Service, caller, 2, "ticket", "甲"); return err },
		"another call": func() error {
			one, _ := acting(caller, "ticket", "destroy", 1)
			return w.DeleteCustomer(t.Context(), one, 1, func(*crm.CustomerDetail) error { return nil })
		},
	} {
		if err := write(); !errors.As(err, &e) || e.Message != "request_ticket已被使用" || w.rows(orgA) != before {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Somebody else's ticket may read the same.
	if answer, err := renamed(w, w.Service, w.as(orgA, boss), 1, "ticket", "丙"); err != nil || answer == "" {
		t.Errorf("%q, %v", answer, err)
	}
}

// TestRefusedWritesUseNoTicketUp: what was refused can be put right and sent with
// the same ticket.
func TestRefusedWritesUseNoTicketUp(t *testing.T) {
	w := newWorld(t, settings())
	caller := w.as(orgA, owner)
	for _, x := range []struct {
		name string
		id   int64
		want error
	}{{"", 1, crm.Invalid("", "")}, {"甲", 3, crm.ErrNotFound}, {"甲", 99, crm.ErrNotFound}} {
		if _, err := renamed(w, w.Service, caller, x.id, "ticket", x.name); !errors.Is(err, x.want) {
			t.Errorf("%q of %d: %v", x.name, x.id, err)
		}
	}
	one, _ := acting(caller, "ticket", "rename", int64(1), "甲")
	one.Act.Unmodified = 1
	w.amend(orgA, func(tx *store.Write) error {
		return tx.Log(0, crm.LogEntry{Entity: "customer", EntityID: 1, Changes: "{}"})
	})
	if err := w.UpdateCustomer(t.Context(), one, 1, func(*crm.CustomerDraft) error { return nil }, func(*crm.CustomerDetail) error { return nil }); !errors.Is(err, crm.Conflict) {
		t.Errorf("modified since: %v", err)
	}
	if n := w.query("SELECT count(*) FROM request_tickets WHERE organization_id = $1", orgA); n != "0" {
		t.Errorf("%s tickets are kept", n)
	}
	if answer, err := renamed(w, w.Service, caller, 1, "ticket", "甲"); err != nil || answer == "" {
		t.Errorf("%q, %v", answer, err)
	}
}

// TestTicketOfAChangeThatChangesNothing is kept as well: who sends it again
// must not get a later state.
func TestTicketOfAChangeThatChangesNothing(t *testing.T) {
	w := newWorld(t, settings())
	caller := w.as(orgA, owner)
	version := w.version(orgA)
	first, err := renamed(w, w.Service, caller, 1, "ticket", customerName)
	if err != nil || first == "" {
		t.Fatal(first, err)
	}
	if w.version(orgA) != version {
		t.Error("a change of nothing moved the version")
	}
	if again, err := renamed(w, w.Service, caller, 1, "ticket", customerName); err != nil || again != first {
		t.Errorf("%q, then %q, %v", first, again, err)
	}
}

// TestParallelUpdatesWithOneTicket: all of them get the answer of the one that
// was made.
func TestParallelUpdatesWithOneTicket(t *testing.T) {
	w := newWorld(t, settings())
	caller, version := w.as(orgA, owner), w.version(orgA)
	var answers [64]string
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			var err error
			if answers[i], err = renamed(w, w.Service, caller, 1, "ticket", "甲"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, a := range answers {
		if a != answers[0] || a == "" {
			t.Errorf("the answers are %q", answers)
			break
		}
	}
	if w.version(orgA) != version+1 {
		t.Errorf("the version went from %d to %d", version, w.version(orgA))
	}
}
