package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// demoFile is demo.json, which scripts read.
type demoFile struct {
	URL   string `json:"url"`
	Users []struct {
		Login    string `json:"login"`
		Password string `json:"password"`
		Role     string `json:"role"`
	} `json:"users"`
	MatchingName string `json:"matching_name"`
	ContactID    int64  `json:"contact_id"`
}

func readDemoFile(t *testing.T, data string) (d demoFile) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(data, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return d
}

func startDemo(t *testing.T, data string) *process {
	t.Helper()
	return startWith(t, []string{"GUANXI_DATA=" + data, "GUANXI_ADDR=127.0.0.1:0"}, "demo")
}

// TestDemo starts the demo as a newcomer does, does what it says, and starts it
// a second time.
func TestDemo(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := startDemo(t, data)
	demo := readDemoFile(t, data)
	if demo.URL != p.url {
		t.Errorf("demo.json says %q, the log %q", demo.URL, p.url)
	}
	if len(demo.Users) < 2 || demo.Users[0].Login == "" || demo.Users[0].Login == demo.Users[1].Login {
		t.Fatalf("demo.json does not hold two sign-ins: %+v", demo.Users)
	}
	bodies := callsOfDemo(t, demo)
	printed := p.out.text()
	for _, text := range []string{demo.URL, demo.Users[0].Login, demo.Users[0].Password, demo.Users[1].Login, demo.Users[1].Password} {
		if !strings.Contains(printed, text) {
			t.Errorf("%q is not printed:\n%s", text, printed)
		}
	}
	runCurlLines(t, printed, demo)
	added := pairs{{"customer[name]", "演示之后的公司"}}
	c := signedIn(t, demo.URL, demo.Users[0].Login, demo.Users[0].Password)
	c.do(t, "POST", "/api/v2/customers", formType, added.form()).expect(t, 0)
	p.stop()
	if strings.Contains(p.log.text(), demo.Users[0].Password) {
		t.Error("the log holds a password")
	}

	p = startDemo(t, data)
	second := readDemoFile(t, data)
	if second.URL != p.url || fmt.Sprint(second.Users) != fmt.Sprint(demo.Users) ||
		second.MatchingName != demo.MatchingName || second.ContactID != demo.ContactID {
		t.Errorf("the second start says %+v, the first said %+v", second, demo)
	}
	for i, body := range callsOfDemo(t, second) {
		if want := strings.ReplaceAll(bodies[i], demo.URL, second.URL); withoutLinks(body) != withoutLinks(want) {
			t.Errorf("another answer after the second start:\n%s\n%s", body, want)
		}
	}
	c = signedIn(t, second.URL, second.Users[0].Login, second.Users[0].Password)
	if all, err := c.byName(within(t), "演示之后的公司"); err != nil || len(all) != 1 {
		t.Errorf("what was added is there %d times, %v", len(all), err)
	}
	p.stop()
}

// callsOfDemo signs in as both users and makes both calls as each; it gives the
// first user's answers, who sees both examples.
func callsOfDemo(t *testing.T, demo demoFile) (bodies []string) {
	t.Helper()
	for i, u := range demo.Users[:2] {
		c := signedIn(t, demo.URL, u.Login, u.Password)
		all, err := c.byName(within(t), demo.MatchingName)
		if err != nil || len(all) == 0 || all[0].Name != demo.MatchingName || len(all[0].Contacts) == 0 {
			t.Errorf("%s asks for %s: %+v, %v", u.Role, demo.MatchingName, all, err)
		}
		a := c.get(t, fmt.Sprintf("/api/v2/contacts/%d", demo.ContactID))
		if a.code() != 0 && (i == 0 || a.code() != 100100) {
			t.Errorf("%s asks for contact %d: %s", u.Role, demo.ContactID, a.Body)
		}
		if i > 0 {
			continue
		}
		var contact struct{ ID int64 }
		a.into(t, &contact)
		if contact.ID != demo.ContactID {
			t.Errorf("contact %d is shown as %d", demo.ContactID, contact.ID)
		}
		bodies = append(bodies, a.Body)
	}
	return bodies
}

// withoutLinks drops the strings that hold an address: signed links change with
// the hour.
func withoutLinks(body string) string {
	parts := strings.Split(body, `"`)
	for i, s := range parts {
		if strings.HasPrefix(s, "http://") {
			parts[i] = ""
		}
	}
	return strings.Join(parts, `"`)
}

// runCurlLines pastes the printed curl lines into a shell, one after the other,
// as the newcomer does: signing in and both calls have to work.
func runCurlLines(t *testing.T, printed string, demo demoFile) {
	t.Helper()
	var script []string
	continued := false
	for line := range strings.Lines(printed) {
		line = strings.TrimSpace(line)
		if continued || strings.Contains(line, "curl ") {
			script = append(script, line)
			continued = strings.HasSuffix(line, `\`)
		}
	}
	if n := strings.Count(strings.Join(script, "\n"), "curl "); n < 3 {
		t.Fatalf("%d curl lines, want at least signing in and two calls:\n%s", n, printed)
	}
	cmd := exec.CommandContext(within(t), "bash", "-c", strings.Join(script, "\n"))
	cmd.Env = environment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, strings.Join(script, "\n"), out)
	}
	for _, want := range []string{`"customers":[{`, `"name":"` + demo.MatchingName + `"`,
		fmt.Sprintf(`{"code":0,"data":{"id":%d,`, demo.ContactID)} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the curl lines do not answer %s:\n%s\n%s", want, strings.Join(script, "\n"), out)
		}
	}
}

// TestDemoStaysHome refuses to show the printed passwords to the network.
func TestDemoStaysHome(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", "[::]:0", ":0"} {
		data := filepath.Join(t.TempDir(), "data")
		out := guanxi(t, "GUANXI_DATA="+data, "GUANXI_ADDR="+addr, "demo")
		if out.code != 1 || !strings.Contains(out.stderr, "127.0.0.1") || out.stdout != "" {
			t.Errorf("%s: exit code %d, %s", addr, out.code, out.stderr)
		}
		if _, err := os.Stat(filepath.Join(data, "demo.json")); err == nil {
			t.Errorf("%s: it has made the demo all the same", addr)
		}
	}
}
