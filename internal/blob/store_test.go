package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"
)

func TestStores(t *testing.T) {
	for name, test := range map[string]func(t *testing.T, b *bench){
		"put, read, replace, delete": testLife,
		"ranges":                     testRanges,
		"missing":                    testMissing,
		"keys":                       testKeys,
		"many at once":               testManyAtOnce,
		"interrupted":                testInterrupted,
		"a big file":                 testBigFile,
		"stranded":                   testStranded,
		"each":                       testEach,
		"replaced while read":        testReplacedWhileRead,
	} {
		t.Run(name, func(t *testing.T) { onEachStore(t, test) })
	}
}

func testLife(t *testing.T, b *bench) {
	const key = "57/14918/附件 1+2%20.jpg"
	for _, text := range []string{"first", "the second text", ""} {
		put(t, b, key, text)
		if got := read(t, b, key); string(got) != text {
			t.Fatalf("read %q, want %q", got, text)
		}
		info, err := b.Stat(t.Context(), key)
		if err != nil || info.Size != int64(len(text)) || info.ModTime.IsZero() {
			t.Fatalf("Stat: %+v, %v", info, err)
		}
	}
	put(t, b, "58/14918/附件 1+2%20.jpg", "of another organization")
	for range 2 {
		if err := b.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := b.Open(t.Context(), key); !errors.Is(err, ErrNotFound) {
		t.Fatalf("Open: %v", err)
	}
	if got := read(t, b, "58/14918/附件 1+2%20.jpg"); string(got) != "of another organization" {
		t.Fatalf("read %q", got)
	}
}

func testRanges(t *testing.T, b *bench) {
	put(t, b, "1/x", "0123456789")
	f, info, err := b.Open(t.Context(), "1/x")
	if err != nil || info.Size != 10 {
		t.Fatalf("Open: %+v, %v", info, err)
	}
	defer f.Close()
	if n, err := f.Seek(0, io.SeekEnd); n != 10 || err != nil {
		t.Fatalf("Seek: %d, %v", n, err)
	}
	if n, err := f.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Fatalf("Read at the end: %d, %v", n, err)
	}
	for _, c := range []struct {
		offset int64
		whence int
		want   string
	}{{0, io.SeekStart, "0123"}, {2, io.SeekCurrent, "6789"}, {3, io.SeekStart, "3456"}, {-4, io.SeekEnd, "6789"}, {0, io.SeekStart, "0123"}} {
		if _, err := f.Seek(c.offset, c.whence); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 4)
		if _, err := io.ReadFull(f, got); err != nil || string(got) != c.want {
			t.Fatalf("read %q, %v, want %q", got, err, c.want)
		}
	}
	if _, err := f.Seek(-1, io.SeekStart); err == nil {
		t.Fatal("a place before the beginning was found")
	}
	if _, err := f.Seek(0, 7); err == nil {
		t.Fatal("a place from nowhere was found")
	}
}

// A server answers ranges of a file by seeking.
func TestRangesOverHTTP(t *testing.T) {
	onEachStore(t, func(t *testing.T, b *bench) {
		put(t, b, "1/x", "0123456789")
		f, info, err := b.Open(t.Context(), "1/x")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Range", "bytes=3-5")
		w := httptest.NewRecorder()
		w.Header().Set("Content-Type", "text/plain")
		http.ServeContent(w, r, "", info.ModTime, f)
		if w.Code != http.StatusPartialContent || w.Body.String() != "345" {
			t.Fatalf("%d %q", w.Code, w.Body)
		}
	})
}

func testMissing(t *testing.T, b *bench) {
	put(t, b, "1/2/x", "x")
	for _, key := range []string{"1/2/y", "1/2", "1/2/x/y", "9"} {
		if _, _, err := b.Open(t.Context(), key); !errors.Is(err, ErrNotFound) {
			t.Errorf("Open(%q): %v", key, err)
		}
		if _, err := b.Stat(t.Context(), key); !errors.Is(err, ErrNotFound) {
			t.Errorf("Stat(%q): %v", key, err)
		}
		if err := b.Delete(t.Context(), key); err != nil {
			t.Errorf("Delete(%q): %v", key, err)
		}
	}
	if got := read(t, b, "1/2/x"); string(got) != "x" {
		t.Errorf("read %q", got)
	}
}

func testKeys(t *testing.T, b *bench) {
	for _, key := range []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "../a", "../two/a", "a/../b", "a/..", "./a", ".hidden", "a/.put-x",
		`a\b`, "a\x00b", "a\nb", "a\u0085b", "a\xffb", strings.Repeat("a", 256), strings.Repeat("a/", 600) + "a",
	} {
		if _, err := b.Put(t.Context(), key, strings.NewReader("x")); !errors.Is(err, ErrBadKey) {
			t.Errorf("Put(%q): %v", key, err)
		}
		if _, _, err := b.Open(t.Context(), key); !errors.Is(err, ErrBadKey) {
			t.Errorf("Open(%q): %v", key, err)
		}
		if _, err := b.Stat(t.Context(), key); !errors.Is(err, ErrBadKey) {
			t.Errorf("Stat(%q): %v", key, err)
		}
		if err := b.Delete(t.Context(), key); !errors.Is(err, ErrBadKey) {
			t.Errorf("Delete(%q): %v", key, err)
		}
	}
	if all := b.kept(); len(all) != 0 {
		t.Fatalf("the store holds %q", all)
	}
}

