package store

import (
	"errors"

	"guanxi/internal/crm"
)

// AddNotice writes what a user is told.
func (w *Write) AddNotice(n *crm.Notice) error {
	_, err := w.tx.Exec(`INSERT INTO notifications (organization_id, id, user_id, kind, entity, entity_id, content, created_at,
		read_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, w.org, n.ID, n.UserID, n.Kind, n.Entity, n.EntityID, n.Content,
		int64(n.CreatedAt), null(n.ReadAt))
	return err
}

// Notices gives a page of a user's notices, newest first; only the unread ones
// where unread is set.
func (r *Read) Notices(org, user int64, unread bool, offset, limit int) ([]crm.Notice, error) {
	var found []crm.Notice
	err := each(r.tx, `SELECT id, user_id, kind, entity, entity_id, content, created_at, read_at FROM notifications
		WHERE organization_id = $1 AND user_id = $2 AND (read_at IS NULL OR $3 = FALSE) ORDER BY id DESC LIMIT $4 OFFSET $5`,
		[]any{org, user, unread, limit, offset}, func(rows Rows) error {
			var n crm.Notice
			err := rows.Scan(&n.ID, &n.UserID, &n.Kind, &n.Entity, &n.EntityID, &n.Content, &n.CreatedAt, &n.ReadAt)
			found = append(found, n)
			return err
		})
	return found, err
}

// CountNotices counts a user's notices, and those not read.
func (r *Read) CountNotices(org, user int64) (all, unread int, err error) {
	err = one(r.tx, `SELECT count(*), count(*) - count(read_at) FROM notifications
		WHERE organization_id = $1 AND user_id = $2`, []any{org, user}, &all, &unread)
	return all, unread, err
}

// Told reports whether a user was told something of a record since a moment.
func (r *Read) Told(org, user int64, kind, entity string, id int64, since crm.Time) (bool, error) {
	var n int64
	err := one(r.tx, `SELECT count(*) FROM notifications WHERE organization_id = $1 AND entity = $2 AND entity_id = $3
		AND user_id = $4 AND kind = $5 AND created_at >= $6`, []any{org, entity, id, user, kind, int64(since)}, &n)
	return n > 0, err
}

// ReadNotice marks a user's notice as read; it answers whether it was not
// before. ErrNoRow where the user has no such notice.
func (w *Write) ReadNotice(user, id int64, at crm.Time) (bool, error) {
	n, err := w.tx.Exec(`UPDATE notifications SET read_at = $4 WHERE organization_id = $1 AND id = $2 AND user_id = $3
		AND read_at IS NULL`, w.org, id, user, int64(at))
	if err != nil || n > 0 {
		return n > 0, err
	}
	return false, one(w.tx, `SELECT id FROM notifications WHERE organization_id = $1 AND id = $2 AND user_id = $3`,
		[]any{w.org, id, user}, &id)
}

// ReadNotices marks all notices of a user as read and answers how many were
// not.
func (w *Write) ReadNotices(user int64, at crm.Time) (int64, error) {
	return w.tx.Exec(`UPDATE notifications SET read_at = $3 WHERE organization_id = $1 AND user_id = $2 AND read_at IS NULL`,
		w.org, user, int64(at))
}

// ForgetNotices looks at a page of notices behind an id and deletes those that
// were made before a moment. last is where the next page begins, 0 after the last
// one.
func (w *Write) ForgetNotices(before crm.Time, after int64, page int) (last, removed int64, err error) {
	last = 1<<63 - 1
	err = one(w.tx, `SELECT id FROM notifications WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3`,
		[]any{w.org, after, page - 1}, &last)
	if err != nil && !errors.Is(err, ErrNoRow) {
		return 0, 0, err
	}
	more := err == nil
	removed, err = w.tx.Exec(`DELETE FROM notifications WHERE organization_id = $1 AND id > $2 AND id <= $3 AND created_at < $4`,
		w.org, after, last, int64(before))
	if !more {
		last = 0
	}
	return last, removed, err
}
