package picture

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"testing"
)

var (
	red   = color.RGBA{200, 30, 30, 255}
	green = color.RGBA{30, 160, 30, 255}
	blue  = color.RGBA{30, 30, 200, 255}
	grey  = color.RGBA{120, 120, 120, 255}
)

// quarters draws a picture whose four quarters differ: red and green above,
// blue and grey below.
func quarters(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i, col := range []color.RGBA{red, green, blue, grey} {
		r := image.Rect(i%2*w/2, i/2*h/2, (i%2+1)*w/2, (i/2+1)*h/2)
		draw.Draw(img, r, image.NewUniform(col), image.Point{}, draw.Src)
	}
	return img
}

// corners gives the colours in the middles of the four quarters.
func corners(img image.Image) [4]color.Color {
	b := img.Bounds()
	at := func(x, y int) color.Color {
		return img.At(b.Min.X+b.Dx()*x/4, b.Min.Y+b.Dy()*y/4)
	}
	return [4]color.Color{at(1, 1), at(3, 1), at(1, 3), at(3, 3)}
}

func near(a, b color.Color) bool { return within(a, b, 12) }

func within(a, b color.Color, slack uint32) bool {
	slack <<= 8
	r1, g1, b1, _ := a.RGBA()
	r2, g2, b2, _ := b.RGBA()
	d := func(x, y uint32) bool { return x < y+slack && y < x+slack }
	return d(r1, r2) && d(g1, g2) && d(b1, b2)
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gifOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withOrientation puts an EXIF block in front of the other parts of a JPEG.
func withOrientation(file []byte, order binary.AppendByteOrder, how uint16) []byte {
	tiff := []byte("II")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		tiff = []byte("MM")
	}
	tiff = order.AppendUint16(tiff, 42)
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2)
	for _, e := range [][2]uint16{{0x0100, 640}, {0x0112, how}} {
		tiff = order.AppendUint16(tiff, e[0])
		tiff = order.AppendUint16(tiff, 3)
		tiff = order.AppendUint32(tiff, 1)
		tiff = order.AppendUint16(tiff, e[1])
		tiff = append(tiff, 0, 0)
	}
	tiff = append(tiff, 0, 0, 0, 0)
	out := []byte{0xff, 0xd8, 0xff, 0xe1}
	out = binary.BigEndian.AppendUint16(out, uint16(2+6+len(tiff)))
	out = append(out, "Exif\x00\x00"...)
	return append(append(out, tiff...), file[2:]...)
}

func apply(t testing.TB, file []byte, query string) (image.Image, string, []byte) {
	t.Helper()
	r, ok, err := Parse(query)
	if !ok || err != nil {
		t.Fatalf("Parse(%q): %v, %v", query, ok, err)
	}
	data, contentType, err := Apply(t.Context(), bytes.NewReader(file), r)
	if err != nil {
		t.Fatalf("Apply %q: %v", query, err)
	}
	img, format, err := image.Decode(bytes.NewReader(data))
	if err != nil || "image/"+format != contentType {
		t.Fatalf("%q gave a %q that is said to be %q: %v", query, format, contentType, err)
	}
	return img, contentType, data
}

