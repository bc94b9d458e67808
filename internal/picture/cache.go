package picture

import (
	"bytes"
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"
)

// DefaultCacheBytes is the size of a cache whose owner names none.
const DefaultCacheBytes = 512 << 20

// maxBuild is the longest time that one result may take to build, including
// the wait for a free processor. It ends work that nobody waits for any more.
const maxBuild = time.Minute

// cacheTemp starts the names of files that are still being written.
const cacheTemp = ".cache-"

// Cache keeps built pictures in a folder of bounded size, and builds each
// missing one once however many callers want it. One process at a time should
// use a folder. Its methods may be called from several goroutines at once.
//
// The folder is a cache and nothing else: a damaged or missing file is built
// again, and files are not synced. A cache that cannot write hands pictures
// out all the same; Stats tells how often that happened.
type Cache struct {
	root   string
	limit  int64
	flight singleflight.Group
	slots  *semaphore.Weighted

	mu      sync.Mutex
	entries map[string]*list.Element // Of *entry, by file name.
	recent  *list.List               // The most recently used entry is in front.
	stats   Stats
}

type entry struct {
	name string
	size int64
}

// Stats counts what a Cache did since it was opened.
type Stats struct {
	Entries     int   // Files that are kept now.
	Bytes       int64 // Their size.
	Hits        int64 // Calls that were answered from the folder.
	Builds      int64 // Results that were built, with or without success.
	WriteErrors int64 // Results that could not be kept.
}

// OpenCache opens a cache in a folder, which is made when it is missing, and
// takes over what an earlier process kept there. A limit of 0 or less means
// DefaultCacheBytes. Files of other names in the folder are left alone.
func OpenCache(root string, limit int64) (*Cache, error) {
	if limit <= 0 {
		limit = DefaultCacheBytes
	}
	c := &Cache{
		root:    root,
		limit:   limit,
		slots:   semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0))),
		entries: map[string]*list.Element{},
		recent:  list.New(),
	}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("picture: make the cache folder: %w", err)
	}
	if err := c.adopt(); err != nil {
		return nil, fmt.Errorf("picture: read the cache folder: %w", err)
	}
	return c, nil
}

// adopt lists the folder, the least recently used file first.
func (c *Cache) adopt() error {
	files, err := os.ReadDir(c.root)
	if err != nil {
		return err
	}
	var infos []fs.FileInfo
	for _, f := range files {
		if strings.HasPrefix(f.Name(), cacheTemp) {
			_ = os.Remove(filepath.Join(c.root, f.Name()))
			continue
		}
		if info, err := f.Info(); err == nil && info.Mode().IsRegular() && isCacheName(f.Name()) {
			infos = append(infos, info)
		}
	}
	slices.SortFunc(infos, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, info := range infos {
		c.add(info.Name(), info.Size())
	}
	return nil
}

// cacheName gives the name of the file that keeps the result of a key.
func cacheName(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

func isCacheName(name string) bool {
	b, err := hex.DecodeString(name)
	return err == nil && len(b) == sha256.Size
}

// Get gives the result of a key, from the folder or else from build, which
// returns a file and its media type. While one call builds, others with the
// same key wait for it, and no more calls build at a time than there are
// processors. An error of build goes to all who wait and is not kept.
//
// The context only limits how long this caller waits. The work goes on for the
// others, so build is given a context with the values of one caller's and a
// time limit of its own. A panic in build becomes an error. The returned slice
// may be shared and must not be changed.
func (c *Cache) Get(ctx context.Context, key string, build func(context.Context) ([]byte, string, error)) (data []byte, contentType string, err error) {
	return c.get(ctx, key, func(ctx context.Context) ([]byte, string, error) {
		if err := c.slots.Acquire(ctx, 1); err != nil {
			return nil, "", err
		}
		defer c.slots.Release(1)
		return build(ctx)
	})
}

// GetRemote is Get for a build that waits for another machine instead of using
// a processor. It does not count among those that work at a time, so that a
// slow machine elsewhere does not hold up the pictures that are made here.
func (c *Cache) GetRemote(ctx context.Context, key string, build func(context.Context) ([]byte, string, error)) (data []byte, contentType string, err error) {
	return c.get(ctx, key, build)
}

// result is what passes from the goroutine that builds to those who wait.
type result struct {
	data        []byte
	contentType string
}

func (c *Cache) get(ctx context.Context, key string, build func(context.Context) ([]byte, string, error)) ([]byte, string, error) {
	if err := ctx.Err(); err != nil {
		return nil, "", err
	}
	name := cacheName(key)
	if r, ok := c.load(name); ok {
		return r.data, r.contentType, nil
	}
	done := c.flight.DoChan(name, func() (any, error) {
		// Another flight may have landed since the look above.
		if r, ok := c.load(name); ok {
			return r, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), maxBuild)
		defer cancel()
		r, err := guarded(ctx, build)
		c.count(func(s *Stats) { s.Builds++ })
		if err != nil {
			return nil, err
		}
		if err := c.store(name, r); err != nil {
			c.count(func(s *Stats) { s.WriteErrors++ })
		}
		return r, nil
	})
	select {
	case <-ctx.Done():
		return nil, "", ctx.Err()
	case got := <-done:
		if got.Err != nil {
			return nil, "", got.Err
		}
		r := got.Val.(result)
		return r.data, r.contentType, nil
	}
}

// guarded runs build and turns a panic into an error. The goroutine belongs to
// no request, so nobody else would catch it and the program would end.
func guarded(ctx context.Context, build func(context.Context) ([]byte, string, error)) (r result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("picture: panic while building: %v", p)
		}
	}()
	r.data, r.contentType, err = build(ctx)
	return r, err
}

