package v2

import (
	"strconv"
	"strings"

	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
)

// AllPools answers GET /api/v2/common_settings: every pool, for who sets them
// up.
func AllPools(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	entity, err := poolEntity(p, "")
	if err != nil {
		return err
	}
	pools, err := c.Service.AllPools(c.Caller, entity)
	if err != nil {
		return err
	}
	showPools(c, pools)
	return nil
}

// poolEntity reads the kind of record that pools are for.
func poolEntity(p *param.Params, fallback string) (string, error) {
	switch e := p.String("entity_type"); e {
	case "":
		return fallback, nil
	case "customer", "lead":
		return e, nil
	}
	return "", crm.BadParam("entity_type只能是customer或lead", "entity_type must be customer or lead")
}

// Pool answers GET /api/v2/common_settings/:id.
func Pool(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	p, err := c.Service.Pool(c.Caller, id)
	if err != nil {
		return err
	}
	return showPool(c)(p)
}

func showPool(c *call.Call) func(*crm.Pool) error {
	return func(p *crm.Pool) error {
		s := shapes(c)
		s.data(func() { s.commonSetting(p) })
		return nil
	}
}

// CreatePool answers POST /api/v2/common_settings with the new pool.
func CreatePool(c *call.Call) error {
	_, in, err := body(c, "common_setting")
	if err != nil {
		return err
	}
	in.entity = "pool"
	draft := crm.Pool{Entity: "customer"}
	if in.v.Given("entity_type") {
		in.text("entity_type", &draft.Entity)
	}
	if err := in.pool(&draft); err != nil {
		return err
	}
	return c.Service.CreatePool(c.Context(), c.Caller, &draft, showPool(c))
}

// UpdatePool answers PUT /api/v2/common_settings/:id with the pool as it is then.
// What is not sent stays.
func UpdatePool(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	_, in, err := body(c, "common_setting")
	if err != nil {
		return err
	}
	in.entity = "pool"
	return c.Service.UpdatePool(c.Context(), c.Caller, id, func(draft *crm.Pool) error {
		return in.fresh(c).pool(draft)
	}, showPool(c))
}

// DeletePool answers DELETE /api/v2/common_settings/:id with the pool as it was.
func DeletePool(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	return c.Service.DeletePool(c.Context(), c.Caller, id, showPool(c))
}

// OrderPools answers PUT /api/v2/common_settings/order with the pools in their new
// order.
func OrderPools(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	entity, err := poolEntity(p, "customer")
	if err != nil {
		return err
	}
	ids, err := some(p, "pool", "ids")
	if err != nil {
		return err
	}
	return c.Service.OrderPools(c.Context(), c.Caller, entity, ids, func(pools []*crm.Pool) error {
		showPools(c, pools)
		return nil
	})
}

// pool reads a pool into a draft, in the form that answers show.
func (r *reader) pool(p *crm.Pool) error {
	r.text("name", &p.Name)
	r.within("admin_list", func(in *reader) { in.idSet("user_ids", &p.Managers) })
	r.within("member_list", func(in *reader) {
		in.flag("all", &p.Everybody)
		in.idSet("department_ids", &p.Departments)
		in.idSet("user_ids", &p.Members)
	})
	r.within("rule_config", func(in *reader) {
		in.within("owner", func(in *reader) { in.rule(&p.Unfollowed) })
		in.within("unsold", func(in *reader) { in.rule(&p.Unsold) })
	})
	if kind := int(ruleType(p)); r.v.Given("rule_type") {
		r.number("rule_type", &kind)
		p.Unfollowed.On, p.Unsold.On = kind == ruleOwner, kind == ruleUnsold
		if kind < ruleNone || kind > ruleUnsold {
			r.fail(crm.BadParam("rule_type只能是0、1或2", "rule_type must be 0, 1 or 2"))
		}
	}
	r.grabLimit(p)
	for _, f := range []struct {
		name            string
		super, everyone *[]string
	}{
		{"custom_column_list", &p.ManagerColumns, &p.MemberColumns}, {"filter_column_list", &p.ManagerFilters, &p.MemberFilters},
	} {
		r.within(f.name, func(in *reader) {
			in.nameList("super", f.super)
			in.nameList("common", f.everyone)
		})
	}
	return r.err
}

