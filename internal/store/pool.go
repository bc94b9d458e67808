package store

import (
	"encoding/json"

	"guanxi/internal/crm"
)

// This file is about the public pools (公海) of records; the pool of connections
// to PostgreSQL is in pool_pg.go.

// SetPool writes the name, the position and the settings of a pool. ErrNoRow
// where there is none.
func (w *Write) SetPool(p *crm.Pool) error {
	w.directory = true
	settings, err := json.Marshal(p.PoolSettings)
	if err != nil {
		return err
	}
	return changed(w.tx.Exec(`UPDATE customer_pools SET name = $3, position = $4, settings = $5, updated_at = $6
		WHERE organization_id = $1 AND id = $2`, w.org, p.ID, p.Name, p.Position, string(settings), int64(p.UpdatedAt)))
}

// DeletePool deletes a pool. ErrConstraint while records lie in it, ErrNoRow
// where there is none.
func (w *Write) DeletePool(id int64) error {
	w.directory = true
	return changed(w.tx.Exec(`DELETE FROM customer_pools WHERE organization_id = $1 AND id = $2`, w.org, id))
}

// HeldCustomers reads a page of customers behind an id, in order, with what the
// rules of pools look at; the other fields stay empty.
func (r *Read) HeldCustomers(org, after int64, limit int) ([]crm.Customer, error) {
	found := make([]crm.Customer, 0, limit)
	err := each(r.tx, `SELECT id, user_id, category, status, home_pool_id, revisit_at, owned_at, created_at
		FROM customers WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3`, []any{org, after, limit}, func(rows Rows) error {
		var c crm.Customer
		err := rows.Scan(&c.ID, &c.OwnerID, &c.Category, &c.Status, &c.HomePoolID, &c.RevisitAt, &c.OwnedAt, &c.CreatedAt)
		found = append(found, c)
		return err
	})
	return found, err
}

// HeldLeads is HeldCustomers for leads.
func (r *Read) HeldLeads(org, after int64, limit int) ([]crm.Lead, error) {
	found := make([]crm.Lead, 0, limit)
	err := each(r.tx, `SELECT id, user_id, home_pool_id, turned_customer_id, revisit_at, owned_at, created_at
		FROM leads WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3`, []any{org, after, limit}, func(rows Rows) error {
		var l crm.Lead
		err := rows.Scan(&l.ID, &l.OwnerID, &l.HomePoolID, &l.CustomerID, &l.RevisitAt, &l.OwnedAt, &l.CreatedAt)
		found = append(found, l)
		return err
	})
	return found, err
}
