// Package region knows the administrative regions of China: provinces, cities
// and districts with their names, pinyin and codes of the standard GB/T 2260.
//
// Every region has an id of its own numbering, unique within its level. Ids
// are stable for ever: they are stored in databases, so a region that is
// abolished keeps its id and is marked as retired, and a new one gets an id
// that was never used before.
package region

import "iter"

// Country is the root of the regions.
type Country struct {
	ID     int64
	Name   string
	Pinyin string
}

// Province is a province, an autonomous region, a municipality or a special
// administrative region, under its short name.
type Province struct {
	ID        int64
	Name      string
	Pinyin    string
	CountryID int64
	GBCode    string
	Retired   bool
}

// City is a city of a province, or what stands in its place: a prefecture, or
// a county-level place that its province governs directly. A municipality has
// one city. The pinyin leaves the kind of city out.
type City struct {
	ID         int64
	Name       string
	Pinyin     string
	ProvinceID int64
	GBCode     string
	Retired    bool
}

// District is a district, a county or a county-level city. A city that has no
// districts has itself as its only one, with the same code.
type District struct {
	ID      int64
	Name    string
	Pinyin  string
	CityID  int64
	GBCode  string
	Retired bool
}

// The levels of a Row.
const (
	LevelCountry  = "country"
	LevelProvince = "province"
	LevelCity     = "city"
	LevelDistrict = "district"
)

// Row is a region of any level. ParentID is the id of the region of the level
// above that it belongs to, zero for the country.
type Row struct {
	Level    string
	ID       int64
	ParentID int64
	Name     string
	Pinyin   string
	GBCode   string
	Retired  bool
}

// Table holds all regions. It is not changed after Load, so it is safe for
// concurrent use; callers must not modify what its methods return pointers to.
type Table struct {
	country Country

	// Indexed by id. An id that was never given has a zero ID.
	provinces []Province
	cities    []City
	districts []District

	// The regions of a parent that are not retired, indexed by its id.
	provincesOf []*Province
	citiesOf    [][]*City
	districtsOf [][]*District
}

// at returns the element of a list with an id, or false if there is none.
func at[T any](list []T, id int64) (*T, bool) {
	if id <= 0 || id >= int64(len(list)) {
		return nil, false
	}
	return &list[id], true
}

// Country returns the country with an id.
func (t *Table) Country(id int64) (*Country, bool) {
	if id != t.country.ID {
		return nil, false
	}
	return &t.country, true
}

// Province returns the province with an id, retired or not.
func (t *Table) Province(id int64) (*Province, bool) {
	p, ok := at(t.provinces, id)
	if !ok || p.ID == 0 {
		return nil, false
	}
	return p, true
}

// City returns the city with an id, retired or not.
func (t *Table) City(id int64) (*City, bool) {
	c, ok := at(t.cities, id)
	if !ok || c.ID == 0 {
		return nil, false
	}
	return c, true
}

// District returns the district with an id, retired or not.
func (t *Table) District(id int64) (*District, bool) {
	d, ok := at(t.districts, id)
	if !ok || d.ID == 0 {
		return nil, false
	}
	return d, true
}

// Provinces returns the provinces of a country in the order of their ids,
// without retired ones. The list is shared and must not be modified; it is
// empty if there is no such country.
func (t *Table) Provinces(countryID int64) []*Province {
	if countryID != t.country.ID {
		return nil
	}
	return t.provincesOf
}

// Cities returns the cities of a province in the order of their ids, without
// retired ones. The list is shared and must not be modified; it is empty if
// there is no such province.
func (t *Table) Cities(provinceID int64) []*City {
	if list, ok := at(t.citiesOf, provinceID); ok {
		return *list
	}
	return nil
}

// Districts returns the districts of a city in the order of their ids, without
// retired ones. The list is shared and must not be modified; it is empty if
// there is no such city or it has no districts.
func (t *Table) Districts(cityID int64) []*District {
	if list, ok := at(t.districtsOf, cityID); ok {
		return *list
	}
	return nil
}

// All yields every region, retired ones included: the country, the provinces,
// the cities and the districts, each level in the order of its ids, so that a
// parent always comes before its children.
func (t *Table) All() iter.Seq[Row] {
	return func(yield func(Row) bool) {
		if !yield(Row{Level: LevelCountry, ID: t.country.ID, Name: t.country.Name, Pinyin: t.country.Pinyin}) {
			return
		}
		for _, p := range t.provinces {
			if p.ID != 0 && !yield(Row{LevelProvince, p.ID, p.CountryID, p.Name, p.Pinyin, p.GBCode, p.Retired}) {
				return
			}
		}
		for _, c := range t.cities {
			if c.ID != 0 && !yield(Row{LevelCity, c.ID, c.ProvinceID, c.Name, c.Pinyin, c.GBCode, c.Retired}) {
				return
			}
		}
		for _, d := range t.districts {
			if d.ID != 0 && !yield(Row{LevelDistrict, d.ID, d.CityID, d.Name, d.Pinyin, d.GBCode, d.Retired}) {
				return
			}
		}
	}
}
