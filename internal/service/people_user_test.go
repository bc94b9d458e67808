package service

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func TestCreateUser(t *testing.T) {
	w := staffed(t)
	manager := w.as(orgA, wholeFirm)
	in := crm.User{Name: " 新人 ", Phone: "+86 138-0000-9001", Email: "New@example.com", Login: "Newcomer", Job: "销售", Gender: "female", RoleID: 2,
		FurtherDepartments: []int64{2, 1, 2}, SuperiorID: boss, HideNumbers: true}
	u, generated, err := w.hire(manager, in, "")
	if err != nil {
		t.Fatal(err)
	}
	if u.ID != 12 || u.Name != "新人" || u.State != crm.UserActive || u.DepartmentID != 1 || !slices.Equal(u.FurtherDepartments, []int64{2}) ||
		u.SuperiorID != boss || !u.HideNumbers || u.CreatedAt != startOfClock {
		t.Errorf("made %+v", u)
	}
	if len(generated) != 16 {
		t.Errorf("the password is %q", generated)
	}
	for _, login := range []string{"13800009001", "new@EXAMPLE.com", "newcomer"} {
		if in, err := w.signIn(login, generated); err != nil || in.User.ID != u.ID {
			t.Errorf("signing in as %s: %v", login, err)
		}
	}
	if leak := w.query("SELECT count(*) FROM operation_logs WHERE changes LIKE '%' || $1 || '%'", generated); leak != "0" {
		t.Error("the password is in the log")
	}
	action, changes := w.lastLog("user", u.ID)
	if action != "create" || !slices.Contains(changes, "name: <nil> → 新人") || !slices.Contains(changes, "role_id: <nil> → 2") {
		t.Errorf("the log says %s %q", action, changes)
	}
	if v := w.directory().Viewer(boss); !v.Subordinates[u.ID] {
		t.Error("the superior does not know of it")
	}
	given, none, err := w.hire(manager, crm.User{Name: "乙", Login: "second", RoleID: 2}, "a good password")
	if err != nil || none != "" {
		t.Fatalf("%q, %v", none, err)
	}
	if in, err := w.signIn("second", "a good password"); err != nil || in.User.ID != given.ID {
		t.Errorf("with a password that was given: %v", err)
	}
}

