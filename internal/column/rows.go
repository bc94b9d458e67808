package column

import (
	"fmt"
	"math"
	"slices"
)

// rows are the columns of rows, with the id of each. Values of a row that is there never change and never move: a copy
// of this struct (see frozen) can be read without a lock while rows are added behind.
type rows struct {
	fields []*field
	ids    ints
	live   rowSet
	dead   int
}

// count counts rows, dead ones too.
func (r *rows) count() int { return r.ids.len() }

// frozen gives the rows as they are now. The caller holds a lock of the table.
func (r *rows) frozen() *rows {
	made := &rows{fields: make([]*field, len(r.fields)), ids: r.ids, live: slices.Clone(r.live), dead: r.dead}
	for i, f := range r.fields {
		copied := *f
		made.fields[i] = &copied
	}
	return made
}

// push adds a row. The id is not among them, or its former row is dead.
func (r *rows) push(id int64, row *Row) {
	n := r.count()
	for i, f := range r.fields {
		if i < len(row.values) {
			f.push(n, row.values[i])
		} else {
			f.push(n, none(f.Kind))
		}
	}
	r.ids.push(id)
	r.grow(1)
}

// grow makes the last n rows, which were just added, live.
func (r *rows) grow(n int) {
	for i := r.count() - n; i < r.count(); i++ {
		if i>>6 == len(r.live) {
			r.live = push(r.live, 0)
		}
		r.live.add(i)
	}
}

// fits says why a record cannot be added, if it cannot.
func (r *rows) fits(id int64, row *Row) error {
	if id <= 0 {
		return fmt.Errorf("column: %d is not an id", id)
	}
	if r.count() >= math.MaxUint32-1 {
		return ErrFull
	}
	for i, v := range row.values {
		if v.text != "" && !r.fields[i].fits(v) {
			return ErrFull
		}
	}
	return nil
}

// join appends the rows from place i on of others that have the same columns, live or not.
func (r *rows) join(others *rows, i int) {
	at := r.count()
	for k, f := range r.fields {
		f.join(others.fields[k], i, at)
	}
	r.ids.join(&others.ids, i)
	r.live = reserve(r.live, grown(words(r.count()), cap(r.live)))[:words(r.count())]
	for ; i < others.count(); i, at = i+1, at+1 {
		if others.live.has(i) {
			r.live.add(at)
		} else {
			r.dead++
		}
	}
}

// same says whether a row has exactly these values, those that are not given being unset.
func (r *rows) same(i int, row *Row) bool {
	for k, f := range r.fields {
		v := none(f.Kind)
		if k < len(row.values) {
			v = row.values[k]
		}
		if !f.has(i, v) {
			return false
		}
	}
	return true
}

// before is the one rule of order: by value, then by id.
func (r *rows) before(f *field, a, b int) int {
	if f != nil {
		if c := f.compare(a, b); c != 0 {
			return c
		}
	}
	x, y := r.ids.get(a), r.ids.get(b)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// compacted gives a copy with the live rows only, in their order, and tells for each row that was live its place there.
func (r *rows) compacted() (*rows, []uint32) {
	count := r.count() - r.dead
	renamed := make([]uint32, r.count())
	to := uint32(0)
	r.live.each(func(i int) {
		renamed[i] = to
		to++
	})
	made := &rows{fields: make([]*field, len(r.fields)), ids: r.ids.compacted(r.live, count)}
	for i, f := range r.fields {
		made.fields[i] = f.compacted(r.live, count, renamed)
	}
	made.live = make(rowSet, words(count), grown(words(count), 0))
	for i := range made.live {
		made.live[i] = math.MaxUint64
	}
	if count&63 != 0 {
		made.live[count>>6] = 1<<(count&63) - 1
	}
	return made, renamed
}
