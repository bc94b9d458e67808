package move

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"guanxi/internal/store"
)

// Report is what a move or a comparison has found.
type Report struct {
	Organizations []Organization // by their numbers; the installation itself first
	Differences   []Difference
	Copied        int64 // rows of this run
	CopyTime      time.Duration
	Compared      int64 // rows of the target
	CompareTime   time.Duration
	Attachments   int64
	Finished      bool // the target can be used
}

// Organization is one line of a report; the organization 0 stands for tables
// that belong to none.
type Organization struct {
	ID       int64
	Tables   int // that have rows
	Rows     int64
	Checksum string // of all rows of the source
	Equal    bool
}

// Difference is the first row of a table of an organization in which two
// databases differ.
type Difference struct {
	Org   int64
	Table string
	Key   string // such as: id 17
	What  string
}

func (d Difference) String() string {
	return fmt.Sprintf("%s, %s, %s: %s", unit{org: d.Org}.owner(), d.Table, d.Key, d.What)
}

// total is what is known of the rows of a unit.
type total struct {
	rows int64
	sum  sum
}

// verify compares the target as it now is with the snapshot of the source.
func (m *mover) verify(ctx context.Context) error {
	m.enter("verify")
	start := time.Now()
	if err := m.dst.raw.Snapshot(ctx); err != nil {
		return err
	}
	there, err := m.dst.versions(ctx)
	if err != nil {
		return err
	}
	orgs := maps.Clone(there)
	maps.Copy(orgs, m.noted)
	lines := map[int64]*line{store.NoOrganization: {}}
	for org := range orgs {
		lines[org] = &line{}
	}
	for _, u := range append(m.units(orgs), unit{store.NoOrganization, "installation"}) {
		a, b, err := m.totals(ctx, u)
		if ctx.Err() != nil {
			return ErrInterrupted
		}
		if err != nil {
			return in(u, err)
		}
		lines[u.org].add(u.table, a, a == b)
		if u.table == "attachments" {
			m.report.Attachments += a.rows
		}
		if a != b {
			d, err := m.firstDifference(ctx, u)
			if err != nil {
				return in(u, err)
			}
			m.report.Differences = append(m.report.Differences, d)
		}
	}
	for _, org := range slices.Sorted(maps.Keys(lines)) {
		m.report.Organizations = append(m.report.Organizations, lines[org].report(org))
	}
	m.tellNow()
	m.report.Compared, m.report.CompareTime = m.rows, time.Since(start)
	if len(m.report.Differences) > 0 {
		return ErrDifferent
	}
	return nil
}

// totals gives what source and target hold of a unit. What this run has read
// from the source is not read again.
func (m *mover) totals(ctx context.Context, u unit) (a, b total, err error) {
	if s := m.states[u]; s != nil && s.finished && !s.earlier {
		b, err = m.dst.total(ctx, u, func() { m.tell(u, 1) })
		return total{s.rows, s.sum}, b, err
	}
	var wg sync.WaitGroup
	var failed error
	wg.Go(func() { a, failed = m.src.total(ctx, u, func() {}) })
	b, err = m.dst.total(ctx, u, func() { m.tell(u, 1) })
	wg.Wait()
	if err == nil {
		err = failed
	}
	return a, b, err
}

func (s *side) total(ctx context.Context, u unit, each func()) (all total, err error) {
	var d digester
	t := s.tables[u.table]
	for row, err := range s.rows(ctx, t, read{org: u.org}) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return all, err
		}
		hash, err := d.row(t, row)
		if err != nil {
			return all, err
		}
		all.sum.add(hash)
		all.rows++
		each()
	}
	return all, nil
}

// firstDifference walks through a unit on both sides.
func (m *mover) firstDifference(ctx context.Context, u unit) (Difference, error) {
	found := Difference{Org: u.org, Table: u.table}
	t := m.dst.tables[u.table]
	nextA, stopA := iter.Pull2(m.src.rows(ctx, t, read{org: u.org}))
	defer stopA()
	nextB, stopB := iter.Pull2(m.dst.rows(ctx, t, read{org: u.org}))
	defer stopB()
	for {
		a, failedA, moreA := nextA()
		b, failedB, moreB := nextB()
		if err := errors.Join(failedA, failedB); err != nil {
			return found, err
		}
		order := 0
		switch {
		case !moreA && !moreB:
			return found, fmt.Errorf("%s: the sums differ and no row does", u.table)
		case !moreA:
			order = 1
		case !moreB:
			order = -1
		default:
			order = compareKeys(t, a, b)
		}
		switch {
		case order < 0:
			found.Key, found.What = keyName(t, a), "only the source has it"
			return found, nil
		case order > 0:
			found.Key, found.What = keyName(t, b), "only the target has it"
			return found, nil
		}
		columns, err := unequal(t, a, b)
		if err != nil || len(columns) > 0 {
			found.Key, found.What = keyName(t, a), "not equal in "+strings.Join(columns, ", ")
			return found, err
		}
	}
}

// unequal names the columns in which two rows differ.
func unequal(t *store.RawTable, a, b []store.RawValue) (names []string, err error) {
	var d digester
	for i, c := range t.Columns {
		one := &store.RawTable{Table: t.Table, Columns: []store.RawColumn{c}}
		x, err := d.row(one, a[i:i+1])
		if err != nil {
			return nil, fmt.Errorf("%s: the column %s: %w", keyName(t, a), c.Name, err)
		}
		y, err := d.row(one, b[i:i+1])
		if err != nil {
			return nil, fmt.Errorf("%s: the column %s: %w", keyName(t, b), c.Name, err)
		}
		if x != y {
			names = append(names, c.Name)
		}
	}
	return names, nil
}

// line gathers an organization's line of the report.
type line struct {
	tables []string // name, rows and sum of those that have rows
	rows   int64
	faulty bool
}

func (l *line) add(table string, t total, equal bool) {
	if t.rows > 0 {
		l.tables = append(l.tables, fmt.Sprintln(table, t.rows, t.sum))
	}
	l.rows += t.rows
	l.faulty = l.faulty || !equal
}

func (l *line) report(org int64) Organization {
	slices.Sort(l.tables) // whatever the order of references
	hash := sha256.Sum256([]byte(strings.Join(l.tables, "")))
	return Organization{ID: org, Tables: len(l.tables), Rows: l.rows, Checksum: hex.EncodeToString(hash[:]), Equal: !l.faulty}
}

// enter begins a phase.
func (m *mover) enter(phase string) { m.phase, m.rows, m.told = phase, 0, 0 }

// tell counts rows and tells of them every so often.
func (m *mover) tell(u unit, rows int64) {
	m.where = u
	if m.rows += rows; m.rows-m.told >= 5000 {
		m.tellNow()
	}
}

func (m *mover) tellNow() {
	m.told = m.rows
	if m.Progress != nil {
		m.Progress(Progress{Phase: m.phase, Org: m.where.org, Table: m.where.table, Rows: m.rows, Before: m.before})
	}
}
