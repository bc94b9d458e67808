package column

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// pair is a table and the model that it must agree with.
type pair struct {
	table *Table
	model model
}

func newPair() *pair {
	columns := []Column{
		{Name: "owner", Kind: Int}, {Name: "made", Kind: Int}, {Name: "amount", Kind: Float},
		{Name: "name", Kind: Text, Searchable: true}, {Name: "tel", Kind: Text, Searchable: true},
	}
	return &pair{New(columns), model{columns, map[int64]*record{}}}
}

// drawRow fills a row and a record with the same values.
func (p *pair) drawRow(t *rapid.T, row *Row, id int64) *record {
	r := newRecord(id)
	for i, c := range p.model.columns {
		if i >= len(row.values) || rapid.IntRange(0, 3).Draw(t, "unset") == 0 {
			continue
		}
		switch c.Kind {
		case Int:
			v := genSmall.Draw(t, c.Name)
			if c.Name != "owner" {
				v = genInt.Draw(t, c.Name)
			}
			r.ints[c.Name] = v
			row.SetInt(i, v)
		case Float:
			r.floats[c.Name] = genFloat.Draw(t, c.Name)
			row.SetFloat(i, r.floats[c.Name])
		case Text:
			r.texts[c.Name] = genText.Draw(t, c.Name)
			row.SetText(i, r.texts[c.Name])
		}
	}
	return r
}

func (p *pair) put(t *rapid.T) {
	id, row := genID.Draw(t, "id"), p.table.NewRow()
	r := p.drawRow(t, row, id)
	if err := p.table.Put(id, row); err != nil {
		t.Fatal(err)
	}
	p.model.records[id] = r
}

