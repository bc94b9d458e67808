package picture

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	const example = "imageMogr2/thumbnail/!100x100r/crop/!100x100/format/jpg/auto-orient"
	for query, want := range map[string]string{
		"imageslim":                              "slim/1",
		"imageslim=":                             "slim/1",
		"imageslim&v=3":                          "slim/1",
		example:                                  "mogr/1/cover-100x100/crop-100x100/orient/format-jpg",
		url.QueryEscape(example) + "=":           "mogr/1/cover-100x100/crop-100x100/orient/format-jpg",
		"imageMogr2/auto-orient/thumbnail/200x":  "mogr/1/orient/fit-200x0",
		"imageMogr2/thumbnail/x0200/":            "mogr/1/fit-0x200",
		"imageMogr2/thumbnail/4096x1":            "mogr/1/fit-4096x1",
		"imageMogr2/thumbnail/!50p":              "mogr/1/percent-50",
		"imageMogr2/crop/30x40/gravity/center":   "mogr/1/crop-30x40",
		"imageMogr2/crop/x40":                    "mogr/1/crop-0x40",
		"imageMogr2/strip/quality/60/format/gif": "mogr/1/format-gif/quality-60/strip",
		"imageMogr2/format/jpeg":                 "mogr/1/format-jpg",
		"imageMogr2/format/png/format/gif":       "mogr/1/format-gif",
	} {
		r, ok, err := Parse(query)
		if err != nil || !ok || r.Key() != want {
			t.Errorf("Parse(%q): %q, %v, %v", query, r.Key(), ok, err)
		}
	}
}

func TestParseLeavesOtherQueries(t *testing.T) {
	for _, query := range []string{"", "foo=bar", "v=imageslim", "imageInfo", "imageslimmer", "imageMogr2000/strip", "%zz", "&imageslim", "ImageSlim"} {
		if _, ok, err := Parse(query); ok || err != nil {
			t.Errorf("Parse(%q): %v, %v", query, ok, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, query := range []string{
		"imageslim/strip", "imageslim%zz", "imageMogr2", "imageMogr2/", "imageMogr2//", "imageMogr2/blur/3x5",
		"imageMogr2/thumbnail", "imageMogr2/thumbnail/", "imageMogr2/thumbnail/100", "imageMogr2/thumbnail/x",
		"imageMogr2/thumbnail/0x10", "imageMogr2/thumbnail/4097x10", "imageMogr2/thumbnail/-1x10", "imageMogr2/thumbnail/+1x10",
		"imageMogr2/thumbnail/10x10x10", "imageMogr2/thumbnail/!10x10", "imageMogr2/thumbnail/!10xr", "imageMogr2/thumbnail/!x10r",
		"imageMogr2/thumbnail/!0p", "imageMogr2/thumbnail/!1001p", "imageMogr2/thumbnail/!p", "imageMogr2/thumbnail/99999999999999999999x1",
		"imageMogr2/crop/!!10x10", "imageMogr2/crop/10", "imageMogr2/crop/!10x10a0a0", "imageMogr2/gravity/North",
		"imageMogr2/format/webp", "imageMogr2/format/", "imageMogr2/quality/0", "imageMogr2/quality/101", "imageMogr2/quality/75!",
		"imageMogr2/strip|imageslim", "imageMogr2" + strings.Repeat("/strip", 11), "imageMogr2/strip/" + strings.Repeat("a", 600),
	} {
		if _, ok, err := Parse(query); !ok || !errors.Is(err, ErrBadRecipe) {
			t.Errorf("Parse(%q): %v, %v", query, ok, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("imageslim")
	f.Add("imageMogr2/thumbnail/!100x100r/crop/!100x100/format/jpg/auto-orient")
	f.Add("imageMogr2%2Fthumbnail/!5p")
	plain := regexp.MustCompile(`^[a-z0-9/-]+$`)
	f.Fuzz(func(t *testing.T, query string) {
		r, ok, err := Parse(query)
		if err != nil && (!ok || !errors.Is(err, ErrBadRecipe)) {
			t.Errorf("Parse(%q): %v, %v", query, ok, err)
		}
		if ok && err == nil && (len(r.Key()) > 300 || !plain.MatchString(r.Key())) {
			t.Errorf("Parse(%q) has the odd key %q", query, r.Key())
		}
	})
}

// TestResize checks what each thumbnail form promises about the new size.
func TestResize(t *testing.T) {
	side := rapid.IntRange(1, 8000)
	ask := rapid.IntRange(1, MaxSide)
	rapid.Check(t, func(t *rapid.T) {
		w, h, aw, ah := side.Draw(t, "w"), side.Draw(t, "h"), ask.Draw(t, "aw"), ask.Draw(t, "ah")
		if gw, gh := (step{stepCover, aw, ah}).resize(w, h); gw < aw || gh < ah || gw != aw && gh != ah {
			t.Fatalf("cover gave %dx%d", gw, gh)
		}
		if gw, gh := (step{stepFit, aw, ah}).resize(w, h); gw < 1 || gh < 1 || gw > aw || gh > ah || gw != aw && gh != ah {
			t.Fatalf("fit gave %dx%d", gw, gh)
		}
		if gw, gh := (step{stepFit, aw, 0}).resize(w, h); gw != aw || gh < 1 {
			t.Fatalf("width gave %dx%d", gw, gh)
		}
		if gw, gh := (step{stepFit, 0, ah}).resize(w, h); gw < 1 || gh != ah {
			t.Fatalf("height gave %dx%d", gw, gh)
		}
		if gw, gh := (step{kind: stepPercent, w: 100}).resize(w, h); gw != w || gh != h {
			t.Fatalf("100 percent gave %dx%d", gw, gh)
		}
	})
}
