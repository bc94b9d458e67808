package move

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"guanxi/internal/store"
)

// state is how far a unit has come.
type state struct {
	last     string
	rows     int64
	sum      sum
	finished bool
	// earlier is set where another run has copied rows, maybe from an older
	// snapshot.
	earlier bool
}

// units are what is to be copied or compared, organization after organization
// and each in the order of references.
func (m *mover) units(orgs map[int64]version) (all []unit) {
	for _, org := range slices.Sorted(maps.Keys(orgs)) {
		for _, t := range m.tables {
			if t.Class == store.Tenant {
				all = append(all, unit{org, t.Name})
			}
		}
	}
	for _, t := range m.tables {
		if t.Class != store.Tenant && moved(t.Table) || filled[t.Name] {
			all = append(all, unit{store.NoOrganization, t.Name})
		}
	}
	return all
}

// loadStates reads how far earlier runs have come.
func (m *mover) loadStates(ctx context.Context) error {
	if !m.resumed {
		return nil
	}
	if err := m.dst.raw.Snapshot(ctx); err != nil {
		return err
	}
	noted, err := store.MoveStates(ctx, m.dst.raw)
	if err != nil {
		return err
	}
	m.before = 0
	for _, s := range noted {
		total, err := readSum(s.Sum)
		if err != nil {
			return fmt.Errorf("the state of the unfinished move: %w", err)
		}
		m.states[unit{s.Org, s.Table}] = &state{last: s.LastKey, rows: s.Rows, sum: total, finished: s.Finished, earlier: true}
		m.before += s.Rows
	}
	there, err := m.dst.versions(ctx)
	if err != nil {
		return err
	}
	if changed := differing(there, m.noted, false); changed != "" {
		return fmt.Errorf("the source has changed since the unfinished move was begun (%s): move into an empty database", changed)
	}
	return nil
}

// differing names organizations of a whose version in b is another one; with
// both, also those that only b has. "" for none.
func differing(a, b map[int64]version, both bool) string {
	var names []string
	for _, org := range slices.Sorted(maps.Keys(a)) {
		if v, ok := b[org]; !ok || v != a[org] {
			names = append(names, unit{org: org}.owner())
		}
	}
	for _, org := range slices.Sorted(maps.Keys(b)) {
		if _, ok := a[org]; !ok && both {
			names = append(names, unit{org: org}.owner())
		}
	}
	if len(names) > shownFaults {
		names = append(names[:shownFaults], fmt.Sprintf("and %d more", len(names)-shownFaults))
	}
	return strings.Join(names, ", ")
}

// begin marks the target as that of this run.
func (m *mover) begin(ctx context.Context) error {
	if err := m.dst.raw.Begin(ctx, true); err != nil {
		return err
	}
	if err := store.RawFact(ctx, m.dst.raw, store.FactUnfinishedMove, m.mark); err != nil {
		return err
	}
	if err := m.dst.raw.Commit(ctx); err != nil {
		return err
	}
	return m.loadStates(ctx) // an earlier run may have gone on until now
}

// hold opens a transaction of this run.
func (m *mover) hold(ctx context.Context, durable bool) error {
	if err := m.dst.raw.Begin(ctx, durable); err != nil {
		return err
	}
	held, err := store.HoldMove(ctx, m.dst.raw, m.mark)
	if err == nil && !held {
		err = errors.New("another process goes on with this move")
	}
	return err
}

// chunkRows and chunkBytes bound what is handed to the writer at once; a few
// chunks are in memory. batchBytes bounds a transaction besides its rows,
// batchUnits the states that go with it.
const (
	chunkRows  = 1000
	chunkBytes = 2 << 20
	chunks     = 6
	batchBytes = 32 << 20
	batchUnits = 2000
)

// chunk is a piece of a unit.
type chunk struct {
	unit     unit
	table    *store.RawTable
	values   []store.RawValue
	rows     int
	bytes    int
	room     []byte // the texts of values
	last     string
	sum      sum
	finished bool // nothing of the unit follows

	// A chunk of links sets a column of rows that are there.
	column       int
	ids, parents []int64

	err error
}

func (c *chunk) reset(u unit, t *store.RawTable) {
	*c = chunk{unit: u, table: t, values: c.values[:0], room: c.room[:0], ids: c.ids[:0], parents: c.parents[:0], column: -1}
}

