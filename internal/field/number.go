package field

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// parseInteger takes whole numbers that every client can hold exactly.
func parseInteger(w write) (any, error) {
	s, err := w.trimmed()
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > 1<<53 || n < -1<<53 {
		return nil, w.refuse("必须是整数", "must be an integer")
	}
	return n, nil
}

// decimal is how a number may be written. An exponent has two digits at most:
// a longer one says nothing that would be kept, and is dear to work out.
var decimal = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$`)

// tooBig is the first number with more than 20 digits before the point.
var tooBig = new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(20), nil))

const (
	// MaxPlaces is the most digits behind the point.
	MaxPlaces = 10
	// MaxDigits is the most significant digits: as many as the clients'
	// numbers, which are binary, hold whatever the digits are.
	MaxDigits = 15
)

// parseDecimal keeps digits, so that money passes through no binary fraction.
// What is behind the field's last place is rounded, half away from zero.
func parseDecimal(w write) (any, error) {
	s, err := w.trimmed()
	if err != nil {
		return nil, err
	}
	r, ok := new(big.Rat), len(s) <= 32 && decimal.MatchString(s)
	if ok {
		r, ok = r.SetString(s)
	}
	if !ok || new(big.Rat).Abs(r).Cmp(tooBig) >= 0 {
		return nil, w.refuse("必须是数字", "must be a number")
	}
	places := MaxPlaces
	if w.Options.Decimals != nil {
		places = min(max(*w.Options.Decimals, 0), MaxPlaces)
	}
	text := r.FloatString(places)
	if strings.Contains(text, ".") {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		text = "0"
	}
	if significant(text) > MaxDigits {
		return nil, w.refuse("最多15位有效数字", "can have at most 15 significant digits")
	}
	return json.Number(text), nil
}

// significant counts the digits between the first and the last that is not 0.
func significant(text string) int {
	return len(strings.Trim(strings.NewReplacer("-", "", ".", "").Replace(text), "0"))
}
