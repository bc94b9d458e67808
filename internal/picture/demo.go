package picture

import (
	"image/color"
	"math"
	"math/rand/v2"

	"guanxi/internal/picture/canvas"
)

// The limits that the sides of a DemoCard are moved into.
const (
	minDemoSide = 32
	maxDemoSide = 2048
)

// demoSize is the width that the proportions of a card are given for.
const demoSize = 600

// demoRand gives random numbers that depend on nothing but the seed.
func demoRand(seed int64) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(seed), 0x6775616e7869))
}

// pick gives one of the colours, each as 0xRRGGBB.
func pick(r *rand.Rand, colours ...uint32) color.RGBA {
	return rgb(colours[r.IntN(len(colours))])
}

// DemoCard draws a made-up business card as a JPEG: the first line is set
// large as the name, the others below it. The seed picks the colours, the
// layout and the mark. Equal arguments give equal bytes. Sides are moved into
// 32 to 2048. Lines that do not fit are cut off or left out. Characters beyond
// ASCII become patterns that look like writing and cannot be read, because the
// program carries no font for them.
func DemoCard(seed int64, w, h int, lines []string) []byte {
	w = min(max(w, minDemoSide), maxDemoSide)
	h = min(max(h, minDemoSide), maxDemoSide)
	r := demoRand(seed)
	accent := pick(r, 0x1f5f8b, 0x8b1f3a, 0x2e6b4f, 0x5b3f8c, 0xb8651b, 0x2f3e4e, 0x0f7b7b)
	paper := pick(r, 0xffffff, 0xfdfbf5, 0xf7f9fb, 0xfaf6f0)
	table := pick(r, 0xb9a58b, 0x9aa3a8, 0xc9c2b8, 0x8d7b68)
	ink := rgb(0x2b2f33)
	soft := rgb(0x6a7178)

	c := canvas.New(w, h, 1, table)
	fw, fh := float64(w), float64(h)
	// The card lies on a table with a narrow shadow.
	edge := math.Round(min(fw, fh) * 0.05)
	c.Rect(edge*1.4, edge*1.5, fw-edge*0.7, fh-edge*0.6, color.RGBA{A: 60})
	c.Rect(edge, edge, fw-edge, fh-edge, paper)

	x0, y0, x1, y1 := edge, edge, fw-edge, fh-edge
	unit := max(1, min((x1-x0)/demoSize, (y1-y0)/(demoSize*0.55)))
	size := max(1, int(math.Round(unit*1.6)))
	pad := math.Round((x1 - x0) * 0.06)
	left, top := x0+pad, y0+pad

	// The layout is a bar at one of the edges and a mark opposite the text.
	switch r.IntN(3) {
	case 0:
		c.Rect(x0, y0, x0+pad*0.5, y1, accent)
		left += pad * 0.5
	case 1:
		c.Rect(x0, y0, x1, y0+pad*0.6, accent)
		top += pad * 0.6
	default:
		c.Rect(x0, y1-pad*0.8, x1, y1, accent)
	}
	radius := min(x1-x0, y1-y0) * 0.12
	drawMark(c, r, x1-pad-radius, top+radius, radius, accent)

	// Text that would run over the edge of the card is cut off there.
	y := top
	for i, line := range lines {
		s, col := size, soft
		switch i {
		case 0:
			s, col = size+max(1, size/2), ink
		case 1:
			col = ink
		}
		room := x1 - pad - left
		if y < top+2*radius {
			room -= 2*radius + pad*0.5
		}
		height := float64(canvas.CharHeight * s)
		if y+height > y1-pad*0.5 {
			break
		}
		c.Text(left, y, s, col, cut(line, s, room))
		y += math.Round(height * 1.25)
		if i == 1 {
			c.Rect(left, y, left+min(room, (x1-x0)*0.35), y+max(1, float64(size)), accent)
			y += math.Round(height * 0.7)
		}
	}
	return asJPEG(c.Image, 88)
}

// cut shortens a line to what fits into a width.
func cut(line string, size int, room float64) string {
	for i, r := range line {
		if canvas.TextWidth(line[:i]+string(r), size) > room {
			return line[:i]
		}
	}
	return line
}

