package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
)

// upright is the orientation of a picture that needs no turning.
const upright = 1

// orientation reads from a JPEG file how its camera was held: 1 to 8 as the
// EXIF standard numbers the cases. Whatever cannot be read counts as upright.
// The EXIF blocks of PNG and WebP are not read, because cameras do not write
// such files.
func orientation(file []byte) int {
	if len(file) < 4 || file[0] != 0xff || file[1] != 0xd8 {
		return upright
	}
	rest := file[2:]
	for len(rest) >= 4 && rest[0] == 0xff {
		marker := rest[1]
		if marker == 0xff { // A fill byte.
			rest = rest[1:]
			continue
		}
		// The pixels start here, and no header follows them.
		if marker == 0xda || marker == 0xd9 {
			return upright
		}
		size := int(binary.BigEndian.Uint16(rest[2:]))
		if size < 2 || len(rest) < 2+size {
			return upright
		}
		if marker == 0xe1 {
			if tiff, ok := bytes.CutPrefix(rest[4:2+size], []byte("Exif\x00\x00")); ok {
				return tiffOrientation(tiff)
			}
		}
		rest = rest[2+size:]
	}
	return upright
}

// tiffOrientation looks for the tag in the first directory of a TIFF header.
func tiffOrientation(tiff []byte) int {
	const (
		headerBytes = 8
		entryBytes  = 12
		tag         = 0x0112
		typeShort   = 3
	)
	if len(tiff) < headerBytes {
		return upright
	}
	var order binary.ByteOrder
	switch string(tiff[:2]) {
	case "II":
		order = binary.LittleEndian
	case "MM":
		order = binary.BigEndian
	default:
		return upright
	}
	at := uint64(order.Uint32(tiff[4:]))
	if order.Uint16(tiff[2:]) != 42 || at+2 > uint64(len(tiff)) {
		return upright
	}
	count := int(order.Uint16(tiff[at:]))
	entries := tiff[at+2:]
	for ; count > 0 && len(entries) >= entryBytes; count-- {
		if order.Uint16(entries) == tag {
			v := int(order.Uint16(entries[8:]))
			if order.Uint16(entries[2:]) != typeShort || order.Uint32(entries[4:]) != 1 || v < 1 || v > 8 {
				return upright
			}
			return v
		}
		entries = entries[entryBytes:]
	}
	return upright
}

// orient turns and mirrors a picture so that it stands as the camera saw it.
func orient(src image.Image, how int) image.Image {
	if how <= upright || how > 8 {
		return src
	}
	in := toRGBA(src)
	w, h := in.Rect.Dx(), in.Rect.Dy()
	ow, oh := w, h
	if how >= 5 {
		ow, oh = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, ow, oh))
	for y := range oh {
		for x := range ow {
			var sx, sy int
			switch how {
			case 2: // Mirrored.
				sx, sy = w-1-x, y
			case 3: // Upside down.
				sx, sy = w-1-x, h-1-y
			case 4: // Upside down and mirrored.
				sx, sy = x, h-1-y
			case 5: // Mirrored along the falling diagonal.
				sx, sy = y, x
			case 6: // Needs a quarter turn to the right.
				sx, sy = y, h-1-x
			case 7: // Mirrored along the rising diagonal.
				sx, sy = w-1-y, h-1-x
			case 8: // Needs a quarter turn to the left.
				sx, sy = w-1-y, x
			}
			from := in.PixOffset(in.Rect.Min.X+sx, in.Rect.Min.Y+sy)
			to := out.PixOffset(x, y)
			copy(out.Pix[to:to+4:to+4], in.Pix[from:from+4:from+4])
		}
	}
	return out
}

// toRGBA gives the picture as RGBA, without a copy when it is that already.
func toRGBA(src image.Image) *image.RGBA {
	if p, ok := src.(*image.RGBA); ok {
		return p
	}
	b := src.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Rect, src, b.Min, draw.Src)
	return out
}
