package column

import "math/bits"

// An integer is a whole number as a column keeps it.
type integer interface{ int8 | int16 | int32 | int64 }

// ints holds whole numbers in one byte each, and in two, four or eight from the first one on that needs them: options
// and owners are small, and what is small is also read more quickly. One of the slices is in use.
type ints struct {
	width int // of a number in bytes; 0 stands for 1
	tiny  []int8
	short []int16
	small []int32
	wide  []int64
}

// widthOf is the number of bytes that hold all numbers from lo to hi.
func widthOf(lo, hi int64) int {
	switch {
	case int64(int8(lo)) == lo && int64(int8(hi)) == hi:
		return 1
	case int64(int16(lo)) == lo && int64(int16(hi)) == hi:
		return 2
	case int64(int32(lo)) == lo && int64(int32(hi)) == hi:
		return 4
	}
	return 8
}

func (c *ints) len() int { return len(c.tiny) + len(c.short) + len(c.small) + len(c.wide) }

func (c *ints) get(i int) int64 {
	switch c.width {
	case 8:
		return c.wide[i]
	case 4:
		return int64(c.small[i])
	case 2:
		return int64(c.short[i])
	}
	return int64(c.tiny[i])
}

func (c *ints) push(v int64) {
	c.widen(widthOf(v, v))
	switch c.width {
	case 8:
		c.wide = push(c.wide, v)
	case 4:
		c.small = push(c.small, int32(v))
	case 2:
		c.short = push(c.short, int16(v))
	default:
		c.tiny = push(c.tiny, int8(v))
	}
}

// widen gives each number at least so many bytes.
func (c *ints) widen(width int) {
	if width <= max(c.width, 1) {
		return
	}
	old := *c
	*c = ints{width: width}
	switch width {
	case 8:
		c.wide = widened[int64](&old)
	case 4:
		c.small = widened[int32](&old)
	case 2:
		c.short = widened[int16](&old)
	}
}

func widened[T integer](old *ints) []T {
	made := make([]T, 0, max(cap(old.tiny), cap(old.short), cap(old.small)))
	return convert(convert(convert(made, old.tiny), old.short), old.small)
}

// convert appends the numbers of one column to another one that is at least as wide.
func convert[T, F integer](to []T, from []F) []T {
	for _, v := range from {
		to = append(to, T(v))
	}
	return to
}

// join appends the numbers from place i on of another column.
func (c *ints) join(other *ints, i int) {
	c.widen(other.width)
	c.reserve(grown(c.len()+other.len()-i, c.cap()))
	switch c.width {
	case 8:
		c.wide = joined(c.wide, other, i)
	case 4:
		c.small = joined(c.small, other, i)
	case 2:
		c.short = joined(c.short, other, i)
	default:
		c.tiny = joined(c.tiny, other, i)
	}
}

func joined[T integer](to []T, from *ints, i int) []T {
	switch from.width {
	case 8:
		return convert(to, from.wide[i:])
	case 4:
		return convert(to, from.small[i:])
	case 2:
		return convert(to, from.short[i:])
	}
	return convert(to, from.tiny[i:])
}

func (c *ints) cap() int { return cap(c.tiny) + cap(c.short) + cap(c.small) + cap(c.wide) }

func (c *ints) reserve(rows int) {
	switch c.width {
	case 8:
		c.wide = reserve(c.wide, rows)
	case 4:
		c.small = reserve(c.small, rows)
	case 2:
		c.short = reserve(c.short, rows)
	default:
		c.tiny = reserve(c.tiny, rows)
	}
}

// compacted gives a copy with the numbers of live rows, and room for some more.
func (c *ints) compacted(live rowSet, count int) ints {
	return ints{width: c.width, tiny: compacted(c.tiny, live, count), short: compacted(c.short, live, count),
		small: compacted(c.small, live, count), wide: compacted(c.wide, live, count)}
}

func (c *ints) bytes() int {
	return cap(c.tiny) + 2*cap(c.short) + 4*cap(c.small) + 8*cap(c.wide)
}

