package field

import (
	"encoding/json"
	"testing"

	"guanxi/internal/crm"
)

func TestBlank(t *testing.T) {
	for raw, want := range map[string]bool{"": true, "null": true, "[]": true, `""`: true, `"  \t"`: true, `"\u3000"`: true,
		`"x"`: false, "0": false, "[0]": false, "false": false, `[""]`: false} {
		if got := Blank(json.RawMessage(raw)); got != want {
			t.Errorf("Blank(%s) = %t", raw, got)
		}
	}
}

func TestWithout(t *testing.T) {
	fields := []*crm.CustomField{{Name: "text_asset_b", Kind: "text"}, {Name: "text_asset_a", Kind: "select"}}
	v := crm.Values(`{"text_asset_a":"sel_1","text_asset_a_other":"自己","text_asset_b":"text_asset_a"}`)
	rest, was := Without(fields, v, "text_asset_a")
	if string(rest) != `{"text_asset_b":"text_asset_a"}` || string(was) != `"sel_1"` {
		t.Errorf("%s, %s", rest, was)
	}
	if rest, was = Without(fields, rest, "text_asset_a"); was != nil || string(rest) != `{"text_asset_b":"text_asset_a"}` {
		t.Errorf("%s, %s", rest, was)
	}
	if rest, was = Without(fields, rest, "text_asset_b"); rest != nil || string(was) != `"text_asset_a"` {
		t.Errorf("%s, %s", rest, was)
	}
	if !Holds(v, "text_asset_b") || Holds(v, "text_asset_") || Holds(nil, "text_asset_b") {
		t.Error("Holds")
	}
}
