package store

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"guanxi/internal/crm"
)

var errOnPurpose = errors.New("on purpose")

func TestUpdateNeedsItsLogRow(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	before := versions(t, s, 1)
	err := s.Update(t.Context(), 1, func(w *Write) error { return w.AddCustomer(customer(1, "甲")) })
	if err == nil || !strings.Contains(err.Error(), "operation log") {
		t.Errorf("got %v", err)
	}
	err = s.Update(t.Context(), 1, func(w *Write) error {
		w.Quiet()
		return w.AddCustomer(customer(1, "甲"))
	})
	if err == nil {
		t.Error("a quiet change went without a row in the operation log")
	}
	if n := count(t, s, "customers", 1); n != 0 || versions(t, s, 1) != before {
		t.Errorf("%d customers at %+v, was %+v", n, versions(t, s, 1), before)
	}
}

func TestUpdateThatFailsWritesNothing(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	before, logs := versions(t, s, 1), count(t, s, "operation_logs", 1)
	for name, fn := range map[string]func(*Write) error{
		"an error at the end": func(w *Write) error {
			return errors.Join(w.AddCustomer(customer(1, "甲")), logged(w, 2), errOnPurpose)
		},
		"a constraint in the middle": func(w *Write) error {
			return errors.Join(w.AddCustomer(customer(1, "甲")), logged(w, 2), w.AddCustomer(customer(1, "乙")))
		},
		"a log id that is taken": func(w *Write) error {
			return errors.Join(w.AddCustomer(customer(1, "甲")), logged(w, 1))
		},
		"a reference to nothing": func(w *Write) error {
			c := customer(1, "甲")
			c.OwnerID = 99
			return errors.Join(logged(w, 2), w.AddCustomer(c))
		},
		"a reference to another organization": func(w *Write) error {
			return errors.Join(logged(w, 2), w.AddAssistant(1, 1))
		},
		"a query that is left open": func(w *Write) error {
			if err := errors.Join(w.AddCustomer(customer(1, "甲")), logged(w, 2)); err != nil {
				return err
			}
			rows, err := w.tx.Query("SELECT /* test */ id FROM customers WHERE organization_id = $1", w.org)
			if err == nil && !rows.Next() {
				t.Error("the customer is not seen in its transaction")
			}
			return errOnPurpose
		},
		"an error and Nothing": func(w *Write) error {
			w.Nothing()
			return errors.Join(w.AddCustomer(customer(1, "甲")), errOnPurpose)
		},
	} {
		if err := s.Update(t.Context(), 1, fn); err == nil {
			t.Errorf("%s: no error", name)
		}
		if count(t, s, "customers", 1) != 0 || count(t, s, "operation_logs", 1) != logs || versions(t, s, 1) != before {
			t.Errorf("%s: something was written", name)
		}
	}
	if err := s.Update(t.Context(), 9, func(w *Write) error { return logged(w, 1) }); err == nil {
		t.Error("changed an organization that is not there")
	}
}

