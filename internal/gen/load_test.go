package gen

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/region"
	"guanxi/internal/store"
	"guanxi/internal/store/dbtest"
	"guanxi/internal/store/storetest"
	"guanxi/internal/zh"
)

func regions(t testing.TB) *region.Table {
	t.Helper()
	r, err := region.Load()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func openStore(t testing.TB, dir string) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), storetest.Of(t, dir), storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func TestLoadIsTheSameHoweverItWasCut(t *testing.T) {
	p := Params{Customers: 700, Organizations: 2, Seed: 7}
	whole := t.TempDir()
	st := openStore(t, whole)
	accounts, err := Load(t.Context(), st, regions(t), p, Options{Data: whole})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if len(accounts.Organizations) != 2 || accounts.Organizations[0].Customers != 350 {
		t.Errorf("accounts %+v", accounts)
	}
	if info, err := os.Stat(AccountsFile(whole)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("gen.json: %v %v", info, err)
	}

	// The second one is stopped after each of its first batches and opened
	// anew each time.
	cut := t.TempDir()
	wrote := 0
	for run := 0; ; run++ {
		st := openStore(t, cut)
		ctx, cancel := context.WithCancel(t.Context())
		begun := -1
		before := wrote
		_, err := Load(ctx, st, regions(t), p, Options{Data: cut, Batch: 90 + 7*run,
			Begun: func(done int) { begun = done }, Progress: func(done int) {
				if wrote = done; run < 2 {
					cancel()
				}
			}})
		cancel()
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		if begun != before {
			t.Errorf("run %d began behind %d, want %d", run, begun, before)
		}
		if run == 2 {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		// Batches of two organizations may have been under way.
		if batch := 90 + 7*run; !errors.Is(err, context.Canceled) || wrote-before != batch && wrote-before != 2*batch {
			t.Fatalf("run %d wrote %d: %v", run, wrote-before, err)
		}
	}
	if a, b := dump(t, storetest.Of(t, whole)), dump(t, storetest.Of(t, cut)); a != b {
		t.Error("the interrupted load has other rows")
	}
	first, err := ReadAccounts(cut)
	if err != nil {
		t.Fatal(err)
	}

	// Once more: nothing to do, and the same sign-ins.
	st = openStore(t, cut)
	defer st.Close()
	begun := 0
	again, err := Load(t.Context(), st, regions(t), p, Options{Data: cut, Begun: func(done int) { begun = done },
		Progress: func(int) { t.Error("a finished load wrote a batch") }})
	if err != nil || begun != p.Customers {
		t.Errorf("again: %v, behind %d", err, begun)
	}
	if again.Organizations[1] != first.Organizations[1] {
		t.Error("the sign-in changed")
	}
}

func TestLoadRefusesOtherParameters(t *testing.T) {
	dir := t.TempDir()
	st := openStore(t, dir)
	defer st.Close()
	p := Params{Customers: 30, Organizations: 1, Seed: 1}
	if _, err := Load(t.Context(), st, regions(t), p, Options{Data: dir}); err != nil {
		t.Fatal(err)
	}
	before := dump(t, storetest.Of(t, dir))
	for _, other := range []Params{
		{Customers: 31, Organizations: 1, Seed: 1}, {Customers: 30, Organizations: 2, Seed: 1}, {Customers: 30, Organizations: 1, Seed: 2},
	} {
		if _, err := Load(t.Context(), st, regions(t), other, Options{Data: dir}); !errors.Is(err, ErrOther) {
			t.Errorf("%+v: %v", other, err)
		}
	}
	for _, bad := range []Params{{0, 1, 1}, {5, 0, 1}, {2, 3, 1}} {
		if _, err := Load(t.Context(), st, regions(t), bad, Options{Data: dir}); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	if dump(t, storetest.Of(t, dir)) != before {
		t.Error("a refused load wrote something")
	}
}

func TestRowsAreConsistent(t *testing.T) {
	dir := t.TempDir()
	st := openStore(t, dir)
	// Another organization is there; the load goes behind it.
	err := st.Update(t.Context(), 5, func(w *store.Write) error {
		if err := w.AddOrganization("别的公司", 1); err != nil {
			return err
		}
		return w.Log(1, crm.LogEntry{Entity: "organization", EntityID: 5, Action: "create", Changes: "{}", At: 1})
	})
	if err != nil {
		t.Fatal(err)
	}
	p := Params{Customers: 600, Organizations: 1, Seed: 3}
	if _, err := Load(t.Context(), st, regions(t), p, Options{Data: dir, Batch: 250}); err != nil {
		t.Fatal(err)
	}
	d, err := st.Directory(t.Context(), 6)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Users) != 50 || len(d.Labels) != labels || len(d.Fields["contact"]) != 2 || len(d.Fields["customer"]) != 2 {
		t.Errorf("%d users, %d labels, fields %v", len(d.Users), len(d.Labels), d.Fields)
	}
	if d.Organization.Version < 4 {
		t.Errorf("version %d", d.Organization.Version)
	}
	addresses := map[int64]bool{}
	kinds := map[string]int{}
	check := func(a *crm.Address) {
		if addresses[a.ID] || a.ID == 0 {
			t.Errorf("address id %d", a.ID)
		}
		addresses[a.ID] = true
		if err := regions(t).Consistent(a.CountryID, a.ProvinceID, a.CityID, a.DistrictID); err != nil {
			t.Error(err)
		}
		if err := a.Validate(); err != nil {
			t.Error(err)
		}
		if p := a.Phone.Value; p != "" && (len(p) != 11 || p < "13800000000" || p > "13800999999") {
			t.Errorf("phone %q", p)
		}
		if m := a.Email.Value; m != "" && !strings.HasSuffix(m, "@example.com") {
			t.Errorf("e-mail %q", m)
		}
	}
	err = st.View(t.Context(), 6, func(r *store.Read) error {
		for id := int64(1); id <= 600; id++ {
			c, err := r.Customer(6, id)
			if err != nil {
				return err
			}
			if c.NamePinyin != zh.Pinyin(c.Name) {
				t.Errorf("%s: %s", c.Name, c.NamePinyin)
			}
			switch {
			case c.PoolID != 0:
				kinds["pool"]++
				if c.OwnerID != 0 || c.DepartmentID != 0 || d.Pools[c.PoolID] == nil {
					t.Errorf("pool customer %+v", c)
				}
			case !d.Users[c.OwnerID].Active() || d.Users[c.OwnerID].DepartmentID != c.DepartmentID:
				t.Errorf("customer %d of user %d", id, c.OwnerID)
			}
			for _, f := range []struct {
				field string
				id    int64
			}{{"status", c.Status}, {"category", c.Category}, {"source", c.Source}, {"industry", c.Industry}, {"staff_size", c.StaffSize}} {
				if o := d.Options[f.id]; f.id != 0 && (o == nil || o.Entity != "customer" || o.Field != f.field) {
					t.Errorf("%s is %+v", f.field, o)
				}
			}
			marks, err := r.CustomerLabels(6, id)
			if err != nil || c.Labelled != (len(marks) > 0) {
				t.Errorf("labels %v: %v", marks, err)
			}
			kinds["labelled"] += min(1, len(marks))
			kinds[string(c.Approval)]++
			if len(c.Custom) > 0 {
				kinds["custom"]++
			}
			check(&c.Address)
			contacts, err := r.ContactsOf(6, id)
			if err != nil || len(contacts) < 1 || len(contacts) > 3 {
				t.Errorf("customer %d has %d contacts: %v", id, len(contacts), err)
			}
			for i := range contacts {
				k, err := r.Contact(6, contacts[i].ID)
				if err != nil {
					return err
				}
				if k.NamePinyin != zh.Pinyin(k.Name) || d.Users[k.CreatorID] == nil {
					t.Errorf("contact %+v", k)
				}
				if o := d.Options[k.Category]; k.Category != 0 && (o == nil || o.Entity != "contact") {
					t.Errorf("category of a contact is %+v", o)
				}
				check(&k.Address)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for kind, bounds := range map[string][2]int{"pool": {6, 40}, "applying": {3, 30}, "labelled": {35, 90}, "custom": {100, 210}} {
		if n := kinds[kind]; n < bounds[0] || n > bounds[1] {
			t.Errorf("%d customers are %s", n, kind)
		}
	}
	for kind, next := range map[store.Kind]int64{store.Customers: 601, store.Contacts: int64(len(addresses) - 600 + 1),
		store.Addresses: int64(len(addresses) + 1)} {
		if id, err := st.TakeIDs(t.Context(), 6, kind, 1); err != nil || id != next {
			t.Errorf("the next id of %s is %d, %v, want %d", kind, id, err, next)
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	c := storetest.Beside(t, storetest.Of(t, dir))
	if dbtest.Present() != dbtest.SQLite {
		// Made anew, a reference is checked for every row.
		for _, k := range query(t, c, `SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
			FROM pg_constraint WHERE contype = 'f' AND conparentid = 0`) {
			if _, err := c.ExecContext(t.Context(), `ALTER TABLE `+k[0]+` DROP CONSTRAINT `+k[1]+`, ADD CONSTRAINT `+k[1]+` `+k[2]); err != nil {
				t.Errorf("broken references: %v", err)
			}
		}
	} else {
		if bad := query(t, c, "PRAGMA foreign_key_check"); len(bad) > 0 {
			t.Errorf("broken references: %v", bad)
		}
		if ok := query(t, c, "PRAGMA integrity_check"); len(ok) != 1 || ok[0][0] != "ok" {
			t.Errorf("integrity: %v", ok)
		}
	}
	if logs := query(t, c, "SELECT count(*) FROM operation_logs WHERE action = 'generate' AND entity = 'customer'"); logs[0][0] != "3" {
		t.Errorf("%s rows in the log", logs[0][0])
	}
}

func TestNames(t *testing.T) {
	names, err := NewNames(regions(t))
	if err != nil {
		t.Fatal(err)
	}
	const n = 20_000
	m := newMaker(names, 1, 0, n)
	seen := map[string]int{}
	ends := map[string]int{}
	for i := range n {
		name, _, _ := m.company(i)
		seen[name]++
		c := crm.NewCustomer{Customer: crm.Customer{Name: name, Approval: crm.Approved}}
		if err := c.Validate(); err != nil || c.Name != name {
			t.Fatalf("%q: %v", name, err)
		}
		for _, end := range []string{"有限公司", "分公司", "店", "Co., Ltd.", "）"} {
			if strings.HasSuffix(name, end) {
				ends[end]++
			}
		}
	}
	if again := n - len(seen); again < n*9/1000 || again > n*20/1000 {
		t.Errorf("%d of %d names are repeats", again, n)
	}
	for end, least := range map[string]int{"有限公司": n * 8 / 10, "分公司": n / 100, "店": n / 100, "Co., Ltd.": n / 200, "）": n / 1000} {
		if ends[end] < least {
			t.Errorf("%d names end in %s", ends[end], end)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	const n = 20_000
	for b.Loop() {
		dir := b.TempDir()
		st := openStore(b, dir)
		if _, err := Load(b.Context(), st, regions(b), Params{Customers: n, Organizations: 1, Seed: 1}, Options{Data: dir}); err != nil {
			b.Fatal(err)
		}
		if err := st.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "customers/s")
}
