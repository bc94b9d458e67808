package v2

import (
	"slices"
	"strings"

	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// whole reads a whole number of the query; fallback where it is not given.
func whole(p *param.Params, name string, fallback int) (int, error) {
	n, given, err := p.Int64(name)
	switch {
	case err != nil:
		return 0, call.BadField("", err)
	case !given:
		return fallback, nil
	case n < 0:
		return 0, wrongType("", name, mustBePositive)
	}
	return int(min(n, 1<<31-1)), nil
}

// paging reads page and per_page: page 0 is page 1, more than the most of one
// page is the most (api-core §3, wire §1).
func paging(p *param.Params) (page, perPage int, err error) {
	if page, err = whole(p, "page", 1); err != nil {
		return 0, 0, err
	}
	if perPage, err = whole(p, "per_page", crm.DefaultPerPage); err != nil {
		return 0, 0, err
	}
	if perPage == 0 {
		perPage = crm.DefaultPerPage
	}
	return max(1, page), min(perPage, crm.MaxPerPage), nil
}

// listQuery reads what all lists of records take: page, per_page or cursor;
// query and custom_field_name; sort and order; tab_type; and every field that
// the list is filtered by under its own name. Two days in a list are a range. An
// empty parameter is as if it were not given, an unknown one is ignored.
func listQuery(c *call.Call, entity string) (*crm.ListQuery, *param.Params, error) {
	p, err := c.Params()
	if err != nil {
		return nil, nil, err
	}
	q := &crm.ListQuery{Cursor: p.String("cursor"), Text: p.String("query"), Field: p.String("custom_field_name"),
		Sort: p.String("sort"), Tab: p.String("tab_type")}
	if q.Page, q.PerPage, err = paging(p); err != nil {
		return nil, nil, err
	}
	switch strings.ToLower(p.String("order")) {
	case "", "desc":
	case "asc":
		q.Ascending = true
	default:
		return nil, nil, crm.BadParam("order只能是asc或desc", "order can only be asc or desc")
	}
	for _, name := range service.FilterFields(c.Caller.Directory, entity) {
		v := p.Get(name)
		if short, ok := strings.CutPrefix(name, "address."); ok && !v.Filled() {
			v = p.Get(short)
		}
		if f, given, err := filter(entity, name, v); err != nil {
			return nil, nil, err
		} else if given {
			q.Filters = append(q.Filters, f)
		}
	}
	return q, p, nil
}

// filter reads the condition on one field.
func filter(entity, name string, v param.Value) (f crm.Filter, given bool, err error) {
	f.Field = name
	switch {
	case !v.Filled():
		return f, false, nil
	case v.IsList():
		f.Values = v.AsStrings()
	case v.Kind() == param.KindObject || v.Kind() == param.KindFile:
		return f, false, wrongType(entity, name, mustBeText)
	default:
		f.Values = []string{v.Text()}
	}
	for i, text := range f.Values {
		f.Values[i] = strings.Clone(strings.TrimSpace(text))
	}
	switch {
	case len(f.Values) == 0: // an empty list, or one of things that are no values
		return f, false, nil
	case len(f.Values) > 100:
		return f, false, crm.BadParam("筛选的值过多", "A filter has too many values").With(name)
	}
	f.From, f.To = f.Values[0], f.Values[len(f.Values)-1]
	return f, slices.ContainsFunc(f.Values, func(s string) bool { return s != "" }), nil
}

// page writes a list: its records and, behind them, what all lists say.
func (s *shape) page(name string, p crm.ListPage, n int, item func(i int)) {
	s.data(func() {
		s.Array(name)
		for i := range n {
			item(i)
		}
		s.EndArray()
		s.pageInfo(p)
	})
}

func (s *shape) pageInfo(p crm.ListPage) {
	s.Int("total_count", int64(p.Total))
	s.Int("per_page", int64(p.PerPage))
	s.Int("page", int64(p.Page))
	s.Bool("has_next_page", p.More)
	s.String("next_cursor", p.Cursor)
}

// Customers answers GET /api/v2/customers.
func Customers(c *call.Call) error { return customers(c, "") }

// PoolCustomers answers GET /api/v2/common_customers: what lies in the pools
// that the caller sees into, or in one of them (common_id).
func PoolCustomers(c *call.Call) error { return customers(c, "common") }

func customers(c *call.Call, tab string) error {
	q, p, err := listQuery(c, "customer")
	if err != nil {
		return err
	}
	if tab != "" {
		q.Tab = tab
	}
	if err := inPool(q, p, "customer_common_setting_id"); err != nil {
		return err
	}
	items, page, err := c.Service.Customers(c.Context(), c.Caller, q)
	if err != nil {
		return err
	}
	s := shapes(c)
	s.page("customers", page, len(items), func(i int) { s.customerItem(&items[i]) })
	return nil
}

// inPool reads common_id, the pool that a list is about.
func inPool(q *crm.ListQuery, p *param.Params, field string) error {
	v := p.Get("common_id")
	f, given, err := filter("pool", "common_id", v)
	if err != nil || !given {
		return err
	}
	f.Field = field
	q.Filters = append(q.Filters, f)
	return nil
}

// CustomersByName answers GET /api/v2/customers/by_name: customers whose name
// contains the query, in the form of the look-up for duplicates.
func CustomersByName(c *call.Call) error {
	q, _, err := listQuery(c, "customer")
	if err != nil {
		return err
	}
	found, page, err := c.Service.CustomersByName(c.Context(), c.Caller, q)
	if err != nil {
		return err
	}
	s := shapes(c)
	s.page("customers", page, len(found), func(i int) { s.match(&found[i]) })
	return nil
}

// Contacts answers GET /api/v2/contacts.
func Contacts(c *call.Call) error {
	q, p, err := listQuery(c, "contact")
	if err != nil {
		return err
	}
	var customer int64
	switch entity := p.String("entity"); entity {
	case "", "customer":
		if entity != "" || p.Given("entity_id") {
			if customer, err = oneID(p, "contact", "entity_id"); err != nil {
				return err
			}
		}
	case "opportunity":
		return crm.BadParam("暂不支持按商机查询联系人", "Contacts of opportunities are not supported yet")
	default:
		return crm.BadParam("entity只能是customer或opportunity", "entity can only be customer or opportunity")
	}
	phoned, _, err := p.Bool("has_phone")
	if err != nil {
		return call.BadField("contact", err)
	}
	all, _, err := p.Bool("all_phone_number")
	if err != nil {
		return call.BadField("contact", err)
	}
	items, page, err := c.Service.Contacts(c.Context(), c.Caller, q, customer, phoned)
	if err != nil {
		return err
	}
	s := shapes(c)
	s.page("contacts", page, len(items), func(i int) { s.contactItem(&items[i], all) })
	return nil
}

// SimplestContacts answers GET /api/v2/contacts/simplest: id and name of a
// customer's contacts, or of all that the caller sees.
func SimplestContacts(c *call.Call) error {
	q, p, err := listQuery(c, "contact")
	if err != nil {
		return err
	}
	var customer int64
	if p.Given("customer_id") {
		if customer, err = oneID(p, "contact", "customer_id"); err != nil {
			return err
		}
	}
	q.Filters = slices.DeleteFunc(q.Filters, func(f crm.Filter) bool { return f.Field == "customer_id" })
	items, page, err := c.Service.Contacts(c.Context(), c.Caller, q, customer, false)
	if err != nil {
		return err
	}
	s := shapes(c)
	s.page("contacts", page, len(items), func(i int) {
		s.Object("")
		s.Int("id", items[i].ID)
		s.String("name", items[i].Name)
		s.End()
	})
	return nil
}

// Leads answers GET /api/v2/leads.
func Leads(c *call.Call) error { return leads(c, "") }

// PoolLeads answers GET /api/v2/common_leads.
func PoolLeads(c *call.Call) error { return leads(c, "common") }

func leads(c *call.Call, tab string) error {
	q, p, err := listQuery(c, "lead")
	if err != nil {
		return err
	}
	if turned, _, err := p.Bool("turned_to_customer"); err != nil {
		return call.BadField("lead", err)
	} else if turned && q.Tab == "" {
		q.Tab = "turned"
	}
	if tab != "" {
		q.Tab = tab
	}
	if err := inPool(q, p, "lead_common_setting_id"); err != nil {
		return err
	}
	items, page, err := c.Service.Leads(c.Context(), c.Caller, q)
	if err != nil {
		return err
	}
	s := shapes(c)
	s.page("leads", page, len(items), func(i int) { s.leadListItem(&items[i]) })
	return nil
}
