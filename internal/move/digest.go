package move

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"guanxi/internal/store"
)

// sum is the sum of the SHA-256 of rows, modulo 2^256: the same in whatever
// order they come, and one that can be continued.
type sum [4]uint64

func (s *sum) add(h sum) {
	var carry uint64
	for i := range s {
		s[i], carry = bits.Add64(s[i], h[i], carry)
	}
}

func (s sum) String() string {
	var b [32]byte
	for i, part := range s {
		binary.BigEndian.PutUint64(b[24-8*i:], part)
	}
	return hex.EncodeToString(b[:])
}

func readSum(text string) (s sum, err error) {
	b, err := hex.DecodeString(text)
	if err == nil && len(b) != 32 {
		err = fmt.Errorf("a checksum of %d bytes", len(b))
	}
	if err != nil {
		return s, err
	}
	for i := range s {
		s[i] = binary.BigEndian.Uint64(b[24-8*i:])
	}
	return s, nil
}

// digester hashes rows in a form that does not depend on the engine.
type digester struct{ room []byte }

// row is the SHA-256 of a row: each value with its kind and length before it.
func (d *digester) row(t *store.RawTable, row []store.RawValue) (sum, error) {
	b := d.room[:0]
	for i, v := range row {
		kind := t.Columns[i].Kind
		if v.Kind == store.RawNull {
			kind = store.RawNull
		}
		b = append(b, byte(kind))
		switch kind {
		case store.RawNull:
		case store.RawFloat:
			number := math.Float64frombits(uint64(v.Bits))
			if number == 0 {
				number = 0 // the embedded database does not keep the sign
			}
			b = binary.BigEndian.AppendUint64(b, math.Float64bits(number))
		case store.RawText, store.RawJSON:
			start := len(b)
			b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
			if kind == store.RawText {
				b = append(b, v.Text...)
			} else {
				var err error
				if b, err = appendCanonical(b, v.Text); err != nil {
					return sum{}, fmt.Errorf("%s: %s: the column %s: %w", t.Name, keyName(t, row), t.Columns[i].Name, err)
				}
			}
			binary.BigEndian.PutUint64(b[start:], uint64(len(b)-start-8))
		default:
			b = binary.BigEndian.AppendUint64(b, uint64(v.Bits))
		}
	}
	hash := sha256.Sum256(b)
	if d.room = b; cap(b) > 1<<20 {
		d.room = nil
	}
	var s sum
	for i := range s {
		s[i] = binary.BigEndian.Uint64(hash[24-8*i:])
	}
	return s, nil
}

var errNoJSON = errors.New("it holds no JSON")

// appendCanonical appends JSON in the one form that it has whatever its spaces,
// the order of its keys and the way its numbers are written: of a key that is
// there twice the last one counts, as in PostgreSQL.
func appendCanonical(b, text []byte) ([]byte, error) {
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	var v any
	if err := in.Decode(&v); err != nil {
		return b, errNoJSON // the decoder's own words hold values
	}
	if _, err := in.Token(); err != io.EOF {
		return b, errNoJSON
	}
	return appendJSON(b, v), nil
}

func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for i, k := range keys {
			b = append(b, "{,"[min(i, 1)])
			b = append(strconv.AppendQuote(b, k), ':')
			b = appendJSON(b, v[k])
		}
		if len(keys) == 0 {
			b = append(b, '{')
		}
		return append(b, '}')
	case []any:
		b = append(b, '[')
		for i, x := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, x)
		}
		return append(b, ']')
	case json.Number:
		return append(b, exact(string(v))...)
	case string:
		return strconv.AppendQuote(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	}
	return append(b, "null"...)
}

// exact writes a number as its digits without zeros at the ends and a power of
// ten: 1.50, 15e-1 and 1500e-3 are 15e-1.
func exact(number string) string {
	rest, negative := strings.CutPrefix(number, "-")
	mantissa, power, _ := strings.Cut(strings.ToLower(rest), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "0"
	}
	exponent := int64(0)
	if power != "" {
		n, err := strconv.ParseInt(power, 10, 32)
		if err != nil {
			return number // no database computes with it
		}
		exponent = n
	}
	short := strings.TrimRight(digits, "0")
	exponent += int64(len(digits)-len(short)) - int64(len(fraction))
	if negative {
		short = "-" + short
	}
	return short + "e" + strconv.FormatInt(exponent, 10)
}
