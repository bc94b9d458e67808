package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"guanxi/internal/crm"
)

// Store is the database of one installation.
type Store struct {
	engine engine
	facts  map[string]string

	mu       sync.RWMutex
	versions map[int64]Version
	epoch    atomic.Int64
	opened   time.Time
	watched  atomic.Int64 // when the last Watch that succeeded began; see clock
	ids      idBlocks
	onJob    atomic.Pointer[func(crm.JobHint)]
}

// Version is how often an organization has changed (All), how often what its
// Directory holds has (Directory), and how often sessions of its users have
// ended (Sessions). They only grow.
type Version struct{ All, Directory, Sessions int64 }

// Config says how a database is used; its zero value is for commands and
// tests.
type Config struct {
	// Connections is how many connections to a PostgreSQL database are used
	// at most; 0 for four for each processor.
	Connections int
	// Read is the URL of a replica of the PostgreSQL database. Reads go there
	// when it has caught up with what this process knows of the organization.
	Read string
	// OnStatement is told of every text that is prepared on a PostgreSQL
	// connection, for tests.
	OnStatement func(sql string)
}

func (o Config) connections() int {
	if o.Connections > 0 {
		return o.Connections
	}
	return 4 * runtime.GOMAXPROCS(0)
}

// Facts of the installation, made once at random.
const (
	// FactInstance names this database. It is part of every ETag, so that a
	// database that was swapped for another never answers 304 for the other.
	FactInstance = "instance"
	// FactSigningKey signs links to files.
	FactSigningKey = "signing_key"
)

// Open opens the embedded database in a file, creating it, or the PostgreSQL
// database behind a URL (see IsURL), and brings its schema up to date first.
func Open(ctx context.Context, database string, o Config) (*Store, error) {
	if err := Migrate(ctx, database); err != nil {
		return nil, err
	}
	s := &Store{opened: time.Now(), versions: map[int64]Version{}, ids: idBlocks{free: map[idKind]*idBlock{}}}
	var e engine
	var err error
	if IsURL(database) {
		e, err = openPG(ctx, database, o, s.begin)
	} else {
		e, err = openSQLite(database)
	}
	if err != nil {
		return nil, err
	}
	s.engine = e
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return s, nil
}

// Close waits for running transactions and closes the database.
func (s *Store) Close() error { return s.engine.close() }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return s.engine.view(ctx, installation, func(tx Tx) error {
		var n int64
		return one(tx, "SELECT count(*) FROM installation", nil, &n)
	})
}

// Fact gives one fact of the installation.
func (s *Store) Fact(name string) string { return s.facts[name] }

