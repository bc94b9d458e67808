package blob

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/minio/minio-go/v7"
)

// object is an object of a bucket that is being read. The service is asked anew
// where reading does not go on at the place where it was.
type object struct {
	s    *S3
	ctx  context.Context
	name string
	etag string
	size int64

	at     int64         // where the next Read reads
	body   io.ReadCloser // nil after an error, and when closed
	bodyAt int64         // where body reads
}

var errSeek = errors.New("blob: seek to a place that is not there")

// Open gives the object as Store describes. Nothing of it is kept in memory
// beyond what the connection holds.
func (s *S3) Open(ctx context.Context, key string) (io.ReadSeekCloser, Info, error) {
	name, err := s.name(ctx, key)
	if err != nil {
		return nil, Info{}, err
	}
	body, info, _, err := s.core.GetObject(ctx, s.bucket, name, minio.GetObjectOptions{})
	if err != nil {
		return nil, Info{}, s.failed(ctx, "open", err)
	}
	o := &object{s: s, ctx: ctx, name: name, etag: info.ETag, size: info.Size, body: body}
	return o, Info{Size: info.Size, ModTime: info.LastModified}, nil
}

func (o *object) Read(p []byte) (int, error) {
	if o.at >= o.size {
		return 0, io.EOF
	}
	if o.body == nil || o.bodyAt != o.at {
		if err := o.reopen(); err != nil {
			return 0, err
		}
	}
	n, err := o.body.Read(p)
	o.at += int64(n)
	o.bodyAt += int64(n)
	switch {
	case err == io.EOF && o.at < o.size:
		return n, o.s.failed(o.ctx, "read", io.ErrUnexpectedEOF)
	case err == nil, err == io.EOF:
		return n, err
	}
	return n, o.s.failed(o.ctx, "read", err)
}

// reopen asks for the rest of the object from the place where reading goes on.
func (o *object) reopen() error {
	if err := o.Close(); err != nil {
		return o.s.failed(o.ctx, "read", err)
	}
	var options minio.GetObjectOptions
	err := options.SetMatchETag(o.etag)
	if err == nil && o.at > 0 {
		err = options.SetRange(o.at, 0)
	}
	if err != nil {
		return o.s.failed(o.ctx, "read", err)
	}
	body, info, _, err := o.s.core.GetObject(o.ctx, o.s.bucket, o.name, options)
	if err != nil {
		return o.s.failed(o.ctx, "read", err)
	}
	if info.ETag != o.etag { // a service that does not know the condition
		body.Close()
		return fmt.Errorf("%w: read: the object was replaced meanwhile", ErrUnavailable)
	}
	o.body, o.bodyAt = body, o.at
	return nil
}

// Seek asks the service for nothing.
func (o *object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += o.at
	case io.SeekEnd:
		offset += o.size
	default:
		return 0, errSeek
	}
	if offset < 0 {
		return 0, errSeek
	}
	o.at = offset
	return offset, nil
}

func (o *object) Close() error {
	if o.body == nil {
		return nil
	}
	body := o.body
	o.body = nil
	return body.Close()
}
