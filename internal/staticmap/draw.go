package staticmap

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"math"
	"strconv"

	"guanxi/internal/picture/canvas"
)

// tileSide is the width of the whole world at zoom 0, in pixels.
const tileSide = 256

// equatorMetres is the length of the equator in the projection.
const equatorMetres = 2 * math.Pi * 6378137

// project gives the place in Web Mercator pixels at a world width of
// tileSide*worlds, counted from the north-west corner.
func project(c Coord, worlds float64) (x, y float64) {
	side := tileSide * worlds
	sin := math.Sin(c.Lat * math.Pi / 180)
	return (c.Lng + 180) / 360 * side, (0.5 - math.Log((1+sin)/(1-sin))/(4*math.Pi)) * side
}

// unproject is the inverse of project.
func unproject(x, y, worlds float64) Coord {
	side := tileSide * worlds
	lat := 2*math.Atan(math.Exp(math.Pi*(1-2*y/side))) - math.Pi/2
	return Coord{x/side*360 - 180, lat * 180 / math.Pi}
}

// sheet is a picture being drawn. Lengths are in pixels at scale 1.
type sheet struct {
	*canvas.Canvas
	w, h   float64
	worlds float64
	x0, y0 float64 // The projected place of the upper left corner.
}

// The colours of a sheet.
var (
	paper    = color.RGBA{0xf6, 0xf4, 0xee, 0xff}
	beyond   = color.RGBA{0xe4, 0xe1, 0xd8, 0xff} // Outside of the projection.
	gridLine = color.RGBA{0xcb, 0xd3, 0xda, 0xff}
	frame    = color.RGBA{0xa9, 0xb3, 0xbc, 0xff}
	ink      = color.RGBA{0x4a, 0x55, 0x60, 0xff}
	panel    = color.RGBA{0xff, 0xff, 0xff, 0xff}
	pinBlue  = color.RGBA{0x2f, 0x6f, 0xd0, 0xff}
	white    = color.RGBA{0xff, 0xff, 0xff, 0xff}
)

// smallestLabelled is the shorter side below which a sheet has no writing.
const smallestLabelled = 120

// Draw draws the sheet of a request as a PNG of Width*Scale by Height*Scale
// pixels. Equal requests give equal bytes. It shows where the markers lie on
// the globe, and nothing of what is there.
func Draw(r Request) []byte {
	s := &sheet{
		Canvas: canvas.New(r.Width, r.Height, r.Scale, paper),
		w:      float64(r.Width),
		h:      float64(r.Height),
		worlds: float64(int(1) << r.Zoom),
	}
	cx, cy := project(r.Center, s.worlds)
	s.x0, s.y0 = cx-s.w/2, cy-s.h/2
	labelled := min(r.Width, r.Height) >= smallestLabelled

	s.grid(labelled)
	s.border()
	for _, m := range r.Markers {
		s.pin(m)
	}
	if labelled {
		s.notes(r)
	}
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&b, s.Image); err != nil {
		panic("staticmap: encode a drawn picture: " + err.Error())
	}
	return b.Bytes()
}

// step gives the distance of grid lines in millionths of a degree: the
// smallest round one that keeps lines about a hundred pixels apart.
func (s *sheet) step() int64 {
	const apart = 90
	degrees := apart * 360 / (tileSide * s.worlds)
	for _, n := range []int64{
		100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000,
		1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000, 30_000_000,
	} {
		if float64(n) >= degrees*1e6 {
			return n
		}
	}
	return 45_000_000
}

// grid draws the lines of round degrees and what lies outside of the world.
func (s *sheet) grid(labelled bool) {
	side := tileSide * s.worlds
	s.Rect(0, 0, -s.x0, s.h, beyond)
	s.Rect(side-s.x0, 0, s.w, s.h, beyond)
	s.Rect(0, 0, s.w, -s.y0, beyond)
	s.Rect(0, side-s.y0, s.w, s.h, beyond)

	step := s.step()
	west, north := s.at(0, 0)
	east, south := s.at(s.w, s.h)
	var meridians, parallels []int64
	for n := firstLine(max(west, -180), step); float64(n) <= min(east, 180)*1e6; n += step {
		meridians = append(meridians, n)
	}
	for n := firstLine(max(south, -maxLatitude), step); float64(n) <= min(north, maxLatitude)*1e6; n += step {
		parallels = append(parallels, n)
	}
	for _, n := range meridians {
		x, _ := project(Coord{Lng: float64(n) / 1e6}, s.worlds)
		x = math.Floor(x - s.x0)
		s.Rect(x, max(0, -s.y0), x+1, min(s.h, side-s.y0), gridLine)
	}
	for _, n := range parallels {
		_, y := project(Coord{Lat: float64(n) / 1e6}, s.worlds)
		y = math.Floor(y - s.y0)
		s.Rect(max(0, -s.x0), y, min(s.w, side-s.x0), y+1, gridLine)
	}
	if !labelled {
		return
	}
	for _, n := range meridians {
		x, _ := project(Coord{Lng: float64(n) / 1e6}, s.worlds)
		x = math.Floor(x-s.x0) + 4
		if name := lineName(n, step, "E", "W"); x+canvas.TextWidth(name, 1) < s.w {
			s.Text(x, 3, 1, ink, name)
		}
	}
	for _, n := range parallels {
		_, y := project(Coord{Lat: float64(n) / 1e6}, s.worlds)
		// The upper and lower edges belong to other writing.
		if y -= s.y0; y > 36 && y < s.h-44 {
			s.Text(5, math.Floor(y)-canvas.CharHeight-1, 1, ink, lineName(n, step, "N", "S"))
		}
	}
}