func TestVersions(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	addOrganization(t, s, 2)
	if v := versions(t, s, 1); v != (Version{1, 1, 0}) {
		t.Errorf("a new organization is at %+v", v)
	}
	id := int64(1)
	for _, c := range []struct {
		name string
		step Version
		fn   func(*Write) error
	}{
		{"a customer", Version{1, 0, 0}, func(w *Write) error { return w.AddCustomer(customer(1, "甲")) }},
		{"two customers", Version{1, 0, 0}, func(w *Write) error {
			return errors.Join(w.AddCustomer(customer(2, "乙")), w.AddCustomer(customer(3, "丙")))
		}},
		{"a contact", Version{1, 0, 0}, func(w *Write) error { return w.AddContact(&crm.Contact{ID: 1, CustomerID: 1, Name: "李四"}) }},
		{"a collaborator", Version{1, 0, 0}, func(w *Write) error { return w.AddAssistant(1, 1) }},
		{"an attachment", Version{1, 0, 0}, func(w *Write) error { return w.AddAttachment(&crm.Attachment{ID: 1, OwnerType: "User", OwnerID: 1}) }},
		{"a department", Version{1, 1, 0}, func(w *Write) error {
			return w.AddDepartment(&crm.Department{ID: 2, ParentID: 1, Name: "销售部"}, testTime)
		}},
		{"a role", Version{1, 1, 0}, func(w *Write) error { return w.AddRole(&crm.Role{ID: 2, Scope: crm.ScopeOwn}, testTime) }},
		{"a user", Version{1, 1, 0}, func(w *Write) error {
			return w.AddUser(&crm.User{ID: 2, RoleID: 2, State: crm.UserActive}, "")
		}},
		{"a state", Version{1, 1, 0}, func(w *Write) error { return w.SetUserState(2, crm.UserDisabled, testTime) }},
		{"an option", Version{1, 1, 0}, func(w *Write) error { return w.AddOption(&crm.Option{ID: 1}) }},
		{"a label", Version{1, 1, 0}, func(w *Write) error { return w.AddLabel(&crm.Label{ID: 1}, 1) }},
		{"a label on a customer", Version{1, 0, 0}, func(w *Write) error { return w.AddCustomerLabel(1, 1) }},
		{"a pool", Version{1, 1, 0}, func(w *Write) error { return w.AddPool(&crm.Pool{ID: 1}, testTime) }},
		{"a field", Version{1, 1, 0}, func(w *Write) error {
			return w.AddCustomField(&crm.CustomField{ID: 1, Entity: "customer", Name: "text_asset_1"}, testTime)
		}},
		{"a ticket", Version{1, 0, 0}, func(w *Write) error { return w.AddTicket(1, "t", Ticket{Entity: "customer", ID: 1}, testTime) }},
		{"a quiet change", Version{}, func(w *Write) error {
			w.Quiet()
			return w.AddSession(&crm.Session{ID: 1, UserID: 1, TokenHash: "h", State: crm.SessionLive})
		}},
		{"a quiet password", Version{}, func(w *Write) error {
			w.Quiet()
			return w.SetPassword(1, "hash2", testTime)
		}},
	} {
		id++
		before := versions(t, s, 1)
		if err := s.Update(t.Context(), 1, func(w *Write) error { return errors.Join(c.fn(w), logged(w, id)) }); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		after := versions(t, s, 1)
		if (Version{after.All - before.All, after.Directory - before.Directory, after.Sessions - before.Sessions}) != c.step {
			t.Errorf("%s: from %+v to %+v", c.name, before, after)
		}
	}
	if v := versions(t, s, 2); v != (Version{1, 1, 0}) {
		t.Errorf("the other organization moved to %+v", v)
	}
	if n := count(t, s, "operation_logs", 1); n != id {
		t.Errorf("%d rows in the operation log, want %d", n, id)
	}
}

