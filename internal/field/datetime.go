package field

import (
	"encoding/json"
	"time"

	"guanxi/internal/crm"
)

const (
	dateForm     = "2006-01-02"
	datetimeForm = "2006-01-02 15:04"
)

// layouts are the ways to write a time: with or without leading zeros, with a
// blank or a T before the hour. A fraction of a second may follow the seconds.
var layouts = [...]string{"2006-1-2", "2006-1-2 15:04", "2006-1-2 15:04:05", "2006-1-2T15:04", "2006-1-2T15:04:05",
	"2006-1-2T15:04Z07:00", "2006-1-2T15:04:05Z07:00", "2006-1-2T15:04:05Z0700", "2006-1-2 15:04:05 Z0700",
	"2006-1-2 15:04:05Z07:00"}

// time reads a moment; one without a zone is +08:00.
func (w write) time() (time.Time, error) {
	s, err := w.trimmed()
	if err != nil {
		return time.Time{}, err
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, s, crm.China); err == nil {
			if t = t.In(crm.China); t.Year() >= 1 && t.Year() <= 9999 {
				return t, nil
			}
		}
	}
	return time.Time{}, w.refuse("不是有效的时间", "is not a valid time")
}

// parseDatetime keeps a moment as "2006-01-02 15:04" in +08:00, the form in
// which it goes out.
func parseDatetime(w write) (any, error) {
	t, err := w.time()
	if err != nil {
		return nil, err
	}
	return t.Format(datetimeForm), nil
}

// parseDate keeps the day in +08:00; a time of day is cut off.
func parseDate(w write) (any, error) {
	t, err := w.time()
	if err != nil {
		return nil, err
	}
	return t.Format(dateForm), nil
}

// moment is a kept date or time; ok is false for anything else.
func moment(raw json.RawMessage) (t time.Time, ok bool) {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return t, false
	}
	for _, form := range []string{dateForm, datetimeForm} {
		if t, err := time.ParseInLocation(form, s, crm.China); err == nil {
			return t, true
		}
	}
	return t, false
}
