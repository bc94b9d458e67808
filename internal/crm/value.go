package crm

import "time"

// Text is a text that may be absent. The wire tells an absent text (null) from
// an empty one (""), so the domain keeps the difference; most readers want
// Value alone.
type Text struct {
	Value string
	Set   bool
}

// T is a Text that is present.
func T(s string) Text { return Text{Value: s, Set: true} }

// Time is a moment in milliseconds since 1970 UTC; 0 means "not set". The
// wire shows at most milliseconds, and an integer is the same in every engine.
type Time int64

// At turns a standard time into a Time, cutting what is below a millisecond.
func At(t time.Time) Time { return Time(t.UnixMilli()) }

// Std is the moment as a standard time in UTC; the zero Time gives the zero
// time.Time.
func (t Time) Std() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(t)).UTC()
}

// China is the zone of every time on the wire: +08:00 without summer time.
var China = time.FixedZone("+08:00", 8*3600)
