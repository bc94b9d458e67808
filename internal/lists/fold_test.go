package lists

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/zh"
)

// TestFoldedNamesStay holds what is seen at a glance against the whole way.
func TestFoldedNamesStay(t *testing.T) {
	genText := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("甲乙䶿鿿㿿ꀀ aAzZ~\x7f　ａ０é１\u200d"))),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{"上海华润", "北京ABC科技有限公司", "abc-1", " a", "a ", "a b"}))
	rapid.Check(t, func(t *rapid.T) {
		text := genText.Draw(t, "text")
		if got, want := foldText(text), zh.Fold(text); got != want {
			t.Fatalf("%q becomes %q, should be %q", text, got, want)
		}
	})
}

// TestValueInJSON holds the quick look for a value against the whole way.
func TestValueInJSON(t *testing.T) {
	genKey := rapid.SampledFrom([]string{"a", "b", "text_asset_aaaaaa", "\"", "\\", "甲", ""})
	var genValue *rapid.Generator[any]
	genValue = rapid.OneOf(
		rapid.Map(rapid.SampledFrom([]string{"", "a", `a":1,"b`, `}`, `]`, `\`, `"`, `\"`, "甲", "{\"b\":2}"}), func(s string) any { return s }),
		rapid.Map(rapid.Float64Range(-9, 9), func(f float64) any { return f }),
		rapid.Just[any](nil), rapid.Just[any](true),
		rapid.Map(rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[any] { return genValue }), 0, 3), func(l []any) any { return l }),
		rapid.Map(rapid.MapOfN(genKey, rapid.Deferred(func() *rapid.Generator[any] { return genValue }), 0, 3), func(m map[string]any) any { return m }),
	)
	genWhole := rapid.OneOf(
		rapid.Map(rapid.MapOfN(genKey, genValue, 0, 4), func(m map[string]any) string { b, _ := json.Marshal(m); return string(b) }),
		rapid.Map(rapid.MapOfN(genKey, genValue, 0, 4), func(m map[string]any) string { b, _ := json.MarshalIndent(m, " ", " "); return string(b) }),
		rapid.StringOfN(rapid.RuneFrom([]rune(`{}[]",:ab1 \`)), 0, 20, -1))
	rapid.Check(t, func(t *rapid.T) {
		whole, key := genWhole.Draw(t, "whole"), genKey.Draw(t, "key")
		raw, plain := rawValue([]byte(whole), key)
		if want := field.Decode(crm.Values(whole))[key]; plain && json.Valid([]byte(whole)) && string(raw) != string(want) {
			t.Fatalf("%s in %s is %s, should be %s", key, whole, raw, want)
		}
	})
	if _, plain := rawValue([]byte(`{"a":[1,"}"],"b":"\"","c":{}}`), "c"); !plain {
		t.Error("the quick look gives up where it need not")
	}
}
