package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"guanxi/internal/pgtest"
)

// onPostgres starts a server on a PostgreSQL cluster of its own, with one
// organization, and signs in.
func onPostgres(t *testing.T) (db *pgtest.Cluster, server *process, c *client) {
	t.Helper()
	db, err := pgtest.Start(pgtest.Options{Settings: map[string]string{"synchronous_commit": "on"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.CreateDatabase(t.Context(), "guanxi", ""); err != nil {
		t.Fatal(err)
	}
	env, data := "GUANXI_DATABASE="+db.URL("guanxi"), t.TempDir()
	password := printedPassword(t, must(t, env, "org", "add", "测试公司", "--login", "13800000000", "--data", data))
	server = startWith(t, []string{env}, "serve", "--data", data, "--addr", "127.0.0.1:0")
	return db, server, signedIn(t, server.url, "13800000000", password)
}

// status asks for something that needs no token.
func status(t *testing.T, url string) int {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	return r.StatusCode
}

const (
	readCall  = "/api/v2/duplicates/matching_name?name=%E7%94%B2"
	writeCall = "/api/v2/customers"
)

// unavailable checks the answer of a call while the database does not.
func unavailable(t *testing.T, a *answer) {
	t.Helper()
	var body struct {
		Code           int
		Message, Error string
	}
	if err := json.Unmarshal([]byte(a.Body), &body); err != nil || a.Status != http.StatusServiceUnavailable || body.Code != 503 ||
		body.Error != "service_unavailable" || body.Message == "" || a.Header.Get("Retry-After") == "" || a.Header.Get("Etag") != "" {
		t.Errorf("%d %v %s", a.Status, a.Header, a.Body)
	}
}

func TestDatabaseGoneAndBack(t *testing.T) {
	db, server, c := onPostgres(t)
	c.do(t, "POST", writeCall, formType, "customer[name]=%E7%94%B2").expect(t, 0)
	first := c.get(t, readCall)
	first.expect(t, 0)
	tag := first.Header.Get("Etag")
	for round := range 3 {
		if err := db.Kill(); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			unavailable(t, c.get(t, readCall))
			unavailable(t, c.do(t, "GET", readCall, "", "", "If-None-Match", tag))
			unavailable(t, c.do(t, "POST", writeCall, formType, "customer[name]=%E4%B9%99"))
			unavailable(t, c.tryLogin(t, "13800000000", "whatever"))
		}
		if status(t, server.url+"/readyz") != http.StatusServiceUnavailable || status(t, server.url+"/healthz") != http.StatusOK {
			t.Error("the process should live and not be ready")
		}
		if err := db.Restart(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		for c.get(t, readCall).Status != http.StatusOK {
			if ctx.Err() != nil {
				t.Fatal("the server does not recover")
			}
		}
		cancel()
		again := c.get(t, readCall)
		if again.Body != first.Body {
			t.Errorf("round %d: another answer than before: %s", round, again.Body)
		}
		if a := c.do(t, "GET", readCall, "", "", "If-None-Match", tag); a.Status != http.StatusNotModified {
			t.Errorf("round %d: %d for what has not changed", round, a.Status)
		}
	}
	if status(t, server.url+"/readyz") != http.StatusOK {
		t.Error("not ready")
	}
	c.do(t, "POST", writeCall, formType, "customer[name]=%E4%B9%99").expect(t, 0)
	if lines := strings.Count(server.log.text(), `"level":"ERROR"`); lines > 10 {
		t.Errorf("%d lines of errors in the log", lines)
	}
}

// A statement that waits for ever is ended; so is the wait for the database's
// connections.
func TestDatabaseRestartedUnderLoad(t *testing.T) {
	db, _, c := onPostgres(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	made := make(chan string, 10_000)
	go func() {
		defer close(made)
		for i := 0; ctx.Err() == nil; i++ {
			name := "load-" + time.Duration(i).String()
			a, err := c.send(ctx, "POST", writeCall, formType, "customer[name]="+name)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil:
				t.Errorf("%s: %v", name, err)
				return
			case a.Status == http.StatusOK && a.code() == 0:
				made <- name
			case a.Status != http.StatusServiceUnavailable:
				t.Errorf("%s: %d %s", name, a.Status, a.Body)
				return
			}
		}
	}()
	for range 3 {
		for range 20 {
			<-made
		}
		if err := db.Stop(); err != nil {
			t.Fatal(err)
		}
		if err := db.Restart(); err != nil {
			t.Fatal(err)
		}
	}
	last := <-made
	cancel()
	for name := range made {
		last = name
	}
	if found, err := c.byName(t.Context(), last); err != nil || len(found) != 1 {
		t.Errorf("the last one: %v, %v", found, err)
	}
}