// A reader never sees bytes of two writers, and the last state is one of
// those that were written.
func testManyAtOnce(t *testing.T, b *bench) {
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			own, text := "1/own/"+strconv.Itoa(i), strings.Repeat(strconv.Itoa(i%10), 1000)
			for _, key := range []string{own, "1/shared"} {
				if _, err := b.Put(t.Context(), key, strings.NewReader(text)); err != nil {
					t.Error(err)
				}
			}
			f, _, err := b.Open(t.Context(), "1/shared")
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			if got, err := io.ReadAll(f); err != nil || len(got) != 1000 || strings.Trim(string(got), string(got[:1])) != "" {
				t.Errorf("read %.20q… of %d bytes, %v", got, len(got), err)
			}
			if err := b.Delete(t.Context(), own); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := read(t, b, "1/shared"); len(got) != 1000 {
		t.Errorf("read %d bytes", len(got))
	}
	if _, _, err := b.Open(t.Context(), "1/own/3"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Open: %v", err)
	}
}

func testInterrupted(t *testing.T, b *bench) {
	broken := errors.New("broken")
	for _, size := range []int64{4, partBytes + 4, 2*partBytes + 4} {
		r := io.MultiReader(io.LimitReader(zeros{}, size), iotest.ErrReader(broken))
		if _, err := b.Put(t.Context(), "1/2/x", r); !errors.Is(err, broken) || errors.Is(err, ErrUnavailable) {
			t.Fatalf("Put: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		left := size
		_, err := b.Put(ctx, "1/2/x", readerFunc(func(p []byte) (int, error) {
			if left -= int64(len(p)); left < 0 {
				cancel()
			}
			return len(p), nil
		}))
		if !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) {
			t.Fatalf("Put: %v", err)
		}
	}
	if all := b.kept(); len(all) != 0 {
		t.Fatalf("the store holds %q", all)
	}
	put(t, b, "1/2/x", "old")
	if _, err := b.Put(t.Context(), "1/2/x", iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Fatalf("Put: %v", err)
	}
	if got := read(t, b, "1/2/x"); string(got) != "old" {
		t.Fatalf("read %q", got)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// testBigFile makes sure that what was read of an upload is in the store
// before much more is read.
func testBigFile(t *testing.T, b *bench) {
	for _, size := range []int64{partBytes, 3*partBytes + 5} {
		before, given := b.sent(), int64(0)
		content := io.LimitReader(zeros{}, size)
		n, err := b.Put(t.Context(), "1/big/"+strconv.FormatInt(size, 10), readerFunc(func(p []byte) (int, error) {
			if behind := given - (b.sent() - before); behind > partBytes {
				return 0, errors.New(strconv.FormatInt(behind, 10) + " bytes are held in memory")
			}
			n, err := content.Read(p)
			given += int64(n)
			return n, err
		}))
		if err != nil || n != size {
			t.Fatalf("Put: %d, %v", n, err)
		}
		f, info, err := b.Open(t.Context(), "1/big/"+strconv.FormatInt(size, 10))
		if err != nil || info.Size != size {
			t.Fatalf("Open: %+v, %v", info, err)
		}
		if n, err := io.Copy(io.Discard, f); err != nil || n != size {
			t.Fatalf("read %d bytes, %v", n, err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func testStranded(t *testing.T, b *bench) {
	put(t, b, "1/2/x", "x")
	before := len(b.kept())
	b.strand("3/4/y")
	if len(b.kept()) == before {
		t.Fatal("nothing was left behind")
	}
	if err := b.DropPartial(t.Context(), time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if len(b.kept()) == before {
		t.Fatal("an upload that may still go on was removed")
	}
	if err := b.DropPartial(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if all := b.kept(); len(all) != before {
		t.Fatalf("the store holds %q", all)
	}
	if got := read(t, b, "1/2/x"); string(got) != "x" {
		t.Fatalf("read %q", got)
	}
}

func testEach(t *testing.T, b *bench) {
	want := map[string]int64{}
	for i := range 30 {
		key := "1/" + strconv.Itoa(i%3) + "/" + strconv.Itoa(i)
		put(t, b, key, strings.Repeat("x", i))
		want[key] = int64(i)
	}
	b.strand("1/0/y")
	err := b.Each(t.Context(), func(key string, info Info) error {
		if size, ok := want[key]; !ok || size != info.Size || info.ModTime.IsZero() {
			t.Errorf("told %q, %+v", key, info)
		}
		delete(want, key)
		return b.Delete(t.Context(), key)
	})
	if err != nil || len(want) != 0 {
		t.Fatalf("Each: %v, untold %v", err, want)
	}
	stop := errors.New("stop")
	put(t, b, "1/a", "a")
	if err := b.Each(t.Context(), func(string, Info) error { return stop }); err != stop {
		t.Fatalf("Each: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Each(ctx, func(string, Info) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Fatalf("Each: %v", err)
	}
}

func testReplacedWhileRead(t *testing.T, b *bench) {
	old, other := bytes.Repeat([]byte("o"), 1000), strings.Repeat("n", 1000)
	put(t, b, "1/x", string(old))
	f, _, err := b.Open(t.Context(), "1/x")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := make([]byte, 10)
	if _, err := io.ReadFull(f, got); err != nil {
		t.Fatal(err)
	}
	put(t, b, "1/x", other)
	if _, err := f.Seek(500, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(f)
	if err == nil && len(rest) != 500 || bytes.ContainsRune(rest, 'n') {
		t.Fatalf("read %q, %v", rest, err)
	}
}
