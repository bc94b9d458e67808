package store

import "guanxi/internal/crm"

// addressColumns are the columns of an address in its owner's row, in the
// order of scanAddress and addressArgs.
const addressColumns = `address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, lat IS NOT NULL, address_created_at, address_updated_at`

// insertAddressColumns are the same without what is computed.
const insertAddressColumns = `address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, address_created_at, address_updated_at`

func scanAddress(dest []any, a *crm.Address) []any {
	return append(dest, &a.ID, &a.CountryID, &a.ProvinceID, &a.CityID, &a.DistrictID, &a.Tel, &a.Phone, &a.Email,
		&a.QQ, &a.Fax, &a.Wechat, &a.Wangwang, &a.Zip, &a.URL, &a.Detail, &a.Lat, &a.Lng, &a.HasPosition,
		&a.CreatedAt, &a.UpdatedAt)
}

// shortAddressColumns are those of an address inside another record's answer,
// in the order of scanShortAddress.
const shortAddressColumns = `address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, url,
	detail_address, lat, lng, lat IS NOT NULL`

func scanShortAddress(dest []any, a *crm.Address) []any {
	return append(dest, &a.ID, &a.CountryID, &a.ProvinceID, &a.CityID, &a.DistrictID, &a.Tel, &a.Phone, &a.Email,
		&a.QQ, &a.URL, &a.Detail, &a.Lat, &a.Lng, &a.HasPosition)
}

func addressArgs(args []any, a *crm.Address) []any {
	args = append(args, a.ID, null(a.CountryID), null(a.ProvinceID), null(a.CityID), null(a.DistrictID), text(a.Tel),
		text(a.Phone), text(a.Email), text(a.QQ), text(a.Fax), text(a.Wechat), text(a.Wangwang), text(a.Zip), text(a.URL),
		text(a.Detail))
	if a.HasPosition {
		args = append(args, a.Lat, a.Lng)
	} else {
		args = append(args, nil, nil)
	}
	return append(args, int64(a.CreatedAt), int64(a.UpdatedAt))
}

func text(t crm.Text) any {
	if !t.Set {
		return nil
	}
	return t.Value
}

// values turns custom values into what the column takes.
func values(v crm.Values) any {
	if len(v) == 0 {
		return nil
	}
	return string(v)
}
