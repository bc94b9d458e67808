package lists

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"guanxi/internal/column"
	"guanxi/internal/crm"
	"guanxi/internal/store"
	"guanxi/internal/store/dbtest"
	"guanxi/internal/store/storetest"
)

func TestMain(m *testing.M) {
	code := dbtest.Main(m)
	closeBench()
	os.Exit(code)
}

// newStore gives an empty database.
func newStore(t testing.TB) (s *store.Store, database string) {
	t.Helper()
	database = storetest.New(t, "empty", nil)
	return storetest.Open(t, database), database
}

var organizations atomic.Int64

// newOrganization makes an organization with four users, three labels and no
// records.
func newOrganization(t failer, s *store.Store) int64 {
	t.Helper()
	org := organizations.Add(1)
	change(t, s, org, func(w *store.Write) error {
		errs := []error{
			w.AddOrganization("示例公司", 1),
			w.AddDepartment(&crm.Department{ID: 1, Name: "总部"}, 1),
			w.AddRole(&crm.Role{ID: 1, Name: "管理员", Scope: crm.ScopeOrganization}, 1),
		}
		for id := int64(1); id <= 4; id++ {
			u := &crm.User{ID: id, Name: fmt.Sprint("用户", id), RoleID: 1, DepartmentID: 1, State: crm.UserActive}
			errs = append(errs, w.AddUser(u, "x"))
		}
		for id := int64(1); id <= 3; id++ {
			errs = append(errs, w.AddLabel(&crm.Label{ID: id, Name: fmt.Sprint("标签", id)}, int(id)))
		}
		return errors.Join(append(errs, note(w, "organization", org))...)
	})
	return org
}

// note is the row in the operation log of a change.
func note(w *store.Write, entity string, id int64) error {
	return w.Log(0, crm.LogEntry{Entity: entity, EntityID: id, Action: "change", Changes: "{}"})
}

// source is a store beside which things happen.
type source struct {
	*store.Store
	epochs int64

	mu     sync.Mutex
	before func() error // called before each snapshot of the keeper's own
	views  int
}

func (s *source) Epoch() int64 { return s.Store.Epoch() + s.epochs }

func (s *source) View(ctx context.Context, org int64, fn func(*store.Read) error) error {
	if err := s.viewed(); err != nil {
		return err
	}
	return s.Store.View(ctx, org, fn)
}

func (s *source) viewed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.views++
	if s.before == nil {
		return nil
	}
	return s.before()
}

// small makes parts of a few records, and few changes many, so that small tests go
// every way. It is for tests that do not run beside others.
func small(t *testing.T) {
	part, atOnce, all := partSize, mostAtOnce, most
	partSize, mostAtOnce, most = 3, 2, 12
	t.Cleanup(func() { partSize, mostAtOnce, most = part, atOnce, all })
}

// failer is what *testing.T and *rapid.T have in common here.
type failer interface {
	Helper()
	Fatal(args ...any)
}

// question is what a list is asked for.
type question struct {
	org    int64
	entity string
	own    []*crm.CustomField
	need   []string
	where  column.Predicate
}

// once asks once, on a snapshot that the keeper knows nothing of.
func (q question) once(s *source, k *Keeper) (page column.Page, err error) {
	err = s.Store.View(context.Background(), q.org, func(r *store.Read) (err error) {
		page, err = k.Select(r, q.org, s.Epoch(), q.entity, q.own, q.need, column.Query{Where: q.where, Limit: -1})
		return err
	})
	return page, err
}

// ask asks as the service does.
func (q question) ask(s *source, k *Keeper) (page column.Page, err error) {
	for {
		page, err := q.once(s, k)
		var behind *Behind
		if !errors.As(err, &behind) {
			return page, err
		}
		if err := k.Bring(context.Background(), behind); err != nil {
			return page, err
		}
	}
}

// must is ask where nothing may fail.
func (q question) must(t failer, s *source, k *Keeper) column.Page {
	t.Helper()
	page, err := q.ask(s, k)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// change makes a transaction of changes.
func change(t failer, s *store.Store, org int64, fn func(w *store.Write) error) {
	t.Helper()
	if err := s.Update(context.Background(), org, fn); err != nil {
		t.Fatal(err)
	}
}

// customers puts customers of these ids with an owner and a status, each with a
// contact of the same id.
func customers(t failer, s *store.Store, org, owner, status int64, ids ...int64) {
	t.Helper()
	change(t, s, org, func(w *store.Write) error {
		for _, id := range ids {
			c := &crm.Customer{ID: id, Name: fmt.Sprint("示例", id), Approval: crm.Approved, OwnerID: owner, Status: status, CreatedAt: 1,
				Address: crm.Address{ID: id, Tel: crm.T(fmt.Sprint(13800000000 + id))}}
			err := w.SetCustomer(c)
			if errors.Is(err, store.ErrNoRow) {
				err = errors.Join(w.AddCustomer(c),
					w.AddContact(&crm.Contact{ID: id, CustomerID: id, Name: "张三", CreatedAt: 1, Address: crm.Address{ID: id}}),
					note(w, Contacts, id))
			}
			if err := errors.Join(err, note(w, Customers, id)); err != nil {
				return err
			}
		}
		return nil
	})
}

// upTo are the numbers from 1 on.
func upTo(n int64) (ids []int64) {
	for id := int64(1); id <= n; id++ {
		ids = append(ids, id)
	}
	return ids
}
