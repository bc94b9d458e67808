// Package pgtest runs private PostgreSQL clusters from the installed binaries,
// for tests and for measuring. A cluster is a fresh folder and a server that
// nobody else knows; it ends with the process that has started it, however that
// one ends. Nothing of it survives a power failure: it never syncs. It is made
// for Linux; elsewhere a server outlives a killed process, and CPU is an error.
//
// A package whose tests want a database writes
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
//
// and in a test
//
//	url := pgtest.Shared(t).Fresh(t, "")
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// patience bounds every wait for a server to start or to stop, so that one that
// hangs is an error with its log. Nothing depends on its length.
const patience = 60 * time.Second

// superuser is the role that owns a cluster. Every role signs in without a
// password.
const superuser = "postgres"

// Options say how a cluster differs from the usual one.
type Options struct {
	// TCP lets it listen on a free port of 127.0.0.1 besides its Unix socket.
	TCP bool
	// Dir is where its folder is made. Usually that is $TMPDIR, and else memory
	// where there is plenty; measuring wants a disk. As root, everybody has to be
	// allowed to enter it: the server has another user.
	Dir string
	// Settings go to postgresql.conf after those of this package, or of the
	// cluster of which this is a replica, and win. ALTER SYSTEM wins over both.
	Settings map[string]string
}

// usual are the settings of a cluster that need not survive a power failure.
func usual() map[string]string {
	return map[string]string{
		"fsync":              "off",
		"synchronous_commit": "off",
		"full_page_writes":   "off",
		"max_connections":    "200",
		"shared_buffers":     "64MB",
		"wal_level":          "replica",
		"max_wal_senders":    "10",
		"hot_standby":        "on",
		// It may live in memory.
		"max_wal_size": "256MB",
		// A replica that was away finds what it has missed, and soon.
		"wal_keep_size":               "128MB",
		"wal_retrieve_retry_interval": "100ms",
	}
}

// Cluster is a server of its own with its data. All methods may be called by
// several goroutines at once.
type Cluster struct {
	binaries binaries
	owner    *syscall.Credential // as whom the server runs; nil for ourselves
	folder   *folder
	port     int // names the socket too
	tcp      bool

	fresh atomic.Int64 // databases of Fresh so far

	mu        sync.Mutex // held while the server is started or stopped
	server    *process   // the last one that was started
	spent     time.Duration
	closed    bool
	replicas  []*Cluster
	templates map[string]*template
}

// Start makes a cluster and waits until it answers. Close it.
func Start(opts Options) (*Cluster, error) {
	return create(opts, func(c *Cluster) error {
		err := c.run("initdb", "-D", c.data(), "-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
			"--no-sync", "--no-instructions")
		if err != nil {
			return err
		}
		return c.configure(usual())
	})
}

