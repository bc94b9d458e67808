package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// leaseHolder is the process that changes the schema of a PostgreSQL
// database; all others wait. It renews its lease while it works; should it
// hang for longer than the lease lasts, another one takes over, and its own next
// step fails.
type leaseHolder struct {
	name    string
	holder  string
	fencing int64
	db      *sql.DB
	stop    context.CancelFunc
	renewed sync.WaitGroup
}

const schemaLease = "schema"

// leaseLife is how long a process that changes the schema may be silent before
// another one takes over; leasePoll how often the others ask.
const (
	leaseLife = 30 * time.Second
	leasePoll = 50 * time.Millisecond
)

func newLeaseHolder() *leaseHolder {
	b := make([]byte, 16)
	rand.Read(b)
	return &leaseHolder{name: schemaLease, holder: hex.EncodeToString(b)}
}

// take waits until the lease is free.
func (l *leaseHolder) take(ctx context.Context, db *sql.DB) error {
	l.db = db
	if err := makeLeases(ctx, db); err != nil {
		return err
	}
	tick := time.NewTicker(leasePoll)
	defer tick.Stop()
	for {
		held, err := l.renew(ctx)
		if err != nil {
			return err
		}
		if held {
			break
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for another process that changes the schema: %w", ctx.Err())
		}
	}
	ctx, l.stop = context.WithCancel(context.WithoutCancel(ctx))
	l.renewed.Go(func() {
		tick := time.NewTicker(leaseLife / 6)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				// A step may hold the row for as long as it takes.
				l.renew(ctx)
			case <-ctx.Done():
				return
			}
		}
	})
	return nil
}

func (l *leaseHolder) renew(ctx context.Context) (held bool, err error) {
	now := time.Now()
	err = l.db.QueryRowContext(ctx, takeLease, l.name, l.holder, now.Add(leaseLife).UnixMilli(), now.UnixMilli()).Scan(&l.fencing)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// check holds the lease's row until the step's transaction ends: nobody can
// take over while it runs. It fails where somebody has taken over before.
func (l *leaseHolder) check(ctx context.Context, tx *sql.Tx) error {
	var holder string
	if err := tx.QueryRowContext(ctx, `SELECT holder FROM leases WHERE name = $1 FOR UPDATE`, l.name).Scan(&holder); err != nil {
		return err
	}
	if holder != l.holder {
		return errors.New("another process has taken over the change of the schema")
	}
	return nil
}

// give ends the lease.
func (l *leaseHolder) give() {
	l.stop()
	l.renewed.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
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
		if errors.As(err, &refused) && (refused.Code == "23505" || refused.Code == "42P07") {
			continue // somebody else is making it
		}
		return err
	}
}
