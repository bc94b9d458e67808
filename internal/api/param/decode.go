package param

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// Limits bound what Decode takes from one request. A field that is zero or less stands for its default.
type Limits struct {
	// Body bounds the bytes of a form or JSON body, and of all plain fields of a multipart form together.
	// The default is 1 MiB.
	Body int64
	// Multipart bounds the bytes of a multipart body. The default is 32 MiB.
	Multipart int64
	// Memory bounds the bytes of all uploaded files of a request that stay in memory. What does not fit goes into one
	// temporary file. The default is 1 MiB.
	Memory int64
	// Depth bounds how many objects and lists are nested, the parameters themselves being the first. The default is 32.
	Depth int
	// Items bounds the number of keys and list elements in query and body together. The default is 10,000.
	Items int
	// Key bounds the bytes of a JSON key, of a whole form key with its brackets, and of the name of an uploaded file.
	// The default is 512.
	Key int
	// TempDir is the directory for the temporary file. The default is that of the operating system.
	TempDir string
}

func (l Limits) withDefaults() Limits {
	if l.Body <= 0 {
		l.Body = 1 << 20
	}
	if l.Multipart <= 0 {
		l.Multipart = 32 << 20
	}
	if l.Memory <= 0 {
		l.Memory = 1 << 20
	}
	if l.Depth <= 0 {
		l.Depth = 32
	}
	if l.Items <= 0 {
		l.Items = 10_000
	}
	if l.Key <= 0 {
		l.Key = 512
	}
	return l
}

// decoder is the state of one Decode.
type decoder struct {
	limits Limits
	items  int
	path   []string
}

// count takes account of one more key or element.
func (d *decoder) count() error {
	d.items++
	if d.items > d.limits.Items {
		return tooMany(d.limits.Items)
	}
	return nil
}

// Decode reads the parameters of a request from its query string and from its body, whatever the method. It uses up the
// body. The caller has to Close the result.
//
// The error is an *Error when the request is at fault. Any other error means that an upload could not be kept in a
// temporary file. After an error nothing needs to be closed.
func Decode(r *http.Request, limits Limits) (*Params, error) {
	d := decoder{limits: limits.withDefaults()}
	p := &Params{}
	if r.URL != nil && r.URL.RawQuery != "" {
		if err := d.pairs(&p.root, r.URL.RawQuery); err != nil {
			return nil, err
		}
	}
	if r.Body == nil || r.Body == http.NoBody {
		return p, nil
	}
	withBody := d // Only a decoder of a body has to be on the heap.
	if err := withBody.body(r, p); err != nil {
		_ = p.Close()
		return nil, err
	}
	return p, nil
}

// body reads the body into the parameters.
func (d *decoder) body(r *http.Request, p *Params) error {
	contentType := r.Header.Get("Content-Type")
	media := mediaType(contentType)
	var root node
	if strings.HasPrefix(media, "multipart/") {
		if err := d.multipart(r, contentType, p, &root); err != nil {
			return err
		}
		p.override(root)
		return nil
	}
	text, err := d.read(r)
	if err != nil {
		return err
	}
	start := contentStart(text)
	if start == len(text) {
		return nil
	}
	switch {
	case isJSON(media):
		err = d.json(&root, text)
	case media == "application/x-www-form-urlencoded" && text[start] != '{':
		err = d.form(&root, text)
	case text[start] == '{' || text[start] == '[':
		// JSON under the type of a form, too: command-line clients send it so, and no parameter is called "{".
		err = d.json(&root, text)
	case looksLikeForm(text[start:]):
		err = d.form(&root, text[start:])
	default:
		err = malformed("无法识别请求内容的格式", "the body is neither JSON nor a form")
	}
	if err != nil {
		return err
	}
	p.override(root)
	return nil
}

// override puts the parameters of the body over those of the query.
func (p *Params) override(body node) {
	if len(p.root.entries) == 0 {
		p.root = body
		return
	}
	for _, e := range body.entries {
		p.root.put(e.key, e.val)
	}
}

// read takes the whole body of a form or of JSON.
func (d *decoder) read(r *http.Request) (string, error) {
	limit := d.limits.Body
	if r.ContentLength > limit {
		return "", bodyTooLarge(limit)
	}
	var buf bytes.Buffer
	const firstGrow = 64 << 10 // A client may announce more than it sends.
	if r.ContentLength > 0 {
		buf.Grow(int(min(r.ContentLength, firstGrow)) + bytes.MinRead)
	}
	if _, err := buf.ReadFrom(io.LimitReader(r.Body, limit+1)); err != nil {
		return "", readError(err)
	}
	if int64(buf.Len()) > limit {
		return "", bodyTooLarge(limit)
	}
	return buf.String(), nil
}

// readError is the error for a body that could not be read to its end.
func readError(err error) *Error {
	if tooLong, ok := errors.AsType[*http.MaxBytesError](err); ok {
		e := bodyTooLarge(tooLong.Limit)
		e.cause = err
		return e
	}
	e := malformed("请求内容不完整", "the body could not be read to its end")
	e.cause = err
	return e
}

// mediaType gives the type in lower case without its parameters, of which clients send impossible ones.
func mediaType(contentType string) string {
	if i := strings.IndexAny(contentType, ";,"); i >= 0 {
		contentType = contentType[:i]
	}
	return strings.ToLower(strings.TrimSpace(contentType))
}

func isJSON(media string) bool {
	return media == "application/json" || media == "text/json" || strings.HasSuffix(media, "+json")
}

const byteOrderMark = "\uFEFF"

// contentStart gives the offset of the first byte that is neither in a byte order mark nor blank, or the length of the
// text.
func contentStart(text string) int {
	start := 0
	if strings.HasPrefix(text, byteOrderMark) {
		start = len(byteOrderMark)
	}
	for start < len(text) && isBlank(text[start]) {
		start++
	}
	return start
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// looksLikeForm tells whether a body without a usable Content-Type may be read as a form: it begins with a plausible
// name and an equals sign, and has no control characters before its last line break.
func looksLikeForm(text string) bool {
	text = trimLineEnd(text)
	name, _, found := strings.Cut(text, "=")
	if !found || name == "" || strings.ContainsAny(name, " \t\"'<>{}()") {
		return false
	}
	for i := range len(text) {
		if text[i] < ' ' || text[i] == 0x7f {
			return false
		}
	}
	return true
}

func trimLineEnd(text string) string { return strings.TrimRight(text, "\r\n") }

// checkText refuses strings that could not be stored: invalid UTF-8 and NUL characters.
func checkText(s string) error {
	if !utf8.ValidString(s) {
		return malformed("参数不是有效的 UTF-8 文本", "a name or value is not valid UTF-8")
	}
	if strings.IndexByte(s, 0) >= 0 {
		return nulError()
	}
	return nil
}

func nulError() error {
	return malformed("参数不能包含空字符", "a name or value contains a NUL character")
}
