package service

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func TestPeople(t *testing.T) {
	w := staffed(t)
	w.amend(orgA, func(tx *store.Write) error {
		var errs []error
		for id, change := range map[int64]func(*crm.User){
			owner:     func(u *crm.User) { u.Name, u.Email, u.Job = "张三", "zhang@example.com", "经理" },
			boss:      func(u *crm.User) { u.Name, u.FurtherDepartments = "李四", []int64{2} },
			colleague: func(u *crm.User) { u.Name, u.SuperiorID = "单于", boss },
			powerless: func(u *crm.User) { u.State = crm.UserDeleted },
			helper:    func(u *crm.User) { u.State = crm.UserInvited },
		} {
			u := *w.directory().Users[id]
			change(&u)
			errs = append(errs, tx.SetUser(&u))
		}
		return errors.Join(errs...)
	})
	c := w.as(orgA, boss)
	for name, one := range map[string]struct {
		q    PeopleQuery
		want string
	}{
		"all":                      {PeopleQuery{}, "1 2 3 4 5 6 7 8 9 11"},
		"active":                   {PeopleQuery{State: crm.UserActive}, "1 2 3 4 5 6 8 9"},
		"disabled":                 {PeopleQuery{State: crm.UserDisabled}, "11"},
		"invited":                  {PeopleQuery{State: crm.UserInvited}, "7"},
		"by name":                  {PeopleQuery{Name: "三"}, "2"},
		"by name, none":            {PeopleQuery{Name: "王"}, ""},
		"by text in the name":      {PeopleQuery{ListQuery: crm.ListQuery{Text: "李"}}, "3"},
		"by text in pinyin":        {PeopleQuery{ListQuery: crm.ListQuery{Text: "zhang"}}, "2"},
		"by text in the e-mail":    {PeopleQuery{ListQuery: crm.ListQuery{Text: "G@EXAMPLE"}}, "2"},
		"by text in the number":    {PeopleQuery{ListQuery: crm.ListQuery{Text: "0000004"}}, "4"},
		"by phone":                 {PeopleQuery{Phone: "+86 138-0000-0004"}, "4"},
		"by a part of the phone":   {PeopleQuery{Phone: "0000004"}, ""},
		"by a phone of letters":    {PeopleQuery{Phone: "x"}, ""},
		"by department":            {PeopleQuery{DepartmentID: 2}, "2 3 4 5"},
		"by users":                 {PeopleQuery{UserIDs: []int64{4, 2, 10, 99}}, "2 4"},
		"without users":            {PeopleQuery{ExceptIDs: []int64{1, 2, 3}, State: crm.UserActive}, "4 5 6 8 9"},
		"in scope":                 {PeopleQuery{InScope: true}, "2 3 4"},
		"by DingTalk":              {PeopleQuery{Nobody: true}, ""},
		"sorted by superior":       {PeopleQuery{ListQuery: crm.ListQuery{Sort: "superior_id", Ascending: true}, DepartmentID: 2}, "3 5 2 4"},
		"sorted by name, falling":  {PeopleQuery{ListQuery: crm.ListQuery{Sort: "name"}, DepartmentID: 2}, "2 5 3 4"},
		"sorted by phone, falling": {PeopleQuery{ListQuery: crm.ListQuery{Sort: "phone"}, DepartmentID: 2}, "5 4 3 2"},
		"second page":              {PeopleQuery{ListQuery: crm.ListQuery{Page: 2, PerPage: 4}}, "5 6 7 8"},
		"page behind the end":      {PeopleQuery{ListQuery: crm.ListQuery{Page: 1 << 40, PerPage: 4}}, ""},
	} {
		found, page, err := w.People(c, &one.q)
		if err != nil || userIDs(found) != one.want {
			t.Errorf("%s: %s, %v; want %s", name, userIDs(found), err, one.want)
		}
		if one.q.Page == 0 && page.Total != len(found) {
			t.Errorf("%s: %+v of %d", name, page, len(found))
		}
	}
	for _, sort := range []string{"id", "uid", "created_at", "updated_at", "superior_id", "department_id", "role_id", "name", "department_name",
		"phone", "email", "job", "workflow_state"} {
		if _, _, err := w.People(c, &PeopleQuery{ListQuery: crm.ListQuery{Sort: sort}}); err != nil {
			t.Errorf("sorted by %s: %v", sort, err)
		}
	}
	for name, q := range map[string]PeopleQuery{"password": {ListQuery: crm.ListQuery{Sort: "password_hash"}}, "state": {State: crm.UserDeleted}} {
		if _, _, err := w.People(c, &q); !errors.Is(err, crm.BadParam("", "")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for id, want := range map[int64]error{owner: nil, disabled: nil, powerless: crm.ErrNotFound, 99: crm.ErrNotFound} {
		if u, err := w.Person(c, id); !errors.Is(err, want) || (err == nil) != (u != nil) {
			t.Errorf("user %d: %v, %v", id, u, err)
		}
	}
}

// Whose records the scope of a role reaches is whom simple_list gives.
func TestPeopleInScope(t *testing.T) {
	w := staffed(t)
	for id, want := range map[int64]string{
		owner: "2", boss: "2 3", inSales: "2 4 5", wholeFirm: "1 2 3 4 5 6 7 8 9 10", admin: "1 2 3 4 5 6 7 8 9 10",
	} {
		found, _, err := w.People(w.as(orgA, id), &PeopleQuery{InScope: true, State: crm.UserActive})
		if err != nil || userIDs(found) != want {
			t.Errorf("%d: %s, %v; want %s", id, userIDs(found), err, want)
		}
	}
}

func TestTabs(t *testing.T) {
	w := newWorld(t, settings())
	w.setPool(1, func(p *crm.Pool) { p.Members = []int64{colleague} })
	for id, want := range map[int64]string{
		owner:     "customer: my assist; lead: my; contact: my my_assist",
		boss:      "customer: all my sub assist; lead: all my sub; contact: all my sub my_assist sub_assist",
		colleague: "customer: my assist common; lead: my; contact: my my_assist",
		inSales:   "customer: all my assist; lead: all my; contact: all my my_assist",
		admin:     "customer: all my assist common; lead: all my; contact: all my my_assist",
	} {
		var got []string
		for _, tab := range w.Tabs(w.as(orgA, id)) {
			got = append(got, fmt.Sprint(tab.Entity, ": ", strings.Join(tab.Names, " ")))
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%d: %q, want %s", id, got, want)
		}
	}
}

func TestHideableFields(t *testing.T) {
	w := newWorld(t, settings())
	names := HideableFields(w.directory())
	for _, name := range []string{"customer.address.phone", "lead.address.wechat", "contact.text_asset_000001", "customer.numeric_asset_000002"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s cannot be hidden", name)
		}
	}
	if len(names) != 3*10+8 || slices.Contains(names, "customer.name") {
		t.Errorf("can be hidden: %v", names)
	}
}
