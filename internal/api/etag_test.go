package api

import (
	"errors"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"guanxi/internal/api/call"
	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func brokenHandler(c *call.Call) error {
	c.String("", "half an answer")
	if c.Request.URL.Query().Has("panic") {
		panic("the secret reason of a panic")
	}
	return errors.New("the secret reason")
}

// ask repeats a question with an ETag.
func (w *world) ask(org, user int64, target, tag string) answer {
	r := httptest.NewRequest("GET", "http://crm.example.com"+target, nil)
	r.Header.Set("Authorization", "Token token="+w.token(org, user))
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	return w.do(r)
}

// tagForm is the organization's version in the base 36, a dot, and a hash.
var tagForm = regexp.MustCompile(`^"[0-9a-z]+\.[A-Za-z0-9_-]{22}"$`)

func TestETags(t *testing.T) {
	w := newWorld(t)
	const contact, byName = "/api/v2/contacts/20583", "/api/v2/duplicates/matching_name?name=0永豐餘投資有限公司"
	tags := map[string]bool{}
	for _, user := range []int64{owner, admin} {
		for _, target := range []string{contact, contact + "?lat=31&lng=121", byName} {
			a := w.ask(home, user, target, "")
			tag := a.header.Get("Etag")
			if !tagForm.MatchString(tag) || tags[tag] {
				t.Fatalf("%s of %d: ETag %q", target, user, tag)
			}
			tags[tag] = true
			for _, header := range []string{tag, "W/" + tag, `"x", ` + tag} {
				b := w.ask(home, user, target, header)
				if b.status != 304 || b.body != "" || b.header.Get("Etag") != tag {
					t.Errorf("unchanged, %s: %d %q", header, b.status, b.body)
				}
			}
			if b := w.ask(home, user, target, "*"); b.status != 200 {
				t.Errorf("*: %d", b.status)
			}
		}
	}
	tag := w.ask(home, owner, contact, "").header.Get("Etag")
	// Nobody else gets a 304 for it, and no error carries a tag.
	for _, user := range []int64{admin, colleague} {
		if b := w.ask(home, user, contact, tag); b.status != 200 {
			t.Errorf("user %d with another's tag: %d", user, b.status)
		}
	}
	if b := w.ask(home, colleague, contact, ""); b.header.Get("Etag") != "" {
		t.Error("a refusal carries an ETag")
	}
	if b := w.ask(other, owner, contact, tag); b.status != 200 {
		t.Errorf("the other organization: %d", b.status)
	}
	// The token may stand in the query as well.
	r := httptest.NewRequest("GET", "http://crm.example.com"+contact+"?user_token="+w.token(home, owner), nil)
	if b := w.do(r); b.header.Get("Etag") == "" {
		t.Error("no ETag with the token in the query")
	}
}

// Whatever changes an answer changes its ETag.
func TestETagsMoveWithEveryChange(t *testing.T) {
	w := newWorld(t)
	const target = "/api/v2/contacts/20583"
	steps := map[string]func(){
		"a new sibling": func() {
			if a := w.post(home, owner, "/api/v2/contacts", `{"contact":{"name":"兄弟","customer_id":73717}}`); outcome(a) != "shown" {
				t.Fatal(a.body)
			}
		},
		"a user is disabled": func() { must(t, w.svc.SetUserState(t.Context(), home, star, crm.UserDisabled)) },
		"a role changes": func() {
			must(t, w.store.Update(t.Context(), home, func(tx *store.Write) error {
				if err := tx.AddRole(&crm.Role{ID: 999, Name: "neu", Scope: crm.ScopeOwn}, 1); err != nil {
					return err
				}
				return tx.Log(999_999, crm.LogEntry{Entity: "role", EntityID: 999, Action: "create", Changes: "{}"})
			}))
		},
		"the hour (signed links)": func() { w.clock.Add(time.Hour.Milliseconds()) },
	}
	for name, step := range steps {
		before := w.ask(home, owner, target, "").header.Get("Etag")
		step()
		after := w.ask(home, owner, target, before)
		if after.status != 200 || after.header.Get("Etag") == before {
			t.Errorf("%s: %d, the ETag stayed", name, after.status)
		}
	}
	// A sign-in changes no answer.
	before := w.ask(home, owner, target, "").header.Get("Etag")
	w.signIn("13857000461", passwordOfAll)
	if a := w.ask(home, owner, target, before); a.status != 304 {
		t.Errorf("after a colleague's sign-in: %d", a.status)
	}
	// And the other organization's changes are none of ours.
	if a := w.post(other, owner, "/api/v2/customers", `{"customer":{"name":"nebenan"}}`); outcome(a) != "shown" {
		t.Fatal(a.body)
	}
	if a := w.ask(home, owner, target, before); a.status != 304 {
		t.Errorf("after a change next door: %d", a.status)
	}
}

// A masked number is nowhere in an answer.
func TestMaskedNumbersLeaveByNoDoor(t *testing.T) {
	w := newWorld(t)
	created := w.post(home, owner, "/api/v2/customers", customerJSON)
	if outcome(created) != "shown" {
		t.Fatal(created.body)
	}
	numbers := regexp.MustCompile(`138000001\d\d|13800000(00[1-9])|0210000000\d|34500000`)
	for _, target := range []string{"/api/v2/contacts/20583", "/api/v2/contacts/27826", "/api/v2/contacts/673", "/api/v2/contacts/150001",
		"/api/v2/contacts/146000?lat=31&lng=121", "/api/v2/duplicates/matching_name?name=经理1的客户",
		"/api/v2/duplicates/matching_name?name=0永豐餘投資有限公司", "/api/v2/duplicates/matching_name?name=新客户"} {
		a := w.get(home, masked, target)
		if outcome(a) != "shown" || !strings.Contains(a.body, `"need_hidden_dispose":true`) {
			t.Fatalf("%s: %s", target, a.body)
		}
		if found := numbers.FindAllString(a.body, -1); found != nil {
			t.Errorf("%s shows %v", target, found)
		}
	}
	// Field rights: a phone that the role hides on others' records is gone.
	a := w.get(home, barred, "/api/v2/contacts/20583")
	if strings.Contains(a.body, "13800000001") || strings.Contains(a.body, "13800000002") || !strings.Contains(a.body, "13800000004") {
		t.Errorf("field rights: %s", a.body)
	}
}

func TestFiles(t *testing.T) {
	w := newWorld(t)
	body := w.get(home, owner, "/api/v2/contacts/20583").body
	link := regexp.MustCompile(`"file_url":"http://crm\.example\.com(/attachments/[^"?]+)"`).FindStringSubmatch(body)[1]
	fetch := func(target string) answer {
		return w.do(httptest.NewRequest("GET", "http://crm.example.com"+target, nil))
	}
	for suffix, contentType := range map[string]string{"": "image/jpeg", "?imageslim": "image/jpeg",
		"?imageMogr2/thumbnail/!100x100r/crop/!100x100/format/jpg/auto-orient": "image/jpeg", "?imageMogr2/format/png": "image/png"} {
		a := fetch(link + suffix)
		if a.status != 200 || a.header.Get("Content-Type") != contentType || len(a.body) == 0 {
			t.Errorf("%s: %d %s", suffix, a.status, a.header.Get("Content-Type"))
		}
	}
	if a := fetch(link + "?imageMogr2/thumbnail/99999x"); a.status != 400 {
		t.Errorf("beyond the limits: %d", a.status)
	}
	for _, bad := range []string{strings.Replace(link, "/14918/", "/14919/", 1), strings.Replace(link, "/57-", "/58-", 1), "/attachments/files/14918/x/y"} {
		if a := fetch(bad); a.status != 404 {
			t.Errorf("%s: %d", bad, a.status)
		}
	}
	w.clock.Add((25 * time.Hour).Milliseconds())
	if a := fetch(link); a.status != 403 {
		t.Errorf("expired: %d", a.status)
	}
	if a := fetch("/assets/male_uc.jpg?imageMogr2/thumbnail/!100x100r"); a.status != 200 || a.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("drawn avatar: %d", a.status)
	}
	m := regexp.MustCompile(`"gaode_staticmap":"http://crm\.example\.com([^"]+)"`).FindStringSubmatch(body)[1]
	const want = "/staticmap?location=121.42799%2C31.229676&markers=mid%2C%2CA%3A121.42799%2C31.229676&scale=2&size=524%2A180&zoom=16"
	if m != want {
		t.Errorf("map link %s", m)
	}
	if a := fetch(m); a.status != 200 || a.header.Get("Content-Type") != "image/png" {
		t.Errorf("map: %d %s", a.status, a.body)
	}
}
