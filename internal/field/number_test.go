package field

import (
	"testing"

	"pgregory.net/rapid"
)

func TestNumbers(t *testing.T) {
	good(t, []goodCase{
		{"integer", text("1223"), "1223"},
		{"integer", text(" -5 "), "-5"},
		{"integer", text("+7"), "7"},
		{"integer", text("0"), "0"},
		{"integer", text("007"), "7"},
		{"integer", text("9007199254740992"), "9007199254740992"},
		{"integer", text("-9007199254740992"), "-9007199254740992"},
		{"decimal", text("156.655"), "156.655"},
		{"decimal", text("-0.10"), "-0.1"},
		{"decimal", text("0.1"), "0.1"},
		{"decimal", text("100"), "100"},
		{"decimal", text("+1."), "1"},
		{"decimal", text(".5"), "0.5"},
		{"decimal", text("0.0"), "0"},
		{"decimal", text("-0"), "0"},
		{"decimal", text("-1e-30"), "0"},
		{"decimal", text("1e5"), "100000"},
		{"decimal", text("1.5E-3"), "0.0015"},
		{"decimal", text("123456789012345"), "123456789012345"},
		{"decimal", text("12345.0123456789"), "12345.0123456789"},
		{"decimal", text("0.30000000000000004"), "0.3"},
		{"money", text("99999999999999900000"), "99999999999999900000"},
		{"money", text("19.99"), "19.99"},
	})
	bad(t, []badCase{
		{"integer", text("1.5"), "字段必须是整数"},
		{"integer", text("1e3"), "字段必须是整数"},
		{"integer", text("0x10"), "字段必须是整数"},
		{"integer", text("1_000"), "字段必须是整数"},
		{"integer", text("9007199254740993"), "字段必须是整数"},
		{"integer", text("-9007199254740993"), "字段必须是整数"},
		{"integer", text("99999999999999999999"), "字段必须是整数"},
		{"integer", list("1"), "字段只能有一个值"},
		{"decimal", text("1,5"), "字段必须是数字"},
		{"decimal", text("1/3"), "字段必须是数字"},
		{"decimal", text("."), "字段必须是数字"},
		{"decimal", text("NaN"), "字段必须是数字"},
		{"decimal", text("-Inf"), "字段必须是数字"},
		{"decimal", text("1e999"), "字段必须是数字"},
		{"decimal", text("1e-999999"), "字段必须是数字"},
		{"decimal", text("0x1p4"), "字段必须是数字"},
		{"decimal", text("1_0"), "字段必须是数字"},
		{"decimal", text("1e20"), "字段必须是数字"},
		{"decimal", text("0." + repeat("0", 30) + "1"), "字段必须是数字"},
		{"decimal", text("1234567890123456"), "字段最多15位有效数字"},
		{"decimal", text("123456.0123456789"), "字段最多15位有效数字"},
		{"money", text("99999999999999999999"), "字段最多15位有效数字"},
		{"money", text("十元"), "字段必须是数字"},
		{"money", list("1"), "字段只能有一个值"},
	})
}

func TestDecimalPlaces(t *testing.T) {
	for _, c := range []struct {
		places   int
		in, want string
	}{
		{2, "1.005", "1.01"}, {2, "-1.005", "-1.01"}, {2, "1.004", "1"}, {2, "-0.004", "0"}, {2, "19.9", "19.9"},
		{0, "100.5", "101"}, {0, "100", "100"}, {4, "0.123456", "0.1235"}, {99, "1.5", "1.5"}, {-1, "1.5", "2"},
		{2, "1234567890123.456", "1234567890123.46"},
	} {
		f := definition("money")
		f.Options.Decimals = &c.places
		goodFor(t, f, text(c.in), c.want)
	}
}

// TestDecimalsKeepTheirDigits compares as text: money must not pass through a
// binary fraction.
func TestDecimalsKeepTheirDigits(t *testing.T) {
	f := definition("money")
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.StringMatching(`(0|[1-9][0-9]{0,7})`).Draw(t, "whole")
		fraction := rapid.StringMatching(`[0-9]{0,6}[1-9]`).Draw(t, "fraction")
		v, err := parseOne(f, text(whole+"."+fraction))
		if err != nil || string(Decode(v)[f.Name]) != whole+"."+fraction {
			t.Fatalf("%s.%s is kept as %s, %v", whole, fraction, v, err)
		}
	})
}
