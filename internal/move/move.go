// Package move copies all data of an installation to another database, of the
// same or of another engine: the way from one machine to PostgreSQL, and back.
//
// It knows tables and not what they mean. Which tables there are is told by the
// registry of package store, their columns, keys and references by the
// catalogue. Every row is hashed where it is read, in a form that is the same for
// both engines, and the target is read again at the end.
package move

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"guanxi/internal/store"
)

// Options say what is moved where.
type Options struct {
	// From and To are what store.Open takes: the path of a database file, or a
	// URL. Nobody else may work on an embedded one meanwhile: its server's lock
	// is the caller's business.
	From, To string
	// ReplaceNUL puts U+FFFD in the place of what PostgreSQL does not take in a
	// text: U+0000, and bytes that are no UTF-8.
	ReplaceNUL bool
	// VerifyOnly compares the two databases and writes nothing.
	VerifyOnly bool
	// Batch is how many rows go into a transaction; 0 for the usual number.
	Batch int
	// Progress is told of every batch and, while nothing is written, every so
	// often. Warn is told what the operator should know. Both may be nil.
	Progress func(Progress)
	Warn     func(string)
}

// usualBatch is how many rows go into a transaction.
const usualBatch = 10_000

// Progress is how far a move has come.
type Progress struct {
	Phase string // check, copy, verify
	Org   int64  // 0 for tables that belong to none
	Table string
	Rows  int64 // of this phase in this run
	// Before is how many rows earlier runs have copied.
	Before int64
}

// ErrInterrupted says that ctx has ended between two batches: what is copied
// stays, and the same move goes on there.
var ErrInterrupted = errors.New("interrupted")

// ErrDifferent says that the databases are not equal. The report names where.
var ErrDifferent = errors.New("the databases are not equal")

// mover is a move at work.
type mover struct {
	Options
	src, dst *side
	instance string // the source's
	mark     string // what the target's flag says in this run
	resumed  bool
	tables   []store.RawTable // in the order of references
	noted    map[int64]version
	states   map[unit]*state
	phase    string
	rows     int64 // of the phase
	before   int64
	told     int64 // rows when progress was told last
	where    unit  // what was told of last
	report   *Report
}

// unit is a table of an organization; of organization 0 for tables that belong
// to none.
type unit struct {
	org   int64
	table string
}

