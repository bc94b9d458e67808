package backup

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"guanxi/internal/sqlite"
)

func TestWriteFile(t *testing.T) {
	_, s := installation(t)
	dir := t.TempDir()
	s.Room = dir
	path := filepath.Join(dir, "backup.tgz")
	var progress [][2]int64
	s.Progress = func(done, total int64) {
		progress = append(progress, [2]int64{done, total})
		if all := names(t, dir); !slices.Equal(all, []string{"backup.tgz.part"}) {
			t.Fatalf("while it is written there are %v", all)
		}
	}
	r, size, err := WriteFile(t.Context(), path, false, s)
	if err != nil || len(r.Warnings) != 0 {
		t.Fatal(err, r)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() != size || info.Mode() != 0o600 {
		t.Errorf("%v, %v, reported %d", info, err, size)
	}
	if all := names(t, dir); !slices.Equal(all, []string{"backup.tgz"}) {
		t.Errorf("there are %v", all)
	}
	last := progress[len(progress)-1]
	if last[0] != last[1] || last[1] != r.Manifest.Total() || !slices.IsSortedFunc(progress, func(a, b [2]int64) int { return int(a[0] - b[0]) }) {
		t.Errorf("progress %v of %d", progress, r.Manifest.Total())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verify(t, b); err != nil {
		t.Error(err)
	}

	// It is not replaced by accident.
	s.Progress = nil
	if _, _, err := WriteFile(t.Context(), path, false, s); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("a second one: %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, b) {
		t.Errorf("it was changed, %v", err)
	}
	s.Program = "later"
	if _, _, err := WriteFile(t.Context(), path, true, s); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(path); err != nil || bytes.Equal(got, b) {
		t.Errorf("it was not replaced, %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, _, err := WriteFile(t.Context(), filepath.Join(dir, "folder"), true, s); err == nil {
		t.Error("a folder was replaced")
	}
	if all := names(t, dir); !slices.Equal(all, []string{"backup.tgz", "folder"}) {
		t.Errorf("there are %v", all)
	}
}

// TestAnInterruptedBackupLeavesNothing ends each backup a little later.
func TestAnInterruptedBackupLeavesNothing(t *testing.T) {
	_, s := installation(t)
	dir := t.TempDir()
	s.Room = dir
	calls := 0
	for n := 0; ; n++ {
		ctx, cancel := context.WithCancel(t.Context())
		if n == 0 {
			cancel()
		}
		calls = 0
		s.Progress = func(int64, int64) {
			if calls++; calls == n {
				cancel()
			}
		}
		_, _, err := WriteFile(ctx, filepath.Join(dir, "backup.tgz"), false, s)
		cancel()
		if n > calls {
			if err != nil || n < 5 {
				t.Errorf("after %d steps: %v", calls, err)
			}
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("interrupted at step %d: %v", n, err)
		}
		if all := names(t, dir); len(all) > 0 {
			t.Fatalf("interrupted at step %d, there are %v", n, all)
		}
	}
}

func TestPartsOfOthers(t *testing.T) {
	_, s := installation(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "backup.tgz")
	part := path + ".part"
	if err := os.WriteFile(part, []byte("left by a killed one"), 0o644); err != nil {
		t.Fatal(err)
	}
	busy, err := os.Open(part)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Flock(int(busy.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if _, _, err := WriteFile(t.Context(), path, true, s); err == nil || !strings.Contains(err.Error(), "another backup") {
		t.Errorf("beside another backup: %v", err)
	}
	busy.Close()
	if _, _, err := WriteFile(t.Context(), path, false, s); err != nil {
		t.Errorf("after a killed one: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	// A link in the place of the part leads nowhere.
	victim := filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(victim, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, part); err != nil {
		t.Fatal(err)
	}
	if _, _, err := WriteFile(t.Context(), path, true, s); err == nil {
		t.Error("a link was followed")
	}
	if b, err := os.ReadFile(victim); err != nil || string(b) != "mine" {
		t.Errorf("%q, %v", b, err)
	}
}

// TestAnIncompleteInstallation is backed up all the same, and says what is
// missing, also when it is restored.
func TestAnIncompleteInstallation(t *testing.T) {
	data, s := installation(t)
	if err := os.Remove(filepath.Join(data, "files/1/50/card.jpg")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "files/2/50/empty"), []byte("no more"), 0o600); err != nil {
		t.Fatal(err)
	}
	change(t, s.Database, addAttachment("1/../../etc/passwd", 90, 5)+addAttachment("1/51/名片 2.jpg", 91, 12000))
	var out bytes.Buffer
	r, err := Write(t.Context(), &out, s)
	if err != nil || len(r.Warnings) != 3 {
		t.Fatalf("%v, %+v", err, r)
	}
	all := strings.Join(r.Warnings, "\n")
	for _, text := range []string{`"1/../../etc/passwd", which cannot be`, "files/1/50/card.jpg is missing", "files/2/50/empty has 7 bytes, and 0 as"} {
		if !strings.Contains(all, text) {
			t.Errorf("nothing says %q:\n%s", text, all)
		}
	}
	to := t.TempDir()
	r, err = restore(t, out.Bytes(), to)
	if err != nil || len(r.Warnings) != 2 || !strings.Contains(strings.Join(r.Warnings, "\n"), "files/1/50/card.jpg is missing") {
		t.Errorf("%v, %+v", err, r)
	}
	if b, err := os.ReadFile(filepath.Join(to, "files/2/50/empty")); err != nil || string(b) != "no more" {
		t.Errorf("%q, %v", b, err)
	}
}

// TestABackupIsOfOneMoment writes between the copy of the database and its end:
// what the archive says of the database and what is in it is of one moment.
func TestABackupIsOfOneMoment(t *testing.T) {
	_, s := installation(t)
	w, err := sqlite.Open(s.Database, sqlite.ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	s.Progress = func(int64, int64) {
		if err := w.Exec("UPDATE organizations SET version = version + 1; PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			t.Error(err)
		}
	}
	b := archive(t, s)
	r, err := verify(t, b)
	if err != nil || r.Manifest.Organizations[0].Version != 41 {
		t.Errorf("%v, %+v", err, r)
	}
	if now := value(t, s.Database, "SELECT version FROM organizations WHERE organization_id = 1"); now == "41" {
		t.Error("nothing was written meanwhile")
	}
}

func TestWhatCannotBeBackedUp(t *testing.T) {
	_, s := installation(t)
	bad := s
	bad.Database = filepath.Join(t.TempDir(), "none.db")
	if _, err := Write(t.Context(), io.Discard, bad); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no database: %v", err)
	}
	bad = s
	bad.Room = filepath.Join(t.TempDir(), "none")
	if _, err := Write(t.Context(), io.Discard, bad); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no room: %v", err)
	}
	full := errors.New("no space left")
	if _, err := Write(t.Context(), failingWriter{full}, s); !errors.Is(err, full) {
		t.Errorf("a full disk: %v", err)
	}
	change(t, s.Database, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
	if _, err := Write(t.Context(), io.Discard, s); err == nil || !strings.Contains(err.Error(), "schema 9999") {
		t.Errorf("a newer schema: %v", err)
	}
}

type failingWriter struct{ err error }

func (f failingWriter) Write([]byte) (int, error) { return 0, f.err }

// TestStreams are interrupted though the other side is blocked.
func TestStreams(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	in, out := Reader(ctx, r), NewWriter(ctx, w)
	defer in.Close()
	if _, err := io.WriteString(out, "through"); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 7)
	if _, err := io.ReadFull(in, b); err != nil || string(b) != "through" {
		t.Fatalf("%q, %v", b, err)
	}
	cancel()
	if _, err := in.Read(b); !errors.Is(err, context.Canceled) {
		t.Errorf("a blocked read: %v", err)
	}
	blocked := NewWriter(ctx, w)
	if _, err := blocked.Write(make([]byte, 1<<20)); !errors.Is(err, context.Canceled) {
		t.Errorf("a blocked write: %v", err)
	}
	if err := errors.Join(blocked.Close(), out.Close()); !errors.Is(err, context.Canceled) {
		t.Errorf("the end: %v", err)
	}

	var kept bytes.Buffer
	whole := NewWriter(t.Context(), &kept)
	_, err = whole.Write(make([]byte, 1<<20))
	if err = errors.Join(err, whole.Close()); err != nil || kept.Len() != 1<<20 {
		t.Errorf("%d bytes, %v", kept.Len(), err)
	}
	full := NewWriter(t.Context(), failingWriter{io.ErrShortWrite})
	_, err = full.Write(make([]byte, 1<<20))
	if !errors.Is(err, io.ErrShortWrite) || !errors.Is(full.Close(), io.ErrShortWrite) {
		t.Errorf("a full disk: %v", err)
	}
}
