package column

import (
	"math/bits"
	"sync"
)

// A rowSet has one bit for each ordinal. Bits beyond the last row are never set.
type rowSet []uint64

func words(rows int) int { return (rows + 63) >> 6 }

func (s rowSet) has(i int) bool { return s[i>>6]>>(uint(i)&63)&1 != 0 }
func (s rowSet) add(i int)      { s[i>>6] |= 1 << (uint(i) & 63) }
func (s rowSet) remove(i int)   { s[i>>6] &^= 1 << (uint(i) & 63) }

func (s rowSet) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// countBelow counts the ordinals below n.
func (s rowSet) countBelow(n int) int {
	if n>>6 >= len(s) {
		return s.count()
	}
	return s[:n>>6].count() + bits.OnesCount64(s[n>>6]&(1<<(uint(n)&63)-1))
}

func (s rowSet) keep(other rowSet) {
	for i, w := range other[:len(s)] {
		s[i] &= w
	}
}

func (s rowSet) drop(other rowSet) {
	for i, w := range other[:len(s)] {
		s[i] &^= w
	}
}

func (s rowSet) join(other rowSet) {
	for i, w := range other[:len(s)] {
		s[i] |= w
	}
}

// each calls f with every ordinal of the set, the smallest first.
func (s rowSet) each(f func(i int)) {
	for w, word := range s {
		for ; word != 0; word &= word - 1 {
			f(w<<6 + bits.TrailingZeros64(word))
		}
	}
}

// narrow keeps the ordinals for which test is true. It asks only about ordinals of the set.
func (s rowSet) narrow(test func(i int) bool) { s.narrowWords(0, len(s), test) }

// narrowWords is narrow for some words of the set.
func (s rowSet) narrowWords(from, to int, test func(i int) bool) {
	for w := from; w < to; w++ {
		kept := uint64(0)
		for word := s[w]; word != 0; word &= word - 1 {
			j := bits.TrailingZeros64(word)
			bit := uint64(0) // Without a branch on what the test says: it is as good as random.
			if test(w<<6 + j) {
				bit = 1
			}
			kept |= bit << j
		}
		s[w] = kept
	}
}

// A setPool lends row sets, so that a query allocates none.
type setPool struct{ pool sync.Pool }

// empty lends a set of so many rows with no bit set.
func (p *setPool) empty(rows int) rowSet {
	s := p.lend(words(rows))
	clear(s)
	return s
}

// copyOf lends a set that equals the given one.
func (p *setPool) copyOf(other rowSet) rowSet {
	s := p.lend(len(other))
	copy(s, other)
	return s
}

func (p *setPool) lend(n int) rowSet {
	if kept, ok := p.pool.Get().(*rowSet); ok && cap(*kept) >= n {
		return (*kept)[:n]
	}
	return make(rowSet, n, n+n/8)
}

// back takes a set that is used no more.
func (p *setPool) back(s rowSet) { p.pool.Put(&s) }
