package move

import (
	"math"
	"strings"
	"testing"

	"guanxi/internal/store"
)

func TestExactNumbers(t *testing.T) {
	for number, want := range map[string]string{
		"0": "0", "-0": "0", "-0.00e5": "0", "1": "1e0", "10": "1e1", "1e1": "1e1", "1E+1": "1e1", "1.50": "15e-1", "0.0015": "15e-4",
		"-15e-4": "-15e-4", "100000": "1e5", "12345678901234567890.10": "123456789012345678901e-1", "1e-30": "1e-30",
		"1e99999999999": "1e99999999999",
	} {
		if have := exact(number); have != want {
			t.Errorf("%s is %s and not %s", number, have, want)
		}
	}
}

func TestCanonicalJSON(t *testing.T) {
	canonical := func(text string) string {
		b, err := appendCanonical(nil, []byte(text))
		if err != nil {
			return err.Error()
		}
		return string(b)
	}
	for _, same := range [][]string{
		{`{"a":1,"b":[true,null,"x"]}`, ` { "b" : [ true , null, "\u0078" ], "a" : 1.0 }`, `{"a":7,"a":10e-1,"b":[true,null,"x"]}`},
		{`"😀"`, `"\ud83d\ude00"`}, {`{}`, ` {} `}, {`"\u2028/<"`, "\"\u2028\\/\\u003c\""},
	} {
		for _, text := range same[1:] {
			if canonical(text) != canonical(same[0]) {
				t.Errorf("%s and %s: %s and %s", text, same[0], canonical(text), canonical(same[0]))
			}
		}
	}
	seen := map[string]string{}
	for _, text := range []string{`{"a":1}`, `{"a":"1"}`, `{"a":1.00000000000000000001}`, `{"a":[]}`, `{"a":{}}`, `{"a":null}`, `{}`, `[]`,
		`"{}"`, `{"a":true}`, `{"a":"true"}`, `{"a":1,"b":2}`, `{"a,b":1}`, `["a","b"]`, `["a,b"]`, `["a\",\"b"]`, `""`} {
		if other, ok := seen[canonical(text)]; ok {
			t.Errorf("%s and %s are both %s", text, other, canonical(text))
		}
		seen[canonical(text)] = text
	}
	for _, text := range []string{"", "{", `{"a":}`, `{} {}`, `nul`, `{"secret":tru}`} {
		if have := canonical(text); have != errNoJSON.Error() {
			t.Errorf("%s gives %s", text, have)
		}
	}
}

// TestRowsThatDiffer have different sums, whatever the difference is.
func TestRowsThatDiffer(t *testing.T) {
	table := &store.RawTable{Columns: []store.RawColumn{{Name: "a", Kind: store.RawText}, {Name: "b", Kind: store.RawText},
		{Name: "c", Kind: store.RawInteger}, {Name: "d", Kind: store.RawFloat}}}
	text := func(s string) store.RawValue { return store.RawValue{Kind: store.RawText, Text: []byte(s)} }
	number := func(n int64) store.RawValue { return store.RawValue{Kind: store.RawInteger, Bits: n} }
	float := func(f float64) store.RawValue {
		return store.RawValue{Kind: store.RawFloat, Bits: int64(math.Float64bits(f))}
	}
	null := store.RawValue{}
	rows := [][]store.RawValue{
		{null, null, null, null}, {text(""), null, null, null}, {null, text(""), null, null}, {text("a"), text("b"), null, null},
		{text("ab"), text(""), null, null}, {null, null, number(0), null}, {null, null, null, float(0)}, {null, null, number(1), null},
		{null, null, number(-1), null}, {null, null, null, float(0.1)}, {null, null, null, float(math.Nextafter(0.1, 1))},
	}
	var d digester
	var forth, back sum
	seen := map[sum]int{}
	for i, row := range rows {
		h, err := d.row(table, row)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[h]; ok {
			t.Errorf("rows %d and %d have one sum", i, other)
		}
		seen[h] = i
		forth.add(h)
	}
	for i := range rows {
		h, _ := d.row(table, rows[len(rows)-1-i])
		back.add(h)
	}
	if forth != back {
		t.Error("the sum depends on the order")
	}
	if again, err := readSum(forth.String()); err != nil || again != forth {
		t.Errorf("%s is read as %s: %v", forth, again, err)
	}
	if _, err := readSum("00"); err == nil {
		t.Error("a short sum was read")
	}
	minus, _ := d.row(table, []store.RawValue{null, null, null, float(math.Copysign(0, -1))})
	if plus, _ := d.row(table, rows[6]); minus != plus {
		t.Error("0 and -0 differ, of which the embedded database keeps one")
	}
}

func TestKeysAreReadAgain(t *testing.T) {
	table := &store.RawTable{Columns: []store.RawColumn{{Name: "a"}, {Name: "b"}, {Name: "c"}}, Primary: []int{1, 0, 2}}
	for _, s := range []string{"", "a b", `"`, `\`, "\x00\xff", "关系", `" 5 "`, strings.Repeat("x", 300)} {
		row := []store.RawValue{{Kind: store.RawText, Text: []byte(s)}, {Kind: store.RawInteger, Bits: -7}, {Kind: store.RawText, Text: []byte(s)}}
		written := keyText(table, row)
		key, err := readKey(written)
		if err != nil || len(key) != 3 || key[0].Bits != -7 || string(key[1].Text) != s || string(key[2].Text) != s {
			t.Errorf("%q is written %s and read as %v, %v", s, written, key, err)
		}
	}
	for _, s := range []string{"", "x", `"x`} {
		if key, err := readKey(s); err == nil {
			t.Errorf("%s is read as %v", s, key)
		}
	}
}

func TestReplacedTexts(t *testing.T) {
	const r = "\uFFFD"
	for text, want := range map[string]string{
		"": "", "a\x00b": "a" + r + "b", "\xff\xfe": r + r, "\xe5\x85": r + r, "关系": "关系", `\u0000`: `\u0000`, r: r,
	} {
		if have := string(replaced([]byte(text), false)); have != want {
			t.Errorf("%q becomes %q and not %q", text, have, want)
		}
	}
	for text, want := range map[string]string{
		`"\u0000"`: `"\ufffd"`, `"\\u0000"`: `"\\u0000"`, `"\\\u0000"`: `"\\\ufffd"`, `"\ud83d\ude00"`: `"\ud83d\ude00"`,
		`"\ud83d"`: `"\ufffd"`, `"\ude00\ud83d"`: `"\ufffd\ufffd"`, `"\ud83d\u0041"`: `"\ufffd\u0041"`, `"\uD83Dx\n"`: `"\ufffdx\n"`,
		`"\`: `"\`, `"\u00`: `"\u00`, `"\"\u00e9"`: `"\"\u00e9"`,
	} {
		if have := string(replaced([]byte(text), true)); have != want {
			t.Errorf("%s becomes %s and not %s", text, have, want)
		}
	}
}
