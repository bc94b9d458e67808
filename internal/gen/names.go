package gen

import (
	"strings"

	"guanxi/internal/region"
)

// Names makes names of companies and people. It is made once and never
// changed, so goroutines may share it.
type Names struct {
	w *words
	p *places
}

// NewNames reads the word lists.
func NewNames(regions *region.Table) (*Names, error) {
	w, err := loadWords()
	if err != nil {
		return nil, err
	}
	p, err := newPlaces(regions)
	if err != nil {
		return nil, err
	}
	return &Names{w, p}, nil
}

// company makes the name of a company in a town. The kinds and their shares
// follow what a register of companies looks like.
func (n *Names) company(d *dice, t *town, district *region.District) string {
	w := n.w
	traditional := 3
	if t.province.ID >= 32 { // 台湾, 香港, 澳门
		traditional = 800
	}
	if d.chance(traditional) {
		return w.trad1.draw(d) + w.trad2.draw(d) + w.tradtrade.draw(d) + w.tradform.draw(d)
	}
	switch k := d.n(1000); {
	case k < 60:
		return n.shop(d, t, district)
	case k < 72:
		return n.prefix(d, t, district) + n.brand(d) + w.partnertrade.draw(d) + w.partnerform.draw(d)
	case k < 82:
		place := ""
		if t.city.Pinyin != "" && d.chance(500) {
			place = " (" + strings.ToUpper(t.city.Pinyin[:1]) + t.city.Pinyin[1:] + ")"
		}
		return n.latin(d) + place + " " + w.latinform.draw(d)
	}
	name := ""
	if t.short != "" && d.chance(95) {
		name = n.brand(d) + w.trade.draw(d) + n.bracket(d, t.short) + w.form.draw(d)
	} else {
		prefix := ""
		if !d.chance(50) {
			prefix = n.prefix(d, t, district)
		}
		name = prefix + n.brand(d) + w.trade.draw(d) + w.form.draw(d)
	}
	if d.chance(25) {
		if branch := n.p.draw(d); branch.short != "" {
			name += branch.short + "分公司"
		}
	}
	return name
}

// bracket puts a place in brackets: mostly those of Chinese, some of ASCII.
func (n *Names) bracket(d *dice, place string) string {
	if d.chance(250) {
		return "(" + place + ")"
	}
	return "（" + place + "）"
}

// prefix is the place that a name begins with.
func (n *Names) prefix(d *dice, t *town, district *region.District) string {
	province := t.province.Name
	if t.short == "" { // such as an autonomous prefecture
		return province
	}
	switch k := d.n(100); {
	case k < 45:
		return t.short
	case k < 58:
		return t.city.Name
	case k < 74:
		return province
	case k < 79 && ordinary(t.province.ID):
		return province + "省"
	case k < 83 && ordinary(t.province.ID):
		return province + "省" + t.city.Name
	case k < 86 && ordinary(t.province.ID):
		return province + t.short
	case k < 96 && district != nil && !strings.HasSuffix(district.Name, "区"):
		if short := shortName(district.Name); short != "" && k < 92 {
			return short
		}
		return district.Name
	}
	return t.short
}

// ordinary tells the provinces that are called 省.
func ordinary(province int64) bool {
	switch province {
	case 1, 2, 5, 9, 20, 22, 26, 30, 31, 33, 34: // 直辖市, 自治区, 特别行政区
		return false
	}
	return true
}

func (n *Names) brand(d *dice) string {
	w := n.w
	switch k := d.n(1000); {
	case k < 100:
		return w.popular.draw(d)
	case k < 770:
		return w.first.draw(d) + w.follow.draw(d)
	case k < 900:
		return w.first.draw(d) + w.follow.draw(d) + w.third.draw(d)
	case k < 960:
		return w.first.draw(d) + w.follow.draw(d) + w.ends4.draw(d)
	case k < 980: // letters, as in KLT
		b := make([]byte, 0, 4)
		for range 2 + d.n(3) {
			b = append(b, byte('A'+d.n(26)))
		}
		return string(b)
	}
	return w.surname.draw(d) + w.first.draw(d) + "记"
}

func (n *Names) latin(d *dice) string {
	name := n.w.latin1.draw(d) + n.w.latin2.draw(d)
	if d.chance(400) {
		name += n.w.latin2.draw(d)
	}
	return name + n.w.latin3.draw(d)
}

// shop is the name of a one-man business.
func (n *Names) shop(d *dice, t *town, district *region.District) string {
	place := t.city.Name
	if district != nil && district.Name != t.city.Name {
		if d.chance(700) {
			place += district.Name
		} else {
			place = district.Name
		}
	}
	switch k := d.n(100); {
	case k < 30:
		return place + "老" + n.w.surname.draw(d) + n.w.shop.draw(d)
	case k < 45:
		name, _ := n.person(d)
		return place + name + n.w.shop.draw(d)
	}
	return place + n.brand(d) + n.w.shop.draw(d)
}

// person makes the name of a person and the gender that goes with it.
func (n *Names) person(d *dice) (name, gender string) {
	given, gender := &n.w.male, "male"
	if d.chance(450) {
		given, gender = &n.w.female, "female"
	}
	name = n.w.surname.draw(d) + given.draw(d)
	if d.chance(820) {
		name += given.draw(d)
	}
	return name, gender
}

// mail is a made-up address in a domain that is nobody's.
func mail(d *dice, pinyin string) string {
	b := append(make([]byte, 0, 40), pinyin...)
	for range 2 + d.n(3) {
		b = append(b, byte('0'+d.n(10)))
	}
	return string(append(b, "@example.com"...))
}

// mobile is a number from the start of the range that this project makes up
// numbers in.
func mobile(d *dice) string { return digits("13800", d, 6) }

// landline is a number that no telephone has: none begins with 0 after the
// code of the place.
func landline(d *dice, code string) string { return digits(code+"-0", d, 7) }

func digits(head string, d *dice, n int) string {
	b := append(make([]byte, 0, 24), head...)
	for range n {
		b = append(b, byte('0'+d.n(10)))
	}
	return string(b)
}
