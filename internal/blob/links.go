package blob

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"hash"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// LinkPrefix starts the path of every link that a Signer makes.
const LinkPrefix = "/attachments/files/"

// DefaultLife is how long a link works, counted from the start of the hour in
// which it was made.
const DefaultLife = 24 * time.Hour

// MinKeyBytes is the shortest key that NewSigner takes.
const MinKeyBytes = 16

var (
	// ErrBadLink says that a token was not made by this key for this
	// attachment, or was changed afterwards.
	ErrBadLink = errors.New("blob: bad link")
	// ErrExpiredLink says that a token is genuine and its time is over.
	ErrExpiredLink = errors.New("blob: expired link")
	// ErrShortKey says that a key has fewer than MinKeyBytes bytes.
	ErrShortKey = errors.New("blob: the signing key is too short")
)

// The domains keep a signature made for one use from passing in another. The
// number is raised when the signed text changes its form.
const (
	linkDomain = "guanxi/link/1\x00"
	textDomain = "guanxi/text/1\x00"
)

const (
	sigBytes      = 16
	maxTokenBytes = 20 + 1 + 13 + 1 + 22 // The longest numbers and a signature.
	maxNameBytes  = 255
	secondsInHour = 3600
	upperHex      = "0123456789ABCDEF"
)

// Signer makes and checks expiring links. It may be used from several
// goroutines at once, as long as Life is not changed after the first use.
//
// The signature stands in the path and covers neither the file name nor the
// query, so that anybody can append a picture suffix to a link.
type Signer struct {
	// Life is how long a link works, counted from the start of the clock hour
	// in which it was made. NewSigner sets it to DefaultLife. It should be
	// longer than an hour, or links made late in an hour are dead at birth.
	Life time.Duration

	macs sync.Pool // Of *mac, each with the key already absorbed.
}

// mac is one HMAC state with its scratch space.
type mac struct {
	h   hash.Hash
	in  []byte
	sum []byte
}

// NewSigner makes a Signer with a copy of the key. Every server that must
// accept the links of another needs the same key. A key of fewer than
// MinKeyBytes bytes gives ErrShortKey.
func NewSigner(key []byte) (*Signer, error) {
	if len(key) < MinKeyBytes {
		return nil, ErrShortKey
	}
	key = append([]byte(nil), key...)
	s := &Signer{Life: DefaultLife}
	s.macs.New = func() any {
		return &mac{
			h:   hmac.New(sha256.New, key),
			in:  make([]byte, 0, 128),
			sum: make([]byte, 0, sha256.Size),
		}
	}
	return s, nil
}

// Path gives the link of an attachment:
//
//	/attachments/files/<attachmentID>/<token>/<escaped name>
//
// The same arguments give the same link within one clock hour, so that
// browsers and caches can reuse the picture. The identifiers must not be
// negative; a link with a negative one never verifies. The name is decoration
// and is not verified: slashes, backslashes and control characters in it
// become underscores, and a name that a router would rewrite becomes "file".
func (s *Signer) Path(now time.Time, orgID, attachmentID int64, name string) string {
	var buf [192]byte
	return string(s.AppendPath(buf[:0], now, orgID, attachmentID, name))
}

// AppendPath appends what Path returns to dst and returns the longer slice. It
// allocates nothing when dst has room.
func (s *Signer) AppendPath(dst []byte, now time.Time, orgID, attachmentID int64, name string) []byte {
	dst = append(dst, LinkPrefix...)
	dst = strconv.AppendInt(dst, attachmentID, 10)
	dst = append(dst, '/')
	dst = s.appendToken(dst, orgID, attachmentID, s.expiry(now))
	dst = append(dst, '/')
	return appendName(dst, name)
}

