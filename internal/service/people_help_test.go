package service

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// staffed is a world in which the users of role 4 (wholeFirm, masked) manage
// people and see the logs without being super administrators.
func staffed(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, settings())
	w.amend(orgA, func(tx *store.Write) error {
		rights := crm.RightsOfAdmin()
		return errors.Join(
			tx.SetRole(&crm.Role{ID: 4, Name: "管理", Scope: crm.ScopeOrganization, Rights: rights}, startOfClock),
			tx.SetRole(&crm.Role{ID: 2, Name: "销售", Scope: crm.ScopeOwn, Rights: crm.RightsOfNormal()}, startOfClock),
			tx.SkipIDs(store.Departments, 2), tx.SkipIDs(store.Roles, 6))
	})
	return w
}

// directory is what organization A's directory holds now.
func (w *world) directory() *crm.Directory {
	w.t.Helper()
	d, err := w.Organization(w.t.Context(), orgA)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// asUser runs a change that shows a user, and gives what it shows.
func asUser(do func(show func(*crm.User) error) error) (u *crm.User, err error) {
	err = do(func(shown *crm.User) error {
		u = shown
		return nil
	})
	return u, err
}

func (w *world) hire(c *Caller, u crm.User, password string) (made *crm.User, generated string, err error) {
	made, err = asUser(func(show func(*crm.User) error) (err error) {
		generated, err = w.CreateUser(w.t.Context(), c, &u, password, show)
		return err
	})
	return made, generated, err
}

func (w *world) changeUser(c *Caller, id int64, patch func(*crm.User)) (*crm.User, error) {
	return asUser(func(show func(*crm.User) error) error {
		return w.UpdateUser(w.t.Context(), c, id, func(u *crm.User) error {
			patch(u)
			return nil
		}, show)
	})
}

func (w *world) disable(c *Caller, id int64) error {
	_, err := asUser(func(show func(*crm.User) error) error { return w.DisableUser(w.t.Context(), c, id, show) })
	return err
}

func (w *world) enable(c *Caller, id int64) error {
	_, err := asUser(func(show func(*crm.User) error) error { return w.EnableUser(w.t.Context(), c, id, show) })
	return err
}

func (w *world) fire(c *Caller, id int64) error {
	_, err := asUser(func(show func(*crm.User) error) error { return w.DeleteUser(w.t.Context(), c, id, show) })
	return err
}

// forbidden runs a change as callers who may not make it. Nothing may be
// written.
func (w *world) forbidden(name string, do func(c *Caller) error) {
	w.t.Helper()
	for _, id := range []int64{owner, boss, powerless, blinded} {
		c := w.as(orgA, id)
		before := w.rows(orgA)
		if err := do(c); !errors.Is(err, crm.ErrForbidden) {
			w.t.Errorf("%s by %d: %v", name, id, err)
		}
		if after := w.rows(orgA); after != before {
			w.t.Errorf("%s by %d: there was %s, there is %s", name, id, before, after)
		}
	}
}

// runJob runs the job of a kind to its end.
func (w *world) runJob(kind string) error {
	w.t.Helper()
	run := w.claimed(kind)
	for _, k := range w.JobKinds() {
		if k.Name == kind {
			if err := k.Handle(context.Background(), run); err != nil {
				return err
			}
		}
	}
	w.finish(run)
	return nil
}

func userIDs(users []*crm.User) string {
	var all []string
	for _, u := range users {
		all = append(all, fmt.Sprint(u.ID))
	}
	return strings.Join(all, " ")
}

// inParallel does something so many times at once and gives every error.
func inParallel(n int, do func(i int) error) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = do(i) })
	}
	all.Wait()
	return errs
}

// copyOf is a caller of its own for a call: a call may give it a newer
// directory.
func copyOf(c *Caller) *Caller {
	one := *c
	return &one
}
