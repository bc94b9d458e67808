package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/jpeg"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"guanxi/internal/api/call"
	"guanxi/internal/api/openapi/check"
	"guanxi/internal/blob"
	"guanxi/internal/crm"
	"guanxi/internal/obs"
	"guanxi/internal/picture"
	"guanxi/internal/region"
	"guanxi/internal/service"
	"guanxi/internal/staticmap"
	"guanxi/internal/store"
	"guanxi/internal/store/dbtest"
	"guanxi/internal/store/storetest"
)

// world is a whole server over a real database with two organizations that
// hold the same records under the same ids: home (57) and other (58).
type world struct {
	t      testing.TB
	store  *store.Store
	blobs  blob.Store
	svc    *service.Service
	server *Server
	log    *lockedBuffer
	clock  atomic.Int64 // unix milliseconds
	// unchecked says that answers are not held against the API document.
	unchecked bool
}

const home, other int64 = 57, 58

// People of both organizations.
const (
	star, creator, owner   int64 = 254, 441, 443
	superior, colleague    int64 = 460, 461
	sameDept, furtherDept  int64 = 462, 463
	deptsBelow, everybody  int64 = 464, 465
	helper, helperSuperior int64 = 466, 467
	admin, masked, barred  int64 = 468, 469, 471
	disabled               int64 = 470
)

const passwordOfAll = "correct horse"

var hashOfAll = sync.OnceValue(func() string { return service.HashPassword(passwordOfAll) })

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

var validator = sync.OnceValues(func() (*check.Validator, error) {
	d, _ := Document() // what is wrong with it is told by the tests of package check
	body, _ := d.JSON("en")
	return check.New(body)
})

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newWorld makes the world; change may turn the options first.
func newWorld(t testing.TB, change ...func(*Options, *service.Settings)) *world {
	t.Helper()
	return newWorldOf(t, "world", []int64{home, other}, fill, change...)
}

// newWorldOf makes a world of organizations that fill fills.
func newWorldOf(t testing.TB, name string, orgs []int64, fill func(*store.Write, int64) error, change ...func(*Options, *service.Settings)) *world {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	w := &world{t: t, log: &lockedBuffer{}}
	w.clock.Store(time.Date(2026, 11, 21, 10, 20, 0, 0, time.UTC).UnixMilli())
	now := func() time.Time { return time.UnixMilli(w.clock.Load()).UTC() }
	st := storetest.Open(t, storetest.New(t, name, func(st *store.Store) error {
		for _, org := range orgs {
			if err := st.Update(ctx, org, func(tx *store.Write) error { return fill(tx, org) }); err != nil {
				return err
			}
		}
		return nil
	}))
	files, err := blob.NewDir(filepath.Join(dir, "files"))
	must(t, err)
	cache, err := picture.OpenCache(filepath.Join(dir, "cache"), 0)
	must(t, err)
	regions, err := region.Load()
	must(t, err)
	signer, err := blob.NewSigner([]byte("a signing key for tests only"))
	must(t, err)
	options := Options{Instance: "test", Build: "test"}
	settings := service.Settings{SessionsPerDevice: 1, IdleLife: 24 * time.Hour, AbsoluteLife: 72 * time.Hour,
		SignInFailures: 5, SignInLock: 15 * time.Minute}
	for _, f := range change {
		f(&options, &settings)
	}
	log := slog.New(slog.NewJSONHandler(w.log, nil))
	w.store, w.blobs = st, files
	w.svc = service.New(st, files, regions, settings, now, log)
	w.server = New(w.svc, call.NewLinks(signer, false), NewFiles(w.svc, signer, cache, log),
		staticmap.New(cache, nil, signer.VerifyText), nil, options, log, obs.NewMetrics("test"))
	var picture bytes.Buffer
	must(t, jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 300, 200)), nil))
	for _, key := range []string{"57/14918", "58/14918"} {
		_, err := files.Put(ctx, key, bytes.NewReader(picture.Bytes()))
		must(t, err)
	}
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// token gives the token of a user without the cost of a sign-in.
func (w *world) token(org, user int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "token of %d in %d", user, org))
	return hex.EncodeToString(sum[:16])
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// answer is what came back.
type answer struct {
	status int
	body   string
	header http.Header
}

// do sends a request as it is.
func (w *world) do(r *http.Request) answer {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.server.ServeHTTP(rec, r)
	a := answer{rec.Code, rec.Body.String(), rec.Header()}
	// Every answer of the tests is held against the API document, save in the
	// matrix, which asks thousands of times for what other tests look at.
	if p := path.Clean(r.URL.Path); !w.unchecked && strings.HasPrefix(p, "/api/v2/") && p != "/api/v2/broken" {
		v, err := validator()
		must(w.t, err)
		if err := v.Check(r.Method, p, a.status, a.header, []byte(a.body)); err != nil {
			w.t.Errorf("%s %s does not fit the API document: %v", r.Method, p, err)
		}
	}
	return a
}

// get asks as a user of an organization.
func (w *world) get(org, user int64, target string) answer {
	w.t.Helper()
	r := httptest.NewRequest("GET", "http://crm.example.com"+target, nil)
	r.Header.Set("Authorization", "Token token="+w.token(org, user)+", device=open_api, version_code=9.9.9")
	return w.do(r)
}

// post sends a JSON body as a user of an organization.
func (w *world) post(org, user int64, target, body string) answer {
	w.t.Helper()
	r := httptest.NewRequest("POST", "http://crm.example.com"+target, strings.NewReader(body))
	r.Header.Set("Authorization", "Token token="+w.token(org, user))
	r.Header.Set("Content-Type", "application/json")
	return w.do(r)
}

// at is a moment in +08:00.
func at(s string) crm.Time {
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, s, crm.China); err == nil {
			return crm.At(t)
		}
	}
	panic("bad time " + s)
}
