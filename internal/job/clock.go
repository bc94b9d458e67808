package job

import "time"

// Clock is time as a runner sees it.
type Clock struct {
	Now func() time.Time
	// Timer fires once after a while, unless stop is called before.
	Timer func(time.Duration) (fired <-chan time.Time, stop func())
}

// RealClock is the clock of the machine, with another look at what time it is.
func RealClock(now func() time.Time) Clock {
	return Clock{Now: now, Timer: func(d time.Duration) (<-chan time.Time, func()) {
		t := time.NewTimer(d)
		return t.C, func() { t.Stop() }
	}}
}
