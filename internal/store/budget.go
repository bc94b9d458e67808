package store

import (
	"context"
	"errors"
)

// callsBudget names the rate limit's row among an organization's budgets.
const callsBudget = "calls"

// RateBudget reads what an organization has left of its rate limit: a text of
// the caller's and the revision that SetRateBudget wants to see. It is empty at
// revision 0 until the first one was set. It is read where it
// is written: no replica is asked.
func (s *Store) RateBudget(ctx context.Context, org int64) (state string, revision int64, err error) {
	err = s.engine.update(ctx, org, func(tx Tx) error {
		state, revision = "", 0
		err := one(tx, `SELECT state, revision FROM rate_budgets WHERE organization_id = $1 AND name = $2`,
			[]any{org, callsBudget}, &state, &revision)
		if errors.Is(err, ErrNoRow) {
			return nil
		}
		return err
	})
	return state, revision, err
}

// SetRateBudget replaces the state that was read at a revision by the next one;
// done is false, and nothing written, where somebody else has replaced it
// before. It is no change of the organization: no version moves and nothing is
// logged.
func (s *Store) SetRateBudget(ctx context.Context, org int64, state string, revision int64) (done bool, err error) {
	err = s.engine.update(ctx, org, func(tx Tx) error {
		n, err := tx.Exec(`INSERT INTO rate_budgets (organization_id, name, state, revision) VALUES ($1, $2, $3, $4)
			ON CONFLICT (organization_id, name) DO UPDATE SET state = EXCLUDED.state, revision = EXCLUDED.revision
			WHERE rate_budgets.revision = EXCLUDED.revision - 1`, org, callsBudget, state, revision+1)
		done = n == 1
		return err
	})
	return done && err == nil, err
}
