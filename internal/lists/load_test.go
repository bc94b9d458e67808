package lists

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"guanxi/internal/column"
	"guanxi/internal/crm"
	"guanxi/internal/store"
	"guanxi/internal/store/dbtest"
	"guanxi/internal/store/storetest"
)

// TestManyAskAtFirst asks with many callers at once for a list that is not there:
// it is loaded once, and who waits holds no snapshot, of which there are two on the
// embedded database.
func TestManyAskAtFirst(t *testing.T) {
	small(t)
	s, _ := newStore(t)
	org, with := newOrganization(t, s), &source{Store: s}
	customers(t, s, org, 1, 1, upTo(20)...)
	k := New(with, 1<<30, nil)
	var loading sync.Once
	begun, on := make(chan struct{}), make(chan struct{})
	with.before = func() error {
		loading.Do(func() {
			close(begun)
			<-on
		})
		return nil
	}
	var callers sync.WaitGroup
	for range 64 {
		callers.Go(func() {
			page, err := question{org: org, entity: Customers}.ask(with, k)
			if err != nil || page.Total != 20 {
				t.Errorf("%+v, %v", page, err)
			}
		})
	}
	<-begun
	// The load hangs. Others are answered.
	other := newOrganization(t, s)
	customers(t, s, other, 1, 1, 1)
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := k.Bring(ctx, &Behind{list: k.list(name{org, Customers})}); !errors.Is(err, context.Canceled) {
		t.Errorf("who has gone still waits: %v", err)
	}
	close(on)
	callers.Wait()
	if with.views > 1+7+4 { // the count, parts of three, and a last look of each reader
		t.Errorf("%d snapshots for one load", with.views)
	}
}

// TestLoadFails lets the database fail in each snapshot of a load in turn: the
// error comes out, and the next call tries anew.
func TestLoadFails(t *testing.T) {
	small(t)
	s, _ := newStore(t)
	org, with := newOrganization(t, s), &source{Store: s}
	customers(t, s, org, 1, 1, upTo(10)...)
	failure := errors.New("no database")
	q := question{org: org, entity: Contacts, need: []string{"address.tel"}}
	for fails := 1; ; fails++ {
		k := New(with, 1<<30, nil)
		left := fails
		with.before = func() error {
			if left--; left == 0 {
				if fails%2 == 0 {
					panic(failure)
				}
				return failure
			}
			return nil
		}
		_, err := q.ask(with, k)
		if err == nil {
			if fails < 10 {
				t.Errorf("only %d snapshots", fails)
			}
			break
		}
		if left > 0 || fails%2 == 1 && !errors.Is(err, failure) {
			t.Fatal(err)
		}
		if page, err := q.ask(with, k); err != nil || page.Total != 10 {
			t.Fatalf("after a failure: %+v, %v", page, err)
		}
	}
}

