package field

import (
	"strings"
	"time"

	"guanxi/internal/crm"
)

// parseDatetime takes a date, or a date with hour and minute, and keeps it as
// "2006-01-02 15:04" in +08:00, the form in which it goes out. A time with a
// zone is turned to +08:00.
func parseDatetime(f *crm.CustomField, in Input) (any, error) {
	s, err := single(f, in)
	if err != nil {
		return nil, err
	}
	s = strings.TrimSpace(s)
	for _, layout := range []string{"2006-1-2", "2006-1-2 15:04", "2006-1-2 15:04:05", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, s, crm.China); err == nil {
			return t.In(crm.China).Format("2006-01-02 15:04"), nil
		}
	}
	return nil, crm.Invalid(f.Label + "不是有效的时间")
}
