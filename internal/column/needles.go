package column

import (
	"bytes"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

// Who searches turns pages, and types on: what was found for the last needles of a column is kept as a set of rows. As
// rows never change, only those that were added since have to be searched when a needle comes again; and a needle that
// contains one of them is looked for in the rows of that one alone.
type needles struct {
	mu   sync.Mutex
	kept []finding // The one that was asked for last comes last.
}

// A finding is what rows contain a needle, of the first upTo rows. It is never changed.
type finding struct {
	needle string
	rows   rowSet
	upTo   int
}

// needlesKept is how many needles of a column are kept: two bytes for each row.
const needlesKept = 16

// needlesFrom is the size of a column's text below which a search is so quick that nothing is kept.
var needlesFrom = 1 << 18

// find gives what is kept of the needle, or else of the longest needle in it.
func (n *needles) find(needle string) (f finding, exact bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, k := range n.kept {
		if k.needle == needle {
			copy(n.kept[i:], n.kept[i+1:])
			n.kept[len(n.kept)-1] = k
			return k, true
		}
		if len(k.needle) > len(f.needle) && strings.Contains(needle, k.needle) {
			f = k
		}
	}
	return f, false
}

func (n *needles) keep(f finding) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, k := range n.kept {
		if k.needle == f.needle {
			n.kept[i] = f
			return
		}
	}
	if len(n.kept) == needlesKept {
		n.kept = append(n.kept[:0], n.kept[1:]...)
	}
	n.kept = append(n.kept, f)
}

// forget is for when rows get other ordinals.
func (n *needles) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.kept = nil
}

func (n *needles) bytes() (sum int) {
	if n == nil {
		return 0
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, k := range n.kept {
		sum += 8 * cap(k.rows)
	}
	return sum
}

// narrowContaining keeps the rows of the set whose folded text contains the needle, which is folded and not empty. n is
// the number of rows of the table.
func (f *field) narrowContaining(needle string, set rowSet, n int) {
	known, exact := f.needles.find(needle)
	if !exact && set.count() < n/16 {
		f.ask(needle, set) // Few rows are in question.
		return
	}
	if !exact || known.upTo < n {
		known = f.search(needle, known, exact, n)
		if len(f.texts.data) >= needlesFrom {
			f.needles.keep(known)
		}
	}
	set.keep(known.rows)
}

// search looks for the needle in all rows, starting from what is known of it (exact), or of another needle in it.
func (f *field) search(needle string, known finding, exact bool, n int) finding {
	made := finding{needle, make(rowSet, words(n)), n}
	from := 0
	switch {
	case exact:
		copy(made.rows, known.rows)
		from = known.upTo
	case known.rows != nil && known.rows.count() < n/16:
		from = known.upTo
		copy(made.rows, known.rows)
		f.ask(needle, made.rows)
	}
	finder := newFinder(f.texts.data, needle)
	if from > 0 {
		f.texts.search(finder, from, n, made.rows)
		f.folded.search(finder, from, n, made.rows)
		return made
	}
	inParts(n, func(from, to int) {
		f.texts.search(finder, from, to, made.rows)
		f.folded.search(finder, from, to, made.rows)
	})
	return made
}

// ask asks about each row of the set whether its folded text contains the needle.
func (f *field) ask(needle string, set rowSet) {
	sought := []byte(needle)
	inParts(len(set)<<6, func(from, to int) {
		at := f.folded.from(from)
		set.narrowWords(from>>6, to>>6, func(i int) bool {
			for at < len(f.folded.rows) && int(f.folded.rows[at]) < i {
				at++
			}
			if at < len(f.folded.rows) && int(f.folded.rows[at]) == i {
				return bytes.Contains(f.folded.texts.get(at), sought)
			}
			return bytes.Contains(f.texts.get(i), sought)
		})
	})
}

// partRows is the number of rows that are searched as one part; a multiple of 64, so that no two parts share a word of a
// set.
var partRows = 1 << 15

// inParts calls f for parts of n rows that together are all of them, on all processors where there are many.
func inParts(n int, f func(from, to int)) {
	parts := (n + partRows - 1) / partRows
	if parts <= 1 {
		f(0, n)
		return
	}
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < parts; i = int(next.Add(1)) - 1 {
			f(i*partRows, min((i+1)*partRows, n))
		}
	}
	var others sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), parts) - 1 {
		others.Go(work)
	}
	work()
	others.Wait()
}
