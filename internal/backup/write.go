package backup

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"guanxi/internal/blob"
	"guanxi/internal/store"
)

// Source is an installation that is backed up. A server may be working on it.
type Source struct {
	Database string // file of the embedded database
	Files    blob.Store
	// Elsewhere says where attachments lie that are not in Files, but in a
	// storage that is backed up by its own means. The archive then holds none
	// of them, and says where they are.
	Elsewhere string
	// Room is a folder with room for a copy of the database. The copy has no
	// name there, so that nothing of it is left however the process ends.
	Room    string
	Program string // version of this program
	Now     func() time.Time
	// Progress is told, many times, how many of how many bytes are written; it
	// may be nil.
	Progress func(done, total int64)
}

// Report is what an archive holds, and what is wrong with the installation
// that it was made of.
type Report struct {
	Manifest *Manifest
	// Warnings are attachments that are missing, or not as long as the
	// database says. The archive is good without them.
	Warnings []string
}

// Write writes an archive. The database in it is as it was at one moment after
// the call, with everything that was committed before; attachments are taken
// afterwards, and since they are never changed once written, all that the
// database names are there.
//
// The state of the database is held only while it is copied to Source.Room: so
// long the server's log cannot be shortened, and compressing takes ten times as
// long, and whoever reads the archive may take any time.
func Write(ctx context.Context, w io.Writer, s Source) (*Report, error) {
	r := &Report{Manifest: &Manifest{Format: formatWhole, Program: s.Program, MadeAt: s.Now().UTC().Truncate(time.Second)}}
	if s.Elsewhere != "" {
		r.Manifest.Format, r.Manifest.Elsewhere = format, s.Elsewhere
	}
	room, err := os.CreateTemp(s.Room, ".guanxi-")
	if err != nil {
		return nil, err
	}
	defer room.Close()
	if err := os.Remove(room.Name()); err != nil {
		return nil, err
	}
	if err := r.take(ctx, s, room); err != nil {
		return nil, err
	}
	if err := r.measure(ctx, s.Files); err != nil {
		return nil, err
	}
	out := bufio.NewWriterSize(w, 1<<20)
	zip, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	a := &writer{tar: tar.NewWriter(zip), made: r.Manifest.MadeAt}
	if err := a.all(ctx, r, s, room); err != nil {
		return nil, err
	}
	if err := errors.Join(a.tar.Close(), zip.Close(), out.Flush()); err != nil {
		return nil, err
	}
	return r, nil
}

// take copies the database into room and notes what it is and names.
func (r *Report) take(ctx context.Context, s Source, room *os.File) error {
	snap, err := openSnapshot(s.Database)
	if err != nil {
		return err
	}
	defer snap.close()
	m := r.Manifest
	id, err := snap.identify()
	if err != nil {
		return err
	}
	known, err := store.KnownSchema()
	if err != nil {
		return err
	}
	if id.Schema > known {
		return fmt.Errorf("the database has schema %d and this program knows schemas up to %d: back it up with the guanxi that serves it",
			id.Schema, known)
	}
	m.Schema, m.Instance, m.Organizations = id.Schema, id.Instance, id.Organizations
	size, err := snap.size()
	if err != nil {
		return err
	}
	m.Entries = []Entry{{databaseName, size}}
	err = attachments(snap, m.Organizations, func(key string, size int64) {
		if s.Elsewhere == "" {
			m.Entries = append(m.Entries, Entry{filesPrefix + key, size})
		}
	}, func(key string) {
		r.warn("the database names %q, which cannot be a file", key)
	})
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(room, 1<<20)
	if err := snap.copy(ctx, buffered); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	n, err := room.Seek(0, io.SeekCurrent)
	if err == nil && n != size {
		err = fmt.Errorf("the copy of the database has %d bytes of %d", n, size)
	}
	if err != nil {
		return err
	}
	_, err = room.Seek(0, io.SeekStart)
	return errors.Join(err, snap.close())
}

// measure takes the sizes of the attachments from the attachments themselves.
func (r *Report) measure(ctx context.Context, files blob.Store) error {
	for i := range r.Manifest.Entries[1:] {
		e := &r.Manifest.Entries[1+i]
		f, info, err := files.Open(ctx, strings.TrimPrefix(e.Name, filesPrefix))
		if errors.Is(err, blob.ErrNotFound) {
			continue // told when its turn comes
		}
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
		if info.Size != e.Size {
			r.warn("%s has %d bytes, and %d as the database says", e.Name, info.Size, e.Size)
			e.Size = info.Size
		}
	}
	return nil
}

func (r *Report) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

// writer is an archive being written.
type writer struct {
	tar  *tar.Writer
	made time.Time
	sums strings.Builder
}

func (a *writer) all(ctx context.Context, r *Report, s Source, database io.Reader) error {
	m := r.Manifest
	manifest, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	if len(manifest) > maxManifest {
		return fmt.Errorf("%d attachments are more than an archive can name", len(m.Entries)-1)
	}
	if err := a.text(manifestName, string(manifest)+"\n"); err != nil {
		return err
	}
	meter := &meter{ctx: ctx, total: m.Total(), progress: s.Progress}
	if err := a.add(m.Entries[0], a.made, meter.reader(database)); err != nil {
		return err
	}
	for _, e := range m.Entries[1:] {
		f, info, err := s.Files.Open(ctx, strings.TrimPrefix(e.Name, filesPrefix))
		if errors.Is(err, blob.ErrNotFound) {
			r.warn("%s is missing", e.Name)
			continue
		}
		if err != nil {
			return err
		}
		if err := errors.Join(a.add(e, info.ModTime, meter.reader(f)), f.Close()); err != nil {
			return err
		}
	}
	return a.text(sumsName, a.sums.String())
}

func (a *writer) text(name, text string) error {
	return a.add(Entry{name, int64(len(text))}, a.made, strings.NewReader(text))
}

// add writes an entry, which must have the size that was announced.
func (a *writer) add(e Entry, at time.Time, from io.Reader) error {
	err := a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: e.Name, Size: e.Size, Mode: 0o600, ModTime: at.Truncate(time.Second)})
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.CopyN(io.MultiWriter(a.tar, sum), from, e.Size)
	if err == io.EOF {
		return fmt.Errorf("%s had %d bytes and has %d now", e.Name, e.Size, n)
	}
	a.sums.WriteString(checksum(sum.Sum(nil), e.Name))
	return err
}

// meter counts what is read through its readers and ends them with ctx.
type meter struct {
	ctx         context.Context
	done, total int64
	progress    func(done, total int64)
}

func (m *meter) reader(r io.Reader) io.Reader { return &metered{m, r} }

type metered struct {
	meter *meter
	from  io.Reader
}

func (r *metered) Read(p []byte) (int, error) {
	if err := r.meter.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.from.Read(p)
	r.meter.done += int64(n)
	if r.meter.progress != nil {
		r.meter.progress(r.meter.done, r.meter.total)
	}
	return n, err
}
