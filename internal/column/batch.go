package column

import (
	"errors"
	"fmt"
)

// A Batch gathers records in the form of a table, so that Append has little left to do. Batches can be filled side by
// side, each by one goroutine.
type Batch struct {
	rows
	last int64
}

// NewBatch makes an empty batch for about so many records of the table's columns.
func (t *Table) NewBatch(rows int) *Batch {
	b := &Batch{}
	for _, c := range t.Columns() {
		f := newField(c)
		f.reserve(rows)
		b.fields = append(b.fields, f)
	}
	b.ids.reserve(rows)
	return b
}

// Add adds a record. Ids must rise from one to the next.
func (b *Batch) Add(id int64, row *Row) error {
	if err := b.fits(id, row); err != nil {
		return err
	}
	if id <= b.last {
		return fmt.Errorf("column: the id %d comes behind %d", id, b.last)
	}
	b.push(id, row)
	b.last = id
	return nil
}

// Values are what a column that is added holds, by the ids of records. The kind of the column says which method may be
// used; to use another one is a mistake in the program and panics.
type Values struct {
	field
	ids  ints
	full bool // There was more than a column holds.
}

// NewValues makes the values of a column, none yet.
func NewValues(c Column) *Values { return &Values{field: *newField(c)} }

func (s *Values) Int(id, v int64) { s.add(Int, id, intValue(v)) }

func (s *Values) Float(id int64, v float64) { s.add(Float, id, floatValue(v)) }

func (s *Values) Text(id int64, v string) { s.add(Text, id, value{text: v}) }

func (s *Values) add(k Kind, id int64, v value) {
	if k != s.Kind {
		panic("column: a value of kind " + k.String() + " for a column of kind " + s.Kind.String())
	}
	if s.fits(v) {
		s.push(s.ids.len(), v)
	} else {
		s.push(s.ids.len(), none(k))
		s.full = true
	}
	s.ids.push(id)
}

// Join adds the values of other ones of the same column.
func (s *Values) Join(others *Values) {
	if !s.joins(&others.field, 0) {
		s.full = true
		return
	}
	s.join(&others.field, 0, s.ids.len())
	s.ids.join(&others.ids, 0)
}

var errTwice = errors.New("column: there is a column of this name already")

// AddColumns adds columns with their values: an id that the table does not have is passed over, and of several values of
// one id the last counts. Queries go on; changes wait. After an error there is no new column. Values are used up.
func (t *Table) AddColumns(all ...*Values) error {
	t.reshape.Lock()
	defer t.reshape.Unlock()
	t.change.Lock()
	defer t.change.Unlock()
	fields := make([]*field, len(all))
	for i, v := range all {
		if _, ok := t.names[v.Name]; ok || v.Name == ID || v.Name == "" {
			return fmt.Errorf("%w: %q", errTwice, v.Name)
		}
		var err error
		if fields[i], err = t.placed(v); err != nil {
			return err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range fields {
		if err := t.addField(f); err != nil {
			return err
		}
	}
	return nil
}

// placed gives a column of the table with the values at the rows of their ids.
func (t *Table) placed(v *Values) (*field, error) {
	if v.full {
		return nil, ErrFull
	}
	n := t.count()
	from := make([]uint32, n) // The place of each row's value, and one.
	next := 0
	for i := range v.ids.len() {
		id := v.ids.get(i)
		// Values come in the order of ids, and so do most rows.
		row, ok := next, next < n && t.ids.get(next) == id && t.live.has(next)
		if !ok {
			row, ok = t.find(id)
		}
		if ok {
			from[row] = uint32(i) + 1
			next = row + 1
		}
	}
	f := newField(v.Column)
	f.reserve(n)
	for row, at := range from {
		if at == 0 {
			f.push(row, none(f.Kind))
		} else {
			f.copy(row, &v.field, int(at-1))
		}
	}
	return f, nil
}
