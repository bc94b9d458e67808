package store

import "guanxi/internal/crm"

// Attachment reads one attachment. ErrNoRow where there is none.
func (r *Read) Attachment(org, id int64) (*crm.Attachment, error) {
	a := &crm.Attachment{}
	err := one(r.tx, `SELECT id, name, attachmentable_type, attachmentable_id, file_name, content_type, file_size, user_id,
		blob_key, created_at, updated_at FROM attachments WHERE organization_id = $1 AND id = $2`, []any{org, id},
		&a.ID, &a.Name, &a.OwnerType, &a.OwnerID, &a.FileName, &a.ContentType, &a.Size, &a.UserID, &a.Key,
		&a.CreatedAt, &a.UpdatedAt)
	if err != nil {
		return nil, err
	}
	return a, nil
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