// at gives the degrees at a point of the sheet, which may lie outside of the
// world.
func (s *sheet) at(x, y float64) (lng, lat float64) {
	c := unproject(s.x0+x, s.y0+y, s.worlds)
	return c.Lng, c.Lat
}

// firstLine gives the first line at or after a degree.
func firstLine(degrees float64, step int64) int64 {
	return int64(math.Ceil(degrees*1e6/float64(step))) * step
}

// lineName writes the degrees of a line with as many decimals as the step has.
func lineName(n, step int64, positive, negative string) string {
	places := 0
	for unit := int64(1_000_000); step%unit != 0; unit /= 10 {
		places++
	}
	text := strconv.FormatFloat(math.Abs(float64(n))/1e6, 'f', places, 64)
	switch {
	case n > 0:
		return text + positive
	case n < 0:
		return text + negative
	}
	return text
}

// border draws a thin frame.
func (s *sheet) border() {
	s.Rect(0, 0, s.w, 1, frame)
	s.Rect(0, s.h-1, s.w, s.h, frame)
	s.Rect(0, 0, 1, s.h, frame)
	s.Rect(s.w-1, 0, s.w, s.h, frame)
}

// pin draws a marker whose tip stands on its place. One outside of the sheet
// leaves no trace.
func (s *sheet) pin(m Marker) {
	x, y := project(m.At, s.worlds)
	x, y = x-s.x0, y-s.y0
	radius := map[MarkerSize]float64{Small: 8, Mid: 11, Large: 15}[m.Size]
	col := pinBlue
	if v, err := strconv.ParseUint(m.Color, 0, 32); err == nil {
		col = color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 0xff}
	}
	head := y - 2.3*radius
	s.Ellipse(x, y, radius*0.45, radius*0.16, color.RGBA{A: 50})
	s.drop(x, y+1, head, radius+1.5, white)
	s.drop(x, y, head, radius, col)
	if m.Label == "" || m.Label[0] >= 0x80 {
		s.Ellipse(x, head, radius*0.4, radius*0.4, white)
		return
	}
	size := 1
	if m.Size == Large {
		size = 2
	}
	s.Text(math.Round(x-canvas.CharWidth*float64(size)/2), math.Round(head-canvas.CharHeight*float64(size)/2), size, white, m.Label)
}

// drop draws the outline of a pin: most of a circle, closed by a tip.
func (s *sheet) drop(x, tip, head, radius float64, col color.Color) {
	const open = 0.22 * math.Pi
	points := canvas.Arc(x, head, radius, radius, math.Pi/2+open, math.Pi*5/2-open)
	s.Polygon(col, append(points, canvas.Point{X: x, Y: tip})...)
}

// notes writes the scale bar and the coordinates into the lower corners.
func (s *sheet) notes(r Request) {
	const line = canvas.CharHeight + 2
	texts := []string{
		fmt.Sprintf("%.5f, %.5f", r.Center.Lng, r.Center.Lat),
		"grid only, no map data",
	}
	width := max(canvas.TextWidth(texts[0], 1), canvas.TextWidth(texts[1], 1)) + 10
	bottom := s.h - 5
	if width > s.w-10 {
		texts, width = texts[:1], canvas.TextWidth(texts[0], 1)+10
	}
	top := bottom - line*float64(len(texts)) - 3
	if width <= s.w-10 {
		s.Rect(s.w-5-width, top, s.w-5, bottom, panel)
		for i, text := range texts {
			s.Text(s.w-width, top+3+line*float64(i), 1, ink, text)
		}
	}

	metres, length := scaleBar(r.Center.Lat, s.worlds)
	name := fmt.Sprintf("%d m", metres)
	if metres >= 10_000 {
		name = fmt.Sprintf("%d km", metres/1000)
	}
	barWidth := max(length, canvas.TextWidth(name, 1)) + 10
	if barWidth+width > s.w-15 {
		bottom = top - 4 // There is no room side by side.
	}
	s.Rect(5, bottom-26, 5+barWidth, bottom, panel)
	s.Text(10, bottom-24, 1, ink, name)
	s.Rect(10, bottom-6, 10+length, bottom-4, ink)
	s.Rect(10, bottom-9, 11, bottom-4, ink)
	s.Rect(9+length, bottom-9, 10+length, bottom-4, ink)
}

// scaleBar gives the longest round distance that takes at most about a hundred
// pixels at a latitude, and the pixels it takes.
func scaleBar(lat, worlds float64) (metres int, length float64) {
	const longest = 100
	perPixel := equatorMetres * math.Cos(lat*math.Pi/180) / (tileSide * worlds)
	metres = 1
	for decade := 1; decade <= 10_000_000; decade *= 10 {
		for _, n := range []int{1, 2, 5} {
			if float64(n*decade) <= longest*perPixel {
				metres = n * decade
			}
		}
	}
	return metres, float64(metres) / perPixel
}
