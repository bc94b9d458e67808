package service

import (
	"context"

	"guanxi/internal/blob"
	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// NewFiles is what a client uploads together. OwnerType and OwnerID name the
// record that the files belong to, or are empty for none yet.
type NewFiles struct {
	Uploads       []Upload
	OwnerType     string
	OwnerID       int64
	SubType, Note string
}

// MaxUploads is how many files may be uploaded together.
const MaxUploads = 20

// AddFiles keeps uploaded files. Those that belong to nothing yet are their
// uploader's alone, until they are attached to a record or named by one.
//
// ErrNotFound where the caller does not see the record, ErrForbidden where it may
// not edit it; an entity_validation_error for a file that is too large, a program,
// or a picture of too many pixels; ErrUnavailable while the storage of files does
// not answer. Nothing is kept then.
func (s *Service) AddFiles(ctx context.Context, c *Caller, in *NewFiles, show func([]*crm.Attachment) error) error {
	if len(in.Uploads) > MaxUploads {
		return crm.BadParam("一次最多上传20个文件", "At most 20 files can be uploaded at once")
	}
	return s.upload(ctx, c, in.Uploads, func(w *store.Write, files []*crm.Attachment) error {
		var o *fileOwner
		if in.OwnerID != 0 {
			var err error
			if o, err = s.editableOwner(w, c, in.OwnerType, in.OwnerID); err != nil {
				return err
			}
			if err := s.unmodified(w, c, o.entity(), o.id); err != nil {
				return err
			}
		}
		for _, a := range files {
			if o != nil {
				a.OwnerType, a.OwnerID = o.kind, o.id
			}
			a.SubType, a.Note = in.SubType, in.Note
			if err := a.Validate(); err != nil {
				return err
			}
			if err := s.addFile(w, c, a); err != nil {
				return err
			}
			if err := s.noteFiles(w, c, o, nil, a); err != nil {
				return err
			}
		}
		return show(files)
	})
}

func (s *Service) addFile(w *store.Write, c *Caller, a *crm.Attachment) error {
	if err := w.AddAttachment(a); err != nil {
		return err
	}
	return s.note(w, c, "attachment", a.ID, "create", nil, fileRecord(a))
}

// noteFiles notes that another file is, or is no longer, among those of a
// record, so that the record counts as changed. o is nil for a file that belongs
// to nothing. ErrForbidden where field rights hide the files.
func (s *Service) noteFiles(w *store.Write, c *Caller, o *fileOwner, before, after *crm.Attachment) error {
	if o == nil || o.kind == "" {
		return nil
	}
	names := func(a *crm.Attachment) record {
		if a == nil {
			return nil
		}
		return record{fieldOfFiles: a.Name}
	}
	if err := s.mayChange(c, o.entity(), o.user, names(before), names(after)); err != nil {
		return err
	}
	return s.note(w, c, o.entity(), o.id, "update", names(before), names(after))
}

// editableOwner is fileOwner for a change of the files.
func (s *Service) editableOwner(w *store.Write, c *Caller, ownerType string, ownerID int64) (*fileOwner, error) {
	o, err := s.fileOwner(&w.Read, c, ownerType, ownerID)
	if err != nil {
		return nil, err
	}
	return o, o.mayEdit()
}

// fileFor reads an attachment for a change: ErrNotFound where the caller may not
// see it, ErrForbidden where the record is not the caller's to edit, Conflict
// where it has changed since the caller saw it.
func (s *Service) fileFor(w *store.Write, c *Caller, id int64) (*crm.Attachment, *fileOwner, error) {
	a, o, err := s.fileAndOwner(&w.Read, c, id)
	if err == nil {
		err = o.mayEdit()
	}
	if err != nil {
		return nil, nil, err
	}
	return a, o, s.unmodified(w, c, "attachment", id)
}

// UpdateFile changes the name and the note of an attachment: patch changes the
// draft. The name of the file that is saved stays.
func (s *Service) UpdateFile(ctx context.Context, c *Caller, id int64, patch, show func(*crm.Attachment) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		before, o, err := s.fileFor(w, c, id)
		if err != nil {
			return err
		}
		a := *before
		if err := patch(&a); err != nil {
			return err
		}
		if err := a.Validate(); err != nil {
			return err
		}
		if a.Name = blob.CleanName(a.Name); a == *before {
			w.Nothing()
			return show(before)
		}
		a.UpdatedAt = crm.At(s.now())
		if err := w.SetAttachment(&a); err != nil {
			return err
		}
		if err := s.note(w, c, "attachment", id, "update", fileRecord(before), fileRecord(&a)); err != nil {
			return err
		}
		if err := s.noteFiles(w, c, o, before, &a); err != nil {
			return err
		}
		return show(&a)
	})
}

// AttachFile makes an upload that belongs to nothing yet a record's own. What is
// the record's already stays it.
//
// ErrNotFound where the caller may not see the file or the record, ErrForbidden
// where it may not edit the record, an entity_validation_error for a file of
// another record.
func (s *Service) AttachFile(ctx context.Context, c *Caller, id int64, to *crm.Attachment, show func(*crm.Attachment) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		a, _, err := s.fileAndOwner(&w.Read, c, id)
		if err != nil {
			return err
		}
		o, err := s.editableOwner(w, c, to.OwnerType, to.OwnerID)
		if err != nil {
			return err
		}
		if err := s.unmodified(w, c, "attachment", id); err != nil {
			return err
		}
		if a.OwnerType == o.kind && a.OwnerID == o.id {
			w.Nothing()
			return show(a)
		}
		if a.OwnerID != 0 {
			return crm.Invalid("该文件已属于其他记录", "The file belongs to another record")
		}
		if to.SubType != "" {
			a.SubType = to.SubType
		}
		if err := a.Validate(); err != nil {
			return err
		}
		if err := s.claim(w, c, a, o.kind, o.id); err != nil {
			return err
		}
		if err := s.noteFiles(w, c, o, nil, a); err != nil {
			return err
		}
		return show(a)
	})
}

// DeleteFile deletes an attachment: its row first, its bytes when that is
// committed. A card or an avatar is taken off its record. The value of a custom
// field is refused: it goes with a change of the field, which checks what the
// field demands.
func (s *Service) DeleteFile(ctx context.Context, c *Caller, id int64, show func(*crm.Attachment) error) error {
	var key string
	err := s.write(ctx, c, func(w *store.Write) error {
		a, o, err := s.fileFor(w, c, id)
		if err != nil {
			return err
		}
		switch name := o.apart(c)[id]; name {
		case "":
			if err := s.dropFile(w, c, id); err != nil {
				return err
			}
			err = s.noteFiles(w, c, o, a, nil)
		case o.pictureField:
			err = s.setPicture(w, c, o, 0)
		default:
			zh, en := fieldLabel(c.Directory, o.entity(), name)
			err = crm.Invalid("该文件由字段“"+zh+"”使用,请在该字段中删除", "The file is used by the field "+en+"; remove it there")
		}
		if err != nil {
			return err
		}
		key = a.Key
		return show(a)
	})
	if err == nil && key != "" {
		s.dropBytes(ctx, key)
	}
	return err
}
