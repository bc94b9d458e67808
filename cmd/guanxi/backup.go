package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"guanxi/internal/app"
	"guanxi/internal/backup"
	"guanxi/internal/blob"
)

// incomplete is the exit code of a backup or a restore that is done, and good,
// but for attachments that were missing in the installation.
const incomplete = 3

// stream is the FILE that stands for standard output or standard input.
const stream = "-"

type backupCmd struct {
	folder
	File    string `arg:"" help:"File to write; - for standard output."`
	Force   bool   `help:"Replace the file if it is there." env:"GUANXI_BACKUP_FORCE"`
	Storage string `help:"As of the server. Files in S3 are not in a backup." env:"GUANXI_STORAGE" placeholder:"URL"`
}

func (b *backupCmd) Run(ctx context.Context) error {
	if err := b.embedded(); err != nil {
		return err
	}
	elsewhere, err := app.ElsewhereStorage(b.Storage)
	if err != nil {
		return err
	}
	database, attachments := app.DatabaseFile(b.Data), filepath.Join(b.Data, "files")
	if _, err := os.Stat(database); err != nil {
		return fmt.Errorf("%s holds no database: %w", b.Data, err)
	}
	files, err := blob.NewDir(attachments)
	if err != nil {
		return err
	}
	defer files.Close()
	bar := newTransfer("written")
	source := backup.Source{Database: database, Files: files, Elsewhere: elsewhere, Program: version, Now: time.Now, Progress: bar.show}
	summary := os.Stdout
	var report *backup.Report
	var size int64
	if b.File == stream {
		if isTerminal(os.Stdout) {
			return errors.New("the archive is not for a terminal: redirect standard output")
		}
		summary = os.Stderr
		source.Room = os.TempDir()
		out := backup.NewWriter(ctx, os.Stdout)
		counted := &counter{to: out}
		report, err = backup.Write(ctx, counted, source)
		if closed := out.Close(); err == nil {
			err = closed
		}
		size = counted.n
	} else {
		source.Room = filepath.Dir(b.File)
		report, size, err = backup.WriteFile(ctx, b.File, b.Force, source)
	}
	bar.end()
	if err != nil {
		return plain(ctx, err)
	}
	name := b.File
	if name == stream {
		name = "standard output"
	}
	fmt.Fprintf(summary, "%s: %s in %s, made of %s\n", name, megabytes(size), bar.took(), contents(report))
	noteElsewhere(report)
	exitIncomplete(report)
	return nil
}

type restoreCmd struct {
	folder
	File       string `arg:"" help:"File to read; - for standard input."`
	VerifyOnly bool   `help:"Only read the archive and check all of it; no data folder is touched." env:"GUANXI_RESTORE_VERIFY_ONLY"`
}

func (r *restoreCmd) Run(ctx context.Context) error {
	if err := r.embedded(); err != nil && !r.VerifyOnly {
		return err
	}
	file := os.Stdin
	if r.File != stream {
		var err error
		if file, err = os.Open(r.File); err != nil {
			return err
		}
		defer file.Close()
	}
	in := backup.Reader(ctx, file)
	defer in.Close()
	archive, err := backup.Open(in)
	if err != nil {
		return plain(ctx, err)
	}
	bar := newTransfer("read")
	checking := func() {
		bar.end()
		fmt.Fprintln(os.Stderr, "checking the database")
	}
	var report *backup.Report
	if r.VerifyOnly {
		report, err = archive.Verify(ctx, bar.show, checking)
	} else {
		report, err = archive.Restore(ctx, backup.Target{Data: r.Data, Lock: app.LockServer, Progress: bar.show, Checking: checking})
	}
	bar.end()
	if err != nil {
		return plain(ctx, err)
	}
	m := report.Manifest
	done := "restored to " + r.Data
	if r.VerifyOnly {
		done = "good"
	}
	fmt.Printf("%s: %s of %s, made by guanxi %s at %s, in %s\n", done, contents(report), organizations(len(m.Organizations)),
		m.Program, m.MadeAt.Local().Format("2006-01-02 15:04:05 -07:00"), bar.took())
	noteElsewhere(report)
	exitIncomplete(report)
	return nil
}

// embedded refuses a database that is not in the data folder.
func (f folder) embedded() error {
	if f.Database != "" {
		return errors.New("PostgreSQL is backed up by its own tools, see docs/operations.md")
	}
	return nil
}

// plain is an error in the words of the command line.
func plain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return err
}

// shownWarnings is how many warnings are printed.
const shownWarnings = 20

// exitIncomplete prints what is wrong with the installation, and ends the
// process if anything is.
func exitIncomplete(r *backup.Report) {
	if len(r.Warnings) == 0 {
		return
	}
	for i, w := range r.Warnings {
		if i == shownWarnings {
			fmt.Fprintf(os.Stderr, "guanxi: … and %d more\n", len(r.Warnings)-i)
			break
		}
		fmt.Fprintln(os.Stderr, "guanxi: warning:", w)
	}
	os.Exit(incomplete)
}

func contents(r *backup.Report) string {
	m := r.Manifest
	attachments := m.Entries[1:]
	text := fmt.Sprintf("a database of %s", megabytes(m.Entries[0].Size))
	switch n := len(attachments); {
	case m.Elsewhere != "":
		return text + " without attachments"
	case n == 0:
		return text
	case n == 1:
		return fmt.Sprintf("%s and 1 attachment of %s", text, megabytes(m.Total()-m.Entries[0].Size))
	default:
		return fmt.Sprintf("%s and %d attachments of %s", text, n, megabytes(m.Total()-m.Entries[0].Size))
	}
}

// noteElsewhere says of a backup without attachments where they are.
func noteElsewhere(r *backup.Report) {
	if at := r.Manifest.Elsewhere; at != "" {
		fmt.Fprintf(os.Stderr, "guanxi: the attachments are in %s and are NOT in this backup: keep them by the means of that storage, "+
			"and serve a restored database with the same --storage\n", at)
	}
}

func organizations(n int) string {
	if n == 1 {
		return "1 organization"
	}
	return fmt.Sprintf("%d organizations", n)
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// counter counts what passes through.
type counter struct {
	to io.Writer
	n  int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	return n, err
}

// transfer tells how far bytes have come.
type transfer struct {
	statusLine
	what  string
	start time.Time
}

func newTransfer(what string) *transfer {
	t := &transfer{statusLine: newStatusLine(), what: what, start: time.Now()}
	t.last = t.start // what is done at once needs no line
	return t
}

func (t *transfer) show(done, total int64) {
	if t.due(false) {
		t.line(fmt.Sprintf("%s of %s %s", megabytes(done), megabytes(total), t.what))
	}
}

func (t *transfer) took() time.Duration { return time.Since(t.start).Round(10 * time.Millisecond) }
