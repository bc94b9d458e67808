package service

import (
	"errors"
	"fmt"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// What a world of pools has besides: pools, and a customer in the second one.
const (
	salesPool  int64 = 1 // of the sales department; boss manages it; customer 2 lies in it
	marketPool int64 = 2 // helper alone is in it, and manages it; customer 4 lies in it
	leadPoolID int64 = 3 // of leads, for everybody
	pooledName       = "市场客户"
)

// poolWorld is a world with pools. Everybody but the powerless may do the whole
// work, deleting included.
func poolWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, settings())
	w.amend(orgA, func(tx *store.Write) error { return fillPools(tx, orgA) })
	return w
}

func fillPools(tx *store.Write, org int64) error {
	now := crm.Time(startOfClock)
	rights := crm.RightsOfNormal()
	rights[crm.RightDeleteCustomer] = true
	errs := []error{
		tx.SetRole(&crm.Role{ID: 2, Scope: crm.ScopeOwn, Rights: rights}, now),
		tx.SetRole(&crm.Role{ID: 3, Scope: crm.ScopeDepartments, Rights: rights}, now),
		tx.SetRole(&crm.Role{ID: 4, Scope: crm.ScopeOrganization, Rights: rights}, now),
		tx.AddOption(&crm.Option{ID: 11, Entity: "customer", Field: "status", Label: "成交", Enabled: true, Meaning: crm.MeaningWon}),
		tx.AddOption(&crm.Option{ID: 12, Entity: "customer", Field: "category", Label: "普通客户", Enabled: true}),
		tx.SetPool(&crm.Pool{ID: salesPool, Name: "公司公海", Position: 1, UpdatedAt: now, PoolSettings: crm.PoolSettings{
			Managers: []int64{boss}, Departments: []int64{2}}}),
		tx.AddPool(&crm.Pool{ID: marketPool, Name: "市场公海", Position: 2, PoolSettings: crm.PoolSettings{
			Managers: []int64{helper}, Members: []int64{helper}}}, now),
		tx.AddPool(&crm.Pool{ID: leadPoolID, Entity: "lead", Name: "线索公海", PoolSettings: crm.PoolSettings{Everybody: true}}, now),
		tx.SkipIDs(store.Pools, 3),
		tx.AddCustomer(&crm.Customer{ID: 4, Name: pooledName, PoolID: marketPool, HomePoolID: marketPool, FlowIntoAt: now, BeforeUserID: helper,
			BeforeDepartmentID: 1, Approval: crm.Approved, CreatedAt: now, UpdatedAt: now, Address: crm.Address{ID: 7, CreatedAt: now, UpdatedAt: now}}),
		tx.SkipIDs(store.Customers, 4), tx.SkipIDs(store.Addresses, 7),
	}
	return errors.Join(errs...)
}

// setPool changes the settings of a pool past the service.
func (w *world) setPool(id int64, patch func(*crm.Pool)) {
	w.t.Helper()
	d, err := w.Organization(w.t.Context(), orgA)
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := copyPool(d.Pools[id])
	if err != nil {
		w.t.Fatal(err)
	}
	patch(p)
	w.amend(orgA, func(tx *store.Write) error { return tx.SetPool(p) })
}

// customer reads a customer past the service.
func (w *world) customer(id int64) *crm.Customer {
	w.t.Helper()
	var k *crm.Customer
	err := w.store.Latest(w.t.Context(), orgA, func(r *store.Read) (err error) {
		k, err = r.Customer(orgA, id)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return k
}

// places says where a customer is and was.
func places(k *crm.Customer) string {
	return fmt.Sprintf("owner %d of %d since %d, pool %d since %d, home %d, before %d of %d in %d", k.OwnerID, k.DepartmentID,
		k.OwnedAt, k.PoolID, k.FlowIntoAt, k.HomePoolID, k.BeforeUserID, k.BeforeDepartmentID, k.BeforePoolID)
}

// said are the texts of a user's notices, newest first.
func (w *world) said(user int64) (texts []string) {
	w.t.Helper()
	err := w.store.Latest(w.t.Context(), orgA, func(r *store.Read) error {
		found, err := r.Notices(orgA, user, false, 0, 1000)
		texts = nil
		for i := range found {
			texts = append(texts, found[i].Text(crm.Chinese))
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return texts
}

// verdict says in one word how a call has ended.
func verdict(err error) string {
	var e *crm.Error
	switch {
	case err == nil:
		return "done"
	case errors.Is(err, crm.ErrNotFound):
		return "hidden"
	case errors.Is(err, crm.ErrForbidden):
		return "forbidden"
	case errors.As(err, &e):
		return e.Message
	}
	return err.Error()
}

// shown is a show that takes whatever it is given.
func shown[T any](T) error { return nil }
