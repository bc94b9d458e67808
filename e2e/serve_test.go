package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestEmptyDatabase starts without anything: the server says what to do and
// nobody can sign in, until an organization is added beside it.
func TestEmptyDatabase(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, data)
	if !strings.Contains(p.log.text(), "guanxi org add") {
		t.Errorf("nothing tells how to add an organization:\n%s", p.log.text())
	}
	c := newClient(t, p.url)
	for _, login := range []string{"13800000000", "admin", "root@example.com"} {
		c.tryLogin(t, login, "password").expect(t, 100400)
	}
	password := addOrganization(t, data, "13800000000")
	until(t, "the server has noticed the organization", func(context.Context) bool {
		return c.tryLogin(t, "13800000000", password).code() == 0
	})
	c.login(t, "13800000000", password)
	c.get(t, "/api/v2/duplicates/matching_name?name=x").expect(t, 0)
	p.stop()
}

func TestLoginIsTaken(t *testing.T) {
	data := t.TempDir()
	password := addOrganization(t, data, "13800000000")
	for _, login := range []string{"13800000000", "+86 138-0000-0000"} {
		out := guanxi(t, "org", "add", "另一家公司", "--login", login, "--data", data)
		if out.code != 1 || !strings.Contains(out.stderr, "taken") || strings.Contains(out.stdout, "password") {
			t.Errorf("a second %s: exit code %d, %s%s", login, out.code, out.stdout, out.stderr)
		}
	}
	if list := must(t, "org", "list", "--data", data); strings.Contains(list, "另一家公司") {
		t.Errorf("the refused organization is there:\n%s", list)
	}
	p := start(t, data)
	signedIn(t, p.url, "13800000000", password)
	p.stop()
}

// TestUsersBesideAServer changes users with the operator's commands while a
// server runs on the same folder.
func TestUsersBesideAServer(t *testing.T) {
	data := t.TempDir()
	addOrganization(t, data, "13800000000")
	p := start(t, data)
	password := printedPassword(t, must(t, "user", "add", "李雷", "--org", "1", "--login", "li@example.com", "--data", data))
	if list := must(t, "user", "list", "--org", "1", "--data", data); !strings.Contains(list, "李雷") || !strings.Contains(list, "管理员") {
		t.Errorf("the list of users:\n%s", list)
	}
	old := signedIn(t, p.url, "li@example.com", password)
	old.get(t, "/api/v2/duplicates/matching_name?name=x").expect(t, 0)

	must(t, "GUANXI_NEW_PASSWORD=a new password", "user", "password", "li@example.com", "--data", data)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for code := 0; code != 100401; {
		a, err := old.send(ctx, "GET", "/api/v2/duplicates/matching_name?name=x", "", "")
		if err != nil {
			t.Fatalf("the former session still lives: %v", err)
		}
		if code = a.code(); code != 0 && code != 100401 {
			t.Fatalf("the former session is answered %s", a.Body)
		}
	}
	c := newClient(t, p.url)
	c.tryLogin(t, "li@example.com", password).expect(t, 100400)
	c.login(t, "li@example.com", "a new password")
	c.get(t, "/api/v2/duplicates/matching_name?name=x").expect(t, 0)
	old.get(t, "/api/v2/duplicates/matching_name?name=x").expect(t, 100401)
	p.stop()
}

// slowRequest begins to create a customer and gives the connection once the
// server waits for the body: it asks for it with "100 Continue".
func slowRequest(t *testing.T, c *client, body string) (net.Conn, *bufio.Reader) {
	t.Helper()
	host := strings.TrimPrefix(c.url, "http://")
	conn, err := new(net.Dialer).DialContext(within(t), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST /api/v2/customers HTTP/1.1\r\nHost: %s\r\nAuthorization: Token token=%s\r\nContent-Type: %s\r\n"+
		"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n", host, c.token, formType, len(body))
	in := bufio.NewReader(conn)
	line, err := in.ReadString('\n')
	if err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("the server does not ask for the body: %q %v", line, err)
	}
	if _, err := in.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return conn, in
}

