package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"guanxi/internal/crm"
)

// Store is the database of one installation.
type Store struct {
	engine engine
	facts  map[string]string

	// outside is set for a process that changes the database beside a server.
	outside bool

	mu       sync.RWMutex
	versions map[int64]Version
	// forgotten counts how often versions were forgotten.
	forgotten uint64
	ids       idBlocks
}

// Version is how often an organization has changed (All) and how often what
// its Directory holds has (Directory). Both only grow.
type Version struct{ All, Directory int64 }

// Facts of the installation, made once at random.
const (
	// FactInstance names this database. It is part of every ETag, so that a
	// database that was swapped for another never answers 304 for the other.
	FactInstance = "instance"
	// FactSigningKey signs links to files.
	FactSigningKey = "signing_key"
)

// OpenFile opens the embedded database in a file, creating it and bringing its
// schema up to date first.
func OpenFile(ctx context.Context, path string) (*Store, error) {
	if err := Migrate(ctx, path); err != nil {
		return nil, err
	}
	e, err := openSQLite(path)
	if err != nil {
		return nil, err
	}
	s := &Store{engine: e, versions: map[int64]Version{}, ids: idBlocks{free: map[idKind]idBlock{}}}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return s, nil
}

// Close waits for running transactions and closes the database.
func (s *Store) Close() error { return s.engine.close() }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return s.engine.view(ctx, func(tx Tx) error {
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
	if err := s.fillRegions(ctx); err != nil {
		return err
	}
	if s.facts[FactInstance] != "" && s.facts[FactSigningKey] != "" {
		return nil
	}
	err := s.engine.update(ctx, func(tx Tx) error {
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
	err := s.engine.view(ctx, func(tx Tx) error {
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

// Version gives the organization's version from memory; the first question
// after the start reads it. ErrNoRow where there is no such organization.
func (s *Store) Version(ctx context.Context, org int64) (Version, error) {
	s.mu.RLock()
	v, ok := s.versions[org]
	forgotten := s.forgotten
	s.mu.RUnlock()
	if ok {
		return v, nil
	}
	err := s.engine.view(ctx, func(tx Tx) error {
		return one(tx, "SELECT version, directory_version FROM organizations WHERE organization_id = $1",
			[]any{org}, &v.All, &v.Directory)
	})
	if err != nil {
		return Version{}, err
	}
	return s.publishRead(org, v, forgotten), nil
}

// publishRead makes a version known that was read, unless versions have been
// forgotten since: it may be older than the reason to forget.
func (s *Store) publishRead(org int64, v Version, forgotten uint64) Version {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.forgotten != forgotten {
		return v
	}
	return s.keep(org, v)
}

// publish makes the version of a commit known.
func (s *Store) publish(org int64, v Version) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(org, v)
}

// keep keeps the greater version: versions only grow, and a reader and a writer
// may come here in either order.
func (s *Store) keep(org int64, v Version) Version {
	old := s.versions[org]
	v.All, v.Directory = max(v.All, old.All), max(v.Directory, old.Directory)
	s.versions[org] = v
	return v
}

// Read is a snapshot. Its methods take the organization first.
type Read struct{ tx Tx }

// View runs fn on one snapshot of the database.
func (s *Store) View(ctx context.Context, fn func(*Read) error) error {
	return s.engine.view(ctx, func(tx Tx) error { return fn(&Read{tx}) })
}

// Write is a transaction that changes one organization.
type Write struct {
	Read
	store  *Store
	org    int64
	logged int
	// directory is set by every method that changes what Directory holds.
	directory bool
	quiet     bool
	nothing   bool
}

// Nothing says that the transaction found nothing to do and wrote nothing.
func (w *Write) Nothing() { w.nothing = true }

// Quiet says that nothing which an answer shows is changed by this
// transaction (a sign-in, for one): the organization's version stays.
func (w *Write) Quiet() { w.quiet = true }

// Update runs fn in one transaction of the organization. fn must write at
// least one row of the operation log (Log); the organization's version moves
// in the same transaction and is known to every reader of this process before
// Update returns. When Update returns an error, nothing was written.
func (s *Store) Update(ctx context.Context, org int64, fn func(*Write) error) error {
	return s.commit(org, func(fn func(Tx) error) error { return s.engine.update(ctx, fn) }, fn)
}

// commit runs fn in a transaction that run makes, with everything that belongs
// to a change of an organization.
func (s *Store) commit(org int64, run func(func(Tx) error) error, fn func(*Write) error) error {
	var v Version
	err := run(func(tx Tx) (err error) {
		v, err = s.change(tx, org, fn)
		return err
	})
	if err != nil {
		return err
	}
	if v.All > 0 {
		s.publish(org, v)
	}
	return nil
}

// change is what happens inside the transaction. It answers the version that
// the organization has afterwards, zero where it has not moved.
func (s *Store) change(tx Tx, org int64, fn func(*Write) error) (v Version, err error) {
	w := &Write{Read: Read{tx}, store: s, org: org}
	if err := fn(w); err != nil {
		return v, err
	}
	if w.nothing {
		return v, nil
	}
	if w.logged == 0 {
		return v, errors.New("store: a change without its row in the operation log")
	}
	if s.outside {
		if err := noteOutside(tx); err != nil {
			return v, err
		}
	}
	if w.quiet {
		return v, nil
	}
	step := int64(0)
	if w.directory {
		step = 1
	}
	err = one(tx, `UPDATE organizations SET version = version + 1, directory_version = directory_version + $2
		WHERE organization_id = $1 RETURNING version, directory_version`, []any{org, step}, &v.All, &v.Directory)
	return v, err
}

// Log writes a row of the operation log.
func (w *Write) Log(id int64, e crm.LogEntry) error {
	w.logged++
	_, err := w.tx.Exec(`INSERT INTO operation_logs (organization_id, id, user_id, entity, entity_id, action, changes,
		request_id, remote_address, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		w.org, id, null(e.UserID), e.Entity, e.EntityID, e.Action, e.Changes, e.RequestID, e.RemoteAddress, int64(e.At))
	if err != nil {
		return fmt.Errorf("write the operation log: %w", err)
	}
	return nil
}
