package lists

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"guanxi/internal/column"
	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// model is what the lists must show, kept beside the database.
type model struct {
	t      *rapid.T
	org    int64
	s      *source
	beside *sql.DB
	k      *Keeper
	// later are changes that are made while the keeper works; with onlyLater all
	// are.
	later     []func()
	onlyLater bool

	own       []*crm.CustomField
	customers map[int64]*crm.Customer
	assist    map[int64][]int64
	labels    map[int64][]int64
	contacts  map[int64]*crm.Contact
	leads     map[int64]*crm.Lead
	next      int64
}

func newModel(t *rapid.T, s *store.Store, beside *sql.DB, budget int64) *model {
	m := &model{t: t, org: newOrganization(t, s), s: &source{Store: s}, beside: beside, customers: map[int64]*crm.Customer{}, assist: map[int64][]int64{},
		labels: map[int64][]int64{}, contacts: map[int64]*crm.Contact{}, leads: map[int64]*crm.Lead{},
		own: []*crm.CustomField{
			{Entity: "customer", Name: "text_asset_aaaaaa", Kind: "text", Enabled: true},
			{Entity: "customer", Name: "numeric_asset_bbbbbb", Kind: "integer", Enabled: true},
			{Entity: "customer", Name: "text_asset_cccccc", Kind: "multi_select", Enabled: true},
		}}
	m.k = New(m.s, budget, nil)
	m.s.before = func() error {
		if len(m.later) > 0 {
			m.later[0]()
			m.later = m.later[1:]
		}
		return m.glance()
	}
	return m
}

// glance asks every list what does not have to be waited for.
func (m *model) glance() error {
	for _, entity := range []string{Customers, Contacts, Leads} {
		_, err := question{org: m.org, entity: entity, own: m.own}.once(m.s, m.k)
		var behind *Behind
		if err != nil && !errors.As(err, &behind) {
			return err
		}
	}
	return nil
}

// do makes a change now, or while the keeper works. What it is about may be gone
// then: each looks.
func (m *model) do(fn func()) {
	if !m.onlyLater && rapid.IntRange(0, 2).Draw(m.t, "now") > 0 {
		fn()
		return
	}
	m.s.mu.Lock()
	defer m.s.mu.Unlock()
	m.later = append(m.later, fn)
}

func (m *model) update(entity string, id int64, fn func(w *store.Write) error) {
	change(m.t, m.s.Store, m.org, func(w *store.Write) error {
		if err := fn(w); err != nil {
			return err
		}
		return note(w, entity, id)
	})
}

func (m *model) id() int64 {
	m.next++
	return m.next
}

func (m *model) customer(id int64) *crm.Customer {
	t := m.t
	c := &crm.Customer{ID: id, OwnerID: rapid.Int64Range(0, 4).Draw(t, "owner"), Status: rapid.Int64Range(0, 2).Draw(t, "status"),
		Name:     rapid.SampledFrom([]string{"上海华润", "北京华润", "小米", "ＡＢＣ公司", "重庆 示例"}).Draw(t, "name"),
		Approval: crm.Approved, CreatedAt: crm.Time(rapid.Int64Range(1, 5).Draw(t, "created")), UpdatedAt: 1,
		Address: crm.Address{ID: id, Tel: crm.T(rapid.SampledFrom([]string{"", "13800000000", "13900000000"}).Draw(t, "tel"))}}
	if n := rapid.IntRange(0, 3).Draw(t, "custom"); n > 0 {
		c.Custom = crm.Values(fmt.Sprintf(`{"text_asset_aaaaaa":"值%d","numeric_asset_bbbbbb":%d,"text_asset_cccccc":["mul_%d","mul_9"]}`, n, n, n))
	}
	return c
}

// one draws one of the records that are there.
func one[V any](m *model, of map[int64]V) int64 {
	if len(of) == 0 {
		m.t.Skip("nobody is there")
	}
	return rapid.SampledFrom(slices.Sorted(maps.Keys(of))).Draw(m.t, "which")
}

