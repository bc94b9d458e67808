package v2

import (
	"cmp"
	"math"
	"strconv"

	"guanxi/internal/api/jsonw"
	"guanxi/internal/crm"
)

// rawAddress is form A: the origin's row, as lists and the duplicate look-up
// show it. lat and lng are strings or null, times are ISO, region_info has no
// blanks. ownerType is "" for null.
func (s *shape) rawAddress(k string, a *crm.Address, ownerType string, ownerID int64) {
	s.addressRow(k, a, ownerType, ownerID, false)
}

// listAddress is form A as the customer list has it: region_info with blanks,
// or null (wire §6).
func (s *shape) listAddress(k string, a *crm.Address, ownerType string, ownerID int64) {
	s.addressRow(k, a, ownerType, ownerID, true)
}

func (s *shape) addressRow(k string, a *crm.Address, ownerType string, ownerID int64, spaced bool) {
	s.Object(k)
	s.Int("id", a.ID)
	s.Int("addressable_id", ownerID)
	if ownerType == "" {
		s.Null("addressable_type")
	} else {
		s.String("addressable_type", ownerType)
	}
	s.id("country_id", a.CountryID)
	s.id("province_id", a.ProvinceID)
	s.id("city_id", a.CityID)
	s.id("district_id", a.DistrictID)
	s.text("tel", a.Tel)
	s.text("phone", a.Phone)
	s.text("email", a.Email)
	s.text("qq", a.QQ)
	s.text("fax", a.Fax)
	s.text("wechat", a.Wechat)
	s.text("wangwang", a.Wangwang)
	s.text("zip", a.Zip)
	s.text("url", a.URL)
	s.text("detail_address", a.Detail)
	s.iso("created_at", a.CreatedAt)
	s.iso("updated_at", a.UpdatedAt)
	if a.HasPosition {
		s.degrees("lat", a.Lat)
		s.degrees("lng", a.Lng)
	} else {
		s.Null("lat")
		s.Null("lng")
	}
	s.Null("off_distance")
	switch {
	case !spaced:
		s.region("region_info", "", a)
	case a.CountryID|a.ProvinceID|a.CityID|a.DistrictID == 0:
		s.Null("region_info")
	default:
		s.region("region_info", " ", s.upwards(*a))
	}
	s.Null("snippet")
	s.Int("organization_id", s.d.Organization.ID)
	s.Fixed(`"mode":"compat","time_format":"ruby","use_to_json":true`)
	s.String("tel_hidden_result", a.Tel.Value)
	s.String("phone_hidden_result", a.Phone.Value)
	s.End()
}

// upwards fills in the levels above a region that were not given. Clients of the
// list cut the country off and take what follows for the province.
func (s *shape) upwards(a crm.Address) *crm.Address {
	t := s.Service.Regions()
	if d, ok := t.District(a.DistrictID); ok {
		a.CityID = cmp.Or(a.CityID, d.CityID)
	}
	if c, ok := t.City(a.CityID); ok {
		a.ProvinceID = cmp.Or(a.ProvinceID, c.ProvinceID)
	}
	if p, ok := t.Province(a.ProvinceID); ok {
		a.CountryID = cmp.Or(a.CountryID, p.CountryID)
	}
	return &a
}

// degrees is a coordinate as a string.
func (s *shape) degrees(k string, v float64) {
	s.Quote(k)
	s.B = jsonw.AppendFloat(s.B, v)
	s.Unquote()
}

func (s *shape) region(k, sep string, a *crm.Address) {
	s.Quote(k)
	s.B = s.appendRegion(s.B, sep, a)
	s.Unquote()
}

// appendRegion needs no escaping: names of regions hold no special characters.
func (s *shape) appendRegion(b []byte, sep string, a *crm.Address) []byte {
	return s.Service.Regions().AppendInfo(b, sep, a.CountryID, a.ProvinceID, a.CityID, a.DistrictID)
}

// shortAddress is form C: inside another record's detail.
func (s *shape) shortAddress(k string, a *crm.Address) { s.addressInShort(k, a, " ") }

// closeAddress is form C in the list of a customer's contacts, where the region
// has no blanks.
func (s *shape) closeAddress(k string, a *crm.Address) { s.addressInShort(k, a, "") }

func (s *shape) addressInShort(k string, a *crm.Address, sep string) {
	s.Object(k)
	s.Int("id", a.ID)
	s.numbers(a)
	s.String("qq", a.QQ.Value)
	s.String("email", a.Email.Value)
	s.Float("lng", a.Lng)
	s.Float("lat", a.Lat)
	s.String("detail_address", a.Detail.Value)
	s.Int("off_distance", s.offDistance(a))
	s.String("url", a.URL.Value)
	s.staticMap(a)
	s.fullAddress(a, sep)
	s.End()
}

// numbers are both numbers with what may be shown of them. What a caller may
// not see has been masked before, so both are the same.
func (s *shape) numbers(a *crm.Address) {
	s.String("tel", a.Tel.Value)
	s.String("tel_hidden_result", a.Tel.Value)
	s.String("phone", a.Phone.Value)
	s.String("phone_hidden_result", a.Phone.Value)
}

