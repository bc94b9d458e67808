package store

import (
	"context"
	"maps"
	"slices"

	"guanxi/internal/crm"
)

// Token reads what a token stands for. ErrNoRow for an unknown one.
func (r *Read) Token(hash string) (*crm.Session, error) {
	t := &crm.Session{TokenHash: hash}
	err := one(r.tx, `SELECT organization_id, user_id, session_id, state, created_at, last_used_at FROM tokens
		WHERE token_hash = $1`, []any{hash}, &t.OrganizationID, &t.UserID, &t.ID, &t.State, &t.CreatedAt, &t.LastUsedAt)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// AddSession writes a new session with its token.
func (w *Write) AddSession(t *crm.Session) error {
	_, err := w.tx.Exec(`INSERT INTO sessions (organization_id, id, user_id, token_hash, device_kind, device, version_code,
		created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		w.org, t.ID, t.UserID, t.TokenHash, t.DeviceKind, t.Device, t.VersionCode, int64(t.CreatedAt))
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(`INSERT INTO tokens (token_hash, organization_id, user_id, session_id, state, created_at, last_used_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6)`, t.TokenHash, w.org, t.UserID, t.ID, t.State, int64(t.CreatedAt))
	return err
}

// Sessions gives the sessions of a user on one kind of device, the oldest
// first; all kinds where kind is empty.
func (r *Read) Sessions(org, user int64, kind string) ([]crm.Session, error) {
	var found []crm.Session
	err := each(r.tx, `SELECT id, token_hash, device_kind, device, version_code, created_at FROM sessions
		WHERE organization_id = $1 AND user_id = $2 AND ($3 = '' OR device_kind = $3) ORDER BY id`,
		[]any{org, user, kind}, func(rows Rows) error {
			t := crm.Session{OrganizationID: org, UserID: user, State: crm.SessionLive}
			err := rows.Scan(&t.ID, &t.TokenHash, &t.DeviceKind, &t.Device, &t.VersionCode, &t.CreatedAt)
			found = append(found, t)
			return err
		})
	return found, err
}

// SessionOf reads a live session of a user. ErrNoRow where the user has none of
// this id.
func (r *Read) SessionOf(org, user, id int64) (*crm.Session, error) {
	t := &crm.Session{OrganizationID: org, UserID: user, ID: id, State: crm.SessionLive}
	err := one(r.tx, `SELECT token_hash, device_kind, device, version_code, created_at FROM sessions
		WHERE organization_id = $1 AND id = $2 AND user_id = $3`, []any{org, id, user},
		&t.TokenHash, &t.DeviceKind, &t.Device, &t.VersionCode, &t.CreatedAt)
	return t, err
}

// EndSession ends a session; its token stays known in the given state, so that
// its next call can be told why.
func (w *Write) EndSession(t *crm.Session, state string) error {
	w.ended = true
	_, err := w.tx.Exec(`UPDATE tokens SET state = $2 WHERE token_hash = $1`, t.TokenHash, state)
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(`DELETE FROM sessions WHERE organization_id = $1 AND id = $2`, w.org, t.ID)
	return err
}

// tokensAtOnce is how many tokens are noted in one transaction: it holds their
// rows, for which sign-ins may wait.
const tokensAtOnce = 500

// TouchTokens notes when tokens were last used. It is no change of the
// organization: no version moves and nothing is logged. Tokens go in an order, so
// that servers that do it at the same time do not wait for each other in a
// circle.
func (s *Store) TouchTokens(ctx context.Context, used map[string]crm.Time) error {
	hashes := slices.Sorted(maps.Keys(used))
	for part := range slices.Chunk(hashes, tokensAtOnce) {
		questions := make([]Question, len(part))
		for i, hash := range part {
			questions[i] = Question{SQL: `UPDATE tokens SET last_used_at = $2 WHERE token_hash = $1 AND last_used_at < $2`,
				Args: []any{hash, int64(used[hash])}}
		}
		if err := s.engine.update(ctx, installation, func(tx Tx) error { return tx.Together(questions...) }); err != nil {
			return err
		}
	}
	return nil
}

// ForgetTokens deletes tokens that ended or were last used before a moment.
// Their next call is answered as an unknown token's.
func (s *Store) ForgetTokens(ctx context.Context, before crm.Time) error {
	return s.engine.update(ctx, installation, func(tx Tx) error {
		_, err := tx.Exec(`DELETE FROM tokens WHERE last_used_at < $1 AND state <> 'live'`, int64(before))
		return err
	})
}
