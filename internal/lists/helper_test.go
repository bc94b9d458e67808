package lists

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"guanxi/internal/column"
	"guanxi/internal/crm"
	"guanxi/internal/store"
	"guanxi/internal/store/dbtest"
	"guanxi/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const org = 7

// newStore gives a database with four users, three labels and no records.
func newStore(t testing.TB) (s *store.Store, database string) {
	t.Helper()
	database = storetest.New(t, "lists", func(s *store.Store) error {
		return s.Update(context.Background(), org, func(w *store.Write) error {
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
	})
	return storetest.Open(t, database), database
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

// ask asks a list as the service does.
func ask(t failer, s *source, k *Keeper, entity string, own []*crm.CustomField, need []string, q column.Query) (page column.Page) {
	t.Helper()
	page, err := tryAsk(context.Background(), s, k, entity, own, need, q)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func tryAsk(ctx context.Context, s *source, k *Keeper, entity string, own []*crm.CustomField, need []string, q column.Query) (page column.Page, err error) {
	for {
		err = s.Store.View(ctx, org, func(r *store.Read) (err error) {
			page, err = k.Select(r, org, s.Epoch(), entity, own, need, q)
			return err
		})
		var behind *Behind
		if !errors.As(err, &behind) {
			return page, err
		}
		if err := k.Bring(ctx, behind); err != nil {
			return page, err
		}
	}
}

// change makes a transaction of changes.
func change(t failer, s *store.Store, fn func(w *store.Write) error) {
	t.Helper()
	if err := s.Update(context.Background(), org, fn); err != nil {
		t.Fatal(err)
	}
}
