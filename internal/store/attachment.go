package store

import "guanxi/internal/crm"

const attachmentByID = `SELECT id, name, attachmentable_type, attachmentable_id, file_name, content_type, file_size,
	user_id, blob_key, created_at, updated_at FROM attachments WHERE organization_id = $1 AND id = $2`

func scanAttachment(a *crm.Attachment) []any {
	return []any{&a.ID, &a.Name, &a.OwnerType, &a.OwnerID, &a.FileName, &a.ContentType, &a.Size, &a.UserID, &a.Key,
		&a.CreatedAt, &a.UpdatedAt}
}

// Attachment reads one attachment. ErrNoRow where there is none.
func (r *Read) Attachment(org, id int64) (*crm.Attachment, error) {
	a := &crm.Attachment{}
	if err := one(r.tx, attachmentByID, []any{org, id}, scanAttachment(a)...); err != nil {
		return nil, err
	}
	return a, nil
}

// Attachments reads several attachments in one trip; those that are not there
// are left out.
func (r *Read) Attachments(org int64, ids []int64) (map[int64]*crm.Attachment, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found := make(map[int64]*crm.Attachment, len(ids))
	return found, r.tx.Together(askAttachments(org, ids, found)...)
}

func askAttachments(org int64, ids []int64, found map[int64]*crm.Attachment) []Question {
	questions := make([]Question, len(ids))
	for i, id := range ids {
		questions[i] = Question{SQL: attachmentByID, Args: []any{org, id}, Each: func(rows Rows) error {
			a := &crm.Attachment{}
			err := rows.Scan(scanAttachment(a)...)
			found[a.ID] = a
			return err
		}}
	}
	return questions
}

// AssistantsAndAttachments is Assistants and Attachments in one trip.
func (r *Read) AssistantsAndAttachments(org, customer int64, ids []int64) ([]int64, map[int64]*crm.Attachment, error) {
	var users []int64
	found := make(map[int64]*crm.Attachment, len(ids))
	questions := append(askAttachments(org, ids, found), Question{SQL: assistantsOf, Args: []any{org, customer},
		Each: func(rows Rows) error {
			var id int64
			err := rows.Scan(&id)
			users = append(users, id)
			return err
		}})
	return users, found, r.tx.Together(questions...)
}

// AddAttachment writes an attachment whose bytes lie in the blob store.
func (w *Write) AddAttachment(a *crm.Attachment) error {
	_, err := w.tx.Exec(`INSERT INTO attachments (organization_id, id, name, attachmentable_type, attachmentable_id,
		file_name, content_type, file_size, user_id, blob_key, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		w.org, a.ID, a.Name, a.OwnerType, a.OwnerID, a.FileName, a.ContentType, a.Size, null(a.UserID), a.Key,
		int64(a.CreatedAt), int64(a.UpdatedAt))
	return err
}

// SetAttachmentOwner makes an attachment belong to a record.
func (w *Write) SetAttachmentOwner(id int64, ownerType string, ownerID int64) error {
	_, err := w.tx.Exec(`UPDATE attachments SET attachmentable_type = $3, attachmentable_id = $4
		WHERE organization_id = $1 AND id = $2`, w.org, id, ownerType, ownerID)
	return err
}
