package store

import (
	"context"

	"guanxi/internal/crm"
)

// Failures tells how many failed sign-ins count for each key: those whose first
// one came after a moment. Keys are the caller's hashes; this package never
// sees a login or an address with them.
func (s *Store) Failures(ctx context.Context, after crm.Time, keys ...string) (counts []int64, err error) {
	counts = make([]int64, len(keys))
	questions := make([]Question, len(keys))
	for i, key := range keys {
		questions[i] = Question{SQL: `SELECT failures FROM signin_failures WHERE failure_key = $1 AND since > $2`,
			Args: []any{key, int64(after)}, Each: func(r Rows) error { return r.Scan(&counts[i]) }}
	}
	err = s.engine.view(ctx, installation, func(tx Tx) error {
		clear(counts)
		return tx.Together(questions...)
	})
	return counts, err
}

// AddFailures counts one failed sign-in for each key, whoever counts at the same
// time. Failures whose first one did not come after a moment no longer count.
func (s *Store) AddFailures(ctx context.Context, now, after crm.Time, keys ...string) error {
	questions := make([]Question, len(keys))
	for i, key := range keys {
		questions[i] = Question{SQL: `INSERT INTO signin_failures (failure_key, failures, since) VALUES ($1, 1, $2)
			ON CONFLICT (failure_key) DO UPDATE SET
			failures = CASE WHEN signin_failures.since > $3 THEN signin_failures.failures + 1 ELSE 1 END,
			since = CASE WHEN signin_failures.since > $3 THEN signin_failures.since ELSE EXCLUDED.since END`,
			Args: []any{key, int64(now), int64(after)}}
	}
	return s.engine.update(ctx, installation, func(tx Tx) error { return tx.Together(questions...) })
}

// ForgetFailures deletes the failures of one key.
func (s *Store) ForgetFailures(ctx context.Context, key string) error {
	return s.engine.update(ctx, installation, func(tx Tx) error {
		_, err := tx.Exec(`DELETE FROM signin_failures WHERE failure_key = $1`, key)
		return err
	})
}

// ForgetOldFailures deletes the failures of all keys whose first one did not
// come after a moment.
func (s *Store) ForgetOldFailures(ctx context.Context, after crm.Time) error {
	return s.engine.update(ctx, installation, func(tx Tx) error {
		_, err := tx.Exec(`DELETE FROM signin_failures WHERE since <= $1`, int64(after))
		return err
	})
}