// prepare reads the facts of the installation and makes those that are
// missing, and fills the regions table.
func (s *Store) prepare(ctx context.Context) error {
	if err := s.readFacts(ctx); err != nil {
		return err
	}
	if s.facts[FactUnfinishedMove] != "" {
		return ErrUnfinishedMove
	}
	if err := s.fillRegions(ctx); err != nil {
		return err
	}
	if s.facts[FactInstance] != "" && s.facts[FactSigningKey] != "" {
		return nil
	}
	err := s.engine.update(ctx, installation, func(tx Tx) error {
		for _, name := range []string{FactInstance, FactSigningKey} {
			b := make([]byte, 32)
			rand.Read(b)
			_, err := tx.Exec("INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
				name, hex.EncodeToString(b))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.readFacts(ctx)
}

func (s *Store) readFacts(ctx context.Context) error {
	facts := map[string]string{}
	err := s.engine.view(ctx, installation, func(tx Tx) error {
		return each(tx, "SELECT name, value FROM installation", nil, func(r Rows) error {
			var name, value string
			err := r.Scan(&name, &value)
			facts[name] = value
			return err
		})
	})
	s.facts = facts
	return err
}

// Shared reports whether other servers may work on the same database.
func (s *Store) Shared() bool { return s.engine.shared() }

// Epoch grows when the database may have gone back in time, because a replica
// has become the primary. Versions of different epochs do not compare.
func (s *Store) Epoch() int64 { return s.epoch.Load() }

// begin begins an epoch: what was known of the one before is forgotten. It is
// called by the engine, in the middle of whatever asks for a connection.
func (s *Store) begin(epoch int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.versions)
	s.epoch.Store(epoch)
}

// Version gives the organization's version from memory; the first question
// after the start reads it. ErrNoRow where there is no such organization.
func (s *Store) Version(ctx context.Context, org int64) (Version, error) {
	s.mu.RLock()
	v, ok := s.versions[org]
	s.mu.RUnlock()
	if ok && (!s.Shared() || s.clock()-s.watched.Load() < watchedFor) {
		return v, nil
	}
	return s.FreshVersion(ctx, org)
}

// watchedFor is for how long, in ms, what Watch has learned is believed on a
// database that others write to. When Watch is late, or hangs, every question
// is asked.
const watchedFor = 800

// clock counts milliseconds; the clock of the day may be set.
func (s *Store) clock() int64 { return time.Since(s.opened).Milliseconds() + watchedFor }

// FreshVersion reads the organization's version from the database: nothing
// that was committed before the call is missing from it, whoever has committed
// it. ErrNoRow where there is no such organization.
func (s *Store) FreshVersion(ctx context.Context, org int64) (Version, error) {
	epoch := s.Epoch()
	found, err := s.engine.versions(ctx, []int64{org})
	if err != nil {
		return Version{}, err
	}
	v, ok := found[org]
	if !ok {
		return Version{}, ErrNoRow
	}
	return s.publish(org, v, epoch), nil
}

// Watch learns what other processes have committed: the versions of all
// organizations that were asked for are read anew. It is called at least twice
// a second.
func (s *Store) Watch(ctx context.Context) error {
	s.mu.RLock()
	orgs := slices.Collect(maps.Keys(s.versions))
	s.mu.RUnlock()
	began, epoch := s.clock(), s.Epoch()
	if len(orgs) == 0 {
		s.watched.Store(began)
		return nil
	}
	found, err := s.engine.versions(ctx, orgs)
	for org, v := range found {
		s.publish(org, v, epoch)
	}
	if err == nil || len(found) > 0 { // who was not found is asked anew by each call
		s.watched.Store(began)
	}
	return err
}

// publish makes a version known that was read or made in an epoch. It keeps the
// greater one: versions only grow, and readers and writers may come here in any
// order.
func (s *Store) publish(org int64, v Version, epoch int64) Version {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch.Load() != epoch {
		return v
	}
	old := s.versions[org]
	v = Version{max(v.All, old.All), max(v.Directory, old.Directory), max(v.Sessions, old.Sessions)}
	s.versions[org] = v
	return v
}

const versionOf = `SELECT version, directory_version, sessions_version FROM organizations WHERE organization_id = $1`

func readVersion(tx Tx, org int64) (v Version, err error) {
	return v, one(tx, versionOf, []any{org}, &v.All, &v.Directory, &v.Sessions)
}

// Read is a snapshot. Its methods take the organization first.
type Read struct{ tx Tx }

// View runs fn on one snapshot of an organization. fn may run once more when
// the connection to the database was lost.
func (s *Store) View(ctx context.Context, org int64, fn func(*Read) error) error {
	return s.engine.view(ctx, org, func(tx Tx) error { return fn(&Read{tx}) })
}

// Glance is View for a look that most likely is one question (CustomersByName,
// ContactDetail): on a database that is not in this process, what is asked
// after it may be of a later moment, for one trip less.
func (s *Store) Glance(ctx context.Context, org int64, fn func(*Read) error) error {
	return s.engine.glance(ctx, org, func(tx Tx) error { return fn(&Read{tx}) })
}

// Latest is View of what is committed now, by whichever process: it asks no
// replica and uses no kept snapshot. It is for what changes without moving a
// version.
func (s *Store) Latest(ctx context.Context, org int64, fn func(*Read) error) error {
	return s.engine.latest(ctx, org, func(tx Tx) error { return fn(&Read{tx}) })
}

// Write is a transaction that changes one organization.
type Write struct {
	Read
	store *Store
	org   int64
	logs  []crm.LogEntry // written at the end, with the version
	// directory is set by every method that changes what Directory holds.
	directory bool
	// ended is set by every method that ends a session.
	ended   bool
	quiet   bool
	nothing bool
	jobs    []crm.JobHint // what has happened to jobs
}

// Nothing says that the transaction found nothing to do and wrote nothing.
func (w *Write) Nothing() { w.nothing = true }

// Quiet says that nothing which an answer shows is changed by this
// transaction (a sign-in, for one): the organization's version stays.
func (w *Write) Quiet() { w.quiet = true }

// Update runs fn in one transaction of the organization, in which no other
// one changes it: what fn has read stays true. fn must write at least one row
// of the operation log (Log); the organization's version moves in the same
// transaction and is known to every reader of this process before Update
// returns. fn may run more than once. When Update returns an error, nothing was
// written, save that this is not known after ErrUnknownOutcome.
func (s *Store) Update(ctx context.Context, org int64, fn func(*Write) error) error {
	return s.commit(org, func(fn func(Tx) error) error { return s.engine.update(ctx, org, fn) }, fn)
}

// commit runs fn in a transaction that run makes, with everything that belongs
// to a change of an organization.
func (s *Store) commit(org int64, run func(func(Tx) error) error, fn func(*Write) error) error {
	var v Version
	var jobs []crm.JobHint
	epoch := s.Epoch()
	err := run(func(tx Tx) (err error) {
		v, err = s.change(tx, org, func(w *Write) error {
			err := fn(w)
			jobs = w.jobs
			return err
		})
		return err
	})
	if err != nil {
		return err
	}
	if v.All > 0 {
		s.publish(org, v, epoch)
	}
	s.tellOfJobs(jobs)
	return nil
}

// change is what happens inside the transaction. It answers the version that
// the organization has afterwards, zero where it has not moved.
func (s *Store) change(tx Tx, org int64, fn func(*Write) error) (v Version, err error) {
	w := &Write{Read: Read{tx}, store: s, org: org}
	if err := tx.Alone(org); err != nil {
		return v, err
	}
	if err := fn(w); err != nil {
		return v, err
	}
	if w.nothing {
		return v, nil
	}
	if len(w.logs) == 0 {
		return v, errors.New("store: a change without its row in the operation log")
	}
	if w.quiet && !w.ended {
		return v, w.writeLogs(0)
	}
	err = one(tx, `UPDATE organizations SET version = version + $2, directory_version = directory_version + $3,
		sessions_version = sessions_version + $4 WHERE organization_id = $1
		RETURNING version, directory_version, sessions_version`,
		[]any{org, step(!w.quiet), step(w.directory), step(w.ended)}, &v.All, &v.Directory, &v.Sessions)
	if err != nil {
		return v, err
	}
	if w.quiet {
		return v, w.writeLogs(0)
	}
	return v, w.writeLogs(v.All)
}

func step(moves bool) int64 {
	if moves {
		return 1
	}
	return 0
}
