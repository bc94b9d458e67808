package store

import "guanxi/internal/crm"

const attachmentColumns = `id, name, attachmentable_type, attachmentable_id, sub_type, note, file_name, content_type,
	file_size, digest, width, height, user_id, blob_key, created_at, updated_at`

const attachmentByID = `SELECT ` + attachmentColumns + ` FROM attachments WHERE organization_id = $1 AND id = $2`

func scanAttachment(a *crm.Attachment) []any {
	return []any{&a.ID, &a.Name, &a.OwnerType, &a.OwnerID, &a.SubType, &a.Note, &a.FileName, &a.ContentType, &a.Size,
		&a.Digest, &a.Width, &a.Height, &a.UserID, &a.Key, &a.CreatedAt, &a.UpdatedAt}
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

// AttachmentsOf reads the attachments of a record, the newest first, at most
// limit of them.
func (r *Read) AttachmentsOf(org int64, ownerType string, ownerID int64, limit int) ([]*crm.Attachment, error) {
	var found []*crm.Attachment
	err := each(r.tx, `SELECT `+attachmentColumns+` FROM attachments WHERE organization_id = $1
		AND attachmentable_type = $2 AND attachmentable_id = $3 ORDER BY id DESC LIMIT $4`,
		[]any{org, ownerType, ownerID, limit}, func(rows Rows) error {
			a := &crm.Attachment{}
			found = append(found, a)
			return rows.Scan(scanAttachment(a)...)
		})
	return found, err
}

// NamedKeys tells which of the keys of the blob store attachments of the
// organization name.
func (r *Read) NamedKeys(org int64, keys []string) (map[string]bool, error) {
	named := make(map[string]bool, len(keys))
	questions := make([]Question, len(keys))
	for i, key := range keys {
		questions[i] = Question{SQL: `SELECT blob_key FROM attachments WHERE organization_id = $1 AND blob_key = $2`,
			Args: []any{org, key}, Each: func(Rows) error {
				named[key] = true
				return nil
			}}
	}
	return named, r.tx.Together(questions...)
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
	_, err := w.tx.Exec(`INSERT INTO attachments (organization_id, `+attachmentColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		w.org, a.ID, a.Name, a.OwnerType, a.OwnerID, a.SubType, a.Note, a.FileName, a.ContentType, a.Size, a.Digest,
		int64(a.Width), int64(a.Height), null(a.UserID), a.Key, int64(a.CreatedAt), int64(a.UpdatedAt))
	return err
}

// SetAttachment writes what may change of an attachment: its names, note and
// the record that it belongs to. ErrNoRow where there is none.
func (w *Write) SetAttachment(a *crm.Attachment) error {
	return changed(w.tx.Exec(`UPDATE attachments SET name = $3, attachmentable_type = $4, attachmentable_id = $5,
		sub_type = $6, note = $7, updated_at = $8 WHERE organization_id = $1 AND id = $2`,
		w.org, a.ID, a.Name, a.OwnerType, a.OwnerID, a.SubType, a.Note, int64(a.UpdatedAt)))
}

// SetAvatar gives a user another avatar, or none with 0. ErrNoRow where there
// is no such user.
func (w *Write) SetAvatar(user, attachment int64, at crm.Time) error {
	w.directory = true
	return changed(w.tx.Exec(`UPDATE users SET avatar_attachment_id = $3, updated_at = $4 WHERE organization_id = $1 AND id = $2`,
		w.org, user, null(attachment), int64(at)))
}

// DeleteAttachmentsOf deletes the attachments of a record. Their bytes are
// removed later, when nothing names them any more.
func (w *Write) DeleteAttachmentsOf(ownerType string, ownerID int64) error {
	_, err := w.tx.Exec(`DELETE FROM attachments WHERE organization_id = $1 AND attachmentable_type = $2
		AND attachmentable_id = $3`, w.org, ownerType, ownerID)
	return err
}

// DeleteAttachment deletes one attachment. ErrNoRow where there is none.
func (w *Write) DeleteAttachment(id int64) error {
	return changed(w.tx.Exec(`DELETE FROM attachments WHERE organization_id = $1 AND id = $2`, w.org, id))
}
