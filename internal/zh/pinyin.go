package zh

import (
	"strings"
	"unicode/utf8"
)

// stackBytes is the size of the buffer that Pinyin keeps on the stack: enough
// for a company name of the usual length, so that only the result itself is
// allocated.
const stackBytes = 192

// latin1 folds the letters U+00C0 to U+00FF to ASCII; a dot stands for a
// character that is dropped.
const latin1 = "aaaaaaaceeeeiiiidnooooo.ouuuuytsaaaaaaaceeeeiiiidnooooo.ouuuuyty"

// Pinyin returns the pinyin of a name: the reading of every Han character in
// lower case and without tones (ü is written v), with ASCII digits and letters
// kept in their places. Letters become lower case, full-width forms become
// ASCII and accents are dropped; everything else, white space, punctuation
// and malformed UTF-8 included, leaves no trace.
//
// The result holds only a-z and 0-9, is never longer than six bytes for each
// rune of s, and is a fixed point: Pinyin(Pinyin(s)) == Pinyin(s).
func Pinyin(s string) string {
	var buf [stackBytes]byte
	return string(AppendPinyin(buf[:0], s))
}

// AppendPinyin appends the pinyin of s, as Pinyin returns it, to dst and
// returns the extended slice. What dst already holds does not influence the
// result.
func AppendPinyin(dst []byte, s string) []byte {
	var t *tables // Fetched on the first character beyond Latin-1.
	start := len(dst)
	for i := 0; i < len(s); {
		b := s[i]
		if b < utf8.RuneSelf {
			i++
			switch {
			case 'a' <= b && b <= 'z', '0' <= b && b <= '9':
				dst = append(dst, b)
			case 'A' <= b && b <= 'Z':
				dst = append(dst, b|0x20)
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r < hanFirst {
			i += size
			if 0xC0 <= r && r <= 0xFF && latin1[r-0xC0] != '.' {
				dst = append(dst, latin1[r-0xC0])
			}
			continue
		}
		if t == nil {
			t = load()
		}
		e := t.entry(r)
		if e == 0 {
			i += size
			if c := foldWide(r); c != 0 {
				dst = append(dst, c)
			}
			continue
		}
		if e&groupMask != 0 {
			if p := t.match(e, s[i:]); p != nil {
				if !p.strong && t.strongAt(s[i+p.last:]) {
					// The last character belongs to a word that must stay
					// whole: 饭店 + 长沙, not 店长 + 沙.
					dst = append(dst, p.reading[:p.cut]...)
					i += p.last
				} else {
					dst = append(dst, p.reading...)
					i += len(p.text)
				}
				continue
			}
		}
		if e&surnameBit != 0 && len(dst) == start && t.isPerson(s[i:], size) {
			dst = append(dst, t.surnames[r]...)
		} else {
			dst = append(dst, t.syllables[e&syllableMask]...)
		}
		i += size
	}
	return dst
}

// foldWide returns the ASCII form of a full-width digit or letter, lower case,
// or zero for any other rune.
func foldWide(r rune) byte {
	switch {
	case '０' <= r && r <= '９':
		return byte(r - '０' + '0')
	case 'Ａ' <= r && r <= 'Ｚ':
		return byte(r - 'Ａ' + 'a')
	case 'ａ' <= r && r <= 'ｚ':
		return byte(r - 'ａ' + 'a')
	}
	return 0
}

// isPerson reports whether s, which starts with a character that can be a
// surname of size bytes, reads as the name of a person: the surname is
// followed by a form of address, or the run of Han characters at the start,
// less a form of address at its end, is two to four characters long and
// neither it nor s ends like the name of a company or a place.
func (t *tables) isPerson(s string, size int) bool {
	if hasPrefix(s[size:], t.titles) {
		return true
	}
	n, end := 0, len(s)
	for i, r := range s {
		if t.entry(r) == 0 {
			end = i
			break
		}
		if n++; n > maxPersonRun {
			return false
		}
	}
	run := s[:end]
	if hasSuffix(run, t.companies) || end < len(s) && hasSuffix(s, t.companies) {
		return false
	}
	for _, title := range t.endTitles {
		if rest, ok := strings.CutSuffix(run, title); ok {
			return rest != "" && utf8.RuneCountInString(rest) <= 4
		}
	}
	return 2 <= n && n <= 4
}

// hasPrefix reports whether s starts with one of the words.
func hasPrefix(s string, words []string) bool {
	for _, word := range words {
		if strings.HasPrefix(s, word) {
			return true
		}
	}
	return false
}

// hasSuffix reports whether s ends with one of the words.
func hasSuffix(s string, words []string) bool {
	for _, word := range words {
		if strings.HasSuffix(s, word) {
			return true
		}
	}
	return false
}
