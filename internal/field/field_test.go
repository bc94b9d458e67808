package field

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"guanxi/internal/crm"
	"pgregory.net/rapid"
)

func TestDisplay(t *testing.T) {
	f := definition("multi_select")
	for raw, want := range map[string]struct {
		text string
		ok   bool
	}{
		`"sel_0001"`:              {"一级", true},
		`["sel_0002","sel_0001"]`: {"二级,一级", true},
		`["sel_0001","sel_gone"]`: {"一级", true},
		`"sel_gone"`:              {"", true},
		`[]`:                      {"", false},
		`""`:                      {"", false},
		`null`:                    {"", false},
		``:                        {"", false},
		`17`:                      {"", false},
		`[`:                       {"", false},
	} {
		if got, ok := Display(f, map[string]json.RawMessage{f.Name: json.RawMessage(raw)}, Names{}); got != want.text || ok != want.ok {
			t.Errorf("Display(%s) = %q, %v", raw, got, ok)
		}
	}
}

func TestDecode(t *testing.T) {
	for _, broken := range []string{"", "null", "[]", "{", `"a"`, `{"a":}`} {
		if m := Decode(crm.Values(broken)); len(m) != 0 {
			t.Errorf("Decode(%s) = %v", broken, m)
		}
	}
	m := Decode(crm.Values(`{"a":[1, 2],"b":"x"}`))
	if len(m) != 2 || string(m["a"]) != "[1, 2]" || string(m["b"]) != `"x"` {
		t.Errorf("got %v", m)
	}
}

// never conceals nothing.
func never(string) bool { return false }

func TestHideNumbers(t *testing.T) {
	phone, other := definition("phone"), definition("text")
	other.Name = "text_asset_other"
	fields := []*crm.CustomField{phone, other, {Name: "text_asset_far", Kind: "hologram"}}
	values := crm.Values(`{"text_asset_7c7b94f7":"13812345678","text_asset_other":"13812345678","text_asset_far":1}`)

	if got := HideNumbers(fields, values, false, never); string(got) != string(values) {
		t.Errorf("nothing to hide, got %s", got)
	}
	m := Decode(HideNumbers(fields, values, true, never))
	if string(m[phone.Name]) != `"138****5678"` || string(m[other.Name]) != `"13812345678"` || string(m["text_asset_far"]) != "1" {
		t.Errorf("masked to %s", m)
	}
	m = Decode(HideNumbers(fields, values, true, func(name string) bool { return name == other.Name }))
	if _, there := m[other.Name]; there || string(m[phone.Name]) != `"138****5678"` {
		t.Errorf("concealed to %s", m)
	}
	m = Decode(HideNumbers(fields, values, false, func(name string) bool { return name == phone.Name }))
	if _, there := m[phone.Name]; there || len(m) != 2 {
		t.Errorf("concealed to %s", m)
	}
	all := HideNumbers(fields[:1], crm.Values(`{"text_asset_7c7b94f7":"13812345678"}`), true, func(string) bool { return true })
	if strings.Contains(string(all), "138") || len(Decode(all)) != 0 {
		t.Errorf("everything concealed, got %s", all)
	}
	if got := HideNumbers(fields, nil, true, never); got != nil {
		t.Errorf("nothing at all became %s", got)
	}
	if string(values) != `{"text_asset_7c7b94f7":"13812345678","text_asset_other":"13812345678","text_asset_far":1}` {
		t.Error("the values were changed in place")
	}
}

// TestHideNumbersOfChangedKinds covers a field that became a phone field after
// it had been filled with something else.
func TestHideNumbersOfChangedKinds(t *testing.T) {
	f := definition("phone")
	for _, raw := range []string{`13812345678`, `["13812345678"]`, `{"a":"13812345678"}`} {
		got := HideNumbers([]*crm.CustomField{f}, crm.Values(`{"`+f.Name+`":`+raw+`}`), true, never)
		if strings.Contains(string(got), "2345") {
			t.Errorf("%s is shown as %s", raw, got)
		}
	}
}

// plain draws text without control characters.
func plain(most int) *rapid.Generator[string] {
	return rapid.StringOfN(rapid.Rune().Filter(func(r rune) bool { return !unicode.IsControl(r) }), 1, most, -1)
}

