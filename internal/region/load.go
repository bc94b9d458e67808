package region

import (
	_ "embed" // For the table of regions.
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

//go:embed regions.tsv
var regionsTSV string

// header is the first line of the embedded file.
const header = "level\tid\tparent_id\tname\tpinyin\tgb_code\tretired"

// maxID bounds the ids, and with them the size of the table.
const maxID = 1 << 20

// Load returns the table of regions. The embedded file is parsed on the first
// call; all calls return the same table.
func Load() (*Table, error) { return load() }

var load = sync.OnceValues(func() (*Table, error) { return parse(regionsTSV) })

// parse reads a table. Ids of a level must ascend and a parent must come
// before its children.
func parse(text string) (*Table, error) {
	t := &Table{
		provinces: make([]Province, 1, 64),
		cities:    make([]City, 1, 512),
		districts: make([]District, 1, 4096),
	}
	n := 0
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		n++
		if n == 1 {
			if line != header {
				return nil, errors.New("region: unexpected header")
			}
			continue
		}
		r, err := parseRow(line)
		if err == nil {
			err = t.add(r)
		}
		if err != nil {
			return nil, fmt.Errorf("region: line %d: %w", n, err)
		}
	}
	if t.country.ID == 0 {
		return nil, errors.New("region: no country")
	}
	t.link()
	return t, nil
}

// parseRow reads a line of the file.
func parseRow(line string) (Row, error) {
	f := strings.Split(line, "\t")
	if len(f) != 7 {
		return Row{}, fmt.Errorf("%d columns", len(f))
	}
	id, err := strconv.ParseInt(f[1], 10, 64)
	if err != nil || id <= 0 || id > maxID {
		return Row{}, fmt.Errorf("bad id %q", f[1])
	}
	parent, err := strconv.ParseInt(f[2], 10, 64)
	if err != nil || parent < 0 {
		return Row{}, fmt.Errorf("bad parent id %q", f[2])
	}
	if f[3] == "" {
		return Row{}, errors.New("no name")
	}
	if f[6] != "0" && f[6] != "1" {
		return Row{}, fmt.Errorf("bad mark %q", f[6])
	}
	return Row{Level: f[0], ID: id, ParentID: parent, Name: f[3], Pinyin: f[4], GBCode: f[5], Retired: f[6] == "1"}, nil
}

// add puts a row into the table.
func (t *Table) add(r Row) error {
	ok, found := true, true
	switch r.Level {
	case LevelCountry:
		ok = t.country.ID == 0
		t.country = Country{ID: r.ID, Name: r.Name, Pinyin: r.Pinyin}
	case LevelProvince:
		_, found = t.Country(r.ParentID)
		t.provinces, ok = put(t.provinces, r.ID, Province{r.ID, r.Name, r.Pinyin, r.ParentID, r.GBCode, r.Retired})
	case LevelCity:
		_, found = t.Province(r.ParentID)
		t.cities, ok = put(t.cities, r.ID, City{r.ID, r.Name, r.Pinyin, r.ParentID, r.GBCode, r.Retired})
	case LevelDistrict:
		_, found = t.City(r.ParentID)
		t.districts, ok = put(t.districts, r.ID, District{r.ID, r.Name, r.Pinyin, r.ParentID, r.GBCode, r.Retired})
	default:
		return fmt.Errorf("unknown level %q", r.Level)
	}
	if !found {
		return fmt.Errorf("%s %d has no parent %d", r.Level, r.ID, r.ParentID)
	}
	if !ok {
		return fmt.Errorf("%s %d is out of order", r.Level, r.ID)
	}
	return nil
}

// put stores v at index id of the list, which must end before it.
func put[T any](list []T, id int64, v T) ([]T, bool) {
	if id < int64(len(list)) {
		return list, false
	}
	var zero T
	for int64(len(list)) < id {
		list = append(list, zero)
	}
	return append(list, v), true
}

// link fills the lists of children.
func (t *Table) link() {
	t.citiesOf = make([][]*City, len(t.provinces))
	t.districtsOf = make([][]*District, len(t.cities))
	for i := range t.provinces {
		if p := &t.provinces[i]; p.ID != 0 && !p.Retired {
			t.provincesOf = append(t.provincesOf, p)
		}
	}
	for i := range t.cities {
		if c := &t.cities[i]; c.ID != 0 && !c.Retired {
			t.citiesOf[c.ProvinceID] = append(t.citiesOf[c.ProvinceID], c)
		}
	}
	for i := range t.districts {
		if d := &t.districts[i]; d.ID != 0 && !d.Retired {
			t.districtsOf[d.CityID] = append(t.districtsOf[d.CityID], d)
		}
	}
}
