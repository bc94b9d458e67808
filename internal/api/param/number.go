package param

import (
	"math"
	"strconv"
	"strings"
)

// decimal is a decimal number taken apart: ±digits × 10^exponent, with neither leading nor trailing zeros in digits.
// Zero has no digits.
type decimal struct {
	negative bool
	digits   string
	exponent int64
}

// maxExponent bounds an exponent. It is beyond any that int64 or float64 can hold, however many digits come first.
const maxExponent = math.MaxInt32

// parseDecimal takes a number of the form [+-]digits[.digits][e[+-]digits] apart.
func parseDecimal(s string) (decimal, bool) {
	var d decimal
	if s != "" && (s[0] == '-' || s[0] == '+') {
		d.negative = s[0] == '-'
		s = s[1:]
	}
	mantissa := s
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa = s[:i]
		exponent, ok := parseExponent(s[i+1:])
		if !ok {
			return decimal{}, false
		}
		d.exponent = exponent
	}
	whole, fraction, point := strings.Cut(mantissa, ".")
	if !isNumber(whole) || (point && !isNumber(fraction)) {
		return decimal{}, false
	}
	d.digits = whole
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		d.digits = whole + fraction
		d.exponent -= int64(len(fraction))
	}
	d.digits = strings.TrimLeft(d.digits, "0")
	significant := strings.TrimRight(d.digits, "0")
	d.exponent += int64(len(d.digits) - len(significant))
	d.digits = significant
	return d, true
}

func parseExponent(s string) (int64, bool) {
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	if !isNumber(s) {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > maxExponent {
		n = maxExponent
	}
	if negative {
		n = -n
	}
	return n, true
}

// parseInteger reads a decimal number without a fraction that fits into int64. It is exact and takes time linear in
// the text, whatever the exponent.
func parseInteger(s string) (int64, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	d, ok := parseDecimal(s)
	if !ok {
		return 0, false
	}
	if d.digits == "" {
		return 0, true
	}
	const most = 19 // The largest int64 has 19 digits.
	if d.exponent < 0 || d.exponent > most || int64(len(d.digits))+d.exponent > most {
		return 0, false
	}
	text := d.digits + strings.Repeat("0", int(d.exponent))
	if d.negative {
		text = "-" + text
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// parseFloat reads a finite decimal number.
func parseFloat(s string) (float64, bool) {
	if _, ok := parseDecimal(s); !ok {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}
