package column

import "slices"

// compactBelow is the number of rows up to which a table is compacted at once, by whoever changes it.
var compactBelow = 1 << 13

// wasteful sees whether too many rows are dead. The caller changes the table.
func (t *Table) wasteful() {
	switch {
	case t.dead <= 32 || t.dead <= t.count()/4 || t.compacting:
	case t.count() <= compactBelow:
		c := t.compaction()
		c.make()
		c.finish(t)
	default:
		t.compacting = true
		t.beside.Go(t.Compact)
	}
}

// Compact gives back the memory of dead rows. The table does so by itself when a quarter is dead. Queries and changes go
// on meanwhile.
func (t *Table) Compact() {
	t.reshape.Lock()
	defer t.reshape.Unlock()
	for done := false; !done; {
		t.mu.RLock()
		c := t.compaction()
		t.mu.RUnlock()
		c.make()
		t.lock()
		if done = c.era == t.era; done {
			c.finish(t)
			t.compacting = false
		}
		t.unlock()
	}
}

// A compaction makes, of the rows as they were when it began, a copy without the dead ones, and then takes over what
// has happened since: rows that were added, and rows that died.
type compaction struct {
	era    int
	old    *rows
	orders []oldOrder

	made    *rows
	renamed []uint32 // For each row that was live, its place in made.
	latest  idMap
}

// An oldOrder is an order as it was. Rows yet to be inserted stay yet to be inserted.
type oldOrder struct {
	of   *order
	rows []uint32
	upTo int
}

// compaction begins one. The caller holds a lock of the table.
func (t *Table) compaction() *compaction {
	c := &compaction{era: t.era, old: t.frozen()}
	keep := func(o *order) {
		o.mu.Lock()
		defer o.mu.Unlock()
		c.orders = append(c.orders, oldOrder{o, slices.Clone(o.rows), o.upTo})
	}
	keep(&t.byID)
	for _, f := range t.fields {
		keep(f.order)
	}
	return c
}

// make makes the copy. It needs no lock.
func (c *compaction) make() {
	c.made, c.renamed = c.old.compacted()
	c.latest.reserve(&c.made.ids, c.made.count())
	for i := range c.made.count() {
		c.latest.put(&c.made.ids, i)
	}
	for i := range c.orders {
		o := &c.orders[i]
		kept := o.rows[:0]
		for _, row := range o.rows {
			if c.old.live.has(int(row)) {
				kept = append(kept, c.renamed[row])
			}
		}
		o.rows, o.upTo = kept, c.old.live.countBelow(o.upTo)
	}
}

// finish puts the copy in the place of the table's rows. The caller changes the table.
func (c *compaction) finish(t *Table) {
	n, at := c.old.count(), c.made.count()
	for w, word := range c.old.live {
		rowSet{word &^ t.live[w]}.each(func(i int) {
			c.made.live.remove(int(c.renamed[w<<6+i]))
			c.made.dead++
		})
	}
	c.made.join(&t.rows, n)
	for ; at < c.made.count(); at++ {
		c.latest.put(&c.made.ids, at)
	}
	t.rows, t.latest = *c.made, c.latest
	for _, f := range t.fields {
		f.needles.forget()
	}
	for _, o := range c.orders {
		o.of.mu.Lock()
		o.of.rows, o.of.upTo = o.rows, o.upTo
		o.of.mu.Unlock()
	}
	t.era++
}
