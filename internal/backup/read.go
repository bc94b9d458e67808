package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Archive is an archive being read, from its beginning to its end.
type Archive struct {
	Manifest *Manifest

	in   *source
	zip  *gzip.Reader
	tar  *tar.Reader
	sums strings.Builder // as they must stand at the end
	// absent are entries of the manifest that are not in the archive.
	absent []string
}

// Open reads the beginning of an archive. It refuses what is no archive, and
// one that a newer program has written in a way that this one does not know.
// Nothing of the archive has been trusted or written when it returns.
func Open(r io.Reader) (*Archive, error) {
	a := &Archive{in: &source{from: r}}
	h, err := a.begin()
	if err != nil && a.in.err != nil {
		return nil, a.explain(err)
	}
	if err == nil && (h.Name != manifestName || h.Typeflag != tar.TypeReg || h.Size > maxManifest) {
		err = errors.New("the manifest does not come first")
	}
	if err != nil {
		return nil, fmt.Errorf("this is no backup of guanxi: %w", err)
	}
	var text bytes.Buffer
	if err := a.copy(Entry{manifestName, h.Size}, &text); err != nil {
		return nil, err
	}
	a.Manifest, err = parseManifest(text.Bytes())
	return a, err
}

func (a *Archive) begin() (h *tar.Header, err error) {
	if a.zip, err = gzip.NewReader(bufio.NewReaderSize(a.in, 1<<20)); err != nil {
		return nil, err
	}
	a.tar = tar.NewReader(a.zip)
	return a.tar.Next()
}

// each calls fn for every entry of the archive, in the order of the manifest;
// fn reads the entry by the given function, which fails when the entry is not
// as it should be. Whatever is not in the manifest is refused before it is
// read. When each returns nil, the archive was whole and every checksum right.
func (a *Archive) each(ctx context.Context, progress func(done, total int64),
	fn func(e Entry, at time.Time, copyTo func(io.Writer) error) error) error {
	meter := &meter{ctx: ctx, total: a.Manifest.Total(), progress: progress}
	rest := a.Manifest.Entries
	for {
		h, err := a.tar.Next()
		if err == io.EOF {
			return errors.New("the archive is damaged: it ends without its checksums")
		}
		if err != nil {
			return a.explain(err)
		}
		if h.Typeflag != tar.TypeReg {
			return fmt.Errorf("the archive is damaged: %q is no file", h.Name)
		}
		if h.Name == sumsName {
			break
		}
		for len(rest) > 0 && rest[0].Name != h.Name {
			a.absent = append(a.absent, rest[0].Name)
			rest = rest[1:]
		}
		if len(rest) == 0 {
			return fmt.Errorf("the archive is damaged: %q is not where the manifest says", h.Name)
		}
		e := rest[0]
		rest = rest[1:]
		if h.Size != e.Size {
			return fmt.Errorf("the archive is damaged: %q has %d bytes, the manifest says %d", e.Name, h.Size, e.Size)
		}
		before := a.sums.Len()
		err = fn(e, h.ModTime, func(w io.Writer) error { return a.copyMetered(e, w, meter) })
		if err != nil {
			return err
		}
		if a.sums.Len() == before {
			return fmt.Errorf("%q was not read", e.Name)
		}
	}
	for _, e := range rest {
		a.absent = append(a.absent, e.Name)
	}
	if len(a.absent) > 0 && a.absent[0] == databaseName {
		return errors.New("the archive is damaged: the database is missing")
	}
	return a.end(ctx)
}

// end reads what stands behind the entries.
func (a *Archive) end(ctx context.Context) error {
	want := a.sums.String()
	var got strings.Builder
	if err := a.copy(Entry{sumsName, int64(len(want))}, &got); err != nil {
		return err
	}
	if name := differing(want, got.String()); name != "" {
		return fmt.Errorf("the archive is damaged: the checksum of %s is another", name)
	}
	if _, err := a.tar.Next(); err != io.EOF {
		return errors.New("the archive is damaged: something follows its checksums")
	}
	// What is left is the padding of the tar file; reading it makes the gzip
	// reader compare its own checksum.
	padding, err := io.ReadAll(io.LimitReader(&metered{&meter{ctx: ctx}, a.zip}, 1<<20))
	if err != nil {
		return a.explain(err)
	}
	if len(bytes.Trim(padding, "\x00")) > 0 || len(padding) == 1<<20 {
		return errors.New("the archive is damaged: something follows its end")
	}
	return nil
}

// differing names the first entry whose line of checksums is not the same.
func differing(want, got string) string {
	for want != got {
		line, rest, _ := strings.Cut(want, "\n")
		other, otherRest, _ := strings.Cut(got, "\n")
		if line != other {
			_, name, _ := strings.Cut(line, "  ")
			return name
		}
		want, got = rest, otherRest
	}
	return ""
}

func (a *Archive) copyMetered(e Entry, w io.Writer, m *meter) error {
	return a.copyFrom(e, w, m.reader(a.tar))
}

func (a *Archive) copy(e Entry, w io.Writer) error { return a.copyFrom(e, w, a.tar) }

// copyFrom copies the present entry, no more and no less than its size, and
// notes its checksum.
func (a *Archive) copyFrom(e Entry, w io.Writer, from io.Reader) error {
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(&writing{w}, sum), io.LimitReader(from, e.Size+1))
	if err != nil {
		return a.explain(err)
	}
	if n != e.Size {
		return fmt.Errorf("the archive is damaged: %q has %d bytes, not %d", e.Name, n, e.Size)
	}
	a.sums.WriteString(checksum(sum.Sum(nil), e.Name))
	return nil
}

// explain says of an error that was met while reading whether the archive is
// bad: it is not when it could not be read, or when the copy could not be
// written, or when reading was interrupted.
func (a *Archive) explain(err error) error {
	var out *writeError
	switch {
	case a.in.err != nil:
		return fmt.Errorf("read the archive: %w", a.in.err)
	case errors.As(err, &out):
		return out.err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("the archive is damaged: it was cut off (%w)", err)
	}
	return fmt.Errorf("the archive is damaged: %w", err)
}

// source remembers what went wrong with reading.
type source struct {
	from io.Reader
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.from.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// writing marks the errors of writing, so that they are not taken for errors
// of the archive.
type writing struct{ to io.Writer }

type writeError struct{ err error }

func (e *writeError) Error() string { return e.err.Error() }

func (w *writing) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	if err != nil {
		err = &writeError{err}
	}
	return n, err
}
