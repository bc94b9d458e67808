package column

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math"
	"slices"
	"sort"
)

// texts holds the texts of all rows one after the other.
type texts struct {
	data []byte
	ends []uint32 // Where each text ends; it begins where the one before ends.
}

func (c *texts) len() int { return len(c.ends) }

func (c *texts) start(i int) int {
	if i == 0 {
		return 0
	}
	return int(c.ends[i-1])
}

// get gives a text as it lies in the column. It holds until the next change of the table.
func (c *texts) get(i int) []byte { return c.data[c.start(i):c.ends[i]] }

// fits says whether another text of so many bytes can be held: four bytes tell where it ends.
func (c *texts) fits(size int) bool { return len(c.data)+size <= math.MaxUint32 }

func (c *texts) push(text string) { pushText(c, text) }

func pushText[T string | []byte](c *texts, text T) {
	c.room(len(text), 1)
	c.data = append(c.data, text...)
	c.ends = append(c.ends, uint32(len(c.data)))
}

// join appends the texts from place i on of another column.
func (c *texts) join(other *texts, i int) {
	if i == other.len() {
		return
	}
	from := other.start(i)
	c.room(len(other.data)-from, other.len()-i)
	shift := uint32(len(c.data)) - uint32(from)
	c.data = append(c.data, other.data[from:]...)
	for _, end := range other.ends[i:] {
		c.ends = append(c.ends, end+shift)
	}
}

// room makes room for so many bytes more in so many texts more.
func (c *texts) room(size, texts int) {
	c.ends = reserve(c.ends, grown(len(c.ends)+texts, cap(c.ends)))
	if need := len(c.data) + size; need > cap(c.data) {
		// Where room was reserved for more rows, they will be about as long as those so far.
		guess := 0
		if n := len(c.ends) + texts; n >= 1024 {
			guess = int(float64(need) / float64(n) * float64(cap(c.ends)) * 1.01)
		}
		c.data = reserve(c.data, max(grown(need, 0), guess))
	}
}

// compacted gives a copy with the texts of live rows, of which there are so many.
func (c *texts) compacted(live rowSet, count int) texts {
	size := 0
	live.each(func(i int) { size += int(c.ends[i]) - c.start(i) })
	kept := texts{data: make([]byte, 0, grown(size, 0)), ends: make([]uint32, 0, grown(count, 0))}
	live.each(func(i int) {
		kept.data = append(kept.data, c.get(i)...)
		kept.ends = append(kept.ends, uint32(len(kept.data)))
	})
	return kept
}

func (c *texts) bytes() int { return cap(c.data) + 4*cap(c.ends) }

// search adds the rows from one on up to another, which it leaves out, to found whose text contains the needle of the
// finder.
func (c *texts) search(f *finder, from, to int, found rowSet) {
	if from == to {
		return
	}
	if backs, often := c.habits(f.needle, from, to); often {
		c.searchEach(f.needle, backs, from, to, found)
		return
	}
	within := *f
	within.data = c.data[:c.ends[to-1]]
	row, after := from, c.start(from)
	for at := within.next(after); at >= 0; at = within.next(after) {
		for int(c.ends[row]) <= at {
			row++
		}
		after = int(c.ends[row])
		if at+len(f.needle) <= after { // Otherwise it reaches into the next text.
			found.add(row)
		}
	}
}

// What many texts contain, they contain at few distances from their end, as the kind of company in its name. habits
// looks at a sample of the rows: whether the needle is in so many that each text is better looked at by itself, and the
// distances at which it is found most.
func (c *texts) habits(needle string, from, to int) (backs []int, often bool) {
	const sample = 256
	if to-from < 4*sample {
		return nil, false
	}
	counts, hits := map[int]int{}, 0
	for i := range sample {
		text := c.get(from + i*(to-from)/sample)
		if at := bytes.LastIndex(text, []byte(needle)); at >= 0 {
			hits++
			counts[len(text)-at]++
		}
	}
	for back, n := range counts {
		if n >= sample/16 {
			backs = append(backs, back)
		}
	}
	slices.SortFunc(backs, func(a, b int) int { return counts[b] - counts[a] })
	return backs, hits >= sample/4
}

