// Package canvas draws simple shapes and short texts into a picture: what the
// made-up pictures and the map sheet of this server need, and no more. The
// same calls give the same pixels on one kind of machine.
package canvas

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// The size of one ASCII character at text size 1, in units. Any other
// character is twice as wide.
const (
	CharWidth  = 7
	CharHeight = 13
)

// Canvas is a picture being drawn. All lengths are given in units, and one
// unit is Scale pixels. Shapes are clipped to the picture. A Canvas must be
// used by one goroutine at a time.
type Canvas struct {
	// Image is the picture so far.
	Image *image.RGBA
	scale int
}

// Point is a place on a canvas, in units from its upper left corner.
type Point struct{ X, Y float64 }

// New gives a canvas of w by h units, where a unit is scale pixels, filled
// with one colour. The sizes must be positive.
func New(w, h, scale int, background color.Color) *Canvas {
	c := &Canvas{Image: image.NewRGBA(image.Rect(0, 0, w*scale, h*scale)), scale: scale}
	draw.Draw(c.Image, c.Image.Rect, image.NewUniform(background), image.Point{}, draw.Src)
	return c
}

// Rect fills the rectangle between two corners. Its edges lie on whole pixels,
// so that thin lines stay sharp.
func (c *Canvas) Rect(x0, y0, x1, y1 float64, col color.Color) {
	k := float64(c.scale)
	r := image.Rect(round(x0*k), round(y0*k), round(x1*k), round(y1*k))
	draw.Draw(c.Image, r, image.NewUniform(col), image.Point{}, draw.Over)
}

// round gives the nearest whole number, kept within what a picture can hold.
func round(v float64) int {
	return int(math.Round(max(-1<<20, min(1<<20, v))))
}

// Polygon fills the closed shape between the points, with smooth edges.
func (c *Canvas) Polygon(col color.Color, points ...Point) {
	if len(points) < 3 {
		return
	}
	k := float64(c.scale)
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range points {
		x0, x1 = min(x0, p.X*k), max(x1, p.X*k)
		y0, y1 = min(y0, p.Y*k), max(y1, p.Y*k)
	}
	// The rasteriser works only on the part of the picture that is touched.
	box := image.Rect(round(math.Floor(x0)), round(math.Floor(y0)), round(math.Ceil(x1)), round(math.Ceil(y1)))
	box = box.Intersect(c.Image.Rect)
	if box.Empty() {
		return
	}
	z := vector.NewRasterizer(box.Dx(), box.Dy())
	for i, p := range points {
		x, y := float32(p.X*k-float64(box.Min.X)), float32(p.Y*k-float64(box.Min.Y))
		if i == 0 {
			z.MoveTo(x, y)
		} else {
			z.LineTo(x, y)
		}
	}
	z.ClosePath()
	z.Draw(c.Image, box, image.NewUniform(col), image.Point{})
}

// Ellipse fills an ellipse around a centre.
func (c *Canvas) Ellipse(cx, cy, rx, ry float64, col color.Color) {
	c.Polygon(col, Arc(cx, cy, rx, ry, 0, 2*math.Pi)...)
}

// Arc gives points along an ellipse around a centre, from one angle to another
// in radians, clockwise from the right as the picture is seen.
func Arc(cx, cy, rx, ry, from, to float64) []Point {
	const steps = 96
	points := make([]Point, steps+1)
	for i := range points {
		sin, cos := math.Sincos(from + (to-from)*float64(i)/steps)
		points[i] = Point{cx + rx*cos, cy + ry*sin}
	}
	return points
}

// TextWidth gives the width of a text in units.
func TextWidth(s string, size int) float64 {
	n := 0
	for _, r := range s {
		n += cells(r)
	}
	return float64(n * CharWidth * size)
}

// cells says how many character cells a character takes.
func cells(r rune) int {
	if isPlain(r) {
		return 1
	}
	return 2
}

// isPlain says whether the font has the character.
func isPlain(r rune) bool { return ' ' <= r && r <= '~' }

// Text draws one line with its upper left corner at x, y. The font holds ASCII
// only. Any other character becomes a small pattern of strokes that is always
// the same for that character: it fills a line believably and cannot be read.
func (c *Canvas) Text(x, y float64, size int, col color.Color, s string) {
	px := round(x * float64(c.scale))
	py := round(y * float64(c.scale))
	dot := size * c.scale
	u := image.NewUniform(col)
	for _, r := range s {
		if px >= c.Image.Rect.Max.X {
			return
		}
		mask := glyph(r)
		b := mask.Bounds()
		for gy := b.Min.Y; gy < b.Max.Y; gy++ {
			for gx := b.Min.X; gx < b.Max.X; gx++ {
				if mask.AlphaAt(gx, gy).A == 0 {
					continue
				}
				p := image.Pt(px+gx*dot, py+gy*dot)
				draw.Draw(c.Image, image.Rectangle{p, p.Add(image.Pt(dot, dot))}, u, image.Point{}, draw.Over)
			}
		}
		px += cells(r) * CharWidth * dot
	}
}

// glyph draws one character at text size 1.
func glyph(r rune) *image.Alpha {
	mask := image.NewAlpha(image.Rect(0, 0, cells(r)*CharWidth, CharHeight))
	if isPlain(r) {
		face := basicfont.Face7x13
		d := font.Drawer{Dst: mask, Src: image.Opaque, Face: face, Dot: fixed.P(0, face.Ascent)}
		d.DrawString(string(r))
		return mask
	}
	// Each of six rows and six columns has a stroke over a part of its length,
	// whose ends are picked by a hash of the character.
	h := (uint64(r) + 1) * 0x9e3779b97f4a7c15
	for i := range 6 {
		h ^= h >> 29
		h *= 0xbf58476d1ce4e5b9
		from, to := 1+2*int(h>>60%6), 1+2*int(h>>55%6)
		for n := from; n <= to; n++ {
			mask.SetAlpha(n, 1+2*i, color.Alpha{A: 255})
		}
		from, to = 1+2*int(h>>50%6), 1+2*int(h>>45%6)
		for n := from; n <= to; n++ {
			mask.SetAlpha(1+2*i, n, color.Alpha{A: 255})
		}
	}
	return mask
}
