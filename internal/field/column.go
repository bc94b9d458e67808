package field

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"guanxi/internal/crm"
)

// Column gives a kept value in the form that lists hold it in, see Held: a
// string, a float64, an int64, or nil for an empty value and for kinds that
// lists do not hold. A value that a field of another kind has left is empty.
func Column(f *crm.CustomField, raw json.RawMessage) any {
	k := Find(f.Kind)
	if k == nil || len(raw) == 0 {
		return nil
	}
	switch k.Held {
	case HeldText:
		var s string
		if json.Unmarshal(raw, &s) != nil || s == "" {
			return nil
		}
		return s
	case HeldFloat:
		n, err := strconv.ParseFloat(string(raw), 64)
		if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
			return nil
		}
		return n
	case HeldTime:
		if t, ok := moment(raw); ok {
			return t.UnixMilli()
		}
	case HeldSet:
		values := chosen(raw)
		if k.Reference != "" {
			values = nil
			for _, id := range IDs(raw) {
				values = append(values, strconv.FormatInt(id, 10))
			}
		}
		if len(values) > 0 {
			return Token(strings.Join(values, separator))
		}
	}
	return nil
}

const separator = "\x1f"

// Token is what a column of the form HeldSet contains if it holds the value, a
// choice or an id. Choices below a group of a cascade contain Below.
func Token(value string) string { return separator + value + separator }

// Below is what a column contains if it holds a choice below a group.
func Below(group string) string { return separator + group + Separator }
