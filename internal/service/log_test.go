package service

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// logWorld has changes of all kinds, made by the super administrator, of records
// of the owner and of a pool.
func logWorld(t *testing.T) *world {
	t.Helper()
	w := staffed(t)
	super := w.as(orgA, admin)
	w.clock.advance(12 * 24 * time.Hour)
	if _, err := w.update(super, 1, func(k *crm.CustomerDraft) {
		k.Note, k.Status, k.Address.Phone, k.Address.Tel = "备注", 0, crm.T("13800007777"), crm.T("02100007777")
		k.Custom = crm.Values(`{"text_asset_000002":"13800008888","text_asset_b000002":"新"}`)
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.updateContact(super, 1, func(k *crm.Contact) { k.Address.Phone = crm.T("13800006666") }); err != nil {
		t.Fatal(err)
	}
	w.amend(orgA, func(tx *store.Write) error {
		l := crm.Lead{ID: 5, OwnerID: owner, Name: "线索", CreatedAt: 1, UpdatedAt: 1, Address: crm.Address{ID: 50, CreatedAt: 1, UpdatedAt: 1}}
		return errors.Join(tx.AddLead(&l), tx.Log(0, crm.LogEntry{UserID: admin, Entity: "lead", EntityID: 5, Action: "update",
			Changes: `{"address.phone":["13800005555","13800004444"],"text_asset_gone01":["13800003333",null]}`, At: startOfClock}))
	})
	return w
}

// values are the changed values of the newest row about a record, as somebody
// sees them.
func (w *world) values(c *Caller, entity string, id int64) string {
	w.t.Helper()
	found, err := w.Logs(w.t.Context(), c, &LogFilter{Entity: entity, EntityID: id})
	if err != nil || len(found.Items) == 0 {
		w.t.Fatalf("%+v, %v", found, err)
	}
	var all []string
	for _, v := range found.Items[0].Values {
		all = append(all, fmt.Sprintf("%s:%s>%s", v.Field, v.BeforeText, v.AfterText))
	}
	return strings.Join(all, " ")
}

func TestLogsConceal(t *testing.T) {
	w := logWorld(t)
	w.amend(orgA, func(tx *store.Write) error {
		hidden := w.directory().Roles[5].Hidden
		return tx.SetRole(&crm.Role{ID: 5, Name: "看不到", Scope: crm.ScopeOwn, Rights: map[string]bool{crm.RightShowLogs: true}, Hidden: hidden}, startOfClock)
	})
	const note, text = "note:>备注 status:待联系>", "text_asset_b000002:公司49>新"
	for _, c := range []struct {
		name   string
		caller int64
		want   [3]string
	}{
		{"with all rights", wholeFirm, [3]string{
			"address.phone:13800006001>13800007777 address.tel:02100006001>02100007777 " + note + " text_asset_000002:13800005001>13800008888 " + text,
			"address.phone:13800008001>13800006666",
			"address.phone:13800005555>13800004444 text_asset_gone01:13800003333>"}},
		{"number hiding", masked, [3]string{
			"address.phone:138****6001>138****7777 address.tel:021****6001>021****7777 " + note + " text_asset_000002:138****5001>138****8888 " + text,
			"address.phone:138****8001>138****6666",
			"address.phone:138****5555>138****4444"}},
		{"field rights", blinded, [3]string{note + " " + text, "", "address.phone:13800005555>13800004444"}},
	} {
		caller := w.as(orgA, c.caller)
		for i, entity := range []string{"customer", "contact", "lead"} {
			id := []int64{1, 1, 5}[i]
			if got := w.values(caller, entity, id); got != c.want[i] {
				t.Errorf("%s, %s: %s\nwant %s", c.name, entity, got, c.want[i])
			}
		}
	}
	// On one's own records only what is hidden everywhere stays hidden.
	w.amend(orgA, func(tx *store.Write) error {
		k := w.customer(1)
		k.OwnerID = blinded
		return tx.SetCustomer(k)
	})
	if got := w.values(w.as(orgA, blinded), "customer", 1); got != "address.phone:13800006001>13800007777 "+note+" "+text {
		t.Errorf("of one's own: %s", got)
	}
	// A record that is gone is nobody's own.
	w.amend(orgA, func(tx *store.Write) error { return tx.DeleteLead(5) })
	if got := w.values(w.as(orgA, masked), "lead", 5); got != "address.phone:138****5555>138****4444" {
		t.Errorf("of a record that is gone: %s", got)
	}
}

func TestWhoSeesLogs(t *testing.T) {
	w := logWorld(t)
	for _, id := range []int64{owner, boss, powerless, blinded} {
		c := w.as(orgA, id)
		_, err1 := w.Logs(t.Context(), c, &LogFilter{})
		_, err2 := w.SignInLogs(t.Context(), c, &LogFilter{})
		if !errors.Is(err1, crm.ErrForbidden) || !errors.Is(err2, crm.ErrForbidden) {
			t.Errorf("%d: %v, %v", id, err1, err2)
		}
	}
	elsewhere, err := w.Logs(t.Context(), w.as(orgB, admin), &LogFilter{Entity: "customer"})
	if err != nil || elsewhere.Total != 0 {
		t.Errorf("elsewhere: %+v, %v", elsewhere, err)
	}
	for _, c := range []struct {
		entity string
		id     int64
		sees   []int64
	}{
		{"customer", 1, []int64{admin, owner, boss, inSales, wholeFirm, helper, masked, blinded, powerless}},
		{"contact", 1, []int64{admin, owner, boss, inSales, wholeFirm, helper, masked, blinded, powerless}},
		{"lead", 5, []int64{admin, owner, boss, wholeFirm, masked, blinded, powerless}},
		{"customer", 99, nil}, {"contact", 99, nil}, {"lead", 99, nil},
	} {
		for id := admin; id < disabled; id++ {
			found, err := w.RecordLogs(t.Context(), w.as(orgA, id), c.entity, c.id, &LogFilter{})
			if slices.Contains(c.sees, id) {
				if err != nil || found.Total != 1 || found.Items[0].Entity != c.entity || found.Items[0].EntityID != c.id {
					t.Errorf("%s %d by %d: %+v, %v", c.entity, c.id, id, found, err)
				}
			} else if !errors.Is(err, crm.ErrNotFound) {
				t.Errorf("%s %d by %d: %v", c.entity, c.id, id, err)
			}
		}
	}
}

func TestLogFilters(t *testing.T) {
	w := logWorld(t)
	c := w.as(orgA, wholeFirm)
	all, err := w.Logs(t.Context(), c, &LogFilter{})
	if err != nil || all.Total != len(all.Items) || all.Total < 8 {
		t.Fatalf("%d of %d, %v", len(all.Items), all.Total, err)
	}
	total := func(f LogFilter) int {
		t.Helper()
		found, err := w.Logs(t.Context(), c, &f)
		if err != nil {
			t.Fatal(err)
		}
		return found.Total
	}
	entities := map[string]int{}
	for _, e := range all.Items {
		entities[e.Entity]++
	}
	for entity, n := range entities {
		if got := total(LogFilter{Entity: entity}); got != n {
			t.Errorf("%s: %d of %d", entity, got, n)
		}
	}
	if !slices.Contains(slices.Collect(maps.Keys(entities)), "session") {
		t.Errorf("there are %v", entities)
	}
	for name, c := range map[string]struct {
		f    LogFilter
		want int
	}{
		"the first day":       {LogFilter{Entity: "lead", From: "2019-2-13", To: "2019/02/13"}, 1},
		"the days of changes": {LogFilter{Entity: "customer", From: "2019-02-25"}, 1},
		"before anything":     {LogFilter{To: "2019-02-12"}, 2}, // the test's own rows, of no time
		"of somebody":         {LogFilter{UserID: admin, Entity: "customer"}, 1},
		"of nobody":           {LogFilter{UserID: 99}, 0},
		"one record":          {LogFilter{Entity: "customer", EntityID: 1, Action: "update"}, 1},
		"another action":      {LogFilter{Entity: "customer", EntityID: 1, Action: "destroy"}, 0},
	} {
		if got := total(c.f); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	for name, f := range map[string]LogFilter{
		"an id alone": {EntityID: 1}, "a bad day": {From: "2019-02-31"}, "no day": {To: "today"}, "a bad cursor": {ListQuery: crm.ListQuery{Cursor: "x"}},
		"somebody's cursor": {ListQuery: crm.ListQuery{Cursor: "e30x"}},
	} {
		if _, err := w.Logs(t.Context(), c, &f); !errors.Is(err, crm.BadParam("", "")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// With the cursor every row comes once, whatever is written meanwhile.
func TestLogCursor(t *testing.T) {
	w := logWorld(t)
	c := w.as(orgA, wholeFirm)
	all, err := w.Logs(t.Context(), c, &LogFilter{})
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	f := LogFilter{}
	f.PerPage = 3
	for {
		page, err := w.Logs(t.Context(), c, &f)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Items {
			got = append(got, e.ID)
		}
		if page.More != (page.Cursor != "") {
			t.Fatalf("%+v", page.ListPage)
		}
		if f.Cursor = page.Cursor; f.Cursor == "" {
			break
		}
		w.token(orgA, colleague, "web") // a row on top
	}
	var want []int64
	for _, e := range all.Items {
		want = append(want, e.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	f = LogFilter{}
	f.PerPage, f.Page = 3, 2
	page, err := w.Logs(t.Context(), c, &f)
	if err != nil || len(page.Items) != 3 || page.Page != 2 || page.Total != all.Total+len(want)/3 {
		t.Errorf("%+v, %v", page.ListPage, err)
	}
}
