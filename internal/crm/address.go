package crm

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// Address belongs to exactly one customer or contact and lies in its owner's
// row; it has an id of its own because the wire shows one.
type Address struct {
	ID                                        int64
	CountryID, ProvinceID, CityID, DistrictID int64 // 0 where not given
	Tel, Phone, Email, QQ, Fax, Wechat        Text
	Wangwang, Zip, URL, Detail                Text
	Lat, Lng                                  float64 // degrees; valid where HasPosition
	HasPosition                               bool
	CreatedAt, UpdatedAt                      Time
}

// MaxText is the longest single-line text in characters, MaxNote the longest
// multi-line one (the product's own limits).
const (
	MaxText = 255
	MaxNote = 2000
)

// Validate refuses texts that are too long and positions that are none. That
// the region ids fit together is the caller's to check (package region).
func (a *Address) Validate() error {
	for _, f := range []struct {
		name string
		text Text
	}{
		{"tel", a.Tel}, {"phone", a.Phone}, {"email", a.Email}, {"qq", a.QQ}, {"fax", a.Fax}, {"wechat", a.Wechat},
		{"wangwang", a.Wangwang}, {"zip", a.Zip}, {"url", a.URL}, {"detail_address", a.Detail},
	} {
		if utf8.RuneCountInString(f.text.Value) > MaxText {
			return tooLong("address", f.name, MaxText)
		}
	}
	if a.HasPosition {
		if !(math.Abs(a.Lat) <= 90 && math.Abs(a.Lng) <= 180) {
			return Invalid("经纬度不正确", "The latitude or longitude is not correct")
		}
		a.Lat, a.Lng = round6(a.Lat), round6(a.Lng)
	}
	return nil
}

func round6(f float64) float64 { return math.Round(f*1e6) / 1e6 }

// HideNumbers replaces both numbers by their masked form.
func (a *Address) HideNumbers() {
	a.Tel.Value = Mask(a.Tel.Value)
	a.Phone.Value = Mask(a.Phone.Value)
}

// earthRadius is the mean radius in metres.
const earthRadius = 6371008.8

// Distance is the length of the great circle between two positions in metres.
func Distance(lat1, lng1, lat2, lng2 float64) float64 {
	const rad = math.Pi / 180
	sLat := math.Sin((lat2 - lat1) * rad / 2)
	sLng := math.Sin((lng2 - lng1) * rad / 2)
	h := sLat*sLat + math.Cos(lat1*rad)*math.Cos(lat2*rad)*sLng*sLng
	return 2 * earthRadius * math.Asin(math.Sqrt(min(1, h)))
}

// DistanceText is a distance as people write it: "350米", "1.2公里". From one
// kilometre on it is rounded to a tenth of a kilometre.
func DistanceText(metres float64) string {
	if m := math.Round(metres); m < 1000 {
		return strconv.Itoa(int(m)) + "米"
	}
	return strconv.FormatFloat(math.Round(metres/100)/10, 'f', -1, 64) + "公里"
}