func TestApplySizesAndFormats(t *testing.T) {
	img := quarters(300, 200)
	files := map[string][]byte{"image/png": pngOf(t, img), "image/jpeg": jpegOf(t, img), "image/gif": gifOf(t, img)}
	for _, c := range []struct {
		query, format string
		w, h          int
	}{
		{"imageslim", "", 300, 200},
		{"imageMogr2/strip", "", 300, 200},
		{"imageMogr2/thumbnail/!100x100r/crop/!100x100/format/jpg/auto-orient", "image/jpeg", 100, 100},
		{"imageMogr2/thumbnail/!100x100r", "", 150, 100},
		{"imageMogr2/thumbnail/100x100", "", 100, 67},
		{"imageMogr2/thumbnail/30x/format/png", "image/png", 30, 20},
		{"imageMogr2/thumbnail/x20/format/gif", "image/gif", 30, 20},
		{"imageMogr2/thumbnail/!200p", "", 600, 400},
		{"imageMogr2/crop/200x150/thumbnail/!50p", "", 100, 75},
		{"imageMogr2/crop/1000x50", "", 300, 50},
		{"imageMogr2/thumbnail/3x2", "", 3, 2},
	} {
		for from, file := range files {
			got, contentType, data := apply(t, file, c.query)
			want := c.format
			if want == "" {
				want = from
			}
			if b := got.Bounds(); contentType != want || b.Dx() != c.w || b.Dy() != c.h {
				t.Errorf("%s of %s: %s of %v", c.query, from, contentType, b)
			}
			if c.query == "imageslim" && len(data) > len(file) {
				t.Errorf("%s of %s grew from %d to %d bytes", c.query, from, len(file), len(data))
			}
			if c.w < 10 {
				continue
			}
			for i, want := range [4]color.RGBA{red, green, blue, grey} {
				slack := uint32(12)
				if from == "image/gif" || contentType == "image/gif" {
					slack = 80 // Few colours, mixed by dots.
				}
				if got := corners(got)[i]; !within(got, want, slack) {
					t.Errorf("%s of %s: quarter %d is %v, want %v", c.query, from, i, got, want)
				}
			}
		}
	}
}

func TestSlimMakesAJPEGSmaller(t *testing.T) {
	file := jpegOf(t, quarters(300, 200))
	if _, _, data := apply(t, file, "imageslim"); len(data) >= len(file) {
		t.Errorf("%d of %d bytes", len(data), len(file))
	}
}

// TestLargeReduction takes the paths that average first, and the one that
// avoids the working space of the fine filter.
func TestLargeReduction(t *testing.T) {
	for _, c := range []struct{ w, h, tw, th int }{
		{997, 613, 50, 31}, {900, 300, 101, 290}, {1500, 1500, 1400, 400}, {2, 500, 1, 3},
	} {
		for _, src := range []image.Image{quarters(c.w, c.h), decode(t, jpegOf(t, quarters(c.w, c.h)))} {
			got := scale(src, c.tw, c.th)
			if b := got.Bounds(); b.Dx() != c.tw || b.Dy() != c.th {
				t.Fatalf("%+v gave %v", c, b)
			}
			if c.tw < 4 {
				continue
			}
			for i, want := range [4]color.RGBA{red, green, blue, grey} {
				if got := corners(got)[i]; !near(got, want) {
					t.Errorf("%+v: quarter %d is %v, want %v", c, i, got, want)
				}
			}
		}
	}
}

func decode(t testing.TB, file []byte) image.Image {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestOrientation(t *testing.T) {
	plain := jpegOf(t, quarters(64, 32))
	// What the four quarters show once the picture stands upright.
	want := map[uint16][4]color.RGBA{
		1: {red, green, blue, grey}, 2: {green, red, grey, blue}, 3: {grey, blue, green, red}, 4: {blue, grey, red, green},
		5: {red, blue, green, grey}, 6: {blue, red, grey, green}, 7: {grey, green, blue, red}, 8: {green, grey, red, blue},
		0: {red, green, blue, grey}, 9: {red, green, blue, grey},
	}
	for how, colours := range want {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			file := withOrientation(plain, order, how)
			for _, query := range []string{"imageslim", "imageMogr2/auto-orient", "imageMogr2/auto-orient/auto-orient/strip", "imageMogr2/format/png"} {
				got, _, _ := apply(t, file, query)
				if b := got.Bounds(); (b.Dx() == 32) != (how >= 5 && how <= 8) {
					t.Errorf("%s of orientation %d: %v", query, how, b)
				}
				for i, want := range colours {
					if c := corners(got)[i]; !near(c, want) {
						t.Errorf("%s of orientation %d: quarter %d is %v, want %v", query, how, i, c, want)
					}
				}
			}
			if got, _, _ := apply(t, file, "imageMogr2/strip"); got.Bounds().Dx() != 64 {
				t.Errorf("strip turned the picture of orientation %d", how)
			}
		}
	}
}