// fullDetailAddress is form B: of a record's own address in its detail.
func (s *shape) fullDetailAddress(k string, a *crm.Address) {
	s.Object(k)
	s.Int("id", a.ID)
	s.regionChain(a)
	s.numbers(a)
	s.String("email", a.Email.Value)
	s.String("qq", a.QQ.Value)
	s.String("fax", a.Fax.Value)
	s.String("wechat", a.Wechat.Value)
	s.String("wangwang", a.Wangwang.Value)
	s.String("zip", a.Zip.Value)
	s.String("url", a.URL.Value)
	s.String("detail_address", a.Detail.Value)
	s.Float("lat", a.Lat)
	s.Float("lng", a.Lng)
	s.distance(a)
	if a.CountryID|a.ProvinceID|a.CityID|a.DistrictID == 0 {
		s.Null("region_info")
	} else {
		s.region("region_info", " ", a)
	}
	s.Int("off_distance", s.offDistance(a))
	s.staticMap(a)
	s.fullAddress(a, " ")
	s.End()
}

// regionChain is the four levels as objects, {} where not set. The origin
// leaves the country's pinyin empty and the district's null.
func (s *shape) regionChain(a *crm.Address) {
	t := s.Service.Regions()
	s.Object("country")
	if r, ok := t.Country(a.CountryID); ok {
		s.Int("id", r.ID)
		s.String("name", r.Name)
		s.String("pinyin", r.Pinyin)
	}
	s.End()
	s.Object("province")
	if r, ok := t.Province(a.ProvinceID); ok {
		s.Int("id", r.ID)
		s.String("name", r.Name)
		s.String("pinyin", r.Pinyin)
		s.Int("country_id", r.CountryID)
	}
	s.End()
	s.Object("city")
	if r, ok := t.City(a.CityID); ok {
		s.Int("id", r.ID)
		s.String("name", r.Name)
		s.String("pinyin", r.Pinyin)
		s.Int("province_id", r.ProvinceID)
	}
	s.End()
	s.Object("district")
	if r, ok := t.District(a.DistrictID); ok {
		s.Int("id", r.ID)
		s.String("name", r.Name)
		s.Null("pinyin")
		s.Int("city_id", r.CityID)
	}
	s.End()
}

// offDistance is the distance from the caller's position in whole metres, -1
// where one of the two is not known.
func (s *shape) offDistance(a *crm.Address) int64 {
	if s.from == nil || !a.HasPosition {
		return -1
	}
	return int64(math.Round(crm.Distance(s.from.lat, s.from.lng, a.Lat, a.Lng)))
}

// distance is the same for people: 未知 without a position of the record, 0米
// without one of the caller.
func (s *shape) distance(a *crm.Address) {
	switch {
	case !a.HasPosition:
		s.String("distance", "未知")
	case s.from == nil:
		s.String("distance", "0米")
	default:
		s.String("distance", crm.DistanceText(crm.Distance(s.from.lat, s.from.lng, a.Lat, a.Lng)))
	}
}

// staticMap is the link to this server's own map with a marker; "" without a
// position.
func (s *shape) staticMap(a *crm.Address) {
	s.Quote("gaode_staticmap")
	if a.HasPosition {
		s.B = append(s.B, s.Base...)
		s.B = append(s.B, "/staticmap?"...)
		start := len(s.B)
		s.B = appendLocation(append(s.B, "location="...), a)
		s.B = appendLocation(append(s.B, "&markers=mid%2C%2CA%3A"...), a)
		s.B = append(s.B, "&scale=2&size=524%2A180&zoom=16"...)
		if sig := s.Links.MapSignature(string(s.B[start:])); sig != "" {
			s.B = append(append(s.B, "&sig="...), sig...)
		}
	}
	s.Unquote()
}

func appendLocation(b []byte, a *crm.Address) []byte {
	b = jsonw.AppendFloat(b, a.Lng)
	return jsonw.AppendFloat(append(b, "%2C"...), a.Lat)
}

// fullAddress joins the region and the detail with a blank.
func (s *shape) fullAddress(a *crm.Address, sep string) {
	s.Quote("full_address")
	start := len(s.B)
	s.B = s.appendRegion(s.B, sep, a)
	if len(s.B) > start && a.Detail.Value != "" {
		s.B = append(s.B, ' ')
	}
	s.B = jsonw.AppendEscaped(s.B, a.Detail.Value)
	s.Unquote()
}

// callerPosition reads lat and lng of the query.
func (s *shape) callerPosition() error {
	if s.Request.URL.RawQuery == "" && s.Request.ContentLength == 0 {
		return nil
	}
	p, err := s.Params()
	if err != nil {
		return err
	}
	if !p.Given("lat") || !p.Given("lng") {
		return nil
	}
	lat, err1 := strconv.ParseFloat(p.String("lat"), 64)
	lng, err2 := strconv.ParseFloat(p.String("lng"), 64)
	if err1 != nil || err2 != nil || !(math.Abs(lat) <= 90 && math.Abs(lng) <= 180) {
		return badPosition()
	}
	s.from = &position{lat, lng}
	return nil
}

func badPosition() *crm.Error {
	return crm.BadParam("经纬度不正确", "The latitude or longitude is not correct")
}
