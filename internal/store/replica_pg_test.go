package store

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"time"

	"guanxi/internal/pgtest"
)

// pair is a primary with a streaming replica, and stores on both: two
// processes that read from the replica.
type pair struct {
	primary, replica *pgtest.Cluster
	database         string
	stores           [2]*Store
}

// newPair makes a pair with the organizations 1 and 2. Commits are on the disk
// and with the replica before they are acknowledged only when replay goes on.
func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{database: "pair"}
	var err error
	if p.primary, err = pgtest.Start(pgtest.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.primary.Close() })
	if err := p.primary.CreateDatabase(t.Context(), p.database, ""); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, p.primary.URL(p.database))
	addOrganization(t, s, 1)
	addOrganization(t, s, 2)
	if p.replica, err = p.primary.Replica(pgtest.Options{}); err != nil {
		t.Fatal(err)
	}
	for i := range p.stores {
		p.stores[i] = p.open(t)
	}
	return p
}

// open opens a store that writes to whichever of the two is the primary and
// reads from the replica.
func (p *pair) open(t *testing.T) *Store {
	t.Helper()
	first, second := p.hosts(t)
	s, err := Open(t.Context(), "postgres:///"+p.database+"?user=postgres&host="+first+","+second+"&target_session_attrs=read-write",
		Config{Read: p.replica.URL(p.database)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (p *pair) hosts(t *testing.T) (first, second string) {
	t.Helper()
	for i, c := range []*pgtest.Cluster{p.primary, p.replica} {
		u, err := url.Parse(c.URL(p.database))
		if err != nil {
			t.Fatal(err)
		}
		*[]*string{&first, &second}[i] = u.Query().Get("host")
	}
	return first, second
}

// where tells who answers a read of an organization.
func where(t *testing.T, s *Store, org int64) string {
	t.Helper()
	onReplica := false
	err := s.engine.view(t.Context(), org, func(tx Tx) error {
		return one(tx, "SELECT pg_is_in_recovery()", nil, &onReplica)
	})
	switch {
	case err != nil:
		t.Fatal(err)
	case onReplica:
		return "replica"
	}
	return "primary"
}

// until waits until a condition holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("never: %s", what)
		}
	}
}

func (p *pair) caughtUp(t *testing.T, orgs ...int64) {
	t.Helper()
	for _, s := range p.stores {
		for _, org := range orgs {
			until(t, "the replica is asked", func() bool { return where(t, s, org) == "replica" })
		}
	}
}

