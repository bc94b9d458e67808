package region

import (
	"errors"
	"fmt"
	"strings"
)

// Consistent returns errors that wrap one of these.
var (
	// ErrUnknown means that there is no region with the id.
	ErrUnknown = errors.New("no such region")
	// ErrParent means that a region does not belong to the one given above it.
	ErrParent = errors.New("region belongs to another one")
)

// names returns the names of the regions with the given ids, empty for an id
// that is zero or unknown.
func (t *Table) names(countryID, provinceID, cityID, districtID int64) (list [4]string) {
	if c, ok := t.Country(countryID); ok {
		list[0] = c.Name
	}
	if p, ok := t.Province(provinceID); ok {
		list[1] = p.Name
	}
	if c, ok := t.City(cityID); ok {
		list[2] = c.Name
	}
	if d, ok := t.District(districtID); ok {
		list[3] = d.Name
	}
	return list
}

// Info joins the names of the regions with the given ids with sep. An id that
// is zero or unknown is left out. It does not ask whether the regions belong
// together, and allocates once at most.
func (t *Table) Info(sep string, countryID, provinceID, cityID, districtID int64) string {
	list := t.names(countryID, provinceID, cityID, districtID)
	size := 0
	for _, name := range list {
		if name != "" {
			size += len(name) + len(sep)
		}
	}
	if size == 0 {
		return ""
	}
	var b strings.Builder
	b.Grow(size - len(sep))
	for _, name := range list {
		if name == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(sep)
		}
		b.WriteString(name)
	}
	return b.String()
}

// AppendInfo appends to dst what Info returns and returns the extended slice.
func (t *Table) AppendInfo(dst []byte, sep string, countryID, provinceID, cityID, districtID int64) []byte {
	first := true
	for _, name := range t.names(countryID, provinceID, cityID, districtID) {
		if name == "" {
			continue
		}
		if !first {
			dst = append(dst, sep...)
		}
		first = false
		dst = append(dst, name...)
	}
	return dst
}

// Consistent checks ids that are to be stored together. It returns an error
// that wraps ErrUnknown if an id that is not zero is that of no region, and one
// that wraps ErrParent if a region does not belong to the nearest one given
// above it. An id of zero means that the level is not given. Retired regions
// pass, so that what was stored once stays valid.
func (t *Table) Consistent(countryID, provinceID, cityID, districtID int64) error {
	// From the district upwards, the parent of what is given stands in for a
	// level that is not.
	if districtID != 0 {
		d, ok := t.District(districtID)
		if !ok {
			return unknown(LevelDistrict, districtID)
		}
		if cityID != 0 && cityID != d.CityID {
			if _, ok := t.City(cityID); !ok {
				return unknown(LevelCity, cityID)
			}
			return misplaced(LevelDistrict, districtID, LevelCity, cityID)
		}
		cityID = d.CityID
	}
	if cityID != 0 {
		c, ok := t.City(cityID)
		if !ok {
			return unknown(LevelCity, cityID)
		}
		if provinceID != 0 && provinceID != c.ProvinceID {
			if _, ok := t.Province(provinceID); !ok {
				return unknown(LevelProvince, provinceID)
			}
			return misplaced(LevelCity, cityID, LevelProvince, provinceID)
		}
		provinceID = c.ProvinceID
	}
	if provinceID != 0 {
		p, ok := t.Province(provinceID)
		if !ok {
			return unknown(LevelProvince, provinceID)
		}
		if countryID != 0 && countryID != p.CountryID {
			return unknown(LevelCountry, countryID)
		}
		countryID = p.CountryID
	}
	if countryID != 0 && countryID != t.country.ID {
		return unknown(LevelCountry, countryID)
	}
	return nil
}

func unknown(level string, id int64) error {
	return fmt.Errorf("%s %d: %w", level, id, ErrUnknown)
}

func misplaced(level string, id int64, above string, aboveID int64) error {
	return fmt.Errorf("%s %d in %s %d: %w", level, id, above, aboveID, ErrParent)
}
