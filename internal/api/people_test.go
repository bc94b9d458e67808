package api

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/job"
	"guanxi/internal/service"
	"guanxi/internal/store"
)

// newStaffWorld is the world with a receiver of logs and people to manage: the
// role of sales managers keeps its rights, "everybody" manages people without
// being a super administrator.
func newStaffWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, func(_ *Options, s *service.Settings) { s.SignInFailures = 0 })
	w.amend(home, func(tx *store.Write) error {
		for _, last := range []struct {
			kind store.Kind
			id   int64
		}{{store.Departments, 6}, {store.Roles, 424}} {
			if err := tx.SkipIDs(last.kind, last.id); err != nil {
				return err
			}
		}
		return tx.SetRole(&crm.Role{ID: 422, Name: "全公司", Scope: crm.ScopeOrganization, Rights: crm.RightsOfAdmin()}, 1)
	})
	return w
}

// amend changes an organization past the use cases.
func (w *world) amend(org int64, fn func(tx *store.Write) error) {
	w.t.Helper()
	must(w.t, w.store.Update(w.t.Context(), org, func(tx *store.Write) error {
		if err := fn(tx); err != nil {
			return err
		}
		return tx.Log(0, crm.LogEntry{Entity: "test", Action: "test", Changes: "{}", At: at("2026-11-21 18:00")})
	}))
}

// manage asks with any method as a user of the first organization.
func (w *world) manage(user int64, method, target, body string, head ...string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, "http://crm.example.com"+target, strings.NewReader(body))
	r.Header.Set("Authorization", "Token token="+w.token(home, user))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	return w.do(r)
}

// ok asks and compares the whole answer with its golden body.
func (w *world) ok(t *testing.T, name string, user int64, method, target, body string, head ...string) answer {
	t.Helper()
	a := w.manage(user, method, target, body, head...)
	golden(t, name, a.body)
	return a
}

// codeIn is the code of an answer.
func codeIn(t *testing.T, a answer) int {
	t.Helper()
	var body struct{ Code int }
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return body.Code
}

func TestGoldenPeople(t *testing.T) {
	w := newStaffWorld(t)
	for _, c := range []struct {
		name, target string
		user         int64
	}{
		{"user.list", "/api/v2/user/list?per_page=2&department_id=5", owner},
		{"user.list_sorted", "/api/v2/user/list?sort=superior_id&order=asc&per_page=1&page=3", owner},
		{"user.list_dingtalk", "/api/v2/user/list?dingtalk_userid=manager01", owner},
		{"user.list_bad_sort", "/api/v2/user/list?sort=password", owner},
		{"user.simple_list", "/api/v2/user/simple_list?query=xing&per_page=100", owner},
		{"user.simple_list_in_scope", "/api/v2/user/simple_list?by_permission=true&except_user_id=443", owner},
		{"user.department_list", "/api/v2/user/department_list", owner},
		{"user.department_list_except", "/api/v2/user/department_list?except_id=5&per_page=1", owner},
		{"user.detail", "/api/v2/user/443", star},
		{"user.detail_further_department", "/api/v2/user/463", star},
		{"user.detail_super", "/api/v2/user/468", star},
		{"user.detail_none", "/api/v2/user/1", star},
		{"user.info", "/api/v2/user/info", owner},
		{"permissions", "/api/v2/permissions", owner},
		{"permissions_super", "/api/v2/permissions", admin},
		{"permissions_masked", "/api/v2/permissions", masked},
		{"departments.list", "/api/v2/departments", colleague},
		{"roles.list", "/api/v2/roles?per_page=3", everybody},
		{"roles.detail", "/api/v2/roles/424", everybody},
		{"roles.detail_none", "/api/v2/roles/1", everybody},
		{"roles.options", "/api/v2/roles/options", everybody},
		{"roles.list_forbidden", "/api/v2/roles", owner},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			golden(t, c.name, w.get(home, c.user, c.target).body)
		})
	}
}

