package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// WriteFile writes an archive to a file, for its owner only. It grows as
// FILE.part and gets its name when all of it is on the disk; whatever goes
// wrong before that, ctx ending included, removes the part. A file of that name
// is refused unless it may be replaced, and is there until it is.
func WriteFile(ctx context.Context, file string, replace bool, s Source) (r *Report, size int64, err error) {
	if err := mayWrite(file, replace); err != nil {
		return nil, 0, err
	}
	part := file + ".part"
	f, err := createPart(part)
	if err != nil {
		return nil, 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(part))
		}
		f.Close() // the lock lasts until here
	}()
	if r, err = Write(ctx, &steady{file: f}, s); err != nil {
		return nil, 0, err
	}
	if err := f.Sync(); err != nil {
		return nil, 0, err
	}
	if size, err = f.Seek(0, io.SeekEnd); err != nil {
		return nil, 0, err
	}
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	if err := mayWrite(file, replace); err != nil {
		return nil, 0, err
	}
	if err := os.Rename(part, file); err != nil {
		return nil, 0, err
	}
	if err := syncDir(filepath.Dir(file)); err != nil {
		return nil, 0, fmt.Errorf("%s is written, and perhaps not safe from a power failure: %w", file, err)
	}
	return r, size, nil
}

func mayWrite(file string, replace bool) error {
	info, err := os.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !replace:
		return fmt.Errorf("%s is already there; --force replaces it", file)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is no file", file)
	}
	return nil
}

// createPart creates the file and locks it. One that a killed process left
// behind is removed; one that a living process writes is refused.
func createPart(part string) (*os.File, error) {
	f, err := lockNew(part)
	if !errors.Is(err, fs.ErrExist) {
		return f, err
	}
	old, err := os.OpenFile(part, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer old.Close()
	if unix.Flock(int(old.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		return nil, fmt.Errorf("another backup is writing %s", part)
	}
	// While its lock is ours, nobody else takes it for left behind; but somebody
	// may just have removed it and begun a new one of this name.
	locked, err := old.Stat()
	if err != nil {
		return nil, err
	}
	named, err := os.Lstat(part)
	if err != nil || !os.SameFile(locked, named) || !named.Mode().IsRegular() {
		return nil, errors.Join(fmt.Errorf("another backup is writing %s", part), err)
	}
	if err := os.Remove(part); err != nil {
		return nil, err
	}
	return lockNew(part)
}

func lockNew(file string) (*os.File, error) {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", file, err), f.Close())
	}
	return f, nil
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// steady has what is written brought to the disk piece by piece: all at once
// at the end it would keep the disk from the server's commits for long.
type steady struct {
	file  *os.File
	since int
}

const steadyStep = 16 << 20

func (s *steady) Write(p []byte) (int, error) {
	n, err := s.file.Write(p)
	if s.since += n; err == nil && s.since >= steadyStep {
		s.since = 0
		err = s.file.Sync()
	}
	return n, err
}
