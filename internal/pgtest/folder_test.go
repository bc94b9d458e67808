package pgtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// shortDir is a folder that every user may enter and that is short enough for a
// socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "pgtest")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	must(t, os.Chmod(dir, 0o755))
	return dir
}

func TestSweep(t *testing.T) {
	t.Parallel()
	c := Shared(t)
	parent := t.TempDir()
	old := keep + time.Minute
	left := func(name, pid string, by time.Duration) string {
		path := filepath.Join(parent, name)
		must(t, os.MkdirAll(filepath.Join(path, "data"), 0o700))
		if pid != "" {
			must(t, os.WriteFile(filepath.Join(path, "data", "postmaster.pid"), []byte(pid+"\n/data\n"), 0o600))
		}
		age(t, path, by)
		return path
	}
	living := itoa(c.server.cmd.Process.Pid)
	gone := []string{
		left(prefix+"1", "", old),
		left(prefix+"2", "99999999", old),
		left(prefix+"3", itoa(os.Getpid()), old), // lives, but is no server
		left(prefix+"young", "99999999", keep/2) + "/data",
	}
	stay := []string{
		filepath.Join(parent, prefix+"young"), // with the log
		left(prefix+"living", living, old),
		left("other-5", "", old),
	}
	locked, err := newFolder(parent, nil)
	must(t, err)
	must(t, os.Mkdir(filepath.Join(locked.path, "data"), 0o700))
	age(t, locked.path, old)
	stay = append(stay, filepath.Join(locked.path, "data"))
	sweep(parent)
	for _, path := range gone {
		if exists(t, path) {
			t.Errorf("%s is left", path)
		}
	}
	for _, path := range stay {
		if !exists(t, path) {
			t.Errorf("%s was removed", path)
		}
	}
	must(t, locked.remove())
	if exists(t, locked.path) {
		t.Errorf("%s is left", locked.path)
	}
}

func TestFolderThatDoesNotFit(t *testing.T) {
	t.Parallel()
	deep := filepath.Join("/tmp", strings.Repeat("deep/", 20))
	if _, err := newFolder(deep, nil); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("got %v", err)
	}
	owner, err := unprivileged()
	must(t, err)
	if owner == nil {
		return // who is not root runs the server as himself
	}
	closed := shortDir(t)
	must(t, os.Chmod(closed, 0o700))
	if _, err := newFolder(closed, owner); err == nil || !strings.Contains(err.Error(), "may not enter") {
		t.Errorf("got %v", err)
	}
}

func TestUsualParent(t *testing.T) {
	dir := shortDir(t)
	t.Setenv("TMPDIR", dir)
	if got := usualParent(nil); got != dir {
		t.Errorf("got %s, want %s", got, dir)
	}
	t.Setenv("TMPDIR", filepath.Join(dir, strings.Repeat("deep/", 20)))
	if got := usualParent(nil); got != "/tmp" && got != memory {
		t.Errorf("got %s", got)
	}
}

func TestNewest(t *testing.T) {
	t.Parallel()
	install := func(programs ...string) string {
		dir := t.TempDir()
		for _, p := range programs {
			name, prints, _ := strings.Cut(p, "=")
			script := "#!/bin/sh\necho '" + prints + "'\n"
			must(t, os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755))
		}
		return dir
	}
	v := func(version string) string {
		return install("initdb", "pg_basebackup", "postgres=postgres (PostgreSQL) "+version)
	}
	old, good, better := v("9.6.1"), v("15.3 (Debian 15.3-1)"), v("19beta1")
	client := install("pg_basebackup", "postgres=postgres (PostgreSQL) 20.1")
	odd := install("initdb", "pg_basebackup", "postgres=something else")
	got, err := newest([]string{old, good, client, better, odd, "/nowhere", good})
	if err != nil || got != (binaries{better, 19}) {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = newest([]string{old, client})
	if err == nil || !strings.Contains(err.Error(), "apt-get install postgresql") ||
		!strings.Contains(err.Error(), ".ci/run") || !strings.Contains(err.Error(), "version 9") {
		t.Errorf("the error does not say what to do: %v", err)
	}
}
