package field

import (
	"encoding/json"
	"strconv"
	"strings"

	"guanxi/internal/crm"
)

// maxNumberDigits is the most leading zeros that a rule can ask for.
const maxNumberDigits = 12

// dates are the forms of the date in an automatic number.
func dates(form string) (layout string, ok bool) {
	switch form {
	case "":
		return "", true
	case "YYYY":
		return "2006", true
	case "YYYYMM":
		return "200601", true
	case "YYYYMMDD":
		return "20060102", true
	case "YYMMDD":
		return "060102", true
	}
	return "", false
}

// FormatNumber writes the n-th automatic number of a rule at a time: prefix,
// date in +08:00, and n with leading zeros. Without a rule it is n alone.
func FormatNumber(rule *crm.NumberRule, n int64, at crm.Time) string {
	number := strconv.FormatInt(n, 10)
	if rule == nil {
		return number
	}
	if missing := min(rule.Digits, maxNumberDigits) - len(number); n >= 0 && missing > 0 {
		number = strings.Repeat("0", missing) + number
	}
	return rule.Prefix + numberDate(rule, at) + number
}

// NumberPeriod names the sequence that the numbers of a rule are taken from at
// a time: the date where they begin again with it, "" where they never do.
func NumberPeriod(rule *crm.NumberRule, at crm.Time) string {
	if rule == nil || !rule.Restart {
		return ""
	}
	return numberDate(rule, at)
}

func numberDate(rule *crm.NumberRule, at crm.Time) string {
	layout, _ := dates(rule.Date)
	return at.Std().In(crm.China).Format(layout)
}

// SetNumber gives values with an automatic number, which nobody else can
// write.
func SetNumber(fields []*crm.CustomField, v crm.Values, f *crm.CustomField, number string) crm.Values {
	m := Decode(v)
	if m == nil {
		m = map[string]json.RawMessage{}
	}
	m[f.Name], _ = json.Marshal(number)
	return encode(fields, m)
}
