package service

import (
	"context"
	"errors"

	"guanxi/internal/column"
	"guanxi/internal/crm"
	"guanxi/internal/lists"
	"guanxi/internal/store"
)

// Customers answers a page of the customers that the caller sees, in the tab
// that the query names. What the caller may not see of one is gone from it.
//
// An invalid_parameter_error for a tab, field, value or cursor that is none,
// and for a field that the caller may not ask by.
func (s *Service) Customers(ctx context.Context, c *Caller, q *crm.ListQuery) (items []crm.CustomerItem, page crm.ListPage, err error) {
	org, v := c.Org(), c.Viewer
	err = s.viewList(ctx, org, func(r *store.Read) (bool, error) {
		var ids []int64
		if ids, page, err = s.listed(r, c, lists.Customers, (*listing).customerScope, q); err != nil {
			return true, err
		}
		rows, err := r.CustomersOf(org, ids)
		if err != nil {
			return true, err
		}
		items = make([]crm.CustomerItem, len(rows))
		for i := range rows {
			items[i] = crm.CustomerItem{Customer: rows[i], Self: v.IsSelf(rows[i].OwnerID), Hidden: v.HidesNumbers(rows[i].OwnerID)}
			if rows[i].Labelled {
				ids, err := r.CustomerLabels(org, rows[i].ID)
				if err != nil {
					return true, err
				}
				items[i].Labels = labels(c.Directory, ids)
			}
			k := &items[i].Customer
			v.ConcealAddress("customer", k.OwnerID, &k.Address)
			k.Custom = s.concealValues(c, "customer", k.OwnerID, k.Custom)
		}
		return len(rows) == len(ids), s.relate(r, c, "customer", len(items), func(i int) (crm.Values, *map[crm.RecordRef]string) {
			return items[i].Custom, &items[i].Related
		})
	})
	return items, page, err
}

// CustomersByName is Customers in the form of MatchingName: those whose name
// contains the text of the query, each with its contacts.
func (s *Service) CustomersByName(ctx context.Context, c *Caller, q *crm.ListQuery) ([]crm.Match, crm.ListPage, error) {
	named := *q
	named.Field = "name"
	items, page, err := s.Customers(ctx, c, &named)
	if err != nil {
		return nil, page, err
	}
	found := make([]crm.Match, len(items))
	err = s.store.View(ctx, c.Org(), func(r *store.Read) error {
		for i := range items {
			found[i] = crm.Match{Customer: items[i].Customer, Labels: items[i].Labels, Self: items[i].Self, Hidden: items[i].Hidden}
			contacts, err := r.ContactsOf(c.Org(), items[i].ID)
			if err != nil {
				return err
			}
			for j := range contacts {
				c.Viewer.ConcealAddress("contact", items[i].OwnerID, &contacts[j].Address)
			}
			found[i].Contacts = contacts
		}
		return nil
	})
	return found, page, err
}

// Contacts answers a page of the contacts that the caller sees. customer limits
// them to one customer (0 for all): ErrNotFound where the caller does not see
// that. phoned leaves out those without any number.
func (s *Service) Contacts(ctx context.Context, c *Caller, q *crm.ListQuery, customer int64, phoned bool) (items []crm.ContactItem, page crm.ListPage, err error) {
	org := c.Org()
	scope := func(l *listing) (column.Predicate, error) {
		p, err := l.contactScope()
		if err != nil {
			return nil, err
		}
		if customer != 0 {
			k, err := l.r.CustomerInShort(org, customer)
			if err != nil {
				return nil, notFound(err)
			}
			if err := s.visible(l.r, c, k); err != nil {
				return nil, err
			}
			mine := column.IntEq("customer_id", customer)
			if q.Tab == "" {
				p = mine // also of a customer in a pool, or one that the caller collaborates on
			} else {
				p = column.And(p, mine)
			}
		}
		if phoned {
			if l.secret("address.tel") || l.secret("address.phone") {
				return nil, refusedField("contact", "address.phone", c.Directory)
			}
			p = column.And(p, column.Set("has_phone"))
		}
		return p, nil
	}
	err = s.viewList(ctx, org, func(r *store.Read) (bool, error) {
		var ids []int64
		if ids, page, err = s.listed(r, c, lists.Contacts, scope, q); err != nil {
			return true, err
		}
		rows, err := r.ContactsByID(org, ids)
		if err != nil {
			return true, err
		}
		items, err = s.contactItems(r, c, rows)
		return len(rows) == len(ids), err
	})
	return items, page, err
}

// contactItems gives contacts as lists show them.
func (s *Service) contactItems(r *store.Read, c *Caller, rows []crm.Contact) ([]crm.ContactItem, error) {
	v := c.Viewer
	customers := map[int64]*crm.Customer{}
	items := make([]crm.ContactItem, len(rows))
	for i := range rows {
		k := customers[rows[i].CustomerID]
		if k == nil {
			var err error
			if k, err = r.CustomerInShort(c.Org(), rows[i].CustomerID); errors.Is(err, store.ErrNoRow) {
				k = &crm.Customer{} // gone since, with its contacts
			} else if err != nil {
				return nil, err
			}
			customers[rows[i].CustomerID] = k
		}
		items[i] = crm.ContactItem{Contact: rows[i], CustomerOf: *k, Own: v.IsOwn(k.OwnerID), Self: v.IsSelf(k.OwnerID),
			Hidden: v.HidesNumbers(k.OwnerID)}
		v.ConcealAddress("contact", k.OwnerID, &items[i].Address)
		items[i].Custom = s.concealValues(c, "contact", k.OwnerID, items[i].Custom)
	}
	return items, s.relate(r, c, "contact", len(items), func(i int) (crm.Values, *map[crm.RecordRef]string) {
		return items[i].Custom, &items[i].Related
	})
}

// Leads answers a page of the leads that the caller sees, in the tab that the
// query names.
func (s *Service) Leads(ctx context.Context, c *Caller, q *crm.ListQuery) (items []crm.LeadItem, page crm.ListPage, err error) {
	org := c.Org()
	err = s.viewList(ctx, org, func(r *store.Read) (bool, error) {
		var ids []int64
		if ids, page, err = s.listed(r, c, lists.Leads, (*listing).leadScope, q); err != nil {
			return true, err
		}
		rows, err := r.LeadsOf(org, ids)
		if err != nil {
			return true, err
		}
		v := c.Viewer
		items = make([]crm.LeadItem, len(rows))
		for i := range rows {
			owner := rows[i].OwnerID
			items[i] = crm.LeadItem{Lead: rows[i], Own: v.IsOwn(owner), Self: v.IsSelf(owner), Hidden: v.HidesNumbers(owner)}
			v.ConcealAddress("lead", owner, &items[i].Address)
			items[i].Custom = s.concealValues(c, "lead", owner, items[i].Custom)
		}
		return len(rows) == len(ids), s.relate(r, c, "lead", len(items), func(i int) (crm.Values, *map[crm.RecordRef]string) {
			return items[i].Custom, &items[i].Related
		})
	})
	return items, page, err
}

// FilterValue is one value that a field of a list can be filtered by.
type FilterValue struct{ Value, Label string }

// FilterOptions gives the values of a field that lists of a kind of record can
// be filtered by, in their order; ErrNotFound for a field that has none.
func (s *Service) FilterOptions(c *Caller, entity, name string) ([]FilterValue, error) {
	l := &listing{s: s, c: c, entity: entity, q: &crm.ListQuery{}}
	if l.secret(name) {
		return nil, refusedField(entity, name, c.Directory)
	}
	return l.values(name)
}
