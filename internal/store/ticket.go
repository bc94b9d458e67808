package store

import "guanxi/internal/crm"

// Ticket tells what a user's earlier write with the same ticket made.
// ErrNoRow where there was none.
func (r *Read) Ticket(org, user int64, ticket string) (entity string, id int64, err error) {
	err = one(r.tx, `SELECT entity, entity_id FROM request_tickets
		WHERE organization_id = $1 AND user_id = $2 AND ticket = $3`, []any{org, user, ticket}, &entity, &id)
	return entity, id, err
}

// AddTicket notes what a write with a ticket made.
func (w *Write) AddTicket(user int64, ticket, entity string, id int64, at crm.Time) error {
	_, err := w.tx.Exec(`INSERT INTO request_tickets (organization_id, user_id, ticket, entity, entity_id, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)`, w.org, user, ticket, entity, id, int64(at))
	return err
}
