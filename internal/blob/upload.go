package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"guanxi/internal/picture"
)

var (
	// ErrUploadTooLarge says that an upload has more bytes than are allowed.
	ErrUploadTooLarge = errors.New("blob: the upload is too large")
	// ErrRefusedType says that an upload is a program, by its name or by what
	// it holds.
	ErrRefusedType = errors.New("blob: files of this type are refused")
)

// Upload is an uploaded file whose bytes are kept.
type Upload struct {
	Key string
	// Name is the file's name as CleanName gives it.
	Name string
	// ContentType was found out from the bytes and the name together.
	ContentType string
	Size        int64
	// SHA256 is the checksum in hex.
	SHA256 string
	// Width and Height are those of a JPEG, PNG, GIF or WebP picture, in
	// pixels before it is turned upright, and 0 for every other file.
	Width, Height int
}

// maxPictureHead is how far into a picture its size is looked for. Cameras put
// previews and colour profiles before it.
const maxPictureHead = 1 << 20

// headBytes is how much of a file is looked at to see what it is.
const headBytes = 4096

// Receive keeps what r gives, under a new key of the organization, and says
// what it is. The name is the client's; what the client says of the type is not
// asked for. When it fails nothing is kept.
//
// The error wraps ErrUploadTooLarge for more than limit bytes, ErrRefusedType
// for a program, and picture.ErrTooLarge for a picture of more pixels than the
// program would ever decode; nothing is decoded here. Every other error is one
// of r or of the store.
//
// The caller writes the row that names the key afterwards. Where that fails, it
// should delete the object; where it cannot, Sweep does.
func Receive(ctx context.Context, s Store, org int64, name string, r io.Reader, limit int64) (*Upload, error) {
	u := &Upload{Key: NewKey(org), Name: CleanName(name)}
	if refusedName(u.Name) {
		return nil, ErrRefusedType
	}
	in := io.Reader(&capped{r: r, left: limit})
	head := make([]byte, headBytes)
	n, err := io.ReadFull(in, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	head = head[:n]
	if isProgram(head) {
		return nil, ErrRefusedType
	}
	in = io.MultiReader(bytes.NewReader(head), in)
	u.ContentType = typeOf(head, extension(u.Name))
	if isPicture(u.ContentType) {
		if in, err = u.measure(in); err != nil {
			return nil, err
		}
	}
	hash := sha256.New()
	if u.Size, err = s.Put(ctx, u.Key, io.TeeReader(in, hash)); err != nil {
		return nil, err
	}
	u.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return u, nil
}

// measure notes the size of a picture and gives the whole picture again. What
// only begins like a picture is a file of no known type.
func (u *Upload) measure(in io.Reader) (io.Reader, error) {
	var seen bytes.Buffer
	width, height, err := picture.Measure(io.LimitReader(io.TeeReader(in, &seen), maxPictureHead))
	switch {
	case err == nil:
		u.Width, u.Height = width, height
	case errors.Is(err, picture.ErrNotPicture):
		u.ContentType = octets
	default:
		return nil, err
	}
	return io.MultiReader(&seen, in), nil
}

// capped fails where a reader gives more bytes than are allowed.
type capped struct {
	r    io.Reader
	left int64
}

func (c *capped) Read(p []byte) (int, error) {
	if c.left < 0 {
		return 0, ErrUploadTooLarge
	}
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.r.Read(p)
	c.left -= int64(n)
	if c.left < 0 {
		return n - 1, ErrUploadTooLarge
	}
	return n, err
}
