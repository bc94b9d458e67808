// Package blob keeps the bytes of attachments and signs the links that hand
// them out.
//
// A Store keeps whole objects under slash-separated keys such as
// "57/14918/attachment.jpg"; the first part is the organization. The interface
// asks for nothing that an object service cannot give: no appending, no renaming
// and no partial writing. Dir keeps objects in a local folder, S3 in a bucket.
//
// Receive takes an upload: it decides what the file is, cleans its name and
// keeps its bytes. Sweep removes bytes that no row names.
//
// A Signer makes and checks the expiring links under which attachments are
// read without a login. The package serves no requests itself.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ErrNotFound says that no object is kept under the key. Errors of a Store
// wrap it, so callers compare with errors.Is.
var ErrNotFound = errors.New("blob: no such object")

// ErrBadKey says that a key was refused before anything was touched. Errors
// wrap it, so callers compare with errors.Is.
var ErrBadKey = errors.New("blob: bad key")

// ErrUnavailable says that the storage does not answer, or refuses what it
// should not. Errors wrap it, so callers compare with errors.Is.
var ErrUnavailable = errors.New("blob: the storage of files does not answer")

// The limits of a key. They are those that both a common file system and a
// common object service can keep.
const (
	maxKeyBytes  = 1024
	maxPartBytes = 255
)

// Info describes a kept object.
type Info struct {
	// Size is the number of bytes.
	Size int64
	// ModTime is when the object was put, as the store remembers it.
	ModTime time.Time
}

// Store keeps objects under keys. All methods may be called from several
// goroutines at once. Every method refuses a key that CheckKey refuses.
type Store interface {
	// Put keeps everything r gives under the key, replacing what was there,
	// and returns how many bytes that was. The object appears whole or not
	// at all: after an error of r there is no trace of the new bytes. Where
	// the storage itself fails, it can be unknown whether they were kept.
	Put(ctx context.Context, key string, r io.Reader) (size int64, err error)

	// Open gives the object for reading. The caller must close it, and ctx
	// must last until then. When the object is replaced or deleted meanwhile,
	// reading goes on with the old bytes or fails; it never mixes the two.
	// A missing object gives an error that wraps ErrNotFound.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, Info, error)

	// Delete removes the object. Deleting what is not there is no error,
	// because object services do not tell the two cases apart.
	Delete(ctx context.Context, key string) error

	// Stat describes the object without reading it. A missing object gives an
	// error that wraps ErrNotFound.
	Stat(ctx context.Context, key string) (Info, error)

	// Each calls fn for every object, in no promised order, and ends with the
	// first error of fn. Objects that are put or deleted meanwhile may be told
	// or not; fn may delete objects.
	Each(ctx context.Context, fn func(key string, info Info) error) error

	// DropPartial removes what Puts have left behind that were cut off, by the
	// end of their process say, and began before the given time.
	DropPartial(ctx context.Context, before time.Time) error
}

// CheckKey reports whether a key can be used with any Store. A key is one or
// more non-empty parts separated by slashes. It is refused, with an error that
// wraps ErrBadKey, when it is not UTF-8, is too long, holds a control
// character or a backslash, or when a part starts with a dot. The last rule
// covers "." and ".." and leaves dot names free for a store's own files.
func CheckKey(key string) error {
	switch {
	case key == "":
		return fmt.Errorf("%w: it is empty", ErrBadKey)
	case len(key) > maxKeyBytes:
		return fmt.Errorf("%w: it is longer than %d bytes", ErrBadKey, maxKeyBytes)
	case !utf8.ValidString(key):
		return fmt.Errorf("%w: it is not UTF-8", ErrBadKey)
	case strings.ContainsRune(key, '\\'):
		return fmt.Errorf("%w: it holds a backslash", ErrBadKey)
	case strings.ContainsFunc(key, unicode.IsControl):
		return fmt.Errorf("%w: it holds a control character", ErrBadKey)
	}
	for part := range strings.SplitSeq(key, "/") {
		switch {
		case part == "":
			return fmt.Errorf("%w: it has an empty part", ErrBadKey)
		case part[0] == '.':
			return fmt.Errorf("%w: a part starts with a dot", ErrBadKey)
		case len(part) > maxPartBytes:
			return fmt.Errorf("%w: a part is longer than %d bytes", ErrBadKey, maxPartBytes)
		}
	}
	return nil
}
