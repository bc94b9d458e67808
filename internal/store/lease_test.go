package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/pgtest"
)

func TestLease(t *testing.T) {
	s := openStore(t, "")
	ask := func(holder string, at int64, fencing int64, held bool) {
		t.Helper()
		f, h, err := s.Lease(t.Context(), "jobs", holder, testTime+crm.Time(at), 10*time.Second)
		if err != nil || h != held || held && f != fencing {
			t.Errorf("%s at %d: fencing %d, held %v, %v", holder, at, f, h, err)
		}
	}
	ask("a", 0, 1, true)
	ask("b", 9_999, 0, false)
	ask("a", 5_000, 1, true) // renewed until 15,000
	ask("b", 14_999, 0, false)
	ask("b", 15_000, 2, true)
	ask("a", 15_001, 0, false)
	if err := s.GiveLease(t.Context(), "jobs", "a"); err != nil { // it is b's
		t.Error(err)
	}
	ask("a", 15_002, 0, false)
	if err := s.GiveLease(t.Context(), "jobs", "b"); err != nil {
		t.Error(err)
	}
	ask("a", 15_003, 3, true)
	if f, held, err := s.Lease(t.Context(), "other", "b", testTime, time.Second); f != 1 || !held || err != nil {
		t.Errorf("another lease: %d, %v, %v", f, held, err)
	}
}

// TestLeaseOfManyHolders lets everybody ask at once: one gets it.
func TestLeaseOfManyHolders(t *testing.T) {
	s := openStore(t, "")
	for round := range int64(5) {
		var holders atomic.Int64
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				f, held, err := s.Lease(context.Background(), "jobs", fmt.Sprint(round, "/", i), testTime+crm.Time(round*1000), time.Second)
				if err != nil || held && f != round+1 {
					t.Errorf("fencing %d, %v", f, err)
				}
				if held {
					holders.Add(1)
				}
			})
		}
		all.Wait()
		if n := holders.Load(); n != 1 {
			t.Errorf("%d have got it", n)
		}
	}
}

// TestLeaseOfTheSchema checks what a holder may do who was late.
func TestLeaseOfTheSchema(t *testing.T) {
	db, err := openSQL(pgtest.Shared(t).Fresh(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := t.Context()
	a, b := newLeaseHolder(time.Hour), newLeaseHolder(time.Hour)
	if err := a.take(ctx, db); err != nil || a.fencing != 1 {
		t.Fatalf("fencing %d, %v", a.fencing, err)
	}
	short, cancel := context.WithTimeout(ctx, 3*leasePoll)
	defer cancel()
	if err := b.take(short, db); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("taken from a holder who is there: %v", err)
	}
	if err := a.hold(ctx, db); err != nil {
		t.Error(err)
	}
	if _, err := db.ExecContext(ctx, `UPDATE leases SET expires_at = 1`); err != nil {
		t.Fatal(err)
	}
	if err := a.hold(ctx, db); err != nil { // nobody else wanted it
		t.Error(err)
	}
	if _, err := db.ExecContext(ctx, `UPDATE leases SET expires_at = 1`); err != nil {
		t.Fatal(err)
	}
	if err := b.take(ctx, db); err != nil || b.fencing != 2 {
		t.Fatalf("fencing %d, %v", b.fencing, err)
	}
	a.give() // nothing to give
	for range 2 {
		if err := a.hold(ctx, db); !errors.Is(err, errLeaseLost) {
			t.Errorf("the late one holds it: %v", err)
		}
		if err := a.during(ctx, func(context.Context) error { t.Error("the late one works"); return nil }); !errors.Is(err, errLeaseLost) {
			t.Errorf("got %v", err)
		}
		b.give() // nor does it come back when the other has ended
	}
}

// TestLeaseIsRenewedDuringLongWork lets work last for several lives, and then
// be told that the lease is lost.
func TestLeaseIsRenewedDuringLongWork(t *testing.T) {
	db, err := openSQL(pgtest.Shared(t).Fresh(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	l := newLeaseHolder(600 * time.Millisecond)
	if err := l.take(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	until := func() (at int64) {
		if err := db.QueryRowContext(t.Context(), `SELECT expires_at FROM leases`).Scan(&at); err != nil {
			t.Error(err)
		}
		return at
	}
	err = l.during(t.Context(), func(context.Context) error {
		for first := until(); until() < first+2*l.life.Milliseconds(); {
		}
		return nil
	})
	if err != nil {
		t.Errorf("after two lives: %v", err)
	}
	err = l.during(t.Context(), func(ctx context.Context) error {
		if _, err := db.ExecContext(ctx, `UPDATE leases SET holder = 'other', fencing = fencing + 1`); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	})
	if !errors.Is(err, errLeaseLost) {
		t.Errorf("work whose lease was lost ends with %v", err)
	}
	failed := errors.New("failed")
	if _, err := db.ExecContext(t.Context(), `UPDATE leases SET expires_at = 0`); err != nil {
		t.Fatal(err)
	}
	if err := l.take(t.Context(), db); err != nil || l.fencing != 3 {
		t.Fatalf("fencing %d, %v", l.fencing, err)
	}
	if err := l.during(t.Context(), func(context.Context) error { return failed }); !errors.Is(err, failed) || errors.Is(err, errLeaseLost) {
		t.Errorf("got %v", err)
	}
}
