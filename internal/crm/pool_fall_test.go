package crm

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func moment(text string) Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, China)
	if err != nil {
		panic(err)
	}
	return At(t)
}

// fallWorld has a super administrator (1), a member of sales (2), one of a
// department below sales (3) and one outside (4).
func fallWorld(pools ...*Pool) *Directory {
	d := &Directory{
		Users: map[int64]*User{1: {ID: 1, RoleID: 1, DepartmentID: 2}, 2: {ID: 2, RoleID: 2, DepartmentID: 2},
			3: {ID: 3, RoleID: 2, FurtherDepartments: []int64{3}}, 4: {ID: 4, RoleID: 2, DepartmentID: 4}},
		Roles: map[int64]*Role{1: {ID: 1, Super: true}, 2: {ID: 2}},
		Departments: map[int64]*Department{1: {ID: 1}, 2: {ID: 2, ParentID: 1}, 3: {ID: 3, ParentID: 2},
			4: {ID: 4, ParentID: 1}},
		Pools: map[int64]*Pool{},
	}
	for _, p := range pools {
		d.Pools[p.ID] = p
	}
	d.Prepare()
	return d
}

func salesPool(id int64) *Pool {
	return &Pool{ID: id, Entity: "customer", CreatedAt: moment("2026-01-01 00:00"), PoolSettings: PoolSettings{
		Departments: []int64{2}, Unfollowed: PoolRule{On: true, Since: moment("2026-01-02 00:00"), Days: 10, FlowTime: "16:00",
			NoticeDays: 2, NoticeTime: "09:00"}}}
}

