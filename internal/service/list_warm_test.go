package service

import (
	"testing"
	"time"

	"guanxi/internal/crm"
)

// TestWarmLists loads the lists of the organization in which somebody is signed
// in, as far as they are large enough.
func TestWarmLists(t *testing.T) {
	w := newWorld(t, settings())
	w.token(orgA, owner, "open_api")
	warm := func(least int) int64 {
		t.Helper()
		if err := w.WarmLists(t.Context(), least); err != nil {
			t.Fatal(err)
		}
		return w.lists.Bytes()
	}
	if n := warm(1000); n != 0 {
		t.Errorf("lists of a few records were loaded: %d bytes", n)
	}
	held := warm(1)
	if held == 0 {
		t.Error("nothing was loaded")
	}
	if page, _, err := w.Customers(t.Context(), w.as(orgA, wholeFirm), &crm.ListQuery{}); err != nil || len(page) == 0 {
		t.Errorf("%d customers, %v", len(page), err)
	}
	later := w.again(settings())
	w.clock.advance(settings().IdleLife + time.Hour)
	if err := later.WarmLists(t.Context(), 1); err != nil || later.lists.Bytes() != 0 {
		t.Errorf("lists were loaded for a session that has expired: %d bytes, %v", later.lists.Bytes(), err)
	}
}
