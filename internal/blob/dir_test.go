package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func newDir(t *testing.T) (*Dir, string) {
	t.Helper()
	root := filepath.Join(t.TempDir(), "blobs")
	d, err := NewDir(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d, root
}

// names lists everything below root except root itself.
func names(t *testing.T, root string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(root, func(p string, _ fs.DirEntry, err error) error {
		if err == nil && p != root {
			all = append(all, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func read(t *testing.T, s Store, key string) []byte {
	t.Helper()
	f, info, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size != int64(len(data)) || info.ModTime.IsZero() {
		t.Fatalf("info %+v does not fit %d bytes", info, len(data))
	}
	return data
}

func TestPutOpenDelete(t *testing.T) {
	d, root := newDir(t)
	ctx := t.Context()
	const key = "57/14918/附件 1.jpg"
	for _, text := range []string{"first", "the second text", ""} {
		n, err := d.Put(ctx, key, strings.NewReader(text))
		if err != nil || n != int64(len(text)) {
			t.Fatalf("Put: %d, %v", n, err)
		}
		if got := read(t, d, key); string(got) != text {
			t.Fatalf("read %q, want %q", got, text)
		}
	}
	if all := names(t, root); len(all) != 3 {
		t.Fatalf("the folder holds %q", all)
	}
	for p, want := range map[string]fs.FileMode{"57": 0o700, "57/14918": 0o700, key: 0o600} {
		st, err := os.Stat(filepath.Join(root, p))
		if err != nil || st.Mode().Perm() != want {
			t.Errorf("%s: mode %v, %v", p, st.Mode(), err)
		}
	}
	// Deleting twice is no error, and leaves no empty folders.
	for range 2 {
		if err := d.Delete(ctx, key); err != nil {
			t.Fatal(err)
		}
	}
	if all := names(t, root); len(all) != 0 {
		t.Fatalf("the folder holds %q", all)
	}
	if _, _, err := d.Open(ctx, key); !errors.Is(err, ErrNotFound) {
		t.Fatalf("Open: %v", err)
	}
}

func TestKeptAcrossRestart(t *testing.T) {
	d, root := newDir(t)
	if _, err := d.Put(t.Context(), "a/b", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := NewDir(root)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if got := read(t, again, "a/b"); string(got) != "x" {
		t.Fatalf("read %q", got)
	}
}

func TestFailedPutLeavesNothing(t *testing.T) {
	d, root := newDir(t)
	broken := errors.New("broken")
	r := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken))
	if _, err := d.Put(t.Context(), "1/2/x", r); !errors.Is(err, broken) {
		t.Fatalf("Put: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	stop := readerFunc(func(p []byte) (int, error) { cancel(); return len(p), nil })
	if _, err := d.Put(ctx, "1/2/x", stop); !errors.Is(err, context.Canceled) {
		t.Fatalf("Put: %v", err)
	}
	if _, err := d.Put(ctx, "1/2/x", strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Fatalf("Put: %v", err)
	}
	if all := names(t, root); len(all) != 0 {
		t.Fatalf("the folder holds %q", all)
	}
	// The earlier object stays when its replacement fails.
	if _, err := d.Put(t.Context(), "1/2/x", strings.NewReader("old")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Put(t.Context(), "1/2/x", iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Fatalf("Put: %v", err)
	}
	// An object is no folder, and a folder is no object.
	if _, err := d.Put(t.Context(), "1/2/x/y", strings.NewReader("new")); err == nil {
		t.Fatal("an object served as a folder")
	}
	if _, err := d.Put(t.Context(), "1/2", strings.NewReader("new")); err == nil {
		t.Fatal("a folder was replaced")
	}
	if got := read(t, d, "1/2/x"); string(got) != "old" {
		t.Fatalf("read %q", got)
	}
	if all := names(t, root); len(all) != 3 {
		t.Fatalf("the folder holds %q", all)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestFoldersAndLinksAreNoObjects(t *testing.T) {
	d, root := newDir(t)
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Put(t.Context(), "a/b/c", strings.NewReader("c")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(outside), filepath.Join(root, "away")); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a", "a/b", "a/b/c/d", "link", "missing"} {
		if _, _, err := d.Open(t.Context(), key); !errors.Is(err, ErrNotFound) {
			t.Errorf("Open(%q): %v", key, err)
		}
		if err := d.Delete(t.Context(), key); err != nil {
			t.Errorf("Delete(%q): %v", key, err)
		}
	}
	if _, _, err := d.Open(t.Context(), "away/secret"); err == nil {
		t.Error("Open left the folder")
	}
	if err := d.Delete(t.Context(), "away/secret"); err == nil {
		t.Error("Delete left the folder")
	}
	if _, err := d.Put(t.Context(), "away/new", strings.NewReader("x")); err == nil {
		t.Error("Put left the folder")
	}
	if data, err := os.ReadFile(outside); err != nil || string(data) != "secret" {
		t.Errorf("the file outside: %q, %v", data, err)
	}
	if got := read(t, d, "a/b/c"); string(got) != "c" {
		t.Errorf("read %q", got)
	}
}

func TestBadKeys(t *testing.T) {
	d, root := newDir(t)
	bad := []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", "./a", ".hidden", "a/.put-x",
		`a\b`, "a\x00b", "a\nb", "a\u0085b", "a\xffb",
		strings.Repeat("a", 256), strings.Repeat("a/", 600) + "a",
	}
	for _, key := range bad {
		if _, err := d.Put(t.Context(), key, strings.NewReader("x")); !errors.Is(err, ErrBadKey) {
			t.Errorf("Put(%q): %v", key, err)
		}
		if _, _, err := d.Open(t.Context(), key); !errors.Is(err, ErrBadKey) {
			t.Errorf("Open(%q): %v", key, err)
		}
		if err := d.Delete(t.Context(), key); !errors.Is(err, ErrBadKey) {
			t.Errorf("Delete(%q): %v", key, err)
		}
	}
	if all := names(t, root); len(all) != 0 {
		t.Fatalf("the folder holds %q", all)
	}
}

// TestDirActsLikeAMap compares the folder with a map over random steps. The
// few keys are chosen so that they share folders and never contain each other.
func TestDirActsLikeAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root, err := os.MkdirTemp("", "blob")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(root) }()
		d, err := NewDir(root)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = d.Close() }()
		ctx := context.Background()
		model := map[string][]byte{}
		key := rapid.SampledFrom([]string{"a", "b/x", "b/y", "b/z/deep", "c/d/e/f"})
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				k, data := key.Draw(t, "key"), rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "data")
				if n, err := d.Put(ctx, k, bytes.NewReader(data)); err != nil || n != int64(len(data)) {
					t.Fatalf("Put: %d, %v", n, err)
				}
				model[k] = data
			},
			"delete": func(t *rapid.T) {
				k := key.Draw(t, "key")
				if err := d.Delete(ctx, k); err != nil {
					t.Fatal(err)
				}
				delete(model, k)
			},
			"open": func(t *rapid.T) {
				k := key.Draw(t, "key")
				want, ok := model[k]
				f, _, err := d.Open(ctx, k)
				if !ok {
					if !errors.Is(err, ErrNotFound) {
						t.Fatalf("Open: %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(f)
				if err := errors.Join(err, f.Close()); err != nil || !bytes.Equal(got, want) {
					t.Fatalf("read %q, want %q, %v", got, want, err)
				}
			},
		})
	})
}

// TestConcurrentPutAndDelete works many goroutines on one folder, where one's
// Delete removes the folder that another's Put needs.
func TestConcurrentPutAndDelete(t *testing.T) {
	d, root := newDir(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			key := "1/2/" + strconv.Itoa(i%4)
			for range 30 {
				if _, err := d.Put(t.Context(), key, strings.NewReader("text")); err != nil {
					t.Error(err)
				}
				if err := d.Delete(t.Context(), key); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if all := names(t, root); len(all) != 0 {
		t.Fatalf("the folder holds %q", all)
	}
}

func TestNewDirRefusesAFile(t *testing.T) {
	p := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(p, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewDir(p); err == nil {
		t.Fatal("a file was taken for a folder")
	}
}

func FuzzCheckKey(f *testing.F) {
	f.Add("57/14918/attachment.jpg")
	f.Add("a/../b")
	f.Fuzz(func(t *testing.T, key string) {
		if CheckKey(key) == nil && !filepath.IsLocal(key) {
			t.Errorf("%q was accepted and leaves the folder", key)
		}
	})
}