func TestUsersThatCannotBeMade(t *testing.T) {
	w := staffed(t)
	ok := crm.User{Name: "新人", Phone: "13800009001", RoleID: 2}
	w.forbidden("create", func(c *Caller) error {
		_, _, err := w.hire(c, ok, "")
		return err
	})
	manager, super := w.as(orgA, wholeFirm), w.as(orgA, admin)
	before := w.rows(orgA)
	for name, c := range map[string]struct {
		patch    func(*crm.User)
		password string
		want     error
	}{
		"no name":                                {func(u *crm.User) { u.Name = " " }, "", crm.Invalid("", "")},
		"no login":                               {func(u *crm.User) { u.Phone = "" }, "", crm.Invalid("", "")},
		"no role":                                {func(u *crm.User) { u.RoleID = 0 }, "", crm.Invalid("", "")},
		"unknown role":                           {func(u *crm.User) { u.RoleID = 99 }, "", crm.Invalid("", "")},
		"unknown department":                     {func(u *crm.User) { u.DepartmentID = 99 }, "", crm.Invalid("", "")},
		"unknown further department":             {func(u *crm.User) { u.FurtherDepartments = []int64{1, 99} }, "", crm.Invalid("", "")},
		"unknown superior":                       {func(u *crm.User) { u.SuperiorID = 99 }, "", crm.Invalid("", "")},
		"a login of the same organization":       {func(u *crm.User) { u.Phone = "138-0000-0002" }, "", errLoginTaken},
		"a login of another organization":        {func(u *crm.User) { u.Phone = "13900000002" }, "", errLoginTaken},
		"a login name that is somebody's phone":  {func(u *crm.User) { u.Login = "13900000002" }, "", errLoginTaken},
		"an endless login":                       {func(u *crm.User) { u.Login = strings.Repeat("长", 200) }, "", crm.Invalid("", "")},
		"a short password":                       {func(*crm.User) {}, "1234567", crm.Invalid("", "")},
		"an endless password":                    {func(*crm.User) {}, strings.Repeat("p", MaxPassword+1), crm.Invalid("", "")},
		"a super administrator by somebody else": {func(u *crm.User) { u.RoleID = 1 }, "", crm.ErrForbidden},
	} {
		u := ok
		c.patch(&u)
		if _, _, err := w.hire(manager, u, c.password); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := w.rows(orgA); after != before {
		t.Errorf("there was %s, there is %s", before, after)
	}
	if _, _, err := w.hire(super, crm.User{Name: "二号", Login: "second", RoleID: 1}, ""); err != nil {
		t.Errorf("a super administrator by another: %v", err)
	}
}

func TestUpdateUser(t *testing.T) {
	w := staffed(t)
	manager := w.as(orgA, wholeFirm)
	w.clock.advance(time.Minute)
	u, err := w.changeUser(manager, owner, func(u *crm.User) {
		u.Name, u.Phone, u.Email, u.DepartmentID, u.SuperiorID, u.HideNumbers = "改名", "13800009002", "owner@example.com", 1, colleague, true
	})
	if err != nil || u.Name != "改名" || u.RoleID != 2 {
		t.Fatalf("%+v, %v", u, err)
	}
	w.logged("user", owner, "update", "department_id: 2 → 1", "email: <nil> → owner@example.com", "enabled_number_hidden_dispose: false → true",
		"name: 用户2 → 改名", "phone: 13800000002 → 13800009002", "superior_id: 3 → 4")
	for login, want := range map[string]bool{"13800000002": false, "13800009002": true, "owner@example.com": true} {
		if in, err := w.signIn(login, password); (err == nil) != want || want && in.User.ID != owner {
			t.Errorf("signing in as %s: %v", login, err)
		}
	}
	d := w.directory()
	if d.Viewer(boss).Subordinates[owner] || !d.Viewer(colleague).Subordinates[owner] {
		t.Error("the former superior is still above")
	}
	before := w.rows(orgA)
	if _, err := w.changeUser(manager, owner, func(*crm.User) {}); err != nil || w.rows(orgA) != before {
		t.Errorf("changing nothing: %v; there was %s, there is %s", err, before, w.rows(orgA))
	}
	w.forbidden("update", func(c *Caller) error {
		_, err := w.changeUser(c, colleague, func(u *crm.User) { u.Job = "x" })
		return err
	})
	super := w.as(orgA, admin)
	before = w.rows(orgA)
	for name, c := range map[string]struct {
		id    int64
		patch func(*crm.User)
		want  error
	}{
		"nobody":                     {99, func(u *crm.User) { u.Job = "x" }, crm.ErrNotFound},
		"oneself as superior":        {owner, func(u *crm.User) { u.SuperiorID = owner }, crm.Invalid("", "")},
		"a circle of superiors":      {colleague, func(u *crm.User) { u.SuperiorID = owner }, crm.Invalid("", "")},
		"somebody's login":           {owner, func(u *crm.User) { u.Phone = "13800000003" }, errLoginTaken},
		"the last login":             {boss, func(u *crm.User) { u.Phone = "" }, crm.Invalid("", "")},
		"a super administrator":      {admin, func(u *crm.User) { u.Job = "x" }, crm.ErrForbidden},
		"to a super administrator":   {owner, func(u *crm.User) { u.RoleID = 1 }, crm.ErrForbidden},
		"oneself to a super":         {wholeFirm, func(u *crm.User) { u.RoleID = 1 }, crm.ErrForbidden},
		"somebody of unknown gender": {owner, func(u *crm.User) { u.Gender = "?" }, crm.Invalid("", "")},
	} {
		if _, err := w.changeUser(manager, c.id, c.patch); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.changeUser(super, admin, func(u *crm.User) { u.RoleID = 2 }); !errors.Is(err, errLastSuper) {
		t.Errorf("the last super administrator steps down: %v", err)
	}
	if _, err := w.changeUser(seenAt(manager, w.version(orgA)-1), owner, func(u *crm.User) { u.Job = "x" }); !errors.Is(err, crm.Conflict) {
		t.Errorf("a change of somebody else is lost: %v", err)
	}
	if after := w.rows(orgA); after != before {
		t.Errorf("there was %s, there is %s", before, after)
	}
}

func TestDisabledUsersAreOutAtOnce(t *testing.T) {
	w := staffed(t)
	manager := w.as(orgA, wholeFirm)
	tokens := []string{w.token(orgA, owner, "web"), w.token(orgA, owner, "ios")}
	beside := w.again(settings())
	for _, token := range tokens {
		w.refused(w.Service, "before", token, nil)
		w.refused(beside, "before, elsewhere", token, nil)
	}
	caller, err := w.Authenticate(t.Context(), tokens[0]) // a call under way
	if err != nil {
		t.Fatal(err)
	}
	if err := w.disable(manager, owner); err != nil {
		t.Fatal(err)
	}
	w.logged("user", owner, "disable", "workflow_state: organization_staff → disabled")
	if err := beside.Watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, token := range tokens {
		w.refused(w.Service, "disabled", token, crm.ErrUnauthenticated)
		w.refused(beside, "disabled, elsewhere", token, crm.ErrUnauthenticated)
	}
	if _, err := w.update(caller, 1, func(k *crm.CustomerDraft) { k.Note = "x" }); !errors.Is(err, crm.ErrUnauthenticated) {
		t.Errorf("a call that was under way: %v", err)
	}
	if _, err := w.signIn("13800000002", password); !errors.Is(err, crm.ErrBadLogin) {
		t.Errorf("signing in: %v", err)
	}
	if _, err := w.update(manager, 1, func(k *crm.CustomerDraft) { k.Note = "x" }); err != nil {
		t.Errorf("the records are gone with the owner: %v", err)
	}
	if err := w.enable(manager, owner); err != nil {
		t.Fatal(err)
	}
	w.refused(w.Service, "enabled again, with an old token", tokens[0], crm.ErrUnauthenticated)
	if _, err := w.signIn("13800000002", password); err != nil {
		t.Errorf("enabled again: %v", err)
	}
}

func TestUsersThatCannotBeDisabled(t *testing.T) {
	w := staffed(t)
	manager, super := w.as(orgA, wholeFirm), w.as(orgA, admin)
	for name, c := range map[string]struct {
		do   func() error
		want error
	}{
		"oneself":                      {func() error { return w.disable(manager, wholeFirm) }, errOneself},
		"the last super administrator": {func() error { return w.disable(super, admin) }, errOneself},
		"a super by somebody else":     {func() error { return w.disable(manager, admin) }, crm.ErrForbidden},
		"nobody":                       {func() error { return w.disable(super, 99) }, crm.ErrNotFound},
		"nobody, enabled":              {func() error { return w.enable(super, 99) }, crm.ErrNotFound},
		"deleting who is active":       {func() error { return w.fire(manager, owner) }, crm.Invalid("", "")},
		"deleting oneself":             {func() error { return w.fire(manager, wholeFirm) }, errOneself},
		"deleting a super":             {func() error { return w.fire(manager, admin) }, crm.ErrForbidden},
		"deleting nobody":              {func() error { return w.fire(manager, 99) }, crm.ErrNotFound},
	} {
		if err := c.do(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, do := range map[string]func(c *Caller) error{
		"disable": func(c *Caller) error { return w.disable(c, colleague) }, "enable": func(c *Caller) error { return w.enable(c, disabled) },
		"delete": func(c *Caller) error { return w.fire(c, disabled) },
	} {
		w.forbidden(name, do)
	}
	// Two super administrators: either may go, not both.
	second, _, err := w.hire(super, crm.User{Name: "二号", Login: "second", RoleID: 1}, "correct horse 1")
	if err != nil {
		t.Fatal(err)
	}
	two := w.as(orgA, second.ID)
	if err := w.disable(two, admin); err != nil {
		t.Errorf("one of two: %v", err)
	}
	if _, err := w.changeUser(two, second.ID, func(u *crm.User) { u.RoleID = 2 }); !errors.Is(err, errLastSuper) {
		t.Errorf("the last steps down: %v", err)
	}
}

// A role that changes counts with the next call, and so do rights that go
// between two steps of one call.
func TestRightsChangeWithTheNextCall(t *testing.T) {
	w := staffed(t)
	manager, super := w.as(orgA, wholeFirm), w.as(orgA, admin)
	if _, err := w.changeUser(super, wholeFirm, func(u *crm.User) { u.RoleID = 2 }); err != nil {
		t.Fatal(err)
	}
	if _, err := w.changeUser(manager, owner, func(u *crm.User) { u.Job = "x" }); !errors.Is(err, crm.ErrForbidden) {
		t.Errorf("a former manager manages: %v", err)
	}
	if got := w.as(orgA, wholeFirm); got.Viewer.SeesAll() || got.Viewer.Role.ID != 2 {
		t.Errorf("the next call has the role %+v", got.Viewer.Role)
	}
}

// Of many who make a user with one login at the same time, one succeeds.
func TestParallelLogins(t *testing.T) {
	w := staffed(t)
	manager := w.as(orgA, wholeFirm)
	made, taken := 0, 0
	for _, err := range inParallel(64, func(int) error {
		_, err := asUser(func(show func(*crm.User) error) error {
			_, err := w.CreateUser(t.Context(), copyOf(manager), &crm.User{Name: "新人", Phone: "13800009001", RoleID: 2}, "a good password", show)
			return err
		})
		return err
	}) {
		switch {
		case err == nil:
			made++
		case errors.Is(err, errLoginTaken):
			taken++
		default:
			t.Error(err)
		}
	}
	if n := w.query("SELECT count(*) FROM users WHERE organization_id = $1 AND phone = '13800009001'", orgA); made != 1 || taken != 63 || n != "1" {
		t.Errorf("%d made, %d refused, there are %s", made, taken, n)
	}
}

// Two super administrators who disable each other at the same time: one stays.
func TestTwoSupersDisableEachOther(t *testing.T) {
	w := staffed(t)
	second, _, err := w.hire(w.as(orgA, admin), crm.User{Name: "二号", Login: "second", RoleID: 1}, "a good password")
	if err != nil {
		t.Fatal(err)
	}
	callers, victims := []*Caller{w.as(orgA, admin), w.as(orgA, second.ID)}, []int64{second.ID, admin}
	all := inParallel(64, func(i int) error {
		return w.DisableUser(t.Context(), copyOf(callers[i%2]), victims[i%2], func(*crm.User) error { return nil })
	})
	d := w.directory()
	if d.Users[admin].Active() == d.Users[second.ID].Active() {
		t.Errorf("one is %s, the other %s: %v", d.Users[admin].State, d.Users[second.ID].State, all)
	}
}

// A changed user does not make a directory of a former version come back.
func TestDirectoryFollowsUsers(t *testing.T) {
	w := staffed(t)
	manager := w.as(orgA, wholeFirm)
	for i, job := range []string{"一", "二", "三"} {
		if _, err := w.changeUser(manager, owner, func(u *crm.User) { u.Job = job }); err != nil {
			t.Fatal(err)
		}
		if got := w.directory().Users[owner].Job; got != job {
			t.Errorf("after change %d the job is %s", i, got)
		}
	}
	var row string
	if err := w.store.View(t.Context(), orgB, func(r *store.Read) error {
		d, err := w.Organization(t.Context(), orgB)
		row = d.Users[owner].Job
		return err
	}); err != nil || row != "" {
		t.Errorf("the other organization's user has the job %q, %v", row, err)
	}
}