// TestGracefulStop ends a server while a request is running: the request is
// answered and kept, the log is whole and the exit code 0.
func TestGracefulStop(t *testing.T) {
	data := t.TempDir()
	password := addOrganization(t, data, "13800000000")
	p := start(t, data)
	c := signedIn(t, p.url, "13800000000", password)
	body := pairs{{"customer[name]", "最后一家公司"}}.form()
	conn, in := slowRequest(t, c, body)
	p.signal(syscall.SIGTERM)
	p.log.wait(t, `"msg":"stopping"`)
	if _, err := io.WriteString(conn, body); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatalf("the running request was not answered: %v", err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(b), `"code":0`) {
		t.Fatalf("%s %v", b, err)
	}
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, p.log.text())
	}
	log := p.log.text()
	if id := res.Header.Get("X-Request-Id"); id == "" || !strings.Contains(log, id) || !strings.HasSuffix(log, "}\n") {
		t.Errorf("the last request %q is not in the log:\n%s", id, log)
	}
	p = start(t, data)
	c.url = p.url
	if all, err := c.byName(within(t), "最后一家公司"); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
	p.stop()
}

// TestStopGivesUp ends a server while a request never finishes: after the set
// time it stops all the same and says so.
func TestStopGivesUp(t *testing.T) {
	data := t.TempDir()
	password := addOrganization(t, data, "13800000000")
	p := start(t, data, "--shutdown-wait=50ms")
	slowRequest(t, signedIn(t, p.url, "13800000000", password), "customer[name]=x")
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 1 || !strings.Contains(p.log.text(), "requests were still running") {
		t.Errorf("exit code %d:\n%s", code, p.log.text())
	}
}

// TestOneServerPerFolder starts a second server on the same folder with its
// embedded database, whatever the engine of the run; a killed one does not keep
// its successor out.
func TestOneServerPerFolder(t *testing.T) {
	data := t.TempDir()
	useDatabase(data, "")
	p := start(t, data)
	out := guanxi(t, "serve", "--data", data, "--addr", "127.0.0.1:0")
	if out.code != 1 || !strings.Contains(out.stderr, "another server") {
		t.Errorf("a second server: exit code %d, %s", out.code, out.stderr)
	}
	p.kill()
	start(t, data).stop()
}

// TestOperations asks what load balancers and monitors ask.
func TestOperations(t *testing.T) {
	data := t.TempDir()
	p := startWith(t, []string{"GUANXI_DATA=" + data, "GUANXI_ADDR=127.0.0.1:0"}, "serve")
	if _, err := os.Stat(filepath.Join(data, "files")); err != nil || strings.HasSuffix(p.url, ":8080") {
		t.Errorf("the environment does not steer: %s, %v", p.url, err)
	}
	c := newClient(t, p.url)
	for path, want := range map[string]string{
		"/healthz": "ok\n", "/readyz": "ready\n", "/metrics": "guanxi_requests_total",
	} {
		if a := c.get(t, path); a.Status != 200 || !strings.Contains(a.Body, want) {
			t.Errorf("%s: HTTP %d %s", path, a.Status, a.Body)
		}
	}
	for _, path := range []string{"/", "/nowhere", "/api/v2/nowhere", "/api/v1/customers"} {
		if a := c.get(t, path); a.Status != 404 || a.code() != 404 || a.Error != "routing_error" || a.Message == "" {
			t.Errorf("%s: HTTP %d %s", path, a.Status, a.Body)
		}
	}
	for _, call := range []struct{ method, path, allow string }{
		{"PATCH", "/api/v2/customers", "POST"}, {"POST", "/api/v2/duplicates/matching_name", "GET"},
		{"PUT", "/api/v2/contacts", "POST"},
	} {
		a := c.do(t, call.method, call.path, "", "")
		if a.Status != 405 || a.code() != 405 || !strings.Contains(a.Header.Get("Allow"), call.allow) {
			t.Errorf("%s %s: HTTP %d, Allow %q, %s", call.method, call.path, a.Status, a.Header.Get("Allow"), a.Body)
		}
	}
	p.stop()
}

