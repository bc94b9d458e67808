package field

import (
	"testing"
	"time"

	"guanxi/internal/crm"
)

func TestFormatNumber(t *testing.T) {
	// Half past midnight in +08:00, still the day before in UTC.
	at := crm.At(time.Date(2026, 11, 22, 0, 30, 0, 0, crm.China))
	for _, c := range []struct {
		rule   *crm.NumberRule
		n      int64
		want   string
		period string
	}{
		{nil, 7, "7", ""},
		{&crm.NumberRule{}, 7, "7", ""},
		{&crm.NumberRule{Prefix: "KH", Digits: 4}, 7, "KH0007", ""},
		{&crm.NumberRule{Prefix: "KH-", Date: "YYYYMMDD", Digits: 3}, 12, "KH-20261122012", ""},
		{&crm.NumberRule{Date: "YYYYMM", Digits: 2, Restart: true}, 123, "202611123", "202611"},
		{&crm.NumberRule{Date: "YYYY", Restart: true}, 1, "20261", "2026"},
		{&crm.NumberRule{Date: "YYMMDD", Restart: true}, 1, "2611221", "261122"},
		{&crm.NumberRule{Digits: 99}, 1, "000000000001", ""},
	} {
		if got := FormatNumber(c.rule, c.n, at); got != c.want {
			t.Errorf("%+v, %d is %s, want %s", c.rule, c.n, got, c.want)
		}
		if got := NumberPeriod(c.rule, at); got != c.period {
			t.Errorf("%+v counts in %q, want %q", c.rule, got, c.period)
		}
	}
}

func TestSetNumber(t *testing.T) {
	f, other := definition("auto_number"), definition("text_area")
	fields := []*crm.CustomField{f, other}
	if v := SetNumber(fields, nil, f, "KH1"); string(v) != `{"`+f.Name+`":"KH1"}` {
		t.Errorf("got %s", v)
	}
	v := SetNumber(fields, crm.Values(`{"`+other.Name+`":"x"}`), f, "KH1")
	if string(v) != `{"`+f.Name+`":"KH1","`+other.Name+`":"x"}` {
		t.Errorf("got %s", v)
	}
}
