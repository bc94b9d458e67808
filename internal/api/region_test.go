package api

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"testing"
)

type shownRegion struct {
	ID        int64
	Name      string
	Pinyin    string
	GBCode    string `json:"gb_code"`
	Retired   bool
	Country   int64 `json:"country_id"`
	Province  int64 `json:"province_id"`
	City      int64 `json:"city_id"`
	Countries []shownRegion
	Provinces []shownRegion
	Cities    []shownRegion
	Districts []shownRegion
	Total     int  `json:"total_count"`
	PerPage   int  `json:"per_page"`
	More      bool `json:"has_next_page"`
}

func (w *world) regions(target string) (r shownRegion) {
	w.t.Helper()
	var body struct {
		Code int
		Data shownRegion
	}
	a := w.get(home, creator, "/api/v2/regions/"+target)
	must(w.t, json.Unmarshal([]byte(a.body), &body))
	if a.status != 200 || body.Code != 0 {
		w.t.Fatalf("%s: %s", target, a.body)
	}
	return body.Data
}

func TestRegionAnswers(t *testing.T) {
	w := newWorld(t)
	for name, target := range map[string]string{
		"regions.countries": "countries", "regions.provinces": "provinces?country_id=4&per_page=3", "regions.provinces_of_nowhere": "provinces?country_id=5", "regions.cities": "cities?province_id=14",
		"regions.districts": "districts?city_id=2", "regions.districts_found": "districts?query=西湖", "regions.cities_bad_parent": "cities?province_id=x",
		"regions.districts_retired": "districts?city_id=1&query=崇文",
	} {
		golden(t, name, w.get(home, creator, "/api/v2/regions/"+target).body)
	}
}

func TestRegions(t *testing.T) {
	w := newWorld(t)
	provinces := w.regions("provinces?country_id=4")
	if provinces.Total != 34 || len(provinces.Provinces) != 34 || provinces.More || provinces.Provinces[0].Name != "北京" || provinces.Provinces[0].Country != 4 {
		t.Errorf("provinces: %+v", provinces)
	}
	if some := w.regions("provinces?per_page=10&page=4"); len(some.Provinces) != 4 || some.PerPage != 10 || some.More {
		t.Errorf("the last page: %+v", some)
	}
	for query, want := range map[string]string{"南昌": "南昌市", "nanchang": "南昌市", "NanChang": "南昌市"} {
		if found := w.regions("cities?query=" + query); found.Total != 1 || found.Cities[0].Name != want || found.Cities[0].ID != 124 {
			t.Errorf("%s: %+v", query, found)
		}
	}
	if all := w.regions("districts"); len(all.Districts) != 100 || !all.More || all.Total != 2899 {
		t.Errorf("districts: %d of %d", len(all.Districts), all.Total)
	}
	// The tree holds what the lists hold.
	count := func(r shownRegion) (n int) {
		for _, c := range r.Countries {
			for _, p := range c.Provinces {
				if p.Country != c.ID {
					t.Errorf("%+v is below %d", p.Name, c.ID)
				}
				for _, y := range p.Cities {
					n += len(y.Districts)
				}
			}
		}
		return n
	}
	if tree := w.regions("tree"); count(tree) != w.regions("districts").Total {
		t.Errorf("the tree has %d districts", count(tree))
	}
}

// Regions change with the program only: neither a write nor the caller nor an
// hour moves their ETag.
func TestRegionsAreKept(t *testing.T) {
	w := newWorld(t)
	for _, target := range []string{"tree", "provinces?country_id=4"} {
		a := w.get(home, owner, "/api/v2/regions/"+target)
		tag := a.header.Get("ETag")
		if tag == "" || a.header.Get("Cache-Control") != "private, max-age=86400" {
			t.Fatalf("%s: %v", target, a.header)
		}
		w.post(home, owner, "/api/v2/customers", fmt.Sprintf(`{"customer":{"name":"%s"}}`, target[:4]))
		w.clock.Add(2 * 3600 * 1000)
		r := httptest.NewRequest("GET", "http://crm.example.com/api/v2/regions/"+target, nil)
		r.Header.Set("Authorization", "Token token="+w.token(home, colleague))
		r.Header.Set("If-None-Match", tag)
		if got := w.do(r); got.status != 304 || got.header.Get("ETag") != tag {
			t.Errorf("%s: %d %v", target, got.status, got.header)
		}
	}
	if refused := w.get(home, owner, "/api/v2/regions/cities?province_id=-1"); refused.header.Get("Cache-Control") != "no-store" || refused.header.Get("ETag") != "" {
		t.Errorf("a refusal: %v", refused.header)
	}
}
