package staticmap

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func parse(t interface{ Fatalf(string, ...any) }, query string) Request {
	q, err := url.ParseQuery(strings.ReplaceAll(query, ";", "%3B"))
	if err != nil {
		t.Fatalf("odd query %q", query)
	}
	r, err := Parse(q)
	if err != nil {
		t.Fatalf("Parse(%q): %v", query, err)
	}
	return r
}

func TestParse(t *testing.T) {
	at := func(lng, lat float64) Coord { return Coord{lng, lat} }
	for query, want := range map[string]Request{
		"location=121.4737,31.2304":                                       {at(121.4737, 31.2304), nil, 400, 400, 10, 1},
		"location=-180,-85.05&size=1*1024&zoom=17&scale=2&key=x&size=7*7": {at(-180, -85.05), nil, 1, 1024, 17, 2},
		"location=1,2&size=&zoom=&scale=&markers=":                        {at(1, 2), nil, 400, 400, 10, 1},
		"location=-0.0000001,1.23456789":                                  {at(0, 1.234568), nil, 400, 400, 10, 1},
		"markers=mid,,A:116.5,39.9": {at(116.5, 39.9),
			[]Marker{{at(116.5, 39.9), Mid, "", "A"}}, 400, 400, 10, 1},
		"location=0,0&markers=large,0xFFaa00,店:1,2;3,4|:5,6|mid:7,8": {at(0, 0), []Marker{
			{at(1, 2), Large, "0xffaa00", "店"}, {at(3, 4), Large, "0xffaa00", "店"},
			{at(5, 6), Small, "", ""}, {at(7, 8), Mid, "", ""},
		}, 400, 400, 10, 1},
		"markers=mid,,A:10,0|mid,,B:20,0": {at(15, 0), []Marker{
			{at(10, 0), Mid, "", "A"}, {at(20, 0), Mid, "", "B"},
		}, 400, 400, 10, 1},
	} {
		if got := parse(t, query); !reflect.DeepEqual(got, want) {
			t.Errorf("Parse(%q):\n%+v, want\n%+v", query, got, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	eleven := "mid,,A:1,2" + strings.Repeat(";1,2", 10)
	for query, word := range map[string]string{
		"":                                    "location",
		"location=1":                          "comma",
		"location=1,2,3":                      "comma",
		"location=a,b":                        "numbers",
		"location=NaN,0":                      "longitude",
		"location=0,nan":                      "latitude",
		"location=Inf,0":                      "longitude",
		"location=180.1,0":                    "longitude",
		"location=0,-85.06":                   "latitude",
		"location=0,0&size=400":               "400*400",
		"location=0,0&size=0*400":             "width",
		"location=0,0&size=400*1025":          "height",
		"location=0,0&size=400*-1":            "height",
		"location=0,0&zoom=0":                 "zoom",
		"location=0,0&zoom=18":                "zoom",
		"location=0,0&zoom=1.5":               "zoom",
		"location=0,0&scale=3":                "scale",
		"markers=1,2":                         "marker",
		"markers=|":                           "marker",
		"markers=mid,,A:":                     "marker",
		"markers=huge,,A:1,2":                 "size",
		"markers=-1,http://x/y.png,0:1,2":     "size",
		"markers=mid,red,A:1,2":               "color",
		"markers=mid,0xff,A:1,2":              "color",
		"markers=mid,0x+fffff,A:1,2":          "color",
		"markers=mid,,AB:1,2":                 "label",
		"markers=mid,,A,B:1,2":                "label",
		"markers=mid,,%ff:1,2":                "label",
		"markers=mid,,%0a:1,2":                "label",
		"markers=mid,,A:1,99":                 "latitude",
		"location=0,0&markers=" + eleven:      "10",
		"location=1,2&markers=mid,,A:1,2:3,4": "numbers",
	} {
		q, err := url.ParseQuery(strings.ReplaceAll(query, ";", "%3B"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(q); !errors.Is(err, ErrBadRequest) || !strings.Contains(err.Error(), word) {
			t.Errorf("Parse(%q): %v, want a word on %q", query, err, word)
		}
	}
}

func requests() *rapid.Generator[Request] {
	return rapid.Custom(func(t *rapid.T) Request {
		coord := func(name string) Coord {
			return Coord{
				float64(rapid.IntRange(-180e6, 180e6).Draw(t, name+" lng")) / 1e6,
				float64(rapid.IntRange(-85.05e6, 85.05e6).Draw(t, name+" lat")) / 1e6,
			}
		}
		r := Request{
			Center: coord("center"),
			Width:  rapid.IntRange(1, 300).Draw(t, "w"),
			Height: rapid.IntRange(1, 300).Draw(t, "h"),
			Zoom:   rapid.IntRange(1, MaxZoom).Draw(t, "zoom"),
			Scale:  rapid.IntRange(1, 2).Draw(t, "scale"),
		}
		for i := range rapid.IntRange(0, MaxMarkers).Draw(t, "markers") {
			m := Marker{
				At:    coord(fmt.Sprint("marker ", i)),
				Size:  rapid.SampledFrom([]MarkerSize{Small, Mid, Large}).Draw(t, "size"),
				Label: rapid.SampledFrom([]string{"", "A", "9", "店"}).Draw(t, "label"),
			}
			if rapid.Bool().Draw(t, "coloured") {
				m.Color = fmt.Sprintf("0x%06x", rapid.IntRange(0, 0xffffff).Draw(t, "color"))
			}
			r.Markers = append(r.Markers, m)
		}
		return r
	})
}

func TestQueryRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := requests().Draw(t, "request")
		if got := parse(t, r.Query()); !reflect.DeepEqual(got, r) {
			t.Fatalf("%q gave\n%+v, want\n%+v", r.Query(), got, r)
		}
	})
}

func TestProjection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := requests().Draw(t, "request").Center
		x, y := project(c, 8)
		if x < 0 || y < 0 || x > 8*tileSide || y > 8*tileSide {
			t.Fatalf("%v is at %v,%v", c, x, y)
		}
		if d := unproject(x, y, 8); math.Abs(d.Lng-c.Lng) > 1e-6 || math.Abs(d.Lat-c.Lat) > 1e-6 {
			t.Fatalf("%v came back as %v", c, d)
		}
	})
	if x, y := project(Coord{}, 1); math.Abs(x-128) > 1e-9 || math.Abs(y-128) > 1e-9 {
		t.Errorf("the origin is at %v,%v", x, y)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("location=1,2&markers=mid,,A:1,2;3,4|large:5,6&size=4*4")
	f.Fuzz(func(t *testing.T, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		r, err := Parse(q)
		if err != nil {
			if !errors.Is(err, ErrBadRequest) {
				t.Errorf("Parse(%q): %v", query, err)
			}
			return
		}
		if again := parse(t, r.Query()); !reflect.DeepEqual(again, r) {
			t.Errorf("%q changed from %+v to %+v", query, r, again)
		}
	})
}
