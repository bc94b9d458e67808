package blob

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
	"time"
)

// Stat describes the object as Store describes.
func (d *Dir) Stat(ctx context.Context, key string) (Info, error) {
	if err := CheckKey(key); err != nil {
		return Info{}, err
	}
	if err := ctx.Err(); err != nil {
		return Info{}, err
	}
	st, err := d.root.Lstat(key)
	if err != nil {
		return Info{}, found(err)
	}
	if !st.Mode().IsRegular() {
		return Info{}, ErrNotFound
	}
	return Info{Size: st.Size(), ModTime: st.ModTime()}, nil
}

// Each tells the objects as Store describes. Files that no key can name are
// left out.
func (d *Dir) Each(ctx context.Context, fn func(key string, info Info) error) error {
	return d.walk(ctx, func(name string, st fs.FileInfo) error {
		if CheckKey(name) != nil {
			return nil
		}
		return fn(name, Info{Size: st.Size(), ModTime: st.ModTime()})
	})
}

// DropPartial removes temporary files that were last written before the time.
func (d *Dir) DropPartial(ctx context.Context, before time.Time) error {
	return d.walk(ctx, func(name string, st fs.FileInfo) error {
		if !strings.HasPrefix(path.Base(name), tempPrefix) || !st.ModTime().Before(before) {
			return nil
		}
		if err := found(d.root.Remove(name)); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		d.prune(path.Dir(name))
		return nil
	})
}

// walk calls fn for every plain file. What disappears meanwhile is left out.
func (d *Dir) walk(ctx context.Context, fn func(name string, st fs.FileInfo) error) error {
	return fs.WalkDir(d.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name != "." {
			return nil
		}
		if err != nil {
			return found(err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !e.Type().IsRegular() {
			return nil
		}
		st, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return found(err)
		}
		return fn(name, st)
	})
}