// Verify checks the token of a link for an attachment and gives the
// organisation it was made for. The error is ErrBadLink or ErrExpiredLink; the
// latter is only said of a genuine token. The caller must still look up that
// the attachment exists.
func (s *Signer) Verify(now time.Time, attachmentID int64, token string) (orgID int64, err error) {
	if len(token) > maxTokenBytes {
		return 0, ErrBadLink
	}
	org, rest, ok := strings.Cut(token, "-")
	if !ok {
		return 0, ErrBadLink
	}
	exp, _, ok := strings.Cut(rest, "-")
	if !ok {
		return 0, ErrBadLink
	}
	orgID, err = strconv.ParseInt(org, 10, 64)
	if err != nil {
		return 0, ErrBadLink
	}
	expiry, err := strconv.ParseInt(exp, 36, 64)
	if err != nil {
		return 0, ErrBadLink
	}
	// The whole token is compared and not only its signature. This refuses
	// other spellings of the same numbers as well.
	var buf [maxTokenBytes]byte
	want := s.appendToken(buf[:0], orgID, attachmentID, expiry)
	var got [maxTokenBytes]byte
	if subtle.ConstantTimeCompare(want, got[:copy(got[:], token)]) != 1 {
		return 0, ErrBadLink
	}
	if now.Unix() >= expiry {
		return 0, ErrExpiredLink
	}
	return orgID, nil
}

// SignText gives a signature of any text, 22 characters that need no escaping
// in a link. It does not expire, and is never valid as part of an attachment
// link. A caller with several uses should start the text with the use's name.
func (s *Signer) SignText(text string) string {
	var buf [32]byte
	return string(s.appendTextSig(buf[:0], text))
}

// VerifyText says whether sig is what SignText gives for the text.
func (s *Signer) VerifyText(text, sig string) bool {
	var buf [32]byte
	want := s.appendTextSig(buf[:0], text)
	return subtle.ConstantTimeCompare(want, []byte(sig)) == 1
}

// expiry is when a link that is made now stops working, in Unix seconds.
func (s *Signer) expiry(now time.Time) int64 {
	t := now.Unix()
	return t - t%secondsInHour + int64(s.Life/time.Second)
}

func (s *Signer) appendToken(dst []byte, orgID, attachmentID, expiry int64) []byte {
	dst = strconv.AppendInt(dst, orgID, 10)
	dst = append(dst, '-')
	dst = strconv.AppendInt(dst, expiry, 36)
	dst = append(dst, '-')

	m := s.macs.Get().(*mac)
	m.in = append(m.in[:0], linkDomain...)
	m.in = strconv.AppendInt(m.in, orgID, 10)
	m.in = append(m.in, '/')
	m.in = strconv.AppendInt(m.in, attachmentID, 10)
	m.in = append(m.in, '/')
	m.in = strconv.AppendInt(m.in, expiry, 10)
	dst = m.appendSig(dst)
	s.macs.Put(m)
	return dst
}

func (s *Signer) appendTextSig(dst []byte, text string) []byte {
	m := s.macs.Get().(*mac)
	m.in = append(m.in[:0], textDomain...)
	m.in = append(m.in, text...)
	dst = m.appendSig(dst)
	s.macs.Put(m)
	return dst
}

// appendSig appends the shortened and encoded HMAC of m.in.
func (m *mac) appendSig(dst []byte) []byte {
	m.h.Reset()
	m.h.Write(m.in) // A hash never returns an error.
	m.sum = m.h.Sum(m.sum[:0])
	return base64.RawURLEncoding.AppendEncode(dst, m.sum[:sigBytes])
}

// appendName appends the name in its escaped form, cut at maxNameBytes between
// two characters.
func appendName(dst []byte, name string) []byte {
	if name == "" || name == "." || name == ".." {
		name = "file"
	}
	if n := maxNameBytes; len(name) > n {
		for n > maxNameBytes-utf8.UTFMax && !utf8.RuneStart(name[n]) {
			n--
		}
		name = name[:n]
	}
	for i := range len(name) {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '-', c == '_', c == '.', c == '~':
			dst = append(dst, c)
		case c == '/', c == '\\', c < 0x20, c == 0x7f:
			dst = append(dst, '_')
		default:
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}
