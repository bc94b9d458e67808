package column

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Columns of a customer as the server keeps it: 15 small numbers, 3 times, an amount, a name and two phones.
func benchColumns() []Column {
	columns := make([]Column, 0, 22)
	for i := range 15 {
		columns = append(columns, Column{Name: fmt.Sprintf("n%d", i), Kind: Int})
	}
	for i := range 3 {
		columns = append(columns, Column{Name: fmt.Sprintf("t%d", i), Kind: Int})
	}
	return append(columns,
		Column{Name: "name", Kind: Text, Searchable: true},
		Column{Name: "tel", Kind: Text, Searchable: true},
		Column{Name: "phone", Kind: Text, Searchable: true})
}

const (
	nameColumn, telColumn, phoneColumn = 18, 19, 20
	someTime                           = int64(1_700_000_000_000)
)

var (
	benchCities = []string{"北京", "上海", "广州", "深圳", "杭州", "南京", "苏州", "成都", "重庆", "武汉", "西安", "长沙", "青岛", "宁波", "郑州", "天津"}
	benchTrades = []string{"科技", "贸易", "实业", "电子", "机械", "建材", "物流", "医疗", "教育", "文化传媒", "信息技术", "食品"}
	benchEnds   = []string{"有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司", "有限公司", "集团有限公司", "有限公司"}
)

// benchName makes a name of about 36 bytes; one in 32 has capital letters.
func benchName(r *rand.Rand) string {
	middle := make([]rune, 2+r.IntN(2))
	for i := range middle {
		// The middle of the range is used most, as some characters are in names.
		middle[i] = rune(0x4E00 + (r.IntN(2500)+r.IntN(2500))*4)
	}
	name := pick(r, benchCities) + string(middle) + pick(r, benchTrades) + pick(r, benchEnds)
	if r.IntN(32) == 0 {
		name = "ABC" + name
	}
	return name
}

func pick(r *rand.Rand, of []string) string { return of[r.IntN(len(of))] }

func benchRow(r *rand.Rand, row *Row, i int) {
	row.Reset()
	for c := range 15 {
		row.SetInt(c, int64(r.IntN(4+c*c*c)))
	}
	row.SetInt(15, someTime+int64(i)*60_000)
	row.SetInt(16, someTime+r.Int64N(1<<36))
	if r.IntN(2) == 0 {
		row.SetInt(17, someTime+r.Int64N(1<<36))
	}
	row.SetText(nameColumn, benchName(r))
	if r.IntN(2) == 0 {
		row.SetText(telColumn, fmt.Sprintf("010-%08d", r.IntN(100_000_000)))
	}
	row.SetText(phoneColumn, fmt.Sprintf("138%08d", r.IntN(100_000_000)))
}

var benchTables = map[int]*Table{}

func benchTable(b *testing.B, size int) *Table {
	t := benchTables[size]
	if t == nil {
		t = New(benchColumns())
		t.Reserve(size)
		fillBench(b, t, size)
		benchTables[size] = t
	}
	return t
}