func (m *model) AddCustomer(*rapid.T) {
	c := m.customer(m.id())
	m.do(func() {
		m.update(Customers, c.ID, func(w *store.Write) error { return w.AddCustomer(c) })
		m.customers[c.ID] = c
	})
}

func (m *model) ChangeCustomer(*rapid.T) {
	c := m.customer(one(m, m.customers))
	m.do(func() {
		if m.customers[c.ID] != nil {
			m.update(Customers, c.ID, func(w *store.Write) error { return w.SetCustomer(c) })
			m.customers[c.ID] = c
		}
	})
}

// ChangeMany changes every customer in one transaction.
func (m *model) ChangeMany(*rapid.T) {
	owner := rapid.Int64Range(0, 4).Draw(m.t, "owner")
	m.do(func() {
		change(m.t, m.s.Store, m.org, func(w *store.Write) error {
			for id, c := range m.customers {
				changed := *c
				changed.OwnerID = owner
				m.customers[id] = &changed
				if err := w.SetCustomer(&changed); err != nil {
					return err
				}
				if err := note(w, Customers, id); err != nil {
					return err
				}
			}
			return note(w, "organization", m.org)
		})
	})
}

func (m *model) Surroundings(*rapid.T) {
	id := one(m, m.customers)
	users := rapid.SliceOfNDistinct(rapid.Int64Range(1, 4), 0, 3, rapid.ID[int64]).Draw(m.t, "users")
	labels := rapid.SliceOfNDistinct(rapid.Int64Range(1, 3), 0, 3, rapid.ID[int64]).Draw(m.t, "labels")
	m.do(func() {
		if m.customers[id] == nil {
			return
		}
		m.update(Customers, id, func(w *store.Write) error {
			if err := w.SetAssistants(id, users); err != nil {
				return err
			}
			return w.SetCustomerLabels(id, labels)
		})
		m.assist[id], m.labels[id] = users, labels
	})
}

func (m *model) PutContact(*rapid.T) {
	k := &crm.Contact{ID: m.id(), CustomerID: one(m, m.customers), Name: "张三", CreatedAt: 1, Gender: "male"}
	if len(m.contacts) > 0 && rapid.Bool().Draw(m.t, "again") {
		k.ID = one(m, m.contacts)
	}
	k.Address = crm.Address{ID: k.ID, Phone: crm.T(rapid.SampledFrom([]string{"", "13800000001"}).Draw(m.t, "phone"))}
	m.do(func() {
		if m.customers[k.CustomerID] == nil {
			return
		}
		put := (*store.Write).AddContact
		if m.contacts[k.ID] != nil {
			put = (*store.Write).SetContact
		}
		m.update(Contacts, k.ID, func(w *store.Write) error { return put(w, k) })
		m.contacts[k.ID] = k
	})
}

func (m *model) DeleteContact(*rapid.T) {
	id := one(m, m.contacts)
	m.do(func() {
		if m.contacts[id] != nil {
			m.update(Contacts, id, func(w *store.Write) error { return w.DeleteContact(id) })
			delete(m.contacts, id)
		}
	})
}

func (m *model) DeleteCustomer(*rapid.T) {
	id := one(m, m.customers)
	m.do(func() {
		if m.customers[id] == nil {
			return
		}
		change(m.t, m.s.Store, m.org, func(w *store.Write) error {
			for _, k := range m.contacts {
				if k.CustomerID != id {
					continue
				}
				if err := w.DeleteContact(k.ID); err != nil {
					return err
				}
				if err := note(w, Contacts, k.ID); err != nil {
					return err
				}
			}
			if err := w.DeleteCustomer(id); err != nil {
				return err
			}
			return note(w, Customers, id)
		})
		maps.DeleteFunc(m.contacts, func(_ int64, k *crm.Contact) bool { return k.CustomerID == id })
		delete(m.customers, id)
		delete(m.assist, id)
		delete(m.labels, id)
	})
}

