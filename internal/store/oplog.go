package store

import "guanxi/internal/crm"

// The operation log as people read it, the newest first.

// Each way to ask has its index: by nothing, by a kind of record, by one record,
// by who did it. Of one record all rows are looked at and put in order: the signs
// before created_at keep the embedded database from another index, which would
// spare the order and read the rows of all records of the kind.
const (
	logColumns = `SELECT id, user_id, entity, entity_id, action, changes, request_id, remote_address, created_at
	FROM operation_logs WHERE organization_id = $1`
	logSpan = ` AND created_at BETWEEN $2 AND $3 AND (created_at < $3 OR id < $4) AND ($5 = '' OR action = $5)`
	logPage = ` LIMIT $6 OFFSET $7`

	logsOfAll    = logColumns + logSpan + ` ORDER BY created_at DESC, id DESC` + logPage
	logsOfKind   = logColumns + logSpan + ` AND entity = $8 ORDER BY created_at DESC, id DESC` + logPage
	logsOfUser   = logColumns + logSpan + ` AND user_id = $8 AND ($9 = '' OR entity = $9) ORDER BY created_at DESC, id DESC` + logPage
	logsOfRecord = logColumns + ` AND +created_at BETWEEN $2 AND $3 AND (+created_at < $3 OR id < $4)
	AND ($5 = '' OR action = $5) AND entity = $8 AND entity_id = $9 AND ($10 = 0 OR user_id = $10) ORDER BY +created_at DESC, id DESC` + logPage

	// Counts name as few columns as they can: most are answered out of the index.
	logCount   = `SELECT count(*) FROM operation_logs WHERE organization_id = $1`
	countRange = ` AND created_at BETWEEN $2 AND $3`

	countOfAll        = logCount + countRange
	countOfAllActs    = logCount + countRange + ` AND action = $4`
	countOfKind       = logCount + countRange + ` AND entity = $4`
	countOfKindActs   = logCount + countRange + ` AND entity = $4 AND action = $5`
	countOfUser       = logCount + countRange + ` AND user_id = $4`
	countOfUserDetail = logCount + countRange + ` AND user_id = $4 AND ($5 = '' OR entity = $5) AND ($6 = '' OR action = $6)`
	countOfRecord     = logCount + ` AND +created_at BETWEEN $2 AND $3 AND ($4 = '' OR action = $4) AND entity = $5
	AND entity_id = $6 AND ($7 = 0 OR user_id = $7)`
)

// Logs reads a page of the operation log, the newest first.
func (r *Read) Logs(org int64, q crm.LogQuery) ([]crm.LogEntry, error) {
	before := q.Before
	if q.To < before.At {
		before = crm.LogPlace{At: q.To, ID: crm.LogEnd.ID}
	}
	sql := logsOfAll
	args := []any{org, int64(q.From), int64(before.At), before.ID, q.Action, q.Limit, q.Offset}
	switch {
	case q.EntityID != 0:
		sql, args = logsOfRecord, append(args, q.Entity, q.EntityID, q.UserID)
	case q.UserID != 0:
		sql, args = logsOfUser, append(args, q.UserID, q.Entity)
	case q.Entity != "":
		sql, args = logsOfKind, append(args, q.Entity)
	}
	var found []crm.LogEntry
	err := each(r.tx, sql, args, func(rows Rows) error {
		var e crm.LogEntry
		err := rows.Scan(&e.ID, &e.UserID, &e.Entity, &e.EntityID, &e.Action, &e.Changes, &e.RequestID, &e.RemoteAddress, &e.At)
		found = append(found, e)
		return err
	})
	return found, err
}

// CountLogs counts the rows of all pages.
func (r *Read) CountLogs(org int64, q crm.LogQuery) (n int64, err error) {
	sql, args := countOfAll, []any{org, int64(q.From), int64(q.To)}
	switch {
	case q.EntityID != 0:
		sql, args = countOfRecord, append(args, q.Action, q.Entity, q.EntityID, q.UserID)
	case q.UserID != 0 && q.Entity == "" && q.Action == "":
		sql, args = countOfUser, append(args, q.UserID)
	case q.UserID != 0:
		sql, args = countOfUserDetail, append(args, q.UserID, q.Entity, q.Action)
	case q.Entity != "" && q.Action == "":
		sql, args = countOfKind, append(args, q.Entity)
	case q.Entity != "":
		sql, args = countOfKindActs, append(args, q.Entity, q.Action)
	case q.Action != "":
		sql, args = countOfAllActs, append(args, q.Action)
	}
	err = one(r.tx, sql, args, &n)
	return n, err
}

// SignInAddress is where a session was opened from; "" where the log does not
// have it any more.
func (r *Read) SignInAddress(org, session int64) (address string, err error) {
	err = one(r.tx, `SELECT remote_address FROM operation_logs WHERE organization_id = $1 AND entity = 'session' AND entity_id = $2
		AND action = 'sign_in' ORDER BY id LIMIT 1`, []any{org, session}, &address)
	if err == ErrNoRow {
		err = nil
	}
	return address, err
}
