package lists

import (
	"testing"

	"pgregory.net/rapid"

	"guanxi/internal/zh"
)

// TestFoldedNamesStay holds what is seen at a glance against the whole way.
func TestFoldedNamesStay(t *testing.T) {
	genText := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("甲乙䶿鿿㿿ꀀ aAzZ~\x7f　ａ０é１‍"))),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{"上海华润", "北京ABC科技有限公司", "abc-1", " a", "a ", "a b"}))
	rapid.Check(t, func(t *rapid.T) {
		text := genText.Draw(t, "text")
		if got, want := foldText(text), zh.Fold(text); got != want {
			t.Fatalf("%q becomes %q, should be %q", text, got, want)
		}
	})
}
