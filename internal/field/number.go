package field

import (
	"encoding/json"
	"math"
	"math/big"
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

// parseDecimal keeps the digits as they came, at most 20 before and 10 after
// the point, so that money is not rounded.
func parseDecimal(f *crm.CustomField, in Input) (any, error) {
	s, err := single(f, in)
	if err != nil {
		return nil, err
	}
	s = strings.TrimSpace(s)
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) || len(s) > 32 || math.Abs(v) >= 1e20 {
		return nil, crm.Invalid(f.Label + "必须是数字")
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, crm.Invalid(f.Label + "必须是数字")
	}
	text := r.FloatString(10)
	text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	return json.Number(text), nil
}
