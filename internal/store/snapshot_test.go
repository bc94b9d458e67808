package store

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"guanxi/internal/crm"
)

// addNamed writes a customer with a name of its own.
func addNamed(ctx context.Context, s *Store, id int64) error {
	return s.Update(ctx, 1, func(w *Write) error {
		c := &crm.Customer{ID: id, Name: fmt.Sprint("客户", id), Approval: crm.Approved, CreatedAt: testTime, UpdatedAt: testTime,
			Address: crm.Address{ID: id, CreatedAt: testTime, UpdatedAt: testTime}}
		if err := w.AddCustomer(c); err != nil {
			return err
		}
		return logged(w, 1000+id)
	})
}

func named(ctx context.Context, s *Store, id int64) (n int, err error) {
	err = s.View(ctx, 1, func(r *Read) error {
		found, err := r.CustomersByName(1, fmt.Sprint("客户", id))
		n = len(found)
		return err
	})
	return n, err
}

// A read that begins after a commit sees it, however busy the readers are with
// snapshots of before.
func TestReadsSeeEveryCommit(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	ctx, stop := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	for range 4 {
		busy.Go(func() {
			for ctx.Err() == nil {
				if _, err := named(ctx, s, 1); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	for id := range int64(200) {
		if err := addNamed(t.Context(), s, id+1); err != nil {
			t.Fatal(err)
		}
		if n, err := named(t.Context(), s, id+1); err != nil || n != 1 {
			t.Fatalf("customer %d: %d found after its commit, %v", id+1, n, err)
		}
	}
	stop()
	busy.Wait()
}

// One view is one snapshot, whatever is committed while it runs.
func TestAViewIsOneSnapshot(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	err := s.View(t.Context(), 1, func(r *Read) error {
		for range 2 {
			if found, err := r.CustomersByName(1, "客户1"); err != nil || len(found) != 0 {
				t.Errorf("%d found, %v", len(found), err)
			}
			if n, err := named(t.Context(), s, 1); err == nil && n == 0 {
				if err := addNamed(t.Context(), s, 1); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := named(t.Context(), s, 1); err != nil || n != 1 {
		t.Errorf("%d found afterwards, %v", n, err)
	}
}

// A commit of another process is seen by itself after a while, and snapshots
// of idle readers do not keep the log from being emptied.
func TestSnapshotsGrowOld(t *testing.T) {
	path := newFile(t)
	s := openFile(t, path)
	addOrganization(t, s, 1)
	other := openFile(t, path)
	if n, err := named(t.Context(), s, 7); err != nil || n != 0 {
		t.Fatal(n, err)
	}
	if err := addNamed(t.Context(), other, 7); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for n := 0; n == 0; {
		var err error
		if n, err = named(ctx, s, 7); err != nil {
			t.Fatal(err)
		}
	}
	w := <-s.engine.(*sqliteEngine).writer
	defer func() { s.engine.(*sqliteEngine).writer <- w }()
	for {
		if err := w.conn.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() == 0 {
			return
		}
		if ctx.Err() != nil {
			t.Fatal("the log is never emptied")
		}
	}
}
