package column

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// A record of the model: its values by the names of columns. What is missing is not set.
type record struct {
	id     int64
	ints   map[string]int64
	floats map[string]float64
	texts  map[string]string
}

// A model is what a Table must look like from outside, kept without any cleverness.
type model struct {
	columns []Column
	records map[int64]*record
}

func newRecord(id int64) *record {
	return &record{id, map[string]int64{}, map[string]float64{}, map[string]string{}}
}

func (r *record) float(column string) float64 {
	if v, ok := r.floats[column]; ok {
		return v
	}
	return math.NaN()
}

func (r *record) unset(c Column) bool {
	switch c.Kind {
	case Int:
		return r.ints[c.Name] == 0
	case Float:
		return math.IsNaN(r.float(c.Name))
	default:
		return r.texts[c.Name] == ""
	}
}

func (m *model) of(kind Kind) []Column {
	var found []Column
	for _, c := range m.columns {
		if c.Kind == kind {
			found = append(found, c)
		}
	}
	return found
}

// list gives the records for which ok is true in the wanted order.
func (m *model) list(ok func(r *record) bool, by Order) []*record {
	var found []*record
	for _, r := range m.records {
		if ok(r) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *record) int {
		if by.Desc {
			a, b = b, a
		}
		return cmp.Or(
			cmp.Compare(a.ints[by.Column], b.ints[by.Column]),
			cmp.Compare(a.float(by.Column), b.float(by.Column)),
			cmp.Compare(a.texts[by.Column], b.texts[by.Column]),
			cmp.Compare(a.id, b.id))
	})
	return found
}

var (
	genID    = rapid.Int64Range(1, 150)
	genInt   = rapid.OneOf(rapid.Int64Range(0, 6), rapid.Int64Range(-3, 70), rapid.SampledFrom([]int64{0, 1 << 31, 1 << 40, -1 << 31, -1<<31 - 1, math.MaxInt64, math.MinInt64}))
	genSmall = rapid.Int64Range(-2, 12)
	genFloat = rapid.OneOf(rapid.Float64Range(-3, 3), rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1, 2, -1, math.NaN(), math.MaxFloat64}))
	genText  = rapid.OneOf(rapid.StringOfN(rapid.RuneFrom([]rune("甲乙丙aAbB")), 0, 6, -1), rapid.SampledFrom([]string{
		"", "甲乙有限公司", "乙丙有限公司", "甲乙有限公司分公司", "甲乙有限责任公司", "abcdefghijklmnopqrst", "abcdefghijklmnopqrsu", "ABCDEFGHIJKLMNOPqrst", "a\x00", "a", "Ⱥ", "İ"}))
)

// genPredicate makes a predicate and what it means for a record of the model.
func genPredicate(t *rapid.T, m *model, depth int) (Predicate, func(r *record) bool) {
	kind := rapid.IntRange(0, 18).Draw(t, "predicate")
	if depth == 0 {
		kind = rapid.IntRange(4, 18).Draw(t, "leaf")
	}
	column := func(k Kind) Column { return rapid.SampledFrom(m.of(k)).Draw(t, "column") }
	anyColumn := func() Column { return rapid.SampledFrom(m.columns).Draw(t, "column") }
	switch kind {
	case 0, 1, 2:
		var ps []Predicate
		var oks []func(r *record) bool
		for range rapid.IntRange(0, 3).Draw(t, "terms") {
			p, ok := genPredicate(t, m, depth-1)
			ps, oks = append(ps, p), append(oks, ok)
		}
		if kind == 0 {
			return Or(ps...), func(r *record) bool {
				return slices.ContainsFunc(oks, func(ok func(*record) bool) bool { return ok(r) })
			}
		}
		return And(ps...), func(r *record) bool {
			return !slices.ContainsFunc(oks, func(ok func(*record) bool) bool { return !ok(r) })
		}
	case 3:
		p, ok := genPredicate(t, m, depth-1)
		return Not(p), func(r *record) bool { return !ok(r) }
	case 4:
		return True(), func(*record) bool { return true }
	case 5:
		c, v := column(Int).Name, genInt.Draw(t, "value")
		return IntEq(c, v), func(r *record) bool { return r.ints[c] == v }
	case 6, 7:
		c, vs := column(Int).Name, rapid.SliceOfN(rapid.OneOf(genSmall, genInt), 0, 6).Draw(t, "values")
		return IntIn(c, vs...), func(r *record) bool { return slices.Contains(vs, r.ints[c]) }
	case 8:
		c, lo, hi := column(Int).Name, genInt.Draw(t, "lo"), genInt.Draw(t, "hi")
		return IntRange(c, lo, hi), func(r *record) bool { v := r.ints[c]; return v != 0 && v >= lo && v <= hi }
	case 9:
		c := anyColumn()
		return Set(c.Name), func(r *record) bool { return !r.unset(c) }
	case 10:
		c := anyColumn()
		return Unset(c.Name), func(r *record) bool { return r.unset(c) }
	case 11:
		c, lo, hi := column(Float).Name, genFloat.Draw(t, "lo"), genFloat.Draw(t, "hi")
		return FloatRange(c, lo, hi), func(r *record) bool { v := r.float(c); return v >= lo && v <= hi }
	case 12:
		c, v := column(Text).Name, genText.Draw(t, "text")
		return TextEq(c, v), func(r *record) bool { return r.texts[c] == v }
	case 13:
		c, vs := column(Text).Name, rapid.SliceOfN(genText, 0, 4).Draw(t, "texts")
		return TextIn(c, vs...), func(r *record) bool { return slices.Contains(vs, r.texts[c]) }
	case 14:
		c := column(Text).Name
		return TextEmpty(c), func(r *record) bool { return r.texts[c] == "" }
	case 15, 16:
		c := column(Text).Name
		needle := rapid.OneOf(rapid.StringOfN(rapid.RuneFrom([]rune("甲乙丙aAbB公司有限")), 0, 3, -1), genText).Draw(t, "needle")
		return TextContains(c, needle), func(r *record) bool {
			return strings.Contains(strings.ToLower(r.texts[c]), strings.ToLower(needle))
		}
	case 17:
		ids := rapid.SliceOfN(genID, 0, 9).Draw(t, "ids")
		return IDIn(ids...), func(r *record) bool { return slices.Contains(ids, r.id) }
	default:
		i, f, s := column(Int).Name, column(Float).Name, column(Text).Name
		p := Func([]string{i, f, s}, func(r Record) bool {
			return r.ID()%3 == 0 || r.Int(0) > 4 || r.Float(1) > 1 || r.Text(2) > "b" || len(r.Bytes(2)) == 3 || r.Unset(1)
		})
		return p, func(r *record) bool {
			return r.id%3 == 0 || r.ints[i] > 4 || r.float(f) > 1 || r.texts[s] > "b" || len(r.texts[s]) == 3 || math.IsNaN(r.float(f))
		}
	}
}
