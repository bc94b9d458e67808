package call

import (
	"net/http"
	"strings"

	"guanxi/internal/crm"
)

// Language is the language in which the client wants to be told errors, by
// Accept-Language: English where the header gives it more weight than Chinese,
// otherwise Chinese. All kinds of Chinese count as Chinese.
func Language(h http.Header) crm.Language {
	lines := h["Accept-Language"]
	if len(lines) == 0 {
		return crm.Chinese
	}
	const unnamed = -1
	zh, en, others := unnamed, unnamed, 0
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			name, rest, _ := strings.Cut(part, ";")
			weight, ok := weightOf(rest)
			if !ok {
				continue
			}
			name, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(name)), "-")
			switch name {
			case "zh":
				zh = max(zh, weight)
			case "en":
				en = max(en, weight)
			case "*":
				others = max(others, weight)
			}
		}
	}
	if zh == unnamed {
		zh = others
	}
	if en == unnamed {
		en = others
	}
	if en > zh {
		return crm.English
	}
	return crm.Chinese
}

// weightOf reads the "q=0.8" of a language in thousandths, 1000 where there is
// none. A language whose weight is not as RFC 9110 has it is not looked at.
func weightOf(parameters string) (weight int, ok bool) {
	for p := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		whole, fraction, _ := strings.Cut(strings.TrimSpace(value), ".")
		if whole != "0" && whole != "1" || len(fraction) > 3 || strings.Trim(fraction, "0123456789") != "" {
			return 0, false
		}
		for _, digit := range whole + (fraction + "000")[:3] {
			weight = weight*10 + int(digit-'0')
		}
		return weight, weight <= 1000
	}
	return 1000, true
}
