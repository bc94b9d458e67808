package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"sync"

	"guanxi/internal/picture/canvas"
)

// The kinds of default avatars that are drawn differently.
const (
	AvatarMale   = "male_uc"
	AvatarFemale = "female_uc"
)

// avatarSide is the length of both sides of an avatar.
const avatarSide = 200

// The default avatars never change, so each is drawn once, when first asked
// for.
var (
	maleAvatar = sync.OnceValue(func() []byte {
		return drawAvatar(rgb(0xdbe6f2), rgb(0x8fa9c6))
	})
	femaleAvatar = sync.OnceValue(func() []byte {
		return drawAvatar(rgb(0xf4e3e6), rgb(0xcf9dab))
	})
	otherAvatar = sync.OnceValue(func() []byte {
		return drawAvatar(rgb(0xe6e8ea), rgb(0xa4abb3))
	})
)

// Avatar gives the picture of somebody who has none: a JPEG of 200 by 200
// pixels with a plain silhouette, tinted for AvatarMale and AvatarFemale and
// grey for any other kind. The caller owns the returned slice.
func Avatar(kind string) []byte {
	var data []byte
	switch kind {
	case AvatarMale:
		data = maleAvatar()
	case AvatarFemale:
		data = femaleAvatar()
	default:
		data = otherAvatar()
	}
	return bytes.Clone(data)
}

func drawAvatar(background, figure color.RGBA) []byte {
	c := canvas.New(avatarSide, avatarSide, 1, background)
	shoulders(c, figure)
	c.Ellipse(100, 80, 38, 42, figure)
	return asJPEG(c.Image, 90)
}

// shoulders draws a bust that runs out of the lower edge of an avatar.
func shoulders(c *canvas.Canvas, col color.Color) {
	bust := canvas.Arc(100, 204, 76, 68, math.Pi, 2*math.Pi)
	c.Polygon(col, bust...)
}

// rgb makes a colour from 0xRRGGBB.
func rgb(v uint32) color.RGBA {
	return color.RGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 255}
}

// asJPEG encodes a picture that is within the limits of the format.
func asJPEG(img image.Image, quality int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		panic("picture: encode a drawn picture: " + err.Error())
	}
	return b.Bytes()
}
