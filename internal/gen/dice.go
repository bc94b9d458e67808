package gen

import "math/bits"

// dice are pseudo-random numbers that depend on nothing but the keys they were
// made from: not on the version of Go, nor on what was drawn for other rows.
// That makes a row the same however a load was cut into batches.
type dice struct{ state uint64 }

// roll makes dice from keys, such as the seed, an organization and a number.
func roll(keys ...uint64) dice {
	d := dice{0x243f6a8885a308d3}
	for _, k := range keys {
		d.state ^= k
		d.state = d.next()
	}
	return d
}

// next is a step of the splitmix64 generator.
func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// n is a number from 0 to n-1.
func (d *dice) n(n int) int {
	high, _ := bits.Mul64(d.next(), uint64(n))
	return int(high)
}

// chance is true in so many of a thousand cases.
func (d *dice) chance(perMille int) bool { return d.n(1000) < perMille }

// unit is a number from 0 up to, but not, 1.
func (d *dice) unit() float64 { return float64(d.next()>>11) / (1 << 53) }

// urn is a list whose elements are drawn by their weights.
type urn[T any] struct {
	items []T
	total int
	// slots are indexes of items, each as often as its weight; a draw is one
	// number and one look.
	slots []uint16
}

func (u *urn[T]) add(item T, weight int) {
	for range weight {
		u.slots = append(u.slots, uint16(len(u.items)))
	}
	u.items = append(u.items, item)
	u.total += weight
}

func (u *urn[T]) draw(d *dice) T { return u.items[u.slots[d.n(u.total)]] }
