package picture

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func openCache(t *testing.T, root string, limit int64) *Cache {
	t.Helper()
	c, err := OpenCache(root, limit)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// give makes a build function that counts its calls.
func give(n *int, text string) func(context.Context) ([]byte, string, error) {
	return func(context.Context) ([]byte, string, error) {
		*n++
		return []byte(text), "image/png", nil
	}
}

func get(t *testing.T, c *Cache, key, text string, builds int) {
	t.Helper()
	n := 0
	data, contentType, err := c.Get(t.Context(), key, give(&n, text))
	if err != nil || string(data) != text || contentType != "image/png" || n != builds {
		t.Fatalf("Get(%q): %q, %q, %v after %d builds, want %d", key, data, contentType, err, n, builds)
	}
}

func TestCacheKeepsAcrossRestart(t *testing.T) {
	root := filepath.Join(t.TempDir(), "cache")
	c := openCache(t, root, 0)
	get(t, c, "a", "line one\nline two", 1)
	get(t, c, "a", "line one\nline two", 0)
	get(t, c, "empty", "", 1)
	if s := c.Stats(); s.Entries != 2 || s.Hits != 1 || s.Builds != 2 || s.WriteErrors != 0 || s.Bytes <= 17 {
		t.Errorf("stats %+v", s)
	}
	// Leftovers of a killed process go, and foreign files stay.
	for _, name := range []string{cacheTemp + "123", "README"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again := openCache(t, root, 0)
	if s, old := again.Stats(), c.Stats(); s.Entries != 2 || s.Bytes != old.Bytes {
		t.Errorf("stats %+v after %+v", s, old)
	}
	get(t, again, "a", "line one\nline two", 0)
	get(t, again, "empty", "", 0)
	files, err := os.ReadDir(root)
	if err != nil || len(files) != 3 {
		t.Errorf("the folder holds %v, %v", files, err)
	}
}

func TestCacheRemovesTheLeastRecentlyUsed(t *testing.T) {
	root := t.TempDir()
	text := strings.Repeat("x", 1000)
	c := openCache(t, root, 3300)
	for _, key := range []string{"a", "b", "c"} {
		get(t, c, key, text, 1)
	}
	get(t, c, "a", text, 0)
	get(t, c, "d", text, 1) // Pushes b out.
	get(t, c, "a", text, 0)
	get(t, c, "c", text, 0)
	get(t, c, "d", text, 0)
	get(t, c, "b", text, 1) // Pushes a out.

	// The next process goes by the times on the files.
	for i, key := range []string{"c", "b", "d"} {
		at := time.Unix(1_700_000_000+int64(i), 0)
		if err := os.Chtimes(filepath.Join(root, cacheName(key)), at, at); err != nil {
			t.Fatal(err)
		}
	}
	again := openCache(t, root, 2200)
	if s := again.Stats(); s.Entries != 2 || s.Bytes > 2200 {
		t.Fatalf("stats %+v", s)
	}
	get(t, again, "b", text, 0)
	get(t, again, "d", text, 0)
	get(t, again, "c", text, 1)
}

func TestCacheUseIsWrittenToTheFile(t *testing.T) {
	root := t.TempDir()
	c := openCache(t, root, 0)
	get(t, c, "a", "text", 1)
	old := time.Unix(1_000_000_000, 0)
	path := filepath.Join(root, cacheName("a"))
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	get(t, c, "a", "text", 0)
	if st, err := os.Stat(path); err != nil || !st.ModTime().After(old) {
		t.Errorf("the time was not renewed: %v", err)
	}
}

func TestCacheBuildsDamagedFilesAgain(t *testing.T) {
	root := t.TempDir()
	c := openCache(t, root, 0)
	path := filepath.Join(root, cacheName("a"))
	get(t, c, "a", "some text", 1)
	for _, file := range []string{"", "no header", "guanxi-picture-1 00000000 9 image/png\nsome text", "guanxi-picture-1 x\n"} {
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		get(t, c, "a", "some text", 1)
		get(t, c, "a", "some text", 0)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	get(t, c, "a", "some text", 1)
	if s := c.Stats(); s.Entries != 1 {
		t.Errorf("stats %+v", s)
	}
}

func TestCacheKeepsNoFailures(t *testing.T) {
	c := openCache(t, t.TempDir(), 0)
	broken := errors.New("broken")
	_, _, err := c.Get(t.Context(), "a", func(context.Context) ([]byte, string, error) { return nil, "", broken })
	if !errors.Is(err, broken) {
		t.Fatalf("Get: %v", err)
	}
	_, _, err = c.Get(t.Context(), "a", func(context.Context) ([]byte, string, error) { panic("oh") })
	if err == nil || !strings.Contains(err.Error(), "oh") {
		t.Fatalf("Get: %v", err)
	}
	get(t, c, "a", "text", 1)
}

func TestCacheHandsOutWhatItCannotKeep(t *testing.T) {
	root := filepath.Join(t.TempDir(), "cache")
	c := openCache(t, root, 100)
	large := strings.Repeat("x", 100)
	get(t, c, "large", large, 1)
	get(t, c, "large", large, 1)
	if s := c.Stats(); s.WriteErrors != 0 || s.Entries != 0 {
		t.Errorf("stats %+v", s)
	}
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	get(t, c, "a", "text", 1)
	if s := c.Stats(); s.WriteErrors != 1 || s.Entries != 0 {
		t.Errorf("stats %+v", s)
	}
}

// TestStampedeBuildsOnce lets many callers ask while the first one builds. The
// build ends only when all of them have begun; those that come late find the
// result in the folder.
func TestStampedeBuildsOnce(t *testing.T) {
	c := openCache(t, t.TempDir(), 0)
	const callers = 50
	var begun, done sync.WaitGroup
	begun.Add(callers)
	builds := 0
	for range callers {
		done.Go(func() {
			begun.Done()
			data, _, err := c.Get(t.Context(), "a", func(context.Context) ([]byte, string, error) {
				begun.Wait()
				builds++ // The race detector watches over this.
				return []byte("text"), "image/png", nil
			})
			if err != nil || string(data) != "text" {
				t.Errorf("Get: %q, %v", data, err)
			}
		})
	}
	done.Wait()
	if builds != 1 {
		t.Errorf("%d builds", builds)
	}
}

// TestImpatientCallerLeavesTheOthers cancels the caller that started a build.
func TestImpatientCallerLeavesTheOthers(t *testing.T) {
	c := openCache(t, t.TempDir(), 0)
	ctx, cancel := context.WithCancel(t.Context())
	started, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _, err := c.Get(ctx, "a", func(ctx context.Context) ([]byte, string, error) {
			close(started)
			<-release
			return []byte("text"), "image/png", ctx.Err()
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Get: %v", err)
		}
	})
	<-started
	cancel()
	wg.Wait()
	wg.Go(func() { get(t, c, "a", "text", 0) })
	close(release)
	wg.Wait()
	if _, _, err := c.Get(ctx, "a", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Get: %v", err)
	}
}

// TestSlots makes sure that no more builds run at a time than there are slots,
// and that remote builds do not count.
func TestSlots(t *testing.T) {
	c := openCache(t, t.TempDir(), 0)
	var mu sync.Mutex
	running, most := 0, 0
	free := int64(0)
	for c.slots.TryAcquire(1) {
		free++
	}
	n := 0
	if _, _, err := c.GetRemote(t.Context(), "remote", give(&n, "text")); err != nil || n != 1 {
		t.Errorf("GetRemote: %v", err)
	}
	c.slots.Release(free)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			_, _, err := c.Get(t.Context(), strconv.Itoa(i), func(context.Context) ([]byte, string, error) {
				mu.Lock()
				running++
				most = max(most, running)
				mu.Unlock()
				data := pngOf(t, quarters(50, 50))
				mu.Lock()
				running--
				mu.Unlock()
				return data, "image/png", nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if int64(most) > free {
		t.Errorf("%d builds at a time in %d slots", most, free)
	}
}

// TestCacheNeverExceedsItsLimit compares the folder with the statistics over
// random use.
func TestCacheNeverExceedsItsLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root, err := os.MkdirTemp("", "cache")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(root) }()
		c, err := OpenCache(root, 500)
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			key := rapid.IntRange(0, 9).Draw(t, "key")
			want := bytes.Repeat([]byte{byte('0' + key)}, key*40)
			data, _, err := c.Get(context.Background(), strconv.Itoa(key), func(context.Context) ([]byte, string, error) {
				return want, "image/gif", nil
			})
			if err != nil || !bytes.Equal(data, want) {
				t.Fatalf("Get: %q, %v", data, err)
			}
			files, err := os.ReadDir(root)
			if err != nil {
				t.Fatal(err)
			}
			sum := int64(0)
			for _, f := range files {
				info, err := f.Info()
				if err != nil {
					t.Fatal(err)
				}
				sum += info.Size()
			}
			if s := c.Stats(); sum > 500 || s.Bytes != sum || s.Entries != len(files) {
				t.Fatalf("%d bytes in %d files, stats %+v", sum, len(files), s)
			}
		}
	})
}
