package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"guanxi/internal/service"
)

// An ask is one writing of a request: a path, and parameters as a JSON object.
type ask struct{ path, params string }

// A replay is a request as clients of the origin send it (wire.md), in every
// encoding, with the token in every place. All of them have one answer, which is
// testdata/replay/<answer>.json; so have its other writings.
type replay struct {
	answer, method string
	ask
	others []ask
	// code is the code of the answer: 0, or that of a refusal, which changes
	// nothing.
	code int
	// reads says what clients read in it; see checkRead.
	reads string
	// alias says that POST does what PUT does.
	alias bool
	// as is the user who asks; 0 for a super administrator.
	as int64
}

// TestReplays sends every request of the table in every way.
func TestReplays(t *testing.T) {
	seen := map[string]bool{}
	reading := newReplay(t)
	for _, r := range replays() {
		if seen[r.answer] {
			t.Errorf("two rows have the answer %s", r.answer)
		}
		seen[r.answer] = true
		t.Run(r.answer, func(t *testing.T) {
			if r.method == "GET" {
				reading.t = t
				r.run(t, readings(), func(int) (*world, int64) { return reading, home })
				return
			}
			t.Parallel()
			encodings := writings()
			if r.params == "" {
				encodings = bare()
			}
			var w *world
			r.run(t, encodings, func(i int) (*world, int64) {
				if i%replayOrganizations == 0 {
					w = newReplays(t)
				}
				return w, home + int64(i%replayOrganizations)
			})
		})
	}
}

// sending is a request of a replay with a name for the way it is sent.
type sending struct {
	name string
	put  func(t *testing.T, token string) *http.Request
}

// run sends a request in every way, each to the world and the organization that
// place gives, and wants one answer for all. A refusal changes nothing.
func (r replay) run(t *testing.T, encodings []encoding, place func(i int) (*world, int64)) {
	var want string
	for i, s := range r.sendings(encodings) {
		w, org := place(i)
		before := w.version(org)
		ask := w.do
		if want != "" {
			ask = w.repeat
		}
		got := ask(s.put(t, w.token(org, cmp.Or(r.as, admin))))
		code := codeOf(t, got)
		switch {
		case code != r.code || got.status != http.StatusOK:
			t.Errorf("%s: HTTP %d, code %d, want %d: %s", s.name, got.status, code, r.code, got.body)
		case want == "":
			golden(t, "../replay/"+r.answer, got.body)
			want = anyOrganization(got.body)
		case anyOrganization(got.body) != want:
			t.Errorf("%s answers another body:\n%s", s.name, diff(indented(t, want), indented(t, anyOrganization(got.body))))
		}
		if changed := w.version(org) != before; changed != (r.code == 0 && r.method != "GET") {
			t.Errorf("%s: something has changed: %v", s.name, changed)
		}
		if t.Failed() {
			return
		}
		if i == 0 && r.reads != "" {
			checkRead(t, r.reads, got.body)
		}
	}
}

// repeat sends a request whose answer is compared with one that was held against
// the API document.
func (w *world) repeat(r *http.Request) answer {
	rec := httptest.NewRecorder()
	w.server.ServeHTTP(rec, r)
	return answer{rec.Code, rec.Body.String(), rec.Header()}
}

// sendings are the ways to send a request: as it stands first in every encoding
// with the token in the header and beside the object, and with the token in every
// place in one encoding; its other writings in every encoding.
func (r replay) sendings(encodings []encoding) (list []sending) {
	add := func(method string, a ask, e encoding, k way) { list = append(list, a.in(method, e, k)) }
	all := ways()
	header, beside := all[0], all[len(all)-1]
	for _, e := range encodings {
		add(r.method, r.ask, e, header)
		add(r.method, r.ask, e, beside)
	}
	for _, k := range all[1 : len(all)-1] {
		add(r.method, r.ask, encodings[0], k)
	}
	if r.alias {
		for _, e := range encodings[:min(5, len(encodings))] {
			add("POST", r.ask, e, header)
		}
	}
	for _, a := range r.others {
		own := encodings
		if r.method != "GET" && a.params == "" {
			own = bare()
		}
		for _, e := range own {
			add(r.method, a, e, header)
		}
	}
	return list
}

// in is an ask in one encoding, with the token in one place.
func (a ask) in(method string, e encoding, k way) sending {
	return sending{fmt.Sprintf("%s %s %s, %s, %s", method, a.path, a.params, e.name, k.name), func(t *testing.T, token string) *http.Request {
		path, beside, _ := strings.Cut(a.path, "?")
		o := outgoing{method: method, path: path, params: paramsOf(t, a.params), header: http.Header{}}
		if name, value, ok := strings.Cut(beside, "="); ok {
			o.query = append(o.query, [2]string{name, value})
		}
		k.put(&o, token)
		return e.write(t, o)
	}}
}

