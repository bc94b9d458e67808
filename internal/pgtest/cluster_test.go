package pgtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestStartAndClose(t *testing.T) {
	t.Parallel()
	c, err := Start(Options{TCP: true, Settings: map[string]string{"work_mem": "3MB", "application_name": `a'b\c`}})
	must(t, err)
	defer c.Close()
	pid := c.server.cmd.Process.Pid

	expect(t, c, superuser, "SHOW work_mem; SHOW fsync", "off")
	expect(t, c, superuser, "SHOW work_mem", "3MB")
	expect(t, c, superuser, "SHOW application_name", `a'b\c`)
	expect(t, c, superuser, "SHOW server_encoding", "UTF8")
	run(t, c, superuser, `CREATE ROLE "a reader" LOGIN`)
	for url, want := range map[string]string{
		c.URL(superuser):                "postgres|t",
		c.URLAs("a reader", superuser):  "a reader|t",
		c.TCPURL(superuser):             "postgres|f",
		c.URLAs(superuser, "template1"): "postgres|t",
	} {
		rows, err := texts(within(t), open(t, url), "SELECT current_user, inet_client_addr() IS NULL")
		if err != nil || strings.Join(rows[0], "|") != want {
			t.Errorf("%s: got %v, want %s: %v", url, rows, want, err)
		}
	}

	must(t, c.Close())
	must(t, c.Close())
	if exists(t, c.folder.path) || alive(pid) {
		t.Error("something is left after Close")
	}
	if err := c.Restart(); err == nil {
		t.Error("a closed cluster was started again")
	}
}

func TestFailingStartShowsTheLog(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	c, err := Start(Options{Dir: dir, Settings: map[string]string{"work_mem": "plenty"}})
	if err == nil {
		_ = c.Close()
		t.Fatal("it started")
	}
	if !strings.Contains(err.Error(), `invalid value for parameter "work_mem"`) {
		t.Errorf("the error does not say why: %v", err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestKillStopRestart(t *testing.T) {
	t.Parallel()
	c := own(t, Options{TCP: true, Settings: map[string]string{"synchronous_commit": "on"}})
	run(t, c, superuser, "CREATE TABLE things (id int)")
	for i, down := range []func() error{c.Kill, c.Stop, c.Kill} {
		run(t, c, superuser, fmt.Sprintf("INSERT INTO things VALUES (%d)", i))
		conn := open(t, c.TCPURL(superuser))
		pid := c.server.cmd.Process.Pid
		must(t, down())
		if alive(pid) {
			t.Error("the server is still there")
		}
		if _, err := texts(within(t), conn, "SELECT 1"); err == nil {
			t.Error("a client was not cut off")
		}
		if err := c.Exec(within(t), superuser, "SELECT 1"); err == nil || !strings.Contains(err.Error(), "shut down") {
			t.Errorf("the error does not show the log: %v", err)
		}
		must(t, down()) // nothing to do
		// As a crash would leave it, with an id that is somebody else's by now.
		must(t, os.WriteFile(filepath.Join(c.data(), "postmaster.pid"), []byte(itoa(os.Getpid())+"\n"), 0o600))
		must(t, c.Restart())
		open(t, c.TCPURL(superuser))
	}
	must(t, c.Restart())
	expect(t, c, superuser, "SELECT count(*) FROM things", "3")

	// A server that ends by itself is seen, and comes back too.
	must(t, c.server.cmd.Process.Signal(syscall.SIGINT))
	until(t, "the server ends", func() bool { return !c.running() })
	must(t, c.Restart())
	expect(t, c, superuser, "SELECT count(*) FROM things", "3")
}

func TestCPU(t *testing.T) {
	t.Parallel()
	c := own(t, Options{})
	var last time.Duration
	grows := func(what string, by time.Duration) {
		t.Helper()
		now, err := c.CPU()
		must(t, err)
		if now < last+by {
			t.Errorf("%s: %v after %v", what, now, last)
		}
		last = now
	}
	// burn uses at least as much time as the server's clock says; what the
	// machine does for others meanwhile is not counted, hence the modest demands.
	const burn = "SELECT count(*) FROM generate_series(1, 1000000)"
	grows("start", time.Nanosecond)
	conn := open(t, c.URL(superuser))
	_, err := texts(within(t), conn, burn)
	must(t, err)
	grows("a living process", 2*tick)
	must(t, conn.Close(within(t)))
	expect(t, c, superuser, burn, "1000000")
	until(t, "all clients are gone", func() bool {
		return query(t, c, superuser, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'") == "1"
	})
	grows("ended processes", 2*tick)
	must(t, c.Kill())
	grows("a killed server", -tick) // rounded otherwise
	must(t, c.Restart())
	grows("another server", 0)
}

func TestParseUsage(t *testing.T) {
	t.Parallel()
	got, err := parseUsage("17 (a) b) S 5 17 17 0 -1 4194560 3015 99 0 0 7 20 300 4000 20 0 1 0 1234 0 0")
	if want := (usage{5, 270 * time.Millisecond, 43 * time.Second}); err != nil || got != want {
		t.Errorf("got %v, want %v: %v", got, want, err)
	}
	for _, bad := range []string{"", "17 (a) S 5", "17 (a) S x 17 17 0 -1 4194560 3015 99 0 0 7 20 300 4000 20"} {
		if _, err := parseUsage(bad); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}

// victimVariable makes the test binary start a cluster and wait to be killed.
const victimVariable = "PGTEST_VICTIM_DIR"

func beVictim() {
	c, err := Start(Options{Dir: os.Getenv(victimVariable)})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(c.server.cmd.Process.Pid)
	fmt.Println(c.URL(superuser))
	_, _ = io.Copy(io.Discard, os.Stdin) // never ends by itself
	os.Exit(1)
}

func TestServerDiesWithItsProcess(t *testing.T) {
	t.Parallel()
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), victimVariable+"="+shortDir(t))
	victim.Stderr = os.Stderr
	stdin, err := victim.StdinPipe()
	must(t, err)
	defer stdin.Close()
	stdout, err := victim.StdoutPipe()
	must(t, err)
	must(t, victim.Start())
	killed := false
	defer func() {
		if !killed {
			_ = victim.Process.Kill()
			_ = victim.Wait()
		}
	}()
	lines := bufio.NewScanner(stdout)
	lines.Scan()
	pid, err := strconv.Atoi(lines.Text())
	if err != nil {
		t.Fatalf("no server: %s", lines.Text())
	}
	lines.Scan()
	conn := open(t, lines.Text())
	backend := int(conn.PID())
	if !alive(pid) || !alive(backend) {
		t.Fatal("the server is not alive")
	}

	must(t, victim.Process.Kill())
	_ = victim.Wait() // it was killed
	killed = true
	until(t, "the server goes away", func() bool { return !alive(pid) && !alive(backend) })
	if _, err := pgconn.Connect(within(t), lines.Text()); !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, os.ErrNotExist) {
		t.Errorf("somebody answers: %v", err)
	}
}
