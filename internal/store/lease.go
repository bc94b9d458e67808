package store

import (
	"context"
	"errors"
	"time"

	"guanxi/internal/crm"
)

// takeLease takes or renews a lease. The number counts the holders; it gives
// no row while somebody else's has not expired.
const takeLease = `INSERT INTO leases (name, holder, fencing, expires_at) VALUES ($1, $2, 1, $3)
	ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, expires_at = EXCLUDED.expires_at,
	fencing = CASE WHEN leases.holder = EXCLUDED.holder THEN leases.fencing ELSE leases.fencing + 1 END
	WHERE leases.expires_at <= $4 OR leases.holder = EXCLUDED.holder RETURNING fencing`

// Lease takes or renews the right to do what only one process may do at a
// time. It lasts until now + life; fencing grows with each new holder, so that
// a late one can be told from the present one. held is false while another
// holder's lease has not expired.
func (s *Store) Lease(ctx context.Context, name, holder string, now crm.Time, life time.Duration) (fencing int64, held bool, err error) {
	err = s.engine.update(ctx, installation, func(tx Tx) error {
		err := one(tx, takeLease, []any{name, holder, int64(now) + life.Milliseconds(), int64(now)}, &fencing)
		held = err == nil
		if errors.Is(err, ErrNoRow) {
			return nil
		}
		return err
	})
	return fencing, held && err == nil, err
}

// GiveLease ends a lease before its time, if the holder has it still.
func (s *Store) GiveLease(ctx context.Context, name, holder string) error {
	return s.engine.update(ctx, installation, func(tx Tx) error {
		_, err := tx.Exec(`UPDATE leases SET expires_at = 0 WHERE name = $1 AND holder = $2`, name, holder)
		return err
	})
}
