package picture

import (
	"image"
	"math"

	"golang.org/x/image/draw"
)

// maxFileSide is the longest side that a JPEG or GIF file can state.
const maxFileSide = 65535

// resize gives the size after a scaling step. No side becomes 0.
func (s step) resize(w, h int) (int, int) {
	fw, fh := float64(w), float64(h)
	var k float64
	switch s.kind {
	case stepPercent:
		k = float64(s.w) / 100
	case stepCover:
		k = max(float64(s.w)/fw, float64(s.h)/fh)
	default:
		k = math.Inf(1)
		if s.w > 0 {
			k = min(k, float64(s.w)/fw)
		}
		if s.h > 0 {
			k = min(k, float64(s.h)/fh)
		}
	}
	return max(1, int(math.Round(fw*k))), max(1, int(math.Round(fh*k)))
}

// apply carries out one scaling or cropping step.
func (s step) apply(src image.Image) (image.Image, error) {
	b := src.Bounds()
	if s.kind == stepCrop {
		return crop(src, s.w, s.h), nil
	}
	w, h := s.resize(b.Dx(), b.Dy())
	if w > maxFileSide || h > maxFileSide || w*h > MaxPixels {
		return nil, ErrTooLarge
	}
	return scale(src, w, h), nil
}

// scale gives the picture in another size. Large reductions first average
// whole blocks of pixels, which is fast and keeps fine patterns from flickering;
// the fine filter then works on a picture of at most a few times the size. Its
// working space is 32 bytes for each pixel of the new width and old height, so
// where that would be much, a simpler filter without such a space is taken.
func scale(src image.Image, w, h int) image.Image {
	const (
		rough    = 4         // Reductions from here on are averaged first...
		kept     = 2         // ...to this many times the size.
		maxSpace = 2_000_000 // Pixels in the working space of the fine filter.
	)
	b := src.Bounds()
	if b.Dx() == w && b.Dy() == h {
		return src
	}
	bw, bh := b.Dx(), b.Dy()
	if bw >= rough*w {
		bw = kept * w
	}
	if bh >= rough*h {
		bh = kept * h
	}
	var filter draw.Scaler = draw.CatmullRom
	if w*bh > maxSpace {
		filter = draw.ApproxBiLinear
		bw, bh = min(bw, kept*w), min(bh, kept*h)
	}
	if bw != b.Dx() || bh != b.Dy() {
		src = average(src, bw, bh)
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	filter.Scale(dst, dst.Rect, src, src.Bounds(), draw.Src, nil)
	return dst
}

// average shrinks a picture to w by h, neither larger than before, and makes
// every pixel the mean of the pixels it stands for. It holds only a few rows
// of the source in converted form.
func average(src image.Image, w, h int) *image.RGBA {
	b := src.Bounds()
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	strip := image.NewRGBA(image.Rect(0, 0, b.Dx(), (b.Dy()+h-1)/h+1))
	sums := make([][4]uint64, w)
	for y := range h {
		y0, y1 := y*b.Dy()/h, (y+1)*b.Dy()/h
		rows := image.Rect(0, 0, b.Dx(), y1-y0)
		draw.Draw(strip, rows, src, image.Pt(b.Min.X, b.Min.Y+y0), draw.Src)
		clear(sums)
		for row := range y1 - y0 {
			line := strip.Pix[row*strip.Stride:]
			for x := range w {
				part := line[4*(x*b.Dx()/w) : 4*((x+1)*b.Dx()/w)]
				sum := &sums[x]
				for ; len(part) >= 4; part = part[4:] {
					sum[0] += uint64(part[0])
					sum[1] += uint64(part[1])
					sum[2] += uint64(part[2])
					sum[3] += uint64(part[3])
				}
			}
		}
		for x := range w {
			n := uint64((y1 - y0) * ((x+1)*b.Dx()/w - x*b.Dx()/w))
			to := dst.Pix[dst.PixOffset(x, y):]
			for i, sum := range sums[x] {
				to[i] = uint8((sum + n/2) / n)
			}
		}
	}
	return dst
}

// crop cuts w by h pixels out of the middle. A side that is 0 or longer than
// the picture keeps its length.
func crop(src image.Image, w, h int) image.Image {
	b := src.Bounds()
	if w == 0 || w > b.Dx() {
		w = b.Dx()
	}
	if h == 0 || h > b.Dy() {
		h = b.Dy()
	}
	at := b.Min.Add(image.Pt((b.Dx()-w)/2, (b.Dy()-h)/2))
	r := image.Rectangle{at, at.Add(image.Pt(w, h))}
	// All pictures of the standard library can share their pixels.
	if p, ok := src.(interface {
		SubImage(image.Rectangle) image.Image
	}); ok {
		return p.SubImage(r)
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(dst, dst.Rect, src, at, draw.Src)
	return dst
}
