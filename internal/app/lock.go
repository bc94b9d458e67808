package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"guanxi/internal/store"
)

// guard makes sure that one server at a time works on the data folder, since
// it keeps in memory what another one would change, and that the schema does
// not change under it. The operator's commands need no lock otherwise: the
// server watches for their changes. The lock ends with the process, however
// it ends.
func (a *App) guard(ctx context.Context, server bool) error {
	if a.Config.Database != "" && !server {
		return a.guardShared(ctx)
	}
	if a.Config.Database != "" {
		number, f, err := takeRoom(a.Config.Data)
		if number > 1 {
			a.room = fmt.Sprintf("-%d", number)
		}
		a.lock = f
		return err
	}
	if !server {
		n, err := Pending(ctx, a.Config.Where())
		if err != nil || n == 0 {
			return err
		}
	}
	f, err := LockServer(a.Config.Data)
	if err != nil {
		return err
	}
	if server {
		a.lock = f
		return nil
	}
	defer f.Close()
	return store.Migrate(ctx, a.Config.Where())
}

// guardShared keeps a command from changing the schema of a database that is
// in use: that is for a server's start and for "guanxi migrate". An empty
// database is nobody's yet.
func (a *App) guardShared(ctx context.Context) error {
	n, err := Pending(ctx, a.Config.Where())
	if err != nil {
		return err
	}
	all, err := store.Migrations()
	if err == nil && n > 0 && n < all {
		err = fmt.Errorf("the schema of the database lacks %d migrations: run guanxi migrate first", n)
	}
	return err
}

// LockServer takes the lock that a server holds on its data folder; closing the
// file gives it back.
func LockServer(data string) (*os.File, error) {
	return lock(filepath.Join(data, "server.lock"), "another server works on "+data)
}

// LockLoad takes the lock of a load of generated data, so that one runs at a
// time.
func LockLoad(data string) (*os.File, error) {
	return lock(filepath.Join(data, "gen.lock"), "another load is at work on "+data)
}

// maxServers is how many servers on one machine share a data folder at most.
const maxServers = 64

// takeRoom gives a server on a shared database its own number among those that
// use the same data folder: made pictures lie in folders of which each belongs to
// one process.
func takeRoom(data string) (number int, f *os.File, err error) {
	for number = 1; number <= maxServers; number++ {
		f, err = lock(filepath.Join(data, fmt.Sprintf("room-%d.lock", number)), "too many servers work on "+data)
		var taken *takenError
		if !errors.As(err, &taken) {
			break
		}
	}
	return number, f, err
}

// takenError says that another process has a lock, in words for the operator.
type takenError struct{ message string }

func (e *takenError) Error() string { return e.message }

func lock(file, taken string) (*os.File, error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(&takenError{taken}, f.Close())
	}
	return f, nil
}

// Pending tells how many migrations a database lacks, without making anything;
// all of them where there is none yet.
func Pending(ctx context.Context, database string) (int, error) {
	if !store.IsURL(database) {
		if _, err := os.Stat(database); errors.Is(err, fs.ErrNotExist) {
			return store.Migrations()
		}
	}
	return store.Pending(ctx, database)
}
