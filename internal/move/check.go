package move

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"guanxi/internal/store"
)

// shownFaults is how many places are named where texts cannot be moved.
const shownFaults = 20

// check looks for what an embedded database holds and PostgreSQL does not
// take, before anything is copied.
func (m *mover) check(ctx context.Context) error {
	if m.src.raw.Postgres() || !m.dst.raw.Postgres() {
		return nil
	}
	m.enter("check")
	var faults []string
	count := 0
	for _, u := range m.units(m.noted) {
		if st := m.states[u]; filled[u.table] || st != nil && st.finished {
			continue
		}
		t := m.src.tables[u.table]
		for row, err := range m.src.rows(ctx, t, read{org: u.org}) {
			if err != nil {
				return in(u, err)
			}
			for i, v := range row {
				if v.Kind != store.RawText {
					continue
				}
				fault := textFault(v.Text, t.Columns[i].Kind == store.RawJSON)
				if fault == "" {
					continue
				}
				if count++; len(faults) < shownFaults {
					faults = append(faults, fmt.Sprintf("%s, %s, %s, column %s: %s", u.owner(), t.Name, keyName(t, row), t.Columns[i].Name, fault))
				}
			}
			m.tell(u, 1)
			if ctx.Err() != nil {
				return ErrInterrupted
			}
		}
	}
	m.tellNow()
	if count == 0 {
		return nil
	}
	if count > len(faults) {
		faults = append(faults, fmt.Sprintf("… and %d more", count-len(faults)))
	}
	return fmt.Errorf("PostgreSQL cannot hold %d of the texts. Nothing was copied. "+
		"--replace-nul puts U+FFFD in the place of U+0000 and of bytes that are no UTF-8.\n  %s", count, strings.Join(faults, "\n  "))
}

// in says of which unit an error is.
func in(u unit, err error) error { return fmt.Errorf("%s: %w", u.owner(), err) }

// owner names a unit's organization.
func (u unit) owner() string {
	if u.org == store.NoOrganization {
		return "no organization"
	}
	return "organization " + strconv.FormatInt(u.org, 10)
}

// textFault says why PostgreSQL does not take a text, "" where it does.
func textFault(text []byte, isJSON bool) string {
	switch {
	case bytes.IndexByte(text, 0) >= 0:
		return "U+0000"
	case !utf8.Valid(text):
		return "bytes that are no UTF-8"
	case !isJSON:
		return ""
	case !json.Valid(text):
		return "no JSON (which --replace-nul does not help)"
	case bytes.IndexByte(text, '\\') >= 0 && !bytes.Equal(replaced(text, true), text):
		return `U+0000 or half a character, written as \u`
	}
	return ""
}

// replaced gives a text that PostgreSQL takes, the same one where it does.
func replaced(text []byte, isJSON bool) []byte {
	if bytes.IndexByte(text, 0) >= 0 {
		text = bytes.ReplaceAll(text, []byte{0}, []byte("\uFFFD"))
	}
	if !utf8.Valid(text) {
		// Each byte by itself: two different texts do not become one so easily.
		text = bytes.Join(wrong(text), nil)
	}
	if !isJSON || bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	return escapesReplaced(text)
}

// wrong cuts a text into runes, with U+FFFD for each byte that belongs to
// none.
func wrong(text []byte) (runes [][]byte) {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 {
			runes = append(runes, []byte("\uFFFD"))
		} else {
			runes = append(runes, text[:n])
		}
		text = text[n:]
	}
	return runes
}

// escapesReplaced puts \ufffd in the place of \u0000 and of halves of a pair in
// JSON.
func escapesReplaced(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		r := escaped(text[i:])
		switch {
		case text[i] != '\\':
			out = append(out, text[i])
			i++
		case r < 0:
			out = append(out, text[i:min(i+2, len(text))]...)
			i += 2
		case utf16.IsSurrogate(r) && utf16.DecodeRune(r, escaped(text[i+6:])) != utf8.RuneError:
			out = append(out, text[i:i+12]...)
			i += 12
		case r == 0 || utf16.IsSurrogate(r):
			out = append(out, `\ufffd`...)
			i += 6
		default:
			out = append(out, text[i:i+6]...)
			i += 6
		}
	}
	return out
}

// escaped reads \uXXXX at the beginning of a text, -1 where there is none.
func escaped(text []byte) rune {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}
