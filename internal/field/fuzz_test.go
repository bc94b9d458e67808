package field

import (
	"encoding/json"
	"strings"
	"testing"

	"guanxi/internal/crm"
)

// FuzzMerge throws any text at any kind, on top of anything kept: nothing
// panics, what is kept is JSON, doing it again changes nothing, what is kept
// can be sent back, and a number does not leave a hidden record.
func FuzzMerge(f *testing.F) {
	for i := range Kinds() {
		f.Add(uint8(i), "sel_0001/sel_0011", uint8(0), `"13800000000"`)
		f.Add(uint8(i), "1\x002", uint8(1), `[1]`)
		f.Add(uint8(i), "1.5", uint8(2), `[{"text_asset_cccccc":"13800000000"}]`)
		f.Add(uint8(i), "2024-02-29 08:05", uint8(3), ``)
	}
	all := Kinds()
	f.Fuzz(func(t *testing.T, kind uint8, s string, shape uint8, old string) {
		d := definition(all[int(kind)%len(all)].Name)
		if d.Kind == "select" {
			d.Choices[1].Other = true
		}
		fields := []*crm.CustomField{d}
		in := text(s)
		switch shape % 4 {
		case 1:
			in = list(strings.Split(s, "\x00")...)
		case 2:
			in = rows(map[string]string{"id": s, "text_asset_aaaaaa": s}, map[string]string{"text_asset_aaaaaa": "a", "text_asset_cccccc": s})
		case 3:
			in = text("")
		}
		if v, err := parseOne(d, in); err == nil && v != nil && !json.Valid(v) {
			t.Fatalf("%q is kept as %q", s, v)
		}
		was := crm.Values(nil)
		if json.Valid([]byte(old)) {
			was = crm.Values(`{"` + d.Name + `":` + old + `}`)
		}
		v, changed, err := Merge(fields, was, only(d.Name, in))
		if err != nil {
			return
		}
		if v != nil && !json.Valid(v) {
			t.Fatalf("%q is kept as %q", s, v)
		}
		again, twice, err := Merge(fields, v, only(d.Name, in))
		if err != nil || len(twice) != 0 || string(again) != string(v) {
			t.Fatalf("%s %q: %q, then %q, %v, %v", d.Kind, s, v, again, twice, err)
		}
		values := Decode(v)
		raw := values[d.Name]
		Column(d, raw)
		Display(d, values, Names{})
		if len(changed) > 0 && raw != nil {
			if back, moved, err := Merge(fields, v, only(d.Name, shown(raw))); err != nil || len(moved) != 0 {
				t.Fatalf("%s %s sent back: %q, %v, %v", d.Kind, raw, back, moved, err)
			}
			var number string
			hidden := HideNumbers(fields, v, true, never)
			if Find(d.Kind).Phone && json.Unmarshal(raw, &number) == nil && len([]rune(number)) > 5 &&
				strings.Contains(string(hidden), number) {
				t.Fatalf("%s shows %s", hidden, number)
			}
		}
	})
}
