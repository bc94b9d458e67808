package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"

	"guanxi/internal/api/call"
)

// etags makes strong ETags without looking at the answer: everything that an
// answer depends on is part of the tag. The organization's version moves with
// every committed change, of records as of permissions; the caller, the
// question and the host stand in it as they came; the hour, because signed
// links change with it; the build, because the shape may. The secret keeps
// anybody from making a tag for a question whose answer was never shown. The
// version stands before the hash in clear, for If-Match.
type etags struct{ secret []byte }

func newETags(instance, build string) *etags {
	sum := sha256.Sum256([]byte("guanxi/etag/1\x00" + instance + "\x00" + build))
	return &etags{secret: sum[:]}
}

func (e *etags) of(c *call.Call) string {
	var room [512]byte
	b := append(room[:0], e.secret...)
	b = binary.BigEndian.AppendUint64(b, uint64(c.Caller.Org()))
	b = binary.BigEndian.AppendUint64(b, uint64(c.Caller.Version))
	b = binary.BigEndian.AppendUint64(b, uint64(c.Caller.Epoch))
	b = binary.BigEndian.AppendUint64(b, uint64(c.Caller.Viewer.User.ID))
	b = binary.BigEndian.AppendUint64(b, uint64(call.Hour(c.Now)))
	for _, part := range []string{c.Base, c.Request.URL.Path, c.Request.URL.RawQuery} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(part)))
		b = append(b, part...)
	}
	sum := sha256.Sum256(b)
	var out [48]byte
	tag := strconv.AppendInt(append(out[:0], '"'), c.Caller.Version, 36)
	tag = base64.RawURLEncoding.AppendEncode(append(tag, '.'), sum[:16])
	return string(append(tag, '"'))
}

// fixed is the tag of an answer that depends on nothing but the question and the
// build.
func (e *etags) fixed(c *call.Call) string {
	b := append([]byte("fixed\x00"), e.secret...)
	b = append(b, c.Request.URL.Path+"\x00"+c.Request.URL.RawQuery...)
	sum := sha256.Sum256(b)
	return `"0.` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}

// versionOf reads out of a tag the organization's version at which its answer
// was made: If-Match asks whether the record has changed since.
func versionOf(tag string) (int64, bool) {
	tag = strings.Trim(strings.TrimPrefix(strings.TrimSpace(tag), "W/"), `"`)
	number, _, ok := strings.Cut(tag, ".")
	v, err := strconv.ParseInt(number, 36, 64)
	return v, ok && err == nil && v > 0
}

// matches compares as RFC 9110 wants it for GET: weakly, any of a list. "*" is
// not taken, since the answer may be a refusal.
func matches(headers []string, tag string) bool {
	for _, h := range headers {
		if h == tag {
			return true
		}
		for part := range strings.SplitSeq(h, ",") {
			if strings.TrimPrefix(strings.TrimSpace(part), "W/") == tag {
				return true
			}
		}
	}
	return false
}
