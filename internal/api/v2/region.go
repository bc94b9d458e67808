package v2

import (
	"strings"

	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
	"guanxi/internal/region"
)

// regionsPerPage is the size of a page of regions: no region has more regions
// directly below it, so that a list to choose from is one page.
const regionsPerPage = crm.MaxPerPage

// level is one level of regions on the wire.
type level struct {
	name, plural string
	parent       string // the parameter, and the key of the answer, of the level above
}

var (
	countries = level{name: region.LevelCountry, plural: "countries"}
	provinces = level{region.LevelProvince, "provinces", "country_id"}
	cities    = level{region.LevelCity, "cities", "province_id"}
	districts = level{region.LevelDistrict, "districts", "city_id"}
)

// Countries answers GET /api/v2/regions/countries.
func Countries(c *call.Call) error { return regions(c, countries) }

// Provinces answers GET /api/v2/regions/provinces.
func Provinces(c *call.Call) error { return regions(c, provinces) }

// Cities answers GET /api/v2/regions/cities.
func Cities(c *call.Call) error { return regions(c, cities) }

// Districts answers GET /api/v2/regions/districts.
func Districts(c *call.Call) error { return regions(c, districts) }

// regions lists the regions of a level, of those of one region above it where
// that is given, and with names that contain the query or pinyin that begins
// with it.
func regions(c *call.Call, l level) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	page, perPage, err := regionPaging(p)
	if err != nil {
		return err
	}
	parent := int64(0)
	if l.parent != "" && p.Given(l.parent) {
		if parent, err = oneID(p, "address", l.parent); err != nil {
			return err
		}
	}
	query := strings.ToLower(strings.TrimSpace(p.String("query")))
	var found []region.Row
	for row := range c.Service.Regions().All() {
		if row.Level == l.name && (parent == 0 || row.ParentID == parent) &&
			(query == "" || strings.Contains(row.Name, query) || strings.HasPrefix(row.Pinyin, query)) {
			found = append(found, row)
		}
	}
	from := min((page-1)*perPage, len(found))
	to := min(from+perPage, len(found))
	shown := found[from:to]
	s := shapes(c)
	s.page(l.plural, crm.ListPage{Page: page, PerPage: perPage, Total: len(found), More: to < len(found)}, len(shown), func(i int) {
		s.Object("")
		s.regionRow(shown[i], l.parent)
		s.End()
	})
	return nil
}

func regionPaging(p *param.Params) (page, perPage int, err error) {
	page, perPage, err = paging(p)
	if !p.Given("per_page") {
		perPage = regionsPerPage
	}
	return page, perPage, err
}

func (s *shape) regionRow(r region.Row, parent string) {
	s.Int("id", r.ID)
	s.String("name", r.Name)
	s.String("pinyin", r.Pinyin)
	if parent != "" {
		s.Int(parent, r.ParentID)
	}
	s.String("gb_code", r.GBCode)
	s.Bool("retired", r.Retired)
}

// RegionTree answers GET /api/v2/regions/tree: all regions, each with those
// below it.
func RegionTree(c *call.Call) error {
	below := map[string]map[int64][]region.Row{}
	for row := range c.Service.Regions().All() {
		if below[row.Level] == nil {
			below[row.Level] = map[int64][]region.Row{}
		}
		below[row.Level][row.ParentID] = append(below[row.Level][row.ParentID], row)
	}
	s := shapes(c)
	var write func(parent int64, levels ...level)
	write = func(parent int64, levels ...level) {
		s.Array(levels[0].plural)
		for _, row := range below[levels[0].name][parent] {
			s.Object("")
			s.regionRow(row, levels[0].parent)
			if len(levels) > 1 {
				write(row.ID, levels[1:]...)
			}
			s.End()
		}
		s.EndArray()
	}
	s.data(func() { write(0, countries, provinces, cities, districts) })
	return nil
}
