// Package column is a table in memory of all records of one kind of one organization, column by column, so that any
// list of a million records (any filter, any sort, an exact count) is answered in milliseconds. It knows neither the
// domain nor the database: whoever keeps a table puts each change into it.
//
// A row is never changed. A record that is put again gets a new row, an ordinal larger than all before, and its former
// row is dead; when a quarter of the rows is dead the table is compacted. Nothing that belongs to a row therefore ever
// moves between two compactions, which is what the kept sort orders and findings rely on.
//
// All methods may be called at the same time. Changes wait for each other and for queries; a query sees all of a
// change or nothing. A function that is given to a method must not call the table.
package column

import (
	"errors"
	"fmt"
	"sync"
)

// ErrFull is the answer to a row that no longer fits: a column holds at most 4 GB of text, a table four billion rows.
var ErrFull = errors.New("column: the table is full")

// A Table holds records, each with an id above 0. Use New.
type Table struct {
	// change is held for the whole of a change, mu only while readers would notice. A reader holds mu alone. reshape is
	// held, before both, by who adds columns or gives rows other ordinals.
	reshape sync.Mutex
	change  sync.Mutex
	mu      sync.RWMutex

	rows
	names  map[string]int
	latest idMap
	top    int64 // No id is greater.
	byID   order
	sets   setPool

	era        int // How often rows have got other ordinals.
	compacting bool
	beside     sync.WaitGroup // Of the compaction that goes on.
}

// New makes an empty table. Two columns of one name, or one called ID, are a mistake in the program and panic.
func New(columns []Column) *Table {
	t := &Table{names: map[string]int{}}
	for _, c := range columns {
		if err := t.addField(newField(c)); err != nil {
			panic(err)
		}
	}
	return t
}

func (t *Table) addField(f *field) error {
	if _, ok := t.names[f.Name]; ok || f.Name == ID || f.Name == "" {
		return fmt.Errorf("column: no second column can be named %q", f.Name)
	}
	f.order, f.needles = &order{}, &needles{}
	t.names[f.Name] = len(t.fields)
	t.fields = append(t.fields, f)
	return nil
}

// Index gives the index of the column of this name. Indexes never change.
func (t *Table) Index(name string) (int, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	i, ok := t.names[name]
	return i, ok
}

// Len counts records.
func (t *Table) Len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.count() - t.dead
}

// Bytes tells how much memory the table holds, sort orders and findings included.
func (t *Table) Bytes() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	n := t.ids.bytes() + t.latest.bytes() + 8*cap(t.live) + t.byID.bytes()
	for _, f := range t.fields {
		n += f.bytes()
	}
	return n
}

// Reserve makes room for so many rows altogether, so that filling an empty table copies little and leaves nothing over.
func (t *Table) Reserve(rows int) {
	t.lock()
	defer t.unlock()
	t.ids.reserve(rows)
	t.live = reserve(t.live, words(rows))
	t.latest.reserve(&t.ids, rows)
	for _, f := range t.fields {
		f.reserve(rows)
	}
}

// A Writer changes the table during Change.
type Writer struct{ table *Table }

// Change makes several changes that readers see all at once. It is also the quickest way to fill a table.
func (t *Table) Change(f func(w Writer) error) error {
	t.lock()
	defer t.unlock()
	return f(Writer{t})
}

// Put adds a record or replaces the one that has this id. It keeps nothing of the row.
func (t *Table) Put(id int64, row *Row) error {
	return t.Change(func(w Writer) error { return w.Put(id, row) })
}

// Delete takes a record away, and says whether it was there.
func (t *Table) Delete(id int64) bool {
	t.lock()
	defer t.unlock()
	return Writer{t}.Delete(id)
}

func (t *Table) lock() {
	t.change.Lock()
	t.mu.Lock()
}

func (t *Table) unlock() {
	t.mu.Unlock()
	t.change.Unlock()
}

// Put is Table.Put. After an error the table is as before. A record that is there with the same values stays where it is.
func (w Writer) Put(id int64, row *Row) error {
	t := w.table
	if err := t.fits(id, row); err != nil {
		return err
	}
	if at, ok := t.find(id); ok {
		if t.same(at, row) {
			return nil
		}
		w.Delete(id)
	}
	t.push(id, row)
	t.latest.put(&t.ids, t.count()-1)
	t.top = max(t.top, id)
	return nil
}

// Append adds the records of a batch. Those that the table has are replaced.
func (w Writer) Append(b *Batch) error {
	t := w.table
	for k, f := range t.fields {
		if k >= len(b.fields) || b.fields[k].Kind != f.Kind || len(b.fields) != len(t.fields) {
			return errors.New("column: the batch is not of this table's columns")
		}
		if !f.joins(b.fields[k], 0) {
			return ErrFull
		}
	}
	for i := range b.count() {
		if id := b.ids.get(i); id <= t.top {
			w.Delete(id)
		}
	}
	at := t.count()
	t.join(&b.rows, 0)
	for ; at < t.count(); at++ {
		t.latest.put(&t.ids, at)
	}
	t.top = max(t.top, b.last)
	return nil
}

// Delete is Table.Delete.
func (w Writer) Delete(id int64) bool {
	t := w.table
	row, ok := t.find(id)
	if !ok {
		return false
	}
	t.live.remove(row)
	t.dead++
	t.wasteful()
	return true
}

// find gives the row of the record of this id.
func (t *Table) find(id int64) (int, bool) {
	row, ok := t.latest.get(&t.ids, id)
	return row, ok && t.live.has(row)
}