// Run moves, or goes on with an unfinished move of the same source, or only
// compares. The report is there with an error too, as far as it has come; it is
// nil where nothing was looked at.
func Run(ctx context.Context, o Options) (_ *Report, err error) {
	if o.Batch <= 0 {
		o.Batch = usualBatch
	}
	m := &mover{Options: o, states: map[unit]*state{}}
	defer func() { err = errors.Join(err, m.close()) }()
	if err := m.openSource(ctx); err != nil {
		return nil, fmt.Errorf("the source: %w", err)
	}
	if o.VerifyOnly {
		err = m.openOther(ctx)
	} else {
		err = m.openTarget(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("the target: %w", err)
	}
	if err := m.compareSchemas(ctx); err != nil {
		return nil, err
	}
	m.report = &Report{}
	if o.VerifyOnly {
		return m.report, m.verify(ctx)
	}
	return m.report, m.move(ctx)
}

func (m *mover) move(ctx context.Context) error {
	if err := m.loadStates(ctx); err != nil {
		return err
	}
	if err := m.check(ctx); err != nil {
		return err
	}
	if err := m.begin(ctx); err != nil {
		return err
	}
	start := time.Now()
	err := m.copyAll(ctx)
	m.report.Copied, m.report.CopyTime = m.rows, time.Since(start)
	if err != nil {
		return err
	}
	if err := m.copyFacts(ctx); err != nil {
		return err
	}
	if err := m.dst.raw.Settle(ctx, m.tables); err != nil {
		return err
	}
	if err := m.verify(ctx); err != nil {
		return fmt.Errorf("%w; the target stays unfinished: see what has changed there or in the source, and move into an empty one", err)
	}
	if err := m.stillTheSame(ctx); err != nil {
		return err
	}
	return m.finish(ctx)
}

func (m *mover) close() error {
	var errs []error
	for _, s := range []*side{m.src, m.dst} {
		if s != nil && s.raw != nil {
			s.raw.Rollback()
			errs = append(errs, s.raw.Close())
		}
	}
	return errors.Join(errs...)
}

func (m *mover) warn(text string) {
	if m.Warn != nil {
		m.Warn(text)
	}
}

// openSource opens the source on the snapshot that everything is read from.
func (m *mover) openSource(ctx context.Context) (err error) {
	if m.src, err = open(ctx, m.From); err != nil {
		return err
	}
	m.src.replace = m.ReplaceNUL
	if n, err := m.src.raw.Servers(ctx); err != nil {
		return err
	} else if n > 0 && !m.VerifyOnly {
		m.warn(fmt.Sprintf("servers have %d connections to the source; stop them, or the move is refused at the end when somebody changes anything", n))
	}
	if err := m.src.raw.Snapshot(ctx); err != nil {
		return err
	}
	if err := m.src.current(ctx, "run guanxi migrate on it first"); err != nil {
		return err
	}
	facts, err := store.RawFacts(ctx, m.src.raw)
	if err != nil {
		return err
	}
	if facts[store.FactUnfinishedMove] != "" {
		return store.ErrUnfinishedMove
	}
	if m.instance = facts[store.FactInstance]; m.instance == "" {
		return errors.New("it has never been used: there is nothing to be moved")
	}
	m.noted, err = m.src.versions(ctx)
	return err
}

// current refuses a database with another schema than the program's.
func (s *side) current(ctx context.Context, advice string) error {
	latest, err := store.LatestSchema()
	if err != nil {
		return err
	}
	switch have, err := store.RawSchema(ctx, s.raw); {
	case err != nil:
		return err
	case have == 0:
		return errors.New("it is no database of guanxi")
	case have < latest:
		return fmt.Errorf("its schema has the version %d, this program's is %d: %s", have, latest, advice)
	case have > latest:
		return fmt.Errorf("its schema has the version %d, which is newer than this program", have)
	}
	return nil
}

// openOther opens the second database of a comparison.
func (m *mover) openOther(ctx context.Context) (err error) {
	if m.dst, err = open(ctx, m.To); err != nil {
		return err
	}
	if err := m.dst.raw.Snapshot(ctx); err != nil {
		return err
	}
	if err := m.dst.current(ctx, "run guanxi migrate on it first"); err != nil {
		return err
	}
	facts, err := store.RawFacts(ctx, m.dst.raw)
	if err == nil && facts[store.FactUnfinishedMove] != "" {
		err = store.ErrUnfinishedMove
	}
	return err
}

// openTarget opens the target of a move and makes its schema. It must be empty,
// or hold an unfinished move of the same source.
func (m *mover) openTarget(ctx context.Context) error {
	b := make([]byte, 16)
	rand.Read(b)
	m.mark = m.instance + " " + hex.EncodeToString(b)
	resumed, err := m.lookAtTarget(ctx)
	if err != nil {
		return err
	}
	m.resumed = resumed
	if !resumed {
		s, err := store.Open(ctx, m.To, store.Config{}) // makes the schema, and the regions
		if err != nil {
			return err
		}
		if err := s.Close(); err != nil {
			return err
		}
		if !store.IsURL(m.To) {
			if err := os.Chmod(m.To, 0o600); err != nil {
				return err
			}
		}
	}
	m.dst, err = open(ctx, m.To)
	if err != nil {
		return err
	}
	if err := m.dst.raw.Snapshot(ctx); err != nil {
		return err
	}
	return m.dst.raw.MayLoad(ctx)
}

// lookAtTarget tells whether the target holds an unfinished move of the source;
// an error when it holds anything else.
func (m *mover) lookAtTarget(ctx context.Context) (resumed bool, err error) {
	if !store.IsURL(m.To) {
		if _, err := os.Stat(m.To); errors.Is(err, os.ErrNotExist) {
			return false, nil
		}
	}
	s, err := open(ctx, m.To)
	if err != nil {
		return false, err
	}
	defer s.raw.Close()
	if err := s.wait(ctx); err != nil {
		return false, err
	}
	if err := s.raw.Snapshot(ctx); err != nil {
		return false, err
	}
	have, err := store.RawSchema(ctx, s.raw)
	if err != nil || have == 0 {
		return false, err
	}
	facts, err := store.RawFacts(ctx, s.raw)
	if err != nil {
		return false, err
	}
	if mark := facts[store.FactUnfinishedMove]; mark != "" {
		if of, _, _ := strings.Cut(mark, " "); of != m.instance {
			return false, errors.New("it holds an unfinished move of another database")
		}
		return true, s.current(ctx, "the unfinished move was begun by an older program; move into an empty database")
	}
	latest, err := store.LatestSchema()
	if err != nil {
		return false, err
	}
	for _, t := range store.Tables() {
		// Of an older schema, the tables that every one has.
		if !moved(t) || have < latest && !slices.Contains([]string{"organizations", "identities", "tokens"}, t.Name) {
			continue
		}
		if full, err := s.holds(ctx, t.Name); err != nil {
			return false, err
		} else if full {
			return false, fmt.Errorf("it is not empty: the table %s has rows (--verify-only compares)", t.Name)
		}
	}
	return false, nil
}

// compareSchemas reads the catalogues of both sides.
func (m *mover) compareSchemas(ctx context.Context) error {
	tables, err := store.RawTables(ctx, m.src.raw)
	if err != nil {
		return fmt.Errorf("the source: %w", err)
	}
	others, err := store.RawTables(ctx, m.dst.raw)
	if err != nil {
		return fmt.Errorf("the target: %w", err)
	}
	m.tables = others
	m.src.know(tables)
	m.dst.know(others)
	return errors.Join(store.SameTables(tables, others), store.SameTables(others, tables), covered(others))
}
