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

	mu     sync.Mutex
	needed map[int64]int64 // organization → place in the primary's log
	seen   map[int64]Version
	floor  int64 // what organizations that are not in needed need

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
	r.pool = newPGPool(cfg, options, size, func(*pg.Conn) error { return nil })
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
	r.floor = noPlace
}

// noPlace is behind every place of a log.
const noPlace = 1<<63 - 1

// has reports whether the replica shows all that is known of an organization.
func (r *pgReplica) has(org int64) bool {
	if r == nil || org <= 0 {
		return false
	}
	replayed := r.replayed.Load()
	if replayed == 0 {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if need, ok := r.needed[org]; ok {
		return replayed >= need
	}
	return replayed >= r.floor
}

// wrote notes a commit of this process.
func (r *pgReplica) wrote(org, end int64) {
	if r == nil || end == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if org <= 0 { // it may concern anybody
		r.floor = max(r.floor, end)
		clear(r.needed)
		return
	}
	r.needed[org] = max(r.needed[org], end)
}

// learn notes versions that were read on the primary when its log went to end.
func (r *pgReplica) learn(found map[int64]Version, end int64) {
	if r == nil || end == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for org, v := range found {
		if r.seen[org] != v {
			r.seen[org] = v
			r.needed[org] = max(r.needed[org], end)
		}
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
	if !r.marked(ctx, timeline) {
		return
	}
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
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.floor > replayed {
		return
	}
	for org, need := range r.needed {
		if need <= replayed { // and will be for ever
			delete(r.needed, org)
		}
	}
}

// marked makes sure that the primary's timeline stands in the primary: a
// replica that shows it follows this primary and no other one. Whatever the
// replica must have replayed at least is what the log held then.
func (r *pgReplica) marked(ctx context.Context, timeline int64) bool {
	r.mu.Lock()
	done := r.floor != noPlace
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
	if err != nil || timeline != r.engine.timeline.Load() {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.floor = end
	return true
}

func (r *pgReplica) close() {
	r.stop()
	r.watching.Wait()
	r.pool.close()
}
