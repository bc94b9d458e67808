package store

import (
	"errors"
	"sync"
	"testing"
)

func take(t *testing.T, s *Store, org int64, kind Kind, n int) int64 {
	t.Helper()
	id, err := s.TakeIDs(t.Context(), org, kind, n)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestIDsAreDense(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	addOrganization(t, s, 2)
	next := int64(1)
	for _, n := range []int{1, 1, 60, 5, 1, 200, 64, 3, 63, 1, 65} {
		if got := take(t, s, 1, Customers, n); got != next {
			t.Errorf("%d ids begin at %d, want %d", n, got, next)
		}
		next += int64(n)
	}
	if got := take(t, s, 1, Contacts, 1); got != 1 {
		t.Errorf("another kind begins at %d", got)
	}
	if got := take(t, s, 2, Customers, 1); got != 1 {
		t.Errorf("another organization begins at %d", got)
	}
	for _, n := range []int{0, -1} {
		if got := take(t, s, 1, Customers, n); got != 0 {
			t.Errorf("%d ids begin at %d", n, got)
		}
	}
	if got := take(t, s, 1, Customers, 1); got != next {
		t.Errorf("taking none took some: %d, want %d", got, next)
	}
	if _, err := s.TakeIDs(t.Context(), 99, Customers, 1); err == nil {
		t.Error("ids of an organization that is not there")
	}
}

func TestIDsAreNeverGivenTwice(t *testing.T) {
	path := newDatabase(t)
	stores := []*Store{openStore(t, path), openStore(t, path)} // as two processes
	addOrganization(t, stores[0], 1)
	const workers, rounds = 6, 40
	found := make([]map[int64]bool, workers)
	var all sync.WaitGroup
	for i := range workers {
		found[i] = map[int64]bool{}
		all.Go(func() {
			for j := range rounds {
				n := 1 + (i+j)%5
				first, err := stores[i%2].TakeIDs(t.Context(), 1, Customers, n)
				if err != nil {
					t.Error(err)
					return
				}
				for id := first; id < first+int64(n); id++ {
					if found[i][id] {
						t.Errorf("%d was given twice", id)
					}
					found[i][id] = true
				}
			}
		})
	}
	all.Wait()
	seen := map[int64]bool{}
	for _, m := range found {
		for id := range m {
			if seen[id] || id <= 0 {
				t.Errorf("%d was given twice", id)
			}
			seen[id] = true
		}
	}
}

func TestIDsGoOnAfterReopening(t *testing.T) {
	path := newDatabase(t)
	s, err := Open(t.Context(), path, Config{})
	if err != nil {
		t.Fatal(err)
	}
	addOrganization(t, s, 1)
	last := take(t, s, 1, Customers, 3) + 2
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := take(t, openStore(t, path), 1, Customers, 1); got <= last || got > last+blockSize {
		t.Errorf("goes on with %d after %d", got, last)
	}
}

func TestSkipIDs(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	skip := func(id, last int64) {
		t.Helper()
		if err := s.Update(t.Context(), 1, func(w *Write) error {
			return errors.Join(w.SkipIDs(Customers, last), logged(w, id))
		}); err != nil {
			t.Fatal(err)
		}
	}
	skip(2, 1000)
	skip(3, 10) // never back
	if got := take(t, s, 1, Customers, 1); got != 1001 {
		t.Errorf("begins at %d", got)
	}
	skip(4, 5000)
	take(t, s, 1, Customers, blockSize-1) // what is left of the block
	if got := take(t, s, 1, Customers, 2); got != 5001 {
		t.Errorf("goes on with %d", got)
	}
}

func TestTakeIDsFailsWithItsTransaction(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	var first int64
	if err := s.Update(t.Context(), 1, func(w *Write) (err error) {
		first, err = w.TakeIDs(Customers, 10)
		return errors.Join(err, errOnPurpose)
	}); !errors.Is(err, errOnPurpose) || first != 1 {
		t.Errorf("%d, %v", first, err)
	}
	if got := take(t, s, 1, Customers, 1); got != 1 {
		t.Errorf("ids of a failed transaction are lost: %d", got)
	}
}

func TestNextOrganization(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 57)
	for want := int64(58); want < 61; want++ {
		if id, err := s.NextOrganization(t.Context()); err != nil || id != want {
			t.Errorf("%d, %v, want %d", id, err, want)
		}
	}
	addOrganization(t, s, 59)
	if id, err := s.NextOrganization(t.Context()); err != nil || id != 61 {
		t.Errorf("%d, %v", id, err)
	}
	all, err := s.Organizations(t.Context())
	if err != nil || len(all) != 2 || all[0].ID != 57 || all[1].ID != 59 || all[0].Version != 1 {
		t.Errorf("%+v, %v", all, err)
	}
}
