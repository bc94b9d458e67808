package column

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"sort"
)

// An Order names a column to sort by, or ID. What is not set comes first, and last where Desc turns the order round.
// Equal values are ordered by id in the same direction.
type Order struct {
	Column string
	Desc   bool
}

// A Query asks for a page of a list.
type Query struct {
	Where Predicate // nil means all records.
	// Sort has at most one order. Without any the list is sorted by id.
	Sort []Order
	// After leaves out all up to and including the place of the cursor; Offset leaves out as many of what remains.
	After  *Cursor
	Offset int
	// Limit is the greatest number of ids wanted. Below 0 all are wanted.
	Limit int
}

// A Cursor is a place in a list: the value sorted by, and the id, of the last record of a page. It does not matter
// whether that record is still there. A cursor serves both directions of its column; all fields can be written as JSON.
type Cursor struct {
	Column string
	ID     int64
	Int    int64   `json:",omitempty"`
	Float  float64 `json:",omitempty"`
	NoNum  bool    `json:",omitempty"` // A Float column without a value.
	Text   string  `json:",omitempty"`
}

// A Page is the answer to a Query.
type Page struct {
	IDs   []int64
	Total int     // How many records Where means, whatever Offset, After and Limit say.
	More  bool    // There are records after the page.
	Last  *Cursor // The place of the last record of the page; nil when the page is empty.
}

// Select answers a query. An error means that the query does not fit the table.
func (t *Table) Select(q Query) (Page, error) {
	for try := 0; ; try++ {
		page, unsorted, err := t.selectOnce(q, try == 2)
		if !unsorted {
			return page, err
		}
		t.mu.RLock()
		column := -1
		if len(q.Sort) == 1 && q.Sort[0].Column != ID {
			column = t.names[q.Sort[0].Column]
		}
		t.mu.RUnlock()
		t.sortBeside(column)
	}
}

// selectOnce is Select, unless the rows have to be sorted anew for it, which takes too long where others may wait for
// the lock of readers; with atOnce that is done nevertheless.
func (t *Table) selectOnce(q Query, atOnce bool) (page Page, unsorted bool, err error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	f, desc, err := t.sorting(q)
	if err != nil {
		return Page{}, false, err
	}
	set, err := t.matching(q.Where)
	if err != nil {
		return Page{}, false, err
	}
	defer t.sets.back(set)

	page = Page{Total: set.count()}
	hits, want := t.wanted(page.Total, q)
	if want > 0 && !hits && !atOnce && t.count() > sortBelow && t.orderOf(f).stale(t.count()) {
		return Page{}, true, nil
	}
	var rows []uint32
	switch {
	case want <= 0:
	case hits:
		rows = t.sortHits(f, desc, set, q, want)
	default:
		rows = t.walkOrder(f, desc, set, page.Total, q, want)
	}
	if q.Limit >= 0 && len(rows) > q.Limit {
		rows, page.More = rows[:q.Limit], true
	}
	page.IDs = make([]int64, len(rows))
	for i, row := range rows {
		page.IDs[i] = t.ids.get(int(row))
	}
	if len(rows) > 0 {
		page.Last = t.cursor(f, int(rows[len(rows)-1]))
	}
	return page, false, nil
}

// matching gives the live rows for which the predicate is true. The caller gives the set back.
func (t *Table) matching(where Predicate) (rowSet, error) {
	if where != nil {
		if err := where.check(t); err != nil {
			return nil, err
		}
	}
	set := t.sets.copyOf(t.live)
	if where != nil {
		where.narrow(t, set)
	}
	return set, nil
}

