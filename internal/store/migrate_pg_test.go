package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"guanxi/internal/pgtest"
)

// The test's binary brings a database up to date, and does nothing else, when
// this variable holds a life of the lease and a URL.
const migratorVariable = "GUANXI_TEST_MIGRATOR"

func init() {
	life, url, found := strings.Cut(os.Getenv(migratorVariable), " ")
	if !found {
		return
	}
	d, err := time.ParseDuration(life)
	if err == nil {
		err = migratePG(context.Background(), url, migrations, schemaPatience{life: d, lock: time.Hour, tries: 1})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// migrator is a real process that brings a database up to date.
type migrator struct {
	cmd *exec.Cmd
	out bytes.Buffer
}

func startMigrator(t *testing.T, url string, life time.Duration) *migrator {
	t.Helper()
	m := &migrator{cmd: exec.Command(os.Args[0])}
	m.cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%v %s", migratorVariable, life, url))
	m.cmd.Stdout, m.cmd.Stderr = &m.out, &m.out
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if m.cmd.ProcessState == nil {
			m.cmd.Process.Kill()
			m.cmd.Wait()
		}
	})
	return m
}

// upTo gives a database that has the first steps, up to a version.
func upTo(t *testing.T, version int64) (url string, db *sql.DB) {
	t.Helper()
	url = pgtest.Shared(t).Fresh(t, "")
	db, err := openSQL(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if version == 0 {
		return url, db
	}
	err = withFilesPG(t.Context(), url, newLeaseHolder(leaseLife), migrations, usualPatience, func(p *goose.Provider) error {
		_, err := p.UpTo(t.Context(), version)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return url, db
}

// texts1 gives one column of a query.
func texts1(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	all, err := texts(t.Context(), db, query)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// expectWhole makes sure that every step has run once and the schema is what it
// should be.
func expectWhole(t *testing.T, db *sql.DB) {
	t.Helper()
	steps, err := readSteps(migrations)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"0 true 1"}
	for _, s := range steps {
		want = append(want, fmt.Sprintf("%d true 1", s.version))
	}
	got := texts1(t, db, `SELECT concat_ws(' ', version_id, CASE WHEN bool_and(is_applied) THEN 'true' END, count(*)) FROM goose_db_version
		GROUP BY version_id ORDER BY version_id`)
	if strings.Join(got, ",") != strings.Join(want, ",") {
		t.Errorf("steps that have run: %v, want %v", got, want)
	}
	c, err := postgresCatalogue(askSQL(t.Context(), db))
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range c.faults() {
		t.Error(fault)
	}
	if free := texts1(t, db, `SELECT name FROM leases WHERE expires_at > 0`); len(free) > 0 {
		t.Errorf("the lease was not given back: %v", free)
	}
}

// waitFor asks until the answer is yes; the test's own time bounds it.
func waitFor(t *testing.T, yes func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !yes() {
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
}

// lockTable keeps a table from being altered until the function is called.
func lockTable(t *testing.T, db *sql.DB, table string) (release func()) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(`LOCK TABLE ` + table + ` IN ACCESS SHARE MODE`); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

// waitBlocked waits until a connection other than one waits for the lock of a
// table, and gives its process id at the server.
func waitBlocked(t *testing.T, db *sql.DB, other string) (pid string) {
	t.Helper()
	waitFor(t, func() bool {
		for _, pid = range texts1(t, db, `SELECT pid::text FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'relation'`) {
			if pid != other {
				return true
			}
		}
		return false
	})
	return pid
}

// TestMigrateByMany lets goroutines and processes begin at once on a blank
// database and on one that lacks the last step.
func TestMigrateByMany(t *testing.T) {
	steps, err := readSteps(migrations)
	if err != nil {
		t.Fatal(err)
	}
	for _, have := range []int64{0, steps[len(steps)-2].version} {
		url, db := upTo(t, have)
		var all sync.WaitGroup
		var processes []*migrator
		for range 3 {
			processes = append(processes, startMigrator(t, url, leaseLife))
		}
		for range 4 {
			all.Go(func() {
				if err := Migrate(context.Background(), url); err != nil {
					t.Errorf("from %d: %v", have, err)
				}
			})
		}
		all.Wait()
		for _, p := range processes {
			if err := p.cmd.Wait(); err != nil {
				t.Errorf("from %d: %v\n%s", have, err, p.out.String())
			}
		}
		expectWhole(t, db)
	}
}

// TestMigratorIsKilled ends a process in the middle of a step; another one
// takes over.
func TestMigratorIsKilled(t *testing.T) {
	url, db := upTo(t, 1)
	release := lockTable(t, db, "organizations") // which the second step alters
	first := startMigrator(t, url, 2*time.Second)
	pid := waitBlocked(t, db, "")
	if err := first.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	first.cmd.Wait()
	done := make(chan error)
	go func() {
		done <- migratePG(context.Background(), url, migrations, schemaPatience{life: leaseLife, lock: time.Hour, tries: 1})
	}()
	waitBlocked(t, db, pid) // in the same step
	if got := texts1(t, db, `SELECT fencing::text FROM leases UNION ALL SELECT 'step ' || version_id FROM goose_db_version WHERE version_id > 1
		UNION ALL SELECT attname FROM pg_attribute WHERE attname = 'sessions_version'`); len(got) != 1 || got[0] != "3" {
		t.Errorf("the first one has left %v", got)
	}
	release()
	if err := <-done; err != nil {
		t.Error(err)
	}
	expectWhole(t, db)
}

// TestMigratorHangs stops a process in the middle of a step for longer than
// its lease lasts; what it does when it wakes up changes nothing.
func TestMigratorHangs(t *testing.T) {
	url, db := upTo(t, 1)
	release := lockTable(t, db, "organizations")
	first := startMigrator(t, url, 2*time.Second)
	waitBlocked(t, db, "")
	if err := first.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	release()
	if err := Migrate(t.Context(), url); err != nil {
		t.Error(err)
	}
	expectWhole(t, db)
	if err := first.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := first.cmd.Wait(); err == nil || first.out.Len() == 0 {
		t.Errorf("the late one ends with %v and says %q", err, first.out.String())
	}
	expectWhole(t, db)
}

// TestMigratorIsLate lets a process sleep before its next step until another
// one has done everything.
func TestMigratorIsLate(t *testing.T) {
	url, db := upTo(t, 1)
	late := newLeaseHolder(time.Millisecond)
	if err := late.take(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	steps, err := readSteps(migrations)
	if err != nil {
		t.Fatal(err)
	}
	reached, wake := make(chan struct{}), make(chan struct{})
	var all []*goose.Migration
	for _, s := range steps {
		all = append(all, goose.NewGoMigration(s.version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			close(reached)
			<-wake
			return s.run(ctx, tx, late, time.Hour)
		}}, nil))
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, nil, goose.WithLogger(goose.NopLogger()),
		goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(all...))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := p.Up(context.Background())
		done <- err
	}()
	<-reached
	if err := Migrate(t.Context(), url); err != nil {
		t.Error(err)
	}
	expectWhole(t, db)
	close(wake)
	if err := <-done; !errors.Is(err, errLeaseLost) {
		t.Errorf("the late one ends with %v", err)
	}
	expectWhole(t, db)
}

// TestTableInUse keeps a table busy: the change gives up soon, so that others
// go on, and gets through when the table is free.
func TestTableInUse(t *testing.T) {
	url, db := upTo(t, 1)
	release := lockTable(t, db, "organizations")
	hasty := schemaPatience{life: leaseLife, lock: 20 * time.Millisecond, pause: time.Millisecond, tries: 3}
	err := migratePG(t.Context(), url, migrations, hasty)
	if err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("got %v", err)
	}
	hasty.tries = 1 << 30
	done := make(chan error)
	go func() { done <- migratePG(context.Background(), url, migrations, hasty) }()
	for range 3 {
		pid := waitBlocked(t, db, "")
		texts1(t, db, `SELECT name FROM organizations`) // it gets its turn
		waitFor(t, func() bool {
			return len(texts1(t, db, `SELECT 'waits' FROM pg_locks WHERE NOT granted AND pid = `+pid)) == 0
		})
	}
	release()
	if err := <-done; err != nil {
		t.Error(err)
	}
	expectWhole(t, db)
}
