package v2

import (
	"maps"
	"slices"
	"strconv"

	"guanxi/internal/api/call"
	"guanxi/internal/crm"
)

// CommonSettings gives the handler of GET /api/v2/common_customers/common_settings
// and of its like for leads: the pools that the caller is in or manages.
func CommonSettings(entity string) call.Handler {
	return func(c *call.Call) error {
		showPools(c, c.Service.Pools(c.Caller, entity))
		return nil
	}
}

func showPools(c *call.Call, pools []*crm.Pool) {
	s := shapes(c)
	s.data(func() {
		s.Array("common_settings")
		for _, p := range pools {
			s.Object("")
			s.commonSetting(p)
			s.End()
		}
		s.EndArray()
	})
}

// commonSetting is a pool with its rules. Numbers of the rules are texts, and so
// are ids of people and departments; of columns that nobody has chosen the usual
// ones are told. What stands behind updated_at is ours.
func (s *shape) commonSetting(p *crm.Pool) {
	s.Int("id", p.ID)
	s.Int("organization_id", s.d.Organization.ID)
	s.String("name", p.Name)
	s.Object("admin_list")
	s.textIDs("user_ids", p.Managers)
	s.End()
	s.Object("member_list")
	if p.Everybody {
		s.Fixed(`"all":1,"department_ids":["0"],"user_ids":[]`)
	} else {
		s.Int("all", 0)
		s.textIDs("department_ids", p.Departments)
		s.textIDs("user_ids", p.Members)
	}
	s.End()
	s.Int("rule_type", ruleType(p))
	s.Object("rule_config")
	s.poolRule("owner", p, &p.Unfollowed)
	s.poolRule("unsold", p, &p.Unsold)
	s.End()
	s.Bool("limit_grab_enable", p.GrabDays > 0)
	s.Int("limit_grab_day", int64(p.GrabDays))
	s.isoOrNull("limit_grab_enable_time", p.GrabFrom)
	s.Object("custom_column_list")
	s.nameList("super", columnsOf(p, p.ManagerColumns))
	s.nameList("common", columnsOf(p, p.MemberColumns))
	s.End()
	s.Object("filter_column_list")
	s.nameList("super", p.ManagerFilters)
	s.nameList("common", p.MemberFilters)
	s.End()
	s.iso("created_at", p.CreatedAt)
	s.iso("updated_at", p.UpdatedAt)
	s.String("entity_type", p.Entity)
	s.Int("position", int64(p.Position))
}

// Kinds of automatic rules on the wire: none, of records without a follow-up, of
// customers that are not sold.
const (
	ruleNone, ruleOwner, ruleUnsold = 0, 1, 2
)

func ruleType(p *crm.Pool) int64 {
	switch {
	case p.Unfollowed.On:
		return ruleOwner
	case p.Unsold.On:
		return ruleUnsold
	}
	return ruleNone
}

// Kinds of numbers of days on the wire: one for all, or one for each category.
const flowAll, flowCategory = "all", "category"

func (s *shape) poolRule(k string, p *crm.Pool, r *crm.PoolRule) {
	s.Object(k)
	s.Quote("enable_time")
	if r.Since != 0 {
		c := clockOf(r.Since)
		s.B = pad(append(c.appendMinute(s.B), ':'), c.s)
	}
	s.Unquote()
	if r == &p.Unfollowed {
		s.digits("astrict_unsold", b2i(r.SkipWon))
	}
	kind := flowAll
	if len(r.Categories) > 0 {
		kind = flowCategory
	}
	s.String("flow_into_type", kind)
	s.digits("max_unfollow_day", r.Days)
	s.String("flow_into_time", r.SweepTime())
	s.digits("notify_before_unfollow_day", r.NoticeDays)
	s.String("notify_time", r.TellTime())
	s.Object("customer_categories")
	if p.Entity == "customer" {
		for _, id := range s.categories(r) {
			days, own := r.Categories[id]
			if !own && kind == flowCategory {
				days = r.Days
			}
			s.digits(strconv.FormatInt(id, 10), days)
		}
	}
	s.End()
	s.End()
}

// categories are the categories of customers that can be chosen or that a rule
// names, in their order.
func (s *shape) categories(r *crm.PoolRule) []int64 {
	var ids []int64
	for id, o := range s.d.Options {
		_, named := r.Categories[id]
		if o.Entity == "customer" && o.Field == "category" && (o.Enabled || named) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// digits is a number as a text.
func (s *shape) digits(k string, n int) {
	s.Quote(k)
	s.B = strconv.AppendInt(s.B, int64(n), 10)
	s.Unquote()
}

func (s *shape) textIDs(k string, ids []int64) {
	s.Array(k)
	for _, id := range ids {
		s.String("", strconv.FormatInt(id, 10))
	}
	s.EndArray()
}

func (s *shape) nameList(k string, names []string) {
	s.Array(k)
	for _, name := range names {
		s.String("", name)
	}
	s.EndArray()
}

// columnsOf are the columns that were chosen, or the usual ones.
func columnsOf(p *crm.Pool, chosen []string) []string {
	switch {
	case len(chosen) > 0:
		return chosen
	case p.Entity == "lead":
		return []string{"name", "company_name", "status_mapped", "before_user.name", "lastest_revisit_log.content"}
	}
	return []string{"name", "category_mapped", "address.region_info", "before_user.name", "lastest_revisit_log.content"}
}

// OwnedLimits answers GET /api/v2/owned_limits: how many customers somebody may
// own.
func OwnedLimits(c *call.Call) error {
	limits, err := c.Service.OwnedLimits(c.Caller)
	if err != nil {
		return err
	}
	return showLimits(c)(limits)
}

// UpdateOwnedLimits answers PUT /api/v2/owned_limits with the limits as they are
// then. What is not sent stays; users and categories are replaced as a whole.
func UpdateOwnedLimits(c *call.Call) error {
	_, in, err := body(c, "owned_limits")
	if err != nil {
		return err
	}
	in.entity = "pool"
	return c.Service.SetOwnedLimits(c.Context(), c.Caller, func(draft *crm.OwnedLimits) error {
		r := in.fresh(c)
		r.number("each", &draft.Each)
		r.numbers("users", &draft.Users)
		r.numbers("categories", &draft.Categories)
		return r.err
	}, showLimits(c))
}

func showLimits(c *call.Call) func(crm.OwnedLimits) error {
	return func(l crm.OwnedLimits) error {
		s := shapes(c)
		s.data(func() {
			s.Object("owned_limits")
			s.Int("each", int64(l.Each))
			for _, m := range []struct {
				key  string
				most map[int64]int
			}{{"users", l.Users}, {"categories", l.Categories}} {
				s.Object(m.key)
				for _, id := range slices.Sorted(maps.Keys(m.most)) {
					s.Int(strconv.FormatInt(id, 10), int64(m.most[id]))
				}
				s.End()
			}
			s.End()
		})
		return nil
	}
}
