package service

import (
	"context"
	"io"

	"guanxi/internal/blob"
	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// OpenFile opens the bytes of an attachment. The caller has proved by a signed
// link that it was shown the attachment; ErrNotFound where it is gone.
func (s *Service) OpenFile(ctx context.Context, org, id int64) (*crm.Attachment, io.ReadSeekCloser, blob.Info, error) {
	var a *crm.Attachment
	err := s.store.View(ctx, func(r *store.Read) (err error) {
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
