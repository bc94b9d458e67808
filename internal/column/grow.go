package column

// push appends. What is large has an eighth to spare then, where append would leave a quarter.
func push[T any](s []T, v T) []T {
	if len(s) == cap(s) {
		s = reserve(s, grown(len(s)+1, cap(s)))
	}
	return append(s, v)
}

// grown is the room to make for so many values where there is room for some already.
func grown(need, room int) int {
	if need <= room {
		return room
	}
	if need < 1<<12 {
		return 2*need + 16
	}
	return need + need/8
}

// reserve makes room for so many values altogether.
func reserve[T any](s []T, total int) []T {
	if cap(s) >= total {
		return s
	}
	roomy := make([]T, len(s), total)
	copy(roomy, s)
	return roomy
}

// compacted gives a copy with the values of live rows, of which there are so many, and room for some more. nil stays
// nil.
func compacted[T any](s []T, live rowSet, count int) []T {
	if s == nil {
		return nil
	}
	kept := make([]T, 0, grown(count, 0))
	live.each(func(i int) { kept = append(kept, s[i]) })
	return kept
}
