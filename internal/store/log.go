package store

import (
	"fmt"

	"guanxi/internal/crm"
)

// Log notes a row of the operation log; it is written when the transaction
// ends, with the version that the organization has then. With id 0 it gets the
// next one.
func (w *Write) Log(id int64, e crm.LogEntry) error {
	e.ID = id
	w.logs = append(w.logs, e)
	return nil
}

const insertLog = `INSERT INTO operation_logs (organization_id, id, user_id, entity, entity_id, action, changes,
	request_id, remote_address, created_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

func (w *Write) writeLogs(version int64) error {
	next := int64(0)
	missing := 0
	for _, e := range w.logs {
		if e.ID == 0 {
			missing++
		}
	}
	if missing > 0 {
		var err error
		if next, err = w.TakeIDs(Logs, missing); err != nil {
			return err
		}
	}
	for _, e := range w.logs {
		if e.ID == 0 {
			e.ID = next
			next++
		}
		_, err := w.tx.Exec(insertLog, w.org, e.ID, null(e.UserID), e.Entity, e.EntityID, e.Action, e.Changes, e.RequestID,
			e.RemoteAddress, int64(e.At), version)
		if err != nil {
			return fmt.Errorf("write the operation log: %w", err)
		}
	}
	return nil
}

// Change is one step of the sequence of changes.
type Change struct {
	Version  int64
	Entity   string
	EntityID int64
	Action   string
}

// ActionGenerate is the action of a row that stands for many records, which
// were loaded together.
const ActionGenerate = "generate"

// ChangesSince gives what has changed behind a version up to the one that this
// snapshot shows, which it answers too, in order; at most limit of them: all is
// false when there are more. Changes that are not in the log (of a program from
// before the sequence, or of a load) are told apart by their missing versions.
func (r *Read) ChangesSince(org, version int64, limit int) (changes []Change, now int64, all bool, err error) {
	var v Version
	err = r.tx.Together(
		Question{SQL: versionOf, Args: []any{org}, Each: func(rows Rows) error {
			return rows.Scan(&v.All, &v.Directory, &v.Sessions)
		}},
		Question{SQL: `SELECT version, entity, entity_id, action FROM operation_logs WHERE organization_id = $1 AND version > $2
			ORDER BY version, entity, entity_id LIMIT $3`, Args: []any{org, version, limit + 1}, Each: func(rows Rows) error {
			var c Change
			err := rows.Scan(&c.Version, &c.Entity, &c.EntityID, &c.Action)
			changes = append(changes, c)
			return err
		}})
	all = len(changes) <= limit
	return changes[:min(limit, len(changes))], v.All, all, err
}

// VersionNow is the organization's version as this snapshot shows it.
func (r *Read) VersionNow(org int64) (int64, error) {
	v, err := readVersion(r.tx, org)
	return v.All, err
}

// DirectoryNow is the version of the organization's directory as this snapshot
// shows it.
func (r *Read) DirectoryNow(org int64) (int64, error) {
	v, err := readVersion(r.tx, org)
	return v.Directory, err
}

// ChangedSince reports whether a record has changed behind a version of the
// organization.
func (r *Read) ChangedSince(org int64, entity string, id, version int64) (bool, error) {
	var n int64
	err := one(r.tx, `SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND entity = $2 AND entity_id = $3
		AND version > $4`, []any{org, entity, id, version}, &n)
	return n > 0, err
}
