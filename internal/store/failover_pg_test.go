package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"guanxi/internal/pg"
	"guanxi/internal/pgtest"
)

// newPG opens a store on PostgreSQL, whatever the engine of the run.
func newPG(t *testing.T) (*Store, *pgEngine) {
	t.Helper()
	s := openStore(t, pgtest.Shared(t).Fresh(t, ""))
	return s, s.engine.(*pgEngine)
}

// failOver makes the next new connection look as one to a new primary.
func failOver(e *pgEngine) {
	e.timeline.Store(e.timeline.Load() + 1)
	e.pool.drain()
}

// The first who connects to a new primary may be one who takes ids: the epoch
// begins in the middle of it.
func TestIDsAreTakenFirstAfterAFailover(t *testing.T) {
	s, e := newPG(t)
	addOrganization(t, s, 1)
	before := take(t, s, 1, Customers, 1)
	epoch := s.Epoch()
	failOver(e)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	taken := make(chan int64, 1)
	go func() {
		id, err := s.TakeIDs(ctx, 1, Contacts, 1)
		if err != nil {
			t.Error(err)
		}
		taken <- id
	}()
	select {
	case <-taken:
	case <-ctx.Done():
		t.Fatal("ids are never taken")
	}
	if s.Epoch() != epoch {
		t.Errorf("the epoch %d is that of the primary, %d", s.Epoch(), epoch)
	}
	if id := take(t, s, 1, Customers, 1); id <= before {
		t.Errorf("%d after %d", id, before)
	}
}

// What was read in an epoch is not taken for the state of the next.
func TestVersionsBelongToAnEpoch(t *testing.T) {
	s, _ := newPG(t)
	addOrganization(t, s, 1)
	epoch := s.Epoch()
	s.begin(epoch + 1)
	s.publish(1, Version{All: 99}, epoch)
	s.begin(epoch)
	if v := versions(t, s, 1); v.All != 1 {
		t.Errorf("version %v", v)
	}
}

// A connection to a former primary is not used when another one is known.
func TestConnectionsToAFormerPrimaryAreLeft(t *testing.T) {
	s, e := newPG(t)
	addOrganization(t, s, 1)
	var before, after int64
	backend := func(pid *int64) func(Tx) error {
		return func(tx Tx) error { return one(tx, "SELECT pg_backend_pid()", nil, pid) }
	}
	if err := s.engine.view(t.Context(), 1, backend(&before)); err != nil {
		t.Fatal(err)
	}
	e.pool.mu.Lock()
	for _, c := range e.pool.idle {
		c.conn.timeline = 0
	}
	e.pool.mu.Unlock()
	if err := s.engine.view(t.Context(), 1, backend(&after)); err != nil || before == after {
		t.Errorf("connection %d, then %d, %v", before, after, err)
	}
}

// Notes of commits may come in another order than the commits.
func TestPlacesInTheLogComeInAnyOrder(t *testing.T) {
	r := &pgReplica{engine: &pgEngine{opened: time.Now()}, needed: map[int64]int64{}, seen: map[int64]Version{}, marked: true}
	r.replayed.Store(110)
	r.floor = 50
	r.wrote(5, 120)
	r.wrote(installation, 100) // was committed before
	if r.has(5) {
		t.Error("a commit is forgotten")
	}
	r.wrote(6, 90)
	if !r.has(6) || !r.has(7) {
		t.Error("others are kept from the replica")
	}
	r.wrote(6, noPlace)
	r.learn(map[int64]Version{6: {All: 3}}, 105)
	if !r.has(6) {
		t.Error("a place that was not known is never learned")
	}
	r.begin()
	if r.has(6) {
		t.Error("the replica need not show the timeline")
	}
}

// Directories do not tell versions: what is known of an organization must be
// known to whoever chooses a replica too.
func TestTheDirectoryTellsNoVersion(t *testing.T) {
	s, _ := newPG(t)
	addOrganization(t, s, 1)
	other := openStore(t, databaseOf(s))
	if _, err := other.Version(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if err := addNamed(t.Context(), s, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Directory(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	other.mu.RLock()
	known := other.versions[1]
	other.mu.RUnlock()
	if known.All != 1 {
		t.Errorf("version %v was learned from the directory", known)
	}
}

// When the watch for changes is late, versions in memory are not believed.
func TestALateWatchIsNotBelieved(t *testing.T) {
	s, _ := newPG(t)
	addOrganization(t, s, 1)
	other := openStore(t, databaseOf(s))
	if err := errors.Join(func() error { _, err := other.Version(t.Context(), 1); return err }(), other.Watch(t.Context())); err != nil {
		t.Fatal(err)
	}
	if err := addNamed(t.Context(), s, 1); err != nil {
		t.Fatal(err)
	}
	other.watched.Store(other.clock() - watchedFor - 1)
	if v, err := other.Version(t.Context(), 1); err != nil || v.All != 2 {
		t.Errorf("version %v, %v", v, err)
	}
}

// Waiting ends with the caller's time, and what was confirmed stays confirmed.
func TestTripsEndWithTheContext(t *testing.T) {
	s, _ := newPG(t)
	addOrganization(t, s, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := s.engine.view(ctx, 1, func(tx Tx) error {
		_, err := tx.Query("SELECT 1 FROM pg_sleep(30)")
		return err
	})
	if !errors.Is(err, ErrUnavailable) && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	for _, code := range []string{"57014", "53200", "55P03", "57P01", "08006"} {
		if !pg.IsUnavailable(&pg.Error{Code: code}) {
			t.Errorf("%s is taken for an internal error", code)
		}
	}
}
