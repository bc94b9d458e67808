package column

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"sort"
	"sync"
)

// An order is all rows sorted by a column and, where values are equal, by id. It is made when it is first asked for,
// and brought up to date when it is asked for again. Dead rows may be in it: their values still lie where they lay.
type order struct {
	building sync.Mutex // Held by whoever sorts anew.
	mu       sync.Mutex
	// rows holds those of the first upTo ordinals. While a reader has the table's lock no row is added, so that once
	// brought up to date it does not change under him.
	rows []uint32
	upTo int
}

// sortBelow is the number of rows up to which rows are sorted where a reader stands, with the table's lock.
var sortBelow = 1 << 13

// stale says whether the rows have to be sorted anew, n being the number of rows of the table.
func (o *order) stale(n int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return n-o.upTo > len(o.rows)/8
}

// orderOf is the order of f, of ids where f is nil.
func (t *Table) orderOf(f *field) *order {
	if f == nil {
		return &t.byID
	}
	return f.order
}

// sortedRows gives the rows in the order of f. The caller holds the lock of readers, and sees first that they need not
// be sorted anew if that would take long.
func (t *Table) sortedRows(f *field) []uint32 {
	o := t.orderOf(f)
	o.mu.Lock()
	defer o.mu.Unlock()
	n := t.count()
	switch fresh := n - o.upTo; {
	case fresh == 0:
	case fresh > len(o.rows)/8:
		o.rows = t.sorted(f)
	default:
		o.rows = t.insert(f, o.rows, o.upTo)
	}
	o.upTo = n
	return o.rows
}

// sortBeside sorts the rows anew by the column of this index, by id where it is below 0, while queries and changes go
// on. Who asks for the same meanwhile waits.
func (t *Table) sortBeside(column int) {
	of := func(r *rows) *field {
		if column < 0 {
			return nil
		}
		return r.fields[column]
	}
	t.mu.RLock()
	o := t.orderOf(of(&t.rows))
	t.mu.RUnlock()
	o.building.Lock()
	defer o.building.Unlock()
	for done := false; !done; {
		t.mu.RLock()
		if !o.stale(t.count()) {
			t.mu.RUnlock()
			return
		}
		r, era := t.frozen(), t.era
		t.mu.RUnlock()
		sorted := r.sorted(of(r))
		t.mu.RLock()
		if done = era == t.era; done {
			o.mu.Lock()
			o.rows, o.upTo = sorted, r.count()
			o.mu.Unlock()
		}
		t.mu.RUnlock()
	}
}

// An entry is a row with what it is sorted by.
type entry struct {
	key uint64
	row uint32
}

// sorted gives all live rows in the order of f.
func (r *rows) sorted(f *field) []uint32 {
	if f != nil && f.Kind == Text {
		return r.sortedTexts(f)
	}
	entries := make([]entry, 0, r.count()-r.dead)
	r.live.each(func(i int) { entries = append(entries, entry{uint64(r.ids.get(i)), uint32(i)}) })
	entries, spare := radixSort(entries, nil)
	if f != nil {
		for i := range entries {
			entries[i].key = f.sortKey(int(entries[i].row))
		}
		entries, _ = radixSort(entries, spare)
	}
	sorted := make([]uint32, len(entries))
	for i, e := range entries {
		sorted[i] = e.row
	}
	return sorted
}

// sortKey gives a number that orders rows as compare does. It is not for texts.
func (f *field) sortKey(row int) uint64 {
	if f.Kind == Int {
		return uint64(f.ints.get(row)) ^ 1<<63
	}
	v := f.floats[row]
	b := math.Float64bits(v)
	switch {
	case math.IsNaN(v):
		return 0
	case b>>63 != 0:
		return ^b
	}
	return b | 1<<63
}

// radixSort sorts by key and leaves entries of one key in their order. It gives back the sorted entries, and the other
// one of the two pieces of memory that it used, of which spare may be one.
func radixSort(entries, spare []entry) (sorted, rest []entry) {
	const digit, values = 11, 1 << 11
	counts := new([64/digit + 1][values]uint32)
	rising := true
	for i, e := range entries {
		rising = rising && (i == 0 || entries[i-1].key <= e.key)
		for d := range counts {
			counts[d][e.key>>(digit*d)&(values-1)]++
		}
	}
	if rising {
		return entries, spare
	}
	spare = reserve(spare[:0], len(entries))[:len(entries)]
	for d := range counts {
		if int(counts[d][entries[0].key>>(digit*d)&(values-1)]) == len(entries) {
			continue // All have the same digit.
		}
		at := uint32(0)
		for v, n := range counts[d] {
			counts[d][v] = at
			at += n
		}
		for _, e := range entries {
			v := e.key >> (digit * d) & (values - 1)
			spare[counts[d][v]] = e
			counts[d][v]++
		}
		entries, spare = spare, entries
	}
	return entries, spare
}

// sortedTexts sorts by the first 16 bytes of texts. The texts themselves are asked only where those are equal.
func (r *rows) sortedTexts(f *field) []uint32 {
	type entry struct {
		first, second uint64
		row           uint32
	}
	entries := make([]entry, 0, r.count()-r.dead)
	r.live.each(func(i int) {
		var head [16]byte
		copy(head[:], f.texts.get(i))
		entries = append(entries, entry{binary.BigEndian.Uint64(head[:8]), binary.BigEndian.Uint64(head[8:]), uint32(i)})
	})
	slices.SortFunc(entries, func(a, b entry) int {
		if a.first != b.first {
			return cmp.Compare(a.first, b.first)
		}
		if a.second != b.second {
			return cmp.Compare(a.second, b.second)
		}
		return r.before(f, int(a.row), int(b.row))
	})
	sorted := make([]uint32, len(entries))
	for i, e := range entries {
		sorted[i] = e.row
	}
	return sorted
}

// insert puts the rows from ordinal from on into their places.
func (t *Table) insert(f *field, rows []uint32, from int) []uint32 {
	var fresh []uint32
	for i := from; i < t.count(); i++ {
		if t.live.has(i) {
			fresh = append(fresh, uint32(i))
		}
	}
	slices.SortFunc(fresh, func(a, b uint32) int { return t.before(f, int(a), int(b)) })
	old := len(rows)
	for range fresh {
		rows = push(rows, 0)
	}
	for i := len(fresh) - 1; i >= 0; i-- {
		row := int(fresh[i])
		at := sort.Search(old, func(j int) bool { return t.before(f, int(rows[j]), row) > 0 })
		copy(rows[at+i+1:], rows[at:old])
		rows[at+i] = fresh[i]
		old = at
	}
	return rows
}

func (o *order) bytes() int {
	if o == nil {
		return 0
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return 4 * cap(o.rows)
}
