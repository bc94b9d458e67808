package store

import (
	"context"
	"math"
	"slices"
	"strings"

	"guanxi/internal/crm"
)

// The methods of this file read, in the order of ids, the columns that lists are
// filtered and sorted by: of all records part by part, or of some.

// Part is the records whose ids lie behind After, up to and with Last.
type Part struct{ After, Last int64 }

// One is the part with a single record.
func One(id int64) Part { return Part{id - 1, id} }

// feedTables are the tables of the kinds of records that there are lists of.
var feedTables = map[string]struct{ count, end string }{
	"customer": {`SELECT count(*) FROM customers WHERE organization_id = $1`,
		`SELECT id FROM customers WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3`},
	"contact": {`SELECT count(*) FROM contacts WHERE organization_id = $1`,
		`SELECT id FROM contacts WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3`},
	"lead": {`SELECT count(*) FROM leads WHERE organization_id = $1`,
		`SELECT id FROM leads WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3`},
}

// CountRecords tells how many records of a kind there are.
func (r *Read) CountRecords(org int64, entity string) (n int, err error) {
	return n, one(r.tx, feedTables[entity].count, []any{org}, &n)
}

// PartOf gives the part of the records of a kind behind an id that has so many of
// them; where there are fewer it is open, and the last.
func (r *Read) PartOf(org int64, entity string, after int64, size int) (p Part, last bool, err error) {
	p = Part{after, math.MaxInt64}
	err = one(r.tx, feedTables[entity].end, []any{org, after, size - 1}, &p.Last)
	if err == ErrNoRow {
		return Part{after, math.MaxInt64}, true, nil
	}
	return p, false, err
}

const customerFeed = `SELECT id, user_id, creator_id, department_id, parent_id, name, status, category, source, industry,
	staff_size, approve_status, custom_field_template_id, pool_id, home_pool_id, lead_id, revisit_at, revisit_remind_at,
	flow_into_at, owned_at, created_at, updated_at, province_id, city_id, district_id
	FROM customers WHERE organization_id = $1 AND id > $2 AND id <= $3 ORDER BY id`

// CustomerFeed calls fn for each customer of the parts; fn must not keep it.
func (r *Read) CustomerFeed(org int64, parts []Part, fn func(*crm.Customer) error) error {
	var c crm.Customer
	dest := []any{&c.ID, &c.OwnerID, &c.CreatorID, &c.DepartmentID, &c.ParentID, &c.Name, &c.Status, &c.Category, &c.Source,
		&c.Industry, &c.StaffSize, &c.Approval, &c.TemplateID, &c.PoolID, &c.HomePoolID, &c.LeadID, &c.RevisitAt,
		&c.RevisitRemindAt, &c.FlowIntoAt, &c.OwnedAt, &c.CreatedAt, &c.UpdatedAt, &c.Address.ProvinceID, &c.Address.CityID,
		&c.Address.DistrictID}
	return r.feed(customerFeed, org, parts, dest, func() error { return fn(&c) })
}

const leadFeed = `SELECT id, user_id, creator_id, department_id, name, status, source, pool_id, home_pool_id, turned_customer_id,
	turned_at, revisit_at, revisit_remind_at, flow_into_at, owned_at, created_at, updated_at, province_id, city_id, district_id
	FROM leads WHERE organization_id = $1 AND id > $2 AND id <= $3 ORDER BY id`

// LeadFeed is CustomerFeed for leads.
func (r *Read) LeadFeed(org int64, parts []Part, fn func(*crm.Lead) error) error {
	var l crm.Lead
	dest := []any{&l.ID, &l.OwnerID, &l.CreatorID, &l.DepartmentID, &l.Name, &l.Status, &l.Source, &l.PoolID, &l.HomePoolID,
		&l.CustomerID, &l.TurnedAt, &l.RevisitAt, &l.RevisitRemindAt, &l.FlowIntoAt, &l.OwnedAt, &l.CreatedAt, &l.UpdatedAt,
		&l.Address.ProvinceID, &l.Address.CityID, &l.Address.DistrictID}
	return r.feed(leadFeed, org, parts, dest, func() error { return fn(&l) })
}

const contactFeed = `SELECT id, customer_id, creator_id, name, category, gender, created_at, updated_at, tel, phone
	FROM contacts WHERE organization_id = $1 AND id > $2 AND id <= $3 ORDER BY id`

// ContactFeed is CustomerFeed for contacts.
func (r *Read) ContactFeed(org int64, parts []Part, fn func(*crm.Contact) error) error {
	var k crm.Contact
	dest := []any{&k.ID, &k.CustomerID, &k.CreatorID, &k.Name, &k.Category, &k.Gender, &k.CreatedAt, &k.UpdatedAt,
		&k.Address.Tel, &k.Address.Phone}
	return r.feed(contactFeed, org, parts, dest, func() error { return fn(&k) })
}

