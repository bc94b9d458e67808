package service

import (
	"errors"
	"strings"
	"testing"

	"guanxi/internal/column"
	"guanxi/internal/crm"
	"guanxi/internal/field"
)

// FuzzCursor opens anything as the cursor of a list: what opens is one of that
// list, and closes to one that opens the same.
func FuzzCursor(f *testing.F) {
	f.Add("", "created_at")
	f.Add("e30", "")
	f.Add(closeCursor(&column.Cursor{Column: "name", ID: 7}), "name")
	f.Fuzz(func(t *testing.T, text, sorted string) {
		c, err := openCursor(text, sorted)
		var known *crm.Error
		switch {
		case err != nil && !errors.As(err, &known):
			t.Fatalf("refused with %v", err)
		case err != nil:
			return
		case c.Column != sorted:
			t.Fatalf("a cursor of %q for %q", c.Column, sorted)
		}
		if again, err := openCursor(closeCursor(c), sorted); err != nil || *again != *c {
			t.Fatalf("%+v, and then %+v, %v", c, again, err)
		}
	})
}

// FuzzFilter asks lists by anything: nothing panics, and what is refused is
// refused for a reason.
func FuzzFilter(f *testing.F) {
	for _, seed := range [][3]string{
		{"created_at", "2019-1-1\x002019-02-01", "关键字"}, {"status", "3462", "138"}, {"labels", "1\x002", ""}, {"approve_status", "applying", "a"},
		{"numeric_asset_abc106", "1\x00nan", ""}, {"customer_common_setting_id", "0", ""}, {"gender", "male", ""}, {"product_id", "1", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], "name", "created_at")
	}
	d := &crm.Directory{
		Users:  map[int64]*crm.User{1: {ID: 1, RoleID: 1, State: crm.UserActive, HideNumbers: true}},
		Roles:  map[int64]*crm.Role{1: {ID: 1, Scope: crm.ScopeOwn, Hidden: map[string]crm.Hiding{"customer.note": crm.HideAll}}},
		Fields: map[string][]*crm.CustomField{},
	}
	for _, entity := range []string{"customer", "contact", "lead"} {
		for i, k := range field.Kinds() {
			d.Fields[entity] = append(d.Fields[entity], &crm.CustomField{Entity: entity, Kind: k.Name, Label: k.Name, Enabled: true,
				Name: k.Prefix + "abc1" + string([]byte{'0' + byte(i/10), '0' + byte(i%10)})})
		}
	}
	d.Prepare()
	c := &Caller{Directory: d, Viewer: d.Viewer(1)}
	f.Fuzz(func(t *testing.T, name, values, text, searched, sorted string) {
		for _, entity := range []string{"customer", "contact", "lead"} {
			if text == "" || entity == "contact" {
				text = "" // looks into the records
			}
			l := &listing{s: &Service{}, c: c, entity: entity, q: &crm.ListQuery{Text: text, Field: searched, Sort: sorted}}
			all := strings.Split(values, "\x00")
			_, err1 := l.filter(crm.Filter{Field: name, Values: all, From: all[0], To: all[len(all)-1]})
			_, err2 := l.sort()
			err3 := error(nil)
			if text != "" {
				_, err3 = l.search()
			}
			for _, err := range []error{err1, err2, err3} {
				var known *crm.Error
				if err != nil && !errors.As(err, &known) {
					t.Fatalf("refused with %v", err)
				}
			}
		}
		if ms, ok := Day(values); ok && (ms+8*3600*1000)%(24*3600*1000) != 0 {
			t.Fatalf("%q is the day that begins at %d", values, ms)
		}
	})
}