func TestFallAt(t *testing.T) {
	held := Holding{Entity: "customer", OwnerID: 2, CreatedAt: moment("2026-03-01 10:00")}
	at := func(text string) Fall {
		f := Fall{PoolID: 7, Days: 10, At: moment(text)}
		f.NoticeAt = moment(text[:11]+"09:00") - 2*Day
		return f
	}
	for _, c := range []struct {
		name   string
		change func(p *Pool, h *Holding)
		want   Fall
	}{
		{"from the creation", func(*Pool, *Holding) {}, at("2026-03-11 16:00")},
		{"met after the sweep", func(_ *Pool, h *Holding) { h.CreatedAt = moment("2026-03-01 16:01") }, at("2026-03-12 16:00")},
		{"met with the sweep", func(_ *Pool, h *Holding) { h.CreatedAt = moment("2026-03-01 16:00") }, at("2026-03-11 16:00")},
		{"from the follow-up", func(_ *Pool, h *Holding) { h.RevisitAt = moment("2026-03-05 09:00") }, at("2026-03-15 16:00")},
		{"a follow-up of a former owner", func(_ *Pool, h *Holding) {
			h.RevisitAt, h.OwnedAt = moment("2026-03-05 09:00"), moment("2026-03-09 09:00")
		}, at("2026-03-19 16:00")},
		{"from the day it was got, not made", func(_ *Pool, h *Holding) { h.OwnedAt = moment("2026-02-01 09:00") }, at("2026-02-11 16:00")},
		{"from the switching on", func(_ *Pool, h *Holding) { h.CreatedAt = moment("2025-03-01 10:00") }, at("2026-01-12 16:00")},
		{"from the creation of the pool", func(p *Pool, h *Holding) {
			p.Unfollowed.Since, h.CreatedAt = moment("2025-01-01 00:00"), moment("2025-03-01 10:00")
		}, at("2026-01-11 16:00")},
		{"in the early morning where nothing is said", func(p *Pool, _ *Holding) { p.Unfollowed.FlowTime = "" }, at("2026-03-12 05:00")},
		{"without notice", func(p *Pool, _ *Holding) { p.Unfollowed.NoticeDays = 0 }, Fall{PoolID: 7, Days: 10, At: moment("2026-03-11 16:00")}},
		{"its home", func(_ *Pool, h *Holding) { h.HomePoolID = 7 }, at("2026-03-11 16:00")},
		{"another home", func(_ *Pool, h *Holding) { h.HomePoolID = 8 }, Fall{}},
		{"a super administrator's", func(_ *Pool, h *Holding) { h.OwnerID = 1 }, Fall{}},
		{"of a department below", func(_ *Pool, h *Holding) { h.OwnerID = 3 }, at("2026-03-11 16:00")},
		{"of an outsider", func(_ *Pool, h *Holding) { h.OwnerID = 4 }, Fall{}},
		{"of an outsider in a pool of all", func(p *Pool, h *Holding) { p.Everybody, h.OwnerID = true, 4 }, at("2026-03-11 16:00")},
		{"of a member by name", func(p *Pool, h *Holding) { p.Members, h.OwnerID = []int64{4}, 4 }, at("2026-03-11 16:00")},
		{"nobody's", func(_ *Pool, h *Holding) { h.OwnerID = 0 }, Fall{}},
		{"another kind of record", func(_ *Pool, h *Holding) { h.Entity = "lead" }, Fall{}},
		{"the rule is off", func(p *Pool, _ *Holding) { p.Unfollowed.On = false }, Fall{}},
		{"won", func(_ *Pool, h *Holding) { h.Won = true }, at("2026-03-11 16:00")},
		{"won and left out", func(p *Pool, h *Holding) { p.Unfollowed.SkipWon, h.Won = true, true }, Fall{}},
		{"a category of its own", func(p *Pool, h *Holding) { p.Unfollowed.Categories, h.Category = map[int64]int{5: 3}, 5 },
			Fall{PoolID: 7, Days: 3, At: moment("2026-03-04 16:00"), NoticeAt: moment("2026-03-02 09:00")}},
		{"a category that never falls", func(p *Pool, h *Holding) { p.Unfollowed.Categories, h.Category = map[int64]int{5: 0}, 5 }, Fall{}},
		{"another category", func(p *Pool, h *Holding) { p.Unfollowed.Categories, h.Category = map[int64]int{5: 3}, 6 }, at("2026-03-11 16:00")},
		{"no days for all", func(p *Pool, h *Holding) {
			p.Unfollowed.Categories, p.Unfollowed.Days = map[int64]int{5: 3}, 0
		}, Fall{}},
	} {
		p, h := salesPool(7), held
		c.change(p, &h)
		got := FallAt(fallWorld(p), h)
		if met := got.At - got.MetAt; got.PoolID != 0 && (met < 0 || met >= Day) {
			t.Errorf("%s: swept %d ms after the rule was met", c.name, met)
		}
		got.MetAt = 0
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestFallOfUnsold(t *testing.T) {
	p := salesPool(7)
	p.Unfollowed, p.Unsold = PoolRule{}, PoolRule{On: true, Days: 30}
	h := Holding{Entity: "customer", OwnerID: 2, CreatedAt: moment("2026-03-01 04:00"), RevisitAt: moment("2026-03-20 04:00")}
	d := fallWorld(p)
	if got := FallAt(d, h); !got.Unsold || got.At != moment("2026-03-31 05:00") || got.Days != 30 {
		t.Errorf("a follow-up counts: %+v", got)
	}
	h.Won = true
	if got := FallAt(d, h); got != (Fall{}) {
		t.Errorf("a won one falls: %+v", got)
	}
}

func TestFallOfSeveralPools(t *testing.T) {
	slow, fast, same := salesPool(1), salesPool(2), salesPool(3)
	slow.Unfollowed.Days, fast.Unfollowed.Days, same.Unfollowed.Days = 20, 10, 10
	same.CreatedAt--
	h := Holding{Entity: "customer", OwnerID: 2, CreatedAt: moment("2026-03-01 04:00")}
	if got := FallAt(fallWorld(slow, fast), h); got.PoolID != 2 {
		t.Errorf("not the rule that is met first: %+v", got)
	}
	if got := FallAt(fallWorld(slow, fast, same), h); got.PoolID != 3 {
		t.Errorf("not the older pool: %+v", got)
	}
	same.CreatedAt++
	if got := FallAt(fallWorld(slow, fast, same), h); got.PoolID != 2 {
		t.Errorf("made at the same time, not the first: %+v", got)
	}
	h.HomePoolID = 1
	if got := FallAt(fallWorld(slow, fast, same), h); got.PoolID != 1 {
		t.Errorf("not its home: %+v", got)
	}
}

// simulate is FallAt done hour by hour: who asks looks at a clock and counts
// full days. All times are full hours.
func simulate(d *Directory, h Holding, from, to Time) (pool int64, at Time) {
	const hour = 3600 * 1000
	owner := d.Users[h.OwnerID]
	for now := from; now <= to; now += hour {
		if pool == 0 {
			for _, p := range d.Pools {
				r := p.Unfollowed
				if p.Unsold.On {
					r = p.Unsold
				}
				days, named := r.Categories[h.Category]
				if !named {
					days = r.Days
				}
				start := p.CreatedAt
				for _, other := range []Time{r.Since, h.OwnedAt} {
					if other > start {
						start = other
					}
				}
				if !p.Unsold.On && h.RevisitAt > start {
					start = h.RevisitAt
				}
				if h.OwnedAt == 0 && h.CreatedAt > start {
					start = h.CreatedAt
				}
				passed := 0
				for t := start; t+24*hour <= now; t += 24 * hour {
					passed++
				}
				if !r.On || days == 0 || passed < days || h.Won && (r.SkipWon || p.Unsold.On) || !p.Has(owner) ||
					d.Roles[owner.RoleID].Super || h.HomePoolID != 0 && h.HomePoolID != p.ID {
					continue
				}
				if pool == 0 || p.CreatedAt < d.Pools[pool].CreatedAt || p.CreatedAt == d.Pools[pool].CreatedAt && p.ID < pool {
					pool = p.ID
				}
			}
		}
		if pool != 0 {
			r := d.Pools[pool].Unfollowed
			if d.Pools[pool].Unsold.On {
				r = d.Pools[pool].Unsold
			}
			if now.Std().In(China).Format("15:04") == r.FlowTime {
				return pool, now
			}
		}
	}
	return 0, 0
}

func TestFallAtIsTheSimulation(t *testing.T) {
	from := moment("2026-01-01 00:00")
	rapid.Check(t, func(t *rapid.T) {
		hours := func(label string, most int) Time {
			return from + Time(rapid.IntRange(0, most).Draw(t, label))*3600*1000
		}
		var pools []*Pool
		for i := range rapid.IntRange(1, 4).Draw(t, "pools") {
			p := &Pool{ID: int64(i + 1), Entity: "customer", CreatedAt: hours("made", 30)}
			p.Everybody = rapid.Bool().Draw(t, "everybody")
			if rapid.Bool().Draw(t, "sales") {
				p.Departments = []int64{2}
			}
			r := PoolRule{On: rapid.IntRange(0, 4).Draw(t, "off") > 0, Since: hours("since", 300), Days: rapid.IntRange(0, 12).Draw(t, "days"),
				SkipWon: rapid.Bool().Draw(t, "skip"), FlowTime: fmt.Sprintf("%02d:00", rapid.IntRange(0, 23).Draw(t, "sweep"))}
			if rapid.Bool().Draw(t, "by category") {
				r.Categories = map[int64]int{5: rapid.IntRange(0, 12).Draw(t, "days of it")}
			}
			if rapid.Bool().Draw(t, "kind") {
				p.Unfollowed = r
			} else {
				p.Unsold = r
			}
			pools = append(pools, p)
		}
		d := fallWorld(pools...)
		h := Holding{Entity: "customer", OwnerID: rapid.Int64Range(1, 4).Draw(t, "owner"), Category: rapid.Int64Range(4, 6).Draw(t, "category"),
			HomePoolID: max(0, rapid.Int64Range(-4, 5).Draw(t, "home")), Won: rapid.Bool().Draw(t, "won"), CreatedAt: hours("created", 300)}
		if rapid.Bool().Draw(t, "got") {
			h.OwnedAt = hours("owned", 300)
		}
		if rapid.Bool().Draw(t, "followed") {
			h.RevisitAt = hours("followed up", 300)
		}
		pool, at := simulate(d, h, from, from+30*Day)
		if got := FallAt(d, h); got.PoolID != pool || got.At != at {
			t.Fatalf("FallAt says pool %d at %v, the simulation %d at %v", got.PoolID, got.At.Std().In(China), pool, at.Std().In(China))
		}
	})
}

func TestTimesOfTheDay(t *testing.T) {
	for text, want := range map[string]string{"": "2026-03-02 05:00", "00:00": "2026-03-02 00:00", "23:59": "2026-03-01 23:59",
		"16:00": "2026-03-01 16:00", "15:59": "2026-03-02 15:59"} {
		r := PoolRule{FlowTime: text}
		if got := r.NextSweep(moment("2026-03-01 16:00")); got != moment(want) {
			t.Errorf("%q: %v, want %s", text, got.Std().In(China), want)
		}
	}
	for _, bad := range []string{"24:00", "5:00", "05:60", "0500", "ab:cd", "05:000", "-1:00"} {
		p := salesPool(1)
		p.Name, p.Unfollowed.FlowTime = "公海", bad
		if p.Validate() == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestPoolValidate(t *testing.T) {
	for name, change := range map[string]func(p *Pool){
		"no name":             func(p *Pool) { p.Name = " \u3000" },
		"two rules":           func(p *Pool) { p.Unsold = PoolRule{On: true, Days: 1} },
		"a rule without days": func(p *Pool) { p.Unfollowed.Days = 0 },
		"too many days":       func(p *Pool) { p.Unfollowed.Days = MaxPoolDays + 1 },
		"negative days":       func(p *Pool) { p.Unfollowed.Categories = map[int64]int{1: -1} },
		"too much notice":     func(p *Pool) { p.Unfollowed.NoticeDays = MaxNoticeDays + 1 },
		"unsold leads":        func(p *Pool) { p.Entity, p.Unfollowed, p.Unsold = "lead", PoolRule{}, PoolRule{On: true, Days: 1} },
		"categories of leads": func(p *Pool) { p.Entity, p.Unfollowed.Categories = "lead", map[int64]int{1: 1} },
		"another entity":      func(p *Pool) { p.Entity = "contact" },
		"limit on taking":     func(p *Pool) { p.GrabDays = -1 },
		"columns":             func(p *Pool) { p.MemberColumns = make([]string, 101) },
	} {
		p := salesPool(1)
		p.Name = "公海"
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		if change(p); p.Validate() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestTextsOfNotices(t *testing.T) {
	several := `{"by":"张三","pool":"公司公海","names":["甲","乙"],"ids":[1,2]}`
	many := `{"by":"张三","pool":"公司公海","names":["1","2","3","4","5","6","7","8","9","10","11","12"]}`
	rule := `{"name":"甲","pool":"公司公海","days":10,"at":` + fmt.Sprint(int64(moment("2026-03-11 16:00"))) + `}`
	for _, c := range []struct{ kind, entity, content, zh, en string }{
		{NoticeWillFall, "customer", rule, "客户「甲」因10天未跟进,将于2026-03-11 16:00划入公海「公司公海」",
			"The customer “甲” will fall into the pool “公司公海” at 2026-03-11 16:00: not followed up for 10 days"},
		{NoticeFell, "customer", `{"name":"甲","pool":"公司公海","days":30,"unsold":true}`, "客户「甲」因30天未成交,已划入公海「公司公海」",
			"The customer “甲” has fallen into the pool “公司公海”: not sold for 30 days"},
		{NoticeMoved, "lead", several, "张三将线索「甲」「乙」转入公海「公司公海」", "张三 has moved the leads “甲”, “乙” to the pool “公司公海”"},
		{NoticeMoved, "customer", many, "张三将客户「1」「2」「3」「4」「5」「6」「7」「8」「9」「10」等12个转入公海「公司公海」",
			"张三 has moved the customers “1”, “2”, “3”, “4”, “5”, “6”, “7”, “8”, “9”, “10” and 2 more to the pool “公司公海”"},
		{NoticeTransferred, "customer", `{"name":"甲","by":"张三"}`, "张三转移了客户「甲」", "张三 has transferred the customer “甲”"},
		{NoticeDeleted, "contact", `{"name":"甲","by":"张三"}`, "张三删除了联系人「甲」", "张三 has deleted the contact “甲”"},
		{NoticeAssist, "customer", `{"name":"甲","by":"张三"}`, "张三将您设为客户「甲」的协作人", "张三 has made you a collaborator of the customer “甲”"},
		{"another", "customer", `{`, "客户「」", "customer “”"},
	} {
		n := Notice{Kind: c.kind, Entity: c.entity, Content: c.content}
		if zh, en := n.Text(Chinese), n.Text(English); zh != c.zh || en != c.en {
			t.Errorf("%s: %s, %s", c.kind, zh, en)
		}
	}
}
