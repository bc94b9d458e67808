package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"guanxi/internal/api"
	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/blob"
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

	dir  *blob.Dir
	now  func() time.Time
	log  *slog.Logger
	lock *os.File
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
	a := &App{Config: cfg, Version: version, now: now, log: log}
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
	if a.Store, err = store.Open(ctx, cfg.Where(), store.Config{Connections: cfg.Connections}); err != nil {
		return nil, err
	}
	if cfg.Database == "" {
		if err := os.Chmod(DatabaseFile(cfg.Data), 0o600); err != nil {
			return nil, errors.Join(err, a.Store.Close())
		}
	}
	if a.dir, err = blob.NewDir(filepath.Join(cfg.Data, "files")); err != nil {
		return nil, errors.Join(err, a.Store.Close())
	}
	a.Blobs = a.dir
	a.Service = service.New(a.Store, a.Blobs, regions, service.Settings{
		SessionsPerDevice: cfg.SessionsDevice, IdleLife: cfg.IdleLife, AbsoluteLife: cfg.AbsoluteLife,
		SignInFailures: cfg.SignInFailures, SignInLock: cfg.SignInLock,
	}, now, log)
	return a, nil
}

// Close closes the database and the files.
func (a *App) Close() error {
	err := errors.Join(a.Store.Close(), a.dir.Close())
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
	cache, err := picture.OpenCache(filepath.Join(a.Config.Data, "cache"), a.Config.PictureCache)
	if err != nil {
		return nil, err
	}
	// Anybody may ask for maps, so they have a room of their own, in which they crowd out nothing but each other.
	maps, err := picture.OpenCache(filepath.Join(a.Config.Data, "maps"), a.Config.PictureCache/8)
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
	metrics := obs.NewMetrics(a.Version)
	return api.New(a.Service, call.NewLinks(signer, amap != nil),
		api.NewFiles(a.Service, signer, cache, a.log), staticmap.New(maps, amap, signer.VerifyText), a.operations(metrics),
		api.Options{
			PublicURL: a.Config.PublicURL, TrustedProxies: proxies, RateCalls: a.Config.RateCalls,
			RatePeriod: a.Config.RatePeriod, Instance: a.Store.Fact(store.FactInstance), Build: a.build(amap != nil),
			Limits: param.Limits{Body: a.Config.MaxBody, Multipart: a.Config.MaxUpload},
		}, a.log, metrics), nil
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
func (a *App) operations(metrics *obs.Metrics) http.Handler {
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
	mux.Handle("GET /metrics", metrics.Handler())
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
		return err
	}
	chores := []struct {
		every *time.Ticker
		what  string
		do    func(context.Context) error
	}{
		{time.NewTicker(400 * time.Millisecond), "look for changes of other processes", a.Service.Watch},
		{time.NewTicker(30 * time.Second), "write down the use of sessions", a.Service.FlushSessions},
		{time.NewTicker(time.Hour), "forget ended sessions", a.Service.ForgetSessions},
	}
	for _, c := range chores {
		defer c.every.Stop()
	}
	chore := func(i int) {
		if err := chores[i].do(ctx); err != nil && ctx.Err() == nil {
			a.log.Error(chores[i].what, "error", err.Error())
		}
	}
	for {
		select {
		case <-chores[0].every.C:
			chore(0)
		case <-chores[1].every.C:
			chore(1)
		case <-chores[2].every.C:
			chore(2)
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
}
