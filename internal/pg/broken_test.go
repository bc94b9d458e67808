package pg

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"guanxi/internal/pgtest"
)

// expectBroken wants every use of a connection to fail, and to say why.
func expectBroken(t *testing.T, c *Conn, err error) {
	t.Helper()
	if err == nil || !IsUnavailable(err) || c.Broken() == nil || c.Idle() {
		t.Fatalf("got %v, broken: %v", err, c.Broken())
	}
	_, nextErr := c.Next()
	_, copyErr := c.CopyIn(`COPY x FROM STDIN`, pieces())
	for i, err := range []error{c.Send(`SELECT 1`), c.Flush(), c.Sync(), c.Recover(), nextErr, copyErr} {
		if err == nil {
			t.Errorf("use %d of a broken connection is no error", i)
		}
	}
}

// TestConnectionIsCut ends the connection from the server's side: while it is
// idle, while a statement runs, in the middle of an answer, of a COPY.
func TestConnectionIsCut(t *testing.T) {
	url := pgtest.Shared(t).Fresh(t, "")
	other := connectTo(t, url, Options{})
	run(t, other, `CREATE TABLE x (id bigint)`)
	cut := func(c *Conn) func() {
		pid := number(t, c, `SELECT pg_backend_pid()::bigint`)
		return func() { number(t, other, `SELECT pg_terminate_backend($1::int, 60000)::int::bigint`, pid) }
	}
	c := connectTo(t, url, Options{})
	cut(c)()
	_, err := ask(c, `SELECT 1`)
	expectBroken(t, c, err)
	if strings.Contains(err.Error(), "password") || !strings.Contains(err.Error(), "08006") {
		t.Errorf("got %v", err)
	}

	c = connectTo(t, url, Options{})
	now := cut(c)
	must(t, c.Send(`SELECT pg_sleep(600)`))
	must(t, c.Flush())
	now()
	_, err = c.Next()
	expectBroken(t, c, err)

	c = connectTo(t, url, Options{})
	now = cut(c)
	must(t, c.Send(`SELECT repeat('x', 1000000) FROM generate_series(1, 100)`))
	must(t, c.Flush())
	now() // it cannot have sent all: nobody reads
	_, err = c.Next()
	expectBroken(t, c, err)

	c = connectTo(t, url, Options{})
	now = cut(c)
	first := true
	_, err = c.CopyIn(`COPY x FROM STDIN`, func() ([]byte, error) {
		if first {
			first = false
			now()
		}
		return []byte("1\n"), nil
	})
	expectBroken(t, c, err)
	if n := number(t, other, `SELECT count(*) FROM x`); n != 0 {
		t.Errorf("%d rows of a COPY that was cut off", n)
	}
}

// TestServerIsSilent gives up a server that does not answer.
func TestServerIsSilent(t *testing.T) {
	for _, big := range []bool{false, true} {
		c := connectTo(t, pgtest.Shared(t).Fresh(t, ""), Options{Timeout: 200 * time.Millisecond})
		must(t, c.Send(`SELECT pg_sleep(600), length($1)`, strings.Repeat("x", map[bool]int{true: 1 << 20}[big])))
		must(t, c.Sync())
		_, err := c.Next()
		expectBroken(t, c, err)
		var late net.Error
		if !errors.As(err, &late) || !late.Timeout() {
			t.Errorf("got %v", err)
		}
	}
}

// server is a server of a few bytes.
func server(t *testing.T, answer string) *Conn {
	t.Helper()
	here, there := net.Pipe()
	go func() {
		b := make([]byte, 4096)
		there.Read(b)
		io.WriteString(there, answer)
		there.Close()
	}()
	t.Cleanup(func() { here.Close() })
	return &Conn{nc: here, options: Options{Timeout: time.Minute}, prepared: map[string]*statement{}, status: 'I'}
}

