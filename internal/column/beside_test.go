package column

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
)

// TestCompactsBesideReadersAndWriters replaces records over and over, so that the table is compacted again and again
// while it is read, searched, sorted and changed, and columns are added. What a writer has put it finds at once, and at
// the end all is as it was put.
func TestCompactsBesideReadersAndWriters(t *testing.T) {
	asIfLarge(t)
	table := New([]Column{{Name: "n", Kind: Int}, {Name: "name", Kind: Text, Searchable: true}, {Name: "f", Kind: Float}})
	const writers, records, rounds = 4, 60, 60
	var all sync.WaitGroup
	for writer := range int64(writers) {
		all.Go(func() {
			row := table.NewRow()
			for round := range int64(rounds) {
				for i := range int64(records) {
					id := 1 + i*writers + writer
					row.Reset()
					row.SetInt(0, round*1000+i)
					row.SetText(1, fmt.Sprintf("Nr%d公司%d", round, i))
					row.SetFloat(2, float64(i))
					if err := table.Put(id, row); err != nil {
						t.Error(err)
						return
					}
					if i%20 != 0 {
						continue
					}
					page, err := table.Select(Query{Where: And(TextContains("name", fmt.Sprintf("nr%d公司%d", round, i)), IDIn(id)),
						Sort: []Order{{Column: "n", Desc: true}}, Limit: 3})
					if err != nil || !slices.Equal(page.IDs, []int64{id}) || page.Last.Int != round*1000+i {
						t.Errorf("what was just put is not found: %+v, %v", page, err)
						return
					}
				}
				if gone := 1 + (round%records)*writers + writer; !table.Delete(gone) {
					t.Errorf("%d was not there", gone)
				} else if err := table.Put(gone, row); err != nil {
					t.Error(err)
				}
				if writer == 0 && round%20 == 0 {
					values := NewValues(Column{Name: fmt.Sprint("c", round), Kind: Int})
					values.Int(1, round)
					if err := table.AddColumns(values); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	done := make(chan struct{})
	var readers sync.WaitGroup
	for _, by := range []string{"n", "name", "f", ID} {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				page, err := table.Select(Query{Sort: []Order{{Column: by}}, Limit: -1})
				if err != nil || len(page.IDs) != page.Total {
					t.Errorf("%d of %d, %v", len(page.IDs), page.Total, err)
					return
				}
				if err := table.Prepare(by); err != nil {
					t.Error(err)
				}
				table.Bytes()
			}
		})
	}
	all.Wait()
	close(done)
	readers.Wait()
	table.beside.Wait()
	if table.Len() != writers*records || table.era == 0 {
		t.Errorf("%d records, compacted %d times", table.Len(), table.era)
	}
	for by, sorted := range map[string]func(a, b Record) bool{
		"n":    func(a, b Record) bool { return a.Int(0) <= b.Int(0) },
		"name": func(a, b Record) bool { return a.Text(1) <= b.Text(1) },
		"f":    func(a, b Record) bool { return a.Float(2) <= b.Float(2) },
	} {
		page, err := table.Select(Query{Sort: []Order{{Column: by}}, Limit: -1})
		if err != nil || page.Total != writers*records {
			t.Fatal(page.Total, err)
		}
		r, err := table.record([]string{"n", "name", "f"})
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(page.IDs); i++ {
			a, b := r, r
			a.row, _ = table.find(page.IDs[i-1])
			b.row, _ = table.find(page.IDs[i])
			if !sorted(a, b) {
				t.Fatalf("by %s %d comes before %d", by, page.IDs[i-1], page.IDs[i])
			}
		}
	}
}

// TestFindingsAreKept searches again and again, also after changes, and for what contains a needle searched before:
// what is kept must not be seen in answers, and is counted in Bytes.
func TestFindingsAreKept(t *testing.T) {
	asIfLarge(t)
	table := New([]Column{{Name: "name", Kind: Text, Searchable: true}})
	row := table.NewRow()
	put := func(id int64, name string) {
		row.SetText(0, name)
		if err := table.Put(id, row); err != nil {
			t.Fatal(err)
		}
	}
	find := func(needle string, want ...int64) {
		t.Helper()
		page, err := table.Select(Query{Where: TextContains("name", needle), Limit: -1})
		if err != nil || !slices.Equal(page.IDs, want) {
			t.Errorf("%s: %v, %v, should be %v", needle, page.IDs, err, want)
		}
	}
	for id := range int64(200) {
		put(id+1, fmt.Sprintf("第%d号ABC", id))
	}
	before := table.Bytes()
	find("第77", 78)
	find("第77", 78)
	find("第77号a", 78)
	kept := &table.fields[0].needles.kept
	if len(*kept) != 2 || table.Bytes() <= before {
		t.Errorf("%d needles are kept in %d bytes, %d before", len(*kept), table.Bytes(), before)
	}
	put(300, "第77号Abcd")
	find("第77", 78, 300)
	find("第77号a", 78, 300)
	find("第77号abcd", 300)
	table.Delete(78)
	find("第77", 300)
	put(78, "第77")
	find("第77", 78, 300)
	for id := range int64(100) { // until it is compacted
		put(100+id, "x")
	}
	table.beside.Wait()
	find("第77", 78, 300)
	for i := range 2 * needlesKept {
		find(fmt.Sprintf("第%d号", 30+i), int64(31+i))
	}
	if len(*kept) != needlesKept {
		t.Errorf("%d needles are kept", len(*kept))
	}
}

// TestAppend appends batches to a table that has some of their records, and refuses what does not fit.
func TestAppend(t *testing.T) {
	table := smallTable(t, 10)
	row := table.NewRow()
	batch := table.NewBatch(0)
	for _, id := range []int64{5, 11, 300} {
		row.SetInt(0, id)
		if err := batch.Add(id, row); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []int64{0, 7, 300} {
		if err := batch.Add(id, row); err == nil {
			t.Errorf("the id %d behind 300: no error", id)
		}
	}
	err := table.Change(func(w Writer) error { return w.Append(batch) })
	page, _ := table.Select(Query{Where: IntRange("n", 5, math.MaxInt64), Limit: -1})
	if err != nil || table.Len() != 12 || !slices.Equal(page.IDs, []int64{5, 6, 7, 11, 300}) {
		t.Errorf("%d records, %v, %v", table.Len(), page.IDs, err)
	}
	other := New([]Column{{Name: "n", Kind: Text}}).NewBatch(0)
	if err := table.Change(func(w Writer) error { return w.Append(other) }); err == nil {
		t.Error("a batch of other columns: no error")
	}
}

// TestPutOfTheSame puts records that are there as they are: no row is made.
func TestPutOfTheSame(t *testing.T) {
	table := New([]Column{{Name: "n", Kind: Int}, {Name: "f", Kind: Float}, {Name: "s", Kind: Text}})
	row := table.NewRow()
	put := func(rows int) {
		t.Helper()
		if err := table.Put(1, row); err != nil || table.count() != rows {
			t.Errorf("%d rows, %v, should be %d", table.count(), err, rows)
		}
	}
	put(1)
	put(1)
	row.SetFloat(1, math.Copysign(0, -1))
	put(2)
	row.SetFloat(1, 0)
	put(2)
	row.SetText(2, "x")
	put(3)
	row.SetInt(0, 1<<40)
	put(4)
	put(4)
	table.Delete(1)
	put(5)
}