func (m *model) PutLead(*rapid.T) {
	l := &crm.Lead{ID: m.id(), OwnerID: rapid.Int64Range(0, 4).Draw(m.t, "owner"), Name: "线索", CreatedAt: 1,
		CompanyName: rapid.SampledFrom([]string{"", "甲公司", "乙公司"}).Draw(m.t, "company")}
	if len(m.leads) > 0 && rapid.Bool().Draw(m.t, "again") {
		l.ID = one(m, m.leads)
	}
	gone := rapid.IntRange(0, 3).Draw(m.t, "gone") == 0
	m.do(func() {
		put, known := (*store.Write).AddLead, m.leads[l.ID] != nil
		if known {
			put = (*store.Write).SetLead
		}
		if known && gone {
			put = func(w *store.Write, l *crm.Lead) error { return w.DeleteLead(l.ID) }
		}
		m.update(Leads, l.ID, func(w *store.Write) error { return put(w, l) })
		if m.leads[l.ID] = l; known && gone {
			delete(m.leads, l.ID)
		}
	})
}

// Generate stands for a load: one row of the log for many records.
func (m *model) Generate(*rapid.T) {
	made := []*crm.Customer{m.customer(m.id()), m.customer(m.id()), m.customer(m.id())}
	m.do(func() {
		change(m.t, m.s.Store, m.org, func(w *store.Write) error {
			for _, c := range made {
				if err := w.AddCustomer(c); err != nil {
					return err
				}
				m.customers[c.ID] = c
			}
			return w.Log(0, crm.LogEntry{Entity: Customers, EntityID: made[2].ID, Action: store.ActionGenerate, Changes: "{}"})
		})
	})
}

// FormerProgram stands for a program from before the sequence of changes: its rows
// of the log have no version.
func (m *model) FormerProgram(*rapid.T) {
	c := m.customer(one(m, m.customers))
	if m.customers[c.ID] == nil {
		return
	}
	m.update(Customers, c.ID, func(w *store.Write) error { return w.SetCustomer(c) })
	m.customers[c.ID] = c
	_, err := m.beside.Exec(`UPDATE operation_logs SET version = 0 WHERE organization_id = $1 AND version =
		(SELECT version FROM organizations WHERE organization_id = $1)`, m.org)
	if err != nil {
		m.t.Fatal(err)
	}
}

// Redefine makes the own text field one of another kind, or of the former again.
func (m *model) Redefine(*rapid.T) {
	changed := *m.own[0]
	changed.Kind = map[string]string{"text": "multi_select", "multi_select": "text"}[changed.Kind]
	m.own = append([]*crm.CustomField{&changed}, m.own[1:]...)
}

// GoBack lets the database go back in time: versions begin anew.
func (m *model) GoBack(*rapid.T) { m.s.epochs++ }

// Forget begins with nothing in memory.
func (m *model) Forget(*rapid.T) { m.k = New(m.s, m.k.budget, nil) }

// flush makes the changes that were to be made later.
func (m *model) flush() {
	for _, fn := range m.later {
		fn()
	}
	m.later = nil
}

// check asks a list, and the model, which must not change meanwhile: what was to
// happen while the keeper works has happened before the last question.
func (m *model) check(entity, what string, need []string, where column.Predicate, want func() []int64) {
	m.t.Helper()
	q := question{m.org, entity, m.own, need, where}
	q.must(m.t, m.s, m.k)
	m.flush()
	page, ids := q.must(m.t, m.s, m.k), want()
	slices.Sort(ids)
	if !slices.Equal(page.IDs, ids) || page.Total != len(ids) {
		m.t.Fatalf("%s: %v, %d in all; want %v", what, page.IDs, page.Total, ids)
	}
}

// Check asks some of all questions.
func (m *model) Check(*rapid.T) { m.checkSome(4) }