func TestReadsFollowWrites(t *testing.T) {
	p := newPair(t)
	mine, other := p.stores[0], p.stores[1]
	p.caughtUp(t, 1, 2)

	// Every request begins with a question for the version.
	if _, err := other.Version(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	// With every commit, a read that follows it sees it, wherever it goes.
	for id := int64(1); id <= 100; id++ {
		if err := addNamed(t.Context(), mine, id); err != nil {
			t.Fatal(err)
		}
		if n, err := named(t.Context(), mine, id); err != nil || n != 1 {
			t.Fatalf("customer %d: %d found after its commit, %v", id, n, err)
		}
	}
	p.caughtUp(t, 1, 2)

	// The replica lags: what this process has written is read on the primary,
	// what it has not, on the replica.
	if err := p.replica.PauseReplay(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := addNamed(t.Context(), mine, 101); err != nil {
		t.Fatal(err)
	}
	if n, err := named(t.Context(), mine, 101); err != nil || n != 1 || where(t, mine, 1) != "primary" {
		t.Errorf("%d found by who has written it, %v", n, err)
	}
	if where(t, mine, 2) != "replica" {
		t.Error("another organization is no longer read on the replica")
	}
	// Another process learns of it when it looks.
	if err := other.Watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := named(t.Context(), other, 101); err != nil || n != 1 || where(t, other, 1) != "primary" {
		t.Errorf("%d found by another process, %v", n, err)
	}
	if v, err := other.FreshVersion(t.Context(), 1); err != nil || v.All != 102 {
		t.Errorf("version %v, %v", v, err)
	}
	if where(t, other, 2) != "replica" {
		t.Error("another organization is no longer read on the replica by another process")
	}
	if err := p.replica.ResumeReplay(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.caughtUp(t, 1, 2)
}

func TestReplicaGone(t *testing.T) {
	p := newPair(t)
	s := p.stores[0]
	p.caughtUp(t, 1)
	if err := p.replica.Kill(); err != nil {
		t.Fatal(err)
	}
	for id := int64(1); id <= 20; id++ {
		if err := addNamed(t.Context(), s, id); err != nil {
			t.Fatal(err)
		}
		if n, err := named(t.Context(), s, id); err != nil || n != 1 || where(t, s, 2) != "primary" {
			t.Fatalf("without the replica: %d, %v", n, err)
		}
	}
	if err := p.replica.Restart(); err != nil {
		t.Fatal(err)
	}
	p.caughtUp(t, 1, 2)
}

// A replica that has become a primary beside the former one shows another
// history: nothing is read there.
func TestReplicaThatIsNoLongerOne(t *testing.T) {
	p := newPair(t)
	s := p.stores[0]
	p.caughtUp(t, 1)
	if err := p.replica.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, "the primary answers", func() bool { return where(t, s, 1) == "primary" && where(t, s, 2) == "primary" })
	if err := addNamed(t.Context(), s, 1); err != nil {
		t.Fatal(err)
	}
	if n, err := named(t.Context(), s, 1); err != nil || n != 1 {
		t.Errorf("%d found, %v", n, err)
	}
}

// The primary is lost together with its last commits, and the replica takes
// its place: what was kept in memory of the lost time is forgotten, and ids are
// not given out twice.
func TestReplicaBecomesThePrimary(t *testing.T) {
	p := newPair(t)
	s := p.stores[0]
	p.caughtUp(t, 1)
	before := take(t, s, 1, Customers, 1)
	lsn, err := p.primary.CurrentLSN(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.replica.WaitReplayed(t.Context(), lsn); err != nil {
		t.Fatal(err)
	}
	epoch := s.Epoch()
	version, err := s.Version(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	// The primary's last commit reaches nobody.
	if err := p.replica.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := addNamed(t.Context(), s, 500); err != nil {
		t.Fatal(err)
	}
	if lost, err := s.Version(t.Context(), 1); err != nil || lost.All != version.All+1 {
		t.Fatal(lost, err)
	}
	if err := p.primary.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := s.View(t.Context(), 1, func(r *Read) error { _, err := r.Customer(1, 1); return err }); !errors.Is(err, ErrUnavailable) {
		t.Errorf("without any database: %v", err)
	}
	if err := p.replica.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), 1, func(w *Write) error { return logged(w, 9) }); !errors.Is(err, ErrUnavailable) {
		t.Errorf("written to a replica: %v", err)
	}
	if err := p.replica.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, "the new primary answers", func() bool {
		_, err := s.FreshVersion(t.Context(), 1)
		return err == nil
	})
	if s.Epoch() == epoch {
		t.Error("the epoch is the former one")
	}
	if v, err := s.Version(t.Context(), 1); err != nil || v.All != version.All {
		t.Errorf("version %v after %v, %v", v, version, err)
	}
	if n, err := named(t.Context(), s, 500); err != nil || n != 0 {
		t.Errorf("the lost customer: %d, %v", n, err)
	}
	if id := take(t, s, 1, Customers, 1); id <= before {
		t.Errorf("the id %d was given before: %d", id, before)
	}
	if err := addNamed(t.Context(), s, 501); err != nil {
		t.Fatal(err)
	}
	if n, err := named(t.Context(), s, 501); err != nil || n != 1 || where(t, s, 1) != "primary" {
		t.Errorf("written on the new primary: %d, %v", n, err)
	}
}
