package store

import (
	"errors"
	"strings"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/pgtest"
)

// generated is the row of the operation log that every batch writes.
func generated(w *Write) error {
	id, err := w.TakeIDs(Logs, 1)
	if err != nil {
		return err
	}
	return w.Log(id, crm.LogEntry{Entity: "customer", Action: "generate", Changes: "{}"})
}

func bulkCustomer(id int64) *crm.Customer {
	return &crm.Customer{ID: id, Name: "客户\t\\N\n", Approval: crm.Approved, Custom: crm.Values(`{"a":"\\\n"}`),
		Address: crm.Address{ID: id, Tel: crm.T(""), Phone: crm.T("13800000000"), HasPosition: true, Lat: 0.1, Lng: -1e-7}}
}

// TestLoadChecksReferences says who checks them: the database, unless the role
// may switch that off. The role here owns the tables and is nothing special.
func TestLoadChecksReferences(t *testing.T) {
	c := pgtest.Shared(t)
	url := c.Fresh(t, "")
	name := pgtest.Database(url)
	if err := c.Exec(t.Context(), name, `
		DO $$ BEGIN CREATE ROLE loader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
		ALTER SCHEMA public OWNER TO loader`); err != nil {
		t.Fatal(err)
	}
	st, err := Open(t.Context(), c.URLAs("loader", name), Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	org, err := st.UpdateNew(t.Context(), func(w *Write, org int64) error {
		return errors.Join(w.AddOrganization("甲", 1), generated(w))
	})
	if err != nil {
		t.Fatal(err)
	}
	broken := func(l *Loader) error {
		return l.Batch(org, func(w *Write) error {
			return errors.Join(w.Bulk().Contact(&crm.Contact{ID: 1, CustomerID: 99, Name: "人", Address: crm.Address{ID: 1}}), generated(w))
		})
	}
	if err := st.Load(t.Context(), broken); !errors.Is(err, ErrConstraint) {
		t.Errorf("a broken reference: %v", err)
	}
	if err := c.Exec(t.Context(), name, `GRANT SET ON PARAMETER session_replication_role TO loader`); err != nil {
		t.Fatal(err)
	}
	if err := st.Load(t.Context(), broken); err != nil {
		t.Errorf("the role may leave references unchecked: %v", err)
	}
	// It held for the batch only.
	err = st.Update(t.Context(), org, func(w *Write) error { return errors.Join(w.AddCustomerLabel(98, 99), generated(w)) })
	if !errors.Is(err, ErrConstraint) {
		t.Errorf("a broken reference after the load: %v", err)
	}
	if err := c.Exec(t.Context(), name, `REVOKE SET ON PARAMETER session_replication_role FROM loader`); err != nil {
		t.Fatal(err)
	}
}

// TestCopiedRows writes more than one piece, with what the form of the rows
// must escape, and reads it back; then rows that the server refuses.
func TestCopiedRows(t *testing.T) {
	st, err := Open(t.Context(), pgtest.Shared(t).Fresh(t, ""), Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	org, err := st.UpdateNew(t.Context(), func(w *Write, org int64) error {
		return errors.Join(w.AddOrganization("甲", 1), w.AddLabel(&crm.Label{ID: 5, Name: "标"}, 1), generated(w))
	})
	if err != nil {
		t.Fatal(err)
	}
	const n = 3 * copySize / 1000
	write := func(w *Write) error {
		rows := w.Bulk()
		for id := int64(1); id <= n; id++ {
			c := bulkCustomer(id)
			c.Labelled, c.Note = true, strings.Repeat("注\r", 250)
			err := errors.Join(rows.Customer(c), rows.Label(id, 5),
				rows.Contact(&crm.Contact{ID: id, CustomerID: id, Name: "人", Address: crm.Address{ID: n + id}}))
			if err != nil {
				return err
			}
		}
		return generated(w)
	}
	var settings [2]string
	err = st.Load(t.Context(), func(l *Loader) error {
		return l.Batch(org, func(w *Write) error {
			return errors.Join(write(w), one(w.tx, `SELECT current_setting('statement_timeout'), current_setting('synchronous_commit')`,
				nil, &settings[0], &settings[1]))
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if settings != [2]string{"0", "off"} {
		t.Errorf("a batch ran with statement_timeout and synchronous_commit %q", settings)
	}
	err = st.View(t.Context(), org, func(r *Read) error {
		for _, id := range []int64{1, n} {
			got, err := r.Customer(org, id)
			if err != nil {
				return err
			}
			want := bulkCustomer(id)
			if got.Name != want.Name || string(got.Custom) != `{"a": "\\\n"}` || got.Address != want.Address ||
				got.Note != strings.Repeat("注\r", 250) || got.Status != 0 || !got.Labelled {
				t.Errorf("customer %d: %+v", id, got)
			}
			if labels, err := r.CustomerLabels(org, id); err != nil || len(labels) != 1 {
				t.Errorf("labels %v, %v", labels, err)
			}
			if _, err := r.Contact(org, id); err != nil {
				t.Errorf("contact %d: %v", id, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*Write) error{
		"twice the same":  write,
		"no JSON":         func(w *Write) error { return w.Bulk().Customer(&crm.Customer{ID: n + 1, Custom: crm.Values("{")}) },
		"a NUL in a text": func(w *Write) error { return w.Bulk().Customer(&crm.Customer{ID: n + 1, Name: "\x00"}) },
	} {
		err := st.Load(t.Context(), func(l *Loader) error {
			err := l.Batch(org, func(w *Write) error { return errors.Join(change(w), generated(w)) })
			if err == nil {
				t.Errorf("%s: taken", what)
			}
			// The connection is good for the next batch.
			return l.Batch(org, generated)
		})
		if err != nil {
			t.Errorf("after %s: %v", what, err)
		}
	}
}