// narrowRange keeps the rows whose value lies between the two, both included.
func (c *ints) narrowRange(set rowSet, lo, hi int64) {
	switch {
	case lo > hi:
		clear(set)
	case c.width == 8:
		narrowRange(c.wide, set, lo, hi)
	case c.width == 4:
		narrowRange(c.small, set, lo, hi)
	case c.width == 2:
		narrowRange(c.short, set, lo, hi)
	default:
		narrowRange(c.tiny, set, lo, hi)
	}
}

// crowded is the number of bits from which on all 64 rows of a word are looked at without branches.
const crowded = 12

func narrowRange[T integer](values []T, set rowSet, lo, hi int64) {
	span := uint64(hi) - uint64(lo)
	for w, word := range set {
		if word == 0 {
			continue
		}
		base := w << 6
		if base+64 <= len(values) && bits.OnesCount64(word) >= crowded {
			var out uint64
			block := values[base : base+64]
			for j := len(block) - 1; j >= 0; j-- {
				_, outside := bits.Sub64(span, uint64(block[j])-uint64(lo), 0)
				out = out*2 + outside
			}
			set[w] = word &^ out
			continue
		}
		for rest := word; rest != 0; rest &= rest - 1 {
			j := bits.TrailingZeros64(rest)
			if uint64(values[base+j])-uint64(lo) > span {
				word &^= 1 << j
			}
		}
		set[w] = word
	}
}

// narrowIn keeps the rows whose value the set of values has.
func (c *ints) narrowIn(set rowSet, in *intSet) {
	switch {
	case in.sparse != nil:
		set.narrow(func(i int) bool { _, ok := in.sparse[c.get(i)]; return ok })
	case in.table == nil:
		clear(set)
	case c.width == 8:
		narrowTable(c.wide, set, in)
	case c.width == 4:
		narrowTable(c.small, set, in)
	case c.width == 2:
		narrowTable(c.short, set, in)
	default:
		narrowTable(c.tiny, set, in)
	}
}

// fewValues is the number of words of a table up to which its values are so few, of all that there may be, that most
// rows are outside.
const fewValues = 64

func narrowTable[T integer](values []T, set rowSet, in *intSet) {
	if len(in.table) <= fewValues {
		narrowRange(values, set, in.min, in.max)
	}
	first, last, table := uint64(in.min), uint64(in.max)-uint64(in.min), in.table
	for w, word := range set {
		if word == 0 {
			continue
		}
		var out uint64
		for rest := word; rest != 0; rest &= rest - 1 {
			j := bits.TrailingZeros64(rest)
			at := uint64(values[w<<6+j]) - first
			// For what is outside the first value is asked instead: that is no branch.
			_, outside := bits.Sub64(last, at, 0)
			at &= outside - 1
			out |= (^table[at>>6]>>(at&63)&1 | outside) << j
		}
		set[w] = word &^ out
	}
}

// An intSet is a bit table where its values lie close together, which ids do, and a map otherwise.
type intSet struct {
	min, max int64
	table    []uint64 // Begins with min.
	sparse   map[int64]struct{}
}

// tableSpan is the distance between the values of a set up to which it is a bit table, of 2 MB then; manyIDs is the same
// for the ids of a table, of which there may be very many.
const (
	tableSpan = 1 << 24
	manyIDs   = 1 << 27
)

func newIntSet(values []int64) *intSet {
	if len(values) == 0 {
		return &intSet{}
	}
	lo, hi := values[0], values[0]
	for _, v := range values {
		lo, hi = min(lo, v), max(hi, v)
	}
	s := emptyIntSet(lo, hi, tableSpan)
	for _, v := range values {
		s.add(v)
	}
	return s
}

// emptyIntSet is a set for values between the two, a bit table up to a distance of them.
func emptyIntSet(lo, hi int64, most uint64) *intSet {
	if span := uint64(hi) - uint64(lo); span < most {
		return &intSet{min: lo, max: hi, table: make([]uint64, span>>6+1)}
	}
	return &intSet{sparse: map[int64]struct{}{}}
}

func (s *intSet) add(v int64) {
	if s.sparse != nil {
		s.sparse[v] = struct{}{}
		return
	}
	at := uint64(v) - uint64(s.min)
	s.table[at>>6] |= 1 << (at & 63)
}
