package blob

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7"
)

const (
	testBucket = "attachments"
	testPrefix = "crm/one"
)

// service is an S3 service in this process. It counts the bytes it was sent.
type service struct {
	url  string
	got  atomic.Int64
	raw  *minio.Core // sees the whole bucket
	down atomic.Bool
}

type counted struct {
	io.ReadCloser
	n *atomic.Int64
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n.Add(int64(n))
	return n, err
}

func newService(t *testing.T) *service {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket(testBucket); err != nil {
		t.Fatal(err)
	}
	f := &service{}
	fake := gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.down.Load() {
			http.Error(w, "", http.StatusForbidden)
			return
		}
		r.Body = counted{r.Body, &f.got}
		fake.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	f.url = srv.URL
	whole := f.open(t, "")
	f.raw = whole.core
	return f
}

// open gives a store under a prefix of the bucket.
func (f *service) open(t *testing.T, prefix string) *S3 {
	t.Helper()
	at, err := ParseLocation("s3://" + testBucket + "/" + prefix + "?path_style=1&endpoint=" + f.url)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewS3(at, "an access key", "a secret key")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// bench is a store under test with what the tests see of it from outside.
type bench struct {
	Store
	// kept lists whatever is in the store, unfinished uploads included.
	kept func() []string
	// sent is how many bytes have left this process's memory for the store.
	sent func() int64
	// strand leaves what a Put leaves that is cut off by the end of its process.
	strand func(key string)
}

// onEachStore runs a test on every kind of store. The prefix is the one of S3.
func onEachStore(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Run("folder", func(t *testing.T) {
		d, root := newDir(t)
		b := &bench{Store: d}
		b.kept = func() []string { return names(t, root) }
		b.sent = func() (n int64) {
			for _, name := range names(t, root) {
				if st, err := os.Stat(name); err == nil && st.Mode().IsRegular() {
					n += st.Size()
				}
			}
			return n
		}
		b.strand = func(key string) {
			dir := filepath.Join(root, filepath.Dir(key))
			if err := os.MkdirAll(dir, dirMode); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, tempPrefix+"x"), []byte("half"), fileMode); err != nil {
				t.Fatal(err)
			}
		}
		test(t, b)
	})
	t.Run("s3", func(t *testing.T) {
		f := newService(t)
		b := &bench{Store: f.open(t, testPrefix), sent: f.got.Load}
		b.kept = func() (all []string) {
			for o := range f.raw.ListObjectsIter(t.Context(), testBucket, minio.ListObjectsOptions{Recursive: true}) {
				if o.Err != nil {
					t.Fatal(o.Err)
				}
				all = append(all, o.Key)
			}
			for u := range f.raw.ListIncompleteUploads(t.Context(), testBucket, "", true) {
				if minio.ToErrorResponse(u.Err).Code == noUpload {
					break // there never was one
				}
				if u.Err != nil {
					t.Fatal(u.Err)
				}
				all = append(all, u.Key+" (unfinished)")
			}
			return all
		}
		b.strand = func(key string) {
			if _, err := f.raw.NewMultipartUpload(t.Context(), testBucket, testPrefix+"/"+key, objectOptions); err != nil {
				t.Fatal(err)
			}
		}
		test(t, b)
	})
}

func put(t *testing.T, s Store, key, text string) {
	t.Helper()
	if n, err := s.Put(t.Context(), key, strings.NewReader(text)); err != nil || n != int64(len(text)) {
		t.Fatalf("Put: %d, %v", n, err)
	}
}
