package picture

import (
	"bytes"
	"strings"
	"testing"
)

func TestAvatars(t *testing.T) {
	seen := map[string]string{}
	for _, kind := range []string{AvatarMale, AvatarFemale, ""} {
		data := Avatar(kind)
		if b := decode(t, data).Bounds(); b.Dx() != 200 || b.Dy() != 200 {
			t.Errorf("%q: %v", kind, b)
		}
		if other, ok := seen[string(data)]; ok {
			t.Errorf("%q and %q are the same", kind, other)
		}
		seen[string(data)] = kind
		clear(data)
		if _, ok := seen[string(Avatar(kind))]; !ok {
			t.Errorf("%q can be changed by a caller", kind)
		}
	}
	if !bytes.Equal(Avatar("other"), Avatar("")) {
		t.Error("two unknown kinds differ")
	}
}

func TestDemoPictures(t *testing.T) {
	lines := []string{"Li Wei 李伟", "Sales Manager", strings.Repeat("long ", 100), "", "four", "five", "six", "seven"}
	cards, faces := map[string]bool{}, map[string]bool{}
	for seed := int64(-5); seed < 15; seed++ {
		card, face := DemoCard(seed, 300, 180, lines), DemoFace(seed)
		if !bytes.Equal(card, DemoCard(seed, 300, 180, lines)) || !bytes.Equal(face, DemoFace(seed)) {
			t.Errorf("seed %d gives different bytes", seed)
		}
		if b := decode(t, card).Bounds(); b.Dx() != 300 || b.Dy() != 180 {
			t.Errorf("seed %d: a card of %v", seed, b)
		}
		if b := decode(t, face).Bounds(); b.Dx() != 200 || b.Dy() != 200 {
			t.Errorf("seed %d: a face of %v", seed, b)
		}
		cards[string(card)], faces[string(face)] = true, true
	}
	if len(cards) < 15 || len(faces) < 15 {
		t.Errorf("only %d cards and %d faces differ", len(cards), len(faces))
	}
}

func TestDemoCardSizes(t *testing.T) {
	for _, c := range [][4]int{{0, 0, 32, 32}, {-1, 5000, 32, 2048}, {64, 33, 64, 33}} {
		if b := decode(t, DemoCard(1, c[0], c[1], []string{"Name", "Title"})).Bounds(); b.Dx() != c[2] || b.Dy() != c[3] {
			t.Errorf("%v gave %v", c, b)
		}
	}
	if b := decode(t, DemoCard(1, 100, 60, nil)).Bounds(); b.Dx() != 100 {
		t.Errorf("no lines gave %v", b)
	}
}
