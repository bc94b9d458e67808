package service

import (
	"errors"
	"fmt"
	"testing"

	"guanxi/internal/crm"
)

func TestWhoSeesWhat(t *testing.T) {
	w := newWorld(t, settings())
	for _, c := range []struct {
		name   string
		caller int64
		sees   [4]bool // customer 1 (owner, sales), 2 (pool), 3 (boss, headquarters); [0] is not used
		own    bool    // on customer 1
		self   bool
		hidden bool
	}{
		{"super administrator", admin, [4]bool{1: true, 2: true, 3: true}, true, false, false},
		{"owner", owner, [4]bool{1: true}, true, true, false},
		{"superior", boss, [4]bool{1: true, 3: true}, true, false, false},
		{"colleague out of scope", colleague, [4]bool{}, false, false, false},
		{"colleague with the department's scope", inSales, [4]bool{1: true}, false, false, false},
		{"colleague with the organization's scope", wholeFirm, [4]bool{1: true, 2: true, 3: true}, false, false, false},
		{"collaborator", helper, [4]bool{1: true}, false, false, false},
		{"with number hiding", masked, [4]bool{1: true, 2: true, 3: true}, false, false, true},
		{"with field rights", blinded, [4]bool{1: true, 2: true, 3: true}, false, false, false},
		{"without operation rights", powerless, [4]bool{1: true, 2: true, 3: true}, false, false, false},
	} {
		for _, org := range []int64{orgA, orgB} {
			caller := w.as(org, c.caller)
			for id := int64(1); id <= 3; id++ {
				contact := map[int64]int64{1: 2, 2: 3}[id]
				detail, err := w.CustomerDetail(t.Context(), caller, id)
				if c.sees[id] != (err == nil) || (err != nil && !errors.Is(err, crm.ErrNotFound)) {
					t.Errorf("%s on customer %d: %v", c.name, id, err)
				}
				if fresh, err := w.fresh(caller, id); err != nil || fresh.ID != id {
					t.Errorf("%s on the fresh customer %d: %v", c.name, id, err)
				}
				if contact != 0 {
					k, err := w.ContactDetail(t.Context(), caller, contact)
					if c.sees[id] != (err == nil) || (err != nil && !errors.Is(err, crm.ErrNotFound)) {
						t.Errorf("%s on contact %d: %v", c.name, contact, err)
					}
					if err == nil && (k.ID != contact || k.Customer.ID != id || k.Own != detail.Own || k.Self != detail.Self || k.Hidden != detail.Hidden) {
						t.Errorf("%s on contact %d: %+v", c.name, contact, k)
					}
				}
				if err == nil && id == 1 && (detail.Own != c.own || detail.Self != c.self || detail.Hidden != c.hidden ||
					detail.Assisting != (c.caller == helper) || len(detail.Labels) != 2 || len(detail.Contacts) != 2) {
					t.Errorf("%s: %+v", c.name, detail)
				}
			}
			// The duplicate look-up finds everything, for everybody.
			found, err := w.MatchingName(t.Context(), caller, "\u3000"+customerName+" ")
			if err != nil || len(found) != 3 || found[0].ID != 3 || found[1].ID != 2 || found[2].ID != 1 {
				t.Fatalf("%s found %+v, %v", c.name, found, err)
			}
			m := found[2]
			if m.Self != c.self || m.Hidden != c.hidden || len(m.Contacts) != 2 || m.Contacts[0].ID != 1 || m.Contacts[1].ID != 2 ||
				len(m.Labels) != 2 || m.Labels[0].ID != 1 || len(found[0].Labels) != 0 || found[0].Approval != crm.Applying {
				t.Errorf("%s found %+v", c.name, m)
			}
		}
	}
}

func TestNobodyLeavesTheOrganization(t *testing.T) {
	w := newWorld(t, settings())
	for _, org := range []int64{orgA, orgB} {
		other, caller := orgA+orgB-org, w.as(org, admin)
		if caller.Org() != org || caller.Directory.Organization.Name != fmt.Sprint("公司", org) {
			t.Errorf("%d is called %+v", org, caller.Directory.Organization)
		}
		customer, err := w.CustomerDetail(t.Context(), caller, 1)
		if err != nil {
			t.Fatal(err)
		}
		contact, err := w.ContactDetail(t.Context(), caller, 1)
		if err != nil {
			t.Fatal(err)
		}
		found, err := w.MatchingName(t.Context(), caller, customerName)
		if err != nil || len(found) != 3 {
			t.Fatal(found, err)
		}
		prefix := map[int64]string{orgA: "1390000", orgB: "1380000"}[org]
		for _, answer := range []any{customer, contact, found} {
			if leak := search(answer, prefix, fmt.Sprint("公司", other)); leak != "" {
				t.Errorf("%d sees %s of the other organization", org, leak)
			}
		}
	}
}

func TestWhatIsNotThere(t *testing.T) {
	w := newWorld(t, settings())
	caller := w.as(orgA, admin)
	for _, id := range []int64{0, -1, 4, 1 << 40} {
		if _, err := w.fresh(caller, id); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("customer %d: %v", id, err)
		}
		if _, err := w.ContactDetail(t.Context(), caller, id); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("contact %d: %v", id, err)
		}
	}
	// What is not visible and what is not there answer the same, to the letter.
	hidden := w.as(orgA, colleague)
	_, err1 := w.ContactDetail(t.Context(), hidden, 1)
	_, err2 := w.ContactDetail(t.Context(), hidden, 99)
	var e1, e2 *crm.Error
	if !errors.As(err1, &e1) || !errors.As(err2, &e2) || *e1 != *e2 {
		t.Errorf("%#v and %#v", err1, err2)
	}
	for _, name := range []string{"0永豐餘投資有限公", customerName + "1", "%", "0永豐餘  投資有限公司"} {
		if found, err := w.MatchingName(t.Context(), caller, name); err != nil || len(found) != 0 {
			t.Errorf("%q found %d, %v", name, len(found), err)
		}
	}
	for _, name := range []string{"", " ", "\u3000\t\n"} {
		if _, err := w.MatchingName(t.Context(), caller, name); !errors.Is(err, crm.BadParam("", "")) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
