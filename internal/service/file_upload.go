package service

import (
	"context"
	"errors"
	"io"
	"strconv"
	"time"

	"guanxi/internal/blob"
	"guanxi/internal/crm"
	"guanxi/internal/picture"
	"guanxi/internal/store"
)

// Upload is a file as a client sends it. Its name and size are what the client
// says.
type Upload struct {
	Name    string
	Size    int64
	Content io.Reader
}

// upload keeps the bytes of files and lets fn write their rows in one
// transaction; fn is given rows that lack nothing but the record they belong to,
// anew for each try. The bytes come first and the rows second, so that no row is
// ever without bytes; where the rows are not written, the bytes go again, and
// SweepFiles removes what is left behind by a crash.
func (s *Service) upload(ctx context.Context, c *Caller, uploads []Upload, fn func(w *store.Write, files []*crm.Attachment) error) error {
	for _, u := range uploads {
		if u.Size > s.settings.UploadLimit {
			return s.refusedUpload(blob.ErrUploadTooLarge)
		}
	}
	first, err := s.store.TakeIDs(ctx, c.Org(), store.Attachments, len(uploads))
	if err != nil {
		return err
	}
	received := make([]*blob.Upload, 0, len(uploads))
	for _, u := range uploads {
		one, err := blob.Receive(ctx, s.blobs, c.Org(), u.Name, u.Content, s.settings.UploadLimit)
		if err != nil {
			s.dropBytes(ctx, keysOf(received)...)
			return s.refusedUpload(err)
		}
		received = append(received, one)
	}
	replayed, unwatch := c.watchReplay()
	defer unwatch()
	err = s.write(ctx, c, func(w *store.Write) error { return fn(w, s.uploadedRows(c, received, first)) })
	switch {
	case errors.Is(err, store.ErrUnknownOutcome): // the rows may be there: what is not named is swept away
	case err != nil, *replayed:
		s.dropBytes(ctx, keysOf(received)...)
	}
	return err
}

// uploadedRows are the rows of uploads that belong to nothing yet.
func (s *Service) uploadedRows(c *Caller, received []*blob.Upload, first int64) []*crm.Attachment {
	now := crm.At(s.now())
	files := make([]*crm.Attachment, len(received))
	for i, u := range received {
		files[i] = &crm.Attachment{ID: first + int64(i), Name: u.Name, FileName: u.Name, ContentType: u.ContentType, Size: u.Size,
			Digest: u.SHA256, Width: u.Width, Height: u.Height, UserID: c.Viewer.User.ID, Key: u.Key, CreatedAt: now, UpdatedAt: now}
	}
	return files
}

func keysOf(received []*blob.Upload) (keys []string) {
	for _, u := range received {
		keys = append(keys, u.Key)
	}
	return keys
}

// watchReplay tells whether the write that follows got the answer of an earlier
// one and wrote nothing. Its second answer ends the watch.
func (c *Caller) watchReplay() (replayed *bool, end func()) {
	replayed = new(bool)
	act := c.Act
	if act == nil {
		return replayed, func() {}
	}
	watched := *act
	watched.Begin = func() {
		*replayed = false
		act.Begin()
	}
	watched.Replay = func(answer string) {
		*replayed = true
		act.Replay(answer)
	}
	c.Act = &watched
	return replayed, func() { c.Act = act }
}

// dropWait is how long it may take to remove bytes when the call is over.
const dropWait = 10 * time.Second

// dropBytes removes bytes that no row names. What cannot be removed now is
// swept away later.
func (s *Service) dropBytes(ctx context.Context, keys ...string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropWait)
	defer cancel()
	for _, key := range keys {
		if err := s.blobs.Delete(ctx, key); err != nil {
			s.log.Warn("bytes of a file are left to be swept away", "error", err.Error())
			return
		}
	}
}

// refusedUpload is what a caller is told of an upload that is not taken.
func (s *Service) refusedUpload(err error) error {
	switch {
	case errors.Is(err, blob.ErrUploadTooLarge):
		size := sizeText(s.settings.UploadLimit)
		return crm.Invalid("文件不能超过"+size, "A file must not be larger than "+size)
	case errors.Is(err, blob.ErrRefusedType):
		return crm.Invalid("不能上传程序文件", "Programs cannot be uploaded")
	case errors.Is(err, picture.ErrTooLarge):
		return crm.Invalid("图片的像素过多", "The picture has too many pixels")
	}
	return err
}

// sizeText writes a number of bytes in the largest unit that it is a multiple of.
func sizeText(n int64) string {
	units := []string{"B", "KB", "MB", "GB"}
	for n >= 1024 && n%1024 == 0 && len(units) > 1 {
		n, units = n/1024, units[1:]
	}
	return strconv.FormatInt(n, 10) + units[0]
}

// sweepAge is how old bytes without a row must be to be swept away: longer than
// any upload lasts.
const sweepAge = 24 * time.Hour

// SweepFiles removes bytes that no attachment names: of uploads that were cut
// off, and of files that were deleted with their record. It is a chore of the
// installation.
func (s *Service) SweepFiles(ctx context.Context) error {
	done, err := blob.Sweep(ctx, s.blobs, s.now().Add(-sweepAge), func(ctx context.Context, org int64, keys []string) (map[string]bool, error) {
		var named map[string]bool
		err := s.store.Latest(ctx, org, func(r *store.Read) (err error) {
			named, err = r.NamedKeys(org, keys)
			return err
		})
		return named, err
	})
	if done.Removed > 0 {
		s.log.Info("files that nothing names were swept away", "files", done.Removed, "bytes", done.Bytes)
	}
	return err
}
