package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const (
	// partBytes is how much of an object is held in memory while it is sent. A
	// service takes no more than ten thousand parts, 80 GB in all.
	partBytes = 8 << 20
	// tries is how often a request is sent before it has failed.
	tries = 3
	// abortWait is how long the removal of a broken upload may take when the
	// upload's own context is over.
	abortWait = 10 * time.Second
	noUpload  = "NoSuchUpload"
)

// S3 is a Store in a bucket of an S3 service. Several processes may use one
// bucket. Objects outside the prefix of its location are never touched.
type S3 struct {
	core   *minio.Core
	bucket string
	prefix string // empty, or with a slash at its end
	idle   func()
}

var _ Store = (*S3)(nil)

// NewS3 makes a store without asking the service for anything; Check does. The
// credentials are in no error of the store.
func NewS3(l *Location, accessKey, secretKey string) (*S3, error) {
	transport, err := minio.DefaultTransport(!l.Plain)
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	transport.DialContext = (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext
	transport.ResponseHeaderTimeout = 30 * time.Second
	lookup := minio.BucketLookupDNS
	if l.PathStyle {
		lookup = minio.BucketLookupPath
	}
	core, err := minio.NewCore(l.Endpoint, &minio.Options{
		Creds: credentials.NewStaticV4(accessKey, secretKey, ""), Secure: !l.Plain, Transport: transport,
		Region: l.Region, BucketLookup: lookup, MaxRetries: tries,
	})
	if err != nil {
		return nil, errors.New("blob: the endpoint of the storage cannot be used")
	}
	s := &S3{core: core, bucket: l.Bucket, idle: transport.CloseIdleConnections}
	if l.Prefix != "" {
		s.prefix = l.Prefix + "/"
	}
	return s, nil
}

// Close lets idle connections go.
func (s *S3) Close() error {
	s.idle()
	return nil
}

// Check asks the service whether the bucket is there and may be used. An error
// wraps ErrUnavailable.
func (s *S3) Check(ctx context.Context) error {
	there, err := s.core.BucketExists(ctx, s.bucket)
	if err == nil && !there {
		return fmt.Errorf("%w: there is no bucket %q", ErrUnavailable, s.bucket)
	}
	return s.failed(ctx, "look for the bucket", err)
}

// name is the name of an object in the bucket.
func (s *S3) name(ctx context.Context, key string) (string, error) {
	if err := CheckKey(key); err != nil {
		return "", err
	}
	if len(s.prefix)+len(key) > maxKeyBytes {
		return "", fmt.Errorf("%w: with its prefix it is longer than %d bytes", ErrBadKey, maxKeyBytes)
	}
	return s.prefix + key, ctx.Err()
}

// objectOptions keep a bucket that is readable by anybody from serving pages.
var objectOptions = minio.PutObjectOptions{ContentType: octets}

// Put keeps the object as Store describes. What fits into one part is sent at
// once when r has ended. The parts of a longer object become one at the end,
// and are removed when that is not reached.
func (s *S3) Put(ctx context.Context, key string, r io.Reader) (int64, error) {
	name, err := s.name(ctx, key)
	if err != nil {
		return 0, err
	}
	in := &ctxReader{ctx: ctx, r: r}
	var part bytes.Buffer
	size, err := io.CopyN(&part, in, partBytes)
	switch {
	case err == nil:
		return s.putParts(ctx, name, &part, in)
	case err != io.EOF:
		return 0, fmt.Errorf("blob: put: %w", err)
	}
	options := objectOptions
	options.DisableContentSha256 = true // the sum of the whole is sent instead of sums of pieces
	_, err = s.core.PutObject(ctx, s.bucket, name, bytes.NewReader(part.Bytes()), size, "", sum(part.Bytes()), options)
	if err != nil {
		return 0, s.failed(ctx, "put", err)
	}
	return size, nil
}

// putParts sends an object of which the first part is read and r gives the rest.
func (s *S3) putParts(ctx context.Context, name string, part *bytes.Buffer, r io.Reader) (size int64, err error) {
	id, err := s.core.NewMultipartUpload(ctx, s.bucket, name, objectOptions)
	if err != nil {
		return 0, s.failed(ctx, "put", err)
	}
	defer func() {
		if err != nil {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortWait)
			defer cancel()
			_ = s.core.AbortMultipartUpload(ctx, s.bucket, name, id) // else DropPartial removes it
		}
	}()
	var parts []minio.CompletePart
	for n := int64(part.Len()); n > 0; {
		size += n
		sent, err := s.core.PutObjectPart(ctx, s.bucket, name, id, len(parts)+1, bytes.NewReader(part.Bytes()), n,
			minio.PutObjectPartOptions{Sha256Hex: sum(part.Bytes()), DisableContentSha256: true})
		if err != nil {
			return 0, s.failed(ctx, "put", err)
		}
		parts = append(parts, minio.CompletePart{PartNumber: sent.PartNumber, ETag: sent.ETag})
		part.Reset()
		if n, err = io.CopyN(part, r, partBytes); err != nil && err != io.EOF {
			return 0, fmt.Errorf("blob: put: %w", err)
		}
	}
	if _, err = s.core.CompleteMultipartUpload(ctx, s.bucket, name, id, parts, objectOptions); err != nil {
		return 0, s.failed(ctx, "put", err)
	}
	return size, nil
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// Delete removes the object as Store describes.
func (s *S3) Delete(ctx context.Context, key string) error {
	name, err := s.name(ctx, key)
	if err != nil {
		return err
	}
	err = s.failed(ctx, "delete", s.core.RemoveObject(ctx, s.bucket, name, minio.RemoveObjectOptions{}))
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// Stat describes the object as Store describes.
func (s *S3) Stat(ctx context.Context, key string) (Info, error) {
	name, err := s.name(ctx, key)
	if err != nil {
		return Info{}, err
	}
	o, err := s.core.StatObject(ctx, s.bucket, name, minio.StatObjectOptions{})
	if err != nil {
		return Info{}, s.failed(ctx, "stat", err)
	}
	return Info{Size: o.Size, ModTime: o.LastModified}, nil
}

// Each tells the objects as Store describes. Objects in the bucket that no key
// can name are left out.
func (s *S3) Each(ctx context.Context, fn func(key string, info Info) error) error {
	for o := range s.core.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix, Recursive: true}) {
		if o.Err != nil {
			return s.failed(ctx, "list", o.Err)
		}
		key, inside := strings.CutPrefix(o.Key, s.prefix)
		if !inside || CheckKey(key) != nil {
			continue
		}
		if err := fn(key, Info{Size: o.Size, ModTime: o.LastModified}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// DropPartial ends uploads in parts that began before the time.
func (s *S3) DropPartial(ctx context.Context, before time.Time) error {
	key, id := "", ""
	for {
		page, err := s.core.ListMultipartUploads(ctx, s.bucket, s.prefix, key, id, "", 1000)
		if minio.ToErrorResponse(err).Code == noUpload {
			return nil // some services say so where there is none in the bucket
		}
		if err != nil {
			return s.failed(ctx, "list", err)
		}
		for _, u := range page.Uploads {
			if err := s.drop(ctx, u, before); err != nil {
				return err
			}
		}
		if !page.IsTruncated {
			return nil
		}
		key, id = page.NextKeyMarker, page.NextUploadIDMarker
	}
}

func (s *S3) drop(ctx context.Context, u minio.ObjectMultipartInfo, before time.Time) error {
	key, inside := strings.CutPrefix(u.Key, s.prefix)
	if !inside || CheckKey(key) != nil || !u.Initiated.Before(before) {
		return nil
	}
	err := s.core.AbortMultipartUpload(ctx, s.bucket, u.Key, u.UploadID)
	if minio.ToErrorResponse(err).Code == noUpload {
		return nil
	}
	return s.failed(ctx, "drop", err)
}

// failed puts an error of the service into the words of this package. What the
// service says is told by its code and message alone.
func (s *S3) failed(ctx context.Context, what string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("blob: %s: %w", what, ctx.Err())
	}
	var address *url.Error
	answer := minio.ToErrorResponse(err)
	switch {
	case answer.Code == minio.NoSuchKey:
		return ErrNotFound
	case answer.Code != "":
		return fmt.Errorf("%w: %s: %s: %s (HTTP %d)", ErrUnavailable, what, answer.Code, answer.Message, answer.StatusCode)
	case errors.As(err, &address):
		err = address.Err
	}
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, what, err)
}
