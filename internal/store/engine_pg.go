package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"guanxi/internal/pg"
)

// pgEngine is a PostgreSQL database, or one that speaks like it.
type pgEngine struct {
	pool *pgPool
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
func openPG(ctx context.Context, url string, o Config) (*pgEngine, error) {
	cfg, unnamed, err := pgConfig(url)
	if err != nil {
		return nil, err
	}
	e := &pgEngine{brief: !unnamed}
	e.pool = newPGPool(cfg, pg.Options{Timeout: pgTripTimeout, Unnamed: unnamed, OnStatement: o.OnStatement}, o.connections())
	err = e.run(ctx, func(c *pgConn) error {
		version, _, _ := strings.Cut(c.Params["server_version"], ".")
		if n, err := strconv.Atoi(version); err == nil && n < 15 {
			return fmt.Errorf("PostgreSQL %s is too old: 15 or newer is needed", c.Params["server_version"])
		}
		tx := &pgTx{conn: c.Conn}
		return errors.Join(one(tx, `SELECT row_security_active('organizations')`, nil, &e.walled), tx.finish())
	})
	if err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

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
	if cfg.ConnectTimeout <= 0 || cfg.ConnectTimeout > time.Minute {
		cfg.ConnectTimeout = pgConnectTimeout
	}
	if unnamed {
		return cfg, true, nil
	}
	for name, value := range map[string]string{
		"application_name":                    "guanxi",
		"default_transaction_isolation":       "repeatable read",
		"default_transaction_read_only":       "on",
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

// run gives fn a connection that nobody else uses. When the connection had
// been idle and turns out to be dead, fn gets another one, once: the server may
// have been restarted.
func (e *pgEngine) run(ctx context.Context, fn func(*pgConn) error) error {
	for try := 0; ; try++ {
		c, err := e.pool.take(ctx)
		if err != nil {
			return unavailable(err)
		}
		err = e.hold(c, fn)
		if err == nil || c.Broken() == nil || c.fresh || try > 0 || errors.Is(err, ErrUnknownOutcome) {
			return unavailable(err)
		}
		e.pool.drain()
	}
}

func (e *pgEngine) hold(c *pgConn, fn func(*pgConn) error) error {
	returned := false
	defer func() {
		if !returned { // fn has panicked or ended its goroutine
			c.Recover()
		}
		e.pool.put(c)
	}()
	err := fn(c)
	returned = true
	if err != nil {
		c.Recover()
	}
	return err
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

func (e *pgEngine) view(ctx context.Context, org int64, fn func(Tx) error) error {
	return e.run(ctx, func(c *pgConn) error {
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
	})
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
	for try := 1; ; try++ {
		err := e.run(ctx, func(c *pgConn) error { return e.write(c, org, fn) })
		if err == nil || !pg.IsTransient(err) || try == pgTries || ctx.Err() != nil {
			return err
		}
	}
}

func (e *pgEngine) write(c *pgConn, org int64, fn func(Tx) error) error {
	tx := &pgTx{conn: c.Conn}
	if err := tx.begin("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", e.wall(org)); err != nil {
		return err
	}
	err := fn(tx)
	if err == nil {
		err = tx.commit()
	}
	if pg.IsReadOnly(err) {
		// Connected anew, it may find the primary.
		c.Close()
		e.pool.drain()
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

func (e *pgEngine) versions(ctx context.Context, orgs []int64) (map[int64]Version, error) {
	found := make(map[int64]Version, len(orgs))
	if len(orgs) == 1 {
		err := e.view(ctx, orgs[0], func(tx Tx) error {
			v, err := readVersion(tx, orgs[0])
			if errors.Is(err, ErrNoRow) {
				return nil
			}
			found[orgs[0]] = v
			return err
		})
		return found, err
	}
	list := make([]byte, 0, 8*len(orgs))
	for i, org := range orgs {
		list = strconv.AppendInt(append(list, "{,"[min(i, 1)]), org, 10)
	}
	err := e.view(ctx, everyone, func(tx Tx) error {
		clear(found)
		return each(tx, `SELECT organization_id, version, directory_version, sessions_version FROM organizations
			WHERE organization_id = ANY($1::bigint[])`, []any{string(append(list, '}'))}, func(r Rows) error {
			var org int64
			var v Version
			err := r.Scan(&org, &v.All, &v.Directory, &v.Sessions)
			found[org] = v
			return err
		})
	})
	return found, err
}

func (e *pgEngine) close() error { return e.pool.close() }
