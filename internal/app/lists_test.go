package app

import "testing"

// TestGarbageBesideLists: with and without lists about as much garbage may gather.
func TestGarbageBesideLists(t *testing.T) {
	for lists, want := range map[int64]int{0: 400, 1 << 20: 393, 64 << 20: 200, 350 << 20: 61, 1 << 30: 23, 1 << 40: 1} {
		if got := collectPercent(400, lists); got != want {
			t.Errorf("%d bytes in lists: %d percent, should be %d", lists, got, want)
		}
	}
}
