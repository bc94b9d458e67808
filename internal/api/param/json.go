package param

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonReader reads one JSON text into the tree. It keeps numbers as text and keys in order, and holds to the limits
// while it reads.
type jsonReader struct {
	d   *decoder
	s   string
	pos int
}

// json reads a body of JSON, which has to be one object, or [] for an empty one.
func (d *decoder) json(root *node, text string) error {
	if !utf8.ValidString(text) {
		return badJSON(invalidAt(text), "invalid UTF-8")
	}
	r := jsonReader{d: d, s: text, pos: contentStart(text)}
	// An empty list stands for no parameters: PHP cannot tell the two apart and sends [].
	if rest := strings.TrimRight(text[r.pos:], " \t\r\n"); len(rest) >= 2 && rest[0] == '[' && strings.Trim(rest[1:len(rest)-1], " \t\r\n") == "" &&
		rest[len(rest)-1] == ']' {
		return nil
	}
	if r.peek() != '{' {
		return malformed("请求内容的 JSON 必须是一个对象", "JSON: the text is not an object")
	}
	if err := r.object(root, 1); err != nil {
		return err
	}
	if r.blanks(); r.pos < len(r.s) {
		return badJSON(r.pos, "more text after the object")
	}
	return nil
}

// invalidAt gives the offset of the first byte that is not valid UTF-8.
func invalidAt(text string) int {
	for i, c := range text {
		if c == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return i
			}
		}
	}
	return len(text)
}

// peek gives the byte at hand, or 0 at the end.
func (r *jsonReader) peek() byte {
	if r.pos < len(r.s) {
		return r.s[r.pos]
	}
	return 0
}

func (r *jsonReader) blanks() {
	for r.pos < len(r.s) && isBlank(r.s[r.pos]) {
		r.pos++
	}
}

// next skips blanks and gives the byte after them.
func (r *jsonReader) next() byte {
	r.blanks()
	return r.peek()
}

func (r *jsonReader) fail(what string) error {
	if r.pos >= len(r.s) {
		what = "unexpected end"
	}
	return badJSON(r.pos, what)
}

// value reads any value that stands inside depth objects and lists.
func (r *jsonReader) value(depth int) (Value, error) {
	switch c := r.next(); {
	case c == '{':
		v := containerValue(KindObject)
		return v, r.object(v.node, depth+1)
	case c == '[':
		v := containerValue(KindList)
		return v, r.list(v.node, depth+1)
	case c == '"':
		s, err := r.text()
		return stringValue(s), err
	case c == '-' || (c >= '0' && c <= '9'):
		return r.number()
	case c == 't':
		return r.word("true", KindBool)
	case c == 'f':
		return r.word("false", KindBool)
	case c == 'n':
		return r.word("null", KindNull)
	default:
		return Value{}, r.fail("unexpected character")
	}
}

// object reads an object whose opening brace is at hand and which is the depth-th container on the way down.
func (r *jsonReader) object(n *node, depth int) error {
	if depth > r.d.limits.Depth {
		return tooDeep(r.d.limits.Depth)
	}
	r.pos++
	if r.next() == '}' {
		r.pos++
		return nil
	}
	for {
		if r.next() != '"' {
			return r.fail("expected a key")
		}
		key, err := r.text()
		if err != nil {
			return err
		}
		if len(key) > r.d.limits.Key {
			return keyTooLong(r.d.limits.Key)
		}
		if r.next() != ':' {
			return r.fail("expected a colon")
		}
		r.pos++
		if err := r.d.count(); err != nil {
			return err
		}
		v, err := r.value(depth)
		if err != nil {
			return err
		}
		n.put(key, v)
		if done, err := r.separator('}'); done || err != nil {
			return err
		}
	}
}

// list reads an array whose opening bracket is at hand and which is the depth-th container on the way down.
func (r *jsonReader) list(n *node, depth int) error {
	if depth > r.d.limits.Depth {
		return tooDeep(r.d.limits.Depth)
	}
	r.pos++
	if r.next() == ']' {
		r.pos++
		return nil
	}
	for {
		if err := r.d.count(); err != nil {
			return err
		}
		v, err := r.value(depth)
		if err != nil {
			return err
		}
		n.appendItem(v)
		if done, err := r.separator(']'); done || err != nil {
			return err
		}
	}
}

