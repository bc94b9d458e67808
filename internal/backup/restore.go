package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// partName is the folder, in the data folder, in which a restore is gathered.
const partName = "restore.part"

// Target is where an archive is restored to.
type Target struct {
	Data string // the data folder, made where there is none
	// Lock takes the lock that a server holds on its data folder.
	Lock func(data string) (*os.File, error)
	// Progress is told, many times, how many of how many bytes are read; it may
	// be nil.
	Progress func(done, total int64)
	// Checking is told that the bytes are there and are being looked at; it
	// may be nil.
	Checking func()
}

// Restore puts what the archive holds into a data folder that has neither a
// database nor attachments. Nothing is in its place before all of the archive
// was read and found right; then the attachments get there in one step and the
// database in the last one, so that a folder with a database was restored
// whole. The database gets a new instance and a new key for links.
//
// A restore that fails removes what it has written; one that is killed leaves
// the folder "restore.part", which the next one removes.
func (a *Archive) Restore(ctx context.Context, t Target) (r *Report, err error) {
	if err := vacant(t.Data); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(t.Data, 0o700); err != nil {
		return nil, err
	}
	lock, err := t.Lock(t.Data)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	part := filepath.Join(t.Data, partName)
	if err := os.RemoveAll(part); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(part)) }()
	if err := os.MkdirAll(filepath.Join(part, filesPrefix), 0o700); err != nil {
		return nil, err
	}
	if r, err = a.unpack(ctx, part, true, t.Progress, t.Checking); err != nil {
		return nil, err
	}
	if err := renew(filepath.Join(part, databaseName)); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return r, place(part, t.Data)
}

// Verify reads all of the archive and looks at it as Restore does. It needs
// room for the database in a temporary folder and leaves nothing behind.
func (a *Archive) Verify(ctx context.Context, progress func(done, total int64), checking func()) (r *Report, err error) {
	temp, err := os.MkdirTemp("", "guanxi-verify-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	return a.unpack(ctx, temp, false, progress, checking)
}

// vacant refuses a folder in which there is something that a restore brings.
func vacant(data string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		switch _, err := os.Lstat(filepath.Join(data, databaseName+suffix)); {
		case err == nil:
			return fmt.Errorf("%s holds a database already (%s): restore into an empty folder", data, databaseName+suffix)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	folder := filepath.Join(data, "files")
	info, err := os.Lstat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is no folder (a link, perhaps): restore into an empty folder", folder)
	}
	files, err := os.ReadDir(folder)
	switch {
	case err != nil:
		return err
	case len(files) > 0:
		return fmt.Errorf("%s holds attachments already (%s): restore into an empty folder", data, filesPrefix)
	}
	return nil
}

// place moves what was restored to where a server looks for it.
func place(part, data string) error {
	if err := vacant(data); err != nil {
		return err
	}
	// Pictures are kept by the numbers of attachments, which may come to mean
	// others.
	if err := os.RemoveAll(filepath.Join(data, "cache")); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(data, filesPrefix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	step := func(name string) error { return os.Rename(filepath.Join(part, name), filepath.Join(data, name)) }
	if err := step(filesPrefix); err != nil {
		return err
	}
	err := syncDir(data)
	if err == nil {
		err = step(databaseName)
	}
	if err != nil { // back to what is removed
		return errors.Join(err, os.Rename(filepath.Join(data, filesPrefix), filepath.Join(part, filesPrefix)))
	}
	if err := syncDir(data); err != nil {
		return fmt.Errorf("all is in its place, and perhaps not safe from a power failure: %w", err)
	}
	// The data folder itself may be new. Whoever may not read the folder above
	// it did not make it.
	_ = syncDir(filepath.Dir(filepath.Clean(data)))
	return nil
}

// unpack reads the archive to its end and looks at the database in it. The
// attachments are written only where they are kept.
func (a *Archive) unpack(ctx context.Context, dir string, keep bool, progress func(done, total int64), checking func()) (*Report, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	folders := map[string]bool{".": true}
	err = a.each(ctx, progress, func(e Entry, at time.Time, copyTo func(io.Writer) error) error {
		if !keep && e.Name != databaseName {
			return copyTo(io.Discard)
		}
		for d := path.Dir(e.Name); !folders[d]; d = path.Dir(d) {
			folders[d] = true
		}
		return write(root, e.Name, at, copyTo)
	})
	if err != nil {
		return nil, err
	}
	if checking != nil {
		checking()
	}
	r := &Report{Manifest: a.Manifest}
	for _, name := range a.absent {
		r.warn("%s is missing: it was not there when the backup was made", name)
	}
	if err := r.check(ctx, filepath.Join(dir, databaseName)); err != nil {
		return nil, err
	}
	if !keep {
		return r, nil
	}
	for _, d := range slices.Sorted(maps.Keys(folders)) {
		if err := syncDir(filepath.Join(dir, d)); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// write writes one entry, durably. The root keeps every name inside its
// folder, whatever the name is.
func write(root *os.Root, name string, at time.Time, copyTo func(io.Writer) error) error {
	if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = copyTo(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return root.Chtimes(name, at, at)
}

// check looks at the database: whether it is whole in itself, is the one that
// the manifest describes, and names the attachments that the manifest names.
func (r *Report) check(ctx context.Context, file string) error {
	snap, err := openSnapshot(file)
	if err != nil {
		return err
	}
	defer snap.close()
	if err := snap.check(ctx); err != nil {
		return err
	}
	m := r.Manifest
	id, err := snap.identify()
	if err != nil {
		return err
	}
	if err := m.same(id); err != nil {
		return fmt.Errorf("the archive is damaged: %w", err)
	}
	listed := make(map[string]bool, len(m.Entries))
	for _, e := range m.Entries[1:] {
		listed[strings.TrimPrefix(e.Name, filesPrefix)] = true
	}
	var unlisted error
	err = attachments(snap, id.Organizations, func(key string, _ int64) {
		if !listed[key] && m.Elsewhere == "" && unlisted == nil {
			unlisted = fmt.Errorf("the archive is damaged: the database names %q and the manifest does not", key)
		}
		delete(listed, key)
	}, func(key string) { r.warn("the database names %q, which cannot be a file", key) })
	if err != nil {
		return err
	}
	if unlisted == nil && len(listed) > 0 {
		unlisted = fmt.Errorf("the archive is damaged: the manifest names %d attachments that the database does not", len(listed))
	}
	return errors.Join(unlisted, snap.close())
}
