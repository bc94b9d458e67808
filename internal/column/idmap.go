package column

// An idMap finds the latest ordinal of an id. It is a hash table of ordinals alone, four bytes a slot: the ids are
// read where they lie. Nothing is ever removed: a deleted id keeps its slot, which shows a dead row until the id
// comes back or the table is compacted.
type idMap struct {
	slots []uint32 // The ordinal and one; 0 is an empty slot.
	used  int
	shift uint
}

// find gives the slot of the id: the one that holds it, or the empty one where it belongs.
func (m *idMap) find(ids *ints, id int64) int {
	mask := len(m.slots) - 1
	at := int(uint64(id) * 0x9E3779B97F4A7C15 >> m.shift)
	for m.slots[at] != 0 && ids.get(int(m.slots[at]-1)) != id {
		at = (at + 1) & mask
	}
	return at
}

// get gives the latest ordinal of the id, dead or alive.
func (m *idMap) get(ids *ints, id int64) (int, bool) {
	if m.used == 0 {
		return 0, false
	}
	at := m.slots[m.find(ids, id)]
	return int(at) - 1, at != 0
}

// put makes the ordinal, whose id is among ids already, the latest one of its id.
func (m *idMap) put(ids *ints, ordinal int) {
	if m.used*8 >= len(m.slots)*5 {
		m.reserve(ids, m.used+1)
	}
	at := m.find(ids, ids.get(ordinal))
	if m.slots[at] == 0 {
		m.used++
	}
	m.slots[at] = uint32(ordinal) + 1
}

// reserve makes room for so many ids.
func (m *idMap) reserve(ids *ints, total int) {
	size, shift := 64, uint(64-6)
	for size*5 <= total*8 {
		size, shift = size*2, shift-1
	}
	if size <= len(m.slots) {
		return
	}
	old := m.slots
	m.slots, m.shift = make([]uint32, size), shift
	for _, slot := range old {
		if slot != 0 {
			m.slots[m.find(ids, ids.get(int(slot-1)))] = slot
		}
	}
}

func (m *idMap) bytes() int { return 4 * cap(m.slots) }