func FuzzOrientation(f *testing.F) {
	file := withOrientation(jpegOf(f, quarters(8, 8)), binary.LittleEndian, 6)
	f.Add(file)
	f.Add(file[:40])
	f.Add([]byte("\xff\xd8\xff\xff\xff\xe1\x00\x02"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if how := orientation(file); how < 1 || how > 8 {
			t.Errorf("orientation %d", how)
		}
	})
}

func TestTransparentPartsBecomeWhite(t *testing.T) {
	file := pngOf(t, image.NewNRGBA(image.Rect(0, 0, 20, 20)))
	got, _, _ := apply(t, file, "imageMogr2/format/jpg")
	if c := got.At(10, 10); !near(c, color.White) {
		t.Errorf("a transparent pixel became %v", c)
	}
	got, _, _ = apply(t, file, "imageMogr2/thumbnail/10x10")
	if _, _, _, a := got.At(5, 5).RGBA(); a != 0 {
		t.Errorf("a transparent pixel of a PNG got alpha %d", a)
	}
}

// webpFile is a single black pixel, losslessly packed.
const webpFile = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="

func TestWebP(t *testing.T) {
	file, err := base64.StdEncoding.DecodeString(webpFile)
	if err != nil {
		t.Fatal(err)
	}
	if _, contentType, data := apply(t, file, "imageslim"); contentType != "image/webp" || !bytes.Equal(data, file) {
		t.Errorf("imageslim gave %s", contentType)
	}
	got, contentType, _ := apply(t, file, "imageMogr2/thumbnail/4x4")
	if b := got.Bounds(); b.Dx() != 4 || contentType != "image/png" && contentType != "image/jpeg" {
		t.Errorf("thumbnail gave %s of %v", contentType, b)
	}
}

func TestApplyRefuses(t *testing.T) {
	slim, mogr := Recipe{slim: true}, Recipe{}
	good := pngOf(t, quarters(20, 20))
	// A header alone that states a huge picture. It must be refused before any
	// pixel is asked for.
	huge := bytes.Clone(good)
	binary.BigEndian.PutUint32(huge[16:], 8001)
	binary.BigEndian.PutUint32(huge[20:], 5001)
	sum := crc32.ChecksumIEEE(huge[12:29])
	binary.BigEndian.PutUint32(huge[29:], sum)
	flat := gifOf(t, image.NewPaletted(image.Rect(0, 0, 4000, 2), color.Palette{red, blue}))
	for _, c := range []struct {
		name   string
		file   []byte
		recipe Recipe
		want   error
	}{
		{"empty", nil, slim, ErrNotPicture},
		{"text", []byte("This is a plain text of some length."), slim, ErrNotPicture},
		{"short", []byte("\xff\xd8\xff"), slim, ErrNotPicture},
		{"truncated", good[:len(good)/2], mogr, ErrNotPicture},
		{"huge header", huge, slim, ErrTooLarge},
		{"long file", append(bytes.Clone(good), make([]byte, MaxFileBytes)...), slim, ErrTooLarge},
		{"long text", make([]byte, MaxFileBytes+1), slim, ErrNotPicture},
		{"huge stage", flat, Recipe{steps: []step{{stepCover, 100, 100}}}, ErrTooLarge},
	} {
		if _, _, err := Apply(t.Context(), bytes.NewReader(c.file), c.recipe); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Apply(ctx, bytes.NewReader(good), mogr); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	broken := errors.New("broken")
	if _, _, err := Apply(t.Context(), brokenSource{bytes.NewReader(good), broken}, mogr); !errors.Is(err, broken) || errors.Is(err, ErrNotPicture) {
		t.Errorf("broken source: %v", err)
	}
}

type brokenSource struct {
	io.Seeker
	err error
}

func (b brokenSource) Read([]byte) (int, error) { return 0, b.err }

func BenchmarkThumbnailOfPhoto(b *testing.B) {
	file := jpegOf(b, quarters(4000, 3000))
	r, _, err := Parse("imageMogr2/thumbnail/!100x100r/crop/!100x100/format/jpg/auto-orient")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Apply(b.Context(), bytes.NewReader(file), r); err != nil {
			b.Fatal(err)
		}
	}
}
