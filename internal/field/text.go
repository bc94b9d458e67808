package field

import (
	"encoding/json"
	"net/mail"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"guanxi/internal/crm"
)

// single gives the one text of a value. Lists, control characters and what is
// not UTF-8 are refused.
func (w write) single() (string, error) {
	if w.IsList {
		return "", w.refuse("只能有一个值", "can have only one value")
	}
	return w.Text, w.clean(w.Text, "")
}

// clean refuses control characters but those allowed, and broken UTF-8.
func (w write) clean(s, allowed string) error {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && !strings.ContainsRune(allowed, r)
	}) {
		return w.refuse("含有不允许的字符", "contains characters that are not allowed")
	}
	return nil
}

func (w write) limited(s string, limit int) (any, error) {
	if utf8.RuneCountInString(s) > limit {
		return nil, crm.TooLong(w.Label, w.Label, limit)
	}
	return s, nil
}

// parseText takes one line of text.
func parseText(w write) (any, error) {
	s, err := w.single()
	if err != nil {
		return nil, err
	}
	return w.limited(s, crm.MaxText)
}

// parseTextArea takes lines and tabs; every line ends in a line feed alone.
func parseTextArea(w write) (any, error) {
	if w.IsList {
		return w.single()
	}
	s := strings.ReplaceAll(strings.ReplaceAll(w.Text, "\r\n", "\n"), "\r", "\n")
	if err := w.clean(s, "\n\t"); err != nil {
		return nil, err
	}
	return w.limited(s, crm.MaxNote)
}

// trimmed is single without the white space around it.
func (w write) trimmed() (string, error) {
	s, err := w.single()
	return strings.TrimSpace(s), err
}

// parseEmail wants one address without a name beside it.
func parseEmail(w write) (any, error) {
	s, err := w.trimmed()
	if err != nil {
		return nil, err
	}
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s || len(s) > crm.MaxText {
		return nil, w.refuse("不是有效的邮箱", "is not a valid e-mail address")
	}
	return s, nil
}

// parsePhone takes what the field's format allows. The masked form of the
// number that the record has means that number: who reads a record with hidden
// numbers and sends it back must not destroy them.
func parsePhone(w write) (any, error) {
	s, err := w.trimmed()
	if err != nil {
		return nil, err
	}
	for _, raw := range w.had {
		var number string
		if json.Unmarshal(raw, &number) == nil && number != "" && crm.Mask(number) == s {
			return number, nil
		}
	}
	switch w.Options.Phone {
	case crm.PhoneOff:
		return w.limited(s, crm.MaxText)
	case crm.PhoneMobile:
		if !mobile(s) {
			return nil, w.refuse("不是有效的手机号码", "is not a valid mobile number")
		}
		return s, nil
	}
	// Digits, blanks, plus, hyphen, brackets and an extension, as people write
	// numbers; none is refused for being short.
	if len(s) > 32 || !strings.ContainsAny(s, "0123456789") || strings.Trim(s, "0123456789+-() #*,;转") != "" {
		return nil, w.refuse("不是有效的号码", "is not a valid number")
	}
	return s, nil
}

// mobile knows the 11 digits of a number of mainland China, with blanks,
// hyphens and the country's code as people write them.
func mobile(s string) bool {
	s = strings.NewReplacer(" ", "", "-", "").Replace(s)
	for _, code := range []string{"+86", "0086", "86"} {
		if rest, ok := strings.CutPrefix(s, code); ok && len(rest) == 11 {
			s = rest
			break
		}
	}
	return len(s) == 11 && s[0] == '1' && s[1] >= '3' && strings.Trim(s, "0123456789") == ""
}

// parseLink takes addresses of the web alone, so that a link can be shown as
// one.
func parseLink(w write) (any, error) {
	s, err := w.trimmed()
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(s) > crm.MaxNote {
		return nil, crm.TooLong(w.Label, w.Label, crm.MaxNote)
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || strings.ContainsFunc(s, unicode.IsSpace) {
		return nil, w.refuse("必须是http或https链接", "must be a link with http or https")
	}
	return s, nil
}