// Paths that name no user are not taken for one, and what clients write for the
// origin's paths leads to the same.
func TestPeopleAliases(t *testing.T) {
	w := newStaffWorld(t)
	for first, others := range map[string][]string{
		"/api/v2/user/list?per_page=100": {"/api/v2/users?per_page=100", "/api/v2/users/list?per_page=1000", "/api/v2/user/list/?per_page=100&page=0&name=&user_id="},
		"/api/v2/user/simple_list":       {"/api/v2/simple_list", "/api/v2/users/simple_list", "/api/v2/user/simple_list?by_permission=0"},
		"/api/v2/user/department_list":   {"/api/v2/users/department_list", "/api/v2/user/department_list?except_id="},
		"/api/v2/user/info":              {"/api/v2/users/info"},
		"/api/v2/user/443":               {"/api/v2/users/443", "/api/v2/user/443/"},
	} {
		want := w.get(home, owner, first)
		for _, other := range others {
			if got := w.get(home, owner, other); got.body != want.body || codeIn(t, got) != 0 {
				t.Errorf("%s: %s\nwant %s", other, got.body, want.body)
			}
		}
	}
	if got := w.get(home, owner, "/api/v2/user/nobody"); codeIn(t, got) != 100100 {
		t.Errorf("a name in the place of an id: %s", got.body)
	}
}

// Everybody sees the people of the own organization, and nobody else's.
func TestPeopleOfEveryCaller(t *testing.T) {
	w := newStaffWorld(t)
	for _, target := range []string{"/api/v2/user/list", "/api/v2/user/simple_list", "/api/v2/user/department_list", "/api/v2/departments",
		"/api/v2/user/info", "/api/v2/user/443", "/api/v2/permissions"} {
		for _, id := range []int64{owner, superior, colleague, helper, masked, barred, creator, admin} {
			a := w.get(home, id, target)
			if outcome(a) != "shown" || strings.Contains(a.body, `"organization_id":58`) || strings.Contains(a.body, "公司58") {
				t.Errorf("%s by %d: %s", target, id, a.body)
			}
		}
		if a := w.get(other, admin, target); outcome(a) != "shown" || strings.Contains(a.body, `"organization_id":57`) {
			t.Errorf("%s elsewhere: %s", target, a.body)
		}
		if a := w.get(home, disabled, target); outcome(a) != "unauthenticated" {
			t.Errorf("%s by a disabled user: %s", target, a.body)
		}
	}
}

// management are calls that an administrator alone may make, each of which would
// change something.
var management = []struct{ name, method, target, body string }{
	{"create a user", "POST", "/api/v2/users", `{"user":{"name":"新人","phone":"13800009001","role_id":419}}`},
	{"change a user", "PUT", "/api/v2/users/461", `{"user":{"job":"x"}}`},
	{"change a user, as POST", "POST", "/api/v2/user/461", `{"user":{"job":"x"}}`},
	{"disable a user", "PUT", "/api/v2/users/461/disable", ``},
	{"enable a user", "POST", "/api/v2/users/470/enable", ``},
	{"reset a password", "PUT", "/api/v2/users/461/password", `{}`},
	{"delete a user", "DELETE", "/api/v2/users/470", ``},
	{"hand over", "POST", "/api/v2/users/461/hand_over", `{"to_user_id":443}`},
	{"create a department", "POST", "/api/v2/departments", `{"department":{"name":"新"}}`},
	{"change a department", "PUT", "/api/v2/departments/6", `{"department":{"name":"新"}}`},
	{"delete a department", "DELETE", "/api/v2/departments/6", ``},
	{"create a role", "POST", "/api/v2/roles", `{"role":{"name":"新"}}`},
	{"copy a role", "POST", "/api/v2/roles/419/copy", `{"role":{"name":"新"}}`},
	{"change a role", "PUT", "/api/v2/roles/419", `{"role":{"name":"新"}}`},
	{"delete a role", "DELETE", "/api/v2/roles/420", ``},
}

