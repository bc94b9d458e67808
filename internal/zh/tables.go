package zh

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"
)

// The tables cover two ranges of code points: the Han blocks of the basic
// plane and the extensions of the planes above it.
const (
	hanFirst = 0x3007 // 〇, the lowest character with a reading.
	hanLast  = 0xFAFF
	extFirst = 0x20000
	extLast  = 0x323AF
)

// An entry of the basic plane packs what is known about a character: the index
// of its reading, the group of the phrases that start with it, and two flags.
// Zero means that the character has no reading.
const (
	syllableMask = 1<<12 - 1
	groupShift   = 12
	groupMask    = (1<<12 - 1) << groupShift
	surnameBit   = 1 << 24 // As a surname it reads differently.
	strongBit    = 1 << 25 // A strong phrase starts with it.
)

// A phrase is a word with its reading. A strong phrase is kept whole where a
// phrase before it would take its first character.
type phrase struct {
	text    string
	reading string
	last    int // Offset in text of the last character.
	cut     int // Length of the reading without the last character.
	strong  bool
}

// tables holds all that Pinyin looks up. It is not changed once it is built.
type tables struct {
	basic     [hanLast - hanFirst + 1]uint32
	ext       [extLast - extFirst + 1]uint16
	syllables []string   // Index 0 is not used.
	groups    [][]phrase // Longest phrases first; index 0 is not used.
	surnames  map[rune]string

	// What isPerson compares with, split into words.
	titles    []string
	endTitles []string
	companies []string
}

// load returns the tables, which are built once.
var load = sync.OnceValue(build)

// entry returns what is known about a character, zero if nothing is.
func (t *tables) entry(r rune) uint32 {
	if hanFirst <= r && r <= hanLast {
		return t.basic[r-hanFirst]
	}
	if extFirst <= r && r <= extLast {
		return uint32(t.ext[r-extFirst])
	}
	return 0
}

// match returns the longest phrase that s starts with, where e is the entry of
// the first character of s, or nil.
func (t *tables) match(e uint32, s string) *phrase {
	group := t.groups[e&groupMask>>groupShift]
	for i := range group {
		if strings.HasPrefix(s, group[i].text) {
			return &group[i]
		}
	}
	return nil
}

// strongAt reports whether s starts with a strong phrase.
func (t *tables) strongAt(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	e := t.entry(r)
	if e&strongBit == 0 {
		return false
	}
	p := t.match(e, s)
	return p != nil && p.strong
}

// A builder collects the readings while the tables are built.
type builder struct {
	*tables
	index map[string]uint32 // Index of each syllable.
}

// build makes the tables from the dictionary and the lists of this package.
func build() *tables {
	b := builder{
		tables: &tables{
			syllables: make([]string, 1, 512),
			surnames:  make(map[rune]string),
			titles:    strings.Fields(titles),
			endTitles: strings.Fields(titles + endTitles),
			companies: strings.Fields(companyEndings),
		},
		index: make(map[string]uint32, 512),
	}
	strip := newToneStripper()
	plain := make(map[string]string, 2048) // Spelling without tone marks.
	for code, readings := range pinyin.PinyinDict {
		first, _, _ := strings.Cut(readings, ",")
		reading, ok := plain[first]
		if !ok {
			reading = strip.Replace(first)
			plain[first] = reading
		}
		b.set(rune(code), reading)
	}
	for field := range strings.FieldsSeq(usualReadings) {
		chars, reading, _ := strings.Cut(field, "=")
		for _, r := range chars {
			b.set(r, reading)
		}
	}
	b.addPhrases()
	for field := range strings.FieldsSeq(surnameReadings) {
		chars, reading, _ := strings.Cut(field, "=")
		for _, r := range chars {
			b.surnames[r] = reading
			b.basic[r-hanFirst] |= surnameBit
		}
	}
	return b.tables
}

// set gives a character its reading.
func (b *builder) set(r rune, reading string) {
	n, ok := b.index[reading]
	if !ok {
		n = uint32(len(b.syllables))
		b.syllables = append(b.syllables, reading)
		b.index[reading] = n
	}
	switch {
	case hanFirst <= r && r <= hanLast:
		b.basic[r-hanFirst] = n
	case extFirst <= r && r <= extLast:
		b.ext[r-extFirst] = uint16(n)
	}
}

// A draft is a phrase while its line or lines are read: a word may stand in
// several lines, each giving the reading of some of its characters.
type draft struct {
	special map[rune]string
	strong  bool
}

// addPhrases reads the phrase lists and files every phrase under its first
// character.
func (b *builder) addPhrases() {
	drafts := make(map[string]*draft, 4096)
	for line := range strings.Lines(wordList + placeList) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		head, strong := strings.CutPrefix(fields[0], "!")
		chars, reading, _ := strings.Cut(head, "=")
		for _, word := range fields[1:] {
			d := drafts[word]
			if d == nil {
				d = &draft{special: make(map[rune]string, 1)}
				drafts[word] = d
			}
			d.strong = d.strong || strong
			if reading == "" {
				continue
			}
			for _, r := range chars {
				d.special[r] = reading
			}
		}
	}
	byFirst := make(map[rune][]phrase, 1024)
	for word, d := range drafts {
		first, _ := utf8.DecodeRuneInString(word)
		byFirst[first] = append(byFirst[first], b.phrase(word, d))
	}
	b.groups = make([][]phrase, 1, len(byFirst)+1)
	for first, group := range byFirst {
		slices.SortFunc(group, func(p, q phrase) int {
			return cmp.Or(cmp.Compare(len(q.text), len(p.text)), strings.Compare(p.text, q.text))
		})
		e := &b.basic[first-hanFirst]
		*e |= uint32(len(b.groups)) << groupShift
		if slices.ContainsFunc(group, func(p phrase) bool { return p.strong }) {
			*e |= strongBit
		}
		b.groups = append(b.groups, group)
	}
}

// phrase spells a word: characters that no line mentions have their usual
// readings.
func (b *builder) phrase(word string, d *draft) phrase {
	p := phrase{text: word, strong: d.strong}
	var reading strings.Builder
	for i, r := range word {
		p.last, p.cut = i, reading.Len()
		syllable, ok := d.special[r]
		if !ok {
			syllable = b.syllables[b.entry(r)&syllableMask]
		}
		reading.WriteString(syllable)
	}
	p.reading = reading.String()
	return p
}

// newToneStripper returns the replacer that takes the tone marks off a reading
// of the dictionary; ü in all its forms becomes v.
func newToneStripper() *strings.Replacer {
	const marked = "āáǎàa ēéěèêếềe īíǐìi ōóǒòo ūúǔùu üǖǘǚǜv ńňǹn ḿm"
	pairs := []string{"\u0300", "", "\u0301", "", "\u0304", "", "\u030c", ""}
	for _, group := range strings.Fields(marked) {
		plain := group[len(group)-1:]
		for _, r := range group[:len(group)-1] {
			pairs = append(pairs, string(r), plain)
		}
	}
	return strings.NewReplacer(pairs...)
}
