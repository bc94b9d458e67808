package service

import (
	"errors"
	"sync"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// TestLimitsOnOwnedCustomers: one number for all, exceptions for users, and
// numbers for categories besides.
func TestLimitsOnOwnedCustomers(t *testing.T) {
	w := newWorld(t, settings())
	w.amend(orgA, func(tx *store.Write) error {
		return tx.AddOption(&crm.Option{ID: 5, Entity: "customer", Field: "category", Label: "普通客户", Enabled: true})
	})
	o, a := w.as(orgA, owner), w.as(orgA, admin)
	full := func(what string, err error) {
		t.Helper()
		var e *crm.Error
		if !errors.As(err, &e) || e.Message != "负责人的客户数已达上限" {
			t.Errorf("%s: %v", what, err)
		}
	}
	fits := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	create := func(c *Caller, of, category int64) error {
		_, err := w.create(c, &crm.NewCustomer{Customer: crm.Customer{Name: "限额", OwnerID: of, Category: category}}, "")
		return err
	}
	// The owner has one, the boss has one.
	w.set(orgA, func(s *crm.Settings) { s.OwnedLimit = crm.OwnedLimits{Each: 2} })
	fits("the second", create(o, owner, 0))
	full("the third", create(o, owner, 0))
	full("made by somebody else", create(a, owner, 0))
	full("transferred", func() error { _, err := w.transfer(a, 3, owner); return err }())
	full("given by an update", func() error { _, err := w.update(a, 3, func(d *crm.CustomerDraft) { d.OwnerID = owner }); return err }())
	fits("another's", create(a, boss, 0))
	fits("one's own stays editable at the limit", func() error { _, err := w.update(o, 1, func(d *crm.CustomerDraft) { d.Note = "改" }); return err }())
	// A user's own number goes before the general one, be it more, less or none.
	w.set(orgA, func(s *crm.Settings) { s.OwnedLimit.Users = map[int64]int{owner: 3, colleague: 1, inSales: 0} })
	fits("the third, with an exception", create(o, owner, 0))
	full("the fourth", create(o, owner, 0))
	fits("the colleague's first", create(a, colleague, 0))
	full("the colleague's second", create(a, colleague, 0))
	for range 3 {
		fits("without a limit", create(a, inSales, 0))
	}
	// A category's number counts besides.
	w.set(orgA, func(s *crm.Settings) { s.OwnedLimit = crm.OwnedLimits{Categories: map[int64]int{4: 1}} })
	fits("the first of the category", create(o, owner, 4))
	full("the second of the category", create(o, owner, 4))
	fits("of another category", create(o, owner, 5))
	full("into the category", func() error { _, err := w.update(o, 1, func(d *crm.CustomerDraft) { d.Category = 4 }); return err }())
	fits("into another one", func() error { _, err := w.update(o, 1, func(d *crm.CustomerDraft) { d.Category = 5 }); return err }())
	full("transferred into the category", func() error {
		if _, err := w.update(a, 3, func(d *crm.CustomerDraft) { d.Category = 4 }); err != nil {
			t.Fatal(err)
		}
		_, err := w.transfer(a, 3, owner)
		return err
	}())
	fits("a customer of a pool has no owner to count", func() error { _, err := w.update(a, 2, func(d *crm.CustomerDraft) { d.Category = 4 }); return err }())
}

// TestParallelCreatesStayBelowTheLimit: 64 at the same time give as many as are
// allowed.
func TestParallelCreatesStayBelowTheLimit(t *testing.T) {
	w := newWorld(t, settings())
	w.set(orgA, func(s *crm.Settings) { s.OwnedLimit = crm.OwnedLimits{Each: 10} })
	caller := w.as(orgA, owner)
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			if _, err := w.create(caller, &crm.NewCustomer{Customer: crm.Customer{Name: "限额"}}, ""); err != nil && !errors.Is(err, crm.Invalid("", "")) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := w.query("SELECT count(*) FROM customers WHERE organization_id = $1 AND user_id = $2", orgA, owner); n != "10" {
		t.Errorf("the owner has %s", n)
	}
}
