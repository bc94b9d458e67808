package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"
	"syscall"
)

const (
	dirMode  fs.FileMode = 0o700
	fileMode fs.FileMode = 0o600

	// tempPrefix starts the names of files that are still being written.
	// CheckKey refuses it, so such a file is never reachable by a key.
	tempPrefix = ".put-"
)

// Dir is a Store in a local folder. One process at a time should use a folder,
// because empty sub-folders are removed under a lock of this process only.
//
// An object that Put has reported as kept survives a loss of power, as far as
// the file system honours fsync. A process that is killed while it writes can
// leave a file whose name starts with ".put-"; it is never read as an object,
// and DropPartial removes it.
type Dir struct {
	root *os.Root
	// tree is held for reading while a file is being created in a folder that
	// was just made sure of, and for writing while empty folders are removed.
	tree sync.RWMutex
}

var _ Store = (*Dir)(nil)

// NewDir opens the folder at root for keeping objects and makes it when it is
// missing. Nothing outside the folder is ever read or written, not even
// through a symbolic link inside it.
func NewDir(root string) (*Dir, error) {
	if err := os.MkdirAll(root, dirMode); err != nil {
		return nil, fmt.Errorf("blob: make the folder: %w", err)
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, fmt.Errorf("blob: open the folder: %w", err)
	}
	return &Dir{root: r}, nil
}

// Close lets the folder go. Objects that are open stay readable.
func (d *Dir) Close() error { return d.root.Close() }

// Put keeps the object as Store describes. The bytes go to a temporary file in
// the object's own folder, which is synced, renamed to its place, and followed
// by a sync of the folders on the way. When only that last sync fails, the new
// object is removed again, and bytes it had replaced are then gone as well.
func (d *Dir) Put(ctx context.Context, key string, r io.Reader) (int64, error) {
	if err := CheckKey(key); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	dir := path.Dir(key)
	temp := path.Join(dir, tempPrefix+rand.Text())
	f, err := d.create(dir, temp)
	if err != nil {
		d.prune(dir)
		return 0, fmt.Errorf("blob: create: %w", err)
	}
	size, err := fill(ctx, f, r)
	if err == nil {
		err = d.root.Rename(temp, key)
	}
	if err != nil {
		_ = d.root.Remove(temp)
		d.prune(dir)
		return 0, fmt.Errorf("blob: put: %w", err)
	}
	if err := d.syncUp(dir); err != nil {
		_ = d.root.Remove(key)
		d.prune(dir)
		return 0, fmt.Errorf("blob: sync the folder: %w", err)
	}
	return size, nil
}

// create makes the folder and the temporary file in it.
func (d *Dir) create(dir, temp string) (*os.File, error) {
	d.tree.RLock()
	defer d.tree.RUnlock()
	if dir != "." {
		if err := d.root.MkdirAll(dir, dirMode); err != nil {
			return nil, err
		}
	}
	return d.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
}

// fill copies r into f, syncs f and closes it in every case.
func fill(ctx context.Context, f *os.File, r io.Reader) (int64, error) {
	size, err := io.Copy(f, &ctxReader{ctx: ctx, r: r})
	if err == nil {
		err = f.Sync()
	}
	return size, errors.Join(err, f.Close())
}

// ctxReader ends a copy when its context ends. It cannot interrupt a Read that
// is already blocked.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// Open gives the object as Store describes.
func (d *Dir) Open(ctx context.Context, key string) (io.ReadSeekCloser, Info, error) {
	if err := CheckKey(key); err != nil {
		return nil, Info{}, err
	}
	if err := ctx.Err(); err != nil {
		return nil, Info{}, err
	}
	if err := d.regular(key); err != nil {
		return nil, Info{}, err
	}
	f, err := d.root.Open(key)
	if err != nil {
		return nil, Info{}, found(err)
	}
	st, err := f.Stat()
	if err != nil {
		return nil, Info{}, errors.Join(err, f.Close())
	}
	return f, Info{Size: st.Size(), ModTime: st.ModTime()}, nil
}

// Delete removes the object as Store describes, and the folders that became
// empty by it.
func (d *Dir) Delete(ctx context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err := d.regular(key)
	if err == nil {
		err = found(d.root.Remove(key))
	}
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := d.syncUp(d.prune(path.Dir(key))); err != nil {
		return fmt.Errorf("blob: sync the folder: %w", err)
	}
	return nil
}

// regular says whether the key names a plain file. Folders, links and devices
// are no objects, so they count as missing.
func (d *Dir) regular(key string) error {
	st, err := d.root.Lstat(key)
	if err != nil {
		return found(err)
	}
	if !st.Mode().IsRegular() {
		return ErrNotFound
	}
	return nil
}

// found turns the system's words for a missing file into ErrNotFound. A path
// that leads through a file as if it were a folder is missing as well.
func found(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return ErrNotFound
	}
	return fmt.Errorf("blob: %w", err)
}

// prune removes dir and the folders above it while they are empty, and returns
// the lowest folder that is left.
func (d *Dir) prune(dir string) string {
	d.tree.Lock()
	defer d.tree.Unlock()
	for dir != "." {
		// An object can stand where a refused key would have had a folder.
		// Folders are removed nowhere else, so one seen here stays one.
		st, err := d.root.Lstat(dir)
		if err == nil && !st.IsDir() {
			break
		}
		if err == nil {
			err = d.root.Remove(dir)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			break
		}
		dir = path.Dir(dir)
	}
	return dir
}

// syncUp syncs dir and every folder above it, because any of them may be new.
// A folder that a concurrent Delete has removed needs no sync.
func (d *Dir) syncUp(dir string) error {
	for {
		if err := d.syncDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if dir == "." {
			return nil
		}
		dir = path.Dir(dir)
	}
}

func (d *Dir) syncDir(dir string) error {
	f, err := d.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
