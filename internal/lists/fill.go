package lists

import (
	"fmt"
	"slices"
	"strconv"

	"guanxi/internal/column"
	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// An extra is a column that not every list has: a text of the system's, or an
// own field.
type extra struct {
	column.Column
	own *crm.CustomField // nil for a text
}

// extraOf finds what a column that is asked for holds.
func extraOf(entity string, fields []*crm.CustomField, name string) (extra, error) {
	if store.HasTextFeed(entity, name) {
		return extra{text(name), nil}, nil
	}
	i := slices.IndexFunc(fields, func(f *crm.CustomField) bool { return f.Name == name })
	if i < 0 {
		return extra{}, fmt.Errorf("lists: there is no column %s of %s", name, entity)
	}
	if k := field.Find(fields[i].Kind); k == nil || k.Held == field.HeldNot {
		return extra{}, fmt.Errorf("lists: the field %s of %s is in no column", name, entity)
	}
	return extra{columnOf(fields[i]), fields[i]}, nil
}

// eachExtra reads extras of the records of some parts and calls fn with each
// value that is set: a string, a float64 or an int64.
func eachExtra(r *store.Read, org int64, entity string, extras []extra, parts []store.Part, fn func(id int64, i int, value any)) error {
	var names []string
	custom := false
	for _, e := range extras {
		if e.own != nil {
			custom = true
		} else {
			names = append(names, e.Name)
		}
	}
	return r.TextFeed(org, entity, names, custom, parts, func(id int64, texts []crm.Text, values crm.Values) error {
		at := 0
		for i, e := range extras {
			if e.own == nil {
				if text := texts[at].Value; text != "" {
					fn(id, i, text)
				}
				at++
			} else if v := customValue(e.own, values); v != nil {
				fn(id, i, v)
			}
		}
		return nil
	})
}

// reading reads records of a list into rows of its table.
type reading struct {
	name
	extras []extra // behind the usual columns, in the order of the table
	// owners gives what decides who sees some customers, for their contacts; who
	// is not there is left out.
	owners func(r *store.Read, customers []int64) (map[int64]owner, error)
}

// owner is what decides who sees a customer's contacts.
type owner struct {
	user, department, pool int64
	assistants             string
}

// rows reads the records of some parts and hands over each with its row, which
// fresh gives, in the order of ids where the parts are in order.
func (x *reading) rows(r *store.Read, parts []store.Part, fresh func() *column.Row, fn func(id int64, row *column.Row) error) error {
	type value struct {
		at    int
		value any
	}
	more := map[int64][]value{}
	if len(x.extras) > 0 {
		first := len(usual(x.entity))
		err := eachExtra(r, x.org, x.entity, x.extras, parts, func(id int64, i int, v any) {
			more[id] = append(more[id], value{first + i, v})
		})
		if err != nil {
			return err
		}
	}
	put := func(id int64, row *column.Row) error {
		for _, v := range more[id] {
			switch held := v.value.(type) {
			case float64:
				row.SetFloat(v.at, held)
			case int64:
				row.SetInt(v.at, held)
			case string:
				row.SetText(v.at, held)
			}
		}
		return fn(id, row)
	}
	switch x.entity {
	case Customers:
		return x.customers(r, parts, fresh, put)
	case Contacts:
		return x.contacts(r, parts, fresh, put)
	}
	return r.LeadFeed(x.org, parts, func(l *crm.Lead) error {
		row := fresh()
		for i := range leadInts {
			row.SetInt(i, leadInts[i].of(l))
		}
		row.SetText(len(leadInts), l.Name)
		return put(l.ID, row)
	})
}

func (x *reading) customers(r *store.Read, parts []store.Part, fresh func() *column.Row, put func(int64, *column.Row) error) error {
	assistants, err := tokensBy(r.AssistantFeed, x.org, parts)
	if err != nil {
		return err
	}
	labels, err := tokensBy(r.LabelFeed, x.org, parts)
	if err != nil {
		return err
	}
	return r.CustomerFeed(x.org, parts, func(c *crm.Customer) error {
		row := fresh()
		for i := range customerInts {
			row.SetInt(i, customerInts[i].of(c))
		}
		row.SetText(len(customerInts), c.Name)
		row.SetText(len(customerInts)+1, assistants[c.ID])
		row.SetText(len(customerInts)+2, labels[c.ID])
		return put(c.ID, row)
	})
}

func (x *reading) contacts(r *store.Read, parts []store.Part, fresh func() *column.Row, put func(int64, *column.Row) error) error {
	type contact struct {
		id, customer int64
		name         string
		ints         [len(contactInts)]int64
	}
	var contacts []contact
	var customers []int64
	err := r.ContactFeed(x.org, parts, func(k *crm.Contact) error {
		c := contact{id: k.ID, customer: k.CustomerID, name: k.Name}
		for i := range contactInts {
			if of := contactInts[i].of; of != nil {
				c.ints[i] = of(k)
			}
		}
		contacts, customers = append(contacts, c), append(customers, k.CustomerID)
		return nil
	})
	if err != nil {
		return err
	}
	owners, err := x.owners(r, unique(customers))
	if err != nil {
		return err
	}
	for i := range contacts {
		k, row := &contacts[i], fresh()
		of := owners[k.customer]
		for i := range contactInts {
			if by := contactInts[i].by; by != nil {
				k.ints[i] = by(&of)
			}
			row.SetInt(i, k.ints[i])
		}
		row.SetText(len(contactInts), k.name)
		row.SetText(len(contactInts)+1, of.assistants)
		if err := put(k.id, row); err != nil {
			return err
		}
	}
	return nil
}

// readOwners reads of some customers, whose ids rise, what decides who sees their
// contacts.
func readOwners(org int64) func(*store.Read, []int64) (map[int64]owner, error) {
	return func(r *store.Read, customers []int64) (map[int64]owner, error) {
		parts := partsOf(customers)
		assistants, err := tokensBy(r.AssistantFeed, org, parts)
		if err != nil {
			return nil, err
		}
		found := map[int64]owner{}
		return found, r.CustomerFeed(org, parts, func(c *crm.Customer) error {
			found[c.ID] = owner{c.OwnerID, c.DepartmentID, c.PoolID, assistants[c.ID]}
			return nil
		})
	}
}

// ownersIn takes the same out of a list of customers.
func ownersIn(customers *column.Table) func(*store.Read, []int64) (map[int64]owner, error) {
	return func(_ *store.Read, ids []int64) (map[int64]owner, error) {
		found := make(map[int64]owner, len(ids))
		err := customers.Read(ids, []string{"user_id", "department_id", "pool_id", "assistants"}, func(c column.Record) {
			found[c.ID()] = owner{c.Int(0), c.Int(1), c.Int(2), c.Text(3)}
		})
		return found, err
	}
}

// tokensBy reads what belongs to customers, as tokens.
func tokensBy(feed func(int64, []store.Part, func(customer, id int64) error) error, org int64, parts []store.Part) (map[int64]string, error) {
	found := map[int64]string{}
	return found, feed(org, parts, func(customer, id int64) error {
		found[customer] += field.Token(strconv.FormatInt(id, 10))
		return nil
	})
}

// partsOf are the parts with exactly these ids, which rise; those that follow
// each other are one part.
func partsOf(ids []int64) (parts []store.Part) {
	for _, id := range ids {
		if n := len(parts); n > 0 && parts[n-1].Last == id-1 {
			parts[n-1].Last = id
		} else {
			parts = append(parts, store.One(id))
		}
	}
	return parts
}

func unique(ids []int64) []int64 {
	slices.Sort(ids)
	return slices.Compact(ids)
}
