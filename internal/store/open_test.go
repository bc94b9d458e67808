package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store/dbtest"
)

func TestReopenKeepsEverything(t *testing.T) {
	path := dbtest.Blank(t)
	s, err := Open(t.Context(), path, Config{})
	if err != nil {
		t.Fatal(err)
	}
	addOrganization(t, s, 7)
	if err := s.Update(t.Context(), 7, func(w *Write) error {
		if err := w.AddCustomer(customer(5, "上海示例有限公司")); err != nil {
			return err
		}
		return logged(w, 2)
	}); err != nil {
		t.Fatal(err)
	}
	v, instance, key := versions(t, s, 7), s.Fact(FactInstance), s.Fact(FactSigningKey)
	if len(instance) != 64 || len(key) != 64 || instance == key {
		t.Errorf("the facts are %q and %q", instance, key)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = openStore(t, path)
	if s.Fact(FactInstance) != instance || s.Fact(FactSigningKey) != key {
		t.Error("the facts have changed")
	}
	if got := versions(t, s, 7); got != v || got.All != 2 {
		t.Errorf("version %+v, was %+v", got, v)
	}
	if err := s.View(t.Context(), 7, func(r *Read) error {
		found, err := r.CustomersByName(7, "上海示例有限公司")
		if len(found) != 1 || found[0].ID != 5 {
			t.Errorf("found %v", found)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	other, err := Open(t.Context(), dbtest.Blank(t), Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if other.Fact(FactInstance) == instance || other.Fact(FactSigningKey) == key {
		t.Error("two installations share a fact")
	}
}

func TestMigrateIsIdempotent(t *testing.T) {
	path := dbtest.Blank(t)
	n, err := Pending(t.Context(), path)
	if err != nil || n == 0 {
		t.Errorf("%d pending on nothing, %v", n, err)
	}
	for range 2 {
		if err := Migrate(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		if n, err := Pending(t.Context(), path); err != nil || n != 0 {
			t.Errorf("%d pending, %v", n, err)
		}
	}
}

func TestOpenAtTheSameTime(t *testing.T) {
	for range 2 {
		path := dbtest.Blank(t)
		var facts [3]string
		var all sync.WaitGroup
		for i := range facts {
			all.Go(func() {
				s, err := Open(context.Background(), path, Config{})
				if err != nil {
					t.Error(err)
					return
				}
				facts[i] = s.Fact(FactInstance) + s.Fact(FactSigningKey)
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, f := range facts {
			if f != facts[0] || len(f) != 128 {
				t.Errorf("the facts are %q", facts)
			}
		}
		if n, err := Pending(t.Context(), path); err != nil || n != 0 {
			t.Errorf("%d pending, %v", n, err)
		}
	}
}

func TestPathsWithSpecialCharacters(t *testing.T) {
	for _, name := range []string{"a b#c", "a?b=%20c", "客户%"} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "test.db")
		s, err := Open(t.Context(), path, Config{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if n, err := Pending(t.Context(), path); err != nil || n != 0 {
			t.Errorf("%s: %d pending, %v", name, n, err)
		}
	}
}

func TestOpenFailures(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(t.Context(), filepath.Join(dir, "none", "test.db"), Config{}); err == nil {
		t.Error("opened a file in a folder that is not there")
	}
	path := filepath.Join(dir, "text.db")
	if err := os.WriteFile(path, []byte("This is no database, but long enough to look like one at first sight. 0123456789 0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, Config{}); err == nil {
		t.Error("opened a text")
	}
}

func TestViewDoesNotWrite(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	err := s.engine.view(t.Context(), 1, func(tx Tx) error {
		_, err := tx.Exec("UPDATE /* test */ organizations SET name = 'x' WHERE organization_id = $1", 1)
		return err
	})
	if err == nil {
		t.Error("written inside a view")
	}
	addOrganization(t, s, 2)
}

func TestViewIsOneSnapshot(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	if err := s.View(t.Context(), 1, func(r *Read) error {
		if _, err := r.Customer(1, 1); !errors.Is(err, ErrNoRow) {
			t.Errorf("got %v", err)
		}
		if err := s.Update(t.Context(), 1, func(w *Write) error {
			return errors.Join(w.AddCustomer(customer(1, "新客户")), logged(w, 2))
		}); err != nil {
			t.Error(err)
		}
		if _, err := r.Customer(1, 1); !errors.Is(err, ErrNoRow) {
			t.Errorf("a snapshot saw a later commit: %v", err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.View(t.Context(), 1, func(r *Read) error {
		_, err := r.Customer(1, 1)
		return err
	}); err != nil {
		t.Errorf("the commit is not seen: %v", err)
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Update(t.Context(), 1, func(w *Write) error {
		if err := s.Update(ctx, 1, func(*Write) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		w.Nothing()
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestDirectoryOfNobody(t *testing.T) {
	s := openStore(t, "")
	if _, err := s.Directory(t.Context(), 9); !errors.Is(err, ErrNoRow) {
		t.Errorf("got %v", err)
	}
	if _, err := s.Version(t.Context(), 9); !errors.Is(err, ErrNoRow) {
		t.Errorf("got %v", err)
	}
}

func TestDirectoryHoldsWhatWasWritten(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	addOrganization(t, s, 2)
	if err := s.Update(t.Context(), 1, func(w *Write) error {
		return errors.Join(
			w.AddOption(&crm.Option{ID: 3, Entity: "customer", Field: "status", Label: "成交", Position: 2, Enabled: true, Meaning: crm.MeaningWon}),
			w.AddLabel(&crm.Label{ID: 4, Name: "重点", Color: "#ff0000"}, 1),
			w.AddPool(&crm.Pool{ID: 5, Name: "公司公海"}, testTime),
			w.AddCustomField(&crm.CustomField{ID: 6, Entity: "contact", Name: "text_asset_b", Label: "乙", Kind: "select", Position: 2,
				Enabled: true, Required: true, Choices: []crm.Choice{{Value: "sel_0001", Label: "一"}}}, testTime),
			w.AddCustomField(&crm.CustomField{ID: 7, Entity: "contact", Name: "text_asset_a", Label: "甲", Kind: "text", Position: 1}, testTime),
			logged(w, 2))
	}); err != nil {
		t.Fatal(err)
	}
	d, err := s.Directory(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if *d.Options[3] != (crm.Option{ID: 3, Entity: "customer", Field: "status", Label: "成交", Position: 2, Enabled: true, Meaning: crm.MeaningWon}) ||
		*d.Labels[4] != (crm.Label{ID: 4, Name: "重点", Color: "#ff0000", Position: 1}) ||
		d.Pools[5].Entity != "customer" || d.Pools[5].Name != "公司公海" || d.Pools[5].CreatedAt != testTime || d.Pools[5].UpdatedAt != testTime ||
		!reflect.DeepEqual(d.Pools[5].PoolSettings, crm.PoolSettings{}) {
		t.Errorf("got %+v, %+v, %+v", d.Options[3], d.Labels[4], d.Pools[5])
	}
	f := d.Fields["contact"]
	if len(f) != 2 || f[0].ID != 7 || f[1].ID != 6 || !f[1].Required || f[0].Enabled || len(f[1].Choices) != 1 {
		t.Errorf("the fields are %+v", f)
	}
	u, r := d.Users[1], d.Roles[1]
	if len(u.FurtherDepartments) != 1 || !u.Active() || !r.Rights[crm.RightCreateCustomer] || r.Rights[crm.RightCreateContact] ||
		r.Hidden["contact.address.phone"] != crm.HideOthers || r.Scope != crm.ScopeOrganization || d.Viewer(1) == nil {
		t.Errorf("got %+v, %+v", u, r)
	}
	other, err := s.Directory(t.Context(), 2)
	if err != nil || len(other.Options)+len(other.Labels)+len(other.Pools)+len(other.Fields) != 0 {
		t.Errorf("the other organization has %+v, %v", other, err)
	}
}
