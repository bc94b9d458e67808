package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"guanxi/internal/pg"
)

// pgEngine is a PostgreSQL database, or one that speaks like it.
type pgEngine struct {
	pool *pgPool
	// replica answers reads of organizations with which it has caught up; nil
	// where there is none.
	replica *pgReplica
	// timeline is the primary's: it grows when a replica becomes the primary.
	timeline atomic.Int64
	seeing   sync.Mutex
	opened   time.Time
	// onEpoch is called with it before anything is asked of it.
	onEpoch func(timeline int64)
	// ill are organizations whose part of the database does not answer.
	ill illness
	// walled is set where row-level security holds for our role: each
	// transaction then says which organization it is about.
	walled bool
	// brief is set where an implicit transaction is a snapshot: the settings
	// of our connections are ours. Behind a pooler they are not.
	brief bool
}

// Times that bound what is waited for.
const (
	pgConnectTimeout = 3 * time.Second
	// pgTripTimeout bounds one trip to the server; its statements are ended by
	// the server before that.
	pgTripTimeout      = 35 * time.Second
	pgStatementTimeout = 30 * time.Second
	// pgIdleTransaction ends transactions of a process that hangs.
	pgIdleTransaction = time.Minute
)

// openPG opens a migrated database.
func openPG(ctx context.Context, url string, o Config, onEpoch func(int64)) (*pgEngine, error) {
	cfg, unnamed, err := pgConfig(url)
	if err != nil {
		return nil, err
	}
	e := &pgEngine{brief: !unnamed, onEpoch: onEpoch, opened: time.Now()}
	options := pg.Options{Timeout: pgTripTimeout, Unnamed: unnamed, OnStatement: o.OnStatement}
	e.pool = newPGPool(cfg, options, o.connections(), e.greet)
	err = e.run(ctx, func(c *pgConn) error {
		version, _, _ := strings.Cut(c.Params["server_version"], ".")
		if n, err := strconv.Atoi(version); err == nil && n < 15 {
			return fmt.Errorf("PostgreSQL %s is too old: 15 or newer is needed", c.Params["server_version"])
		}
		tx := &pgTx{conn: c.Conn}
		return errors.Join(one(tx, `SELECT row_security_active('organizations')`, nil, &e.walled), tx.finish())
	})
	if err == nil && o.Read != "" {
		e.replica, err = openReplica(ctx, e, o.Read, options, o.connections())
	}
	if err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

// timelineOf is the primary's timeline; a replica refuses the question.
const timelineOf = `SELECT ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::bigint`

// greet looks at who answers on a new connection: it must be a primary, and a
// new timeline means that it may lack what was committed on the former one.
func (e *pgEngine) greet(c *pgConn) error {
	tx := &pgTx{conn: c.Conn}
	if e.brief {
		// Not as a setting of the connection, which target_session_attrs looks at.
		if err := tx.queue("SET default_transaction_read_only = on"); err != nil {
			return err
		}
	}
	var timeline int64
	if err := one(tx, timelineOf, nil, &timeline); err != nil {
		if pg.IsRecovering(err) {
			return fmt.Errorf("%w: it is a replica", ErrUnavailable)
		}
		return err
	}
	if err := tx.finish(); err != nil {
		return err
	}
	c.timeline = timeline
	e.saw(timeline)
	return nil
}

// saw begins an epoch when the timeline is not the one that was known.
func (e *pgEngine) saw(timeline int64) {
	e.seeing.Lock()
	defer e.seeing.Unlock()
	if timeline == e.timeline.Load() {
		return
	}
	e.onEpoch(timeline)
	e.timeline.Store(timeline)
	e.replica.begin()
}

func (e *pgEngine) latest(ctx context.Context, org int64, fn func(Tx) error) error {
	return e.ill.guard(org, func() error { return e.run(ctx, e.viewOn(org, fn)) })
}

func (e *pgEngine) shared() bool { return true }

// pgConfig reads a connection URL. With default_query_exec_mode=exec (as other
// programs call it) nothing is expected to stay in the connection from one
// transaction to the next: for a pooler.
func pgConfig(url string) (cfg *pgconn.Config, unnamed bool, err error) {
	cfg, err = pgconn.ParseConfig(url)
	if err != nil {
		return nil, false, errors.New("the URL of the database cannot be read; it looks like postgres://user:password@host:5432/name")
	}
	switch mode := cfg.RuntimeParams["default_query_exec_mode"]; mode {
	case "":
	case "exec":
		unnamed = true
	default:
		return nil, false, fmt.Errorf("default_query_exec_mode=%s is not known; leave it out, or exec behind a pooler", mode)
	}
	delete(cfg.RuntimeParams, "default_query_exec_mode")
	cfg.DialFunc = dialer
	if cfg.ConnectTimeout <= 0 || cfg.ConnectTimeout > time.Minute {
		cfg.ConnectTimeout = pgConnectTimeout
	}
	if unnamed {
		return cfg, true, nil
	}
	for name, value := range map[string]string{
		"application_name":                    "guanxi",
		"default_transaction_isolation":       "repeatable read",
		"plan_cache_mode":                     "force_generic_plan",
		"jit":                                 "off",
		"timezone":                            "UTC",
		"statement_timeout":                   millis(pgStatementTimeout),
		"idle_in_transaction_session_timeout": millis(pgIdleTransaction),
	} {
		if _, given := cfg.RuntimeParams[name]; !given {
			cfg.RuntimeParams[name] = value
		}
	}
	return cfg, false, nil
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// run runs fn on a connection to the primary.
func (e *pgEngine) run(ctx context.Context, fn func(*pgConn) error) error {
	return unavailable(e.pool.run(ctx, func(c *pgConn) error {
		if c.timeline != e.timeline.Load() {
			// Another one is the primary now.
			err := fmt.Errorf("%w: the connection leads to a former primary", ErrUnavailable)
			c.lose(err)
			return err
		}
		return fn(c)
	}))
}

// unavailable gives errors of the database their meaning for callers.
func unavailable(err error) error {
	switch {
	case err == nil || errors.Is(err, ErrUnavailable) || errors.Is(err, ErrConstraint):
		return err
	case pg.IsUnavailable(err):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	case pg.IsConstraint(err):
		return fmt.Errorf("%w: %w", ErrConstraint, err)
	}
	return err
}

// view asks the replica where it may; when that does not answer, the primary
// does.
func (e *pgEngine) view(ctx context.Context, org int64, fn func(Tx) error) error {
	return e.look(ctx, org, e.viewOn(org, fn))
}

func (e *pgEngine) glance(ctx context.Context, org int64, fn func(Tx) error) error {
	return e.look(ctx, org, e.viewOn(org, func(tx Tx) error {
		tx.(*pgTx).brief = true
		return fn(tx)
	}))
}

func (e *pgEngine) look(ctx context.Context, org int64, fn func(*pgConn) error) error {
	return e.ill.guard(org, func() error {
		if e.replica.has(org) {
			err := e.replica.pool.run(ctx, fn)
			if err == nil || !e.replica.gone(err) {
				return unavailable(err)
			}
		}
		return e.run(ctx, fn)
	})
}

// viewOn runs fn on a snapshot of a connection.
func (e *pgEngine) viewOn(org int64, fn func(Tx) error) func(*pgConn) error {
	return func(c *pgConn) error {
		tx := &pgTx{conn: c.Conn}
		if e.walled || !e.brief {
			if err := tx.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", e.wall(org)); err != nil {
				return err
			}
		}
		if err := fn(tx); err != nil {
			return err
		}
		return tx.finish()
	}
}

// wall is the statement that shows row-level security whose transaction this
// is, "" where it need not be told.
func (e *pgEngine) wall(org int64) string {
	switch {
	case !e.walled:
		return ""
	case org == everyone:
		return "SET LOCAL app.org = 'all'"
	default:
		return "SET LOCAL app.org = '" + strconv.FormatInt(org, 10) + "'"
	}
}

// pgTries is how often a transaction is run that others keep rolling back.
const pgTries = 5

func (e *pgEngine) update(ctx context.Context, org int64, fn func(Tx) error) error {
	return e.ill.guard(org, func() error {
		for try := 1; ; try++ {
			err := e.run(ctx, func(c *pgConn) error { return e.write(c, org, fn) })
			if !pg.IsTransient(err) || ctx.Err() != nil {
				return err
			}
			if try == pgTries {
				return fmt.Errorf("%w: %w", ErrUnavailable, err)
			}
		}
	})
}

func (e *pgEngine) write(c *pgConn, org int64, fn func(Tx) error) error {
	tx := &pgTx{conn: c.Conn}
	if err := tx.begin("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", e.wall(org)); err != nil {
		return err
	}
	err := fn(tx)
	if err == nil {
		var end int64
		end, err = tx.commit(e.replica != nil)
		e.replica.wrote(org, end)
	}
	if pg.IsReadOnly(err) {
		// Connected anew, it may find the primary.
		c.Close()
		e.pool.drain()
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// versions asks the primary. Where one organization's part of the database does
// not answer, the others' versions are read one by one.
func (e *pgEngine) versions(ctx context.Context, orgs []int64) (map[int64]Version, error) {
	found := make(map[int64]Version, len(orgs))
	var end int64
	var err error
	if len(orgs) > 1 {
		err = e.run(ctx, e.viewOn(everyone, func(tx Tx) (err error) {
			clear(found)
			end, err = e.readVersions(tx, orgs, found)
			return err
		}))
		if err == nil {
			e.replica.learn(found, end)
			return found, nil
		}
		clear(found)
		if !errors.Is(err, ErrUnavailable) || e.pool.down() {
			return found, err
		}
	}
	var errs []error
	for _, org := range orgs {
		err := e.ill.guard(org, func() error {
			return e.run(ctx, e.viewOn(org, func(tx Tx) error {
				v, at, err := e.readOne(tx, org)
				if errors.Is(err, ErrNoRow) {
					return nil
				}
				found[org], end = v, at
				return err
			}))
		})
		if err != nil {
			errs = append(errs, err)
		}
	}
	e.replica.learn(found, end)
	return found, errors.Join(errs...)
}

// versionsOf reads many versions and how far the log of the database goes.
const versionsOf = `SELECT organization_id, version, directory_version, sessions_version
	FROM organizations WHERE organization_id = ANY($1::bigint[])`

func (e *pgEngine) readVersions(tx Tx, orgs []int64, found map[int64]Version) (end int64, err error) {
	list := make([]byte, 0, 8*len(orgs))
	for i, org := range orgs {
		list = strconv.AppendInt(append(list, "{,"[min(i, 1)]), org, 10)
	}
	questions := []Question{{SQL: versionsOf, Args: []any{string(append(list, '}'))}, Each: func(r Rows) error {
		var org int64
		var v Version
		err := r.Scan(&org, &v.All, &v.Directory, &v.Sessions)
		found[org] = v
		return err
	}}}
	return end, tx.Together(e.andEnd(questions, &end)...)
}

func (e *pgEngine) readOne(tx Tx, org int64) (v Version, end int64, err error) {
	there := false
	questions := []Question{{SQL: versionOf, Args: []any{org}, Each: func(r Rows) error {
		there = true
		return r.Scan(&v.All, &v.Directory, &v.Sessions)
	}}}
	err = tx.Together(e.andEnd(questions, &end)...)
	if err == nil && !there {
		err = ErrNoRow
	}
	return v, end, err
}

// andEnd asks for the end of the log too, where a replica must reach it; and,
// where a pooler may have changed the server behind the connection, for the
// timeline.
func (e *pgEngine) andEnd(questions []Question, end *int64) []Question {
	if !e.brief {
		questions = append(questions, Question{SQL: timelineOf, Each: func(r Rows) error {
			var timeline int64
			err := r.Scan(&timeline)
			if err == nil {
				e.saw(timeline)
			}
			return err
		}})
	}
	if e.replica == nil {
		return questions
	}
	return append(questions, Question{SQL: endOfLog, Each: func(r Rows) error { return r.Scan(end) }})
}

func (e *pgEngine) close() error {
	if e.replica != nil {
		e.replica.close()
	}
	return e.pool.close()
}
