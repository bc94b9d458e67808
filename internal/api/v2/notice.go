package v2

import (
	"guanxi/internal/api/call"
	"guanxi/internal/crm"
)

// Notices answers GET /api/v2/notifications: the caller's own notices, newest
// first.
func Notices(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	page, perPage, err := paging(p)
	if err != nil {
		return err
	}
	unreadOnly, _, err := p.Bool("unread")
	if err != nil {
		return call.BadField("", err)
	}
	found, info, unread, err := c.Service.Notices(c.Context(), c.Caller, unreadOnly, page, perPage)
	if err != nil {
		return err
	}
	s := shapes(c)
	s.data(func() {
		s.Array("notifications")
		for i := range found {
			s.notice(&found[i])
		}
		s.EndArray()
		s.Int("unread_count", int64(unread))
		s.Int("total_count", int64(info.Total))
		s.Int("per_page", int64(info.PerPage))
		s.Int("page", int64(info.Page))
		s.Bool("has_next_page", info.More)
	})
	return nil
}

func (s *shape) notice(n *crm.Notice) {
	content := n.Decode()
	s.Object("")
	s.Int("id", n.ID)
	s.String("kind", n.Kind)
	s.String("message", n.Text(call.Language(s.Request.Header)))
	s.String("entity_type", n.Entity)
	s.Array("entity_ids")
	switch {
	case n.EntityID != 0:
		s.Int("", n.EntityID)
	default:
		for _, id := range content.IDs {
			s.Int("", id)
		}
	}
	s.EndArray()
	s.minute("created_at", n.CreatedAt)
	s.minute("read_at", n.ReadAt)
	s.Bool("is_read", n.ReadAt != 0)
	s.End()
}

// ReadNotice answers PUT /api/v2/notifications/:id/read.
func ReadNotice(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	return c.Service.ReadNotices(c.Context(), c.Caller, []int64{id}, showUnread(c))
}

// ReadNotices answers PUT /api/v2/notifications/read, which marks those of ids.
func ReadNotices(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	ids, err := some(p, "notification", "ids")
	if err != nil {
		return err
	}
	return c.Service.ReadNotices(c.Context(), c.Caller, ids, showUnread(c))
}

// ReadAllNotices answers PUT /api/v2/notifications/read_all.
func ReadAllNotices(c *call.Call) error {
	return c.Service.ReadAllNotices(c.Context(), c.Caller, showUnread(c))
}

func showUnread(c *call.Call) func(int) error {
	return func(unread int) error {
		s := shapes(c)
		s.data(func() { s.Int("unread_count", int64(unread)) })
		return nil
	}
}