// TestColumnThatIsNone asks for columns that there cannot be.
func TestColumnThatIsNone(t *testing.T) {
	s, _ := newStore(t)
	org, with := newOrganization(t, s), &source{Store: s}
	k := New(with, 1<<30, nil)
	own := []*crm.CustomField{{Entity: "customer", Name: "file_asset_aaaaaa", Kind: "no such kind"}}
	for _, name := range []string{"nothing", "file_asset_aaaaaa", "custom_values"} {
		if _, err := (question{org: org, entity: Customers, own: own, need: []string{name}}).ask(with, k); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if page, err := (question{org: org, entity: Customers}).ask(with, k); err != nil || page.Total != 0 {
		t.Errorf("afterwards: %+v, %v", page, err)
	}
}

// TestNeverStill writes between any two snapshots so much that what was loaded
// can never be followed: after some work in vain the question is answered in its
// own snapshot.
func TestNeverStill(t *testing.T) {
	small(t)
	s, _ := newStore(t)
	org, with := newOrganization(t, s), &source{Store: s}
	customers(t, s, org, 1, 1, upTo(8)...)
	with.before = func() error {
		return s.Update(context.Background(), org, func(w *store.Write) error {
			return w.Log(0, crm.LogEntry{Entity: Customers, Action: store.ActionGenerate, Changes: "{}"})
		})
	}
	k := New(with, 1<<30, nil)
	for range 3 {
		page := question{org: org, entity: Contacts, need: []string{"address.tel"}, where: column.IntEq("user_id", 1)}.must(t, with, k)
		if page.Total != 8 {
			t.Errorf("%+v", page)
		}
		with.before()
	}
}

// TestBudget holds lists of one organization at a time.
func TestBudget(t *testing.T) {
	s, _ := newStore(t)
	with := &source{Store: s}
	var told []int64
	k := New(with, 1, func(bytes int64) { told = append(told, bytes) })
	orgs := []int64{newOrganization(t, s), newOrganization(t, s)}
	for _, org := range orgs {
		customers(t, s, org, 1, 1, upTo(3)...)
	}
	for i := range 6 {
		org := orgs[i%2]
		for _, entity := range []string{Customers, Contacts} {
			if page := (question{org: org, entity: entity}).must(t, with, k); page.Total != 3 {
				t.Errorf("%+v", page)
			}
		}
		if len(k.kept) != 2 || k.kept[name{org, Customers}] == nil || k.kept[name{org, Contacts}] == nil {
			t.Errorf("%d lists are kept", len(k.kept))
		}
	}
	if k.Bytes() == 0 || len(told) == 0 {
		t.Errorf("%d bytes, told %v", k.Bytes(), told)
	}
}

// TestWarm loads before anybody asks, and not what is small or has no room.
func TestWarm(t *testing.T) {
	s, _ := newStore(t)
	org, with := newOrganization(t, s), &source{Store: s}
	customers(t, s, org, 1, 1, upTo(3)...)
	k := New(with, 1<<30, nil)
	warm := func(k *Keeper, least int) {
		t.Helper()
		if err := k.Warm(t.Context(), org, Contacts, least, []string{"address.tel"}, []string{"created_at", "name"}); err != nil {
			t.Fatal(err)
		}
	}
	if warm(k, 4); len(k.kept) != 0 {
		t.Error("a small list is loaded")
	}
	if warm(k, 3); k.kept[name{org, Customers}] == nil {
		t.Error("the customers that contacts need are not loaded")
	}
	page, err := question{org: org, entity: Contacts, need: []string{"address.phone"}}.once(with, k)
	if err != nil || page.Total != 3 {
		t.Errorf("%+v, %v", page, err)
	}
	full := New(with, 1, nil)
	question{org: newOrganization(t, s), entity: Leads}.must(t, with, full)
	if warm(full, 1); len(full.kept) != 1 {
		t.Error("a list has made room for one that nobody asked for")
	}
}

// TestAnotherProcess writes in one process and asks in another one.
func TestAnotherProcess(t *testing.T) {
	small(t)
	s, database := newStore(t)
	org := newOrganization(t, s)
	other := storetest.Open(t, database)
	with := &source{Store: other}
	k := New(with, 1<<30, nil)
	for i := range int64(20) {
		customers(t, s, org, 1+i%2, i, 1+i%7)
		if dbtest.Present() == dbtest.SQLite { // the snapshot kept by the other process may be older
			if _, err := other.FreshVersion(t.Context(), org); err != nil {
				t.Fatal(err)
			}
		}
		for _, q := range []question{
			{org: org, entity: Customers, where: column.And(column.IntEq("status", i), column.IDIn(1+i%7))},
			{org: org, entity: Contacts, where: column.And(column.IntEq("user_id", 1+i%2), column.IDIn(1+i%7))},
		} {
			if page := q.must(t, with, k); page.Total != 1 {
				t.Fatalf("step %d: the list of %s has not followed: %+v", i, q.entity, page)
			}
		}
	}
}

// TestReadersAndWriters lets callers change records of their own and look for the
// change in the lists at once, while others change theirs.
func TestReadersAndWriters(t *testing.T) {
	small(t)
	s, _ := newStore(t)
	org, with := newOrganization(t, s), &source{Store: s}
	const callers, each = 8, 3
	customers(t, s, org, 1, 1, upTo(callers*each)...)
	k := New(with, 1<<30, nil)
	var all sync.WaitGroup
	for caller := range int64(callers) {
		all.Go(func() {
			mine := []int64{caller*each + 1, caller*each + 2, caller*each + 3}
			for i := range int64(12) {
				owner, status := 1+(caller+i)%4, 2+i
				customers(failing{t}, s, org, owner, status, mine...)
				for _, q := range []question{
					{org: org, entity: Customers, where: column.And(column.IntEq("status", status), column.IDIn(mine...))},
					{org: org, entity: Contacts, where: column.And(column.IntEq("user_id", owner), column.IDIn(mine...))},
					{org: org, entity: Customers, need: []string{"address.tel"},
						where: column.And(column.TextContains("address.tel", fmt.Sprint(13800000000+mine[0])), column.IDIn(mine...), column.IntEq("user_id", owner))},
				} {
					want := each
					if len(q.need) > 0 {
						want = 1
					}
					if page, err := q.ask(with, k); err != nil || page.Total != want {
						t.Errorf("caller %d, change %d: %d of %s, %v", caller, i, page.Total, q.entity, err)
						return
					}
				}
			}
		})
	}
	all.Wait()
}

// failing fails a test from a goroutine beside it.
type failing struct{ *testing.T }

func (f failing) Fatal(args ...any) { f.Error(args...) }
