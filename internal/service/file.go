package service

import (
	"bytes"
	"context"
	"encoding/json"
	"io"

	"guanxi/internal/blob"
	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// OpenFile opens the bytes of an attachment. The caller has proved by a signed
// link that it was shown the attachment; ErrNotFound where it is gone.
func (s *Service) OpenFile(ctx context.Context, org, id int64) (*crm.Attachment, io.ReadSeekCloser, blob.Info, error) {
	var a *crm.Attachment
	err := s.store.View(ctx, org, func(r *store.Read) (err error) {
		a, err = r.Attachment(org, id)
		return err
	})
	if err != nil {
		return nil, nil, blob.Info{}, notFound(err)
	}
	f, info, err := s.blobs.Open(ctx, a.Key)
	if err != nil {
		return nil, nil, blob.Info{}, err
	}
	return a, f, info, nil
}

// eachFile calls fn for every attachment that fields of the kind file name.
func eachFile(fields []*crm.CustomField, v crm.Values, fn func(f *crm.CustomField, id int64) error) error {
	var values map[string]json.RawMessage
	for _, f := range fields {
		// Most records have no file: their values are not taken apart.
		if f.Kind != "file" || !bytes.Contains(v, []byte(f.Name)) {
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

// fileIDs are the attachments that fields of the kind file name.
func fileIDs(fields []*crm.CustomField, v crm.Values) (ids []int64) {
	_ = eachFile(fields, v, func(_ *crm.CustomField, id int64) error {
		ids = append(ids, id)
		return nil
	})
	return ids
}

// checkFiles refuses files that are not there, that another user uploaded, or
// that are attached to another record.
func (s *Service) checkFiles(w *store.Write, c *Caller, entity string, v crm.Values) error {
	return eachFile(c.Directory.Fields[entity], v, func(f *crm.CustomField, id int64) error {
		a, err := w.Attachment(c.Org(), id)
		if err != nil {
			return refuse(err, f.Label+"的附件不存在")
		}
		if a.OwnerID != 0 || a.UserID != c.Viewer.User.ID {
			return crm.Invalid(f.Label + "的附件不存在")
		}
		return nil
	})
}

// claimFiles makes the files of custom fields the record's own, so that no
// other record can take them.
func (s *Service) claimFiles(w *store.Write, c *Caller, entity, ownerType string, ownerID int64, v crm.Values) error {
	return eachFile(c.Directory.Fields[entity], v, func(_ *crm.CustomField, id int64) error {
		return w.SetAttachmentOwner(id, ownerType, ownerID)
	})
}
