// Package staticmap answers requests for a picture of a place.
//
// The server has no map data. Draw therefore gives an honest sheet: a grid of
// degrees in the Web Mercator projection with a scale bar and the markers at
// their places. When the operator has a key for AMap, signed requests get the
// real picture from there, fetched on the server's side so that the key stays
// secret; a sheet takes its place when that fails.
package staticmap

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrBadRequest says that the query does not describe a picture. Errors of
// Parse wrap it, and their text may be shown to whoever sent the query.
var ErrBadRequest = errors.New("bad map request")

// The limits and usual values of a request.
const (
	MaxMarkers  = 10
	MaxSide     = 1024
	MaxZoom     = 17
	defaultSide = 400
	defaultZoom = 10
	// maxLatitude is where the Web Mercator projection ends.
	maxLatitude = 85.05
	// decimals is how precisely a coordinate is kept, about a tenth of a metre.
	decimals = 6
)

// Coord is a place in degrees.
type Coord struct{ Lng, Lat float64 }

// MarkerSize is how large a marker is drawn.
type MarkerSize string

// The sizes of markers.
const (
	Small MarkerSize = "small"
	Mid   MarkerSize = "mid"
	Large MarkerSize = "large"
)

// Marker is a pin on the map.
type Marker struct {
	At    Coord
	Size  MarkerSize
	Color string // 0xRRGGBB in lower case, or empty for the usual colour.
	Label string // At most one character.
}

// Request describes one picture. A Request that did not come from Parse must
// keep to the same limits.
type Request struct {
	Center  Coord
	Markers []Marker
	Width   int // In pixels at scale 1.
	Height  int
	Zoom    int // 1 shows the whole world in 512 pixels, and each more doubles that.
	Scale   int // 1, or 2 for twice as many pixels of the same map.
}

// Parse reads a request from query values:
//
//	location=lng,lat   the middle; may be left out when there are markers
//	markers=size,color,label:lng,lat
//	                   size is small, mid or large, color is 0xRRGGBB, and the
//	                   label is one character; each may be empty. Several are
//	                   separated by "|" or ";"; one that has no style takes
//	                   that of the marker before it. At most 10.
//	size=W*H           1 to 1024 each, 400*400 unless given
//	zoom               1 to 17, 10 unless given
//	scale              1 or 2, 1 unless given
//
// Without a location the middle of all markers is shown. Other parameters are
// ignored, and of repeated ones the first counts.
func Parse(q url.Values) (Request, error) {
	r := Request{Width: defaultSide, Height: defaultSide, Zoom: defaultZoom, Scale: 1}
	var err error
	if r.Markers, err = parseMarkers(q.Get("markers")); err != nil {
		return Request{}, err
	}
	switch s := q.Get("location"); {
	case s != "":
		if r.Center, err = parseCoord("location", s); err != nil {
			return Request{}, err
		}
	case len(r.Markers) > 0:
		r.Center = middle(r.Markers)
	default:
		return Request{}, bad("location or markers must be given")
	}
	if s := q.Get("size"); s != "" {
		w, h, ok := strings.Cut(s, "*")
		if !ok {
			return Request{}, bad("size must look like 400*400")
		}
		if r.Width, err = parseInt("the width in size", w, MaxSide); err != nil {
			return Request{}, err
		}
		if r.Height, err = parseInt("the height in size", h, MaxSide); err != nil {
			return Request{}, err
		}
	}
	if s := q.Get("zoom"); s != "" {
		if r.Zoom, err = parseInt("zoom", s, MaxZoom); err != nil {
			return Request{}, err
		}
	}
	if s := q.Get("scale"); s != "" {
		if r.Scale, err = parseInt("scale", s, 2); err != nil {
			return Request{}, err
		}
	}
	return r, nil
}

// bad makes an error that wraps ErrBadRequest.
func bad(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrBadRequest, fmt.Sprintf(format, args...))
}

// parseInt reads a number from 1 to limit that is written in digits only.
func parseInt(what, s string, limit int) (int, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n < 1 || n > uint64(limit) {
		return 0, bad("%s must be a number from 1 to %d", what, limit)
	}
	return int(n), nil
}

