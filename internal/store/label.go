package store

import "guanxi/internal/crm"

// AddLabel writes a label.
func (w *Write) AddLabel(l *crm.Label, position int) error {
	w.directory = true
	_, err := w.tx.Exec(`INSERT INTO labels (organization_id, id, group_id, name, color, position)
		VALUES ($1, $2, $3, $4, $5, $6)`, w.org, l.ID, null(l.GroupID), l.Name, l.Color, position)
	return err
}

// SetLabel writes a changed label. ErrNoRow where there is none.
func (w *Write) SetLabel(l *crm.Label) error {
	w.directory = true
	return changed(w.tx.Exec(`UPDATE labels SET group_id = $3, name = $4, color = $5, position = $6
		WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL`, w.org, l.ID, null(l.GroupID), l.Name, l.Color, l.Position))
}

// HideLabel takes a label away from everybody; its row stays as long as
// customers have it. ErrNoRow where there is none.
func (w *Write) HideLabel(id int64, at crm.Time) error {
	w.directory = true
	return changed(w.tx.Exec(`UPDATE labels SET deleted_at = $3 WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL`,
		w.org, id, int64(at)))
}

// DeleteLabel deletes a label that is hidden and that no customer has any more.
// ErrNoRow where there is none.
func (w *Write) DeleteLabel(id int64) error {
	return changed(w.tx.Exec(`DELETE FROM labels WHERE organization_id = $1 AND id = $2 AND deleted_at IS NOT NULL`, w.org, id))
}

// RemoveCustomerLabel takes a label from a customer, and notes whether others
// are left.
func (w *Write) RemoveCustomerLabel(customer, label int64, left bool) error {
	if _, err := w.tx.Exec(`DELETE FROM customer_labels WHERE organization_id = $1 AND customer_id = $2 AND label_id = $3`,
		w.org, customer, label); err != nil {
		return err
	}
	return changed(w.tx.Exec(`UPDATE customers SET labelled = $3 WHERE organization_id = $1 AND id = $2`, w.org, customer, left))
}

// SetLabelGroup writes a group of labels, a new one or one that is there.
func (w *Write) SetLabelGroup(g *crm.LabelGroup, at crm.Time) error {
	w.directory = true
	_, err := w.tx.Exec(`INSERT INTO label_groups (organization_id, id, name, position, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (organization_id, id)
		DO UPDATE SET name = EXCLUDED.name, position = EXCLUDED.position, updated_at = EXCLUDED.updated_at`,
		w.org, g.ID, g.Name, g.Position, int64(at))
	return err
}

// DeleteLabelGroup deletes a group of labels. ErrNoRow where there is none.
func (w *Write) DeleteLabelGroup(id int64) error {
	w.directory = true
	return changed(w.tx.Exec(`DELETE FROM label_groups WHERE organization_id = $1 AND id = $2`, w.org, id))
}

// LabelledAfter reads which customers have which labels, a page behind a place,
// in order. It answers the place of the last, with more false after the last
// page.
func (r *Read) LabelledAfter(org, customer, label int64, limit int, fn func(customer, label int64)) (c, l int64, more bool, err error) {
	n := 0
	err = each(r.tx, `SELECT customer_id, label_id FROM customer_labels WHERE organization_id = $1
		AND (customer_id, label_id) > ($2, $3) ORDER BY customer_id, label_id LIMIT $4`, []any{org, customer, label, limit},
		func(rows Rows) error {
			err := rows.Scan(&c, &l)
			n++
			fn(c, l)
			return err
		})
	return c, l, n == limit, err
}
