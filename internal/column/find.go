package column

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// A finder looks for one needle in many texts that lie one after the other. It looks for two bytes of the needle, the
// rarest ones, at their distance: sixteen places at a time with plain arithmetic or, where one of them is rare enough,
// thirty-two with the processor's own search for one byte, which is slow to begin and to stop but quick between.
type finder struct {
	data        []byte
	needle      string
	rare        int // The place in the needle of its rarest byte.
	low, high   int // The places of the two rarest bytes.
	seldom      bool
	lows, highs uint64 // Those two bytes, eight times each.
}

const (
	eachByte    = 0x0101010101010101
	eachHighBit = 0x8080808080808080
)

// newFinder judges by a sample of the data which bytes are rare.
func newFinder(data []byte, needle string) *finder {
	const pieces, size = 64, 256
	var seen [256]int
	sampled := 0
	for at := 0; at < len(data); at += max(len(data)/pieces, size) {
		piece := data[at:min(at+size, len(data))]
		for _, b := range piece {
			seen[b]++
		}
		sampled += len(piece)
	}
	f := &finder{data: data, needle: needle}
	for i := range len(needle) {
		if seen[needle[i]] < seen[needle[f.rare]] {
			f.rare = i
		}
	}
	second := -1
	for i := range len(needle) {
		if i != f.rare && (second < 0 || seen[needle[i]] < seen[needle[second]]) {
			second = i
		}
	}
	if second < 0 { // A needle of one byte.
		second = f.rare
	}
	f.low, f.high = min(f.rare, second), max(f.rare, second)
	f.lows, f.highs = uint64(needle[f.low])*eachByte, uint64(needle[f.high])*eachByte
	f.seldom = seen[needle[f.rare]]*192 < sampled
	return f
}

// at says whether the needle lies at this place. The place may be outside the data.
func (f *finder) at(i int) bool {
	end := i + len(f.needle)
	return i >= 0 && end <= len(f.data) && f.data[i+f.rare] == f.needle[f.rare] && string(f.data[i:end]) == f.needle
}

// next gives the first place from which on the needle lies in the data, -1 if there is none from here on.
func (f *finder) next(from int) int {
	if f.seldom {
		for i := from + f.rare; i < len(f.data); i++ {
			skip := bytes.IndexByte(f.data[i:], f.needle[f.rare])
			if skip < 0 {
				return -1
			}
			if i += skip; f.at(i - f.rare) {
				return i - f.rare
			}
		}
		return -1
	}
	if from+f.high >= len(f.data) {
		return -1
	}
	high := f.data[from+f.high:]
	low := f.data[from+f.low:][:len(high)]
	lows, highs := f.lows, f.highs
	i := 0
	for ; i+16 <= len(low) && i+16 <= len(high); i += 16 {
		a, b := low[i:i+16:i+16], high[i:i+16:i+16]
		// A byte of x or y is 0 where both bytes of the needle are; its high bit in what follows is 1 then.
		x := binary.LittleEndian.Uint64(a) ^ lows | binary.LittleEndian.Uint64(b) ^ highs
		y := binary.LittleEndian.Uint64(a[8:]) ^ lows | binary.LittleEndian.Uint64(b[8:]) ^ highs
		x = (x - eachByte) &^ x
		y = (y - eachByte) &^ y
		if (x|y)&eachHighBit == 0 {
			continue
		}
		if at := f.among(from+i, x&eachHighBit); at >= 0 {
			return at
		}
		if at := f.among(from+i+8, y&eachHighBit); at >= 0 {
			return at
		}
	}
	for i += from; i+len(f.needle) <= len(f.data); i++ {
		if f.at(i) {
			return i
		}
	}
	return -1
}

// among gives the first of eight places at which the needle lies, of those whose byte in marks has its high bit set.
func (f *finder) among(from int, marks uint64) int {
	for ; marks != 0; marks &= marks - 1 {
		if i := from + bits.TrailingZeros64(marks)>>3; f.at(i) {
			return i
		}
	}
	return -1
}
