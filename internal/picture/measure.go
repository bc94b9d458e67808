package picture

import (
	"bufio"
	"fmt"
	"image"
	"io"
)

// Measure gives the width and the height that the header of a picture states.
// It decodes nothing and reads little more than the header. The error wraps
// ErrNotPicture or, with both lengths given, ErrTooLarge.
func Measure(r io.Reader) (width, height int, err error) {
	in := bufio.NewReader(r)
	head, _ := in.Peek(12) // a shorter file is no picture
	if !looksLikePicture(head) {
		return 0, 0, ErrNotPicture
	}
	conf, _, err := image.DecodeConfig(in)
	if err != nil {
		return 0, 0, fmt.Errorf("%w: %w", ErrNotPicture, err)
	}
	return conf.Width, conf.Height, checkSize(conf)
}

// checkSize refuses a stated size that is none, or that is not decoded.
func checkSize(conf image.Config) error {
	switch {
	case conf.Width <= 0 || conf.Height <= 0:
		return ErrNotPicture
	case int64(conf.Width)*int64(conf.Height) > MaxPixels:
		return ErrTooLarge
	}
	return nil
}
