package store

import (
	"fmt"
	"sync"
	"testing"
)

func TestRateBudget(t *testing.T) {
	s := openStore(t, "")
	if state, revision, err := s.RateBudget(t.Context(), 1); state != "" || revision != 0 || err != nil {
		t.Errorf("nothing was set: %q at %d, %v", state, revision, err)
	}
	for _, step := range []struct {
		org      int64
		state    string
		revision int64
		done     bool
	}{
		{1, "a", 0, true}, {1, "b", 0, false}, {1, "c", 1, true}, {1, "d", 1, false}, {1, "e", 3, false}, {2, "f", 0, true}, {1, "g", 2, true},
	} {
		if done, err := s.SetRateBudget(t.Context(), step.org, step.state, step.revision); done != step.done || err != nil {
			t.Errorf("%+v: %v, %v", step, done, err)
		}
	}
	for org, want := range map[int64]string{1: "g 3", 2: "f 1"} {
		if state, revision, err := s.RateBudget(t.Context(), org); fmt.Sprint(state, " ", revision) != want || err != nil {
			t.Errorf("%d: %s %d, %v", org, state, revision, err)
		}
	}
}

// TestRateBudgetOfSeveral replaces one row from several stores at once: each
// revision is given once.
func TestRateBudgetOfSeveral(t *testing.T) {
	database := newDatabase(t)
	const each = 20
	var all sync.WaitGroup
	for range 3 {
		s := openStore(t, database)
		all.Go(func() {
			for range each {
				for done := false; !done; {
					state, revision, err := s.RateBudget(t.Context(), 1)
					if err == nil {
						done, err = s.SetRateBudget(t.Context(), 1, state+"x", revision)
					}
					if err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	all.Wait()
	state, revision, err := openStore(t, database).RateBudget(t.Context(), 1)
	if len(state) != 3*each || revision != 3*each || err != nil {
		t.Errorf("%d changes at revision %d, %v; want %d", len(state), revision, err, 3*each)
	}
}
