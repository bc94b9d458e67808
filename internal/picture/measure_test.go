package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"testing"
)

func TestMeasure(t *testing.T) {
	img := image.NewPaletted(image.Rect(0, 0, 30, 20), color.Palette{color.Black})
	for name, encode := range map[string]func(w io.Writer) error{
		"jpeg": func(w io.Writer) error { return jpeg.Encode(w, img, nil) },
		"png":  func(w io.Writer) error { return png.Encode(w, img) },
		"gif":  func(w io.Writer) error { return gif.Encode(w, img, nil) },
	} {
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			t.Fatal(err)
		}
		// What follows the header is not looked at.
		width, height, err := Measure(io.MultiReader(bytes.NewReader(b.Bytes()[:b.Len()-1]), bytes.NewReader(make([]byte, 1<<20))))
		if width != 30 || height != 20 || err != nil {
			t.Errorf("%s: %d by %d, %v", name, width, height, err)
		}
	}
	bomb := []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00")
	if width, height, err := Measure(bytes.NewReader(bomb)); width != 65535 || height != 65535 || !errors.Is(err, ErrTooLarge) {
		t.Errorf("a bomb: %d by %d, %v", width, height, err)
	}
	for _, bad := range []string{"", "GIF89a", "text that is no picture", "\xff\xd8\xff\xe0", "\x89PNG\r\n\x1a\n", "BM", "GIF89a\x00\x00\x00\x00\x00\x00\x00"} {
		if _, _, err := Measure(bytes.NewReader([]byte(bad))); !errors.Is(err, ErrNotPicture) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
