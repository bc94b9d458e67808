package blob

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CleanName makes a file name of what a client sent: the part behind the last
// slash or backslash, in UTF-8, without control characters and characters that
// turn the direction of writing (which make one extension look like another),
// without spaces around it and dots at its end, and of at most 255 bytes, of
// which the extension is kept. What then has no name is called "file".
func CleanName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	name = strings.TrimSpace(strings.TrimRight(name, ". \u3000"))
	if name == "" {
		return "file"
	}
	if len(name) <= maxNameBytes {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > maxExtension {
		ext = ""
	}
	return strings.TrimSpace(cut(name[:len(name)-len(ext)], maxNameBytes-len(ext))) + ext
}

// maxExtension is the longest extension that is kept of too long a name.
const maxExtension = 16

// cut gives the beginning of a text that has at most n bytes and whole
// characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// extension is the extension of a clean name in lower case, with its dot, as
// the most lenient system reads it: Windows ignores what follows a colon.
func extension(name string) string {
	name, _, _ = strings.Cut(name, ":")
	return strings.ToLower(path.Ext(strings.TrimRight(name, ". ")))
}
