package gen

import (
	_ "embed" // For the word lists.
	"fmt"
	"strconv"
	"strings"
	"sync"

	"guanxi/internal/region"
)

//go:embed words.txt
var wordsText string

//go:embed places.txt
var placesText string

// words are the lists of words.txt.
type words struct {
	popular, first, follow, third, ends4                                 urn[string]
	latin1, latin2, latin3                                               urn[string]
	trade, form, partnertrade, partnerform, shop                         urn[string]
	trad1, trad2, tradtrade, tradform                                    urn[string]
	surname, male, female, department, job, road, place, note, latinform urn[string]
}

func (w *words) lists() map[string]*urn[string] {
	return map[string]*urn[string]{
		"popular": &w.popular, "first": &w.first, "follow": &w.follow, "third": &w.third, "ends4": &w.ends4,
		"latin1": &w.latin1, "latin2": &w.latin2, "latin3": &w.latin3, "latinform": &w.latinform, "trade": &w.trade,
		"form": &w.form, "partnertrade": &w.partnertrade, "partnerform": &w.partnerform, "shop": &w.shop,
		"trad1": &w.trad1, "trad2": &w.trad2, "tradtrade": &w.tradtrade, "tradform": &w.tradform,
		"surname": &w.surname, "male": &w.male, "female": &w.female, "department": &w.department, "job": &w.job,
		"road": &w.road, "place": &w.place, "note": &w.note,
	}
}

// loadWords reads the lists once. What it gives is never changed.
var loadWords = sync.OnceValues(func() (*words, error) {
	w := &words{}
	lists := w.lists()
	for line := range strings.Lines(wordsText) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, rest, ok := strings.Cut(line, ": ")
		u := lists[name]
		if !ok || u == nil {
			return nil, fmt.Errorf("gen: line %q of the words", line)
		}
		if name == "latinform" { // the only word with a blank in it
			word, _, _ := strings.Cut(rest, "=")
			u.add(word, 1)
			continue
		}
		for _, entry := range strings.Fields(rest) {
			word, weight, err := weighted(entry)
			if err != nil {
				return nil, err
			}
			u.add(word, weight)
		}
	}
	for name, u := range lists {
		if u.total == 0 {
			return nil, fmt.Errorf("gen: the list %s is empty", name)
		}
	}
	return w, nil
})

func weighted(entry string) (string, int, error) {
	word, number, ok := strings.Cut(entry, "=")
	if !ok {
		return word, 1, nil
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 {
		return "", 0, fmt.Errorf("gen: bad weight in %q", entry)
	}
	return word, n, nil
}

// town is a city with what the generator needs of it.
type town struct {
	province *region.Province
	city     *region.City
	short    string // the name as it begins names of companies: 上海
	lat, lng float64
	code     string // of the telephone
}

// places are the towns of China by the shares of their companies.
type places struct {
	regions   *region.Table
	provinces urn[urn[*town]]
}

type spot struct {
	share    int
	lat, lng float64
	code     string
}

func parseSpot(f []string) (s spot, err error) {
	if len(f) != 5 {
		return s, fmt.Errorf("gen: line %q of the places", strings.Join(f, " "))
	}
	if s.share, err = strconv.Atoi(f[1]); err != nil {
		return s, err
	}
	if s.lat, err = strconv.ParseFloat(f[2], 64); err != nil {
		return s, err
	}
	s.lng, err = strconv.ParseFloat(f[3], 64)
	s.code = f[4]
	return s, err
}

// countryID is China.
const countryID = 4

func newPlaces(regions *region.Table) (*places, error) {
	provinces, cities := map[int64]spot{}, map[string]spot{}
	for line := range strings.Lines(placesText) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0][0] == '#' {
			continue
		}
		s, err := parseSpot(f)
		if err != nil {
			return nil, err
		}
		if id, err := strconv.ParseInt(f[0], 10, 64); err == nil {
			provinces[id] = s
		} else {
			cities[f[0]] = s
		}
	}
	p := &places{regions: regions}
	for _, province := range regions.Provinces(countryID) {
		seat, ok := provinces[province.ID]
		if !ok {
			return nil, fmt.Errorf("gen: no place for province %d", province.ID)
		}
		var towns urn[*town]
		for i, city := range regions.Cities(province.ID) {
			t := &town{province: province, city: city, short: shortName(city.Name), lat: seat.lat, lng: seat.lng, code: seat.code}
			share := 2
			if i == 0 {
				share = 10
			}
			if big, ok := cities[city.Name]; ok {
				share, t.lat, t.lng, t.code = big.share, big.lat, big.lng, big.code
			}
			towns.add(t, share)
		}
		if towns.total > 0 {
			p.provinces.add(towns, seat.share)
		}
	}
	return p, nil
}

// draw gives a town by the shares of companies.
func (p *places) draw(d *dice) *town {
	towns := p.provinces.draw(d)
	return towns.draw(d)
}

// district gives a district of the town, nil where it has none.
func (p *places) district(d *dice, t *town) *region.District {
	list := p.regions.Districts(t.city.ID)
	if len(list) == 0 {
		return nil
	}
	return list[d.n(len(list))]
}

// shortName is a place's name without the kind of place: 上海 for 上海市. Long
// kinds (自治州) stay out of names; the name is empty then.
func shortName(name string) string {
	for _, kind := range []string{"市", "县", "区"} {
		if short, ok := strings.CutSuffix(name, kind); ok && len(short) >= 6 {
			return short
		}
	}
	return ""
}
