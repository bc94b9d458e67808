package crm

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestMask(t *testing.T) {
	for number, want := range map[string]string{
		"":                 "",
		"1":                "****",
		"12":               "1****",
		"123":              "1****",
		"1234":             "1****4",
		"12345":            "1****5",
		"123456":           "12****6",
		"1234567":          "12****7",
		"12345678":         "12****78",
		"123456789":        "12****89",
		"0218585886":       "021****86",
		"13812345678":      "138****5678",
		"02185858861":      "021****8861",
		"021-5858586":      "021****86",
		"138123456789":     "138****89",
		"+8613812345678":   "+86****78",
		"138 1234 5678":    "138****78",
		"13800000000 转 12": "138****12",
		"１３８１２３４５６７８":      "１３８****７８",
		"电话":               "电****",
	} {
		if got := Mask(number); got != want {
			t.Errorf("Mask(%q) = %q, want %q", number, got, want)
		}
	}
}

func TestMaskMobileNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`1[3-9][0-9]{9}`).Draw(t, "number")
		if got, want := Mask(number), number[:3]+"****"+number[7:]; got != want {
			t.Fatalf("Mask(%q) = %q, want %q", number, got, want)
		}
	})
}

// shown splits a masked number into what is left of the front and of the end.
func shown(t *rapid.T, masked string) (front, end []rune) {
	a, b, ok := strings.Cut(masked, "****")
	if !ok {
		t.Fatalf("%q has no four asterisks", masked)
	}
	return []rune(a), []rune(b)
}

func TestMaskShowsAtMostHalf(t *testing.T) {
	alphabet := []rune("0123456789+-() 转号é電🙂")
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOfN(rapid.SampledFrom(alphabet), 1, 40).Draw(t, "number")
		number := string(in)
		masked := Mask(number)
		front, end := shown(t, masked)
		n := len(front) + len(end)
		switch {
		case len(in) == 11 && digits(in):
			if len(front) != 3 || len(end) != 4 {
				t.Fatalf("%q became %q", number, masked)
			}
		case 2*n > len(in):
			t.Fatalf("%q shows %d of %d characters as %q", number, n, len(in), masked)
		case len(front) > 3 || len(end) > 2:
			t.Fatalf("%q shows more than the first 3 and the last 2 as %q", number, masked)
		}
		if !strings.HasPrefix(number, string(front)) || !strings.HasSuffix(number, string(end)) {
			t.Fatalf("%q became %q, which is neither its front nor its end", number, masked)
		}
		if len(in) >= 2 && masked == number {
			t.Fatalf("%q stayed as it was", number)
		}
		if !utf8.ValidString(masked) {
			t.Fatalf("%q became %q, which is no text", number, masked)
		}
	})
}

// TestMaskHidesTheMiddle changes a character that is not shown: the result
// must not depend on it.
func TestMaskHidesTheMiddle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`[0-9]{1,20}`).Draw(t, "number")
		masked := Mask(number)
		front, end := shown(t, masked)
		i := rapid.IntRange(len(front), len(number)-len(end)-1).Draw(t, "place")
		other := []byte(number)
		other[i] = byte(rapid.IntRange('0', '9').Draw(t, "digit"))
		if got := Mask(string(other)); got != masked {
			t.Fatalf("%q gives %q, but %q gives %q", number, masked, other, got)
		}
	})
}

func TestMaskTakesAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := string(rapid.SliceOf(rapid.Byte()).Draw(t, "number"))
		masked := Mask(number)
		if (number == "") != (masked == "") {
			t.Fatalf("Mask(%q) = %q", number, masked)
		}
		if !utf8.ValidString(masked) {
			t.Fatalf("Mask(%q) = %q, which is no text", number, masked)
		}
	})
}

func TestHideNumbersKeepsTheDifferenceOfAbsentAndEmpty(t *testing.T) {
	a := Address{Tel: Text{}, Phone: T(""), Fax: T("13800000000")}
	a.HideNumbers()
	if a.Tel != (Text{}) || a.Phone != T("") || a.Fax != T("13800000000") {
		t.Errorf("got %+v", a)
	}
	a = Address{Tel: T("02185858861"), Phone: T("13812345678")}
	a.HideNumbers()
	if a.Tel != T("021****8861") || a.Phone != T("138****5678") {
		t.Errorf("got %+v", a)
	}
}