// parseCoord reads "lng,lat" and rounds it to what is told apart.
func parseCoord(what, s string) (Coord, error) {
	lngText, latText, ok := strings.Cut(s, ",")
	lng, err1 := strconv.ParseFloat(lngText, 64)
	lat, err2 := strconv.ParseFloat(latText, 64)
	switch {
	case !ok || err1 != nil || err2 != nil:
		return Coord{}, bad("%s must be two numbers, longitude and latitude, separated by a comma", what)
	// The comparisons are written so that a value that is no number fails.
	case !(math.Abs(lng) <= 180):
		return Coord{}, bad("the longitude of %s must be from -180 to 180", what)
	case !(math.Abs(lat) <= maxLatitude):
		return Coord{}, bad("the latitude of %s must be from %v to %v", what, -maxLatitude, maxLatitude)
	}
	return Coord{roundDegrees(lng), roundDegrees(lat)}, nil
}

// roundDegrees rounds to the kept decimals and leaves no negative zero.
func roundDegrees(v float64) float64 {
	return math.Round(v*1e6)/1e6 + 0
}

// parseMarkers reads the whole list of markers.
func parseMarkers(list string) ([]Marker, error) {
	if list == "" {
		return nil, nil
	}
	var all []Marker
	style := Marker{Size: Small}
	styled := false
	for piece := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == '|' || r == ';' }) {
		if len(all) == MaxMarkers {
			return nil, bad("there are more than %d markers", MaxMarkers)
		}
		place := piece
		if text, rest, ok := strings.Cut(piece, ":"); ok {
			var err error
			if style, err = parseStyle(text); err != nil {
				return nil, err
			}
			place, styled = rest, true
		}
		if !styled {
			return nil, bad("a marker must look like mid,,A:121.47,31.23")
		}
		at, err := parseCoord("a marker", place)
		if err != nil {
			return nil, err
		}
		m := style
		m.At = at
		all = append(all, m)
	}
	if len(all) == 0 {
		return nil, bad("a marker must look like mid,,A:121.47,31.23")
	}
	return all, nil
}

// parseStyle reads "size,color,label". Parts at the end may be missing.
func parseStyle(s string) (Marker, error) {
	parts := strings.SplitN(s, ",", 3)
	for len(parts) < 3 {
		parts = append(parts, "")
	}
	m := Marker{Size: MarkerSize(parts[0]), Color: strings.ToLower(parts[1]), Label: parts[2]}
	switch m.Size {
	case Small, Mid, Large:
	case "":
		m.Size = Small
	default:
		return Marker{}, bad("the size of a marker must be small, mid or large")
	}
	if m.Color != "" {
		hex, ok := strings.CutPrefix(m.Color, "0x")
		if _, err := strconv.ParseUint(hex, 16, 32); !ok || err != nil || len(hex) != 6 {
			return Marker{}, bad("the color of a marker must look like 0x3366CC")
		}
	}
	if n := utf8.RuneCountInString(m.Label); n > 1 || !utf8.ValidString(m.Label) {
		return Marker{}, bad("the label of a marker must be one character")
	}
	if strings.ContainsFunc(m.Label, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return Marker{}, bad("the label of a marker must be a letter or a digit")
	}
	return m, nil
}

// middle gives the middle of the smallest box around the markers, as it looks
// in the projection. A box is never laid across the 180th meridian.
func middle(markers []Marker) Coord {
	x0, y0 := math.Inf(1), math.Inf(1)
	x1, y1 := math.Inf(-1), math.Inf(-1)
	for _, m := range markers {
		x, y := project(m.At, 1)
		x0, x1 = min(x0, x), max(x1, x)
		y0, y1 = min(y0, y), max(y1, y)
	}
	c := unproject((x0+x1)/2, (y0+y1)/2, 1)
	return Coord{roundDegrees(c.Lng), roundDegrees(c.Lat)}
}

// Query gives the request as query text in one fixed spelling: equal requests
// have equal text, and Parse reads the same request back. Whoever hands out a
// link to a map signs this text, and the caches use it as their key.
func (r Request) Query() string {
	q := url.Values{
		"location": {r.Center.String()},
		"size":     {fmt.Sprintf("%d*%d", r.Width, r.Height)},
		"zoom":     {strconv.Itoa(r.Zoom)},
		"scale":    {strconv.Itoa(r.Scale)},
	}
	if len(r.Markers) > 0 {
		parts := make([]string, len(r.Markers))
		for i, m := range r.Markers {
			parts[i] = fmt.Sprintf("%s,%s,%s:%s", m.Size, m.Color, m.Label, m.At)
		}
		q.Set("markers", strings.Join(parts, "|"))
	}
	return q.Encode()
}

// String gives the place as "lng,lat".
func (c Coord) String() string {
	return formatDegrees(c.Lng) + "," + formatDegrees(c.Lat)
}

// formatDegrees writes no more decimals than are kept, and no needless zeros.
func formatDegrees(v float64) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
