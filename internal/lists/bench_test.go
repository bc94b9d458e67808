package lists

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"

	"guanxi/internal/column"
	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// The benchmarks ask an embedded database of customers, each with two contacts,
// that is made once for each size and removed at the end.

const benchOrg = 1

type benchBase struct {
	dir string
	s   *store.Store
	k   *Keeper
	// made is how many customers BenchmarkCreate has made.
	made atomic.Int64
}

var benchBases = map[int]*benchBase{}

// closeBench removes the databases of benchmarks.
func closeBench() {
	for _, b := range benchBases {
		b.s.Close()
		os.RemoveAll(b.dir)
	}
}

func eachSize(b *testing.B, fn func(b *testing.B, base *benchBase, size int)) {
	for _, size := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			base := benchBases[size]
			if base == nil {
				base = newBench(b, size)
				benchBases[size] = base
			}
			fn(b, base, size)
		})
	}
}

func pick(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

func benchName(r *rand.Rand) string {
	middle := []rune{rune(0x4E00 + (r.IntN(2500)+r.IntN(2500))*4), rune(0x4E00 + r.IntN(5000)*4)}
	return pick(r, "北京", "上海", "广州", "深圳", "杭州", "南京", "苏州", "成都", "重庆", "武汉") + string(middle) +
		pick(r, "科技", "贸易", "实业", "电子", "机械", "建材", "物流", "医疗", "教育", "文化传媒") +
		pick(r, "有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司", "经营部")
}

func newBench(b *testing.B, size int) *benchBase {
	dir, err := os.MkdirTemp("", "guanxi-lists-")
	if err != nil {
		b.Fatal(err)
	}
	s, err := store.Open(context.Background(), filepath.Join(dir, "bench.db"), store.Config{})
	if err != nil {
		b.Fatal(err)
	}
	err = s.Update(context.Background(), benchOrg, func(w *store.Write) error {
		return errors.Join(w.AddOrganization("示例公司", 1), w.AddDepartment(&crm.Department{ID: 1, Name: "总部"}, 1),
			w.AddRole(&crm.Role{ID: 1, Name: "管理员", Scope: crm.ScopeOrganization}, 1),
			w.AddUser(&crm.User{ID: 1, Name: "用户", RoleID: 1, DepartmentID: 1, State: crm.UserActive}, "x"), note(w, "organization", benchOrg))
	})
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	at := func() crm.Time { return crm.Time(1_600_000_000_000 + r.Int64N(150_000_000_000)) }
	err = s.Load(context.Background(), func(l *store.Loader) error {
		for first := 0; first < size; first += 10_000 {
			err := l.Batch(benchOrg, func(w *store.Write) error {
				bulk := w.Bulk()
				for i := first; i < first+10_000; i++ {
					id := int64(i + 1)
					c := crm.Customer{ID: id, Name: benchName(r), Approval: crm.Approved, OwnerID: int64(r.IntN(50)), DepartmentID: int64(1 + r.IntN(8)),
						Status: int64(r.IntN(8)), Category: int64(r.IntN(6)), Source: int64(r.IntN(9)), CreatedAt: crm.Time(1_600_000_000_000 + id*60_000),
						UpdatedAt: at(), RevisitAt: at(), OwnedAt: at(), Custom: crm.Values(fmt.Sprintf(`{"numeric_asset_bbbbbb":%d,"text_asset_cccccc":["mul_%d"]}`, r.IntN(1000), r.IntN(9))),
						Address: crm.Address{ID: id, Tel: crm.T(fmt.Sprintf("010-%08d", r.IntN(100_000_000))), ProvinceID: int64(r.IntN(34)), CityID: int64(r.IntN(300))}}
					if err := bulk.Customer(&c); err != nil {
						return err
					}
				}
				for i := 2 * first; i < 2*first+20_000; i++ {
					id := int64(i + 1)
					k := crm.Contact{ID: id, CustomerID: int64(i/2 + 1), Name: pick(r, "王", "李", "张", "刘", "陈") + string(rune(0x4E00+r.IntN(900)*4)), Gender: "male",
						CreatedAt: crm.Time(1_600_000_000_000 + id*30_000), UpdatedAt: at(), Address: crm.Address{ID: id, Phone: crm.T(fmt.Sprintf("138%08d", r.IntN(100_000_000)))}}
					if err := bulk.Contact(&k); err != nil {
						return err
					}
				}
				return w.Log(0, crm.LogEntry{Entity: Customers, Action: store.ActionGenerate, Changes: "{}"})
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return &benchBase{dir: dir, s: s, k: New(s, 8<<30, nil)}
}

var benchFields = []*crm.CustomField{
	{Entity: "customer", Name: "numeric_asset_bbbbbb", Kind: "integer", Enabled: true},
	{Entity: "customer", Name: "text_asset_cccccc", Kind: "multi_select", Enabled: true},
}

var byCreated = []column.Order{{Column: "created_at", Desc: true}}

// ask gives a page of those that have an owner, as the service asks for it.
func (base *benchBase) ask(b *testing.B, k *Keeper, entity string, need []string, query func(r *store.Read) (column.Query, error)) (page column.Page) {
	for {
		err := base.s.View(context.Background(), benchOrg, func(r *store.Read) error {
			q, err := query(r)
			if err != nil {
				return err
			}
			q.Limit = 15
			page, err = k.Select(r, benchOrg, 0, entity, benchFields, need, q)
			return err
		})
		var behind *Behind
		if errors.As(err, &behind) {
			err = k.Bring(context.Background(), behind)
		} else if err == nil {
			return page
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func (base *benchBase) simple(b *testing.B, k *Keeper, entity string, need []string, q column.Query) column.Page {
	return base.ask(b, k, entity, need, func(*store.Read) (column.Query, error) {
		asked := q
		if asked.Where == nil {
			asked.Where = column.True()
		}
		asked.Where = column.And(column.Set("user_id"), asked.Where)
		return asked, nil
	})
}

// BenchmarkFirst asks for lists that are not in memory: the customers, the contacts
// when the customers are there, and further columns.
func BenchmarkFirst(b *testing.B) {
	eachSize(b, func(b *testing.B, base *benchBase, _ int) {
		for _, x := range []struct {
			name, entity string
			before, need []string
		}{
			{"Customers", Customers, nil, nil},
			{"Contacts", Contacts, nil, nil},
			{"CustomersNumbers", Customers, []string{}, []string{"address.tel"}},
			{"ContactsNumbers", Contacts, []string{}, []string{"address.tel"}},
			{"CustomersOwnField", Customers, []string{}, []string{"numeric_asset_bbbbbb"}},
		} {
			b.Run(x.name, func(b *testing.B) {
				var k *Keeper
				for b.Loop() {
					b.StopTimer()
					k = New(base.s, 8<<30, nil)
					if x.entity == Contacts {
						base.simple(b, k, Customers, nil, column.Query{})
					}
					if x.before != nil {
						base.simple(b, k, x.entity, x.before, column.Query{})
					}
					b.StartTimer()
					base.simple(b, k, x.entity, x.need, column.Query{Sort: byCreated})
				}
				b.ReportMetric(float64(k.Bytes())/(1<<20), "held-MB")
			})
		}
	})
}

// BenchmarkList asks for a page of a list that is in memory, with the exact count.
// Searches are for needles that were found before, except in New.
func BenchmarkList(b *testing.B) {
	contains := func(needle string) column.Query {
		return column.Query{Where: column.TextContains("name", needle), Sort: byCreated}
	}
	numbers := []string{"address.tel"}
	digits := column.Or(column.TextContains("name", "0012"), column.TextContains("address.tel", "0012"), column.TextContains("address.phone", "0012"))
	day := int64(24 * 3600 * 1000)
	for _, x := range []struct {
		name, entity string
		need         []string
		q            column.Query
	}{
		{"All", Customers, nil, column.Query{Sort: byCreated}},
		{"Status", Customers, nil, column.Query{Where: column.IntIn("status", 3), Sort: byCreated}},
		{"Owners", Customers, nil, column.Query{Where: column.IntIn("user_id", 1, 5, 9, 30, 31), Sort: byCreated}},
		{"City", Customers, nil, column.Query{Where: column.IntIn("address.city_id", 77), Sort: byCreated}},
		{"Days", Customers, nil, column.Query{Where: column.IntRange("updated_at", 1_700_000_000_000, 1_700_000_000_000+30*day), Sort: byCreated}},
		{"Label", Customers, nil, column.Query{Where: column.TextContains("labels", field.Token("1")), Sort: byCreated}},
		{"Assisted", Customers, nil, column.Query{Where: column.TextContains("assistants", field.Token("1")), Sort: byCreated}},
		{"OwnNumber", Customers, []string{"numeric_asset_bbbbbb"}, column.Query{Where: column.FloatRange("numeric_asset_bbbbbb", 10, 20), Sort: byCreated}},
		{"OwnChoice", Customers, []string{"text_asset_cccccc"}, column.Query{Where: column.TextContains("text_asset_cccccc", field.Token("mul_3")), Sort: byCreated}},
		{"SortUpdated", Customers, nil, column.Query{Sort: []column.Order{{Column: "updated_at", Desc: true}}}},
		{"SortName", Customers, nil, column.Query{Sort: []column.Order{{Column: "name"}}}},
		{"SortRevisit", Customers, nil, column.Query{Sort: []column.Order{{Column: "real_revisit_at", Desc: true}}}},
		{"SortOwn", Customers, []string{"numeric_asset_bbbbbb"}, column.Query{Sort: []column.Order{{Column: "numeric_asset_bbbbbb"}}}},
		{"FilterSortName", Customers, nil, column.Query{Where: column.IntIn("status", 3), Sort: []column.Order{{Column: "name"}}}},
		{"ContainsFew", Customers, nil, contains("京龘")},
		{"ContainsTrade", Customers, nil, contains("科技")},
		{"ContainsMost", Customers, nil, contains("有限公司")},
		{"Digits", Customers, numbers, column.Query{Where: digits, Sort: byCreated}},
		{"Contacts", Contacts, nil, column.Query{Sort: byCreated}},
		{"ContactsOfOne", Contacts, nil, column.Query{Where: column.IntEq("customer_id", 500), Sort: byCreated}},
		{"ContactsWithNumber", Contacts, nil, column.Query{Where: column.Set("has_phone"), Sort: byCreated}},
		{"ContactsSortName", Contacts, nil, column.Query{Sort: []column.Order{{Column: "name"}}}},
		{"ContactsDigits", Contacts, numbers, column.Query{Where: digits, Sort: byCreated}},
	} {
		b.Run(x.name, func(b *testing.B) {
			eachSize(b, func(b *testing.B, base *benchBase, _ int) {
				page := base.simple(b, base.k, x.entity, x.need, x.q)
				for b.Loop() {
					base.simple(b, base.k, x.entity, x.need, x.q)
				}
				b.ReportMetric(float64(page.Total), "hits")
			})
		})
	}
	deep := func(b *testing.B, base *benchBase, size int) {
		for b.Loop() {
			base.simple(b, base.k, Customers, nil, column.Query{Sort: byCreated, Offset: size * 9 / 10})
		}
	}
	b.Run("PageDeep", func(b *testing.B) { eachSize(b, deep) })
	// More needles, one after the other, than are kept.
	needles := []string{"北京", "上海", "广州", "深圳", "杭州", "南京", "苏州", "成都", "重庆", "武汉", "科技", "贸易", "实业", "电子", "机械",
		"建材", "物流", "医疗", "教育", "文化", "有限", "责任", "公司", "股份", "经营", "限公", "任公", "份有", "营部"}
	b.Run("ContainsNew", func(b *testing.B) {
		eachSize(b, func(b *testing.B, base *benchBase, _ int) {
			for i := 0; b.Loop(); i++ {
				base.simple(b, base.k, Customers, nil, contains(needles[i%len(needles)]))
			}
		})
	})
	for name, needle := range map[string]string{"ContactsOfNamed": "科技", "ContactsOfMost": "有限公司"} {
		b.Run(name, func(b *testing.B) {
			eachSize(b, func(b *testing.B, base *benchBase, _ int) {
				for b.Loop() {
					base.ask(b, base.k, Contacts, nil, func(r *store.Read) (column.Query, error) {
						t, err := base.k.Table(r, benchOrg, 0, Customers, benchFields, nil)
						if err != nil {
							return column.Query{}, err
						}
						ids, err := t.IDs(column.TextContains("name", needle))
						return column.Query{Where: column.And(column.Set("user_id"), column.Or(column.TextContains("name", needle), column.IntInIDs("customer_id", ids))), Sort: byCreated}, err
					})
				}
			})
		})
	}
}

// BenchmarkCreate creates customers, each durable, while the lists of customers and
// of contacts are in use: after each create the first page of both is asked for.
func BenchmarkCreate(b *testing.B) {
	for _, callers := range []int{1, 32} {
		b.Run(fmt.Sprint(callers, "callers"), func(b *testing.B) {
			eachSize(b, func(b *testing.B, base *benchBase, size int) {
				var next atomic.Int64
				next.Store(base.made.Load())
				defer func() { base.made.Store(next.Load()) }()
				for _, entity := range []string{Customers, Contacts} {
					base.simple(b, base.k, entity, nil, column.Query{Sort: byCreated})
				}
				create := func() {
					id := int64(size) + next.Add(1)
					c := crm.Customer{ID: id, Name: "示例公司", Approval: crm.Approved, OwnerID: 1, CreatedAt: crm.Time(1_800_000_000_000 + id), Address: crm.Address{ID: id}}
					err := base.s.Update(context.Background(), benchOrg, func(w *store.Write) error {
						return errors.Join(w.AddCustomer(&c), note(w, Customers, id))
					})
					if err != nil {
						b.Error(err)
					}
					base.simple(b, base.k, Customers, nil, column.Query{Where: column.IntEq("user_id", 1), Sort: byCreated})
					base.simple(b, base.k, Contacts, nil, column.Query{Sort: byCreated})
				}
				if callers == 1 {
					for b.Loop() {
						create()
					}
					return
				}
				b.SetParallelism(callers / runtime.GOMAXPROCS(0))
				b.RunParallel(func(p *testing.PB) {
					for p.Next() {
						create()
					}
				})
			})
		})
	}
}
