package zh

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func ExamplePinyin() {
	fmt.Println(Pinyin("0永豐餘投資有限公司"))
	fmt.Println(Pinyin("重庆 长安·Ｆｏｒｄ"))
	fmt.Println(Pinyin("单先生"))
	// Output:
	// 0yongfengyutouziyouxiangongsi
	// chongqingchanganford
	// shanxiansheng
}

func TestPinyin(t *testing.T) {
	for _, line := range strings.Split(strings.TrimSpace(cases), "\n") {
		for _, field := range strings.Fields(line) {
			name, want, ok := strings.Cut(field, "=")
			if !ok {
				t.Fatalf("bad case %q", field)
			}
			if got := Pinyin(name); got != want {
				t.Errorf("Pinyin(%q) = %q, want %q", name, got, want)
			}
		}
	}
}

func TestPinyinDrops(t *testing.T) {
	for name, want := range map[string]string{
		"":                       "",
		"???":                    "",
		" \t\n":                  "",
		"！，。「」—…":                "",
		"😀👍🏻":                    "",
		"\x00\x1f\x7f":           "",
		"\xff\xfe张\x80三\xe5\xbc": "zhangsan",
		"A B-C_d":                "abcd",
		"ＡＢｃ１２３！":                "abc123",
		"Café Zürich Ærø ×÷":     "cafezuricharo",
		"（上海）单位 No.7":            "shanghaidanweino7",
		"ひらがなカタカナ":               "",
		"〇零":                     "lingling",
		"𠀀中":                     "hezhong",
		"\ufffd中":                "zhong",
	} {
		if got := Pinyin(name); got != want {
			t.Errorf("Pinyin(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestAppendPinyinKeepsPrefix(t *testing.T) {
	if got := string(AppendPinyin([]byte("x:"), "单雄信")); got != "x:shanxiongxin" {
		t.Errorf("AppendPinyin = %q", got)
	}
}

// checkPinyin states what every caller may rely on.
func checkPinyin(t interface {
	Helper()
	Fatalf(string, ...any)
}, s string) {
	t.Helper()
	got := Pinyin(s)
	if strings.Trim(got, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		t.Fatalf("Pinyin(%q) = %q", s, got)
	}
	if len(got) > 6*utf8.RuneCountInString(s) {
		t.Fatalf("Pinyin(%q) = %q is too long", s, got)
	}
	if again := Pinyin(s); again != got {
		t.Fatalf("Pinyin(%q) = %q, then %q", s, got, again)
	}
	if twice := Pinyin(got); twice != got {
		t.Fatalf("Pinyin(%q) = %q, not a fixed point", got, twice)
	}
}

func TestPinyinProperties(t *testing.T) {
	var words []string
	for _, group := range load().groups {
		for _, p := range group {
			words = append(words, p.text)
		}
	}
	t.Run("runes", rapid.MakeCheck(func(t *rapid.T) {
		checkPinyin(t, rapid.String().Draw(t, "s"))
	}))
	t.Run("bytes", rapid.MakeCheck(func(t *rapid.T) {
		checkPinyin(t, string(rapid.SliceOf(rapid.Byte()).Draw(t, "b")))
	}))
	t.Run("words", rapid.MakeCheck(func(t *rapid.T) {
		part := rapid.OneOf(
			rapid.SampledFrom(words),
			rapid.StringN(0, 3, -1),
			rapid.StringOfN(rapid.Map(rapid.IntRange(0x4E00, 0x9FFF), func(n int) rune { return rune(n) }), 0, 4, -1),
			rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 3), func(b []byte) string { return string(b) }),
		)
		checkPinyin(t, strings.Join(rapid.SliceOfN(part, 0, 6).Draw(t, "parts"), ""))
	}))
}

func FuzzPinyin(f *testing.F) {
	f.Add("重庆单先生\xff")
	f.Fuzz(func(t *testing.T, s string) { checkPinyin(t, s) })
}

// TestLists checks the lists written by hand: every field is well formed,
// every character has a reading and every reading is a known syllable.
func TestLists(t *testing.T) {
	tab := load()
	known := make(map[string]bool)
	for _, s := range tab.syllables[1:] {
		if s == "" || len(s) > 6 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("syllable %q", s)
		}
		known[s] = true
	}
	head := func(field string) (chars, reading string) {
		chars, reading, ok := strings.Cut(field, "=")
		if !ok || chars == "" || !known[reading] {
			t.Errorf("bad field %q", field)
		}
		return chars, reading
	}
	for _, field := range strings.Fields(usualReadings + surnameReadings) {
		head(field)
	}
	seen := make(map[string]string)
	for line := range strings.Lines(wordList + placeList) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		chars, reading := "", ""
		if first := strings.TrimPrefix(fields[0], "!"); first != "-" {
			chars, reading = head(first)
		}
		if len(fields) < 2 {
			t.Errorf("line %q has no words", line)
		}
		for _, word := range fields[1:] {
			if utf8.RuneCountInString(word) < 2 {
				t.Errorf("word %q is too short", word)
			}
			if chars != "" && !strings.ContainsAny(word, chars) {
				t.Errorf("word %q does not contain any of %q", word, chars)
			}
			for _, r := range word {
				if key := word + string(r); strings.ContainsRune(chars, r) {
					if other := seen[key]; other != "" && other != reading {
						t.Errorf("word %q: %q reads %q and %q", word, r, other, reading)
					}
					seen[key] = reading
				}
				if tab.entry(r) == 0 {
					t.Errorf("word %q: %q has no reading", word, r)
				}
			}
		}
	}
}

func TestPinyinAllocations(t *testing.T) {
	load()
	if n := testing.AllocsPerRun(100, func() { Pinyin("单于重庆长安汽车股份有限公司") }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkPinyin(b *testing.B) {
	for _, name := range []string{"重庆长安汽车股份有限公司销售部", "单雄信", "Acme Trading Co 2026"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Pinyin(name)
			}
		})
	}
}

func BenchmarkBuild(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		build()
	}
}