// sorting checks the query and gives the column that it sorts by, nil for ids.
func (t *Table) sorting(q Query) (f *field, desc bool, err error) {
	by := Order{Column: ID}
	switch {
	case len(q.Sort) > 1:
		return nil, false, fmt.Errorf("column: a list is sorted by one column, not by %d", len(q.Sort))
	case q.Offset < 0:
		return nil, false, fmt.Errorf("column: %d is not an offset", q.Offset)
	case len(q.Sort) == 1:
		by = q.Sort[0]
	}
	if q.After != nil && q.After.Column != by.Column {
		return nil, false, fmt.Errorf("column: a cursor of %q in a list sorted by %q", q.After.Column, by.Column)
	}
	if by.Column != ID {
		f, err = t.field(by.Column)
	}
	return f, by.Desc, err
}

// wanted gives the number of rows of the page and the row after it, and whether to gather and sort the rows that are
// meant instead of walking the sorted ones past all that are not. Both give the same rows.
func (t *Table) wanted(total int, q Query) (hits bool, want int) {
	want = total - q.Offset
	if q.Limit >= 0 && q.Limit < want {
		want = q.Limit + 1
	}
	if want = min(want, total-q.Offset); want <= 0 {
		return false, 0
	}
	// A comparison costs about as much as eight steps.
	walk := min(float64(q.Offset+want)/float64(total), 1) * float64(t.count())
	return float64(total*bits.Len(uint(total))*8) < walk, want
}

func (t *Table) sortHits(f *field, desc bool, set rowSet, q Query, want int) []uint32 {
	var hits []uint32
	set.each(func(i int) {
		if q.After != nil {
			if c := t.against(f, i, q.After); c == 0 || c < 0 != desc {
				return
			}
		}
		hits = append(hits, uint32(i))
	})
	slices.SortFunc(hits, func(a, b uint32) int {
		if desc {
			a, b = b, a
		}
		return t.before(f, int(a), int(b))
	})
	from := min(q.Offset, len(hits))
	return hits[from:min(from+want, len(hits))]
}

func (t *Table) walkOrder(f *field, desc bool, set rowSet, total int, q Query, want int) []uint32 {
	sorted := t.sortedRows(f)
	at, step, end := 0, 1, len(sorted)
	if desc {
		at, step, end = len(sorted)-1, -1, -1
	}
	if q.After != nil {
		at = sort.Search(len(sorted), func(i int) bool {
			c := t.against(f, int(sorted[i]), q.After)
			return c > 0 || c == 0 && desc
		})
		if desc {
			at--
		}
	}
	if skip := q.Offset; total == len(sorted) {
		// All are meant.
		if at += skip * step; (end-at)*step <= 0 {
			return nil
		}
	} else {
		for ; skip > 0 && at != end; at += step {
			row := sorted[at]
			skip -= int(set[row>>6] >> (row & 63) & 1)
		}
	}
	rows := make([]uint32, 0, want)
	for ; at != end && len(rows) < want; at += step {
		if set.has(int(sorted[at])) {
			rows = append(rows, sorted[at])
		}
	}
	return rows
}

// against orders a row against the place of a cursor.
func (t *Table) against(f *field, row int, c *Cursor) int {
	by := 0
	if f != nil {
		switch f.Kind {
		case Int:
			by = cmp.Compare(f.ints.get(row), c.Int)
		case Float:
			v := c.Float
			if c.NoNum {
				v = math.NaN()
			}
			by = cmp.Compare(f.floats[row], v)
		case Text:
			by = cmp.Compare(string(f.texts.get(row)), c.Text)
		}
	}
	if by == 0 {
		by = cmp.Compare(t.ids.get(row), c.ID)
	}
	return by
}

func (t *Table) cursor(f *field, row int) *Cursor {
	c := &Cursor{Column: ID, ID: t.ids.get(row)}
	if f == nil {
		return c
	}
	c.Column = f.Name
	switch f.Kind {
	case Int:
		c.Int = f.ints.get(row)
	case Float:
		if v := f.floats[row]; math.IsNaN(v) {
			c.NoNum = true
		} else {
			c.Float = v
		}
	case Text:
		c.Text = string(f.texts.get(row))
	}
	return c
}
