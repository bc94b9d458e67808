package field

import (
	"net/mail"
	"strings"
	"unicode/utf8"

	"guanxi/internal/crm"
)

func single(f *crm.CustomField, in Input) (string, error) {
	if in.IsList {
		return "", crm.Invalid(f.Label + "只能有一个值")
	}
	return in.Text, nil
}

func limited(f *crm.CustomField, in Input, limit int) (any, error) {
	s, err := single(f, in)
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(s) > limit {
		return nil, crm.TooLong(f.Label, limit)
	}
	return s, nil
}

func parseText(f *crm.CustomField, in Input) (any, error)     { return limited(f, in, crm.MaxText) }
func parseTextArea(f *crm.CustomField, in Input) (any, error) { return limited(f, in, crm.MaxNote) }

// parseEmail wants one address without a name beside it.
func parseEmail(f *crm.CustomField, in Input) (any, error) {
	s, err := single(f, in)
	if err != nil {
		return nil, err
	}
	s = strings.TrimSpace(s)
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s || len(s) > crm.MaxText {
		return nil, crm.Invalid(f.Label + "不是有效的邮箱")
	}
	return s, nil
}

// parsePhone takes digits, blanks, plus, hyphen, brackets and an extension,
// as people write numbers; it does not refuse a number for its length.
func parsePhone(f *crm.CustomField, in Input) (any, error) {
	s, err := single(f, in)
	if err != nil {
		return nil, err
	}
	s = strings.TrimSpace(s)
	if len(s) > 32 || !strings.ContainsAny(s, "0123456789") || strings.Trim(s, "0123456789+-() #*,;转") != "" {
		return nil, crm.Invalid(f.Label + "不是有效的号码")
	}
	return s, nil
}
