package picture

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Limits of a recipe.
const (
	// MaxSide is the longest side that a suffix may ask for.
	MaxSide = 4096
	// maxPercent is the largest percentage that a suffix may ask for.
	maxPercent = 1000
	// maxSteps is how many operations one suffix may hold.
	maxSteps = 10
	// maxQuery is the longest suffix that is looked at, in bytes.
	maxQuery = 512
)

// Words of the suffix.
const (
	wordSlim  = "imageslim"
	wordMogr  = "imageMogr2"
	fmtJPEG   = "jpg"
	fmtPNG    = "png"
	fmtGIF    = "gif"
	slimKey   = "slim/1"
	mogrKey   = "mogr/1"
	slimLevel = 75
	mogrLevel = 85
)

// stepKind is one way to change a picture.
type stepKind uint8

const (
	stepCover   stepKind = iota + 1 // Scale until both sides reach w and h.
	stepFit                         // Scale to fit inside w and h; 0 leaves a side open.
	stepPercent                     // Scale both sides by w percent.
	stepCrop                        // Cut w by h out of the middle; 0 keeps a side.
	stepOrient                      // Turn the picture as its camera asked for.
)

type step struct {
	kind stepKind
	w, h int
}

// Recipe says what to do to a picture. Its zero value re-encodes the picture
// and changes nothing else. A Recipe does not change after Parse made it and
// may be shared.
type Recipe struct {
	slim    bool
	steps   []step
	format  string // Empty keeps the format of the source.
	quality int    // Zero takes the usual quality.
	strip   bool
}

// Parse reads the raw query of a link as a picture suffix:
//
//	imageslim
//	imageMogr2/thumbnail/<size>/crop/<size>/format/<jpg|png|gif>/auto-orient/strip/quality/<1-100>
//
// The operations of imageMogr2 are carried out in their order and may be left
// out or repeated; format, quality and strip hold for the result wherever they
// stand. A thumbnail size is "!WxHr" (scale so that both sides are at least W
// and H), "WxH" (fit inside), "Wx", "xH" or "!Np" (percent); a crop size is
// "!WxH", "WxH", "Wx" or "xH", and the middle is kept. Thumbnails enlarge small
// pictures as well. "gravity/Center" is read and changes nothing.
//
// The suffix may be percent-encoded, may end in "=" as some clients write
// every query, and ends at the first "&". The answer is false when the query
// is no picture operation of these two names; the link then means the file as
// it is. An error says that it is one but malformed or beyond the limits.
func Parse(rawQuery string) (Recipe, bool, error) {
	head, _, _ := strings.Cut(rawQuery, "&")
	// The two words need no escapes, so a query that lacks them is not ours.
	if !strings.HasPrefix(head, wordSlim) && !strings.HasPrefix(head, wordMogr) {
		return Recipe{}, false, nil
	}
	text, err := url.PathUnescape(strings.TrimSuffix(head, "="))
	name, args, _ := strings.Cut(strings.TrimSuffix(text, "/"), "/")
	switch {
	case err != nil:
		return Recipe{}, true, fmt.Errorf("%w: bad escape", ErrBadRecipe)
	case name != wordSlim && name != wordMogr:
		return Recipe{}, false, nil
	case len(head) > maxQuery:
		return Recipe{}, true, fmt.Errorf("%w: it is longer than %d bytes", ErrBadRecipe, maxQuery)
	case name == wordSlim && args != "":
		return Recipe{}, true, fmt.Errorf("%w: %s takes no operations", ErrBadRecipe, wordSlim)
	case name == wordSlim:
		return Recipe{slim: true}, true, nil
	case args == "":
		return Recipe{}, true, fmt.Errorf("%w: %s needs an operation", ErrBadRecipe, wordMogr)
	}
	r, err := parseSteps(strings.Split(args, "/"))
	if err != nil {
		return Recipe{}, true, fmt.Errorf("%w: %w", ErrBadRecipe, err)
	}
	return r, true, nil
}