func fillBench(b *testing.B, t *Table, size int) {
	r := rand.New(rand.NewPCG(1, 2))
	row := t.NewRow()
	err := t.Change(func(w Writer) error {
		for i := range size {
			benchRow(r, row, i)
			if err := w.Put(int64(i+1), row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func eachSize(b *testing.B, f func(b *testing.B, size int)) {
	for _, size := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) { f(b, size) })
	}
}

// BenchmarkLoad fills a table with rows that were made before, and tells its bytes for each row, without sort orders.
func BenchmarkLoad(b *testing.B) {
	eachSize(b, func(b *testing.B, size int) {
		r := rand.New(rand.NewPCG(1, 2))
		t := New(benchColumns())
		rows := make([]*Row, 1024)
		for i := range rows {
			rows[i] = t.NewRow()
			benchRow(r, rows[i], i)
		}
		for b.Loop() {
			t = New(benchColumns())
			t.Reserve(size)
			for first := 0; first < size; first += 4096 {
				batch := t.NewBatch(4096)
				for i := first; i < min(first+4096, size); i++ {
					if err := batch.Add(int64(i+1), rows[i&1023]); err != nil {
						b.Fatal(err)
					}
				}
				if err := t.Change(func(w Writer) error { return w.Append(batch) }); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(t.Bytes())/float64(size), "held-B/row")
	})
}

func BenchmarkWhere(b *testing.B) {
	ids := make([]int64, 1000)
	for i := range ids {
		ids[i] = int64(i*10 + 1)
	}
	benches := []struct {
		name  string
		where Predicate
	}{
		{"True", True()},
		{"IntEq", IntEq("n2", 3)},
		{"IntIn4", IntIn("n10", 1, 5, 9, 500)},
		{"IntIn1000", IntIn("n14", ids...)},
		{"IntRangeTime", IntRange("t1", someTime+1<<34, someTime+1<<35)},
		{"Set", Set("t2")},
		{"TextEq", TextEq("phone", "13800001234")},
		{"TextIn", TextIn("phone", "13800001234", "13800001235", "13800001236")},
		{"TextEmpty", TextEmpty("tel")},
		{"ContainsCity", TextContains("name", "上海")},
		{"ContainsRare", TextContains("name", "丠丠")},
		{"ContainsCommon", TextContains("name", "公司")},
		{"ContainsLimited", TextContains("name", "有限")},
		{"ContainsTrade", TextContains("name", "科技")},
		{"ContainsMiss", TextContains("name", "龘龘")},
		{"ContainsOneChar", TextContains("name", "司")},
		{"ContainsLatin", TextContains("name", "Bc")},
		{"ContainsPhone4", TextContains("phone", "1380")},
		{"ContainsDigits", TextContains("phone", "0012")},
		{"IDIn1000", IDIn(ids...)},
		{"And3", And(IntEq("n2", 3), IntEq("n4", 1), TextContains("name", "科技"))},
		{"Or3", Or(IntEq("n2", 3), IntIn("n4", 1, 2), TextEmpty("tel"))},
		{"NotIn", Not(IntIn("n10", 1, 5, 9, 500))},
		{"Func", Func([]string{"n3", "n4"}, func(r Record) bool { return r.Int(0) > r.Int(1) })},
	}
	for _, bench := range benches {
		b.Run(bench.name, func(b *testing.B) {
			eachSize(b, func(b *testing.B, size int) {
				t := benchTable(b, size)
				n := 0
				for b.Loop() {
					n, _ = t.Count(bench.where)
				}
				b.ReportMetric(float64(n), "rows")
			})
		})
	}
}

func BenchmarkSelect(b *testing.B) {
	benches := []struct {
		name string
		q    func(size int) Query
	}{
		{"Page1ByName", func(int) Query { return Query{Sort: []Order{{Column: "name"}}} }},
		{"Page1ByTimeDesc", func(int) Query { return Query{Sort: []Order{{Column: "t1", Desc: true}}} }},
		{"Page1000", func(int) Query { return Query{Sort: []Order{{Column: "t1", Desc: true}}, Offset: 999 * 15} }},
		{"Page1Filter", func(int) Query { return Query{Where: IntEq("n2", 3), Sort: []Order{{Column: "t1", Desc: true}}} }},
		{"DeepFilter", func(size int) Query {
			return Query{Where: Set("t2"), Sort: []Order{{Column: "t1", Desc: true}}, Offset: size * 45 / 100}
		}},
		{"FewHits", func(int) Query { return Query{Where: IntEq("n14", 77), Sort: []Order{{Column: "name"}}} }},
		{"Hits1Percent", func(int) Query { return Query{Where: IntEq("n5", 77), Sort: []Order{{Column: "name"}}} }},
		{"ContainsByTime", func(int) Query {
			return Query{Where: And(TextContains("name", "科技"), IntIn("n2", 1, 2, 3, 4, 5)), Sort: []Order{{Column: "t1", Desc: true}}}
		}},
		{"Cursor", func(size int) Query {
			after := &Cursor{Column: "t1", Int: someTime + 1<<35, ID: 5}
			return Query{Where: IntEq("n2", 3), Sort: []Order{{Column: "t1", Desc: true}}, After: after}
		}},
	}
	for _, bench := range benches {
		b.Run(bench.name, func(b *testing.B) {
			eachSize(b, func(b *testing.B, size int) {
				t, q := benchTable(b, size), bench.q(size)
				q.Limit = 15
				if err := t.Prepare(ID, "name", "t1"); err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					if _, err := t.Select(q); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// BenchmarkPrepare sorts anew by a column.
func BenchmarkPrepare(b *testing.B) {
	for _, name := range []string{"name", "n2", "t0", "t1"} {
		b.Run(name, func(b *testing.B) {
			eachSize(b, func(b *testing.B, size int) {
				t := benchTable(b, size)
				for b.Loop() {
					t.sorted(t.fields[t.names[name]])
				}
			})
		})
	}
}

// BenchmarkPut replaces records; PutSelect also asks for a sorted page after each. Compactions are part of both.
func BenchmarkPut(b *testing.B) {
	for _, ask := range []bool{false, true} {
		b.Run(map[bool]string{false: "Put", true: "PutSelect"}[ask], func(b *testing.B) {
			eachSize(b, func(b *testing.B, size int) {
				t := New(benchColumns())
				t.Reserve(size)
				fillBench(b, t, size)
				if err := t.Prepare(ID, "name", "t1"); err != nil {
					b.Fatal(err)
				}
				r, row := rand.New(rand.NewPCG(3, 4)), t.NewRow()
				for b.Loop() {
					benchRow(r, row, r.IntN(size))
					if err := t.Put(int64(1+r.IntN(size)), row); err != nil {
						b.Fatal(err)
					}
					if ask {
						if _, err := t.Select(Query{Sort: []Order{{Column: "t1", Desc: true}}, Limit: 15}); err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		})
	}
}

// BenchmarkCompact compacts a table of which a quarter is dead.
func BenchmarkCompact(b *testing.B) {
	eachSize(b, func(b *testing.B, size int) {
		for b.Loop() {
			b.StopTimer()
			t := New(benchColumns())
			t.Reserve(size)
			fillBench(b, t, size)
			if err := t.Prepare(ID, "name", "t1"); err != nil {
				b.Fatal(err)
			}
			for id := range int64(size / 4) {
				t.Delete(id*4 + 1)
			}
			b.StartTimer()
			t.Compact()
		}
	})
}
