package column

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// A Predicate says which records are meant. It is made by the functions of this file, holds no state of a table and
// can be used any number of times, at the same time too. A predicate about a column that the table does not have, or
// that is of another kind, is an error of the query.
type Predicate interface {
	check(t *Table) error
	// cost tells roughly how long it takes to ask about all rows, so that what is cheap can be asked first.
	cost() int
	// narrow takes the rows for which the predicate is false out of set.
	narrow(t *Table, set rowSet)
}

// True means all records.
func True() Predicate { return and(nil) }

// And means the records for which all of these are true.
func And(all ...Predicate) Predicate { return and(cheapFirst(all)) }

// Or means the records for which any of these is true.
func Or(any ...Predicate) Predicate { return or(cheapFirst(any)) }

// Not means the records for which p is false, those included that have nothing set where p asks.
func Not(p Predicate) Predicate { return not{p} }

func cheapFirst(ps []Predicate) []Predicate {
	ps = slices.Clone(ps)
	slices.SortStableFunc(ps, func(a, b Predicate) int { return a.cost() - b.cost() })
	return ps
}

type and []Predicate

func (p and) check(t *Table) error { return checkAll(t, p) }
func (p and) cost() int            { return totalCost(p) }

func (p and) narrow(t *Table, set rowSet) {
	for _, term := range p {
		term.narrow(t, set)
	}
}

type or []Predicate

func (p or) check(t *Table) error { return checkAll(t, p) }
func (p or) cost() int            { return 1 + totalCost(p) }

func (p or) narrow(t *Table, set rowSet) {
	if len(p) == 1 {
		p[0].narrow(t, set)
		return
	}
	// Each term is asked only about the rows that no term before it has taken.
	open := t.sets.copyOf(set)
	clear(set)
	for _, term := range p {
		hits := t.sets.copyOf(open)
		term.narrow(t, hits)
		open.drop(hits)
		set.join(hits)
		t.sets.back(hits)
	}
	t.sets.back(open)
}

type not struct{ p Predicate }

func (p not) check(t *Table) error { return p.p.check(t) }
func (p not) cost() int            { return 1 + p.p.cost() }

func (p not) narrow(t *Table, set rowSet) {
	hits := t.sets.copyOf(set)
	p.p.narrow(t, hits)
	set.drop(hits)
	t.sets.back(hits)
}

func checkAll(t *Table, ps []Predicate) error {
	for _, p := range ps {
		if err := p.check(t); err != nil {
			return err
		}
	}
	return nil
}

func totalCost(ps []Predicate) int {
	n := 0
	for _, p := range ps {
		n += p.cost()
	}
	return n
}

// A leaf asks about one column.
type leaf struct {
	column string
	kinds  []Kind
	weight int
	test   func(t *Table, f *field, set rowSet)
	search bool
}

func (p leaf) cost() int { return p.weight }

func (p leaf) narrow(t *Table, set rowSet) { p.test(t, t.fields[t.names[p.column]], set) }

func (p leaf) check(t *Table) error {
	f, err := t.field(p.column)
	switch {
	case err != nil:
		return err
	case !slices.Contains(p.kinds, f.Kind):
		return fmt.Errorf("column: %q is of kind %v, which this predicate cannot ask about", p.column, f.Kind)
	case p.search && !f.Searchable:
		return fmt.Errorf("column: %q is not searchable", p.column)
	}
	return nil
}

func (t *Table) field(name string) (*field, error) {
	i, ok := t.names[name]
	if !ok {
		return nil, fmt.Errorf("column: there is no column %q", name)
	}
	return t.fields[i], nil
}

// IntEq means records with this value. 0 means those that have none.
func IntEq(column string, v int64) Predicate {
	return leaf{column: column, kinds: []Kind{Int}, weight: 2, test: func(_ *Table, f *field, set rowSet) {
		f.ints.narrowRange(set, v, v)
	}}
}

// IntRange means records whose value is set and lies between the two, both included.
func IntRange(column string, lo, hi int64) Predicate {
	return leaf{column: column, kinds: []Kind{Int}, weight: 3, test: func(t *Table, f *field, set rowSet) {
		f.ints.narrowRange(set, lo, hi)
		if lo <= 0 && hi >= 0 {
			Set(column).narrow(t, set)
		}
	}}
}

// IntIn means records with any of these values. 0 among them means records that have none too.
func IntIn(column string, values ...int64) Predicate { return intIn(column, newIntSet(values)) }

