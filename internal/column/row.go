package column

import "math"

// A value is one cell of a row: a number's bits, or a text.
type value struct {
	bits uint64
	text string
}

// A Row is filled and put. It can be used again after Reset. Columns are told by their index in the table, in the order
// of New and AddColumn; to set one of another kind is a mistake in the program and panics.
type Row struct {
	kinds  []Kind
	values []value
}

// NewRow makes a row with nothing set. Columns that are added to the table later are not set by this row.
func (t *Table) NewRow() *Row {
	t.mu.RLock()
	defer t.mu.RUnlock()
	r := &Row{kinds: make([]Kind, len(t.fields)), values: make([]value, len(t.fields))}
	for i, f := range t.fields {
		r.kinds[i] = f.Kind
	}
	r.Reset()
	return r
}

// Reset makes every column not set.
func (r *Row) Reset() {
	for i, k := range r.kinds {
		r.values[i] = none(k)
	}
}

func none(k Kind) value {
	if k == Float {
		return value{bits: math.Float64bits(math.NaN())}
	}
	return value{}
}

func intValue(v int64) value     { return value{bits: uint64(v)} }
func floatValue(v float64) value { return value{bits: math.Float64bits(v + 0)} } // Adding 0 makes 0 of -0.

func (r *Row) SetInt(column int, v int64) { *r.at(column, Int) = intValue(v) }

func (r *Row) SetFloat(column int, v float64) { *r.at(column, Float) = floatValue(v) }

func (r *Row) SetText(column int, v string) { r.at(column, Text).text = v }

func (r *Row) at(column int, k Kind) *value {
	if r.kinds[column] != k {
		panic("column: a value of kind " + k.String() + " for a column of kind " + r.kinds[column].String())
	}
	return &r.values[column]
}

// A Record shows the chosen columns of one record, by their place in the choice. It holds only during the call that it
// was given to. To read a column as another kind is a mistake in the program and panics.
type Record struct {
	table  *Table
	fields []*field
	row    int
}

func (r Record) ID() int64            { return r.table.ids.get(r.row) }
func (r Record) Int(at int) int64     { return r.fields[at].ints.get(r.row) }
func (r Record) Float(at int) float64 { return r.fields[at].floats[r.row] }
func (r Record) Text(at int) string   { return string(r.Bytes(at)) }
func (r Record) Unset(at int) bool    { return r.fields[at].unset(r.row) }

// Bytes gives a text without copying it. It must neither be changed nor kept.
func (r Record) Bytes(at int) []byte { return r.fields[at].texts.get(r.row) }
