package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"guanxi/internal/blob"
	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// LinkedFile reads the attachment of a link. The caller has proved by the link's
// signature that it was shown the attachment. ErrNotFound where it is gone: what
// is asked is what is committed now, whoever has committed it.
func (s *Service) LinkedFile(ctx context.Context, org, id int64) (*crm.Attachment, error) {
	var a *crm.Attachment
	err := s.store.Latest(ctx, org, func(r *store.Read) (err error) {
		a, err = r.Attachment(org, id)
		return err
	})
	if err != nil {
		return nil, notFound(err)
	}
	return a, nil
}

// OpenFile opens the bytes of an attachment.
func (s *Service) OpenFile(ctx context.Context, a *crm.Attachment) (io.ReadSeekCloser, blob.Info, error) {
	return s.blobs.Open(ctx, a.Key)
}

// eachFile calls fn for every attachment that fields of files or pictures name.
func eachFile(fields []*crm.CustomField, v crm.Values, fn func(f *crm.CustomField, id int64) error) error {
	var values map[string]json.RawMessage
	for _, f := range fields {
		// Most records have no file: their values are not taken apart.
		if k := field.Find(f.Kind); k == nil || !k.Files || !bytes.Contains(v, []byte(f.Name)) {
			continue
		}
		if values == nil {
			values = field.Decode(v)
		}
		for _, id := range field.FileIDs(values[f.Name]) {
			if err := fn(f, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// fileIDs are the attachments that fields of files or pictures name.
func fileIDs(fields []*crm.CustomField, v crm.Values) (ids []int64) {
	_ = eachFile(fields, v, func(_ *crm.CustomField, id int64) error {
		ids = append(ids, id)
		return nil
	})
	return ids
}

// fileRecord is what the operation log compares of an attachment.
func fileRecord(a *crm.Attachment) record {
	return record{
		"name": a.Name, "note": a.Note, "sub_type": a.SubType, "attachmentable_type": a.OwnerType, "attachmentable_id": a.OwnerID,
		"file_file_name": a.FileName, "file_content_type": a.ContentType, "file_file_size": a.Size, "digest": a.Digest,
	}
}

// claimFiles makes the files of custom fields the record's own, so that no
// other record can take them.
func (s *Service) claimFiles(w *store.Write, c *Caller, entity, ownerType string, ownerID int64, v crm.Values) error {
	ids := fileIDs(c.Directory.Fields[entity], v)
	found, err := w.Attachments(c.Org(), ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if a := found[id]; a != nil {
			if err := s.claim(w, c, a, ownerType, ownerID); err != nil {
				return err
			}
		}
	}
	return nil
}

// claim makes a file the record's own, where it is not that already.
func (s *Service) claim(w *store.Write, c *Caller, a *crm.Attachment, ownerType string, ownerID int64) error {
	if a.OwnerType == ownerType && a.OwnerID == ownerID {
		return nil
	}
	before := fileRecord(a)
	a.OwnerType, a.OwnerID, a.UpdatedAt = ownerType, ownerID, crm.At(s.now())
	if err := w.SetAttachment(a); err != nil {
		return err
	}
	return s.note(w, c, "attachment", a.ID, "update", before, fileRecord(a))
}

// replaceFiles checks the values that a record has now, makes the files that
// they name the record's own, and lets go of those that they no longer name.
func (s *Service) replaceFiles(w *store.Write, c *Caller, entity, ownerType string, id int64, old, now crm.Values) error {
	if bytes.Equal(old, now) {
		return nil
	}
	if err := s.checkValues(w, c, entity, old, now); err != nil {
		return err
	}
	if err := s.claimFiles(w, c, entity, ownerType, id, now); err != nil {
		return err
	}
	kept := fileIDs(c.Directory.Fields[entity], now)
	for _, gone := range fileIDs(c.Directory.Fields[entity], old) {
		if !slices.Contains(kept, gone) {
			if err := s.dropFile(w, c, gone); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropFile deletes a file that nothing names any more, where it is still there.
// Its bytes are swept away later.
func (s *Service) dropFile(w *store.Write, c *Caller, id int64) error {
	a, err := w.Attachment(c.Org(), id)
	if errors.Is(err, store.ErrNoRow) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := w.DeleteAttachment(id); err != nil {
		return err
	}
	return s.note(w, c, "attachment", id, "destroy", fileRecord(a), nil)
}

// removeFiles deletes all files of a record that is being deleted. Their bytes
// are swept away later.
func (s *Service) removeFiles(w *store.Write, c *Caller, ownerType string, ownerID int64) error {
	found, err := w.AttachmentsOf(c.Org(), ownerType, ownerID, allFiles)
	if err != nil || len(found) == 0 {
		return err
	}
	for _, a := range found {
		if err := s.note(w, c, "attachment", a.ID, "destroy", fileRecord(a), nil); err != nil {
			return err
		}
	}
	return w.DeleteAttachmentsOf(ownerType, ownerID)
}