// create makes the folder, lets fill put the data there, and starts the server.
func create(opts Options, fill func(*Cluster) error) (*Cluster, error) {
	c := &Cluster{tcp: opts.TCP, port: 5432, templates: map[string]*template{}}
	var err error
	if c.binaries, err = findBinaries(); err != nil {
		return nil, err
	}
	if c.owner, err = unprivileged(); err != nil {
		return nil, err
	}
	if c.folder, err = newFolder(opts.Dir, c.owner); err != nil {
		return nil, err
	}
	if err = fill(c); err == nil {
		err = c.configure(opts.Settings)
	}
	if err == nil {
		err = c.startOnFreePort()
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// startOnFreePort is the first start.
func (c *Cluster) startOnFreePort() error {
	if !c.tcp {
		return c.start()
	}
	for try := 1; ; try++ {
		var err error
		if c.port, err = freePort(); err != nil {
			return err
		}
		err = c.start()
		// Somebody else may have taken the port meanwhile.
		if err == nil || try == 5 || !strings.Contains(err.Error(), "could not bind") {
			return err
		}
	}
}

func (c *Cluster) data() string { return filepath.Join(c.folder.path, "data") }

// configure appends settings to postgresql.conf, where the last one wins.
func (c *Cluster) configure(settings map[string]string) error {
	if len(settings) == 0 {
		return nil
	}
	f, err := os.OpenFile(filepath.Join(c.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	quote := strings.NewReplacer(`\`, `\\`, `'`, `''`)
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if _, err := fmt.Fprintf(f, "%s = '%s'\n", name, quote.Replace(settings[name])); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return f.Close()
}

// URL is the address of a database over the Unix socket, for the superuser.
func (c *Cluster) URL(database string) string { return c.URLAs(superuser, database) }

// URLAs is URL for another role. Roles need no password here.
func (c *Cluster) URLAs(user, database string) string {
	return c.url(database, c.folder.path, user)
}

// TCPURL is URL over 127.0.0.1. It panics where Options.TCP was not set.
func (c *Cluster) TCPURL(database string) string {
	if !c.tcp {
		panic("pgtest: the cluster does not listen on TCP: set Options.TCP")
	}
	return c.url(database, "127.0.0.1", superuser)
}

// url leaves nothing to the client's environment.
func (c *Cluster) url(database, host, user string) string {
	escape := func(s string) string { return strings.NewReplacer("%2F", "/", "+", "%20").Replace(url.QueryEscape(s)) }
	u := url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: "host=" + escape(host) +
		"&port=" + strconv.Itoa(c.port) + "&user=" + escape(user) + "&sslmode=disable"}
	return u.String()
}

// Close stops the server and its replicas and removes their folders. What is
// connected is cut off. Closing again does nothing.
func (c *Cluster) Close() error {
	c.mu.Lock()
	replicas := c.replicas
	c.replicas = nil
	c.mu.Unlock()
	var errs []error
	for _, r := range replicas {
		errs = append(errs, r.Close())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return errors.Join(errs...)
	}
	c.closed = true
	errs = append(errs, c.halt(syscall.SIGQUIT), c.folder.remove())
	return errors.Join(errs...)
}

// Kill ends the server at once, as a crash would: no checkpoint is made, and the
// next start recovers from the log. What was committed in the last second may
// be lost, unless synchronous_commit is set to on. Unlike in a crash, clients
// are told. Nothing happens to a server that is down.
func (c *Cluster) Kill() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.halt(syscall.SIGQUIT)
}

// Stop ends the server in good order: it cuts its clients off and makes a
// checkpoint. Nothing happens to a server that is down.
func (c *Cluster) Stop() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.halt(syscall.SIGINT)
}

// Restart starts the server again on the same data, socket and port, after Kill
// or Stop, and waits until it answers. One that runs is stopped before.
func (c *Cluster) Restart() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return errors.New("pgtest: the cluster is closed")
	}
	if err := c.halt(syscall.SIGINT); err != nil {
		return err
	}
	return c.start()
}

// running tells whether the server has been started and not ended.
func (c *Cluster) running() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.server != nil && !c.server.over()
}

// start runs the server and waits until it answers.
func (c *Cluster) start() error {
	// The files of a server that was killed name a process id that somebody else
	// may have by now.
	for _, stale := range []string{
		filepath.Join(c.data(), "postmaster.pid"),
		filepath.Join(c.folder.path, fmt.Sprintf(".s.PGSQL.%d.lock", c.port)),
	} {
		if err := os.Remove(stale); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	listen := ""
	if c.tcp {
		listen = "127.0.0.1"
	}
	args := []string{"-D", c.data(), "-k", c.folder.path, "-p", strconv.Itoa(c.port), "-c", "listen_addresses=" + listen}
	var err error
	if c.server, err = c.launch("postgres", args...); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err = poll(ctx, func() (bool, error) {
		if c.server.over() {
			return false, c.withLog(fmt.Errorf("postgres ended: %v", c.server.cmd.ProcessState))
		}
		conn, err := c.connect(ctx, superuser)
		if err != nil {
			return false, nil // not yet: the deadline decides
		}
		return true, conn.Close(ctx)
	})
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = c.withLog(fmt.Errorf("postgres did not answer within %v", patience))
	}
	return errors.Join(err, c.halt(syscall.SIGQUIT))
}

// halt ends the server by a signal and waits for its end.
func (c *Cluster) halt(signal syscall.Signal) error {
	if c.server == nil {
		return nil
	}
	err := c.server.end(signal)
	if err != nil {
		return c.withLog(err)
	}
	c.spent += c.server.cpu()
	c.server = nil
	return nil
}
