package backup

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"guanxi/internal/store"
)

func TestRestore(t *testing.T) {
	_, s := installation(t)
	b := archive(t, s)
	data := filepath.Join(t.TempDir(), "new", "data")
	r, err := restore(t, b, data)
	if err != nil || len(r.Warnings) != 0 {
		t.Fatalf("%v, %+v", err, r)
	}
	if all := names(t, data); !slices.Equal(all, []string{"files", "guanxi.db", "server.lock"}) {
		t.Errorf("there are %v", all)
	}
	found := 0
	err = filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if want := map[bool]fs.FileMode{true: fs.ModeDir | 0o700, false: 0o600}[d.IsDir()]; info.Mode() != want {
			t.Errorf("%s has the mode %s", path, info.Mode())
		}
		key, ok := strings.CutPrefix(path, filepath.Join(data, "files")+"/")
		if !ok || d.IsDir() {
			return nil
		}
		found++
		text, err := os.ReadFile(path)
		if want, ok := attached[key]; !ok || string(text) != want || !info.ModTime().Equal(madeAt) {
			t.Errorf("%s has %d bytes of %s", key, len(text), info.ModTime())
		}
		return err
	})
	if err != nil || found != len(attached) {
		t.Errorf("%d attachments, %v", found, err)
	}
	file := filepath.Join(data, databaseName)
	instance, key := value(t, file, "SELECT value FROM installation WHERE name = 'instance'"), value(t, file, "SELECT value FROM installation WHERE name = 'signing_key'")
	if len(instance) != 64 || len(key) != 64 || instance == key {
		t.Errorf("the facts are %q and %q", instance, key)
	}
	if v := value(t, file, "SELECT version FROM organizations WHERE organization_id = 1"); v != "41" {
		t.Errorf("organization 1 has the version %s", v)
	}
	if n, err := store.Pending(t.Context(), file); err != nil || n != 0 {
		t.Errorf("%d migrations are pending, %v", n, err)
	}
	// The same archive twice gives two installations.
	other := t.TempDir()
	if _, err := restore(t, b, other); err != nil {
		t.Fatal(err)
	}
	if value(t, filepath.Join(other, databaseName), "SELECT value FROM installation WHERE name = 'instance'") == instance {
		t.Error("two restored installations are the same")
	}
}

// TestAnOlderSchemaIsKept restores what an older program has backed up; the
// next start brings it up to date.
func TestAnOlderSchemaIsKept(t *testing.T) {
	_, s := installation(t)
	all := withDatabase(t, apart(t, archive(t, s)), func(path string) {
		change(t, path, "DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)")
	})
	all = withManifest(t, all, func(m *Manifest) { m.Schema-- })
	data := t.TempDir()
	if _, err := restore(t, together(t, all), data); err != nil {
		t.Fatal(err)
	}
	if n, err := store.Pending(t.Context(), filepath.Join(data, databaseName)); err != nil || n != 1 {
		t.Errorf("%d migrations are pending, %v", n, err)
	}
}

// TestRestoreRefuses keeps what is there.
func TestRestoreRefuses(t *testing.T) {
	_, s := installation(t)
	b := archive(t, s)
	for _, c := range []struct{ name, says string }{
		{"guanxi.db", "a database already"}, {"guanxi.db-wal", "a database already"}, {"guanxi.db-shm", "a database already"},
		{"guanxi.db-journal", "a database already"}, {"files/1/50/card.jpg", "attachments already"}, {"files/x", "attachments already"},
	} {
		data := t.TempDir()
		path := filepath.Join(data, c.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		before := names(t, data)
		if _, err := restore(t, b, data); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s is there: %v", c.name, err)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != "mine" || !slices.Equal(names(t, data), before) {
			t.Errorf("%s is %q, %v, beside %v", c.name, text, err, names(t, data))
		}
	}
	data, other := t.TempDir(), t.TempDir()
	if err := os.Symlink(other, filepath.Join(data, "files")); err != nil {
		t.Fatal(err)
	}
	if _, err := restore(t, b, data); err == nil || len(names(t, other)) > 0 {
		t.Errorf("a link to another folder: %v, %v", err, names(t, other))
	}
	data = t.TempDir()
	lock, err := lockFolder(data)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := restore(t, b, data); err == nil || len(names(t, data)) != 1 {
		t.Errorf("a server works there: %v, %v", err, names(t, data))
	}
	// What came while the archive was read is kept as well.
	data = t.TempDir()
	a, err := Open(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(data, databaseName)
	_, err = a.Restore(t.Context(), Target{Data: data, Lock: lockFolder, Checking: func() {
		if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
			t.Error(err)
		}
	}})
	if text, rerr := os.ReadFile(path); err == nil || rerr != nil || string(text) != "mine" {
		t.Errorf("%v, %v, %q", err, rerr, text)
	}
}

