package store

import (
	"context"
	"errors"
	"testing"

	"guanxi/internal/crm"
)

func TestLoadIsWholeOrNotAtAll(t *testing.T) {
	st := openStore(t, "")
	log := func(w *Write) error {
		id, err := w.TakeIDs(Logs, 1)
		if err != nil {
			return err
		}
		return w.Log(id, crm.LogEntry{Entity: "customer", Action: "generate", Changes: "{}"})
	}
	org, err := st.UpdateNew(t.Context(), func(w *Write, org int64) error {
		return errors.Join(w.AddOrganization("甲", 1), w.BeginLoad("p", 3), log(w))
	})
	if err != nil || org != 1 {
		t.Fatalf("organization %d: %v", org, err)
	}
	failed := errors.New("failed")
	if id, err := st.UpdateNew(t.Context(), func(*Write, int64) error { return failed }); !errors.Is(err, failed) || id != 0 {
		t.Errorf("a failed one gave %d, %v", id, err)
	}
	add := func(w *Write, id int64) error {
		rows := w.Bulk()
		return errors.Join(rows.Customer(&crm.Customer{ID: id, Name: "客户", Approval: crm.Approved, Address: crm.Address{ID: id * 2}}),
			rows.Contact(&crm.Contact{ID: id, CustomerID: id, Name: "人", Address: crm.Address{ID: id*2 + 1}}))
	}
	before, err := st.Version(t.Context(), org)
	if err != nil {
		t.Fatal(err)
	}
	err = st.Load(t.Context(), func(l *Loader) error {
		if err := l.Batch(org, func(w *Write) error {
			return errors.Join(add(w, 1), add(w, 2), w.AdvanceLoad(0, 2), log(w))
		}); err != nil {
			return err
		}
		if err := l.Batch(org, func(w *Write) error { return errors.Join(add(w, 3), w.AdvanceLoad(1, 3), log(w)) }); !errors.Is(err, ErrNoRow) {
			t.Errorf("a batch that begins elsewhere: %v", err)
		}
		if err := l.Batch(org, func(w *Write) error { return add(w, 3) }); err == nil {
			t.Error("a batch without its row in the log was taken")
		}
		return l.Batch(org, func(w *Write) error { return errors.Join(add(w, 3), failed) })
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	err = st.View(t.Context(), org, func(r *Read) error {
		found, err := r.CustomersByName(org, "客户")
		if len(found) != 2 {
			t.Errorf("%d customers", len(found))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := st.GeneratedLoads(t.Context())
	if err != nil || len(all) != 1 || all[0] != (GeneratedLoad{1, "p", 3, 2}) {
		t.Errorf("loads %v, %v", all, err)
	}
	if after, err := st.Version(t.Context(), org); err != nil || after.All != before.All+1 {
		t.Errorf("version %v after %v, %v", after, before, err)
	}

	// The writer is as it was: references are checked again.
	err = st.Update(t.Context(), org, func(w *Write) error {
		return errors.Join(log(w), w.AddCustomerLabel(1, 99))
	})
	if !errors.Is(err, ErrConstraint) {
		t.Errorf("a broken reference after the load: %v", err)
	}
	next, err := st.UpdateNew(t.Context(), func(w *Write, org int64) error {
		return errors.Join(w.AddOrganization("乙", 1), log(w))
	})
	if err != nil || next != 2 {
		t.Errorf("the next organization is %d, %v", next, err)
	}
}

func TestLoadWaitsForTheWriter(t *testing.T) {
	st := openFile(t, newFile(t))
	ctx, cancel := context.WithCancel(t.Context())
	tx := <-st.engine.(*sqliteEngine).writer
	cancel()
	if err := st.Load(ctx, func(*Loader) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a load that waits for the writer: %v", err)
	}
	st.engine.(*sqliteEngine).writer <- tx
}
