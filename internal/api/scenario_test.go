package api

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"guanxi/internal/crm"
)

// signIn signs in with a form and gives the token, "" where it was refused.
func (w *world) signIn(login, password string) (token string, a answer) {
	w.t.Helper()
	r := httptest.NewRequest("POST", "http://crm.example.com/api/v2/auth/login",
		strings.NewReader(url.Values{"login": {login}, "password": {password}, "device": {"open_api"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a = w.do(r)
	var body struct {
		Data struct {
			Token string `json:"user_token"`
		}
	}
	must(w.t, json.Unmarshal([]byte(a.body), &body))
	return body.Data.Token, a
}

// outcome says in one word what came back.
func outcome(a answer) string {
	var body struct {
		Code  int
		Error *string
		Data  any
	}
	if a.status != 200 || json.Unmarshal([]byte(a.body), &body) != nil {
		return "status " + a.body
	}
	switch {
	case body.Code == 0:
		return "shown"
	case body.Code == crm.ErrNotFound.Code:
		return "hidden"
	case body.Code == crm.ErrReplaced.Code && body.Error == nil:
		return "replaced"
	case body.Code == crm.ErrUnauthenticated.Code:
		return "unauthenticated"
	}
	return a.body
}

func TestWhoSeesWhat(t *testing.T) {
	w := newWorld(t)
	const byName = "/api/v2/duplicates/matching_name?name=0永豐餘投資有限公司"
	const contact = "/api/v2/contacts/20583"
	for _, c := range []struct {
		name          string
		org, user     int64
		byName        string
		contact       string
		own, self     bool
		hiddenNumbers bool
	}{
		{"owner", home, owner, "shown", "shown", true, true, false},
		{"superior", home, superior, "shown", "shown", true, false, false},
		{"subordinate", home, star, "shown", "hidden", false, false, false},
		{"colleague out of scope", home, colleague, "shown", "hidden", false, false, false},
		{"creator without scope", home, creator, "shown", "hidden", false, false, false},
		{"colleague of the department", home, sameDept, "shown", "shown", false, false, false},
		{"colleague with a further department", home, furtherDept, "shown", "shown", false, false, false},
		{"departments below", home, deptsBelow, "shown", "shown", false, false, false},
		{"whole company", home, everybody, "shown", "shown", false, false, false},
		{"collaborator", home, helper, "shown", "shown", false, false, false},
		{"superior of the collaborator", home, helperSuperior, "shown", "shown", false, false, false},
		{"super administrator", home, admin, "shown", "shown", true, false, false},
		{"number hiding", home, masked, "shown", "shown", false, false, true},
		{"disabled", home, disabled, "unauthenticated", "unauthenticated", false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			if got := outcome(w.get(c.org, c.user, byName)); got != c.byName {
				t.Errorf("by name: %s, want %s", got, c.byName)
			}
			a := w.get(c.org, c.user, contact)
			if got := outcome(a); got != c.contact {
				t.Fatalf("contact: %s, want %s", got, c.contact)
			}
			if c.contact != "shown" {
				return
			}
			var body struct {
				Data struct {
					Own    bool `json:"is_own"`
					Self   bool `json:"is_user_self"`
					Hidden bool `json:"need_hidden_dispose"`
				}
			}
			must(t, json.Unmarshal([]byte(a.body), &body))
			if d := body.Data; d.Own != c.own || d.Self != c.self || d.Hidden != c.hiddenNumbers {
				t.Errorf("is_own, is_user_self, need_hidden_dispose = %+v", d)
			}
		})
	}
}

// The other organization has the same ids: each sees only its own records.
func TestOrganizationsAreApart(t *testing.T) {
	w := newWorld(t)
	if got := w.post(home, owner, "/api/v2/customers", `{"customer":{"name":"只在57","contacts_attributes":[{"name":"甲"}]}}`); outcome(got) != "shown" {
		t.Fatal(got.body)
	}
	if got := w.get(other, admin, "/api/v2/duplicates/matching_name?name=只在57").body; got != `{"code":0,"data":{"customers":[]}}` {
		t.Errorf("found across organizations: %s", got)
	}
	if got := outcome(w.get(other, admin, "/api/v2/contacts/150001")); got != "hidden" {
		t.Errorf("contact across organizations: %s", got)
	}
	for org, foreign := range map[int64]string{home: `"organization_id":58`, other: `"organization_id":57`} {
		for _, target := range []string{"/api/v2/contacts/20583", "/api/v2/duplicates/matching_name?name=经理1的客户"} {
			a := w.get(org, admin, target)
			if outcome(a) != "shown" || strings.Contains(a.body, foreign) {
				t.Errorf("organization %d: %s", org, a.body)
			}
		}
	}
}

func TestTokensThatAreNone(t *testing.T) {
	w := newWorld(t)
	unauthenticated := `{"code":100401,"message":"您的登录已经过期,请重新登录!","error":"user_authentication_error"}`
	for _, header := range []string{"", "Token", "Token token=", "Token token=garbage", "Token token=" + strings.Repeat("0", 32),
		"Token token=" + strings.ToUpper(w.token(home, owner)), "Basic eDp5", "Token token=" + strings.Repeat("f", 100000)} {
		r := httptest.NewRequest("GET", "http://crm.example.com/api/v2/contacts/20583", nil)
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		if got := w.do(r); got.body != unauthenticated || got.status != 200 {
			t.Errorf("%.60q: %d %s", header, got.status, got.body)
		}
	}
}

func TestExpiry(t *testing.T) {
	w := newWorld(t) // idle 24 h, absolute 72 h
	token, _ := w.signIn("13857000443", passwordOfAll)
	ask := func() string {
		r := httptest.NewRequest("GET", "http://crm.example.com/api/v2/contacts/20583?user_token="+token, nil)
		return outcome(w.do(r))
	}
	for hour := 0; hour < 72; hour += 20 {
		if got := ask(); got != "shown" {
			t.Fatalf("after %d hours of use: %s", hour, got)
		}
		w.clock.Add((20 * time.Hour).Milliseconds())
	}
	if got := ask(); got != "unauthenticated" {
		t.Errorf("beyond its absolute life: %s", got)
	}
	token, _ = w.signIn("13857000443", passwordOfAll)
	w.clock.Add((23 * time.Hour).Milliseconds())
	if got := ask(); got != "shown" {
		t.Errorf("within its idle life: %s", got)
	}
	w.clock.Add((24 * time.Hour).Milliseconds())
	if got := ask(); got != "unauthenticated" {
		t.Errorf("idle for too long: %s", got)
	}
}

func TestSignInAnswers(t *testing.T) {
	w := newWorld(t)
	const refused = `{"code":100400,"message":"帐号或密码错误","error":"auth_error"}`
	const locked = `{"code":100500,"message":"登录失败次数过多,请稍后再试","error":"auth_lock_error"}`
	if _, a := w.signIn("13857000470", passwordOfAll); a.body != refused {
		t.Errorf("disabled user: %s", a.body)
	}
	if _, a := w.signIn("13999999999", passwordOfAll); a.body != refused {
		t.Errorf("unknown login: %s", a.body)
	}
	for i := range 6 {
		want := refused
		if i == 5 {
			want = locked
		}
		if _, a := w.signIn("13857000443", "wrong"); a.body != want {
			t.Errorf("attempt %d: %s", i+1, a.body)
		}
	}
	if _, a := w.signIn("13857000443", passwordOfAll); a.body != locked {
		t.Errorf("right password while locked: %s", a.body)
	}
	w.clock.Add((15 * time.Minute).Milliseconds())
	if token, a := w.signIn("+86 138-5700-0443", passwordOfAll); len(token) != 32 {
		t.Errorf("after the lock: %s", a.body)
	}
	log := w.log.String()
	for _, secret := range []string{passwordOfAll, "13857000443", "wrong"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}
