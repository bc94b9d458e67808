package zh

import (
	"strings"
	"unicode"
)

// Fold is a text as the check for duplicates compares it: full-width signs
// become half-width, letters small, white space at the ends goes and inside
// becomes one blank; signs that nobody sees go.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	blank := false
	for _, r := range s {
		switch {
		case r == 0x3000 || unicode.IsSpace(r):
			blank = b.Len() > 0
			continue
		case r >= 0xFF01 && r <= 0xFF5E:
			r -= 0xFEE0
		case unicode.Is(unicode.Cf, r):
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// FoldNumber is a phone number as the check for duplicates compares it: its
// digits, without the country code of China.
func FoldNumber(s string) string {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= 0xFF10 && r <= 0xFF19:
			return r - 0xFF10 + '0'
		case r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
	for _, code := range []string{"0086", "86"} {
		if rest, ok := strings.CutPrefix(digits, code); ok && len(rest) == 11 && rest[0] == '1' {
			return rest
		}
	}
	return digits
}