// putMany fills the table in one change, with a row made once.
func (p *pair) putMany(t *rapid.T) {
	row := p.table.NewRow()
	err := p.table.Change(func(w Writer) error {
		for range rapid.IntRange(1, 120).Draw(t, "rows") {
			id := genID.Draw(t, "id")
			row.Reset()
			r := p.drawRow(t, row, id)
			if err := w.Put(id, row); err != nil {
				return err
			}
			p.model.records[id] = r
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// appendBatch puts records whose ids rise, some of which are there already.
func (p *pair) appendBatch(t *rapid.T) {
	batch, row := p.table.NewBatch(rapid.IntRange(0, 100).Draw(t, "room")), p.table.NewRow()
	ids := rapid.SliceOfNDistinct(genID, 0, 100, rapid.ID[int64]).Draw(t, "ids")
	slices.Sort(ids)
	for _, id := range ids {
		row.Reset()
		p.model.records[id] = p.drawRow(t, row, id)
		if err := batch.Add(id, row); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.table.Change(func(w Writer) error { return w.Append(batch) }); err != nil {
		t.Fatal(err)
	}
}

func (p *pair) remove(t *rapid.T) {
	id := genID.Draw(t, "id")
	_, there := p.model.records[id]
	if got := p.table.Delete(id); got != there {
		t.Fatalf("Delete(%d) = %v", id, got)
	}
	delete(p.model.records, id)
}

func (p *pair) addColumn(t *rapid.T) {
	if len(p.model.columns) > 9 {
		return
	}
	c := Column{Name: fmt.Sprint("custom", len(p.model.columns)), Kind: Kind(rapid.IntRange(0, 2).Draw(t, "kind")), Searchable: true}
	values := NewValues(c)
	for range rapid.IntRange(0, 3).Draw(t, "parts") {
		set := NewValues(c)
		for range rapid.IntRange(0, 30).Draw(t, "values") {
			id := genID.Draw(t, "id")
			r, ok := p.model.records[id]
			if !ok {
				r = newRecord(id)
			}
			switch c.Kind {
			case Int:
				r.ints[c.Name] = genInt.Draw(t, "int")
				set.Int(id, r.ints[c.Name])
			case Float:
				r.floats[c.Name] = genFloat.Draw(t, "float")
				set.Float(id, r.floats[c.Name])
			case Text:
				r.texts[c.Name] = genText.Draw(t, "text")
				set.Text(id, r.texts[c.Name])
			}
		}
		values.Join(set)
	}
	if err := p.table.AddColumns(values); err != nil {
		t.Fatal(err)
	}
	p.model.columns = append(p.model.columns, c)
}

// query asks for one page of one list.
func (p *pair) query(t *rapid.T) {
	where, ok := genPredicate(t, &p.model, 3)
	names := []string{ID}
	for _, c := range p.model.columns {
		names = append(names, c.Name)
	}
	by := Order{rapid.SampledFrom(names).Draw(t, "sort"), rapid.Bool().Draw(t, "desc")}
	q := Query{Where: where, Sort: []Order{by}, Limit: rapid.IntRange(-1, 12).Draw(t, "limit")}
	if rapid.Bool().Draw(t, "with offset") {
		q.Offset = rapid.IntRange(0, 60).Draw(t, "offset")
	}
	meant := p.model.list(ok, by)
	total := len(meant)
	if len(p.model.records) > 0 && rapid.Bool().Draw(t, "with cursor") {
		// After any record, whether it is meant or not.
		everyone := p.model.list(func(*record) bool { return true }, by)
		last := rapid.SampledFrom(everyone).Draw(t, "after")
		q.After = cursorOf(p.model, last, by.Column)
		at := slices.Index(everyone, last)
		meant = slices.DeleteFunc(meant, func(r *record) bool { return slices.Index(everyone, r) <= at })
	}
	p.checkPage(t, q, meant, total)
}

func (p *pair) checkPage(t *rapid.T, q Query, meant []*record, total int) {
	page, err := p.table.Select(q)
	if err != nil {
		t.Fatal(err)
	}
	rest := meant[min(q.Offset, len(meant)):]
	size := len(rest)
	if q.Limit >= 0 {
		size = min(size, q.Limit)
	}
	want := make([]int64, size)
	for i, r := range rest[:size] {
		want[i] = r.id
	}
	if !slices.Equal(page.IDs, want) {
		t.Fatalf("%+v: the page is %v, should be %v", q, page.IDs, want)
	}
	if page.Total != total || page.More != (size < len(rest)) {
		t.Fatalf("%+v: total %d and more %v, should be %d and %v", q, page.Total, page.More, total, size < len(rest))
	}
	if size == 0 {
		if page.Last != nil {
			t.Fatalf("%+v: an empty page ends at %+v", q, page.Last)
		}
	} else if want := cursorOf(p.model, rest[size-1], q.Sort[0].Column); *page.Last != *want {
		t.Fatalf("%+v: the page ends at %+v, should at %+v", q, page.Last, want)
	}
	p.checkPaths(t, q)
}

// checkPaths holds the two ways to a page against each other, whichever of them the query took.
func (p *pair) checkPaths(t *rapid.T, q Query) {
	p.table.mu.RLock() // A compaction may be under way.
	defer p.table.mu.RUnlock()
	f, desc, _ := p.table.sorting(q)
	set, _ := p.table.matching(q.Where)
	total := set.count()
	want := max(total-q.Offset, 0)
	sorted := p.table.sortHits(f, desc, set, q, want)
	walked := p.table.walkOrder(f, desc, set, total, q, want)
	if !slices.Equal(sorted, walked) {
		t.Fatalf("%+v: sorted hits %v, walked %v", q, sorted, walked)
	}
}

// cursorOf makes the cursor of a record and sends it through JSON.
func cursorOf(m model, r *record, column string) *Cursor {
	c := &Cursor{Column: column, ID: r.id, Int: r.ints[column], Text: r.texts[column]}
	for _, f := range m.of(Float) {
		if f.Name == column {
			c.Float, c.NoNum = r.float(column)+0, math.IsNaN(r.float(column))
		}
	}
	if c.NoNum {
		c.Float = 0
	}
	text, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	back := &Cursor{}
	if err := json.Unmarshal(text, back); err != nil {
		panic(err)
	}
	return back
}

// check holds every record, the counts and Distinct against the model.
func (p *pair) check(t *rapid.T) {
	if p.table.Len() != len(p.model.records) {
		t.Fatalf("%d records, should be %d", p.table.Len(), len(p.model.records))
	}
	for i, c := range p.model.columns {
		if got, ok := p.table.Index(c.Name); !ok || got != i {
			t.Fatalf("column %s has index %d", c.Name, got)
		}
	}
	counts := map[int64]int{}
	var ids []int64
	var names []string
	for _, c := range p.model.columns {
		names = append(names, c.Name)
	}
	for id := range int64(152) {
		ids = append(ids, id)
		if r, ok := p.model.records[id]; ok {
			counts[r.ints["made"]]++
		}
	}
	seen := 0
	err := p.table.Read(ids, names, func(got Record) {
		seen++
		want := p.model.records[got.ID()]
		for i, c := range p.model.columns {
			var same bool
			switch c.Kind {
			case Int:
				same = got.Int(i) == want.ints[c.Name]
			case Float:
				same = got.Unset(i) || got.Float(i) == want.float(c.Name)
			case Text:
				same = got.Text(i) == want.texts[c.Name]
			}
			if !same || got.Unset(i) != want.unset(c) {
				t.Fatalf("record %d: wrong %s", got.ID(), c.Name)
			}
		}
	})
	if err != nil || seen != len(p.model.records) {
		t.Fatalf("Read showed %d records, error %v", seen, err)
	}
	got, err := p.table.Distinct("made", nil)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(counts) {
		t.Fatalf("Distinct gives %v and %v, should %v", got, err, counts)
	}
}

// TestTableAgreesWithModel puts, deletes, adds columns, compacts and asks in any order.
func TestTableAgreesWithModel(t *testing.T) { agree(t) }

// TestLargeTableAgreesWithModel does the same as if tables of a few rows were large: they are sorted and compacted beside
// queries and changes, searched in parts, and findings are kept.
func TestLargeTableAgreesWithModel(t *testing.T) {
	asIfLarge(t)
	agree(t)
}

// asIfLarge sets to nothing the numbers of rows from which on work is done in another way. It is for tests that do not
// run beside others.
func asIfLarge(t *testing.T) {
	sort, compact, needles, part := sortBelow, compactBelow, needlesFrom, partRows
	sortBelow, compactBelow, needlesFrom, partRows = 0, 0, 0, 64
	t.Cleanup(func() { sortBelow, compactBelow, needlesFrom, partRows = sort, compact, needles, part })
}

func agree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPair()
		defer p.table.beside.Wait()
		if rapid.Bool().Draw(t, "reserve") {
			p.table.Reserve(rapid.IntRange(0, 200).Draw(t, "rows"))
		}
		t.Repeat(map[string]func(*rapid.T){
			"":          p.check,
			"put":       p.put,
			"putMany":   p.putMany,
			"append":    p.appendBatch,
			"delete":    p.remove,
			"addColumn": p.addColumn,
			"compact":   func(*rapid.T) { p.table.Compact() },
			"query":     p.query,
			"query 2":   p.query,
			"query 3":   p.query,
		})
	})
}