// drawMark draws a made-up sign of a firm.
func drawMark(c *canvas.Canvas, r *rand.Rand, cx, cy, radius float64, col color.RGBA) {
	pale := color.RGBA{R: 255, G: 255, B: 255, A: 255}
	switch r.IntN(3) {
	case 0: // A ring with a dot.
		c.Ellipse(cx, cy, radius, radius, col)
		c.Ellipse(cx, cy, radius*0.62, radius*0.62, pale)
		c.Ellipse(cx, cy, radius*0.34, radius*0.34, col)
	case 1: // Three bars that rise.
		for i := range 3 {
			x := cx - radius + float64(i)*radius*0.75
			c.Rect(x, cy+radius-radius*(0.8+0.6*float64(i)), x+radius*0.5, cy+radius, col)
		}
	default: // A square on its corner with a smaller one cut out.
		for _, p := range []struct {
			r   float64
			col color.Color
		}{{radius, col}, {radius * 0.5, pale}} {
			c.Polygon(p.col, canvas.Point{X: cx, Y: cy - p.r}, canvas.Point{X: cx + p.r, Y: cy},
				canvas.Point{X: cx, Y: cy + p.r}, canvas.Point{X: cx - p.r, Y: cy})
		}
	}
}

// DemoFace draws a made-up person as a JPEG of 200 by 200 pixels in a few flat
// colours. The seed picks the colours and the hair. Equal seeds give equal
// bytes.
func DemoFace(seed int64) []byte {
	r := demoRand(seed)
	back := pick(r, 0xcfe3ee, 0xe8dfc9, 0xd6e6cf, 0xe6d3dd, 0xd9d6ea, 0xf0d9c4)
	shirt := pick(r, 0x34495e, 0x7b3f4f, 0x2e6b4f, 0x5c6f9e, 0xa0673a, 0x4a4a4a)
	skin := pick(r, 0xf3d2b8, 0xe8bd9b, 0xd9a57e, 0xb98056, 0x8a5a3c)
	hair := pick(r, 0x1e1a18, 0x33241c, 0x5a3a24, 0x6b6b6b, 0x2a2230)
	dark := rgb(0x3a2e2a)
	style := r.IntN(3)

	c := canvas.New(avatarSide, avatarSide, 1, back)
	if style == 0 { // Long hair falls behind the shoulders.
		c.Ellipse(100, 88, 52, 56, hair)
		c.Rect(48, 88, 152, 158, hair)
	}
	shoulders(c, shirt)
	c.Rect(86, 110, 114, 144, shade(skin))
	c.Polygon(shade(skin), canvas.Arc(100, 142, 22, 14, 0, math.Pi)...)
	c.Ellipse(62, 92, 7, 11, skin)
	c.Ellipse(138, 92, 7, 11, skin)
	c.Ellipse(100, 88, 38, 44, skin)
	switch style {
	case 0:
		c.Polygon(hair, canvas.Arc(100, 76, 41, 38, math.Pi, 2*math.Pi)...)
	case 1: // Short hair.
		c.Polygon(hair, canvas.Arc(100, 72, 40, 34, math.Pi*0.97, math.Pi*2.03)...)
		c.Rect(60, 68, 66, 86, hair)
		c.Rect(134, 68, 140, 86, hair)
	default: // Hair that is parted at a side.
		c.Polygon(hair, canvas.Arc(100, 74, 41, 36, math.Pi*0.92, math.Pi*1.95)...)
	}
	for _, x := range []float64{85, 115} {
		c.Ellipse(x, 92, 4, 5, dark)
		c.Rect(x-8, 79, x+8, 82, hair)
	}
	c.Ellipse(100, 102, 4, 6, shade(skin))
	c.Polygon(rgb(0xa8504a), canvas.Arc(100, 113, 11, 6+float64(r.IntN(3)), 0, math.Pi)...)
	if r.IntN(3) == 0 {
		glasses(c, dark)
	}
	return asJPEG(c.Image, 90)
}

// shade gives a slightly darker colour.
func shade(col color.RGBA) color.RGBA {
	dim := func(v uint8) uint8 { return uint8(int(v) * 9 / 10) }
	return color.RGBA{R: dim(col.R), G: dim(col.G), B: dim(col.B), A: 255}
}

// glasses draws two thin frames and the bridge between them.
func glasses(c *canvas.Canvas, col color.Color) {
	for _, x := range []float64{71, 103} {
		c.Rect(x, 84, x+26, 86, col)
		c.Rect(x, 99, x+26, 101, col)
		c.Rect(x, 84, x+2, 101, col)
		c.Rect(x+24, 84, x+26, 101, col)
	}
	c.Rect(97, 90, 103, 92, col)
}
