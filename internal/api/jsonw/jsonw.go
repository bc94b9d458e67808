// Package jsonw writes JSON by appending to one buffer, in the order in which
// it is told. The compatible API fixes the order of keys and mixes several
// shapes of the same thing, so an answer is written by a function that reads
// like the answer; nothing is reflected upon and nothing allocated.
package jsonw

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// Writer appends to B. The zero Writer is ready. An empty key means an element
// of an array (or the top); commas are set where they belong.
type Writer struct{ B []byte }

func (w *Writer) key(k string) {
	b := w.B
	if n := len(b); n > 0 {
		if c := b[n-1]; c != '{' && c != '[' && c != ':' {
			b = append(b, ',')
		}
	}
	if k != "" {
		b = append(b, '"')
		b = append(b, k...) // keys are ours or checked names: nothing to escape
		b = append(b, '"', ':')
	}
	w.B = b
}

// Object opens an object; End closes it.
func (w *Writer) Object(k string) { w.key(k); w.B = append(w.B, '{') }

// End closes the innermost object.
func (w *Writer) End() { w.B = append(w.B, '}') }

// Array opens an array; EndArray closes it.
func (w *Writer) Array(k string) { w.key(k); w.B = append(w.B, '[') }

// EndArray closes the innermost array.
func (w *Writer) EndArray() { w.B = append(w.B, ']') }

// Fixed writes members that are the same in every answer, as they go out:
// Fixed(`"mode":"compat","time_format":"ruby"`).
func (w *Writer) Fixed(members string) {
	w.key("")
	w.B = append(w.B, members...)
}

// Null writes null.
func (w *Writer) Null(k string) { w.key(k); w.B = append(w.B, "null"...) }

// Raw writes JSON that is already encoded.
func (w *Writer) Raw(k, json string) { w.key(k); w.B = append(w.B, json...) }

// Int writes an integer.
func (w *Writer) Int(k string, v int64) { w.key(k); w.B = strconv.AppendInt(w.B, v, 10) }

// Bool writes true or false.
func (w *Writer) Bool(k string, v bool) { w.key(k); w.B = strconv.AppendBool(w.B, v) }

// Float writes a number that always shows a fraction (0.0, 121.42799), since
// clients read it into a floating type.
func (w *Writer) Float(k string, v float64) {
	w.key(k)
	w.B = AppendFloat(w.B, v)
	if v == math.Trunc(v) {
		w.B = append(w.B, '.', '0')
	}
}

// AppendFloat writes the shortest digits that read back as v, never with an
// exponent.
func AppendFloat(b []byte, v float64) []byte { return strconv.AppendFloat(b, v, 'f', -1, 64) }

// String writes a text.
func (w *Writer) String(k, v string) {
	w.key(k)
	b := append(w.B, '"')
	if v != "" {
		b = AppendEscaped(b, v)
	}
	w.B = append(b, '"')
}

// Quote opens a text whose content is appended by the caller with
// AppendEscaped or as plain safe bytes; Unquote closes it.
func (w *Writer) Quote(k string) { w.key(k); w.B = append(w.B, '"') }

// Unquote closes a text.
func (w *Writer) Unquote() { w.B = append(w.B, '"') }

// AppendEscaped appends a text as the inside of a JSON string: quotes,
// backslashes, control characters and the two line separators that JavaScript
// minds are escaped, invalid UTF-8 becomes U+FFFD, all else stays as it is.
func AppendEscaped(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= 0x20 && c != '"' && c != '\\' {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, '\\', 'n')
			case '\r':
				b = append(b, '\\', 'r')
			case '\t':
				b = append(b, '\\', 't')
			default:
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			i++
			start = i
			continue
		}
		// Most of what is not ASCII here is Chinese: three bytes that need no
		// look at their value.
		if c >= 0xe3 && c <= 0xec && i+2 < len(s) && s[i+1]&0xc0 == 0x80 && s[i+2]&0xc0 == 0x80 {
			i += 3
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b = append(b, s[start:i]...)
			b = append(b, `\ufffd`...)
			start = i + 1
		case r == '\u2028' || r == '\u2029':
			b = append(b, s[start:i]...)
			b = append(b, '\\', 'u', '2', '0', '2', hex[r&15])
			start = i + n
		}
		i += n
	}
	return append(b, s[start:]...)
}
