package app

import (
	"context"
	"runtime/debug"
)

// warmFrom is how many records a list has that is loaded before anybody asks: a
// smaller one is there in a tenth of a second.
const warmFrom = 20_000

// warmLists loads large lists, and gives back the memory that was used on the way.
func (a *App) warmLists(ctx context.Context) {
	if err := a.Service.WarmLists(ctx, warmFrom); err != nil && ctx.Err() == nil {
		a.log.Warn("load the lists", "error", err.Error())
	}
	debug.FreeOSMemory()
}

// smallHeap is about what is live beside the columns of lists.
const smallHeap = 64 << 20

// listsGrew keeps the garbage that may gather about the same, however much the
// lists hold: their columns are cheap to collect, since nothing in them points
// anywhere, but a heap that may grow by a percentage of them would be far larger
// than they are.
func (a *App) listsGrew(bytes int64) {
	if a.CollectAt > 0 {
		debug.SetGCPercent(collectPercent(a.CollectAt, bytes))
	}
}

func collectPercent(usual int, lists int64) int {
	return max(1, int(int64(usual)*smallHeap/(smallHeap+lists)))
}