func TestWhoManagesPeople(t *testing.T) {
	w := newStaffWorld(t)
	version := w.versionOf(home)
	for _, c := range management {
		for _, id := range []int64{owner, superior, helper, masked, barred, creator} {
			if id == masked {
				continue // has the manager's role
			}
			if a := w.manage(id, c.method, c.target, c.body); codeIn(t, a) != 401 {
				t.Errorf("%s by %d: %s", c.name, id, a.body)
			}
		}
		if a := w.manage(disabled, c.method, c.target, c.body); outcome(a) != "unauthenticated" {
			t.Errorf("%s by a disabled user: %s", c.name, a.body)
		}
	}
	for _, c := range []struct{ name, method, target, body string }{
		{"change a super", "PUT", "/api/v2/users/468", `{"user":{"job":"x"}}`}, {"make a super", "PUT", "/api/v2/users/461", `{"user":{"role_id":423}}`},
		{"disable a super", "PUT", "/api/v2/users/468/disable", ``}, {"a super's password", "PUT", "/api/v2/users/468/password", `{}`},
		{"hand over a super", "POST", "/api/v2/users/468/hand_over", `{"to_user_id":443}`},
		{"create a super", "POST", "/api/v2/users", `{"user":{"name":"新人","phone":"13800009001","role_id":423}}`},
	} {
		if a := w.manage(everybody, c.method, c.target, c.body); codeIn(t, a) != 401 {
			t.Errorf("%s: %s", c.name, a.body)
		}
	}
	if v := w.versionOf(home); v != version {
		t.Errorf("refusals moved the version from %d to %d", version, v)
	}
}

// versionOf is the present version of an organization.
func (w *world) versionOf(org int64) int64 {
	w.t.Helper()
	v, err := w.store.FreshVersion(w.t.Context(), org)
	must(w.t, err)
	return v.All
}

func TestGoldenUsers(t *testing.T) {
	w := newStaffWorld(t)
	w.ok(t, "users.create", everybody, "POST", "/api/v2/users", `{"user":{"name":"新人","phone":"13800009001","email":"new@example.com","login":"newcomer",
		"job":"销售","gender":"female","role_id":419,"department_id":"5","assist_department_ids":[6,"5"],"superior_id":443,
		"enabled_number_hidden_dispose":1,"password":"correct horse"}}`)
	for _, login := range []string{"13800009001", "new@example.com", "NEWCOMER"} {
		if token, a := w.signIn(login, "correct horse"); token == "" {
			t.Errorf("signing in as %s: %s", login, a.body)
		}
	}
	for name, body := range map[string]string{
		"users.create_missing": `{}`, "users.create_no_login": `{"user":{"name":"无","role_id":419}}`,
		"users.create_taken":      `{"user":{"name":"重","phone":"13857000443","role_id":419}}`,
		"users.create_short":      `{"user":{"name":"短","phone":"13800009002","role_id":419,"password":"1234567"}}`,
		"users.create_wrong_type": `{"user":{"name":["x"],"role_id":"abc"}}`,
	} {
		w.ok(t, name, everybody, "POST", "/api/v2/users", body)
	}
	w.ok(t, "users.update", everybody, "PUT", "/api/v2/users/501", `{"user":{"job":"主管","superior_id":0,"assist_department_ids":[]}}`)
	w.ok(t, "users.update_circle", everybody, "PUT", "/api/v2/users/460", `{"user":{"superior_id":254}}`)
	w.ok(t, "users.update_last_super", admin, "PUT", "/api/v2/users/468", `{"user":{"role_id":419}}`)
	w.ok(t, "users.disable", everybody, "PUT", "/api/v2/users/501/disable", ``)
	w.ok(t, "users.disable_oneself", everybody, "PUT", "/api/v2/users/465/disable", ``)
	w.ok(t, "users.enable", everybody, "POST", "/api/v2/users/501/enable", ``)
	w.ok(t, "users.password", everybody, "PUT", "/api/v2/users/501/password", `{"password":"another horse"}`)
	if token, a := w.signIn("newcomer", "another horse"); token == "" {
		t.Errorf("with the new password: %s", a.body)
	}
	w.ok(t, "users.delete_active", everybody, "DELETE", "/api/v2/users/501", ``)
	w.manage(everybody, "PUT", "/api/v2/users/501/disable", ``)
	w.ok(t, "users.delete", everybody, "DELETE", "/api/v2/users/501", ``)
	w.ok(t, "users.delete_again", everybody, "DELETE", "/api/v2/users/501", ``)
	w.manage(admin, "PUT", "/api/v2/users/443/disable", ``)
	w.ok(t, "users.delete_with_records", everybody, "DELETE", "/api/v2/user/443", ``)
}

