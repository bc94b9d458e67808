package column

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestSearchFindsWhatContainsFinds searches texts whose needles reach over borders, overlap and repeat, with rare and
// with common bytes.
func TestSearchFindsWhatContainsFinds(t *testing.T) {
	genPiece := rapid.OneOf(
		rapid.StringOfN(rapid.RuneFrom([]rune("ab")), 0, 5, -1),
		rapid.StringOfN(rapid.RuneFrom([]rune("甲乙公司")), 0, 4, -1),
		rapid.SampledFrom([]string{"", "有限公司", "股份有限公司", "z", "\x00", "\x00\x01", "\xff\x80", "abababab"}))
	rapid.Check(t, func(t *rapid.T) {
		var c texts
		var all []string
		for range rapid.IntRange(0, 80).Draw(t, "texts") {
			text := strings.Join(rapid.SliceOfN(genPiece, 0, 4).Draw(t, "pieces"), "")
			// Long runs make other bytes seldom.
			text += strings.Repeat("q", rapid.SampledFrom([]int{0, 0, 0, 3, 400}).Draw(t, "run"))
			all = append(all, text)
			c.push(text)
		}
		for range 5 {
			needle := rapid.OneOf(rapid.SliceOfN(genPiece, 1, 3), rapid.Just([]string{"q"})).Draw(t, "needle")
			sought := strings.Join(needle, "")
			if sought == "" {
				continue
			}
			found := make(rowSet, words(len(all)))
			c.search(newFinder(c.data, sought), 0, len(all), found)
			for i, text := range all {
				if found.has(i) != strings.Contains(text, sought) {
					t.Fatalf("%q in row %d, %q: %v", sought, i, text, found.has(i))
				}
			}
		}
	})
}

// TestSearchSmallest goes through the borders of the sixteen places looked at together.
func TestSearchSmallest(t *testing.T) {
	for size := range 70 {
		for at := range size {
			var c texts
			c.push(strings.Repeat("x", at) + "é" + strings.Repeat("x", size-at-1))
			c.push("\xc3")
			c.push("\xa9")
			for _, needle := range []string{"é", "\xc3", "\xa9"} {
				found := make(rowSet, 1)
				c.search(newFinder(c.data, needle), 0, 3, found)
				want := fmt.Sprint(rowSet{map[string]uint64{"é": 1, "\xc3": 3, "\xa9": 5}[needle]})
				if fmt.Sprint(found) != want {
					t.Fatalf("%q at %d of %d: rows %v, should be %v", needle, at, size, found, want)
				}
			}
		}
	}
}

// TestFoldedRows looks at texts that differ from their folded form beside such that do not, and at needles that occur
// in the one form only.
func TestFoldedRows(t *testing.T) {
	table := New([]Column{{Name: "name", Kind: Text, Searchable: true, Fold: func(s string) string {
		return strings.ToLower(strings.ReplaceAll(s, "Ａ", "A"))
	}}})
	row := table.NewRow()
	for i, name := range []string{"Ａ公司", "a公司", "A公司", "公司", "B"} {
		row.SetText(0, name)
		if err := table.Put(int64(i+1), row); err != nil {
			t.Fatal(err)
		}
	}
	for needle, want := range map[string]string{"a公": "[1 2 3]", "Ａ": "[1 2 3]", "A": "[1 2 3]", "公司": "[1 2 3 4]", "b": "[5]", "": "[1 2 3 4 5]"} {
		page, err := table.Select(Query{Where: TextContains("name", needle), Limit: -1})
		if err != nil || fmt.Sprint(page.IDs) != want {
			t.Errorf("%q: %v, %v, should be %s", needle, page.IDs, err, want)
		}
	}
	if n, _ := table.Count(TextEq("name", "a公司")); n != 1 {
		t.Errorf("TextEq looks at the exact text: %d rows", n)
	}
}

// TestFoldMayTakeAway folds away what the exact text contains.
func TestFoldMayTakeAway(t *testing.T) {
	table := New([]Column{{Name: "name", Kind: Text, Searchable: true, Fold: func(s string) string {
		return strings.ReplaceAll(s, "ab", "c")
	}}})
	row := table.NewRow()
	for id, name := range []string{"", "xab", "b", "xc"} {
		row.SetText(0, name)
		if err := table.Put(int64(id+1), row); err != nil {
			t.Fatal(err)
		}
	}
	for needle, want := range map[string]string{"b": "[3]", "xc": "[2 4]", "xab": "[2 4]"} {
		page, err := table.Select(Query{Where: TextContains("name", needle), Limit: -1})
		if err != nil || fmt.Sprint(page.IDs) != want {
			t.Errorf("%q: %v, %v, should be %s", needle, page.IDs, err, want)
		}
	}
}