// TestNonsense reads answers that no server gives.
func TestNonsense(t *testing.T) {
	for _, answer := range []string{
		"", "D", "D\x00\x00\x00\x03", "D\xff\xff\xff\xff", "D\x00\x00\x00\x10abc", "Q\x00\x00\x00\x04", "HTTP/1.1 400 Bad Request\r\n\r\n",
		"1\x00\x00\x00\x04G\x00\x00\x00\x04", "T\x00\x00\x00\x05x", "T\x00\x00\x00\x08\x00\x02ab",
		"D\x00\x00\x00\x05x", "D\x00\x00\x00\x06\x00\x01", "D\x00\x00\x00\x0c\x00\x01\x00\x00\x00\x09ab", "D\x00\x00\x00\x0a\x00\x01\x00\x00\x00\x01C\x00\x00\x00\x05\x00",
		"Z\x00\x00\x00\x05I",
	} {
		c := server(t, answer)
		_, err := ask(c, `SELECT 1`)
		if c.Broken() == nil || err == nil {
			t.Errorf("%q: %v", answer, err)
		}
	}
	c := server(t, "1\x00\x00\x00\x04n\x00\x00\x00\x042\x00\x00\x00\x04C\x00\x00\x00\x0dSELECT 0\x00Z\x00\x00\x00\x04")
	if _, err := ask(c, `SELECT 1`); err == nil {
		t.Error("a short end")
	}
}

func TestConnectErrors(t *testing.T) {
	cluster := pgtest.Shared(t)
	for url, code := range map[string]string{
		cluster.URL("missing"):              "3D000",
		cluster.URLAs("nobody", "postgres"): "28000",
		"postgres://secret-user:secret-password@127.0.0.1:1/secret-name?sslmode=disable": "08006",
		"postgres://secret-user:secret-password@/secret-name?host=/nowhere":              "08006",
	} {
		cfg, err := pgconn.ParseConfig(url)
		must(t, err)
		_, err = Open(t.Context(), cfg, Options{})
		var e *Error
		if !errors.As(err, &e) || e.Code != code || IsUnavailable(err) != (code == "08006") {
			t.Errorf("%s: %v", code, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error tells: %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	cfg, err := pgconn.ParseConfig(cluster.URL("postgres"))
	must(t, err)
	if c, err := Open(ctx, cfg, Options{}); err == nil {
		c.Close()
		t.Error("connected after the end")
	}
}

func TestClose(t *testing.T) {
	c := connect(t, Options{})
	run(t, c, `SELECT 1`)
	must(t, c.Close())
	if err := c.Send(`SELECT 1`); err == nil {
		t.Error("sent on a closed connection")
	}
	if c.Idle() {
		t.Error("a closed connection is idle")
	}
	c.Close()
}

// TestWhatErrorsMean runs into each kind of refusal.
func TestWhatErrorsMean(t *testing.T) {
	url := pgtest.Shared(t).Fresh(t, "")
	a, b := connectTo(t, url, Options{}), connectTo(t, url, Options{})
	run(t, a, `CREATE TABLE x (id bigint PRIMARY KEY, n bigint NOT NULL CHECK (n > 0))`)
	run(t, a, `INSERT INTO x VALUES (1, 1), (2, 1)`)
	for _, sql := range []string{`INSERT INTO x VALUES (1, 1)`, `UPDATE x SET n = NULL`, `UPDATE x SET n = 0`} {
		if _, err := ask(a, sql); !IsConstraint(err) {
			t.Errorf("%s: %v", sql, err)
		} else if strings.Contains(err.Error(), "(1)") {
			t.Errorf("the error tells values: %v", err)
		}
	}
	run(t, a, `SET default_transaction_read_only = on`)
	if _, err := ask(a, `DELETE FROM x`); !IsReadOnly(err) || IsUnavailable(err) {
		t.Errorf("got %v", err)
	}
	run(t, a, `SET default_transaction_read_only = off`)
	// One of two that wait for each other is rolled back.
	for c, id := range map[*Conn]int64{a: 1, b: 2} {
		must(t, c.Send(`BEGIN`))
		must(t, c.Send(`SET LOCAL deadlock_timeout = '10ms'`))
		must(t, c.Send(`UPDATE x SET n = n + 1 WHERE id = $1`, id))
		must(t, c.Flush())
		for range 3 {
			_, err := c.Next()
			must(t, err)
		}
	}
	must(t, a.Send(`UPDATE x SET n = n + 1 WHERE id = $1`, int64(2)))
	must(t, a.Flush())
	must(t, b.Send(`UPDATE x SET n = n + 1 WHERE id = $1`, int64(1)))
	must(t, b.Flush())
	errs := make(chan error)
	for _, c := range []*Conn{a, b} {
		go func() {
			_, err := c.Next()
			if err != nil {
				c.Recover() // so that the other one gets its turn
			}
			errs <- err
		}()
	}
	one, two := <-errs, <-errs
	if (one == nil) == (two == nil) || !IsTransient(errors.Join(one, two)) {
		t.Errorf("of two that wait for each other: %v, %v", one, two)
	}
	must(t, a.Recover())
	must(t, b.Recover())
}