// A generated password is shown once: neither a repeated request nor what is
// kept of it shows it again, and a given one is nowhere.
func TestGeneratedPasswordsAreShownOnce(t *testing.T) {
	w := newStaffWorld(t)
	const body = `{"user":{"name":"新人","phone":"13800009001","role_id":419},"request_ticket":"5f0d8c1e"}`
	first := w.manage(everybody, "POST", "/api/v2/users", body)
	var shown struct {
		Data struct {
			ID       int64
			Password string
		}
	}
	must(t, json.Unmarshal([]byte(first.body), &shown))
	if len(shown.Data.Password) != 16 {
		t.Fatal(first.body)
	}
	if token, a := w.signIn("13800009001", shown.Data.Password); token == "" {
		t.Errorf("the password that was shown: %s", a.body)
	}
	again := w.manage(everybody, "POST", "/api/v2/users", body)
	if want := strings.Replace(first.body, shown.Data.Password, "", 1); again.body != want {
		t.Errorf("again: %s\nwant %s", again.body, want)
	}
	reset := w.manage(everybody, "PUT", fmt.Sprintf("/api/v2/users/%d/password", shown.Data.ID), ``)
	must(t, json.Unmarshal([]byte(reset.body), &shown))
	if token, _ := w.signIn("13800009001", shown.Data.Password); token == "" {
		t.Errorf("after the reset: %s", reset.body)
	}
	var ticket store.Ticket
	must(t, w.store.View(t.Context(), home, func(r *store.Read) (err error) {
		ticket, err = r.Ticket(home, everybody, "5f0d8c1e")
		return err
	}))
	if !strings.Contains(ticket.Answer, `"password":""}}`) {
		t.Errorf("kept is %s", ticket.Answer)
	}
}

func TestGoldenHandOver(t *testing.T) {
	w := newStaffWorld(t)
	w.ok(t, "users.hand_over_state_none", everybody, "GET", "/api/v2/users/443/hand_over", ``)
	w.ok(t, "users.hand_over", everybody, "POST", "/api/v2/users/443/hand_over", `{"to_user_id":461}`)
	w.ok(t, "users.hand_over_elsewhere", everybody, "POST", "/api/v2/users/443/hand_over", `{"to_user_id":460}`)
	w.ok(t, "users.hand_over_missing", everybody, "POST", "/api/v2/users/443/hand_over", `{}`)
	w.ok(t, "users.hand_over_to_nobody", everybody, "POST", "/api/v2/users/460/hand_over", `{"to_user_id":470}`)
	w.work(t)
	w.ok(t, "users.hand_over_state", everybody, "GET", "/api/v2/users/443/hand_over", ``)
	if a := w.get(home, colleague, "/api/v2/customers/73717"); outcome(a) != "shown" || !strings.Contains(a.body, `"is_own":true`) {
		t.Errorf("the receiver does not own the customer: %s", a.body)
	}
	if a := w.get(home, owner, "/api/v2/customers/73717"); outcome(a) != "hidden" {
		t.Errorf("the former owner sees it: %s", a.body)
	}
}

