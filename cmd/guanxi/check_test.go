package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"guanxi/internal/app"
	"guanxi/internal/sqlite"
	"guanxi/internal/store"
)

func TestDBCheckTellsByItsExitCode(t *testing.T) {
	data := t.TempDir()
	for _, args := range [][]string{{"--database", "mysql://example.com/x"}, {"--database-connections", "-1"}, {"--database-connections", "x"}, {"more"}} {
		if code := run(t.Context(), append([]string{"db", "check", "--data", data}, args...)); code != 2 {
			t.Errorf("%q: exit code %d", args, code)
		}
	}
	check := func(what string, want int) {
		t.Helper()
		if code := run(t.Context(), []string{"db", "check", "--data", data}); code != want {
			t.Errorf("%s: exit code %d", what, code)
		}
	}
	check("nothing is there", 1)
	if entries, err := os.ReadDir(data); err != nil || len(entries) > 0 {
		t.Errorf("the check has made %v, %v", entries, err)
	}
	if err := store.Migrate(t.Context(), app.DatabaseFile(data)); err != nil {
		t.Fatal(err)
	}
	check("a new database", 0)
	c, err := sqlite.Open(app.DatabaseFile(data), sqlite.ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Exec("DROP INDEX customers_name"), c.Close()); err != nil {
		t.Fatal(err)
	}
	check("an index is missing", 1)
	data = filepath.Join(data, "none")
	check("no folder", 1)
	if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the check has made the folder: %v", err)
	}
}

func TestPrintCheck(t *testing.T) {
	var b bytes.Buffer
	printCheck(&b, &store.CheckReport{Passed: []string{"all is well"}, Notes: []string{"it is late"},
		Faults: []store.Finding{{What: "the lamp is out", Do: "Light it."}}})
	const want = "ok     all is well\nnote   it is late\nFAULT  the lamp is out. Light it.\n"
	if b.String() != want {
		t.Errorf("got %q", b.String())
	}
}
