package crm

import "cmp"

// Holding is what the rules of pools look at in a record that somebody owns.
type Holding struct {
	Entity                        string // "customer" or "lead"
	OwnerID, HomePoolID, Category int64
	Won                           bool // its status says so
	RevisitAt, OwnedAt, CreatedAt Time
}

// Holding is the customer as the rules of pools look at it.
func (c *Customer) Holding(d *Directory) Holding {
	status := d.Options[c.Status]
	return Holding{Entity: "customer", OwnerID: c.OwnerID, HomePoolID: c.HomePoolID, Category: c.Category,
		Won: status != nil && status.Meaning == MeaningWon, RevisitAt: c.RevisitAt, OwnedAt: c.OwnedAt, CreatedAt: c.CreatedAt}
}

// Holding is the lead as the rules of pools look at it. One that became a
// customer is nobody's as to pools.
func (l *Lead) Holding() Holding {
	h := Holding{Entity: "lead", OwnerID: l.OwnerID, HomePoolID: l.HomePoolID, RevisitAt: l.RevisitAt, OwnedAt: l.OwnedAt,
		CreatedAt: l.CreatedAt}
	if l.Turned() {
		h.OwnerID = 0
	}
	return h
}

// Fall is when a record falls into a pool, and into which, if nothing happens to
// it before. The zero Fall is never.
type Fall struct {
	PoolID int64
	// Unsold says by which rule: because it was not sold for so many Days, or not
	// followed up.
	Unsold bool
	Days   int
	// MetAt is when the rule is met, At the sweep that follows.
	MetAt, At Time
	// NoticeAt is when the owner is told; 0 where nobody is.
	NoticeAt Time
}

// Day is 24 hours, which is a day to rules.
const Day Time = 24 * 3600 * 1000

// FallAt works out when and where a record falls into a pool (自动划入) by the
// organization's rules as they are. It looks at no clock: what has passed
// already falls with the next sweep. A pool counts when
//
//   - the owner is a member of it, and no super administrator;
//   - the record belongs to no pool (所属公海), or to that one;
//   - one of its rules is on, and has a number of days for the record's category;
//   - the record is not won, as far as the rule leaves won ones out.
//
// The clock of a rule starts when the record was last followed up or got its
// owner, the pool was made, or the rule was switched on, whatever was last. A
// follow-up does not count for the rule of unsold customers, which would be the
// other rule otherwise. Of several pools the one counts whose rule is met first,
// and of those the oldest.
func FallAt(d *Directory, h Holding) Fall {
	owner := d.Users[h.OwnerID]
	if owner == nil {
		return Fall{}
	}
	if role := d.Roles[owner.RoleID]; role != nil && role.Super {
		return Fall{}
	}
	var found Fall
	var into *Pool
	for _, p := range d.Pools {
		if p.Entity != h.Entity || !p.Has(owner) || h.HomePoolID != 0 && h.HomePoolID != p.ID {
			continue
		}
		f, ok := p.fall(h)
		if ok && (into == nil || cmp.Or(cmp.Compare(f.MetAt, found.MetAt), comparePools(p, into)) < 0) {
			found, into = f, p
		}
	}
	return found
}

// fall is when the record falls by the rule of this pool, which is the owner's.
func (p *Pool) fall(h Holding) (Fall, bool) {
	r := &p.Unfollowed
	f := Fall{PoolID: p.ID}
	switch {
	case p.Unfollowed.On:
		if h.Won && r.SkipWon {
			return f, false
		}
	case p.Unsold.On:
		if h.Won {
			return f, false
		}
		r, f.Unsold = &p.Unsold, true
	default:
		return f, false
	}
	var own bool
	if f.Days, own = r.Categories[h.Category]; !own {
		f.Days = r.Days
	}
	if f.Days <= 0 {
		return f, false
	}
	start := max(cmp.Or(h.OwnedAt, h.CreatedAt), p.CreatedAt, r.Since)
	if !f.Unsold {
		start = max(start, h.RevisitAt)
	}
	f.MetAt = start + Time(f.Days)*Day
	f.At = r.NextSweep(f.MetAt)
	if r.NoticeDays > 0 {
		tell, _ := timeOfDay(r.TellTime())
		f.NoticeAt = midnight(f.At) - Time(r.NoticeDays)*Day + tell
	}
	return f, true
}

// NextSweep is when the rule next sweeps records into the pool, at or after a
// moment.
func (r *PoolRule) NextSweep(t Time) Time {
	sweep, _ := timeOfDay(r.SweepTime())
	return nextTime(t, sweep)
}

// NextNotice is when owners are next told, at or after a moment.
func (r *PoolRule) NextNotice(t Time) Time {
	tell, _ := timeOfDay(r.TellTime())
	return nextTime(t, tell)
}

// SweepTime and TellTime are the times of the day that hold, also where none was
// set.
func (r *PoolRule) SweepTime() string { return cmp.Or(r.FlowTime, "05:00") }

// TellTime is when owners are told.
func (r *PoolRule) TellTime() string { return cmp.Or(r.NoticeTime, "09:00") }

// nextTime is the first moment at or after t that is so far into a day of
// +08:00.
func nextTime(t, into Time) Time {
	at := midnight(t) + into
	if at < t {
		at += Day
	}
	return at
}

// zone is how far +08:00 is ahead.
const zone = 8 * 3600 * 1000

// midnight is the beginning of the day in +08:00.
func midnight(t Time) Time {
	into := (t + zone) % Day
	if into < 0 {
		into += Day
	}
	return t - into
}

// timeOfDay reads "16:00" as the time since midnight; ok is false for what is no
// time of the day.
func timeOfDay(text string) (t Time, ok bool) {
	if len(text) != 5 || text[2] != ':' {
		return 0, false
	}
	h, ok1 := twoDigits(text[:2])
	m, ok2 := twoDigits(text[3:])
	if !ok1 || !ok2 || h > 23 || m > 59 {
		return 0, false
	}
	return Time(60*h+m) * 60_000, true
}

func twoDigits(s string) (int, bool) {
	if s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9' {
		return 0, false
	}
	return 10*int(s[0]-'0') + int(s[1]-'0'), true
}
