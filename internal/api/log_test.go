package api

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// newLogWorld is a world in which the super administrator has changed a
// customer, a contact and a lead of the owner's.
func newLogWorld(t *testing.T) *world {
	t.Helper()
	w := newStaffWorld(t)
	w.amend(home, func(tx *store.Write) error {
		return tx.AddLead(&crm.Lead{ID: 40, OwnerID: owner, CreatorID: owner, DepartmentID: 5, Name: "线索", CreatedAt: at("2020-01-01 00:00"),
			UpdatedAt: at("2020-01-01 00:00"), Address: crm.Address{ID: 247100, CreatedAt: at("2020-01-01 00:00"), UpdatedAt: at("2020-01-01 00:00")}})
	})
	for _, c := range [][2]string{
		{"/api/v2/customers/73717", `{"customer":{"note":"改了","status":3462,"address_attributes":{"phone":"13800007777"},"labels":[1]}}`},
		{"/api/v2/contacts/20583", `{"contact":{"job":"经理","address_attributes":{"phone":"13800006666"},"text_asset_7c7b94f7":"小名"}}`},
		{"/api/v2/leads/40", `{"lead":{"note":"改了","address_attributes":{"phone":"13800005555"}}}`},
	} {
		if a := w.manage(admin, "PUT", c[0], c[1]); codeIn(t, a) != 0 {
			t.Fatal(a.body)
		}
	}
	return w
}

// withoutIDs takes out of a body what differs from run to run.
func withoutIDs(t *testing.T, body string) string {
	t.Helper()
	for _, key := range []string{`"request_id":"`, `"next_cursor":"`} {
		for from := 0; ; {
			i := strings.Index(body[from:], key)
			if i < 0 {
				break
			}
			i += from + len(key)
			end := i + strings.IndexByte(body[i:], '"')
			if end > i {
				body = body[:i] + "…" + body[end:]
			}
			from = i
		}
	}
	return body
}

func TestGoldenLogs(t *testing.T) {
	w := newLogWorld(t)
	for _, c := range []struct {
		name, target string
		user         int64
	}{
		{"operation_logs.list", "/api/v2/operation_logs?entity=customer&created_at[]=2026-11-21&created_at[]=2026-11-21", everybody},
		{"operation_logs.list_masked", "/api/v2/operation_logs?entity=contact&entity_id=20583", masked},
		{"operation_logs.list_none", "/api/v2/operation_logs?entity=customer&user_id=443", admin},
		{"operation_logs.list_forbidden", "/api/v2/operation_logs", owner},
		{"operation_logs.list_bad_day", "/api/v2/operation_logs?created_at[]=soon", admin},
		{"operation_logs.list_bad_cursor", "/api/v2/operation_logs?cursor=x", admin},
		{"operation_logs.list_id_alone", "/api/v2/operation_logs?entity_id=1", admin},
		{"customers.logs", "/api/v2/customers/73717/logs", owner},
		{"customers.logs_hidden", "/api/v2/customers/73717/logs", colleague},
		{"contacts.logs", "/api/v2/contacts/20583/logs", barred},
		{"leads.logs", "/api/v2/leads/40/logs", superior},
		{"leads.logs_hidden", "/api/v2/leads/40/logs", helper},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			golden(t, c.name, withoutIDs(t, w.get(home, c.user, c.target).body))
		})
	}
}

func TestGoldenLoginLogs(t *testing.T) {
	w := newStaffWorld(t)
	w.signIn("13857000443", "wrong")
	token, _ := w.signIn("13857000443", passwordOfAll)
	r := httptest.NewRequest("POST", "http://crm.example.com/api/v2/auth/logout", nil)
	r.Header.Set("Authorization", "Token token="+token)
	golden(t, "session.logout", w.do(r).body)
	golden(t, "login_logs.list", withoutIDs(t, w.get(home, admin, "/api/v2/login_logs?user_id=443").body))
	golden(t, "login_logs.list_failed", withoutIDs(t, w.get(home, admin, "/api/v2/login_logs?action=sign_in_failed").body))
	if a := w.get(home, owner, "/api/v2/login_logs"); codeIn(t, a) != 100401 { // signed out, and replaced before
		t.Errorf("the owner's former token: %s", a.body)
	}
	if a := w.get(home, colleague, "/api/v2/login_logs"); codeIn(t, a) != 401 {
		t.Errorf("without the right: %s", a.body)
	}
	if a := w.get(other, admin, "/api/v2/login_logs"); !strings.Contains(a.body, `"login_logs":[]`) {
		t.Errorf("elsewhere: %s", a.body)
	}
}

// The pages of a log by cursor, each row once.
func TestLogPages(t *testing.T) {
	w := newLogWorld(t)
	seen := map[int64]int{}
	for cursor, pages := "", 0; pages < 20; pages++ {
		var body struct {
			Data struct {
				Logs   []struct{ ID int64 } `json:"operation_logs"`
				Total  int                  `json:"total_count"`
				More   bool                 `json:"has_next_page"`
				Cursor string               `json:"next_cursor"`
			}
		}
		must(t, json.Unmarshal([]byte(w.get(home, admin, "/api/v2/operation_logs?per_page=2&cursor="+cursor).body), &body))
		for _, e := range body.Data.Logs {
			seen[e.ID]++
		}
		if cursor = body.Data.Cursor; !body.Data.More {
			if len(seen) != body.Data.Total {
				t.Errorf("%d rows of %d", len(seen), body.Data.Total)
			}
			break
		}
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("row %d came %d times", id, times)
		}
	}
}

func TestGoldenSessions(t *testing.T) {
	w := newStaffWorld(t)
	token, _ := w.signIn("13857000461", passwordOfAll)
	ask := func(method, target, body string) answer {
		r := httptest.NewRequest(method, "http://crm.example.com"+target, strings.NewReader(body))
		r.Header.Set("Authorization", "Token token="+token)
		r.Header.Set("Content-Type", "application/json")
		return w.do(r)
	}
	golden(t, "user.sessions", ask("GET", "/api/v2/user/sessions", "").body)
	golden(t, "user.password_wrong", ask("PUT", "/api/v2/user/password", `{"old_password":"wrong","new_password":"another horse"}`).body)
	golden(t, "user.password_short", ask("PUT", "/api/v2/user/password", `{"old_password":"correct horse","new_password":"1234567"}`).body)
	golden(t, "user.password_differs", ask("PUT", "/api/v2/user/password", `{"old_password":"correct horse","new_password":"another horse","password_confirmation":"x"}`).body)
	golden(t, "user.password", ask("POST", "/api/v2/user/password", `{"old_password":"correct horse","password":"another horse","request_ticket":"t1"}`).body)
	if fresh, a := w.signIn("13857000461", "another horse"); fresh == "" {
		t.Errorf("with the new password: %s", a.body)
	} else {
		token = fresh
	}
	golden(t, "user.end_session_none", ask("DELETE", "/api/v2/user/sessions/443", "").body)
	var list struct {
		Data struct{ Sessions []struct{ ID json.Number } }
	}
	must(t, json.Unmarshal([]byte(ask("GET", "/api/v2/user/sessions", "").body), &list))
	if len(list.Data.Sessions) != 1 {
		t.Fatalf("%+v", list)
	}
	if a := ask("DELETE", "/api/v2/user/sessions/"+list.Data.Sessions[0].ID.String(), ""); codeIn(t, a) != 0 {
		t.Errorf("ended: %s", a.body)
	}
	if a := ask("GET", "/api/v2/user/info", ""); outcome(a) != "unauthenticated" {
		t.Errorf("the ended session: %s", a.body)
	}
}
