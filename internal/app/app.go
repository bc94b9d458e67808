package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"guanxi/internal/api"
	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/blob"
	"guanxi/internal/job"
	"guanxi/internal/obs"
	"guanxi/internal/picture"
	"guanxi/internal/region"
	"guanxi/internal/service"
	"guanxi/internal/staticmap"
	"guanxi/internal/store"
)

// App is an opened installation: database, files and use cases.
type App struct {
	Config  Config
	Version string
	Store   *store.Store
	Blobs   blob.Store
	Service *service.Service

	// CollectAt is the percentage by which what is not in lists may grow before
	// the collector runs; 0 leaves the collector as it is. It is set before Serve.
	CollectAt int

	files   files
	now     func() time.Time
	log     *slog.Logger
	lock    *os.File
	room    string // what the folders of made pictures are called with besides
	metrics *obs.Metrics
}

// DatabaseFile is where the embedded database lies in a data folder.
func DatabaseFile(data string) string { return filepath.Join(data, "guanxi.db") }

// Open makes the data folder where there is none, brings the schema up to date
// and opens everything. With the embedded database a server locks the folder
// first; a command does so only where the schema has to change, which must not
// happen under a server. Several servers may work on one PostgreSQL database.
// now is the clock.
func Open(ctx context.Context, cfg Config, server bool, version string, now func() time.Time, log *slog.Logger) (_ *App, err error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	a := &App{Config: cfg, Version: version, now: now, log: log, metrics: obs.NewMetrics(version)}
	if err := a.guard(ctx, server); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil && a.lock != nil {
			a.lock.Close()
		}
	}()
	regions, err := region.Load()
	if err != nil {
		return nil, err
	}
	if a.Store, err = store.Open(ctx, cfg.Where(), store.Config{Connections: cfg.Connections, Read: cfg.DatabaseRead}); err != nil {
		return nil, err
	}
	if cfg.Database == "" {
		if err := os.Chmod(DatabaseFile(cfg.Data), 0o600); err != nil {
			return nil, errors.Join(err, a.Store.Close())
		}
	}
	if a.files, err = openFiles(&cfg); err != nil {
		return nil, errors.Join(err, a.Store.Close())
	}
	a.Blobs = a.files
	a.Service = service.New(a.Store, a.Blobs, regions, service.Settings{
		SessionsPerDevice: cfg.SessionsDevice, IdleLife: cfg.IdleLife, AbsoluteLife: cfg.AbsoluteLife,
		SignInFailures: cfg.SignInFailures, SignInLock: cfg.SignInLock, UploadLimit: cfg.UploadLimit,
		ListMemory: cfg.ListMemory, OnListMemory: a.listsGrew,
	}, now, log)
	return a, nil
}

// Close closes the database and the files.
func (a *App) Close() error {
	err := errors.Join(a.Store.Close(), a.files.Close())
	if a.lock != nil {
		err = errors.Join(err, a.lock.Close())
	}
	return err
}

// Handler is everything that is served over HTTP.
func (a *App) Handler() (http.Handler, error) {
	signer, err := blob.NewSigner([]byte(a.Store.Fact(store.FactSigningKey)))
	if err != nil {
		return nil, err
	}
	cache, err := picture.OpenCache(filepath.Join(a.Config.Data, "cache"+a.room), a.Config.PictureCache)
	if err != nil {
		return nil, err
	}
	// Anybody may ask for maps, so they have a room of their own, in which they crowd out nothing but each other.
	maps, err := picture.OpenCache(filepath.Join(a.Config.Data, "maps"+a.room), a.Config.PictureCache/8)
	if err != nil {
		return nil, err
	}
	var amap *staticmap.AMap
	if a.Config.AMapKey != "" {
		amap = staticmap.NewAMap(a.Config.AMapKey)
		amap.OnError = func(err error) { a.log.Warn("AMap did not answer with a map", "error", err.Error()) }
	}
	proxies, err := a.Config.proxies()
	if err != nil {
		return nil, err
	}
	var budgets api.Budgets // an embedded database has one server
	if a.Config.Database != "" {
		budgets = a.Store
	}
	return api.New(a.Service, call.NewLinks(signer, amap != nil),
		api.NewFiles(a.Service, signer, cache, a.log), staticmap.New(maps, amap, signer.VerifyText), a.operations(),
		api.Options{
			PublicURL: a.Config.PublicURL, TrustedProxies: proxies, RateCalls: a.Config.RateCalls,
			RatePeriod: a.Config.RatePeriod, Budgets: budgets, Instance: a.Store.Fact(store.FactInstance), Build: a.build(amap != nil),
			Limits: param.Limits{Body: a.Config.MaxBody, Multipart: a.Config.MaxUpload},
		}, a.log, a.metrics), nil
}

