package column

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
)

func smallTable(t *testing.T, rows int) *Table {
	t.Helper()
	table := New([]Column{{Name: "n", Kind: Int}, {Name: "f", Kind: Float}, {Name: "s", Kind: Text}})
	row := table.NewRow()
	for i := range rows {
		row.SetInt(0, int64(i%7))
		row.SetFloat(1, float64(i%5))
		row.SetText(2, fmt.Sprint(i%3))
		if err := table.Put(int64(i+1), row); err != nil {
			t.Fatal(err)
		}
	}
	return table
}

func TestMistakesOfAQuery(t *testing.T) {
	table := smallTable(t, 3)
	mistakes := []Query{
		{Where: IntEq("nothing", 1)},
		{Where: IntEq("s", 1)},
		{Where: Not(And(True(), Or(TextEq("n", ""))))},
		{Where: FloatRange("n", 0, 1)},
		{Where: TextContains("s", "1")}, // Not searchable.
		{Where: Func([]string{"n", "nothing"}, func(Record) bool { return true })},
		{Sort: []Order{{Column: "nothing"}}},
		{Sort: []Order{{Column: "n"}, {Column: "s"}}},
		{Sort: []Order{{Column: "n"}}, After: &Cursor{Column: ID, ID: 1}},
		{Offset: -1},
	}
	for _, q := range mistakes {
		if _, err := table.Select(q); err == nil {
			t.Errorf("%+v: no error", q)
		}
	}
	if _, err := table.Distinct("s", nil); err == nil {
		t.Error("Distinct of texts: no error")
	}
	if err := table.Read(nil, []string{"nothing"}, nil); err == nil {
		t.Error("Read of no column: no error")
	}
	if err := table.Prepare("nothing"); err == nil {
		t.Error("Prepare of no column: no error")
	}
}

func TestMistakesOfAChange(t *testing.T) {
	table := smallTable(t, 3)
	for _, id := range []int64{0, -1} {
		if err := table.Put(id, table.NewRow()); err == nil {
			t.Errorf("id %d: no error", id)
		}
	}
	for _, name := range []string{"n", ID, ""} {
		if err := table.AddColumns(NewValues(Column{Name: "x"}), NewValues(Column{Name: name})); err == nil {
			t.Errorf("a second column %q: no error", name)
		}
	}
	if _, ok := table.Index("x"); ok || table.Len() != 3 {
		t.Error("a failed change left something behind")
	}
	for name, mistake := range map[string]func(){
		"two columns of one name": func() { New([]Column{{Name: "a"}, {Name: "a"}}) },
		"a text for a number":     func() { table.NewRow().SetText(0, "") },
		"an added text for a number": func() {
			NewValues(Column{Name: "y"}).Text(1, "")
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			mistake()
		}()
	}
	if err := table.Put(4, table.NewRow()); err != nil {
		t.Errorf("after a panic the table is locked or broken: %v", err)
	}
}

// TestWidening puts the first large number into a column of small ones.
func TestWidening(t *testing.T) {
	table := smallTable(t, 100)
	row := table.NewRow()
	for i, v := range []struct {
		value int64
		width int
	}{{math.MaxInt8, 0}, {math.MinInt8, 0}, {math.MaxInt16, 2}, {math.MinInt16, 2}, {math.MaxInt32, 4}, {math.MinInt32, 4}, {math.MaxInt32 + 1, 8}} {
		row.SetInt(0, v.value)
		_ = table.Put(int64(200+i), row)
		if c := &table.fields[0].ints; c.width != v.width || c.len() != 101+i || c.get(99) != 99%7 || c.get(100+i) != v.value {
			t.Errorf("after %d the numbers are of %d bytes", v.value, c.width)
		}
	}
	page, err := table.Select(Query{Where: IntRange("n", 6, math.MaxInt64), Sort: []Order{{Column: "n", Desc: true}}, Limit: 3})
	if err != nil || !slices.Equal(page.IDs, []int64{206, 204, 202}) || page.Total != 18 || !page.More {
		t.Errorf("%+v, %v", page, err)
	}
}

// TestTableCompactsItself replaces one record over and over: memory must not grow with that.
func TestTableCompactsItself(t *testing.T) {
	table := smallTable(t, 1000)
	if err := table.Prepare(ID, "n", "s"); err != nil {
		t.Fatal(err)
	}
	row := table.NewRow()
	for i := range 20_000 {
		row.SetInt(0, int64(i))
		if err := table.Put(int64(i%10+1), row); err != nil {
			t.Fatal(err)
		}
	}
	if rows := table.count(); rows > 1400 || table.Len() != 1000 {
		t.Errorf("%d rows for %d records", rows, table.Len())
	}
	page, err := table.Select(Query{Sort: []Order{{Column: "n", Desc: true}}, Limit: 2})
	if err != nil || !slices.Equal(page.IDs, []int64{10, 9}) || page.Last.Int != 19_998 {
		t.Errorf("%+v, %v", page, err)
	}
}

