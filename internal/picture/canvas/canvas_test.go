package canvas

import (
	"bytes"
	"image/color"
	"math"
	"testing"

	"pgregory.net/rapid"
)

var (
	white = color.RGBA{255, 255, 255, 255}
	black = color.RGBA{0, 0, 0, 255}
)

func TestShapes(t *testing.T) {
	for scale := 1; scale <= 2; scale++ {
		c := New(40, 30, scale, white)
		if b := c.Image.Bounds(); b.Dx() != 40*scale || b.Dy() != 30*scale {
			t.Fatalf("bounds %v", b)
		}
		c.Rect(5, 5, 10, 10, black)
		c.Ellipse(25, 15, 6, 6, black)
		for _, p := range []struct {
			x, y int
			want color.RGBA
		}{{4, 4, white}, {5, 5, black}, {9, 9, black}, {10, 10, white}, {25, 15, black}, {25, 10, black}, {25, 22, white}, {18, 9, white}} {
			if got := c.Image.RGBAAt(p.x*scale, p.y*scale); got != p.want {
				t.Errorf("scale %d: %d,%d is %v, want %v", scale, p.x, p.y, got, p.want)
			}
		}
	}
}

// TestNothingLeavesTheCanvas draws far outside, and with too few points.
func TestNothingLeavesTheCanvas(t *testing.T) {
	c := New(10, 10, 1, white)
	c.Rect(-1e9, 20, 1e9, 30, black)
	c.Rect(math.Inf(-1), -5, math.Inf(1), 0, black)
	c.Ellipse(-50, -50, 5, 5, black)
	c.Polygon(black, Point{0, 0}, Point{9, 9})
	c.Text(-500, -500, 1, black, "out of sight")
	c.Text(50, 0, 1, black, "out of sight")
	if !bytes.Equal(c.Image.Pix, New(10, 10, 1, white).Image.Pix) {
		t.Error("something was drawn")
	}
	c.Ellipse(5, 5, 1e6, 1e6, black)
	if got := c.Image.RGBAAt(0, 0); got != black {
		t.Errorf("a large shape was clipped away: %v", got)
	}
}

func TestText(t *testing.T) {
	if w := TextWidth("ab名", 2); w != 4*CharWidth*2 {
		t.Errorf("width %v", w)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringN(1, 8, 40).Draw(t, "text")
		size := rapid.IntRange(1, 3).Draw(t, "size")
		c := New(200, 60, 1, white)
		c.Text(0, 0, size, black, s)
		right := int(TextWidth(s, size))
		for y := range 60 {
			for x := range 200 {
				if (x >= right || y >= CharHeight*size) && c.Image.RGBAAt(x, y) != white {
					t.Fatalf("a pixel at %d,%d is outside of the text", x, y)
				}
			}
		}
	})
}

func TestOtherCharactersDiffer(t *testing.T) {
	seen := map[string]rune{}
	for _, r := range "销售经理李伟上海王芳公司" {
		p := string(glyph(r).Pix)
		if other, ok := seen[p]; ok {
			t.Errorf("%c and %c look the same", r, other)
		}
		seen[p] = r
	}
}
