package picture

import (
	"bytes"
	"errors"
	"image"
	"testing"
)

// FuzzMeasure measures anything: it is no picture, too large, or has a size.
func FuzzMeasure(f *testing.F) {
	f.Add(jpegOf(f, quarters(8, 8)))
	f.Add(pngOf(f, image.NewNRGBA(image.Rect(0, 0, 3, 2))))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00"))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		width, height, err := Measure(bytes.NewReader(file))
		switch {
		case err == nil && (width < 1 || height < 1):
			t.Fatalf("%d × %d", width, height)
		case err != nil && !errors.Is(err, ErrNotPicture) && !errors.Is(err, ErrTooLarge):
			t.Fatal(err)
		}
	})
}