// TestIDsFarApart uses ids that no small table can hold side by side, and a set of them that is no bit table.
func TestIDsFarApart(t *testing.T) {
	table := New([]Column{{Name: "n", Kind: Int}})
	row := table.NewRow()
	var want []int64
	for i := range 63 {
		id := int64(1) << i
		row.SetInt(0, -id)
		if err := table.Put(id, row); err != nil {
			t.Fatal(err)
		}
		want = append(want, id)
	}
	page, err := table.Select(Query{Limit: -1})
	if err != nil || !slices.Equal(page.IDs, want) {
		t.Errorf("%v, %v", page.IDs, err)
	}
	page, err = table.Select(Query{Where: IntIn("n", -1, -1<<40, -1<<62, 7), Sort: []Order{{Column: "n"}}, Limit: -1})
	if err != nil || !slices.Equal(page.IDs, []int64{1 << 62, 1 << 40, 1}) {
		t.Errorf("%v, %v", page.IDs, err)
	}
}

// TestIDsOfAnotherTable looks for the ids of some records in a column of others, where ids lie close together, far apart,
// and farther than any bit table.
func TestIDsOfAnotherTable(t *testing.T) {
	for _, step := range []int64{1, 3, 1 << 20, 1 << 50} {
		owners := New([]Column{{Name: "n", Kind: Int}})
		owned := New([]Column{{Name: "owner", Kind: Int}})
		row, other := owners.NewRow(), owned.NewRow()
		for i := range int64(60) {
			row.SetInt(0, i%3)
			other.SetInt(0, 1+i/2*step)
			if err := errors.Join(owners.Put(1+i*step, row), owned.Put(i+1, other)); err != nil {
				t.Fatal(err)
			}
		}
		for n, want := range map[int64]int{0: 20, 7: 0} {
			ids, err := owners.IDs(IntEq("n", n))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := owned.Count(IntInIDs("owner", ids)); got != want || err != nil {
				t.Errorf("step %d: %d rows, %v, should be %d", step, got, err, want)
			}
		}
	}
	if _, err := smallTable(t, 1).IDs(IntEq("nothing", 1)); err == nil {
		t.Error("no error for a column that is none")
	}
}

// TestCursorIsStable goes through a list by cursor while every record seen is deleted or moved to the end, and none
// that lay ahead is missed or shown twice.
func TestCursorIsStable(t *testing.T) {
	table := smallTable(t, 100)
	seen := map[int64]bool{}
	q := Query{Where: IntRange("n", 1, 6), Sort: []Order{{Column: "n", Desc: true}}, Limit: 4}
	row := table.NewRow()
	row.SetInt(0, 7) // Before everything in this order.
	for {
		page, err := table.Select(q)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range page.IDs {
			if seen[id] {
				t.Fatalf("%d is shown twice", id)
			}
			seen[id] = true
			if id%2 == 0 {
				table.Delete(id)
			} else if err := table.Put(id, row); err != nil {
				t.Fatal(err)
			}
		}
		if !page.More {
			break
		}
		q.After = page.Last
	}
	if len(seen) != 85 { // Those of 100 whose n is not 0.
		t.Errorf("%d records seen", len(seen))
	}
}

// TestReadersAndAWriter moves an amount between two records, in one change each time, while readers add up, sort and
// search, and columns are added. No reader may see half a change.
func TestReadersAndAWriter(t *testing.T) {
	table := New([]Column{{Name: "amount", Kind: Int}, {Name: "name", Kind: Text, Searchable: true}})
	const records, each = 200, 1000
	put := func(w Writer, row *Row, id, amount int64) {
		row.SetInt(0, amount)
		row.SetText(1, fmt.Sprintf("Name%d公司", amount))
		if err := w.Put(id, row); err != nil {
			t.Error(err)
		}
	}
	row := table.NewRow()
	amounts := make([]int64, records+1)
	_ = table.Change(func(w Writer) error {
		for id := int64(1); id <= records; id++ {
			amounts[id] = each
			put(w, row, id, each)
		}
		return nil
	})
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				counts, err := table.Distinct("amount", TextContains("name", "公司"))
				sum, n := int64(0), 0
				for v, times := range counts {
					sum, n = sum+v*int64(times), n+times
				}
				if err != nil || sum != records*each || n != records {
					t.Errorf("%d in %d records, %v", sum, n, err)
					return
				}
				page, err := table.Select(Query{Where: TextContains("name", "e1"), Sort: []Order{{Column: "amount", Desc: true}}, Limit: 20})
				if err != nil || len(page.IDs) != min(20, page.Total) {
					t.Errorf("%+v, %v", page, err)
					return
				}
				last := int64(math.MaxInt64)
				_ = table.Read(page.IDs, []string{"amount"}, func(r Record) { last = min(last, r.Int(0)) })
				_ = table.Bytes()
				_ = table.Prepare("name", ID)
			}
		})
	}
	for i := range int64(1500) {
		from, to := i%records+1, (i*7+3)%records+1
		if from == to {
			continue
		}
		amounts[from], amounts[to] = amounts[from]-1, amounts[to]+1
		_ = table.Change(func(w Writer) error {
			put(w, row, from, amounts[from])
			put(w, row, to, amounts[to])
			return nil
		})
		if i%300 == 0 {
			values := NewValues(Column{Name: fmt.Sprint("c", i), Kind: Text})
			values.Text(from, "x")
			if err := table.AddColumns(values); err != nil {
				t.Error(err)
			}
		}
	}
	close(done)
	readers.Wait()
}