// TestRestoreTidiesUp meets what may lie in a folder without a database.
func TestRestoreTidiesUp(t *testing.T) {
	_, s := installation(t)
	b := archive(t, s)
	data := t.TempDir()
	for _, name := range []string{"restore.part/guanxi.db", "restore.part/files/9/9/old", "cache/1/1/old", "maps/keep", "demo.json"} {
		path := filepath.Join(data, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(data, "files"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := restore(t, b, data); err != nil {
		t.Fatal(err)
	}
	if all := names(t, data); !slices.Equal(all, []string{"demo.json", "files", "guanxi.db", "maps", "server.lock"}) {
		t.Errorf("there are %v", all)
	}
	if all := names(t, filepath.Join(data, "files")); !slices.Equal(all, []string{"1", "2"}) {
		t.Errorf("among the files there are %v", all)
	}
}

// TestAnInterruptedRestoreLeavesNothing ends each restore a little later, and
// looks at every step that no database is in its place yet.
func TestAnInterruptedRestoreLeavesNothing(t *testing.T) {
	_, s := installation(t)
	b := archive(t, s)
	for n := 0; ; n++ {
		data := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		step := func() {
			if all := names(t, data); slices.Contains(all, databaseName) || slices.Contains(all, "files") {
				t.Fatalf("before the end there are %v", all)
			}
			if calls++; calls == n {
				cancel()
			}
		}
		a, err := Open(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.Restore(ctx, Target{Data: data, Lock: lockFolder, Progress: func(int64, int64) { step() }, Checking: step})
		cancel()
		if n > calls {
			if err != nil || n < 5 {
				t.Errorf("after %d steps: %v", calls, err)
			}
			break
		}
		if n > 0 && !errors.Is(err, context.Canceled) {
			t.Errorf("interrupted at step %d: %v", n, err)
		}
		if n > 0 && !slices.Equal(names(t, data), []string{"server.lock"}) {
			t.Fatalf("interrupted at step %d, there are %v", n, names(t, data))
		}
	}
}

// TestVerifyLeavesNothing neither in the folder for temporary files.
func TestVerifyLeavesNothing(t *testing.T) {
	_, s := installation(t)
	b := archive(t, s)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	if _, err := verify(t, b); err != nil {
		t.Error(err)
	}
	if _, err := verify(t, b[:len(b)-1]); err == nil {
		t.Error("a truncated archive is good")
	}
	ctx, cancel := context.WithCancel(t.Context())
	a, err := Open(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Verify(ctx, nil, cancel); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted while checking: %v", err)
	}
	if all := names(t, temp); len(all) > 0 {
		t.Errorf("left behind: %v", all)
	}
}

// TestEntriesMustBeRead is about the code that reads archives.
func TestEntriesMustBeRead(t *testing.T) {
	_, s := installation(t)
	a, err := Open(bytes.NewReader(archive(t, s)))
	if err != nil {
		t.Fatal(err)
	}
	err = a.each(t.Context(), nil, func(Entry, time.Time, func(io.Writer) error) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "was not read") {
		t.Errorf("got %v", err)
	}
}
