package v2

import (
	"guanxi/internal/api/call"
	"guanxi/internal/crm"
)

// SetCard answers PUT /api/v2/contacts/:id/card and the same of leads with the
// new card: an uploaded picture, or an attachment by its id.
func SetCard(ownerType string) call.Handler {
	return func(c *call.Call) error {
		id, ok := pathID(c)
		if !ok {
			return crm.ErrNotFound
		}
		p, err := c.Params()
		if err != nil {
			return err
		}
		in, err := pictureOf(p, "card", "card_attachment_id", "attachment_id")
		if err != nil {
			return err
		}
		return c.Service.SetCard(c.Context(), c.Caller, ownerType, id, in, showFile(c))
	}
}

// RemoveCard answers DELETE /api/v2/contacts/:id/card and the same of leads with
// the card as it was; {} where there was none.
func RemoveCard(ownerType string) call.Handler {
	return func(c *call.Call) error {
		id, ok := pathID(c)
		if !ok {
			return crm.ErrNotFound
		}
		return c.Service.RemoveCard(c.Context(), c.Caller, ownerType, id, showFile(c))
	}
}

// whoseAvatar is the user of the path, or the caller where the path names none.
func whoseAvatar(c *call.Call) (int64, bool) {
	if c.Request.PathValue("id") == "" {
		return c.Caller.Viewer.User.ID, true
	}
	return pathID(c)
}

// SetAvatar answers PUT /api/v2/user/avatar and PUT /api/v2/users/:id/avatar.
func SetAvatar(c *call.Call) error {
	id, ok := whoseAvatar(c)
	if !ok {
		return crm.ErrNotFound
	}
	p, err := c.Params()
	if err != nil {
		return err
	}
	in, err := pictureOf(p, "avatar", "avatar_attachment_id", "attachment_id")
	if err != nil {
		return err
	}
	return c.Service.SetAvatar(c.Context(), c.Caller, id, in, showAvatar(c))
}

// RemoveAvatar answers DELETE /api/v2/user/avatar and DELETE
// /api/v2/users/:id/avatar.
func RemoveAvatar(c *call.Call) error {
	id, ok := whoseAvatar(c)
	if !ok {
		return crm.ErrNotFound
	}
	return c.Service.RemoveAvatar(c.Context(), c.Caller, id, showAvatar(c))
}

func showAvatar(c *call.Call) func(*crm.User, *crm.Attachment) error {
	return func(u *crm.User, a *crm.Attachment) error {
		s := shapes(c)
		s.data(func() {
			s.Int("id", u.ID)
			s.avatar("avatar_url", u)
			s.attachment("attachment", a)
		})
		return nil
	}
}