// work does all jobs that are due.
func (w *world) work(t *testing.T) {
	t.Helper()
	w.clock.Add(1000)
	now := func() time.Time { return time.UnixMilli(w.clock.Load()).UTC() }
	for _, k := range w.svc.JobKinds() {
		found, _, err := w.store.ClaimJobs(t.Context(), home, store.ClaimWish{Kind: k.Name, Worker: "test", Limit: 1, Now: crm.At(now()), Until: crm.At(now()) + 60000})
		must(t, err)
		for i := range found {
			run := job.NewRun(&found[i], now)
			must(t, k.Handle(t.Context(), run))
			must(t, w.store.FinishJob(t.Context(), run.Claim(), store.JobEnd{State: crm.JobDone, At: crm.At(now())}))
		}
	}
}

func TestGoldenDepartmentsAndRoles(t *testing.T) {
	w := newStaffWorld(t)
	w.ok(t, "departments.create", everybody, "POST", "/api/v2/departments", `{"department":{"name":"华东区","parent_id":5,"position":1}}`)
	w.ok(t, "departments.create_twice", everybody, "POST", "/api/v2/departments", `{"department":{"name":"华东区","parent_id":5}}`)
	w.ok(t, "departments.update", everybody, "PUT", "/api/v2/departments/7", `{"department":{"name":"华南区","parent_id":1,"position":1}}`)
	w.ok(t, "departments.update_circle", everybody, "PUT", "/api/v2/departments/5", `{"department":{"parent_id":5}}`)
	w.ok(t, "departments.delete_with_users", everybody, "DELETE", "/api/v2/departments/5", ``)
	w.ok(t, "departments.delete", everybody, "DELETE", "/api/v2/departments/7", ``)
	w.ok(t, "departments.delete_again", everybody, "DELETE", "/api/v2/departments/7", ``)

	w.ok(t, "roles.create", everybody, "POST", "/api/v2/roles", `{"role":{"name":"电销","entity_grant_scope":"department_own",
		"permissions":["customer.edit","customer.create"],"field_permissions":[{"field":"contact.address.phone","hidden_on":"others"}]}}`)
	w.ok(t, "roles.create_bad_field", everybody, "POST", "/api/v2/roles", `{"role":{"name":"乙","field_permissions":[{"field":"customer.name","hidden_on":"all"}]}}`)
	w.ok(t, "roles.create_bad_scope", everybody, "POST", "/api/v2/roles", `{"role":{"name":"乙","entity_grant_scope":"everything"}}`)
	w.ok(t, "roles.create_bad_right", everybody, "POST", "/api/v2/roles", `{"role":{"name":"乙","permissions":["customer.burn"]}}`)
	w.ok(t, "roles.copy", everybody, "POST", "/api/v2/roles/425/copy", `{"role":{"name":"电销二组"}}`)
	w.ok(t, "roles.update", everybody, "PUT", "/api/v2/roles/425", `{"role":{"field_permissions":[],"permissions":["lead.create"]}}`)
	w.ok(t, "roles.update_super", admin, "PUT", "/api/v2/roles/423", `{"role":{"name":"x"}}`)
	w.ok(t, "roles.delete_in_use", everybody, "DELETE", "/api/v2/roles/419", ``)
	w.ok(t, "roles.delete", everybody, "DELETE", "/api/v2/roles/425", ``)
}

// An If-Match of before somebody else's change is refused, for people as well.
func TestPeopleIfMatch(t *testing.T) {
	w := newStaffWorld(t)
	tag := w.get(home, everybody, "/api/v2/users/461").header.Get("ETag")
	if tag == "" {
		t.Fatal("no ETag")
	}
	if a := w.manage(everybody, "PUT", "/api/v2/users/461", `{"user":{"job":"一"}}`, "If-Match", tag); codeIn(t, a) != 0 {
		t.Errorf("the first: %s", a.body)
	}
	if a := w.manage(everybody, "PUT", "/api/v2/users/461", `{"user":{"job":"二"}}`, "If-Match", tag); codeIn(t, a) != 409 {
		t.Errorf("the second: %s", a.body)
	}
}
