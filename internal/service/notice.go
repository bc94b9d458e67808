package service

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// tell leaves a notice for a user about a record, unless the user is the one
// who does it. The record is named, for it may be gone when the notice is read.
func (s *Service) tell(w *store.Write, c *Caller, user int64, kind, entity string, id int64, name string) error {
	if user == 0 || user == c.Viewer.User.ID {
		return nil
	}
	return s.tellAbout(w, user, kind, entity, id, crm.NoticeContent{Name: name, By: c.Viewer.User.Name})
}

func (s *Service) tellAbout(w *store.Write, user int64, kind, entity string, id int64, content crm.NoticeContent) error {
	return addNotice(w, crm.At(s.now()), user, kind, entity, id, content)
}

func addNotice(w *store.Write, at crm.Time, user int64, kind, entity string, id int64, content crm.NoticeContent) error {
	b, err := json.Marshal(content)
	if err != nil {
		return err
	}
	n, err := w.TakeIDs(store.Notices, 1)
	if err != nil {
		return err
	}
	return w.AddNotice(&crm.Notice{ID: n, UserID: user, Kind: kind, Entity: entity, EntityID: id, Content: string(b), CreatedAt: at})
}

// named is a record that people are told of.
type named struct {
	id   int64
	name string
}

// tellEach leaves each user one notice about the records that the user is to
// be told of, however many; the caller is told nothing.
func (s *Service) tellEach(w *store.Write, c *Caller, kind, entity string, of map[int64][]named, content crm.NoticeContent) error {
	content.By = c.Viewer.User.Name
	for _, user := range slices.Sorted(maps.Keys(of)) {
		if user == 0 || user == c.Viewer.User.ID {
			continue
		}
		told, about := content, int64(0)
		if all := of[user]; len(all) == 1 {
			told.Name, about = all[0].name, all[0].id
		} else {
			for _, r := range all {
				told.Names, told.IDs = append(told.Names, r.name), append(told.IDs, r.id)
			}
		}
		if err := s.tellAbout(w, user, kind, entity, about, told); err != nil {
			return err
		}
	}
	return nil
}

// Notices lists the caller's own notices, newest first, all or the unread ones
// alone, and says how many are unread.
func (s *Service) Notices(ctx context.Context, c *Caller, unreadOnly bool, page, perPage int) (found []crm.Notice, p crm.ListPage, unread int, err error) {
	org, user := c.Org(), c.Viewer.User.ID
	p = crm.ListPage{Page: page, PerPage: perPage}
	// Marking as read moves no version, so the latest is asked for.
	err = s.store.Latest(ctx, org, func(r *store.Read) (err error) {
		if p.Total, unread, err = r.CountNotices(org, user); err != nil {
			return err
		}
		if unreadOnly {
			p.Total = unread
		}
		from := min(int64(page-1)*int64(perPage), int64(p.Total))
		found, err = r.Notices(org, user, unreadOnly, int(from), perPage)
		p.More = from+int64(len(found)) < int64(p.Total)
		return err
	})
	return found, p, unread, err
}

// ReadNotices marks notices of the caller as read and shows how many are not;
// one that is read stays so. ErrNotFound, and nothing is marked, where one of
// them is not the caller's.
func (s *Service) ReadNotices(ctx context.Context, c *Caller, ids []int64, show func(unread int) error) error {
	if len(ids) == 0 {
		return crm.Required(crm.FieldLabel("", "ids"))
	}
	return s.markRead(ctx, c, show, func(w *store.Write) (marked bool, err error) {
		for _, id := range sortedSet(ids) {
			one, err := w.ReadNotice(c.Viewer.User.ID, id, crm.At(s.now()))
			if err != nil {
				return false, notFound(err)
			}
			marked = marked || one
		}
		return marked, nil
	})
}

// ReadAllNotices marks all notices of the caller as read.
func (s *Service) ReadAllNotices(ctx context.Context, c *Caller, show func(unread int) error) error {
	return s.markRead(ctx, c, show, func(w *store.Write) (bool, error) {
		n, err := w.ReadNotices(c.Viewer.User.ID, crm.At(s.now()))
		return n > 0, err
	})
}

func (s *Service) markRead(ctx context.Context, c *Caller, show func(unread int) error, mark func(*store.Write) (bool, error)) error {
	return s.write(ctx, c, func(w *store.Write) error {
		w.Quiet()
		marked, err := mark(w)
		if err != nil {
			return err
		}
		if !marked {
			w.Nothing()
		} else if err := s.note(w, c, "notification", c.Viewer.User.ID, "read", nil, nil); err != nil {
			return err
		}
		_, unread, err := w.CountNotices(c.Org(), c.Viewer.User.ID)
		if err != nil {
			return err
		}
		return show(unread)
	})
}
