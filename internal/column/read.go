package column

import (
	"fmt"
)

// Count tells how many records a predicate means.
func (t *Table) Count(where Predicate) (int, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	set, err := t.matching(where)
	if err != nil {
		return 0, err
	}
	defer t.sets.back(set)
	return set.count(), nil
}

// Get shows one record to f, and says whether there is such a record.
func (t *Table) Get(id int64, columns []string, f func(r Record)) (bool, error) {
	found := false
	err := t.Read([]int64{id}, columns, func(r Record) { found = true; f(r) })
	return found, err
}

// Read shows records to f, in the order of their ids here, all of one moment. Ids that the table does not have are
// passed over. f must not call the table.
func (t *Table) Read(ids []int64, columns []string, f func(r Record)) error {
	t.mu.RLock()
	defer t.mu.RUnlock()
	r, err := t.record(columns)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if row, ok := t.find(id); ok {
			r.row = row
			f(r)
		}
	}
	return nil
}

// Distinct counts the records that where means for each value of a column of whole numbers, 0 included.
func (t *Table) Distinct(column string, where Predicate) (map[int64]int, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	f, err := t.field(column)
	if err != nil {
		return nil, err
	}
	if f.Kind != Int {
		return nil, fmt.Errorf("column: %q is of kind %v, not Int", column, f.Kind)
	}
	set, err := t.matching(where)
	if err != nil {
		return nil, err
	}
	defer t.sets.back(set)
	counts := map[int64]int{}
	small := make([]int, 1<<12) // Most values are small, and a map is slow.
	set.each(func(i int) {
		if v := f.ints.get(i); uint64(v) < uint64(len(small)) {
			small[v]++
		} else {
			counts[v]++
		}
	})
	for v, n := range small {
		if n > 0 {
			counts[int64(v)] = n
		}
	}
	return counts, nil
}

// IDs gives the ids of the records that where means.
func (t *Table) IDs(where Predicate) (IDs, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	set, err := t.matching(where)
	if err != nil {
		return IDs{}, err
	}
	defer t.sets.back(set)
	lo, hi := int64(0), t.top
	if hi >= tableSpan { // Then it pays to look how far they lie apart.
		lo, hi = hi, 0
		set.each(func(i int) {
			id := t.ids.get(i)
			lo, hi = min(lo, id), max(hi, id)
		})
	}
	ids := emptyIntSet(lo, max(lo, hi), manyIDs)
	set.each(func(i int) { ids.add(t.ids.get(i)) })
	return IDs{ids}, nil
}

// Prepare makes the sort orders of these columns, ID among them, which the first query by each would have to wait for.
// Changes and queries go on meanwhile, save those that wait for such an order.
func (t *Table) Prepare(columns ...string) error {
	for _, name := range columns {
		at := -1
		if name != ID {
			var ok bool
			if at, ok = t.Index(name); !ok {
				return fmt.Errorf("column: there is no column %q", name)
			}
		}
		t.sortBeside(at)
	}
	return nil
}

// Columns gives the table's columns by index.
func (t *Table) Columns() []Column {
	t.mu.RLock()
	defer t.mu.RUnlock()
	columns := make([]Column, len(t.fields))
	for i, f := range t.fields {
		columns[i] = f.Column
	}
	return columns
}