// inputs draws a value that a kind accepts.
func inputs(t *rapid.T, kind string) Input {
	number := rapid.Map(rapid.Int64Range(1, 1<<62), func(n int64) string { return strconv.FormatInt(n, 10) })
	switch kind {
	case "text", "text_area":
		return text(plain(255).Draw(t, "text"))
	case "email":
		return text(rapid.StringMatching(`[a-z0-9]{1,20}@example\.com`).Draw(t, "email"))
	case "link":
		return text(rapid.StringMatching(`https?://[a-z0-9]{1,20}\.example\.com/[a-z0-9/]{0,20}`).Draw(t, "link"))
	case "phone":
		return text(rapid.StringMatching(`1[0-9]{10}`).Draw(t, "phone"))
	case "integer":
		return text(strconv.FormatInt(rapid.Int64Range(-1<<53, 1<<53).Draw(t, "integer"), 10))
	case "decimal", "money":
		return text(rapid.StringMatching(`-?[0-9]{1,9}\.[0-9]{1,6}`).Draw(t, "decimal"))
	case "date":
		return text(rapid.StringMatching(`20[0-9]{2}-0[1-9]-[12][0-8]`).Draw(t, "date"))
	case "datetime":
		return text(rapid.StringMatching(`20[0-9]{2}-0[1-9]-[12][0-8] [01][0-9]:[0-5][0-9]`).Draw(t, "time"))
	case "select":
		return text(rapid.SampledFrom([]string{"sel_0001", "sel_0002"}).Draw(t, "choice"))
	case "multi_select":
		return list(rapid.SliceOfN(rapid.SampledFrom([]string{"sel_0001", "sel_0002"}), 1, 5).Draw(t, "choices")...)
	case "cascade":
		return text(rapid.SampledFrom([]string{"sel_0001", "sel_0002", "sel_0001/sel_0012"}).Draw(t, "way"))
	case "multi_cascade":
		return list(rapid.SliceOfN(rapid.SampledFrom([]string{"sel_0001", "sel_0002", "sel_0001/sel_0012"}), 1, 5).Draw(t, "ways")...)
	case "user", "department", "relation":
		return text(number.Draw(t, "id"))
	case "subform":
		return rows(map[string]string{"text_asset_aaaaaa": "a" + plain(20).Draw(t, "cell")})
	default:
		return list(rapid.SliceOfN(number, 1, MaxFiles).Draw(t, "ids")...)
	}
}

// drawn gives a field of every kind that can be written, and values for some.
func drawn(t *rapid.T) ([]*crm.CustomField, map[string]Input) {
	var fields []*crm.CustomField
	given := map[string]Input{}
	for i, k := range Kinds() {
		if k.ReadOnly {
			continue
		}
		f := definition(k.Name)
		f.Name = k.Prefix + strconv.Itoa(i)
		fields = append(fields, f)
		if rapid.Bool().Draw(t, "given") {
			given[f.Name] = inputs(t, k.Name)
		}
	}
	return fields, given
}

func TestKeptValuesDecodeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields, given := drawn(t)
		v, err := Parse(fields, func(name string) (Input, bool) {
			in, ok := given[name]
			return in, ok
		})
		if err != nil {
			t.Fatalf("%v: %v", given, err)
		}
		if (v == nil) != (len(given) == 0) || (v != nil && !json.Valid(v)) {
			t.Fatalf("%v is kept as %s", given, v)
		}
		m := Decode(v)
		if len(m) != len(given) {
			t.Fatalf("%v is kept as %s", given, v)
		}
		for _, f := range fields {
			in, ok := given[f.Name]
			if !ok {
				continue
			}
			var s string
			switch raw := m[f.Name]; f.Kind {
			case "text", "text_area", "email", "phone", "link", "select", "cascade", "date", "datetime":
				if json.Unmarshal(raw, &s) != nil || s != in.Text {
					t.Fatalf("%s %q is kept as %s", f.Kind, in.Text, raw)
				}
			case "integer":
				if string(raw) != in.Text {
					t.Fatalf("%s %q is kept as %s", f.Kind, in.Text, raw)
				}
			}
		}
		if got := HideNumbers(fields, v, false, never); string(got) != string(v) {
			t.Fatalf("%s became %s with nothing to hide", v, got)
		}
		hidden := HideNumbers(fields, v, true, never)
		if v != nil && (!json.Valid(hidden) || len(Decode(hidden)) != len(m)) {
			t.Fatalf("%s became %s", v, hidden)
		}
	})
}

func TestNothingMakesParsePanic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := definition(rapid.SampledFrom(Kinds()).Draw(t, "kind").Name)
		in := Input{Text: rapid.String().Draw(t, "text")}
		if rapid.Bool().Draw(t, "list") {
			in = list(rapid.SliceOf(rapid.String()).Draw(t, "list")...)
		}
		if v, err := parseOne(f, in); err == nil && v != nil && !json.Valid(v) {
			t.Fatalf("%+v is kept as %s", in, v)
		}
	})
}
