package column

import (
	"cmp"
	"math"
	"strings"
)

// A Kind says what the values of a column are.
type Kind int

const (
	Int   Kind = iota // Whole numbers: ids, options, milliseconds. 0 means that none is set.
	Float             // NaN, which a new Row holds, means that none is set.
	Text              // The empty text means that none is set.
)

func (k Kind) String() string { return [...]string{"Int", "Float", "Text"}[k] }

// ID names the ids of the records where a column to sort by is asked for. No column may have this name.
const ID = "id"

// A Column is one field of all records.
type Column struct {
	Name string
	Kind Kind
	// Searchable permits TextContains. The table then also keeps what Fold makes of those texts that Fold changes.
	Searchable bool
	// Fold gives the form in which texts are searched, such as half width and lower case. It is called for every text
	// that is put, and for needles, so that folding what is folded must change nothing. nil stands for strings.ToLower.
	Fold func(string) string
}

// A field is a column with its values. Only the one of its kind is in use.
type field struct {
	Column
	ints   ints
	floats []float64
	texts  texts
	folded folded
	// order and needles are what is kept of former questions. They are nil where a field is no part of a table.
	order   *order
	needles *needles
}

func newField(c Column) *field {
	if c.Fold == nil {
		c.Fold = strings.ToLower
	}
	return &field{Column: c}
}

// push adds the value of the next row.
func (f *field) push(row int, v value) {
	switch f.Kind {
	case Int:
		f.ints.push(int64(v.bits))
	case Float:
		f.floats = push(f.floats, math.Float64frombits(v.bits))
	case Text:
		f.texts.push(v.text)
		if f.Searchable {
			if text := f.Fold(v.text); text != v.text {
				f.folded.push(row, text)
			}
		}
	}
}

func (f *field) fits(v value) bool {
	// Folding may lengthen a text a little: some capital letters become two characters.
	return f.Kind != Text || f.texts.fits(len(v.text)) && f.folded.texts.fits(4*len(v.text))
}

// has says whether the row has this value.
func (f *field) has(row int, v value) bool {
	switch f.Kind {
	case Int:
		return f.ints.get(row) == int64(v.bits)
	case Float:
		return math.Float64bits(f.floats[row]) == v.bits
	default:
		return string(f.texts.get(row)) == v.text
	}
}

// unset says whether the row has no value here.
func (f *field) unset(row int) bool {
	switch f.Kind {
	case Int:
		return f.ints.get(row) == 0
	case Float:
		return math.IsNaN(f.floats[row])
	default:
		return f.texts.start(row) == int(f.texts.ends[row])
	}
}

// compare orders two rows by their values. What is not set is the smallest; texts are ordered by their bytes.
func (f *field) compare(a, b int) int {
	switch f.Kind {
	case Int:
		return cmp.Compare(f.ints.get(a), f.ints.get(b))
	case Float:
		return cmp.Compare(f.floats[a], f.floats[b])
	default:
		return cmp.Compare(string(f.texts.get(a)), string(f.texts.get(b)))
	}
}

func (f *field) reserve(rows int) {
	switch f.Kind {
	case Int:
		f.ints.reserve(rows)
	case Float:
		f.floats = reserve(f.floats, rows)
	case Text:
		f.texts.ends = reserve(f.texts.ends, rows)
	}
}

// joins says whether the values from place i on of another column fit behind those of this one.
func (f *field) joins(other *field, i int) bool {
	return f.Kind != Text || f.texts.fits(len(other.texts.data)-other.texts.start(i)) && f.folded.texts.fits(len(other.folded.texts.data))
}

// join appends the values from place i on of a column of the same kind; they become those from row on.
func (f *field) join(other *field, i, row int) {
	switch f.Kind {
	case Int:
		f.ints.join(&other.ints, i)
	case Float:
		f.floats = append(reserve(f.floats, grown(len(f.floats)+len(other.floats)-i, cap(f.floats))), other.floats[i:]...)
	case Text:
		f.texts.join(&other.texts, i)
		f.folded.join(&other.folded, i, row)
	}
}

// copy adds the value that another column of the same kind has at place i as that of the next row.
func (f *field) copy(row int, other *field, i int) {
	switch f.Kind {
	case Int:
		f.ints.push(other.ints.get(i))
	case Float:
		f.floats = push(f.floats, other.floats[i])
	case Text:
		pushText(&f.texts, other.texts.get(i))
		if at := other.folded.from(i); at < len(other.folded.rows) && int(other.folded.rows[at]) == i {
			f.folded.push(row, string(other.folded.texts.get(at)))
		}
	}
}

// compacted gives a copy with the values of live rows, of which there are so many; renamed tells their places in it.
func (f *field) compacted(live rowSet, count int, renamed []uint32) *field {
	made := &field{Column: f.Column, order: f.order, needles: f.needles}
	switch f.Kind {
	case Int:
		made.ints = f.ints.compacted(live, count)
	case Float:
		made.floats = compacted(f.floats, live, count)
	case Text:
		made.texts = f.texts.compacted(live, count)
		made.folded = f.folded.compacted(live, renamed)
	}
	return made
}

func (f *field) bytes() int {
	return f.ints.bytes() + 8*cap(f.floats) + f.texts.bytes() + f.folded.bytes() + f.order.bytes() + f.needles.bytes()
}
