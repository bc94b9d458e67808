package service

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func TestDeleteUser(t *testing.T) {
	w := staffed(t)
	manager := w.as(orgA, wholeFirm)
	w.setPool(1, func(p *crm.Pool) { p.Members, p.Managers = []int64{colleague, boss}, []int64{colleague} })
	for _, id := range []int64{owner, boss, helper} { // a customer, a customer and somebody below, a collaboration
		if err := w.disable(manager, id); err != nil {
			t.Fatal(err)
		}
		var e *crm.Error
		if err := w.fire(manager, id); !errors.As(err, &e) || !strings.Contains(e.Message, "请先交接") {
			t.Errorf("%d: %v", id, err)
		}
	}
	if _, err := w.changeUser(manager, colleague, func(u *crm.User) { u.Email, u.Login = "colleague@example.com", "colleague" }); err != nil {
		t.Fatal(err)
	}
	if err := w.disable(manager, colleague); err != nil {
		t.Fatal(err)
	}
	if err := w.fire(manager, colleague); err != nil {
		t.Fatal(err)
	}
	d := w.directory()
	u := d.Users[colleague]
	if u.Present() || u.Name != "用户4" || u.Phone+u.Email+u.Login != "" || u.DepartmentID != 0 {
		t.Errorf("left is %+v", u)
	}
	if p := d.Pools[1]; !slices.Equal(p.Members, []int64{boss}) || len(p.Managers) != 0 {
		t.Errorf("the pool has %v and %v", p.Members, p.Managers)
	}
	if hash := w.hash(orgA, colleague); hash != "" {
		t.Error("the password stays")
	}
	if _, err := w.Person(w.as(orgA, boss2(w)), colleague); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("still found: %v", err)
	}
	for name, err := range map[string]error{
		"again": w.fire(manager, colleague), "enabled": w.enable(manager, colleague), "disabled": w.disable(manager, colleague),
	} {
		if !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, login := range []string{"13800000004", "colleague@example.com", "colleague"} {
		if _, err := w.signIn(login, password); !errors.Is(err, crm.ErrBadLogin) {
			t.Errorf("signing in as %s: %v", login, err)
		}
	}
	made, _, err := w.hire(manager, crm.User{Name: "接班", Phone: "13800000004", RoleID: 2}, "a good password")
	if err != nil {
		t.Fatalf("the number stays taken: %v", err)
	}
	if in, err := w.signIn("13800000004", "a good password"); err != nil || in.User.ID != made.ID {
		t.Errorf("the new owner of the number: %v", err)
	}
}

// boss2 enables the boss again, who was disabled.
func boss2(w *world) int64 {
	if err := w.enable(w.as(orgA, admin), boss); err != nil {
		w.t.Fatal(err)
	}
	return boss
}

// A name to sign in with from before it was kept with the user: it is the
// user's own, goes on when the user is changed, and is free when the user is
// deleted.
func TestLoginNamesFromBefore(t *testing.T) {
	w := staffed(t)
	manager := w.as(orgA, wholeFirm)
	w.amend(orgA, func(tx *store.Write) error {
		u := *w.directory().Users[colleague]
		u.Phone = ""
		return errors.Join(tx.DeleteIdentity("phone:13800000004", colleague), tx.AddIdentity("name:old", colleague, 1), tx.SetUser(&u))
	})
	if _, err := w.changeUser(manager, colleague, func(u *crm.User) { u.Job = "x" }); err != nil {
		t.Errorf("changed without a login: %v", err)
	}
	if _, err := w.signIn("OLD", password); err != nil {
		t.Error(err)
	}
	if _, err := w.changeUser(manager, colleague, func(u *crm.User) { u.Login = "old" }); err != nil {
		t.Errorf("given the own name: %v", err)
	}
	if _, err := w.changeUser(manager, helper, func(u *crm.User) { u.Login = "old" }); !errors.Is(err, errLoginTaken) {
		t.Errorf("given somebody's: %v", err)
	}
	w.amend(orgA, func(tx *store.Write) error {
		u := *w.directory().Users[colleague]
		u.Login = ""
		return tx.SetUser(&u)
	})
	if err := errors.Join(w.disable(manager, colleague), w.fire(manager, colleague)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.changeUser(manager, helper, func(u *crm.User) { u.Login = "old" }); err != nil {
		t.Errorf("given that of somebody who was deleted: %v", err)
	}
	if in, err := w.signIn("old", password); err != nil || in.User.ID != helper {
		t.Errorf("%+v, %v", in, err)
	}
}
