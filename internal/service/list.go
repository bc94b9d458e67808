package service

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"guanxi/internal/column"
	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/lists"
	"guanxi/internal/store"
	"guanxi/internal/zh"
)

// listing is one question to a list while it is put together.
type listing struct {
	s      *Service
	c      *Caller
	r      *store.Read
	entity string
	q      *crm.ListQuery
	need   []string
}

// listed answers the ids of the page that a query asks for, among what scope
// lets the caller see. Asking by a field that the caller may not see is refused,
// since the answer would tell what stands there.
func (s *Service) listed(r *store.Read, c *Caller, entity string, scope func(*listing) (column.Predicate, error), q *crm.ListQuery) ([]int64, crm.ListPage, error) {
	q = normalised(q)
	l := &listing{s: s, c: c, r: r, entity: entity, q: q}
	all := []column.Predicate{}
	p, err := scope(l)
	if err != nil {
		return nil, crm.ListPage{}, err
	}
	all = append(all, p)
	for _, f := range q.Filters {
		if p, err = l.filter(f); err != nil {
			return nil, crm.ListPage{}, err
		}
		all = append(all, p)
	}
	if q.Text != "" {
		if p, err = l.search(); err != nil {
			return nil, crm.ListPage{}, err
		}
		all = append(all, p)
	}
	sort, err := l.sort()
	if err != nil {
		return nil, crm.ListPage{}, err
	}
	query := column.Query{Where: column.And(all...), Sort: []column.Order{sort}, Limit: q.PerPage}
	if q.Cursor == "" {
		query.Offset = (q.Page - 1) * q.PerPage
	} else if query.After, err = openCursor(q.Cursor, sort.Column); err != nil {
		return nil, crm.ListPage{}, err
	}
	found, err := s.lists.Select(r, c.Org(), s.store.Epoch(), entity, c.Directory.Fields[entity], l.need, query)
	if err != nil {
		return nil, crm.ListPage{}, err
	}
	out := crm.ListPage{Page: q.Page, PerPage: q.PerPage, Total: found.Total, More: found.More}
	if found.More {
		out.Cursor = closeCursor(found.Last)
	}
	return found.IDs, out, nil
}

// use says that the query needs a column beyond the usual ones.
func (l *listing) use(name string) string {
	if !slices.Contains(l.need, name) {
		l.need = append(l.need, name)
	}
	return name
}

// secret tells whether the caller may not ask by a field: the role's field
// rights hide it, or it holds numbers that are masked. On the caller's own
// records only what is hidden everywhere stays secret.
func (l *listing) secret(name string) bool {
	v := l.c.Viewer
	others := int64(-1) // no user's
	if l.q.Tab == "my" {
		others = v.User.ID
	}
	if v.Conceals(l.entity+"."+name, others) {
		return true
	}
	return v.HidesNumbers(others) && isNumber(l.c.Directory, l.entity, name)
}

func refusedField(entity, name string, d *crm.Directory) error {
	zhLabel, enLabel := fieldLabel(d, entity, name)
	return crm.BadParam("您没有权限按"+zhLabel+"筛选或排序", "You may not filter or sort by "+enLabel)
}

func (l *listing) own(name string) *crm.CustomField {
	for _, f := range l.c.Directory.Fields[l.entity] {
		if f.Name == name && f.Enabled {
			return f
		}
	}
	return nil
}

// search looks for a text in one field, or in the usual ones: the name, and the
// numbers where the caller sees them.
func (l *listing) search() (column.Predicate, error) {
	needle := zh.Fold(l.q.Text)
	if needle == "" {
		return column.True(), nil
	}
	if l.q.Field != "" {
		name := searchName(l.q.Field)
		if l.secret(name) {
			return nil, refusedField(l.entity, name, l.c.Directory)
		}
		f := l.own(name)
		switch {
		case name == "name":
		case f != nil && field.Find(f.Kind) != nil && field.Find(f.Kind).Searched, store.HasTextFeed(l.entity, name) && name != "custom_values":
			l.use(name)
		default:
			return nil, crm.BadParam("不支持按该字段搜索", "This field cannot be searched").With(name)
		}
		return column.TextContains(name, needle), nil
	}
	any := []column.Predicate{column.TextContains("name", needle)}
	if l.entity == lists.Leads && !l.secret("company_name") {
		any = append(any, column.TextContains(l.use("company_name"), needle))
	}
	if strings.ContainsAny(needle, "0123456789") {
		for _, name := range []string{"address.tel", "address.phone"} {
			p := column.TextContains(l.use(name), needle)
			if l.secret(name) {
				if l.c.Viewer.Conceals(l.entity+"."+name, l.c.Viewer.User.ID) {
					continue // hidden on the caller's own records too
				}
				p = column.And(column.IntEq("user_id", l.c.Viewer.User.ID), p)
			}
			any = append(any, p)
		}
	}
	if l.entity == lists.Contacts {
		p, err := l.ofCustomersNamed(needle)
		if err != nil {
			return nil, err
		}
		any = append(any, p)
	}
	return column.Or(any...), nil
}

