package service

import (
	"context"
	"math"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

const (
	// allFiles is the limit where there is none.
	allFiles = math.MaxInt32
	// filesOfDetail is how many files a record's detail shows at most.
	filesOfDetail = 100
)

// Files lists the files of a record, the newest first. ErrNotFound where the
// caller does not see the record.
func (s *Service) Files(ctx context.Context, c *Caller, ownerType string, ownerID int64, q *crm.ListQuery) (found []*crm.Attachment,
	page crm.ListPage, err error) {
	err = s.store.View(ctx, c.Org(), func(r *store.Read) error {
		o, err := s.fileOwner(r, c, ownerType, ownerID)
		if err != nil {
			return err
		}
		all, err := s.filesOf(r, c, o, allFiles)
		found, page = pageOf(all, q)
		return err
	})
	return found, page, err
}

// File reads one attachment. ErrNotFound where there is none and where the
// caller may not see it.
func (s *Service) File(ctx context.Context, c *Caller, id int64) (a *crm.Attachment, err error) {
	err = s.store.View(ctx, c.Org(), func(r *store.Read) (err error) {
		a, _, err = s.fileAndOwner(r, c, id)
		return err
	})
	return a, err
}

func (s *Service) fileAndOwner(r *store.Read, c *Caller, id int64) (*crm.Attachment, *fileOwner, error) {
	a, err := r.Attachment(c.Org(), id)
	if err != nil {
		return nil, nil, notFound(err)
	}
	o, err := s.ownerOfFile(r, c, a)
	if err != nil {
		return nil, nil, err
	}
	return a, o, nil
}
