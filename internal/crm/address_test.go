package crm

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDistanceText(t *testing.T) {
	for metres, want := range map[float64]string{
		0: "0米", 0.4: "0米", 0.5: "1米", 350: "350米", 999.4: "999米", 999.5: "1公里", 1000: "1公里", 1049: "1公里",
		1050: "1.1公里", 1200: "1.2公里", 1249.9: "1.2公里", 9960: "10公里", 1234567: "1234.6公里", 20015114: "20015.1公里",
	} {
		if got := DistanceText(metres); got != want {
			t.Errorf("DistanceText(%v) = %q, want %q", metres, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		name                   string
		lat1, lng1, lat2, lng2 float64
		want, tolerance        float64
	}{
		{"the same place", 31.229676, 121.42799, 31.229676, 121.42799, 0, 0},
		{"a degree of the equator", 0, 0, 0, 1, 111195, 1},
		{"a degree of a meridian", 30, 120, 31, 120, 111195, 1},
		{"over the date line", 0, 179.5, 0, -179.5, 111195, 1},
		{"the antipodes", 0, 0, 0, 180, math.Pi * earthRadius, 0.001},
		{"from pole to pole", 90, 0, -90, 77, math.Pi * earthRadius, 0.001},
		{"北京 to 上海", 39.9042, 116.4074, 31.2304, 121.4737, 1_067_000, 1_500},
	} {
		if got := Distance(c.lat1, c.lng1, c.lat2, c.lng2); !(math.Abs(got-c.want) <= c.tolerance) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestDistanceIsAlwaysANumber(t *testing.T) {
	lat, lng := rapid.Float64Range(-90, 90), rapid.Float64Range(-180, 180)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c, d := lat.Draw(t, "lat1"), lng.Draw(t, "lng1"), lat.Draw(t, "lat2"), lng.Draw(t, "lng2")
		there, back := Distance(a, b, c, d), Distance(c, d, a, b)
		if !(there >= 0 && there <= math.Pi*earthRadius+1) || math.Abs(there-back) > 1e-6*(1+there) {
			t.Fatalf("there %v, back %v", there, back)
		}
	})
}

// texts are the ten texts of an address.
func texts(a *Address) []*Text {
	return []*Text{&a.Tel, &a.Phone, &a.Email, &a.QQ, &a.Fax, &a.Wechat, &a.Wangwang, &a.Zip, &a.URL, &a.Detail}
}

func TestAddressTextsAreLimited(t *testing.T) {
	for i := range texts(&Address{}) {
		var a Address
		*texts(&a)[i] = T(strings.Repeat("号", MaxText))
		if err := a.Validate(); err != nil {
			t.Errorf("text %d with 255 characters: %v", i, err)
		}
		*texts(&a)[i] = T(strings.Repeat("号", MaxText+1))
		err := a.Validate()
		var e *Error
		if !errors.As(err, &e) || e.Code != 100406 || e.Kind != kindInvalid || !strings.HasSuffix(e.Message, "不能超过255个字符") {
			t.Errorf("text %d with 256 characters: %v", i, err)
		}
	}
}

func TestAddressPositions(t *testing.T) {
	for _, c := range []struct {
		lat, lng float64
		ok       bool
	}{
		{31.229676, 121.42799, true}, {0, 0, true}, {90, 180, true}, {-90, -180, true},
		{90.000001, 0, false}, {-90.1, 0, false}, {0, 180.000001, false}, {0, -181, false},
		{math.NaN(), 0, false}, {0, math.NaN(), false}, {math.Inf(1), 0, false}, {0, math.Inf(-1), false},
	} {
		a := Address{Lat: c.lat, Lng: c.lng, HasPosition: true}
		if err := a.Validate(); (err == nil) != c.ok || (err != nil && !errors.Is(err, Invalid("", ""))) {
			t.Errorf("%v, %v: %v", c.lat, c.lng, err)
		}
	}
	a := Address{Lat: 31.2296764999, Lng: 121.4279899999, HasPosition: true}
	if err := a.Validate(); err != nil || a.Lat != 31.229676 || a.Lng != 121.42799 {
		t.Errorf("rounded to %v, %v, %v", a.Lat, a.Lng, err)
	}
	a = Address{Lat: 1000, Lng: math.NaN()}
	if err := a.Validate(); err != nil {
		t.Errorf("a position that is not given was looked at: %v", err)
	}
}
