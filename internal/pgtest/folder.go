package pgtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	prefix = "guanxi-pg-"
	// longest is how long the path of a socket may be on Linux.
	longest = 107
	// longestTail is what comes after the parent folder: the folder's own name
	// and the socket's.
	longestTail = len("/"+prefix+"4294967295") + len("/.s.PGSQL.65535")
	// keep is how long the log of a server is kept whose process has died.
	keep = time.Hour
)

// folder is where a cluster lives: data, socket and log. As long as its process
// lives the folder is locked, so that others do not sweep it.
type folder struct {
	path string
	lock *os.File
}

// newFolder makes a folder that belongs to the server's user, and removes those
// that dead processes have left. An empty parent means the usual one.
func newFolder(parent string, owner *syscall.Credential) (*folder, error) {
	if parent == "" {
		parent = usualParent(owner)
	}
	parent, err := filepath.Abs(parent)
	if err != nil {
		return nil, err
	}
	if err := fit(parent, owner); err != nil {
		return nil, err
	}
	sweep(parent)
	path, err := os.MkdirTemp(parent, prefix)
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	f := &folder{path: path}
	if err := f.prepare(owner); err != nil {
		return nil, errors.Join(fmt.Errorf("pgtest: %w", err), f.remove())
	}
	return f, nil
}

// prepare locks the folder and hands it to the server's user.
func (f *folder) prepare(owner *syscall.Credential) (err error) {
	if f.lock, err = os.Open(f.path); err != nil {
		return err
	}
	// Somebody who sweeps may hold it for a moment.
	if err := syscall.Flock(int(f.lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("lock %s: %w", f.path, err)
	}
	if owner == nil {
		return nil
	}
	return os.Chown(f.path, int(owner.Uid), int(owner.Gid))
}

func (f *folder) remove() error {
	err := os.RemoveAll(f.path)
	if f.lock != nil {
		err = errors.Join(err, f.lock.Close())
	}
	return err
}

// usualParent is $TMPDIR where it is set and fits, and else the file system in
// memory if there is room: a database is some hundred files, and making and
// removing that many takes ten times as long on some disks. Otherwise it is /tmp.
func usualParent(owner *syscall.Credential) string {
	for _, parent := range []string{os.Getenv("TMPDIR"), memory} {
		if filepath.IsAbs(parent) && fit(parent, owner) == nil && (parent != memory || roomInMemory()) {
			return parent
		}
	}
	return "/tmp"
}

// memory is where Linux has a file system in memory for everybody.
const memory = "/dev/shm"

// fit tells why a cluster could not live below a folder: it is too deep for a
// socket, or closed to the server's user.
func fit(parent string, owner *syscall.Credential) error {
	if len(parent)+longestTail > longest {
		return fmt.Errorf("pgtest: the path %s is too long for a socket", parent)
	}
	if owner == nil {
		return nil // it is ours
	}
	for dir := parent; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return fmt.Errorf("pgtest: %w", err)
		}
		if info.Mode()&0o001 == 0 {
			return fmt.Errorf("pgtest: the server does not run as root and may not enter %s", dir)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// sweep removes what processes have left that died before they could: the data
// at once, the log when it is old. It is a courtesy: what cannot be removed
// stays.
func sweep(parent string) {
	// The pattern is a constant and a good one.
	found, _ := filepath.Glob(filepath.Join(parent, prefix+"*"))
	for _, path := range found {
		sweepOne(path)
	}
}

func sweepOne(path string) {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() {
		return
	}
	// Its process holds the lock as long as it lives. We hold it while we remove:
	// the folder may be one that has just been made.
	lock, err := os.Open(path)
	if err != nil {
		return
	}
	defer lock.Close()
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil || serverLives(path) {
		return
	}
	if time.Since(info.ModTime()) < keep {
		path = filepath.Join(path, "data")
	}
	_ = os.RemoveAll(path)
}

// serverLives tells whether a server runs on the data of a folder. It is a
// cautious yes when that cannot be told.
func serverLives(path string) bool {
	file, err := os.ReadFile(filepath.Join(path, "data", "postmaster.pid"))
	if err != nil {
		return !errors.Is(err, os.ErrNotExist)
	}
	first, _, _ := strings.Cut(string(file), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return false // it died while it wrote the file
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return err == nil && strings.TrimSpace(string(name)) == "postgres"
}