// TestLogHoldsNoSecrets sends the token in every way there is, fails to sign
// in, and looks for what was sent in all that the server has written.
func TestLogHoldsNoSecrets(t *testing.T) {
	data := t.TempDir()
	password := addOrganization(t, data, "13800000000")
	p := start(t, data, "--log-level=debug")
	c := signedIn(t, p.url, "13800000000", password)
	token := c.token
	bare := newClient(t, p.url)

	const wrong, unknown, phone, tel = "a wrong password", "13800000009", "13800000123", "057188880000"
	bare.tryLogin(t, "13800000000", wrong).expect(t, 100400)
	bare.tryLogin(t, unknown, wrong).expect(t, 100400)
	query := url.Values{"login": {"13800000000"}, "password": {wrong}, "device": {"web"}}.Encode()
	bare.do(t, "POST", "/api/v2/auth/login?"+query, "", "").expect(t, 100400)
	bare.do(t, "POST", "/api/v2/auth/login", "application/json", `{"login":"13800000000","password":"`+wrong+`"`)

	fields := pairs{{"customer[name]", "有电话的公司"}, {"customer[address_attributes][tel]", tel},
		{"customer[contacts_attributes][0][name]", "王五"}, {"customer[contacts_attributes][0][address_attributes][phone]", phone}}
	c.do(t, "POST", "/api/v2/customers", formType, fields.form()).expect(t, 0)
	bad := append(fields, [2]string{"customer[status]", phone}, [2]string{"customer[contacts_attributes][1][category]", phone})
	if a := c.do(t, "POST", "/api/v2/customers", formType, bad.form()); a.code() == 0 {
		t.Errorf("a status that does not exist is taken: %s", a.Body)
	}
	c.get(t, "/api/v2/contacts/"+phone).expect(t, 100100)
	c.get(t, "/api/v2/nowhere/"+phone).expect(t, 404)

	const path = "/api/v2/duplicates/matching_name"
	for _, header := range [][]string{
		{"Authorization", "Token token=" + token + ", device=open_api, version_code=9.9.9"},
		{"Authorization", "Token token=" + token + ",device=open_api,version_code=9.9.9"},
		{"Authorization", `Token token="` + token + `",device="web"`},
		{"Authorization", "Token token=" + token},
		{"Access-Token", token},
	} {
		bare.do(t, "GET", path+"?name="+phone, "", "", header...).expect(t, 0)
	}
	asForm := url.Values{"user_token": {token}, "device": {"open_api"}, "version_code": {"9.9.9"}, "name": {"x"}}.Encode()
	bare.get(t, path+"?"+asForm).expect(t, 0)
	bare.do(t, "GET", path, formType, asForm).expect(t, 0)
	again := append(pairs{{"user_token", token}}, fields...)
	bare.do(t, "POST", "/api/v2/customers", formType, again.form()).expect(t, 100407)
	again[1][1] = "另一家有电话的公司"
	contentType, body := again.multipart()
	bare.do(t, "POST", "/api/v2/customers", contentType, body).expect(t, 0)
	garbage := strings.Repeat("deadbeef", 4)
	bare.get(t, path+"?name=x&user_token="+garbage).expect(t, 100401)
	bare.do(t, "GET", path+"?name=x", "", "", "Authorization", "Bearer "+garbage).expect(t, 100401)
	p.stop()

	log := p.log.text() + p.out.text()
	if strings.Count(log, `"msg":"request"`) < 15 {
		t.Fatalf("the log is not whole:\n%s", log)
	}
	for what, secret := range map[string]string{
		"token": token, "refused token": garbage, "password": password, "wrong password": wrong,
		"wrong password as it was sent": url.QueryEscape(wrong), "login": "13800000000", "unknown login": unknown,
		"phone number": phone, "telephone number": tel,
	} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds the %s", what)
		}
	}
}
