package field

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"guanxi/internal/crm"
)

func parseInteger(f *crm.CustomField, in Input) (any, error) {
	s, err := single(f, in)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil || n > 1<<53 || n < -1<<53 {
		return nil, crm.Invalid(f.Label + "必须是整数")
	}
	return n, nil
}

// decimal is how a number may be written. An exponent has two digits at most:
// a longer one says nothing that would be kept, and is dear to work out.
var decimal = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$`)

// tooBig is the first number with more than 20 digits before the point.
var tooBig = new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(20), nil))

// parseDecimal keeps the digits as they came, at most 20 before and 10 after
// the point, so that money is not rounded.
func parseDecimal(f *crm.CustomField, in Input) (any, error) {
	s, err := single(f, in)
	if err != nil {
		return nil, err
	}
	s = strings.TrimSpace(s)
	r, ok := new(big.Rat), len(s) <= 32 && decimal.MatchString(s)
	if ok {
		r, ok = r.SetString(s)
	}
	if !ok || new(big.Rat).Abs(r).Cmp(tooBig) >= 0 {
		return nil, crm.Invalid(f.Label + "必须是数字")
	}
	text := strings.TrimSuffix(strings.TrimRight(r.FloatString(10), "0"), ".")
	if text == "-0" {
		text = "0"
	}
	return json.Number(text), nil
}