// grabLimit reads the limit on taking back. The days alone switch it on.
func (r *reader) grabLimit(p *crm.Pool) {
	days := p.GrabDays
	r.number("limit_grab_day", &days)
	if on := days > 0; r.v.Given("limit_grab_enable") {
		r.flag("limit_grab_enable", &on)
		switch {
		case !on:
			days = 0
		case days == 0:
			r.fail(crm.Required(call.Named("pool", "limit_grab_day")))
		}
	}
	p.GrabDays = days
}

// rule reads one automatic rule.
func (r *reader) rule(into *crm.PoolRule) {
	r.number("max_unfollow_day", &into.Days)
	r.number("notify_before_unfollow_day", &into.NoticeDays)
	r.text("flow_into_time", &into.FlowTime)
	r.text("notify_time", &into.NoticeTime)
	r.flag("astrict_unsold", &into.SkipWon)
	kind := flowAll
	if len(into.Categories) > 0 {
		kind = flowCategory
	}
	if r.v.Given("flow_into_type") {
		r.text("flow_into_type", &kind)
	}
	switch kind {
	case flowAll:
		into.Categories = nil
	case flowCategory:
		r.numbers("customer_categories", &into.Categories)
	default:
		r.fail(crm.BadParam("flow_into_type只能是all或category", "flow_into_type must be all or category"))
	}
}

// within reads an object inside, where it was sent.
func (r *reader) within(name string, read func(in *reader)) {
	switch v := r.v.Get(name); v.Kind() {
	case param.KindAbsent, param.KindNull:
	case param.KindObject:
		in := &reader{v: v, d: r.d, entity: r.entity}
		if read(in); in.err != nil {
			r.fail(in.err)
		}
	default:
		r.wrong(name, mustBeObject)
	}
}

// number reads a whole number.
func (r *reader) number(name string, into *int) {
	n, given, err := r.v.Int64(name)
	switch {
	case err != nil:
		r.fail(call.BadField(r.entity, err))
	case given:
		*into = int(max(min(n, 1<<31-1), -1))
	case r.v.Has(name):
		*into = 0
	}
}

// flag reads a yes or no.
func (r *reader) flag(name string, into *bool) {
	b, given, err := r.v.Bool(name)
	switch {
	case err != nil:
		r.fail(call.BadField(r.entity, err))
	case given:
		*into = b
	}
}

// idSet reads a list of ids that takes the place of the one before. 0, which
// answers show for all, is left out.
func (r *reader) idSet(name string, into *[]int64) {
	v := r.v.Get(name)
	if !v.Present() {
		return
	}
	if v.Filled() && !v.IsList() {
		r.wrong(name, mustBeIDs)
		return
	}
	var ids []int64
	for _, one := range v.List() {
		n, given, err := one.AsInt64()
		if err != nil || n < 0 {
			r.wrong(name, mustBeIDs)
			return
		}
		if given && n > 0 {
			ids = append(ids, n)
		}
	}
	*into = ids
}

// numbers reads an object of numbers by ids that takes the place of the one
// before.
func (r *reader) numbers(name string, into *map[int64]int) {
	v := r.v.Get(name)
	switch v.Kind() {
	case param.KindAbsent:
		return
	case param.KindObject, param.KindNull:
	default:
		r.wrong(name, mustBeObject)
		return
	}
	var out map[int64]int
	v.Each(func(key string, one param.Value) bool {
		id, err := strconv.ParseInt(key, 10, 64)
		n, given, bad := one.AsInt64()
		if err != nil || bad != nil {
			r.wrong(name, mustBe{"必须是以编号为键的数字", "must hold numbers by ids"})
			return false
		}
		if out == nil {
			out = map[int64]int{}
		}
		if given {
			out[id] = int(max(min(n, 1<<31-1), -1))
		}
		return true
	})
	*into = out
}

var mustBeIDs = mustBe{"必须是正整数的列表", "must be a list of positive integers"}

// nameList reads a list of names that takes the place of the one before.
func (r *reader) nameList(name string, into *[]string) {
	v := r.v.Get(name)
	if !v.Present() {
		return
	}
	if v.Filled() && !v.IsList() {
		r.wrong(name, mustBeList)
		return
	}
	var names []string
	for _, text := range v.AsStrings() {
		if text != "" {
			names = append(names, strings.Clone(text))
		}
	}
	*into = names
}
