package service

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"guanxi/internal/column"
	"guanxi/internal/crm"
	"guanxi/internal/lists"
	"guanxi/internal/store"
	"guanxi/internal/zh"
)

// DuplicateHit is a record that the search for duplicates has found: what the
// setting's columns allow of it and nothing more.
type DuplicateHit struct {
	Entity string
	ID     int64
	// Self says that it is the caller's own, Open that the caller may open its
	// detail, Turned that it is a lead that has become a customer.
	Self, Open, Turned bool
	Columns            []HitColumn
}

// HitColumn is a column of a hit.
type HitColumn struct{ Name, Label, Value string }

// Column is the text of a column, "" where the setting does not show it.
func (h *DuplicateHit) Column(name string) string {
	for _, c := range h.Columns {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// Bounds of a search.
const (
	mostEqual = 1000 // records with an equal value that are looked at, for each rule
	shortest  = 2    // characters from which on a part of a name is enough
)

// nameColumns are the names of a record: a part of one is enough for a hit.
var nameColumns = map[string][]string{"customer": {"name"}, "contact": {"name"}, "lead": {"name", "company_name"}}

// SearchDuplicates looks in the whole organization for records with a text: in
// the fields that take part in the check, where they equal it, and in names, of
// which two characters are enough. Equal ones come first. Leads are looked for
// among customers and contacts too where the setting says so.
//
// An invalid_parameter_error for an entity that is none and for no text.
func (s *Service) SearchDuplicates(ctx context.Context, c *Caller, entity, text string, page, perPage int) (hits []DuplicateHit,
	out crm.ListPage, err error) {
	if err := formEntity(entity); err != nil {
		return nil, out, err
	}
	text = strings.TrimSpace(text)
	if text == "" {
		zhLabel, enLabel := crm.FieldLabel("", "query")
		return nil, out, crm.BadParam(zhLabel+"(query)不能为空", enLabel+" (query) must not be blank")
	}
	q := normalised(&crm.ListQuery{Page: page, PerPage: perPage})
	err = s.viewList(ctx, c.Org(), func(r *store.Read) (bool, error) {
		refs, total, err := s.findDuplicates(r, c, entity, text, (q.Page-1)*q.PerPage, q.PerPage)
		if err != nil {
			return true, err
		}
		out = crm.ListPage{Page: q.Page, PerPage: q.PerPage, Total: total, More: (q.Page-1)*q.PerPage+len(refs) < total}
		hits, err = s.duplicateHits(r, c, refs)
		return len(hits) == len(refs), err
	})
	return hits, out, err
}

// findDuplicates gives the page of hits behind an offset, and how many there
// are.
func (s *Service) findDuplicates(r *store.Read, c *Caller, entity, text string, offset, limit int) ([]crm.RecordRef, int, error) {
	equal, err := s.equalRecords(r, c, entity, text)
	if err != nil {
		return nil, 0, err
	}
	page := slices.Clone(equal[min(offset, len(equal)):min(offset+limit, len(equal))])
	total := len(equal)
	needle := zh.Fold(text)
	if len([]rune(needle)) < shortest {
		return page, total, nil
	}
	var named []column.Predicate
	var need []string
	for _, name := range nameColumns[entity] {
		named = append(named, column.TextContains(name, needle))
		if name != "name" {
			need = append(need, name)
		}
	}
	var known []int64
	for _, ref := range equal {
		if ref.Entity == entity {
			known = append(known, ref.ID)
		}
	}
	found, err := s.lists.Select(r, c.Org(), s.store.Epoch(), entity, c.Directory.Fields[entity], need, column.Query{
		Where: column.And(column.Or(named...), column.Not(column.IDIn(known...))), Sort: []column.Order{{Column: column.ID}},
		Offset: max(0, offset-len(equal)), Limit: limit - len(page)})
	if err != nil {
		return nil, 0, err
	}
	for _, id := range found.IDs[:min(len(found.IDs), limit-len(page))] {
		page = append(page, crm.RecordRef{Entity: entity, ID: id})
	}
	return page, total + found.Total, nil
}

// equalRecords gives the records with an equal value in a field that takes part,
// in the order of their ids; of an entity that is looked for among others too,
// those behind.
func (s *Service) equalRecords(r *store.Read, c *Caller, entity, text string) ([]crm.RecordRef, error) {
	d := c.Directory
	wide := entity == "lead" && d.Organization.Settings.Duplicates[entity].Across
	var own, others []crm.RecordRef
	for _, rule := range d.Rules {
		into := &own
		switch {
		case rule.State != crm.RuleActive:
			continue
		case rule.Entity == entity:
		case wide && alsoChecked(d, entity, rule):
			into = &others
		default:
			continue
		}
		key := zh.Fold(text)
		if isNumber(d, rule.Entity, rule.Field) {
			key = zh.FoldNumber(text)
		}
		if key == "" {
			continue
		}
		ids, err := r.RecordsWithKey(c.Org(), rule.ID, key, mostEqual)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			*into = append(*into, crm.RecordRef{Entity: rule.Entity, ID: id})
		}
	}
	return slices.Concat(inOrder(own), inOrder(others)), nil
}

// alsoChecked tells whether a rule of another entity holds the same as a field
// that takes part for this one.
func alsoChecked(d *crm.Directory, entity string, rule *crm.DuplicateRule) bool {
	return rule.Entity != entity && slices.ContainsFunc(d.Rules, func(x *crm.DuplicateRule) bool {
		return x.Entity == entity && x.State == crm.RuleActive && across(rule.Entity, x.Field) == rule.Field
	})
}

// inOrder puts records in order, each once: customers before contacts before
// leads.
func inOrder(refs []crm.RecordRef) []crm.RecordRef {
	entities := []string{lists.Customers, lists.Contacts, lists.Leads}
	slices.SortFunc(refs, func(a, b crm.RecordRef) int {
		if a.Entity != b.Entity {
			return slices.Index(entities, a.Entity) - slices.Index(entities, b.Entity)
		}
		return cmp.Compare(a.ID, b.ID)
	})
	return slices.Compact(refs)
}

// duplicateHits reads what the hits of a page show; records that are gone are
// left out.
func (s *Service) duplicateHits(r *store.Read, c *Caller, refs []crm.RecordRef) ([]DuplicateHit, error) {
	hits := make([]DuplicateHit, 0, len(refs))
	for _, ref := range refs {
		h, err := s.duplicateHit(r, c, ref)
		if ok, err := there(err); err != nil {
			return nil, err
		} else if ok {
			hits = append(hits, *h)
		}
	}
	return hits, nil
}

// hitRecord is a record of any kind as its hit is made of it.
type hitRecord struct {
	values                      record
	owner, department, pool     int64
	created, updated, revisited crm.Time
	customer                    *crm.Customer // of a contact
	address                     *crm.Address
	custom                      *crm.Values
	turned                      bool
	assistants                  func() ([]int64, error)
	remake                      func() record
}

func (s *Service) duplicateHit(r *store.Read, c *Caller, ref crm.RecordRef) (*DuplicateHit, error) {
	x, err := s.hitRecord(r, c, ref)
	if err != nil {
		return nil, err
	}
	v := c.Viewer
	a, err := reachOf(c, x.owner, x.department, x.pool, x.assistants)
	if err != nil {
		return nil, err
	}
	h := &DuplicateHit{Entity: ref.Entity, ID: ref.ID, Self: v.IsSelf(x.owner), Turned: x.turned}
	h.Open = a != reachNone && !x.turned
	x.conceal(c, ref.Entity, !h.Self)
	for _, name := range DuplicateSettingOf(c.Directory, ref.Entity).Columns {
		label, _ := c.Directory.Label(ref.Entity, name)
		column := HitColumn{Name: name, Label: label}
		if !v.Conceals(ref.Entity+"."+name, x.owner) {
			column.Value = x.text(s, c, ref.Entity, name)
		}
		h.Columns = append(h.Columns, column)
	}
	return h, nil
}

// hitRecord reads a record of any kind.
func (s *Service) hitRecord(r *store.Read, c *Caller, ref crm.RecordRef) (*hitRecord, error) {
	org := c.Org()
	assistants := func(customer int64) func() ([]int64, error) {
		return func() ([]int64, error) { return r.Assistants(org, customer) }
	}
	switch ref.Entity {
	case "lead":
		l, err := r.Lead(org, ref.ID)
		if err != nil {
			return nil, err
		}
		return &hitRecord{owner: l.OwnerID, department: l.DepartmentID, pool: l.PoolID, created: l.CreatedAt, updated: l.UpdatedAt,
			revisited: l.RevisitAt, address: &l.Address, custom: &l.Custom, turned: l.Turned(),
			remake: func() record { return leadRecord(l) }}, nil
	case "contact":
		k, err := r.Contact(org, ref.ID)
		if err != nil {
			return nil, err
		}
		customer, err := r.CustomerInShort(org, k.CustomerID)
		if err != nil {
			return nil, err
		}
		return &hitRecord{owner: customer.OwnerID, department: customer.DepartmentID, pool: customer.PoolID, created: k.CreatedAt,
			updated: k.UpdatedAt, customer: customer, address: &k.Address, custom: &k.Custom, assistants: assistants(customer.ID),
			remake: func() record { return contactRecord(k) }}, nil
	}
	k, err := r.Customer(org, ref.ID)
	if err != nil {
		return nil, err
	}
	return &hitRecord{owner: k.OwnerID, department: k.DepartmentID, pool: k.PoolID, created: k.CreatedAt, updated: k.UpdatedAt,
		revisited: k.RevisitAt, address: &k.Address, custom: &k.Custom, assistants: assistants(k.ID),
		remake: func() record { return customerRecord(k, nil) }}, nil
}
