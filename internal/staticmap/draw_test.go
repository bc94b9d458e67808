package staticmap

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"pgregory.net/rapid"
)

func drawn(t interface{ Fatalf(string, ...any) }, r Request) image.Image {
	img, err := png.Decode(bytes.NewReader(Draw(r)))
	if err != nil {
		t.Fatalf("Draw(%+v): %v", r, err)
	}
	return img
}

// TestDraw draws any request within the limits, at whatever edge of the world.
func TestDraw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := requests().Draw(t, "request")
		img := drawn(t, r)
		if b := img.Bounds(); b.Dx() != r.Width*r.Scale || b.Dy() != r.Height*r.Scale {
			t.Fatalf("%+v gave %v", r, b)
		}
		again := parse(t, r.Query())
		if !bytes.Equal(Draw(r), Draw(again)) {
			t.Fatalf("%+v gave different bytes", r)
		}
	})
}

func TestDrawLargest(t *testing.T) {
	img := drawn(t, parse(t, "location=0,0&size=1024*1024&zoom=1&scale=2"))
	if b := img.Bounds(); b.Dx() != 2048 || b.Dy() != 2048 {
		t.Errorf("%v", b)
	}
}

// TestPinStandsOnItsPlace looks for the colour of a pin just above the places
// where the projection puts the markers.
func TestPinStandsOnItsPlace(t *testing.T) {
	for _, c := range []struct {
		query string
		x, y  int
	}{
		{"markers=mid,0xcc0000,:121.4737,31.2304&location=121.4737,31.2304", 200, 200},
		// At zoom 8 the world is 65536 pixels wide, so 0.2 degrees are 36.4.
		{"markers=large,0xcc0000,:0.2,0&location=0,0&zoom=8", 236, 200},
		{"markers=large,0xcc0000,:0,0.2&location=0,0&zoom=8", 200, 164},
	} {
		for scale, suffix := range map[int]string{1: "", 2: "&scale=2"} {
			img := drawn(t, parse(t, c.query+suffix))
			r, g, b, _ := img.At(c.x*scale, (c.y-7)*scale).RGBA()
			if r>>8 < 0xa0 || g>>8 > 0x40 || b>>8 > 0x40 {
				t.Errorf("%s%s: no pin at %d,%d", c.query, suffix, c.x, c.y)
			}
			r, g, _, _ = img.At(c.x*scale, (c.y+8)*scale).RGBA()
			if r>>8 > 0xa0 && g>>8 < 0x40 {
				t.Errorf("%s%s: the pin reaches below %d,%d", c.query, suffix, c.x, c.y)
			}
		}
	}
}

func TestScaleBar(t *testing.T) {
	for _, c := range []struct {
		lat    float64
		zoom   int
		metres int
	}{{0, 1, 5_000_000}, {0, 10, 10_000}, {0, 17, 100}, {60, 10, 5000}, {85, 17, 10}} {
		metres, length := scaleBar(c.lat, float64(int(1)<<c.zoom))
		if metres != c.metres || length < 30 || length > 100 {
			t.Errorf("at %v and zoom %d: %d m in %v pixels", c.lat, c.zoom, metres, length)
		}
	}
}

func TestLineNames(t *testing.T) {
	for _, c := range []struct {
		n, step int64
		want    string
	}{
		{0, 1_000_000, "0"}, {121_000_000, 1_000_000, "121E"}, {-45_000_000, 45_000_000, "45W"},
		{121_400_000, 200_000, "121.4E"}, {121_000_000, 200_000, "121.0E"}, {-1_200, 100, "0.0012W"}, {0, 10_000, "0.00"},
	} {
		if got := lineName(c.n, c.step, "E", "W"); got != c.want {
			t.Errorf("%d by %d is %q, want %q", c.n, c.step, got, c.want)
		}
	}
}
