package service

import (
	"context"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// Picture is what a card or an avatar is made of: an upload, or a file that is
// there already.
type Picture struct {
	Upload *Upload
	ID     int64
}

// SetCard gives a contact or a lead another card (名片); the file of the former one
// is deleted. It may be a new upload, an upload of the caller that belongs to
// nothing yet, or a file of the record.
//
// ErrNotFound where the caller does not see the record, ErrForbidden where it may
// not edit it, an entity_validation_error for what is no picture.
func (s *Service) SetCard(ctx context.Context, c *Caller, ownerType string, id int64, in *Picture, show func(*crm.Attachment) error) error {
	return s.withPicture(ctx, c, in, func(w *store.Write, made *crm.Attachment) error {
		o, err := s.editableOwner(w, c, ownerType, id)
		if err != nil {
			return err
		}
		a, err := s.givePicture(w, c, o, made, in.ID)
		if err != nil {
			return err
		}
		return show(a)
	})
}

// RemoveCard deletes the card of a contact or a lead and shows what it was; nil
// where there was none.
func (s *Service) RemoveCard(ctx context.Context, c *Caller, ownerType string, id int64, show func(*crm.Attachment) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		o, err := s.editableOwner(w, c, ownerType, id)
		if err != nil {
			return err
		}
		a, err := s.takePicture(w, c, o)
		if err != nil {
			return err
		}
		return show(a)
	})
}

// SetAvatar gives a user another avatar, under the rules of SetCard. Everybody
// may do so for oneself, who manages people for all. The user is shown as it is
// then.
func (s *Service) SetAvatar(ctx context.Context, c *Caller, user int64, in *Picture, show func(*crm.User, *crm.Attachment) error) error {
	return s.withPicture(ctx, c, in, func(w *store.Write, made *crm.Attachment) error {
		o, err := s.editableOwner(w, c, crm.OfUser, user)
		if err != nil {
			return err
		}
		a, err := s.givePicture(w, c, o, made, in.ID)
		if err != nil {
			return err
		}
		u := *c.Directory.Users[user]
		u.AvatarID, u.AvatarName = a.ID, a.FileName
		return show(&u, a)
	})
}

// RemoveAvatar deletes the avatar of a user.
func (s *Service) RemoveAvatar(ctx context.Context, c *Caller, user int64, show func(*crm.User, *crm.Attachment) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		o, err := s.editableOwner(w, c, crm.OfUser, user)
		if err != nil {
			return err
		}
		if _, err := s.takePicture(w, c, o); err != nil {
			return err
		}
		u := *c.Directory.Users[user]
		u.AvatarID, u.AvatarName = 0, ""
		return show(&u, nil)
	})
}

// withPicture runs fn in a transaction, with the row of the upload where there
// is one.
func (s *Service) withPicture(ctx context.Context, c *Caller, in *Picture, fn func(w *store.Write, made *crm.Attachment) error) error {
	if in.Upload == nil {
		return s.write(ctx, c, func(w *store.Write) error { return fn(w, nil) })
	}
	return s.upload(ctx, c, []Upload{*in.Upload}, func(w *store.Write, files []*crm.Attachment) error { return fn(w, files[0]) })
}

// givePicture makes the picture of a record an upload, or the file with an id.
func (s *Service) givePicture(w *store.Write, c *Caller, o *fileOwner, made *crm.Attachment, id int64) (*crm.Attachment, error) {
	if err := s.unmodified(w, c, o.entity(), o.id); err != nil {
		return nil, err
	}
	if made != nil {
		id, made.OwnerType, made.OwnerID = made.ID, o.kind, o.id
		if err := s.addFile(w, c, made); err != nil {
			return nil, err
		}
	}
	if id == o.picture {
		w.Nothing()
	} else if err := s.setPicture(w, c, o, id); err != nil {
		return nil, err
	}
	a, err := w.Attachment(c.Org(), id)
	return a, refuse(err, errNoPicture)
}

// takePicture takes the picture off a record and answers it; nil where there is
// none.
func (s *Service) takePicture(w *store.Write, c *Caller, o *fileOwner) (*crm.Attachment, error) {
	if err := s.unmodified(w, c, o.entity(), o.id); err != nil {
		return nil, err
	}
	if o.picture == 0 {
		w.Nothing()
		return nil, nil
	}
	found, err := w.Attachments(c.Org(), []int64{o.picture})
	if err != nil {
		return nil, err
	}
	return found[o.picture], s.setPicture(w, c, o, 0)
}

// setPicture changes the card or the avatar of a record, to none with 0.
func (s *Service) setPicture(w *store.Write, c *Caller, o *fileOwner, id int64) error {
	if err := s.replacePicture(w, c, o, id); err != nil {
		return err
	}
	org, now := c.Org(), crm.At(s.now())
	switch o.kind {
	case crm.OfContact:
		k, err := w.Contact(org, o.id)
		if err != nil {
			return err
		}
		before := contactRecord(k)
		k.CardID, k.UpdatedAt = id, now
		return s.savePicture(w, c, o, before, contactRecord(k), func() error { return w.SetContact(k) })
	case crm.OfLead:
		l, err := w.Lead(org, o.id)
		if err != nil {
			return err
		}
		before := leadRecord(l)
		l.CardID, l.UpdatedAt = id, now
		return s.savePicture(w, c, o, before, leadRecord(l), func() error { return w.SetLead(l) })
	}
	return s.savePicture(w, c, o, record{o.pictureField: o.picture}, record{o.pictureField: id},
		func() error { return w.SetAvatar(o.id, id, now) })
}

func (s *Service) savePicture(w *store.Write, c *Caller, o *fileOwner, before, after record, save func() error) error {
	if err := s.mayChange(c, o.entity(), o.user, before, after); err != nil {
		return err
	}
	if err := save(); err != nil {
		return err
	}
	return s.note(w, c, o.entity(), o.id, "update", before, after)
}

// replacePicture makes a file the record's own and deletes that of the former
// picture. The record itself is for the caller to write.
func (s *Service) replacePicture(w *store.Write, c *Caller, o *fileOwner, id int64) error {
	if id == o.picture {
		return nil
	}
	if id != 0 {
		a, err := s.checkPicture(w, c, o, id)
		if err != nil {
			return err
		}
		if err := s.claim(w, c, a, o.kind, o.id); err != nil {
			return err
		}
	}
	if o.picture == 0 {
		return nil
	}
	return s.dropFile(w, c, o.picture)
}

// checkPicture refuses a card or an avatar that is not there, is not the
// caller's to name, is the value of a custom field, or is no picture.
func (s *Service) checkPicture(w *store.Write, c *Caller, o *fileOwner, id int64) (*crm.Attachment, error) {
	a, err := w.Attachment(c.Org(), id)
	if err != nil {
		return nil, refuse(err, errNoPicture)
	}
	free := a.OwnerID == 0 && a.UserID == c.Viewer.User.ID
	if !free && (a.OwnerType != o.kind || a.OwnerID != o.id) ||
		slices.Contains(fileIDs(c.Directory.Fields[o.entity()], o.custom), id) {
		return nil, errNoPicture
	}
	if !a.IsPicture() {
		return nil, errOnlyPicture
	}
	return a, nil
}

var (
	errNoPicture   = crm.Invalid("图片不存在", "The picture does not exist")
	errOnlyPicture = crm.Invalid("只能是JPEG、PNG、GIF或WebP图片", "Only a JPEG, PNG, GIF or WebP picture is possible")
)