// parseSteps reads the operations of imageMogr2 and their arguments.
func parseSteps(words []string) (Recipe, error) {
	var r Recipe
	for n := 0; len(words) > 0; n++ {
		if n == maxSteps {
			return r, fmt.Errorf("more than %d operations", maxSteps)
		}
		op := words[0]
		words = words[1:]
		switch op {
		case "auto-orient":
			r.steps = append(r.steps, step{kind: stepOrient})
			continue
		case "strip":
			r.strip = true
			continue
		case "thumbnail", "crop", "format", "quality", "gravity":
		default:
			return r, fmt.Errorf("unknown operation %q", op)
		}
		if len(words) == 0 {
			return r, fmt.Errorf("%s needs a value", op)
		}
		arg := words[0]
		words = words[1:]
		if err := r.add(op, arg); err != nil {
			return r, err
		}
	}
	return r, nil
}

// add reads one operation that has a value.
func (r *Recipe) add(op, arg string) error {
	var s step
	ok := false
	switch op {
	case "thumbnail":
		s, ok = parseThumbnail(arg)
	case "crop":
		s.kind = stepCrop
		s.w, s.h, ok = parseSides(strings.TrimPrefix(arg, "!"))
	case "format":
		if arg == "jpeg" {
			arg = fmtJPEG
		}
		r.format = arg
		ok = arg == fmtJPEG || arg == fmtPNG || arg == fmtGIF
	case "quality":
		r.quality, ok = parseNumber(arg, 100)
	case "gravity":
		ok = strings.EqualFold(arg, "center")
	}
	if !ok {
		return fmt.Errorf("bad value %q of %s", arg, op)
	}
	if s.kind != 0 {
		r.steps = append(r.steps, s)
	}
	return nil
}

func parseThumbnail(arg string) (step, bool) {
	forced, bang := strings.CutPrefix(arg, "!")
	if !bang {
		w, h, ok := parseSides(arg)
		return step{stepFit, w, h}, ok
	}
	if pct, ok := strings.CutSuffix(forced, "p"); ok {
		n, ok := parseNumber(pct, maxPercent)
		return step{kind: stepPercent, w: n}, ok
	}
	sides, ok := strings.CutSuffix(forced, "r")
	if !ok {
		return step{}, false
	}
	w, h, ok := parseSides(sides)
	return step{stepCover, w, h}, ok && w > 0 && h > 0
}

// parseSides reads "WxH", "Wx" or "xH". A missing side is 0.
func parseSides(s string) (w, h int, ok bool) {
	ws, hs, ok := strings.Cut(s, "x")
	if !ok || ws == "" && hs == "" {
		return 0, 0, false
	}
	if ws != "" {
		if w, ok = parseNumber(ws, MaxSide); !ok {
			return 0, 0, false
		}
	}
	if hs != "" {
		if h, ok = parseNumber(hs, MaxSide); !ok {
			return 0, 0, false
		}
	}
	return w, h, true
}

// parseNumber reads a number from 1 to limit that is written in digits only.
func parseNumber(s string, limit int) (int, bool) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n < 1 || n > uint64(limit) {
		return 0, false
	}
	return int(n), true
}

// Key names the recipe for a cache: recipes that do the same by the same
// operations have the same key, however they were written. It is short, holds
// only letters, digits, slashes and dashes, and changes when a later version
// of this package draws differently.
func (r Recipe) Key() string {
	if r.slim {
		return slimKey
	}
	var b strings.Builder
	b.WriteString(mogrKey)
	for _, s := range r.steps {
		switch s.kind {
		case stepCover:
			fmt.Fprintf(&b, "/cover-%dx%d", s.w, s.h)
		case stepFit:
			fmt.Fprintf(&b, "/fit-%dx%d", s.w, s.h)
		case stepPercent:
			fmt.Fprintf(&b, "/percent-%d", s.w)
		case stepCrop:
			fmt.Fprintf(&b, "/crop-%dx%d", s.w, s.h)
		case stepOrient:
			b.WriteString("/orient")
		}
	}
	if r.format != "" {
		b.WriteString("/format-" + r.format)
	}
	if r.quality != 0 {
		fmt.Fprintf(&b, "/quality-%d", r.quality)
	}
	if r.strip {
		b.WriteString("/strip")
	}
	return b.String()
}
