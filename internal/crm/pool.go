package crm

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Pool (公海) holds records without an owner, of one kind: customers or leads.
// Its members see and take them, its managers may do more. A record in a pool
// has neither owner nor department.
type Pool struct {
	ID        int64
	Entity    string // "customer" or "lead"
	Name      string
	Position  int
	CreatedAt Time
	UpdatedAt Time
	PoolSettings

	// within is Departments with everything below; set by Directory.Prepare.
	within map[int64]bool
}

// PoolSettings is what an administrator sets on a pool.
type PoolSettings struct {
	Managers []int64 `json:"managers,omitempty"`
	// Everybody makes all users members; otherwise Members and everybody of
	// Departments, and of what lies below these, are.
	Everybody   bool    `json:"everybody,omitempty"`
	Members     []int64 `json:"members,omitempty"`
	Departments []int64 `json:"departments,omitempty"`
	// Unfollowed lets records fall in after so many days without a follow-up,
	// Unsold customers that are not won. A pool has one of the two at most.
	Unfollowed PoolRule `json:"unfollowed,omitzero"`
	Unsold     PoolRule `json:"unsold,omitzero"`
	// GrabDays keeps a former owner from taking a record back for so many days
	// after it came in; 0 for no limit. GrabFrom is when that was switched on.
	GrabDays int  `json:"grab_days,omitempty"`
	GrabFrom Time `json:"grab_from,omitempty"`
	// Columns and filters that managers and members see.
	ManagerColumns []string `json:"manager_columns,omitempty"`
	MemberColumns  []string `json:"member_columns,omitempty"`
	ManagerFilters []string `json:"manager_filters,omitempty"`
	MemberFilters  []string `json:"member_filters,omitempty"`
}

// PoolRule is an automatic rule (自动划入).
type PoolRule struct {
	On    bool `json:"on,omitempty"`
	Since Time `json:"since,omitempty"` // when it was switched on
	Days  int  `json:"days,omitempty"`
	// Categories has a number of days of its own for categories of customers
	// (by option id); 0 there means never. Those not named go by Days.
	Categories map[int64]int `json:"categories,omitempty"`
	// SkipWon leaves won customers out of Unfollowed.
	SkipWon bool `json:"skip_won,omitempty"`
	// NoticeDays is how long before the owner is told; 0 for not at all.
	NoticeDays int `json:"notice_days,omitempty"`
	// FlowTime and NoticeTime are times of the day, "16:00", in +08:00.
	FlowTime   string `json:"flow_time,omitempty"`
	NoticeTime string `json:"notice_time,omitempty"`
}

// ManagesPool reports whether the viewer is a manager of the pool, or a super
// administrator.
func (v *Viewer) ManagesPool(p *Pool) bool {
	return p != nil && (v.Role.Super || slices.Contains(p.Managers, v.User.ID))
}

// InPool reports whether the viewer sees what lies in the pool: as a member, as
// a manager, or as a super administrator.
func (v *Viewer) InPool(p *Pool) bool {
	return p != nil && (v.ManagesPool(p) || p.Has(v.User))
}

// Has reports whether a user is a member of the pool. Departments count with
// what lies below them.
func (p *Pool) Has(u *User) bool {
	return u != nil && (p.Everybody || slices.Contains(p.Members, u.ID) || p.reaches(u.DepartmentID) ||
		slices.ContainsFunc(u.FurtherDepartments, p.reaches))
}

func (p *Pool) reaches(department int64) bool {
	return department != 0 && (p.within[department] || slices.Contains(p.Departments, department))
}

// SeesPooled reports whether the viewer may see a record that lies in a pool:
// members, managers, super administrators and who sees everything.
func (v *Viewer) SeesPooled(d *Directory, pool int64) bool {
	return v.SeesAll() || v.InPool(d.Pools[pool])
}

// Bars reports whether a user who owned a record before may not take it yet,
// when it came into the pool at a moment.
func (p *Pool) Bars(former, user int64, flowedIn, now Time) bool {
	return p.GrabDays > 0 && former == user && flowedIn >= p.GrabFrom && now < flowedIn+Time(p.GrabDays)*Day
}

// PoolsOf gives the pools of a kind of record in their order.
func (d *Directory) PoolsOf(entity string) []*Pool {
	var found []*Pool
	for _, p := range d.Pools {
		if p.Entity == entity {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(a, b *Pool) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), comparePools(a, b))
	})
	return found
}

// comparePools puts the older pool first.
func comparePools(a, b *Pool) int {
	return cmp.Or(cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.ID, b.ID))
}

// MembersOf gives the active members of a pool in the order of their ids.
func (d *Directory) MembersOf(p *Pool) []*User {
	var found []*User
	for _, u := range d.Users {
		if u.Active() && p.Has(u) {
			found = append(found, u)
		}
	}
	slices.SortFunc(found, func(a, b *User) int { return cmp.Compare(a.ID, b.ID) })
	return found
}

// Bounds of what is set on a pool.
const (
	MaxPoolDays   = 3650
	MaxNoticeDays = 60
	maxColumns    = 100
)

// Validate refuses what no pool may be, with the first problem found. It trims
// the name. People, departments, categories and columns are checked by the
// service, which has the directory.
func (p *Pool) Validate() error {
	p.Name = strings.TrimSpace(p.Name)
	switch {
	case p.Name == "":
		return Required(FieldLabel("pool", "name"))
	case utf8.RuneCountInString(p.Name) > MaxText:
		return tooLong("pool", "name", MaxText)
	case p.Entity != "customer" && p.Entity != "lead":
		return Invalid("公海的对象类型只能是customer或lead", "A pool is for customer or lead")
	case p.Unfollowed.On && p.Unsold.On:
		return Invalid("一个公海只能启用一种自动规则", "A pool has one automatic rule at most")
	case p.Unsold.On && p.Entity == "lead":
		return Invalid("线索公海只能启用未跟进规则", "Leads fall by the rule of follow-ups only")
	case p.GrabDays < 0 || p.GrabDays > MaxPoolDays:
		return Invalid("限制领取天数应在0到3650之间", "Days of the limit on taking must be between 0 and 3650")
	}
	for _, list := range [][]string{p.ManagerColumns, p.MemberColumns, p.ManagerFilters, p.MemberFilters} {
		if len(list) > maxColumns {
			return Invalid("显示列不能超过100个", "There are at most 100 columns")
		}
	}
	for _, r := range []*PoolRule{&p.Unfollowed, &p.Unsold} {
		if err := r.validate(p.Entity); err != nil {
			return err
		}
	}
	return nil
}

func (r *PoolRule) validate(entity string) error {
	days := []int{r.Days}
	for _, n := range r.Categories {
		days = append(days, n)
	}
	for _, n := range days {
		if n < 0 || n > MaxPoolDays {
			return Invalid("公海规则的天数应在0到3650之间", "Days of a pool's rule must be between 0 and 3650")
		}
	}
	_, flow := timeOfDay(r.SweepTime())
	_, notice := timeOfDay(r.TellTime())
	switch {
	case r.On && slices.Max(days) == 0:
		return Invalid("启用自动规则时必须设置天数", "A rule that is on needs a number of days")
	case len(r.Categories) > 0 && entity == "lead":
		return Invalid("线索没有客户类型", "Leads have no category")
	case r.NoticeDays < 0 || r.NoticeDays > MaxNoticeDays:
		return Invalid("提前提醒天数应在0到60之间", "Days of notice must be between 0 and 60")
	case !flow || !notice:
		return Invalid("时间格式不正确,应为HH:MM", "A time of the day must be written as HH:MM")
	}
	return nil
}
