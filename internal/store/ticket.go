package store

import (
	"errors"

	"guanxi/internal/crm"
)

// Ticket is what became of a write that may be sent twice: what it made, what
// it asked for, and what it was answered. Digest and Answer are empty for one
// of a former release.
type Ticket struct {
	Entity         string
	ID             int64
	Digest, Answer string
}

// Ticket tells what a user's earlier write with the same ticket has become.
// ErrNoRow where there was none.
func (r *Read) Ticket(org, user int64, ticket string) (t Ticket, err error) {
	err = one(r.tx, `SELECT entity, entity_id, digest, answer FROM request_tickets
		WHERE organization_id = $1 AND user_id = $2 AND ticket = $3`, []any{org, user, ticket}, &t.Entity, &t.ID, &t.Digest, &t.Answer)
	return t, err
}

// AddTicket notes what a write with a ticket has become.
func (w *Write) AddTicket(user int64, ticket string, t Ticket, at crm.Time) error {
	_, err := w.tx.Exec(`INSERT INTO request_tickets (organization_id, user_id, ticket, entity, entity_id, digest, answer,
		created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, w.org, user, ticket, t.Entity, t.ID, t.Digest, t.Answer, int64(at))
	return err
}

// TicketPlace is where a walk over the tickets of an organization has come to.
type TicketPlace struct {
	UserID int64
	Ticket string
}

// ForgetTickets looks at a page of tickets behind a place and deletes those
// that were made before a moment. last is where the next page begins; more is
// false after the last one.
func (w *Write) ForgetTickets(before crm.Time, after TicketPlace, page int) (last TicketPlace, more bool, removed int64, err error) {
	last = TicketPlace{UserID: 1<<63 - 1}
	err = one(w.tx, `SELECT user_id, ticket FROM request_tickets WHERE organization_id = $1 AND (user_id, ticket) > ($2, $3)
		ORDER BY user_id, ticket LIMIT 1 OFFSET $4`, []any{w.org, after.UserID, after.Ticket, page - 1}, &last.UserID, &last.Ticket)
	if err != nil && !errors.Is(err, ErrNoRow) {
		return last, false, 0, err
	}
	more = err == nil
	removed, err = w.tx.Exec(`DELETE FROM request_tickets WHERE organization_id = $1 AND (user_id, ticket) > ($2, $3)
		AND (user_id, ticket) <= ($4, $5) AND created_at < $6`,
		w.org, after.UserID, after.Ticket, last.UserID, last.Ticket, int64(before))
	return last, more, removed, err
}