func (c *Cache) count(change func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.stats)
}

// Stats tells what the cache did so far.
func (c *Cache) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Entries = len(c.entries)
	return s
}

// load reads a kept result and marks it as used.
func (c *Cache) load(name string) (result, bool) {
	c.mu.Lock()
	el, ok := c.entries[name]
	if ok {
		c.recent.MoveToFront(el)
	}
	c.mu.Unlock()
	if !ok {
		return result{}, false
	}
	path := filepath.Join(c.root, name)
	file, err := os.ReadFile(path)
	r, ok := unpack(file)
	if err != nil || !ok {
		c.forget(name, el)
		return result{}, false
	}
	// The time on the file is what the next process sorts by.
	now := time.Now()
	_ = os.Chtimes(path, now, now)
	c.count(func(s *Stats) { s.Hits++ })
	return r, true
}

// forget drops an entry whose file cannot be used, unless another goroutine
// has put a new one in its place.
func (c *Cache) forget(name string, el *list.Element) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries[name] == el {
		c.remove(el)
	}
}

// store keeps a result. What is larger than the whole cache is not kept.
func (c *Cache) store(name string, r result) error {
	file, err := pack(r)
	if err != nil || int64(len(file)) > c.limit {
		return err
	}
	f, err := os.CreateTemp(c.root, cacheTemp+"*")
	if err != nil {
		return err
	}
	_, err = f.Write(file)
	err = errors.Join(err, f.Close())
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		err = os.Rename(f.Name(), filepath.Join(c.root, name))
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	c.add(name, int64(len(file)))
	return nil
}

// add notes a file as the most recently used and removes the least recently
// used ones beyond the limit. The caller holds the lock.
func (c *Cache) add(name string, size int64) {
	if el, ok := c.entries[name]; ok {
		c.stats.Bytes -= el.Value.(*entry).size
		c.recent.Remove(el)
	}
	c.entries[name] = c.recent.PushFront(&entry{name, size})
	c.stats.Bytes += size
	for c.stats.Bytes > c.limit {
		c.remove(c.recent.Back())
	}
}

// remove drops an entry with its file. The caller holds the lock.
func (c *Cache) remove(el *list.Element) {
	e := c.recent.Remove(el).(*entry)
	delete(c.entries, e.name)
	c.stats.Bytes -= e.size
	_ = os.Remove(filepath.Join(c.root, e.name))
}

// cacheHeader starts every file: a mark, the checksum and length of the data,
// and the media type up to the end of the line.
const cacheHeader = "guanxi-picture-1 %08x %d %s\n"

var errMediaType = errors.New("picture: the media type cannot be kept")

func pack(r result) ([]byte, error) {
	if r.contentType == "" || strings.ContainsAny(r.contentType, " \r\n") {
		return nil, errMediaType
	}
	head := fmt.Appendf(nil, cacheHeader, crc32.ChecksumIEEE(r.data), len(r.data), r.contentType)
	return append(head, r.data...), nil
}

// unpack reads a file and says whether it is whole.
func unpack(file []byte) (result, bool) {
	head, data, ok := bytes.Cut(file, []byte("\n"))
	if !ok {
		return result{}, false
	}
	var sum uint32
	var size int
	r := result{data: data}
	if _, err := fmt.Sscanf(string(head)+"\n", cacheHeader, &sum, &size, &r.contentType); err != nil {
		return result{}, false
	}
	return r, size == len(data) && sum == crc32.ChecksumIEEE(data)
}
