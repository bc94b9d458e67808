package pgtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// Replica makes a streaming replica of the running cluster as it is now, and
// waits until it answers reads. It is closed with the cluster, or before by its
// own Close. It finds the cluster again when that was away.
func (c *Cluster) Replica(opts Options) (*Cluster, error) {
	r, err := create(opts, func(r *Cluster) error {
		if err := r.run("pg_basebackup", "-D", r.data(), "-d", c.URL(""), "-X", "stream", "-R", "--checkpoint=fast",
			"--no-sync", "--no-manifest"); err != nil {
			return c.withLog(err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errors.Join(errors.New("pgtest: the cluster is closed"), r.Close())
	}
	c.replicas = append(c.replicas, r)
	return r, nil
}

// CurrentLSN is a place in the log behind everything that was committed here
// before the call; it is written, and on its way to the replicas. On a replica
// it is how far that has replayed.
func (c *Cluster) CurrentLSN(ctx context.Context) (lsn string, err error) {
	err = c.with(ctx, superuser, func(conn *pgconn.PgConn) error {
		recovery, err := text(ctx, conn, "SELECT pg_is_in_recovery()")
		if err != nil {
			return err
		}
		if recovery == "t" {
			lsn, err = text(ctx, conn, "SELECT coalesce(pg_last_wal_replay_lsn(), '0/0')")
			return err
		}
		// With synchronous_commit off a commit is not even written yet. One that
		// waits for itself takes all before it along.
		lsn, err = text(ctx, conn, `BEGIN; SET LOCAL synchronous_commit = local;
			SELECT pg_logical_emit_message(true, 'pgtest', ''); COMMIT; SELECT pg_current_wal_flush_lsn()`)
		return err
	})
	return lsn, err
}

// WaitReplayed waits until the replica has replayed the log up to a place that
// CurrentLSN has given on its primary.
func (c *Cluster) WaitReplayed(ctx context.Context, lsn string) error {
	err := c.wait(ctx, fmt.Sprintf("SELECT coalesce(pg_last_wal_replay_lsn(), '0/0') >= %s::pg_lsn", literal(lsn)))
	if err != nil {
		return fmt.Errorf("wait until %s is replayed: %w", lsn, err)
	}
	return nil
}

// PauseReplay stops the replica at what it has replayed by now. It goes on
// receiving the log. When it returns nothing more is replayed.
func (c *Cluster) PauseReplay(ctx context.Context) error {
	if err := c.Exec(ctx, superuser, "SELECT pg_wal_replay_pause()"); err != nil {
		return err
	}
	return c.wait(ctx, "SELECT pg_get_wal_replay_pause_state() = 'paused'")
}

// ResumeReplay lets a paused replica go on. It does not wait for it to catch up.
func (c *Cluster) ResumeReplay(ctx context.Context) error {
	return c.Exec(ctx, superuser, "SELECT pg_wal_replay_resume()")
}

// Promote makes the replica a primary of its own and waits until it takes
// writes. A paused one replays first what it has received.
func (c *Cluster) Promote(ctx context.Context) error {
	return c.with(ctx, superuser, func(conn *pgconn.PgConn) error {
		done, err := text(ctx, conn, fmt.Sprintf("SELECT pg_promote(true, %d)", int(patience.Seconds())))
		if err == nil && done != "t" {
			err = c.withLog(fmt.Errorf("the replica was not promoted within %v", patience))
		}
		return err
	})
}

// wait asks a question until the answer is true, for as long as the context and
// our patience last.
func (c *Cluster) wait(ctx context.Context, question string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return c.with(ctx, superuser, func(conn *pgconn.PgConn) error {
		return poll(ctx, func() (bool, error) {
			answer, err := text(ctx, conn, question)
			return answer == "t", err
		})
	})
}

// text gives the one value of a query.
func text(ctx context.Context, conn *pgconn.PgConn, sql string) (string, error) {
	rows, err := texts(ctx, conn, sql)
	if err != nil {
		return "", err
	}
	if len(rows) != 1 || len(rows[0]) != 1 {
		return "", fmt.Errorf("pgtest: %d rows where one value was asked for: %s", len(rows), sql)
	}
	return rows[0][0], nil
}
