// Package picture serves smaller and other forms of pictures, and draws the
// pictures that the server brings along itself.
//
// Parse reads the suffix of a link ("imageslim", "imageMogr2/...") as a Recipe
// and Apply carries it out. A Cache keeps results in a bounded folder and makes
// sure that a crowd asking for one picture costs one decoding. Avatar, DemoCard
// and DemoFace are drawn in code; no picture file is part of the program.
package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	_ "golang.org/x/image/webp" // Registers the decoder.
)

// Limits of a source picture.
const (
	// MaxPixels is the largest product of width and height, both of a source
	// and of every stage of its transformation.
	MaxPixels = 40_000_000
	// MaxFileBytes is the largest source file.
	MaxFileBytes = 32 << 20
)

// Errors of this package. The returned errors wrap them, so callers compare
// with errors.Is.
var (
	// ErrNotPicture says that the source is no JPEG, PNG, GIF or WebP file, or
	// a damaged one.
	ErrNotPicture = errors.New("picture: not a picture that can be read")
	// ErrTooLarge says that the source or a stage of its transformation is
	// beyond the limits.
	ErrTooLarge = errors.New("picture: too large")
	// ErrBadRecipe says that a suffix is malformed or beyond the limits.
	ErrBadRecipe = errors.New("picture: bad picture operation")
)

// Apply carries the recipe out on the file that src holds and returns the
// resulting file with its media type. It checks the limits from the file's
// header before it decodes anything. A step that has begun is finished even
// when the context ends; the steps after it are not begun.
//
// The result carries no metadata, so the picture is turned upright at the end
// when the recipe did not turn it earlier and did not ask to strip. The format
// stays that of the source unless the recipe names another; WebP, for which
// there is no encoder, becomes PNG when it has transparent parts and JPEG
// otherwise. Transparent parts become white in a JPEG. Only the first picture
// of a moving GIF is kept.
//
// "imageslim" never makes a file longer: when re-encoding gains nothing, and
// for GIF and WebP always, the source is returned as it is.
func Apply(ctx context.Context, src io.ReadSeeker, recipe Recipe) (data []byte, contentType string, err error) {
	file, format, err := load(src)
	if err != nil {
		return nil, "", err
	}
	if recipe.slim && (format == "gif" || format == "webp") {
		return file, "image/" + format, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, "", err
	}
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrNotPicture, err)
	}
	turn := orientation(file)
	for _, s := range recipe.steps {
		if err := ctx.Err(); err != nil {
			return nil, "", err
		}
		if s.kind == stepOrient {
			img, turn = orient(img, turn), upright
			continue
		}
		if img, err = s.apply(img); err != nil {
			return nil, "", err
		}
	}
	if !recipe.strip {
		img = orient(img, turn)
	}
	if err := ctx.Err(); err != nil {
		return nil, "", err
	}
	data, contentType, err = encode(img, format, recipe)
	if err == nil && recipe.slim && len(data) >= len(file) {
		return file, "image/" + format, nil
	}
	return data, contentType, err
}

// load reads the whole file after checking its length, its kind and the size
// that its header states. The format is one of jpeg, png, gif and webp.
func load(src io.ReadSeeker) (file []byte, format string, err error) {
	size, err := src.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, "", fmt.Errorf("picture: %w", err)
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return nil, "", fmt.Errorf("picture: %w", err)
	}
	head := make([]byte, min(size, 12))
	if _, err := io.ReadFull(src, head); err != nil {
		return nil, "", fmt.Errorf("picture: %w", err)
	}
	if !looksLikePicture(head) {
		return nil, "", ErrNotPicture
	}
	if size > MaxFileBytes {
		return nil, "", ErrTooLarge
	}
	file = make([]byte, size)
	n := copy(file, head)
	if _, err := io.ReadFull(src, file[n:]); err != nil {
		return nil, "", fmt.Errorf("picture: %w", err)
	}
	conf, format, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrNotPicture, err)
	}
	if err := checkSize(conf); err != nil {
		return nil, "", err
	}
	return file, format, nil
}

// looksLikePicture knows the four formats by their first bytes. It keeps out
// what another part of the program may have registered a decoder for.
func looksLikePicture(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\xff\xd8\xff")) ||
		bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")) ||
		bytes.HasPrefix(head, []byte("GIF8")) ||
		len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:]) == "WEBP"
}

// encode writes the picture in the format of the recipe or else of the source.
func encode(img image.Image, format string, recipe Recipe) ([]byte, string, error) {
	if recipe.format != "" {
		format = recipe.format
	}
	if format == "webp" {
		format = fmtPNG
		if isOpaque(img) {
			format = fmtJPEG
		}
	}
	var b bytes.Buffer
	var err error
	switch format {
	case fmtPNG:
		enc := png.Encoder{CompressionLevel: png.DefaultCompression}
		if recipe.slim {
			enc.CompressionLevel = png.BestCompression
		}
		err = enc.Encode(&b, img)
	case fmtGIF:
		err = gif.Encode(&b, img, nil)
	default:
		format = "jpeg"
		quality := recipe.quality
		switch {
		case quality != 0:
		case recipe.slim:
			quality = slimLevel
		default:
			quality = mogrLevel
		}
		err = jpeg.Encode(&b, flatten(img), &jpeg.Options{Quality: quality})
	}
	if err != nil {
		return nil, "", fmt.Errorf("picture: encode: %w", err)
	}
	return b.Bytes(), "image/" + format, nil
}

// isOpaque says whether the picture has no transparent part. A picture that
// cannot tell counts as having one.
func isOpaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

// flatten puts a picture with transparent parts on white.
func flatten(img image.Image) image.Image {
	if isOpaque(img) {
		return img
	}
	b := img.Bounds()
	dst := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(dst, dst.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(dst, dst.Rect, img, b.Min, draw.Over)
	return dst
}
