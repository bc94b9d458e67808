package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"guanxi/internal/app"
	"guanxi/internal/move"
	"guanxi/internal/store"
)

type dbMoveCmd struct {
	From       string `required:"" help:"Where the data are: data folder, database file, or postgres:// URL. Give a URL by the variable: others can see flags." env:"GUANXI_MOVE_FROM" placeholder:"WHERE"`
	To         string `required:"" help:"Where they go: as --from. It must be empty, or hold an unfinished move of the same source, which goes on." env:"GUANXI_MOVE_TO" placeholder:"WHERE"`
	ReplaceNUL bool   `name:"replace-nul" help:"Put U+FFFD in the place of U+0000 and of bytes that are no UTF-8, which PostgreSQL does not take in texts." env:"GUANXI_MOVE_REPLACE_NUL"`
	VerifyOnly bool   `help:"Only compare the two databases; exit code 1 when they differ." env:"GUANXI_MOVE_VERIFY_ONLY"`
	Batch      int    `help:"Rows in one transaction." default:"10000" env:"GUANXI_MOVE_BATCH" placeholder:"N" hidden:""`
}

func (d *dbMoveCmd) Run(ctx context.Context) error {
	debug.SetGCPercent(400) // rows live for milliseconds, as in gen
	from, to := placeOf(d.From), placeOf(d.To)
	if from.same(to) {
		return errors.New("--from and --to are the same database")
	}
	if err := from.exists(); err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	if d.VerifyOnly {
		if err := to.exists(); err != nil {
			return fmt.Errorf("--to: %w", err)
		}
	} else if to.folder != "" {
		if err := os.MkdirAll(to.folder, 0o700); err != nil {
			return err
		}
	}
	locks, err := lockPlaces(from, to)
	if err != nil {
		return err
	}
	defer closeAll(locks)
	bar := &moveBar{statusLine: newStatusLine()}
	report, err := move.Run(ctx, move.Options{From: from.database, To: to.database, ReplaceNUL: d.ReplaceNUL, VerifyOnly: d.VerifyOnly,
		Batch: d.Batch, Progress: bar.show, Warn: func(text string) { fmt.Fprintln(os.Stderr, "guanxi:", text) }})
	bar.end()
	if report != nil && len(report.Organizations) > 0 {
		printReport(report)
	}
	switch {
	case errors.Is(err, move.ErrInterrupted) && d.VerifyOnly:
		return errors.New("interrupted")
	case errors.Is(err, move.ErrInterrupted):
		return errors.New("interrupted; the same command goes on where it was, and the target cannot be used until then")
	case err != nil:
		return err
	}
	if d.VerifyOnly {
		fmt.Println("the databases are equal")
		return nil
	}
	fmt.Println("the move is complete: the target can be used")
	fmt.Println(filesAdvice(from, to, report.Attachments))
	return nil
}

// place is where a database is.
type place struct {
	database string // as package store knows it
	folder   string // of an embedded one
}

// placeOf reads a data folder, the path of a database file or a URL. A path
// that is not there yet is a file when it ends in .db.
func placeOf(where string) place {
	if store.IsURL(where) {
		return place{database: where}
	}
	info, err := os.Stat(where)
	if err == nil && !info.IsDir() || err != nil && strings.HasSuffix(where, ".db") {
		return place{where, filepath.Dir(where)}
	}
	return place{app.DatabaseFile(where), where}
}

func (p place) same(other place) bool {
	if p.database == other.database {
		return true
	}
	a, err := os.Stat(p.database)
	b, otherErr := os.Stat(other.database)
	return err == nil && otherErr == nil && os.SameFile(a, b)
}

func (p place) exists() error {
	if p.folder == "" {
		return nil
	}
	_, err := os.Stat(p.database)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no database %s", p.database)
	}
	return err
}

// lockPlaces keeps servers away from embedded databases.
func lockPlaces(places ...place) (locks []io.Closer, err error) {
	var taken []os.FileInfo
	for _, p := range places {
		if p.folder == "" {
			continue
		}
		info, err := os.Stat(p.folder)
		if err != nil {
			closeAll(locks)
			return nil, err
		}
		if slices.ContainsFunc(taken, func(f os.FileInfo) bool { return os.SameFile(f, info) }) {
			continue
		}
		lock, err := app.LockServer(p.folder)
		if err != nil {
			closeAll(locks)
			return nil, fmt.Errorf("%w; stop it first", err)
		}
		locks, taken = append(locks, lock), append(taken, info)
	}
	return locks, nil
}

func closeAll(all []io.Closer) {
	for _, c := range all {
		c.Close() // nothing was written
	}
}

// printReport prints what was compared.
func printReport(r *move.Report) {
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "ORGANIZATION\tTABLES\tROWS\tCHECKSUM\tEQUAL")
	for _, o := range r.Organizations {
		name, equal := fmt.Sprint(o.ID), "yes"
		if o.ID == store.NoOrganization {
			name = "(none)"
		}
		if !o.Equal {
			equal = "NO"
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\n", name, o.Tables, o.Rows, o.Checksum[:16], equal)
	}
	w.Flush()
	for _, d := range r.Differences {
		fmt.Println(d)
	}
	if r.Copied > 0 {
		fmt.Printf("copied    %s\n", speed(r.Copied, r.CopyTime))
	}
	fmt.Printf("compared  %s\n", speed(r.Compared, r.CompareTime))
}

func speed(rows int64, took time.Duration) string {
	return fmt.Sprintf("%d rows in %s, %.0f a second", rows, took.Round(10*time.Millisecond), float64(rows)/max(took.Seconds(), 1e-3))
}

// filesAdvice tells what becomes of the bytes of attachments, which lie beside
// the database.
func filesAdvice(from, to place, attachments int64) string {
	const files = "The bytes of the %d attachments are not in the database: "
	source := "the folder files/ of the data folder that the source was served with"
	if from.folder != "" {
		source = filepath.Join(from.folder, "files")
	}
	if to.folder == "" {
		return fmt.Sprintf(files+"serve the target with --data on the same folder, or copy or share %s.", attachments, source)
	}
	return fmt.Sprintf(files+"copy %s to %s.", attachments, source, filepath.Join(to.folder, "files"))
}

// moveBar tells how far a move has come.
type moveBar struct {
	statusLine
	phase string
	start time.Time
}

func (b *moveBar) show(p move.Progress) {
	if p.Phase != b.phase {
		b.phase, b.start, b.last = p.Phase, time.Now(), time.Time{}
		if p.Phase == "copy" && p.Before > 0 {
			b.end()
			fmt.Fprintf(b.out, "continuing behind %d rows\n", p.Before)
		}
	}
	if p.Rows == 0 || !b.due(false) {
		return
	}
	owner := "no organization"
	if p.Org != store.NoOrganization {
		owner = fmt.Sprintf("organization %d", p.Org)
	}
	b.line(fmt.Sprintf("%s: %s, %s: %d rows, %.0f a second", p.Phase, owner, p.Table, p.Rows,
		float64(p.Rows)/max(time.Since(b.start).Seconds(), 1e-3)))
}
