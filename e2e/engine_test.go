package e2e

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	_ "modernc.org/sqlite"             // the driver sqlite

	"guanxi/internal/pgtest"
	"guanxi/internal/store/dbtest"
)

// embedded tells whether data folders hold their database in this run.
// Otherwise each has one of its own on a PostgreSQL server, and every process
// that is started on the folder is told so by its environment.
func embedded() bool { return dbtest.Present() == dbtest.SQLite }

// databases are those of data folders; "" for the embedded one.
var databases = struct {
	sync.Mutex
	of map[string]string
}{of: map[string]string{}}

// useDatabase says which database belongs to a data folder; "" for the embedded
// one, whatever the engine of the run.
func useDatabase(folder, url string) {
	databases.Lock()
	defer databases.Unlock()
	databases.of[filepath.Clean(folder)] = url
}

// databaseOf gives the URL of the database that belongs to a data folder, an
// empty one the first time; "" for the embedded one.
func databaseOf(t *testing.T, folder string) string {
	t.Helper()
	databases.Lock()
	defer databases.Unlock()
	folder = filepath.Clean(folder)
	url, known := databases.of[folder]
	if !known && !embedded() {
		url = pgtest.Shared(t).Fresh(t, "")
		databases.of[folder] = url
	}
	return url
}

// withDatabase adds the database of the data folder to the environment that a
// command is started with.
func withDatabase(t *testing.T, env, args []string) []string {
	t.Helper()
	folder := ""
	for _, v := range env {
		if strings.HasPrefix(v, "GUANXI_DATABASE=") {
			return env
		}
		if given, ok := strings.CutPrefix(v, "GUANXI_DATA="); ok {
			folder = given
		}
	}
	for i, a := range args {
		if given, ok := strings.CutPrefix(a, "--data="); ok {
			folder = given
		}
		if a == "--data" && i+1 < len(args) {
			folder = args[i+1]
		}
	}
	if folder == "" {
		return env
	}
	if url := databaseOf(t, folder); url != "" {
		env = append(env[:len(env):len(env)], "GUANXI_DATABASE="+url)
	}
	return env
}

// openDatabase opens the database of a data folder for looking at it. The
// embedded one is looked at as a copy, so that the next server meets the files
// exactly as the dead one left them.
func openDatabase(t *testing.T, folder string) *sql.DB {
	t.Helper()
	driver, source := "pgx", databaseOf(t, folder)
	if source == "" {
		dir := t.TempDir()
		for _, suffix := range []string{"", "-wal"} {
			if err := copyFile(filepath.Join(dir, "guanxi.db"+suffix), filepath.Join(folder, "guanxi.db"+suffix)); err != nil {
				t.Fatal(err)
			}
		}
		driver, source = "sqlite", "file:"+filepath.Join(dir, "guanxi.db")+"?mode=ro"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// until asks until the answer is yes; the test fails when patience runs out.
func until(t *testing.T, what string, ask func(context.Context) bool) {
	t.Helper()
	ctx := within(t)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ask(ctx) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