// build is what decides the shape of answers beside the data: the version, and
// whether links to maps are signed. A version that stands for many builds is
// told apart by the program's file.
func (a *App) build(signedMaps bool) string {
	b := fmt.Sprintf("%s maps=%t", a.Version, signedMaps)
	if a.Version == "dev" || strings.HasSuffix(a.Version, "-dirty") {
		if file, err := os.Executable(); err == nil {
			if info, err := os.Stat(file); err == nil {
				b += fmt.Sprint(" ", info.Size(), info.ModTime().UnixNano())
			}
		}
	}
	return b
}

// operations answers what an operator's tools ask: is the process alive, can
// it serve, what does it measure.
func (a *App) operations() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := a.Service.Ready(ctx); err != nil {
			a.log.Warn("not ready", "error", err.Error())
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, "ready\n")
	})
	mux.Handle("GET /metrics", a.metrics.Handler())
	return mux
}

// Serve answers requests on the listener until ctx ends; then it lets running
// requests finish, writes down what is only in memory and returns.
func (a *App) Serve(ctx context.Context, l net.Listener) error {
	h, err := a.Handler()
	if err != nil {
		return err
	}
	srv := &http.Server{
		// One limit for head, body and idle connections: each of its own would cost every request a call more.
		Handler: h, ReadTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	if err := a.Service.Watch(ctx); err != nil {
		return errors.Join(err, srv.Close())
	}
	endJobs, err := a.runJobs(ctx)
	if err != nil {
		return errors.Join(err, srv.Close())
	}
	defer endJobs()
	watching, stop := context.WithCancel(context.WithoutCancel(ctx)) // until the last request is answered
	var chores sync.WaitGroup
	defer chores.Wait()
	defer stop()
	chores.Go(func() { a.checkFiles(watching) })
	chores.Go(func() { a.warmLists(watching) })
	chores.Go(func() {
		a.every(watching, watchPause, "look for changes of other processes", a.Service.Watch)
	})
	chores.Go(func() {
		a.every(watching, 30*time.Second, "write down the use of sessions", a.Service.FlushSessions)
	})
	chores.Go(func() {
		a.every(watching, 10*time.Minute, "forget failed sign-ins", a.Service.ForgetFailures)
	})
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		a.log.Info("stopping")
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.Config.ShutdownWait)
		defer cancel()
		err := srv.Shutdown(wait)
		if errors.Is(err, context.DeadlineExceeded) {
			err = errors.Join(srv.Close(), fmt.Errorf("requests were still running after %s", a.Config.ShutdownWait))
		}
		return errors.Join(err, a.Service.FlushSessions(context.WithoutCancel(ctx)))
	}
}

// watchPause is how often changes of other processes are looked for; they are
// promised to be seen within a second.
const watchPause = 400 * time.Millisecond

// every does something again and again until ctx ends. It logs when that begins
// to fail and when it succeeds again, not each time.
func (a *App) every(ctx context.Context, pause time.Duration, what string, do func(context.Context) error) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		err := do(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil && !failing:
			a.log.Error(what, "error", err.Error())
		case err == nil && failing:
			a.log.Warn(what, "again", "it works again")
		}
		failing = err != nil
	}
}

// runJobs runs jobs and the installation's chores until ctx ends, or end is
// called, which waits for them.
func (a *App) runJobs(ctx context.Context) (end func(), err error) {
	r, err := job.New(a.Store, a.Service.JobKinds(), job.Options{
		Clock: job.RealClock(a.now), Random: rand.Float64, Log: a.log, Observe: a.metrics,
		Chores: []job.Chore{
			{Name: "forget ended sessions", Every: time.Hour, Do: a.Service.ForgetSessions},
			{Name: "sweep files", Every: 24 * time.Hour, Do: a.Service.SweepFiles},
			{Name: "settings of organizations from before", Every: 24 * time.Hour, Do: a.Service.EnsureDuplicates},
		},
	})
	if err != nil {
		return nil, err
	}
	a.Store.OnJob(r.Hint)
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { r.Run(ctx) })
	return func() {
		stop()
		running.Wait()
	}, nil
}