// searchName is a field's name in the columns; clients also write tel for
// address.tel.
func searchName(name string) string {
	switch name {
	case "tel", "phone", "email", "qq", "fax", "wechat", "wangwang", "zip", "url", "detail_address":
		return "address." + name
	case "customer_name", "customer.name", "lead.name", "contact.name":
		return "name"
	}
	return name
}

// ofCustomersNamed are contacts of customers whose name contains a text.
func (l *listing) ofCustomersNamed(needle string) (column.Predicate, error) {
	customers, err := l.s.lists.Table(l.r, l.c.Org(), l.s.store.Epoch(), lists.Customers, l.c.Directory.Fields["customer"], nil)
	if err != nil {
		return nil, err
	}
	ids, err := customers.IDs(column.TextContains("name", needle))
	if err != nil {
		return nil, err
	}
	return column.IntInIDs("customer_id", ids), nil
}

// sorts are the fields that lists of each kind are sorted by.
var sorts = map[string][]string{
	"customer": {"created_at", "updated_at", "real_revisit_at", "revisit_remind_at", "flow_into_at", "owned_at", "name"},
	"contact":  {"created_at", "updated_at", "name"},
	"lead": {"created_at", "updated_at", "real_revisit_at", "revisit_remind_at", "flow_into_at", "owned_at", "turned_at",
		"name"},
}

func (l *listing) sort() (column.Order, error) {
	name := l.q.Sort
	if name == "" {
		return column.Order{Column: "created_at", Desc: !l.q.Ascending}, nil
	}
	if name == "id" {
		return column.Order{Column: column.ID, Desc: !l.q.Ascending}, nil
	}
	if l.secret(name) {
		return column.Order{}, refusedField(l.entity, name, l.c.Directory)
	}
	if !slices.Contains(sorts[l.entity], name) {
		f := l.own(name)
		if f == nil || field.Find(f.Kind) == nil || !field.Find(f.Kind).Sorted {
			return column.Order{}, crm.BadParam("不支持按该字段排序", "This field cannot be sorted by").With(name)
		}
		l.use(name)
	}
	return column.Order{Column: name, Desc: !l.q.Ascending}, nil
}

// filterKinds are the system's fields that lists are filtered by: id for ids
// and options, time for ranges of days.
var filterKinds = map[string]map[string]string{
	"customer": {
		"user_id": "id", "creator_id": "id", "department_id": "id", "parent_id": "id", "status": "id", "category": "id",
		"source": "id", "industry": "id", "staff_size": "id", "custom_field_template_id": "id", "approve_status": "approval",
		"real_revisit_at": "time", "revisit_remind_at": "time", "flow_into_at": "time", "owned_at": "time",
		"created_at": "time", "updated_at": "time", "address.province_id": "id", "address.city_id": "id",
		"address.district_id": "id", "labels": "token", "customer_common_setting_id": "pool", "product_id": "none",
	},
	"contact": {
		"user_id": "id", "creator_id": "id", "department_id": "id", "customer_id": "id", "category": "id", "gender": "gender",
		"created_at": "time", "updated_at": "time",
	},
	"lead": {
		"user_id": "id", "creator_id": "id", "department_id": "id", "status": "id", "source": "id", "real_revisit_at": "time",
		"revisit_remind_at": "time", "flow_into_at": "time", "owned_at": "time", "turned_at": "time", "created_at": "time",
		"updated_at": "time", "address.province_id": "id", "address.city_id": "id", "address.district_id": "id",
		"lead_common_setting_id": "pool", "turned_customer_id": "id",
	},
}