// TestReplaysOfTickets sends every change twice with one ticket, the second time
// in another encoding: the second gets the first answer, and nothing is changed.
func TestReplaysOfTickets(t *testing.T) {
	w := newReplays(t)
	org := home - 1
	for _, r := range replays() {
		if r.method == "GET" || r.code != 0 {
			continue
		}
		if org++; org == home+replayOrganizations {
			w, org = newReplays(t), home
		}
		path, beside, _ := strings.Cut(r.path, "?")
		if beside != "" {
			t.Fatalf("%s: the ticket is not alone in the query", r.answer)
		}
		r.path = path + "?request_ticket=6ba7b810-9dad-11d1-80b4-00c04fd430c8"
		encodings := []encoding{writings()[0], writings()[6]}
		if r.params == "" {
			encodings = []encoding{bare()[0], bare()[3]}
		}
		token := w.token(org, cmp.Or(r.as, admin))
		first := w.do(r.in(r.method, encodings[0], ways()[0]).put(t, token))
		changed := w.version(org)
		second := w.do(r.in(r.method, encodings[1], ways()[5]).put(t, token))
		if codeOf(t, first) != 0 || second.body != first.body || w.version(org) != changed {
			t.Errorf("%s: with a ticket\n%s\nand once more\n%s", r.answer, first.body, second.body)
		}
	}
}

func paramsOf(t *testing.T, text string) map[string]any {
	t.Helper()
	params := map[string]any{}
	if text != "" {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		must(t, d.Decode(&params))
	}
	return params
}

var (
	organizationID = regexp.MustCompile(`"organization_id":\d+`)
	signature      = regexp.MustCompile(`(/(?:attachments|staticmap)[^"]*)`)
)

// anyOrganization is an answer without what differs between organizations that
// hold the same: their number, and the signatures of links.
func anyOrganization(body string) string {
	return signature.ReplaceAllString(organizationID.ReplaceAllString(body, `"organization_id":0`), "/link")
}

func indented(t *testing.T, body string) string {
	t.Helper()
	var out bytes.Buffer
	must(t, json.Indent(&out, []byte(body), "", " "))
	return out.String()
}

// token32 is a token as the origin writes it.
var token32 = regexp.MustCompile(`"user_token":"([0-9a-f]{32})"`)

// TestReplaysOfSignIn signs in in every encoding with everything that clients say
// of themselves. All get the same answer, with a token that works.
func TestReplaysOfSignIn(t *testing.T) {
	w := newWorldOf(t, "replay", []int64{home}, fillReplay, func(_ *Options, s *service.Settings) { s.SessionsPerDevice = 1000 })
	const secret = `"login":"13857000443","password":"` + passwordOfAll + `"`
	says := []string{
		`{` + secret + `,"device":"open_api","version_code":"9.9.9"}`, `{` + secret + `,"device":"open_api"}`,
		`{` + secret + `,"device":"dingtalk","version_code":"3.13.0"}`, `{` + secret + `,"device":"web","version_code":"3.3.0","corp_id":"wwjabcdef"}`,
		`{` + secret + `,"device":"wxwork","version_code":"9.8.0","corp_id":""}`, `{` + secret + `,"device":"ios","version_code":"4.0.1"}`,
		`{` + secret + `,"device":"android","version_code":null}`,
	}
	encodings := append(writings(), encoding{"GET", func(t *testing.T, o outgoing) *http.Request {
		o.method = "GET"
		return inQuery("%s?%s", listed)(t, o)
	}})
	var want string
	for i := range max(len(says), len(encodings)) {
		params, e := says[min(i, len(says)-1)], encodings[i%len(encodings)]
		r := e.write(t, outgoing{method: "POST", path: "/api/v2/auth/login", params: paramsOf(t, params), header: http.Header{}})
		got := w.do(r)
		found := token32.FindStringSubmatch(got.body)
		if got.status != http.StatusOK || found == nil {
			t.Fatalf("%s, %s: HTTP %d %s", params, e.name, got.status, got.body)
		}
		info := outgoing{method: "GET", path: "/api/v2/contacts/20583", header: http.Header{}}
		ways()[0].put(&info, found[1])
		if a := w.do(inQuery("%s", listed)(t, info)); outcome(a) != "shown" {
			t.Errorf("%s, %s: the token does not work: %s", params, e.name, a.body)
		}
		body := strings.Replace(got.body, found[1], strings.Repeat("0", 32), 1)
		if want == "" {
			want = body
			golden(t, "../replay/sign_in", body)
		}
		if body != want {
			t.Errorf("%s, %s answers another body:\n%s\n%s", params, e.name, body, want)
		}
	}
}
