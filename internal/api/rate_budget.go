package api

import (
	"encoding/json"
	"fmt"
	"slices"
)

// budget is what all processes on one database know of the calls of one
// organization: those that were made, and those that a process may still make
// without asking. Times are milliseconds. It depends neither on the limit nor on
// the period, so that processes with other options understand it.
type budget struct {
	Uses   []uses  `json:"uses,omitempty"`
	Grants []grant `json:"grants,omitempty"`
}

// uses are calls that were made, none of them after the millisecond At: they
// count until that is over and a period has passed.
type uses struct {
	At int64 `json:"at"`
	N  int   `json:"n"`
}

// grant lets one process make N calls before End. It has at most one.
type grant struct {
	Holder string `json:"holder"`
	N      int    `json:"n"`
	End    int64  `json:"end"`
}

func readBudget(state string) (b budget, err error) {
	if state == "" {
		return b, nil
	}
	if err := json.Unmarshal([]byte(state), &b); err != nil {
		return b, fmt.Errorf("the rate budget cannot be read: %w", err)
	}
	return b, nil
}

func (b *budget) text() string {
	text, _ := json.Marshal(b) // numbers and texts always marshal
	return string(text)
}

// clean drops what no longer counts. What lies further ahead than any grant can
// reach was written by a clock that is wrong: it counts from now, and the answer
// is true.
func (b *budget) clean(now, period, longest int64) (corrected bool) {
	sane := func(at *int64) {
		if *at > now+longest+period {
			*at, corrected = now, true
		}
	}
	for i := range b.Uses {
		sane(&b.Uses[i].At)
	}
	for i := range b.Grants {
		sane(&b.Grants[i].End)
	}
	b.Uses = slices.DeleteFunc(b.Uses, func(u uses) bool { return u.At+period < now })
	b.Grants = slices.DeleteFunc(b.Grants, func(g grant) bool { return g.End+period <= now })
	return corrected
}

// settle puts the calls that a holder has made in the place of its grant, and
// tells whether there was anything to put.
func (b *budget) settle(holder string, made []uses) bool {
	before := len(b.Grants)
	b.Grants = slices.DeleteFunc(b.Grants, func(g grant) bool { return g.Holder == holder })
	for _, u := range made {
		i, found := slices.BinarySearchFunc(b.Uses, u, func(a, b uses) int { return int(a.At - b.At) })
		if found {
			b.Uses[i].N += u.N
		} else {
			b.Uses = slices.Insert(b.Uses, i, u)
		}
	}
	return before != len(b.Grants) || len(made) > 0
}

// charged is how many calls count: those that were made and those that may be.
func (b *budget) charged() (n int) {
	for _, u := range b.Uses {
		n += u.N
	}
	for _, g := range b.Grants {
		n += g.N
	}
	return n
}

// freeAt is when fewer than a number of calls count, should nobody make more.
func (b *budget) freeAt(calls int, now, period int64) int64 {
	ends := slices.Clone(b.Uses)
	for _, g := range b.Grants {
		ends = append(ends, uses{g.End, g.N})
	}
	slices.SortFunc(ends, func(a, b uses) int { return int(a.At - b.At) })
	left := b.charged()
	at := now
	for _, u := range ends {
		if left < calls {
			break
		}
		left -= u.N
		at = u.At + 1 + period
	}
	return max(at, now+1)
}

// active is how many holders may make calls now.
func (b *budget) active(now int64) (n int) {
	for _, g := range b.Grants {
		if g.End > now {
			n++
		}
	}
	return n
}
