package store

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"guanxi/internal/sqlite"
)

// sqliteEngine is one writer and a few readers on a WAL file. Readers see the
// last committed state and never wait for the writer.
type sqliteEngine struct {
	readers chan *sqliteTx
	writer  chan *sqliteTx
	all     []*sqlite.Conn

	// commits counts what makes the readers' snapshots old.
	commits atomic.Int64
	// written counts this process's own commits. moved is how many of them were
	// in the file at the last checkpoint; both belong to renew.
	written      atomic.Int64
	moved        int64
	checkpointed time.Time

	stop     chan struct{}
	watching sync.WaitGroup
}

// snapshotLife is how long a reader may keep its snapshot when this process
// commits nothing: so late are commits of other processes seen, and so long
// can a snapshot keep the log from being moved into the file.
const snapshotLife = 200 * time.Millisecond

// checkpointPause is how often the log is moved into the file at most when it
// is short. (A long one is moved by the commit that makes it so.)
const checkpointPause = 2 * time.Second

// sqliteReaders is how many read connections there are: two did as well as
// eight on two cores, since a read is short and never waits.
func sqliteReaders() int { return max(2, runtime.GOMAXPROCS(0)) }

// writerPragmas are what a bulk load changes for its time on the writer.
const writerPragmas = `PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536;
	PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864`

// openSQLite opens an existing, migrated file. Reads are mapped; the writer
// syncs the log at each commit, so that an acknowledged write survives a power
// failure as well as a killed process.
func openSQLite(path string) (*sqliteEngine, error) {
	e := &sqliteEngine{readers: make(chan *sqliteTx, sqliteReaders()), writer: make(chan *sqliteTx, 1), stop: make(chan struct{})}
	open := func(flags sqlite.Flags, pragmas string) (*sqliteTx, error) {
		c, err := sqlite.Open(path, flags)
		if err != nil {
			return nil, err
		}
		e.all = append(e.all, c)
		return &sqliteTx{conn: c}, c.Exec(pragmas)
	}
	w, err := open(sqlite.ReadWrite, "PRAGMA journal_mode=WAL; PRAGMA temp_store=MEMORY;"+writerPragmas)
	if err != nil {
		return nil, errors.Join(err, e.closeAll())
	}
	e.writer <- w
	for range cap(e.readers) {
		r, err := open(sqlite.ReadOnly, `PRAGMA query_only=ON; PRAGMA mmap_size=1099511627776;
			PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY`)
		if err != nil {
			return nil, errors.Join(err, e.closeAll())
		}
		e.readers <- r
	}
	e.watching.Go(e.renew)
	return e, nil
}

// renew makes snapshots old every so often and ends those of idle readers.
func (e *sqliteEngine) renew() {
	tick := time.NewTicker(snapshotLife)
	defer tick.Stop()
	for {
		select {
		case <-e.stop:
			return
		case <-tick.C:
		}
		e.commits.Add(1)
		e.checkpoint()
		for range cap(e.readers) {
			select {
			case tx := <-e.readers:
				tx.release()
				e.readers <- tx
			default:
			}
		}
	}
}

// checkpoint moves the log into the file when somebody has written, nobody
// writes now and the last time is a while ago: readers need not look into a log
// that is empty. It waits for nobody.
func (e *sqliteEngine) checkpoint() {
	if time.Since(e.checkpointed) < checkpointPause || e.written.Load() == e.moved {
		return
	}
	select {
	case tx := <-e.writer:
		defer func() { e.writer <- tx }()
		written := e.written.Load()
		if tx.conn.Exec("PRAGMA wal_checkpoint(PASSIVE)") == nil {
			e.moved, e.checkpointed = written, time.Now()
		}
	default:
	}
}

func (e *sqliteEngine) view(ctx context.Context, _ int64, fn func(Tx) error) error {
	var tx *sqliteTx
	select {
	case tx = <-e.readers:
	default:
		select {
		case tx = <-e.readers:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer func() { e.readers <- tx }()
	return tx.read(e.commits.Load(), fn)
}

func (e *sqliteEngine) glance(ctx context.Context, org int64, fn func(Tx) error) error {
	return e.view(ctx, org, fn)
}

func (e *sqliteEngine) latest(ctx context.Context, org int64, fn func(Tx) error) error {
	e.commits.Add(1) // other processes' commits are to be seen
	return e.view(ctx, org, fn)
}

func (e *sqliteEngine) update(ctx context.Context, _ int64, fn func(Tx) error) error {
	select {
	case tx := <-e.writer:
		defer func() { e.writer <- tx }()
		return e.write(tx, fn)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write runs fn on the writer. When it has committed, every view that begins
// later sees it.
func (e *sqliteEngine) write(tx *sqliteTx, fn func(Tx) error) error {
	if err := tx.write(fn); err != nil {
		return err
	}
	e.written.Add(1)
	e.commits.Add(1)
	return nil
}

func (e *sqliteEngine) versions(ctx context.Context, orgs []int64) (map[int64]Version, error) {
	e.commits.Add(1) // other processes' commits are to be seen
	found := make(map[int64]Version, len(orgs))
	err := e.view(ctx, everyone, func(tx Tx) error {
		for _, org := range orgs {
			v, err := readVersion(tx, org)
			switch {
			case err == nil:
				found[org] = v
			case !errors.Is(err, ErrNoRow):
				return err
			}
		}
		return nil
	})
	return found, err
}

func (e *sqliteEngine) shared() bool { return false }

// close waits for running transactions and closes every connection.
func (e *sqliteEngine) close() error {
	var errs []error
	close(e.stop)
	e.watching.Wait()
	for range len(e.all) {
		select {
		case tx := <-e.readers:
			errs = append(errs, tx.release())
		case tx := <-e.writer:
			errs = append(errs, tx.conn.Exec("PRAGMA optimize"))
		}
	}
	return errors.Join(append(errs, e.closeAll())...)
}

// closeAll closes the writer last: the last connection to go moves the log
// into the file.
func (e *sqliteEngine) closeAll() error {
	var errs []error
	for i := len(e.all) - 1; i >= 0; i-- {
		errs = append(errs, e.all[i].Close())
	}
	return errors.Join(errs...)
}
