package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// leaseHolder is the process that changes the schema of a PostgreSQL
// database; all others wait.
//
// A step holds the lease's row for as long as its transaction lasts, so nobody
// takes over while it runs, however long that is; it renews the lease at its
// beginning and at its end. Between steps the lease lasts for life: when the
// process hangs there for longer, another one takes over, and the late one's
// next step fails before it changes anything. All times are the database's own,
// so that the clocks of machines do not matter.
type leaseHolder struct {
	name, holder string
	life         time.Duration
	fencing      int64 // which holder this is; set by take
	db           *sql.DB
}

const schemaLease = "schema"

// leaseLife is how long a process that changes the schema may be silent before
// another one takes over; leasePoll how often the others ask.
const (
	leaseLife = 30 * time.Second
	leasePoll = 50 * time.Millisecond
)

func newLeaseHolder(life time.Duration) *leaseHolder {
	b := make([]byte, 16)
	rand.Read(b)
	return &leaseHolder{name: schemaLease, holder: hex.EncodeToString(b), life: life}
}

const (
	databaseMillis = `(extract(epoch FROM clock_timestamp()) * 1000)::bigint`
	// takeSchemaLease looks at the clock when it has got the row, which may be
	// long after it has asked for it.
	takeSchemaLease = `INSERT INTO leases (name, holder, fencing, expires_at) VALUES ($1, $2, 1, ` + databaseMillis + ` + $3)
		ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, fencing = leases.fencing + 1, expires_at = ` + databaseMillis + ` + $3
		WHERE leases.expires_at <= ` + databaseMillis + ` RETURNING fencing`
	// renewSchemaLease changes nothing where somebody has taken over.
	renewSchemaLease = `UPDATE leases SET expires_at = ` + databaseMillis + ` + $4 WHERE name = $1 AND holder = $2 AND fencing = $3`
)

// take waits until the lease is free.
func (l *leaseHolder) take(ctx context.Context, db *sql.DB) error {
	l.db = db
	if err := makeLeases(ctx, db); err != nil {
		return err
	}
	tick := time.NewTicker(leasePoll)
	defer tick.Stop()
	for {
		err := db.QueryRowContext(ctx, takeSchemaLease, l.name, l.holder, l.life.Milliseconds()).Scan(&l.fencing)
		if err == nil || !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for another process that changes the schema: %w", ctx.Err())
		}
	}
}

var errLeaseLost = errors.New("another process has taken over the change of the schema")

// hold renews the lease. In a transaction it keeps others from taking over
// until that ends. errLeaseLost where somebody has taken over before.
func (l *leaseHolder) hold(ctx context.Context, in interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}) error {
	done, err := in.ExecContext(ctx, renewSchemaLease, l.name, l.holder, l.fencing, l.life.Milliseconds())
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(errLeaseLost, err)
	}
	return nil
}

// during runs fn, which is no transaction, and renews the lease meanwhile. The
// context of fn ends when the lease is lost.
func (l *leaseHolder) during(ctx context.Context, fn func(context.Context) error) error {
	if err := l.hold(ctx, l.db); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(l.life / 6)
		defer tick.Stop()
		renewed := time.Now()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			err := l.hold(ctx, l.db)
			switch {
			case err == nil:
				renewed = time.Now()
			case errors.Is(err, errLeaseLost) || time.Since(renewed) > l.life:
				cancel(err)
				return
			}
		}
	}()
	err := fn(ctx)
	if lost := context.Cause(ctx); err != nil && lost != nil {
		err = errors.Join(lost, err)
	}
	cancel(nil)
	<-done
	if err != nil {
		return err
	}
	return l.hold(context.WithoutCancel(ctx), l.db)
}

// give ends the lease.
func (l *leaseHolder) give() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	// Where this fails, the lease ends by itself.
	l.db.ExecContext(ctx, `UPDATE leases SET expires_at = 0 WHERE name = $1 AND holder = $2`, l.name, l.holder)
}

// makeLeases makes the table of leases where there is none; several processes
// may do so at the same time.
func makeLeases(ctx context.Context, db *sql.DB) error {
	for {
		_, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS leases (
			name       text COLLATE "C" NOT NULL PRIMARY KEY,
			holder     text COLLATE "C" NOT NULL,
			fencing    bigint NOT NULL,
			expires_at bigint NOT NULL)`)
		var refused *pgconn.PgError
		if errors.As(err, &refused) && (refused.Code == "23505" || refused.Code == "42710" || refused.Code == "42P07") {
			continue // somebody else is making it
		}
		return err
	}
}
