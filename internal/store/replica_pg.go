package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"guanxi/internal/pg"
)

// pgReplica is a streaming replica of the primary that answers reads. What it
// has replayed is known from asking it now and then; of each organization it
// is known how far it must have come to show everything that this process
// knows: its own commits, and the versions that it has read on the primary. A
// read goes to the replica only when it is there.
//
// A nil *pgReplica is none.
type pgReplica struct {
	engine *pgEngine
	pool   *pgPool

	// replayed is how far the replica has come; 0 while it must not be asked:
	// it does not answer, or is no replica of the present primary.
	replayed atomic.Int64

	// looked is when it was last known to answer.
	looked atomic.Int64

	mu     sync.Mutex
	needed map[int64]int64 // organization → place in the primary's log
	seen   map[int64]Version
	floor  int64 // what every organization needs
	marked bool  // the primary shows its timeline; see mark
	era    int64 // counts begin

	stop     context.CancelFunc
	watching sync.WaitGroup
}

// replicaPoll is how often the replica is asked how far it has come.
const replicaPoll = 50 * time.Millisecond

// openReplica does not fail when the replica does not answer: the primary reads
// until it does.
func openReplica(ctx context.Context, e *pgEngine, url string, options pg.Options, size int) (*pgReplica, error) {
	cfg, unnamed, err := pgConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the replica: %w", err)
	}
	options.Unnamed = unnamed || options.Unnamed
	r := &pgReplica{engine: e, needed: map[int64]int64{}, seen: map[int64]Version{}}
	for _, f := range cfg.Fallbacks {
		if f.Host != cfg.Host || f.Port != cfg.Port {
			return nil, errors.New("the replica: one host only, since each has come a different way")
		}
	}
	r.pool = newPGPool(cfg, options, size, func(*pgConn) error { return nil })
	r.begin()
	ctx, r.stop = context.WithCancel(context.WithoutCancel(ctx))
	r.watching.Go(func() { r.watch(ctx) })
	return r, nil
}

// begin makes the replica prove itself: it is asked for nothing until it shows
// that it follows the present timeline of the primary.
func (r *pgReplica) begin() {
	if r == nil {
		return
	}
	r.replayed.Store(0)
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.needed)
	clear(r.seen)
	r.floor, r.marked = 0, false
	r.era++
}

// noPlace is behind every place of a log.
const noPlace = 1<<63 - 1

// replicaSilence is after how long without an answer the replica counts as
// gone.
const replicaSilence = 500 * time.Millisecond

// has reports whether the replica shows all that is known of an organization.
func (r *pgReplica) has(org int64) bool {
	if r == nil || org <= 0 {
		return false
	}
	replayed := r.replayed.Load()
	if replayed == 0 || time.Since(r.engine.opened)-time.Duration(r.looked.Load()) > replicaSilence {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.marked && replayed >= max(r.floor, r.needed[org])
}

// wrote notes a commit of this process.
func (r *pgReplica) wrote(org, end int64) {
	if r == nil || end == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case org > 0:
		r.needed[org] = max(r.needed[org], end)
		delete(r.seen, org) // the next look learns a place where this one is unknown
	case end != noPlace: // it may concern anybody
		r.floor = max(r.floor, end)
	}
}

// learn notes versions that were read on the primary when its log went to end.
func (r *pgReplica) learn(found map[int64]Version, end int64) {
	if r == nil || end == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for org, v := range found {
		if r.seen[org] == v {
			continue
		}
		r.seen[org] = v
		if r.needed[org] == noPlace {
			r.needed[org] = end
		}
		r.needed[org] = max(r.needed[org], end)
	}
}

// gone notes that the replica did not answer, or not as a replica should, and
// reports whether the primary has to answer instead.
func (r *pgReplica) gone(err error) bool {
	if pg.IsUnavailable(err) || errors.Is(err, ErrUnavailable) {
		r.replayed.Store(0)
		return true
	}
	return pg.IsConflict(err)
}

// watch asks the replica how far it has come until ctx ends.
func (r *pgReplica) watch(ctx context.Context) {
	tick := time.NewTicker(replicaPoll)
	defer tick.Stop()
	for {
		r.look(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// replicaState tells whether it is a replica, how far it has come, and which
// timeline of the primary it knows of (see mark).
const replicaState = `SELECT pg_is_in_recovery(), coalesce((pg_last_wal_replay_lsn() - '0/0')::bigint, 0),
	coalesce((SELECT value FROM installation WHERE name = 'timeline'), '')`

func (r *pgReplica) look(ctx context.Context) {
	timeline := r.engine.timeline.Load()
	if !r.mark(ctx, timeline) {
		return
	}
	began := time.Since(r.engine.opened)
	var replica bool
	var replayed int64
	var known string
	err := r.pool.run(ctx, func(c *pgConn) error {
		tx := &pgTx{conn: c.Conn}
		return errors.Join(one(tx, replicaState, nil, &replica, &replayed, &known), tx.finish())
	})
	if err != nil || !replica || known != fmt.Sprint(timeline) || timeline != r.engine.timeline.Load() {
		r.replayed.Store(0)
		return
	}
	r.replayed.Store(replayed)
	r.looked.Store(int64(began))
	r.mu.Lock()
	defer r.mu.Unlock()
	for org, need := range r.needed {
		// It has been there; should it go back (a standby may, after a crash),
		// all of this is needed again.
		if need <= replayed {
			r.floor = max(r.floor, need)
			delete(r.needed, org)
		}
	}
}

// mark makes sure that the primary's timeline stands in the primary: a replica
// that shows it follows this primary and no other one. What it must have
// replayed at least is what the log held then.
func (r *pgReplica) mark(ctx context.Context, timeline int64) bool {
	r.mu.Lock()
	done, era := r.marked, r.era
	r.mu.Unlock()
	if done {
		return true
	}
	var end int64
	err := r.engine.run(ctx, func(c *pgConn) error {
		tx := &pgTx{conn: c.Conn}
		if err := tx.begin("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO installation (name, value) VALUES ('timeline', $1)
			ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value`, fmt.Sprint(timeline))
		if err == nil {
			end, err = tx.commit(true)
		}
		return err
	})
	if err != nil || end == noPlace {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.era != era {
		return false // another timeline has begun meanwhile
	}
	r.floor, r.marked = max(r.floor, end), true
	return true
}

func (r *pgReplica) close() {
	r.stop()
	r.watching.Wait()
	r.pool.close()
}