// separator reads a comma, or the end of an object or list and reports that it is done.
func (r *jsonReader) separator(end byte) (done bool, err error) {
	switch r.next() {
	case end:
		r.pos++
		return true, nil
	case ',':
		r.pos++
		return false, nil
	default:
		return false, r.fail("expected a comma or the end of the object or list")
	}
}

func (r *jsonReader) word(word string, kind Kind) (Value, error) {
	for i := range len(word) {
		if r.peek() != word[i] {
			return Value{}, r.fail("unexpected character")
		}
		r.pos++
	}
	if kind == KindNull {
		return Value{kind: KindNull}, nil
	}
	return Value{kind: kind, text: word}, nil
}

func (r *jsonReader) number() (Value, error) {
	start := r.pos
	if r.peek() == '-' {
		r.pos++
	}
	if r.peek() == '0' {
		r.pos++
	} else if !r.digits() {
		return Value{}, r.fail("expected a digit")
	}
	if r.peek() == '.' {
		r.pos++
		if !r.digits() {
			return Value{}, r.fail("expected a digit")
		}
	}
	if c := r.peek(); c == 'e' || c == 'E' {
		r.pos++
		if c := r.peek(); c == '+' || c == '-' {
			r.pos++
		}
		if !r.digits() {
			return Value{}, r.fail("expected a digit")
		}
	}
	return Value{kind: KindNumber, text: r.s[start:r.pos]}, nil
}

// digits skips digits and reports whether there was one.
func (r *jsonReader) digits() bool {
	start := r.pos
	for c := r.peek(); c >= '0' && c <= '9'; c = r.peek() {
		r.pos++
	}
	return r.pos > start
}

// text reads a string whose opening quote is at hand. A string without escapes shares the memory of the body.
func (r *jsonReader) text() (string, error) {
	r.pos++
	start := r.pos
	var out []byte
	for r.pos < len(r.s) {
		switch c := r.s[r.pos]; {
		case c == '"':
			s := r.s[start:r.pos]
			r.pos++
			if out != nil {
				return string(append(out, s...)), nil
			}
			return s, nil
		case c == '\\':
			if out == nil {
				out = make([]byte, 0, r.pos-start+64)
			}
			out = append(out, r.s[start:r.pos]...)
			c, err := r.escape()
			if err != nil {
				return "", err
			}
			out = utf8.AppendRune(out, c)
			start = r.pos
		case c < ' ':
			return "", r.fail("control character in a string")
		default:
			r.pos++
		}
	}
	return "", r.fail("unexpected end")
}

// escape reads an escape whose backslash is at hand.
func (r *jsonReader) escape() (rune, error) {
	r.pos++
	c := r.peek()
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return r.unicode()
	default:
		return 0, r.fail("unknown escape")
	}
	r.pos++
	return rune(c), nil
}

// unicode reads one or two escapes of four hexadecimal digits that make up a character, with the first u at hand.
func (r *jsonReader) unicode() (rune, error) {
	start := r.pos
	c, ok := r.fourDigits()
	if !ok {
		return 0, r.fail("expected four hexadecimal digits")
	}
	if c == 0 {
		return 0, nulError()
	}
	if !utf16.IsSurrogate(c) {
		return c, nil
	}
	if r.peek() == '\\' {
		r.pos++
		if low, ok := r.fourDigits(); ok {
			if full := utf16.DecodeRune(c, low); full != utf8.RuneError {
				return full, nil
			}
		}
	}
	return 0, badJSON(start, "half of a surrogate pair")
}

// fourDigits reads a u and four hexadecimal digits. It may stop in the midst of them.
func (r *jsonReader) fourDigits() (rune, bool) {
	if r.peek() != 'u' {
		return 0, false
	}
	r.pos++
	var c rune
	for range 4 {
		digit := hexDigit(r.peek())
		if digit < 0 {
			return 0, false
		}
		c = c<<4 | rune(digit)
		r.pos++
	}
	return c, true
}