// add copies a row.
func (c *chunk) add(row []store.RawValue) {
	for _, v := range row {
		if v.Kind == store.RawText {
			if cap(c.room)-len(c.room) < len(v.Text) {
				c.room = make([]byte, 0, max(256<<10, len(v.Text)))
			}
			start := len(c.room)
			c.room = append(c.room, v.Text...)
			c.bytes += len(v.Text)
			v.Text = c.room[start:len(c.room):len(c.room)]
		}
		c.values = append(c.values, v)
	}
	c.rows++
}

// copyAll copies what is not there yet. One goroutine reads and hashes while
// this one writes.
func (m *mover) copyAll(ctx context.Context) error {
	m.enter("copy")
	m.tellNow() // of what earlier runs have copied
	reading, cancel := context.WithCancel(ctx)
	made, free := make(chan *chunk, chunks), make(chan *chunk, chunks)
	for range chunks {
		free <- &chunk{}
	}
	todo := m.units(m.noted)
	earlier := map[unit]state{} // the writer changes the states
	for _, u := range todo {
		if s := m.states[u]; s != nil {
			earlier[u] = *s
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(made)
		p := &producer{mover: m, made: made, free: free, earlier: earlier}
		if err := p.all(reading, todo); err != nil {
			select {
			case made <- &chunk{err: err}:
			case <-reading.Done():
			}
		}
	})
	defer wg.Wait()
	defer cancel()
	if err := m.write(ctx, made, free); ctx.Err() == nil {
		return err
	}
	return ErrInterrupted
}

// producer reads the source.
type producer struct {
	*mover
	made    chan<- *chunk
	free    <-chan *chunk
	earlier map[unit]state
	digest  digester
}

func (p *producer) all(ctx context.Context, todo []unit) error {
	for _, u := range todo {
		if filled[u.table] || p.earlier[u].finished {
			continue
		}
		if err := p.unit(ctx, u, p.src.tables[u.table], p.earlier[u]); err != nil {
			return in(u, err)
		}
	}
	return nil
}

func (p *producer) take(ctx context.Context, u unit, t *store.RawTable) (*chunk, error) {
	select {
	case c := <-p.free:
		c.reset(u, t)
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// give hands a chunk over and takes another one.
func (p *producer) give(ctx context.Context, c *chunk) (*chunk, error) {
	u, t := c.unit, c.table
	select {
	case p.made <- c:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return p.take(ctx, u, t)
}

func (p *producer) unit(ctx context.Context, u unit, t *store.RawTable, before state) error {
	r := read{org: u.org}
	if before.last != "" {
		var err error
		if r.after, err = readKey(before.last); err != nil {
			return fmt.Errorf("the state of the unfinished move: %w", err)
		}
	}
	c, err := p.take(ctx, u, t)
	if err != nil {
		return err
	}
	own := t.Own
	if !p.dst.raw.ChecksReferences() {
		own = nil
	}
	id, forward := t.Place("id"), before.rows > 0
	for row, err := range p.src.rows(ctx, t, r) {
		if err != nil {
			return err
		}
		hash, err := p.digest.row(t, row)
		if err != nil {
			return err
		}
		// A row that refers to a later one comes without it at first.
		for _, place := range own {
			if row[place].Bits > row[id].Bits {
				row[place], forward = store.RawValue{}, true
			}
		}
		c.add(row)
		c.sum.add(hash)
		if c.rows < min(chunkRows, p.Batch) && c.bytes < chunkBytes {
			continue
		}
		c.last = keyText(t, row)
		if c, err = p.give(ctx, c); err != nil {
			return err
		}
	}
	if n := len(t.Columns); c.rows > 0 {
		c.last = keyText(t, c.values[len(c.values)-n:])
	}
	for _, place := range own {
		if !forward {
			break
		}
		if c, err = p.links(ctx, c, place); err != nil {
			return err
		}
	}
	c.finished = true
	p.made <- c // the channel takes as many as there are
	return nil
}

// links gives the references to later rows.
func (p *producer) links(ctx context.Context, c *chunk, place int) (_ *chunk, err error) {
	t := c.table
	id := t.Place("id")
	if c, err = p.give(ctx, c); err != nil {
		return c, err
	}
	c.column = place
	where := `"` + t.Columns[place].Name + `" > "id"`
	for row, err := range p.src.rows(ctx, t, read{org: c.unit.org, where: where}) {
		if err != nil {
			return c, err
		}
		c.ids, c.parents = append(c.ids, row[id].Bits), append(c.parents, row[place].Bits)
		if len(c.ids) < min(chunkRows, p.Batch) {
			continue
		}
		if c, err = p.give(ctx, c); err != nil {
			return c, err
		}
		c.column = place
	}
	return p.give(ctx, c)
}
