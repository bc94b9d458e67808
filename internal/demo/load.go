package demo

import (
	"context"

	"guanxi/internal/blob"
	"guanxi/internal/crm"
	"guanxi/internal/region"
	"guanxi/internal/service"
	"guanxi/internal/store"
	"guanxi/internal/zh"
)

// mark stands in generated_loads for the organization that this package made.
const mark = "demo"

// company is all rows of the demo.
type company struct {
	users    []crm.User
	accounts []account
	files    []file
}

func newCompany(regions *region.Table) (*company, error) {
	rest, err := around(regions)
	if err != nil {
		return nil, err
	}
	c := &company{users: users(), accounts: append(examples(), rest...)}
	for i := range c.accounts {
		a := &c.accounts[i]
		a.NamePinyin = zh.Pinyin(a.Name)
		for k := range a.contacts {
			a.contacts[k].NamePinyin = zh.Pinyin(a.contacts[k].Name)
		}
	}
	c.files = pictures(c.users, c.accounts)
	return c, nil
}

// load writes the pictures and then the company, in one transaction.
func load(ctx context.Context, st *store.Store, blobs blob.Store, regions *region.Table) error {
	c, err := newCompany(regions)
	if err != nil {
		return err
	}
	if err := put(ctx, blobs, c.files); err != nil {
		return err
	}
	return st.Update(ctx, Organization, func(w *store.Write) error {
		for _, step := range []func(*store.Write) error{directory, c.people, c.customers, c.attachments, c.finish} {
			if err := step(w); err != nil {
				return err
			}
		}
		return nil
	})
}

// directory writes what the organization is made of, but its people.
func directory(w *store.Write) error {
	when := founded()
	if err := w.AddOrganization(title, when); err != nil {
		return err
	}
	for i, d := range departments() {
		d.Position = i + 1
		if err := w.AddDepartment(&d, when); err != nil {
			return err
		}
	}
	for _, r := range roles() {
		if err := w.AddRole(&r, when); err != nil {
			return err
		}
	}
	for _, o := range options() {
		if err := w.AddOption(&o); err != nil {
			return err
		}
	}
	for i, l := range labelList() {
		if err := w.AddLabel(&l, i+1); err != nil {
			return err
		}
	}
	for _, f := range customFields() {
		if err := w.AddCustomField(&f, when); err != nil {
			return err
		}
	}
	return w.AddPool(&crm.Pool{ID: poolID, Name: "客户公海"}, when)
}

// people writes the users. None of them can sign in before a password is set.
func (c *company) people(w *store.Write) error {
	for i := range c.users {
		u := &c.users[i]
		if err := w.AddUser(u, ""); err != nil {
			return err
		}
		if err := w.AddIdentity(service.LoginKey(u.Phone), u.ID, u.CreatedAt); err != nil {
			return err
		}
	}
	return nil
}

func (c *company) customers(w *store.Write) error {
	rows := w.Bulk()
	for i := range c.accounts {
		a := &c.accounts[i]
		if err := rows.Customer(&a.Customer); err != nil {
			return err
		}
		for _, id := range a.labels {
			if err := w.AddCustomerLabel(a.ID, id); err != nil {
				return err
			}
		}
		for _, id := range a.assistants {
			if err := w.AddAssistant(a.ID, id); err != nil {
				return err
			}
		}
		for k := range a.contacts {
			if err := rows.Contact(&a.contacts[k]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *company) attachments(w *store.Write) error {
	for i := range c.files {
		if err := w.AddAttachment(&c.files[i].Attachment); err != nil {
			return err
		}
	}
	return nil
}

// finish moves the counters behind all ids and notes that the demo is there.
func (c *company) finish(w *store.Write) error {
	last := map[store.Kind]int64{}
	note := func(kind store.Kind, id int64) { last[kind] = max(last[kind], id) }
	for _, u := range c.users {
		note(store.Users, u.ID)
	}
	for _, a := range c.accounts {
		note(store.Customers, a.ID)
		note(store.Addresses, a.Address.ID)
		for _, k := range a.contacts {
			note(store.Contacts, k.ID)
			note(store.Addresses, k.Address.ID)
		}
	}
	for _, f := range c.files {
		note(store.Attachments, f.ID)
	}
	for _, d := range departments() {
		note(store.Departments, d.ID)
	}
	for _, r := range roles() {
		note(store.Roles, r.ID)
	}
	for _, o := range options() {
		note(store.Options, o.ID)
	}
	for _, l := range labelList() {
		note(store.Labels, l.ID)
	}
	for _, f := range customFields() {
		note(store.CustomFields, f.ID)
	}
	note(store.Pools, poolID)
	for kind, id := range last {
		if err := w.SkipIDs(kind, id); err != nil {
			return err
		}
	}
	if err := service.AddStandardDuplicates(w, crm.Settings{}, crm.RuleBuilding, founded()); err != nil {
		return err
	}
	n := int64(len(c.accounts))
	if err := w.BeginLoad(mark, n); err != nil {
		return err
	}
	if err := w.AdvanceLoad(0, n); err != nil {
		return err
	}
	id, err := w.TakeIDs(store.Logs, 1)
	if err != nil {
		return err
	}
	return w.Log(id, crm.LogEntry{Entity: "organization", EntityID: Organization, Action: "create", Changes: "{}", At: founded()})
}
