// Package service holds the use cases: may this user, one transaction, its row
// in the operation log. It knows neither SQL nor HTTP.
package service

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"guanxi/internal/blob"
	"guanxi/internal/crm"
	"guanxi/internal/lists"
	"guanxi/internal/region"
	"guanxi/internal/store"
)

// Settings are the operator's choices that use cases obey.
type Settings struct {
	SessionsPerDevice int           // live sessions per user and kind of device
	IdleLife          time.Duration // a token unused for so long has expired
	AbsoluteLife      time.Duration // a token has expired so long after sign-in
	// SignInFailures is how many failures per login, and ten times that per
	// address, lock signing in for SignInLock.
	SignInFailures int
	SignInLock     time.Duration
	// ListMemory is how many bytes the columns of lists may take; 0 for
	// DefaultListMemory. OnListMemory, which may be nil, is told how many they
	// take.
	ListMemory   int64
	OnListMemory func(bytes int64)
	UploadLimit  int64 // largest uploaded file in bytes
}

// DefaultListMemory holds the lists of some millions of records.
const DefaultListMemory = 1 << 30

// Service is every use case of the server.
type Service struct {
	store    *store.Store
	blobs    blob.Store
	regions  *region.Table
	settings Settings
	now      func() time.Time
	log      *slog.Logger

	lists *lists.Keeper

	directories sync.Map // organization → kept
	loading     sync.Map // organization → *sync.Mutex

	sessions *sessions
	failures *failures
	hashing  chan struct{}
}

// New makes the use cases. now is the clock; blobs may be nil where no call
// touches files.
func New(st *store.Store, blobs blob.Store, regions *region.Table, settings Settings, now func() time.Time, log *slog.Logger) *Service {
	return &Service{
		store: st, blobs: blobs, regions: regions, settings: settings, now: now, log: log,
		lists:    lists.New(st, cmp.Or(settings.ListMemory, DefaultListMemory), settings.OnListMemory),
		sessions: newSessions(), failures: newFailures(st, settings, now), hashing: make(chan struct{}, hashers()),
	}
}

// Caller is who is asking, in which organization, and from where.
type Caller struct {
	Directory     *crm.Directory
	Viewer        *crm.Viewer
	Session       *crm.Session
	Version       int64 // of the organization, when the request came
	Epoch         int64 // of the database; see store.Epoch
	RequestID     string
	RemoteAddress string
	// Act is the write under way; nil for a read.
	Act     *Act
	version store.Version
}

// Org is the organization of the caller.
func (c *Caller) Org() int64 { return c.Directory.Organization.ID }

// Regions are the administrative regions.
func (s *Service) Regions() *region.Table { return s.regions }

// Now is the clock of the service.
func (s *Service) Now() time.Time { return s.now() }

// Ready reports whether the database answers.
func (s *Service) Ready(ctx context.Context) error { return s.store.Ping(ctx) }

// kept is a directory in memory with the epoch of the database that it was read
// in: versions of different epochs do not compare.
type kept struct {
	*crm.Directory
	epoch int64
}

// directory gives the organization's directory from memory, loading it when
// it is not there or has changed. Who waits for a load waits for the own
// organization's only.
func (s *Service) directory(ctx context.Context, org int64, v store.Version) (*crm.Directory, error) {
	if d := s.known(org, v); d != nil {
		return d, nil
	}
	lock, _ := s.loading.LoadOrStore(org, &sync.Mutex{})
	lock.(*sync.Mutex).Lock()
	defer lock.(*sync.Mutex).Unlock()
	if d := s.known(org, v); d != nil {
		return d, nil
	}
	epoch := s.store.Epoch()
	d, err := s.store.Directory(ctx, org)
	if err != nil {
		return nil, err
	}
	s.directories.Store(org, kept{d, epoch})
	return d, nil
}

func (s *Service) known(org int64, v store.Version) *crm.Directory {
	if k, ok := s.directories.Load(org); ok {
		if k := k.(kept); k.epoch == s.store.Epoch() && k.Organization.DirectoryVersion >= v.Directory {
			return k.Directory
		}
	}
	return nil
}

// Watch learns what other processes have committed. What is kept in memory
// carries the version at which it was read, and is read anew when that has
// moved.
func (s *Service) Watch(ctx context.Context) error { return s.store.Watch(ctx) }

// Unavailable is what a caller is told of an error that says the database or
// the storage of files does not answer; nil for every other error.
func (s *Service) Unavailable(err error) *crm.Error {
	switch {
	case errors.Is(err, store.ErrUnknownOutcome):
		return crm.ErrUnknownOutcome
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, blob.ErrUnavailable):
		return crm.ErrUnavailable
	}
	return nil
}

// Moved reports whether the organization has changed since the caller was
// recognised, whoever has changed it. With the embedded database, which is this
// process's own, that is known without a look.
func (s *Service) Moved(ctx context.Context, c *Caller) (bool, error) {
	if !s.store.Shared() {
		return false, nil
	}
	v, err := s.store.FreshVersion(ctx, c.Org())
	return v != c.version || s.store.Epoch() != c.Epoch, err
}

// notFound turns the store's missing row into the API's error.
func notFound(err error) error {
	if errors.Is(err, store.ErrNoRow) {
		return crm.ErrNotFound
	}
	return err
}

// entry is a row of the operation log with what is the same in all of them.
func (s *Service) entry(c *Caller, entity string, id int64, action, changes string) crm.LogEntry {
	return crm.LogEntry{
		UserID: c.Viewer.User.ID, Entity: entity, EntityID: id, Action: action, Changes: changes,
		RequestID: c.RequestID, RemoteAddress: c.RemoteAddress, At: crm.At(s.now()),
	}
}
