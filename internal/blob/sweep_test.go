package blob

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestSweep(t *testing.T) {
	onEachStore(t, func(t *testing.T, b *bench) {
		rows := map[string]bool{}
		var orphans []string
		for org := range int64(3) {
			for i := range 130 {
				key := NewKey(org)
				put(t, b, key, "text")
				if i%4 == 0 {
					orphans = append(orphans, key)
				} else {
					rows[key] = true
				}
			}
		}
		foreign := []string{"1/14918/card.jpg", "reports/2026/a.pdf", "01/AB/CDEFGHIJKLMNOPQRSTUVWX22", "1/ab/cdefghijklmnopqrstuvwx22"}
		for _, key := range foreign {
			put(t, b, key, "not ours")
		}
		b.strand("1/AB/x")
		named := func(_ context.Context, org int64, keys []string) (map[string]bool, error) {
			found := map[string]bool{}
			for _, key := range keys {
				if of, ok := keyOrganization(key); !ok || of != org || len(keys) > sweepBatch {
					t.Errorf("asked about %q of organization %d among %d", key, org, len(keys))
				}
				if rows[key] {
					found[key] = true
				}
			}
			return found, nil
		}
		before := len(b.kept())
		if done, err := Sweep(t.Context(), b, time.Now().Add(-time.Hour), named); err != nil || done != (Swept{}) || len(b.kept()) != before {
			t.Fatalf("what is new was swept: %+v, %v", done, err)
		}
		later := time.Now().Add(time.Hour)
		down := errors.New("the database does not answer")
		done, err := Sweep(t.Context(), b, later, func(context.Context, int64, []string) (map[string]bool, error) { return nil, down })
		if err != down || done.Removed != 0 {
			t.Fatalf("without a database: %+v, %v", done, err)
		}
		done, err = Sweep(t.Context(), b, later, named)
		if want := (Swept{Objects: 390, Removed: len(orphans), Bytes: 4 * int64(len(orphans))}); err != nil || done != want {
			t.Fatalf("Sweep: %+v, %v, want %+v", done, err, want)
		}
		for _, key := range orphans {
			if _, err := b.Stat(t.Context(), key); !errors.Is(err, ErrNotFound) {
				t.Errorf("%s is still there: %v", key, err)
			}
		}
		kept := 0
		if err := b.Each(t.Context(), func(key string, _ Info) error { kept++; return nil }); err != nil || kept != len(rows)+len(foreign) {
			t.Errorf("%d objects are left, %v", kept, err)
		}
	})
}

func TestNewKey(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		key := NewKey(57)
		if org, ok := keyOrganization(key); !ok || org != 57 || CheckKey(key) != nil || seen[key] {
			t.Fatalf("odd key %q", key)
		}
		seen[key] = true
	}
}