// FilterFields names the fields that a list can be filtered by, the system's
// and the organization's own.
func FilterFields(d *crm.Directory, entity string) []string {
	var names []string
	for name := range filterKinds[entity] {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, f := range d.Fields[entity] {
		if k := field.Find(f.Kind); f.Enabled && k != nil && k.Filtered {
			names = append(names, f.Name)
		}
	}
	return names
}

func (l *listing) filter(f crm.Filter) (column.Predicate, error) {
	if l.secret(f.Field) {
		return nil, refusedField(l.entity, f.Field, l.c.Directory)
	}
	switch filterKinds[l.entity][f.Field] {
	case "id":
		return l.ids(f.Field, f)
	case "pool":
		return l.ids("pool_id", f)
	case "time":
		return l.days(f)
	case "token":
		return anyToken(f.Field, f.Values), nil
	case "approval":
		return l.codes(f, func(v string) int64 { return lists.ApprovalCode(crm.Approval(v)) })
	case "gender":
		return l.codes(f, lists.GenderCode)
	case "none": // nothing of the kind exists
		return column.Not(column.True()), nil
	}
	own := l.own(f.Field)
	k := (*field.Kind)(nil)
	if own != nil {
		k = field.Find(own.Kind)
	}
	if k == nil || !k.Filtered {
		return nil, crm.BadParam("不支持按该字段筛选", "This field cannot be filtered by").With(f.Field)
	}
	l.use(own.Name)
	switch k.Held {
	case field.HeldTime:
		return l.days(f)
	case field.HeldFloat:
		return l.numbers(f)
	case field.HeldSet:
		return anyToken(own.Name, f.Values), nil
	}
	return column.TextIn(own.Name, f.Values...), nil
}

func anyToken(name string, values []string) column.Predicate {
	var any []column.Predicate
	for _, v := range values {
		any = append(any, column.TextContains(name, field.Token(v)))
	}
	return column.Or(any...)
}

func (l *listing) bad(name, zhWhat, enWhat string) error {
	zhLabel, enLabel := fieldLabel(l.c.Directory, l.entity, name)
	return crm.BadParam(zhLabel+"("+name+")"+zhWhat, enLabel+" ("+name+") "+enWhat)
}

func (l *listing) ids(columnName string, f crm.Filter) (column.Predicate, error) {
	ids := make([]int64, 0, len(f.Values))
	for _, v := range f.Values {
		id, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		if err != nil || id < 0 {
			return nil, l.bad(f.Field, "必须是正整数", "must be a positive integer")
		}
		if id > 0 {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return column.Unset(columnName), nil // 0 asks for records without
	}
	return column.IntIn(columnName, ids...), nil
}

func (l *listing) codes(f crm.Filter, code func(string) int64) (column.Predicate, error) {
	var codes []int64
	for _, v := range f.Values {
		n := code(v)
		if n == 0 {
			return nil, l.bad(f.Field, "的值不正确", "has no such value")
		}
		codes = append(codes, n)
	}
	return column.IntIn(f.Field, codes...), nil
}

// days is a range of whole days in +08:00.
func (l *listing) days(f crm.Filter) (column.Predicate, error) {
	lo, hi := int64(1), int64(math.MaxInt64)
	if f.From != "" {
		t, ok := Day(f.From)
		if !ok {
			return nil, l.bad(f.Field, "必须是日期", "must be a date")
		}
		lo = t
	}
	if f.To != "" {
		t, ok := Day(f.To)
		if !ok {
			return nil, l.bad(f.Field, "必须是日期", "must be a date")
		}
		hi = t + 24*3600*1000 - 1
	}
	return column.IntRange(f.Field, lo, hi), nil
}

func (l *listing) numbers(f crm.Filter) (column.Predicate, error) {
	lo, hi := math.Inf(-1), math.Inf(1)
	for text, into := range map[string]*float64{f.From: &lo, f.To: &hi} {
		if text == "" {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || math.IsNaN(n) {
			return nil, l.bad(f.Field, "必须是数字", "must be a number")
		}
		*into = n
	}
	return column.FloatRange(f.Field, lo, hi), nil
}

// china is the zone of all days and times of the API.
var china = time.FixedZone("+08:00", 8*3600)

// Day reads a day as clients write it, with or without leading zeros, a time
// behind it is left out. It gives the day's begin in ms.
func Day(text string) (int64, bool) {
	text, _, _ = strings.Cut(strings.TrimSpace(text), " ")
	text, _, _ = strings.Cut(text, "T")
	text = strings.ReplaceAll(text, "/", "-")
	t, err := time.ParseInLocation("2006-1-2", text, china)
	return t.UnixMilli(), err == nil && t.Year() >= 1900 && t.Year() <= 9999
}
