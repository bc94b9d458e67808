package service

import (
	"maps"
	"slices"
	"strconv"

	"guanxi/internal/column"
	"guanxi/internal/crm"
	"guanxi/internal/field"
)

// owners are the caller and everybody below, or everybody below alone.
func owners(v *crm.Viewer, self bool) []int64 {
	ids := slices.Sorted(maps.Keys(v.Subordinates))
	if self {
		ids = append(ids, v.User.ID)
	}
	return ids
}

// scope is the caller's data scope over owned records: what Viewer.Sees says of
// one record, of all at once. Records in pools are no part of it.
func (l *listing) scope() column.Predicate {
	owned := column.Set("user_id")
	v := l.c.Viewer
	if v.SeesAll() {
		return owned
	}
	any := []column.Predicate{column.IntIn("user_id", owners(v, true)...)}
	if len(v.Departments) > 0 {
		any = append(any, column.IntIn("department_id", slices.Sorted(maps.Keys(v.Departments))...))
	}
	return column.And(owned, column.Or(any...))
}

// assisted are records with one of these users among the collaborators.
func assisted(users []int64) column.Predicate {
	var any []column.Predicate
	for _, id := range users {
		any = append(any, column.TextContains("assistants", field.Token(strconv.FormatInt(id, 10))))
	}
	return column.Or(any...)
}

// pools gives the pools of a kind of record that the caller sees into.
func (c *Caller) pools(entity string) []int64 {
	var ids []int64
	for id, p := range c.Directory.Pools {
		if p.Entity == entity && c.Viewer.SeesPooled(c.Directory, id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// pooled are records that lie in a pool which the caller sees into. In a pool
// that no longer is, only who sees everything sees.
func (l *listing) pooled(entity string) column.Predicate {
	free := column.Unset("user_id")
	if l.c.Viewer.SeesAll() {
		return free
	}
	return column.And(free, column.IntIn("pool_id", l.c.pools(entity)...))
}

func (l *listing) badTab() error {
	return crm.BadParam("tab_type的值不正确", "tab_type has no such value").With(l.q.Tab)
}

// customerScope is the part of the customers that a tab shows (product manual
// §3): all (the data scope, without pools and without what the caller only
// collaborates on), my, sub, common, assist, sub_assist, applying.
func (l *listing) customerScope() (column.Predicate, error) {
	v := l.c.Viewer
	switch l.q.Tab {
	case "", "all":
		return l.scope(), nil
	case "my":
		return column.IntEq("user_id", v.User.ID), nil
	case "sub":
		return column.IntIn("user_id", owners(v, false)...), nil
	case "common":
		return l.pooled("customer"), nil
	case "assist", "my_assist":
		return assisted([]int64{v.User.ID}), nil
	case "sub_assist":
		return assisted(owners(v, false)), nil
	case "applying":
		return column.And(l.scope(), column.IntEq("approve_status", 2)), nil
	}
	return nil, l.badTab()
}

// contactScope is the same for contacts, which are seen through their
// customers. entity_id asks for those of one customer, wherever that lies.
func (l *listing) contactScope() (column.Predicate, error) {
	v := l.c.Viewer
	switch l.q.Tab {
	case "", "all":
		return l.scope(), nil
	case "my":
		return column.IntEq("user_id", v.User.ID), nil
	case "sub":
		return column.IntIn("user_id", owners(v, false)...), nil
	case "assist", "my_assist":
		return assisted([]int64{v.User.ID}), nil
	case "sub_assist":
		return assisted(owners(v, false)), nil
	}
	return nil, l.badTab()
}

// leadScope is the same for leads. Those that became customers have a tab of
// their own, turned, and are in no other.
func (l *listing) leadScope() (column.Predicate, error) {
	v := l.c.Viewer
	open := column.Unset("turned_customer_id")
	switch l.q.Tab {
	case "", "all":
		return column.And(open, l.scope()), nil
	case "my":
		return column.And(open, column.IntEq("user_id", v.User.ID)), nil
	case "sub":
		return column.And(open, column.IntIn("user_id", owners(v, false)...)), nil
	case "common":
		return column.And(open, l.pooled("lead")), nil
	case "turned":
		return column.And(column.Set("turned_customer_id"), l.scope()), nil
	}
	return nil, l.badTab()
}
