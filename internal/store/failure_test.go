package store

import (
	"fmt"
	"sync"
	"testing"

	"guanxi/internal/crm"
)

func failures(t *testing.T, s *Store, after crm.Time, keys ...string) string {
	t.Helper()
	n, err := s.Failures(t.Context(), after, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(n)
}

func TestFailures(t *testing.T) {
	s := openStore(t, "")
	add := func(now, after crm.Time, keys ...string) {
		t.Helper()
		if err := s.AddFailures(t.Context(), now, after, keys...); err != nil {
			t.Fatal(err)
		}
	}
	add(100, 0, "a", "b")
	add(110, 10, "a")
	for _, c := range []struct {
		after crm.Time
		want  string
	}{{0, "[2 1 0]"}, {99, "[2 1 0]"}, {100, "[0 0 0]"}} {
		if got := failures(t, s, c.after, "a", "b", "c"); got != c.want {
			t.Errorf("after %d: %s, want %s", c.after, got, c.want)
		}
	}
	add(200, 100, "a") // the first ones have run out
	if got := failures(t, s, 100, "a", "b"); got != "[1 0]" {
		t.Errorf("counted anew: %s", got)
	}
	if err := s.ForgetOldFailures(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	if got := failures(t, s, 0, "a", "b"); got != "[1 0]" {
		t.Errorf("without the old: %s", got)
	}
	if err := s.ForgetFailures(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if got := failures(t, s, 0, "a"); got != "[0]" {
		t.Errorf("forgotten: %s", got)
	}
}

// TestFailuresOfSeveral counts from several stores at once: none is lost.
func TestFailuresOfSeveral(t *testing.T) {
	database := newDatabase(t)
	const each = 20
	var all sync.WaitGroup
	for i := range 3 {
		s := openStore(t, database)
		all.Go(func() {
			for range each {
				if err := s.AddFailures(t.Context(), testTime, 0, fmt.Sprint("login", i), "address"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got := failures(t, openStore(t, database), 0, "login0", "login1", "login2", "address"); got != "[20 20 20 60]" {
		t.Errorf("counted %s", got)
	}
}