// textColumns are the columns of texts, by kind of record and their names on the
// wire.
var textColumns = func() map[string]map[string]string {
	all := map[string]map[string]string{}
	for entity, own := range map[string][]string{"customer": {"company_name"}, "contact": {"department", "job", "birth_date"},
		"lead": {"company_name", "department", "job"}} {
		m := map[string]string{}
		for _, name := range append(own, "note", "name_pinyin") {
			m[name] = name
		}
		for _, name := range []string{"tel", "phone", "email", "qq", "fax", "wechat", "wangwang", "zip", "url", "detail_address"} {
			m["address."+name] = name
		}
		all[entity] = m
	}
	return all
}()

// HasTextFeed reports whether TextFeed can read a column.
func HasTextFeed(entity, name string) bool { return textColumns[entity][name] != "" }

// TextFeed reads columns of texts of the records of the parts, and the values of
// own fields where they are asked for. fn must not keep the texts.
func (r *Read) TextFeed(org int64, entity string, names []string, custom bool, parts []Part,
	fn func(id int64, texts []crm.Text, custom crm.Values) error) error {
	var id int64
	var values crm.Values
	texts := make([]crm.Text, len(names))
	columns, dest := []string{"id"}, []any{&id}
	for i, name := range names {
		columns, dest = append(columns, textColumns[entity][name]), append(dest, &texts[i])
	}
	if custom {
		columns, dest = append(columns, "custom_values"), append(dest, &values)
	}
	table := map[string]string{"customer": "customers", "contact": "contacts", "lead": "leads"}[entity]
	sql := `/* columns of a list */ SELECT ` + strings.Join(columns, ", ") + ` FROM ` + table +
		` WHERE organization_id = $1 AND id > $2 AND id <= $3 ORDER BY id`
	return r.feed(sql, org, parts, dest, func() error { return fn(id, texts, values) })
}

// AssistantFeed calls fn with each collaborator of each customer of the parts.
func (r *Read) AssistantFeed(org int64, customers []Part, fn func(customer, user int64) error) error {
	var customer, user int64
	return r.feed(`SELECT customer_id, user_id FROM customer_assistants WHERE organization_id = $1 AND customer_id > $2
		AND customer_id <= $3 ORDER BY customer_id, user_id`, org, customers, []any{&customer, &user},
		func() error { return fn(customer, user) })
}

// LabelFeed is AssistantFeed for labels.
func (r *Read) LabelFeed(org int64, customers []Part, fn func(customer, label int64) error) error {
	var customer, label int64
	return r.feed(`SELECT customer_id, label_id FROM customer_labels WHERE organization_id = $1 AND customer_id > $2
		AND customer_id <= $3 ORDER BY customer_id, label_id`, org, customers, []any{&customer, &label},
		func() error { return fn(customer, label) })
}

// ContactFeedOf calls fn with the id of each contact of each of the customers.
func (r *Read) ContactFeedOf(org int64, customers []int64, fn func(contact int64) error) error {
	var id int64
	for some := range slices.Chunk(customers, partsAtOnce) {
		questions := make([]Question, len(some))
		for i, customer := range some {
			questions[i] = Question{SQL: `SELECT id FROM contacts WHERE organization_id = $1 AND customer_id = $2 ORDER BY id`,
				Args: []any{org, customer}, Each: scanInto([]any{&id}, func() error { return fn(id) })}
		}
		if err := r.tx.Together(questions...); err != nil {
			return err
		}
	}
	return nil
}

// partsAtOnce is how many parts are asked for in one trip.
const partsAtOnce = 500

// feed reads parts into dest, row by row.
func (r *Read) feed(sql string, org int64, parts []Part, dest []any, fn func() error) error {
	for some := range slices.Chunk(parts, partsAtOnce) {
		questions := make([]Question, len(some))
		for i, p := range some {
			questions[i] = Question{SQL: sql, Args: []any{org, p.After, p.Last}, Each: scanInto(dest, fn)}
		}
		if err := r.tx.Together(questions...); err != nil {
			return err
		}
	}
	return nil
}

func scanInto(dest []any, fn func() error) func(Rows) error {
	return func(rows Rows) error {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		return fn()
	}
}

// OrganizationsInUse gives the organizations that have a live session which was
// used after a moment.
func (s *Store) OrganizationsInUse(ctx context.Context, after crm.Time) (orgs []int64, err error) {
	err = s.engine.view(ctx, installation, func(tx Tx) error {
		orgs = nil
		return each(tx, `SELECT DISTINCT organization_id FROM tokens WHERE state = 'live' AND last_used_at > $1
			ORDER BY organization_id`, []any{int64(after)}, func(rows Rows) error {
			var org int64
			err := rows.Scan(&org)
			orgs = append(orgs, org)
			return err
		})
	})
	return orgs, err
}