// searchEach is search for a needle that is often found at these distances from the end.
func (c *texts) searchEach(needle string, backs []int, from, to int, found rowSet) {
	for _, back := range backs {
		c.searchAt(needle, back, from, to, found)
	}
	sought := []byte(needle)
	for row := from; row < to; row++ {
		if !found.has(row) && bytes.Contains(c.get(row), sought) {
			found.add(row)
		}
	}
}

// searchAt adds the rows whose text has the needle at this distance from its end.
func (c *texts) searchAt(needle string, back, from, to int, found rowSet) {
	// Eight bytes are compared at once. Where the needle has fewer, what follows it is masked out; where it has more, the
	// rest is compared after that.
	var head [8]byte
	mask := uint64(math.MaxUint64) >> (64 - 8*copy(head[:], needle))
	first, data := binary.LittleEndian.Uint64(head[:]), c.data
	start := c.start(from)
	for row := from; row < to; row++ {
		end := int(c.ends[row])
		at := end - back
		switch {
		case at < start:
		case at+8 > len(data):
			if string(data[at:at+len(needle)]) == needle {
				found.add(row)
			}
		case binary.LittleEndian.Uint64(data[at:])&mask == first && (len(needle) <= 8 || string(data[at+8:at+len(needle)]) == needle[8:]):
			found.add(row)
		}
		start = end
	}
}

// A folded holds the folded form of those rows only whose text is not its own folded form already.
type folded struct {
	rows  []uint32 // Ordinals, rising.
	texts texts
}

// from gives the first place whose row is not before the given one.
func (f *folded) from(row int) int {
	return sort.Search(len(f.rows), func(i int) bool { return f.rows[i] >= uint32(row) })
}

func (f *folded) push(row int, text string) {
	f.rows = push(f.rows, uint32(row))
	f.texts.push(text)
}

// join appends what is folded of the rows from one on of another column, whose row i becomes the given one.
func (f *folded) join(other *folded, i, row int) {
	from := other.from(i)
	for _, r := range other.rows[from:] {
		f.rows = push(f.rows, r-uint32(i)+uint32(row))
	}
	f.texts.join(&other.texts, from)
}

// search replaces what a search over the exact texts of these rows has found by what is true of those that differ.
func (f *folded) search(n *finder, from, to int, found rowSet) {
	a, b := f.from(from), f.from(to)
	if a == b {
		return
	}
	own := make(rowSet, words(b))
	f.texts.search(n, a, b, own)
	for i := a; i < b; i++ {
		if row := int(f.rows[i]); own.has(i) {
			found.add(row)
		} else {
			found.remove(row)
		}
	}
}

// compacted gives a copy without rows that are not live, the others renamed by renamed.
func (f *folded) compacted(live rowSet, renamed []uint32) (kept folded) {
	for i, row := range f.rows {
		if live.has(int(row)) {
			kept.push(int(renamed[row]), string(f.texts.get(i)))
		}
	}
	return kept
}

func (f *folded) bytes() int { return 4*cap(f.rows) + f.texts.bytes() }

// narrowEqual keeps the rows that have exactly this text.
func (c *texts) narrowEqual(set rowSet, text string) {
	if text == "" {
		set.narrow(func(i int) bool { return c.start(i) == int(c.ends[i]) })
		return
	}
	last := text[len(text)-1]
	for w, word := range set {
		if word == 0 {
			continue
		}
		from, keep := uint32(c.start(w<<6)), uint64(0)
		for j, end := range c.ends[w<<6 : min(w<<6+64, len(c.ends))] {
			if int(end-from) == len(text) && c.data[end-1] == last && string(c.data[from:end]) == text {
				keep |= 1 << j
			}
			from = end
		}
		set[w] = word & keep
	}
}

// A textSet has a filter before its map: one bit for the hashes of its texts, which few other texts have.
type textSet struct {
	texts  map[string]struct{}
	seed   maphash.Seed
	filter [1 << 10]uint64
}

func newTextSet(values []string) *textSet {
	s := &textSet{texts: make(map[string]struct{}, len(values)), seed: maphash.MakeSeed()}
	for _, v := range values {
		s.texts[v] = struct{}{}
		h := maphash.String(s.seed, v)
		s.filter[h>>6&1023] |= 1 << (h & 63)
	}
	return s
}

func (s *textSet) has(text []byte) bool {
	h := maphash.Bytes(s.seed, text)
	if s.filter[h>>6&1023]>>(h&63)&1 == 0 {
		return false
	}
	_, ok := s.texts[string(text)]
	return ok
}