func TestNothingWritesNothing(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	before, logs := versions(t, s, 1), count(t, s, "operation_logs", 1)
	if err := s.Update(t.Context(), 1, func(w *Write) error {
		w.Nothing()
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if versions(t, s, 1) != before || count(t, s, "operation_logs", 1) != logs {
		t.Error("something was written")
	}
}

func TestPanicsRollBack(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	before := versions(t, s, 1)
	panics := func(name string, fn func() error) {
		defer func() {
			if r := recover(); r != errOnPurpose {
				t.Errorf("%s: recovered %v", name, r)
			}
		}()
		t.Errorf("%s: returned %v", name, fn())
	}
	// More often than there are connections, so that a lost one shows.
	for range sqliteReaders() + 2 {
		panics("update", func() error {
			return s.Update(t.Context(), 1, func(w *Write) error {
				if err := errors.Join(w.AddCustomer(customer(1, "甲")), logged(w, 2)); err != nil {
					t.Error(err)
				}
				panic(errOnPurpose)
			})
		})
		panics("view", func() error {
			return s.View(t.Context(), 1, func(r *Read) error {
				return each(r.tx, "SELECT /* test */ id FROM users WHERE organization_id = $1", []any{1}, func(Rows) error { panic(errOnPurpose) })
			})
		})
	}
	if count(t, s, "customers", 1) != 0 || versions(t, s, 1) != before {
		t.Error("a panic left something")
	}
	if err := s.Update(t.Context(), 1, func(w *Write) error {
		return errors.Join(w.AddCustomer(customer(1, "甲")), logged(w, 2))
	}); err != nil || count(t, s, "customers", 1) != 1 {
		t.Errorf("after the panics: %v", err)
	}
}

// TestGoexitRollsBack covers what ends a goroutine without a panic: the
// transaction must not stay open on its connection.
func TestGoexitRollsBack(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	for range sqliteReaders() + 2 {
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = s.Update(t.Context(), 1, func(w *Write) error {
				if err := w.AddCustomer(customer(1, "甲")); err != nil {
					t.Error(err)
				}
				runtime.Goexit()
				return nil
			})
		}()
		<-done
	}
	if err := s.Update(t.Context(), 1, func(w *Write) error {
		return errors.Join(w.AddCustomer(customer(1, "甲")), logged(w, 2))
	}); err != nil {
		t.Errorf("after the ends: %v", err)
	}
}

func TestReferencesStayInTheOrganization(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	addOrganization(t, s, 2)
	if err := s.Update(t.Context(), 2, func(w *Write) error {
		return errors.Join(w.AddUser(&crm.User{ID: 77, RoleID: 1, State: crm.UserActive}, ""),
			w.AddDepartment(&crm.Department{ID: 77}, testTime), w.AddRole(&crm.Role{ID: 77, Scope: crm.ScopeOwn}, testTime),
			w.AddCustomer(customer(77, "乙")), w.AddLabel(&crm.Label{ID: 77}, 1), w.AddPool(&crm.Pool{ID: 77}, testTime), logged(w, 2))
	}); err != nil {
		t.Fatal(err)
	}
	changed := func(change func(*crm.Customer)) func(*Write) error {
		c := customer(1, "甲")
		change(c)
		return func(w *Write) error { return w.AddCustomer(c) }
	}
	for name, fn := range map[string]func(*Write) error{
		"owner":      changed(func(c *crm.Customer) { c.OwnerID = 77 }),
		"creator":    changed(func(c *crm.Customer) { c.CreatorID = 77 }),
		"department": changed(func(c *crm.Customer) { c.DepartmentID = 77 }),
		"parent":     changed(func(c *crm.Customer) { c.ParentID = 77 }),
		"pool":       changed(func(c *crm.Customer) { c.PoolID = 77 }),
		"customer":   func(w *Write) error { return w.AddContact(&crm.Contact{ID: 1, CustomerID: 77}) },
		"role":       func(w *Write) error { return w.AddUser(&crm.User{ID: 5, RoleID: 77}, "") },
		"superior":   func(w *Write) error { return w.AddUser(&crm.User{ID: 5, RoleID: 1, SuperiorID: 77}, "") },
		"further department": func(w *Write) error {
			return w.AddUser(&crm.User{ID: 5, RoleID: 1, FurtherDepartments: []int64{77}}, "")
		},
		"label": func(w *Write) error {
			return errors.Join(w.AddCustomer(customer(1, "甲")), w.AddCustomerLabel(1, 77))
		},
		"collaborator": func(w *Write) error {
			return errors.Join(w.AddCustomer(customer(1, "甲")), w.AddAssistant(1, 77))
		},
		"session": func(w *Write) error {
			return w.AddSession(&crm.Session{ID: 1, UserID: 77, TokenHash: "x", State: "live"})
		},
	} {
		err := s.Update(t.Context(), 1, func(w *Write) error { return errors.Join(fn(w), logged(w, 2)) })
		if !errors.Is(err, ErrConstraint) {
			t.Errorf("a %s of another organization: %v", name, err)
		}
	}
}

func TestNoSuchUser(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	for name, fn := range map[string]func(*Write) error{
		"state":    func(w *Write) error { return w.SetUserState(9, crm.UserDisabled, testTime) },
		"password": func(w *Write) error { return w.SetPassword(9, "hash", testTime) },
	} {
		if err := s.Update(t.Context(), 1, fn); !errors.Is(err, ErrNoRow) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