func intIn(column string, in *intSet) Predicate {
	return leaf{column: column, kinds: []Kind{Int}, weight: 4, test: func(_ *Table, f *field, set rowSet) {
		f.ints.narrowIn(set, in)
	}}
}

// IDs are the ids of some records of a table, which another table's column may hold.
type IDs struct{ set *intSet }

// IntInIDs is IntIn with the ids that Table.IDs has given.
func IntInIDs(column string, ids IDs) Predicate { return intIn(column, ids.set) }

// FloatRange means records whose value is set and lies between the two, both included.
func FloatRange(column string, lo, hi float64) Predicate {
	return leaf{column: column, kinds: []Kind{Float}, weight: 4, test: func(_ *Table, f *field, set rowSet) {
		for w, word := range set {
			for rest := word; rest != 0; rest &= rest - 1 {
				j := bits.TrailingZeros64(rest)
				if v := f.floats[w<<6+j]; !(v >= lo && v <= hi) { // NaN is outside.
					word &^= 1 << j
				}
			}
			set[w] = word
		}
	}}
}

// Unset means records that have no value in the column, of whatever kind it is.
func Unset(column string) Predicate {
	return leaf{column: column, kinds: []Kind{Int, Float, Text}, weight: 2, test: func(_ *Table, f *field, set rowSet) {
		switch f.Kind {
		case Int:
			f.ints.narrowRange(set, 0, 0)
		case Float:
			set.narrow(func(i int) bool { return math.IsNaN(f.floats[i]) })
		case Text:
			f.texts.narrowEqual(set, "")
		}
	}}
}

// Set means records that have a value in the column.
func Set(column string) Predicate { return Not(Unset(column)) }

// TextEmpty is Unset for a column of texts only.
func TextEmpty(column string) Predicate { return TextEq(column, "") }

// TextEq means records that have exactly this text.
func TextEq(column, text string) Predicate {
	return leaf{column: column, kinds: []Kind{Text}, weight: 5, test: func(_ *Table, f *field, set rowSet) {
		f.texts.narrowEqual(set, text)
	}}
}

// TextIn means records that have exactly one of these texts.
func TextIn(column string, values ...string) Predicate {
	in := newTextSet(values)
	return leaf{column: column, kinds: []Kind{Text}, weight: 6, test: func(_ *Table, f *field, set rowSet) {
		set.narrow(func(i int) bool { return in.has(f.texts.get(i)) })
	}}
}

// TextContains means records whose folded text contains the folded needle. All texts contain the empty one.
func TextContains(column, needle string) Predicate {
	return leaf{column: column, kinds: []Kind{Text}, weight: 20, search: true, test: func(t *Table, f *field, set rowSet) {
		if needle := f.Fold(needle); needle != "" {
			f.narrowContaining(needle, set, t.count())
		}
	}}
}

// IDIn means the records of these ids.
func IDIn(ids ...int64) Predicate { return idIn(slices.Clone(ids)) }

type idIn []int64

func (p idIn) check(*Table) error { return nil }
func (p idIn) cost() int          { return 1 }

func (p idIn) narrow(t *Table, set rowSet) {
	found := t.sets.empty(t.count())
	for _, id := range p {
		if row, ok := t.find(id); ok {
			found.add(row)
		}
	}
	set.keep(found)
	t.sets.back(found)
}

// Func means the records for which f is true. It is the slowest predicate and is asked last. f must not call the table;
// the record shows the columns named, in their order.
func Func(columns []string, f func(r Record) bool) Predicate {
	return function{slices.Clone(columns), f}
}

type function struct {
	columns []string
	f       func(r Record) bool
}

func (p function) check(t *Table) error {
	_, err := t.record(p.columns)
	return err
}

func (p function) cost() int { return 50 }

func (p function) narrow(t *Table, set rowSet) {
	r, err := t.record(p.columns)
	if err != nil {
		panic(err) // check has been asked before.
	}
	set.narrow(func(i int) bool {
		r.row = i
		return p.f(r)
	})
}

// record makes a record that shows these columns, of no row yet.
func (t *Table) record(columns []string) (Record, error) {
	r := Record{table: t, fields: make([]*field, len(columns))}
	for i, name := range columns {
		var err error
		if r.fields[i], err = t.field(name); err != nil {
			return Record{}, err
		}
	}
	return r, nil
}