func (m *model) checkSome(n int) {
	customers := func(what string, need []string, where column.Predicate, keep func(*crm.Customer) bool) {
		m.check(Customers, what, need, where, func() (ids []int64) {
			for id, c := range m.customers {
				if keep(c) {
					ids = append(ids, id)
				}
			}
			return ids
		})
	}
	contacts := func(what string, need []string, where column.Predicate, keep func(*crm.Contact, *crm.Customer) bool) {
		m.check(Contacts, what, need, where, func() (ids []int64) {
			for id, k := range m.contacts {
				if keep(k, m.customers[k.CustomerID]) {
					ids = append(ids, id)
				}
			}
			return ids
		})
	}
	leads := func(what string, need []string, where column.Predicate, keep func(*crm.Lead) bool) {
		m.check(Leads, what, need, where, func() (ids []int64) {
			for id, l := range m.leads {
				if keep(l) {
					ids = append(ids, id)
				}
			}
			return ids
		})
	}
	all := []func(){
		func() { customers("all", nil, column.True(), func(*crm.Customer) bool { return true }) },
		func() {
			customers("owner", nil, column.IntEq("user_id", 1), func(c *crm.Customer) bool { return c.OwnerID == 1 })
		},
		func() {
			customers("name", nil, column.TextContains("name", "华润"), func(c *crm.Customer) bool { return strings.Contains(c.Name, "华润") })
		},
		func() {
			customers("folded name", nil, column.TextContains("name", "abc"), func(c *crm.Customer) bool { return c.Name == "ＡＢＣ公司" })
		},
		func() {
			customers("number", []string{"address.tel"}, column.TextContains("address.tel", "138"),
				func(c *crm.Customer) bool { return strings.HasPrefix(c.Address.Tel.Value, "138") })
		},
		func() {
			kind := m.own[0].Kind
			customers("own text", []string{"text_asset_aaaaaa"}, column.TextEq("text_asset_aaaaaa", "值2"),
				func(c *crm.Customer) bool { return kind == "text" && strings.Contains(string(c.Custom), "值2") })
		},
		func() {
			customers("own number", []string{"numeric_asset_bbbbbb"}, column.FloatRange("numeric_asset_bbbbbb", 2, 3),
				func(c *crm.Customer) bool {
					return strings.Contains(string(c.Custom), "值2") || strings.Contains(string(c.Custom), "值3")
				})
		},
		func() {
			customers("own choice", []string{"text_asset_cccccc"}, column.TextContains("text_asset_cccccc", field.Token("mul_1")),
				func(c *crm.Customer) bool { return strings.Contains(string(c.Custom), "mul_1") })
		},
		func() {
			customers("collaborator", nil, column.TextContains("assistants", field.Token("2")),
				func(c *crm.Customer) bool { return slices.Contains(m.assist[c.ID], 2) })
		},
		func() {
			customers("label", nil, column.TextContains("labels", field.Token("3")),
				func(c *crm.Customer) bool { return slices.Contains(m.labels[c.ID], 3) })
		},
		func() {
			contacts("all contacts", nil, column.True(), func(*crm.Contact, *crm.Customer) bool { return true })
		},
		func() {
			contacts("owner's contacts", nil, column.IntEq("user_id", 1), func(_ *crm.Contact, c *crm.Customer) bool { return c.OwnerID == 1 })
		},
		func() {
			contacts("collaborator's contacts", nil, column.TextContains("assistants", field.Token("2")),
				func(_ *crm.Contact, c *crm.Customer) bool { return slices.Contains(m.assist[c.ID], 2) })
		},
		func() {
			contacts("contacts with a number", []string{"address.phone"}, column.And(column.Set("has_phone"), column.Set("address.phone")),
				func(k *crm.Contact, _ *crm.Customer) bool { return k.Address.Phone.Value != "" })
		},
		func() {
			leads("leads", []string{"company_name"}, column.And(column.IntEq("user_id", 2), column.TextContains("company_name", "公司")),
				func(l *crm.Lead) bool { return l.OwnerID == 2 && l.CompanyName != "" })
		},
	}
	// In any order: what is asked first loads, in another way each time.
	for _, i := range rapid.Permutation(numbers(len(all))).Draw(m.t, "order")[:n] {
		all[i]()
	}
}

func numbers(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
