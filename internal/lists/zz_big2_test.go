package lists

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"guanxi/internal/column"
	"guanxi/internal/store"
)

func TestBig2(t *testing.T) {
	path := os.Getenv("BIG")
	if path == "" {
		return
	}
	s, err := store.Open(t.Context(), path, store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	k := New(s, 1<<32, nil)
	with := func(e string, need []string, fn func(t *column.Table)) {
		for {
			err = s.View(context.Background(), 1, func(r *store.Read) error {
				t, err := k.Table(r, 1, 0, e, nil, need)
				if err == nil {
					fn(t)
				}
				return err
			})
			var b *Behind
			if !errors.As(err, &b) {
				break
			}
			if err := k.Bring(context.Background(), b); err != nil {
				t.Fatal(err)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	need := []string{"address.tel"}
	with(Customers, need, func(*column.Table) {})
	with(Contacts, need, func(*column.Table) {})
	owned := column.Set("user_id")
	created := []column.Order{{Column: "created_at", Desc: true}}
	run := func(name, e string, q func() column.Query) {
		var wall, cpu []time.Duration
		n := 0
		for i := 0; i < 9; i++ {
			var a, b syscall.Rusage
			syscall.Getrusage(0, &a)
			at := time.Now()
			with(e, need, func(t *column.Table) {
				p, err := t.Select(q())
				n = p.Total
				if err != nil {
					panic(err)
				}
			})
			wall = append(wall, time.Since(at))
			syscall.Getrusage(0, &b)
			cpu = append(cpu, time.Duration(b.Utime.Nano()+b.Stime.Nano()-a.Utime.Nano()-a.Stime.Nano()))
		}
		w0, c0 := wall[0], cpu[0]
		slices.Sort(wall)
		slices.Sort(cpu)
		fmt.Printf("%-40s first %8.2f (cpu %6.2f)  median %8.2f min %6.2f (cpu %6.2f) ms  %d\n", name, ms(w0), ms(c0), ms(wall[4]), ms(wall[0]), ms(cpu[4]), n)
	}
	simple := func(name, e string, where column.Predicate, sort []column.Order, offset int) {
		run(name, e, func() column.Query {
			return column.Query{Where: column.And(owned, where), Sort: sort, Offset: offset, Limit: 15}
		})
	}
	T := column.True()
	simple("customers", Customers, T, created, 0)
	simple("page 60000", Customers, T, created, 60000*15)
	simple("status", Customers, column.IntIn("status", 1), created, 0)
	for _, n := range []string{"华", "公", "华润", "科技", "有限公司", "公司", "有限", "abc"} {
		simple("c "+n, Customers, column.TextContains("name", n), created, 0)
	}
	digits := func(n string) column.Predicate {
		return column.Or(column.TextContains("name", n), column.TextContains("address.tel", n), column.TextContains("address.phone", n))
	}
	simple("c 138001", Customers, digits("138001"), created, 0)
	simple("c 1", Customers, digits("1"), created, 0)
	for _, n := range []string{"updated_at", "name", "real_revisit_at", "owned_at"} {
		simple("sort "+n, Customers, T, []column.Order{{Column: n}}, 0)
	}
	simple("range", Customers, column.IntRange("created_at", 1700000000000, 1705000000000), []column.Order{{Column: "updated_at"}}, 0)
	simple("contacts", Contacts, T, created, 0)
	simple("contacts has_phone", Contacts, column.Set("has_phone"), created, 0)
	simple("contacts page 60000", Contacts, T, created, 60000*15)
	simple("contacts of one", Contacts, column.IntEq("customer_id", 500), created, 0)
	for _, n := range []string{"张", "李明", "科技", "有限公司"} {
		run("contacts "+n, Contacts, func() column.Query {
			var ids column.IDs
			with(Customers, nil, func(t *column.Table) { ids, _ = t.IDs(column.TextContains("name", n)) })
			return column.Query{Where: column.And(owned, column.Or(column.TextContains("name", n), column.IntInIDs("customer_id", ids))), Sort: created, Limit: 15}
		})
	}
	simple("contacts 138001", Contacts, digits("138001"), created, 0)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
