package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"guanxi/internal/crm"
)

// An op is what the matrix does with one operation of the API.
type op struct {
	// kind says who may: open (no token needed), self (everybody about
	// oneself), list (everybody, what is seen differs), admin (the right
	// alone decides), customer, contact or lead (how the caller comes to the
	// record decides, then the right), many (each record by itself), nothing
	// (it changes nothing for anybody), several kinds (who may is looked at
	// elsewhere).
	kind   string
	entity string // of an operation on many
	need   level  // of a record
	pool   bool   // by the way of a pool: for records that lie in one only
	right  string // operation right, "" for none
	// method, path and body of a call; %d in path and body is the record.
	method, path, body string
	// refused says which places refuse even who may, with 100406: a record in
	// a pool cannot be moved there again.
	refused []string
}

// matrixOps has a row for every operation; an operation without one fails the
// test.
func matrixOps() map[string]op {
	all := map[string]op{}
	for _, part := range []map[string]op{recordOps(), leadOps(), poolOps(), listOps(), manyOps(), peopleOps(), settingOps(), fileOps()} {
		for name, o := range part {
			if _, twice := all[name]; twice {
				panic("two rows for " + name)
			}
			all[name] = o
		}
	}
	return all
}

func TestMatrixIsWhole(t *testing.T) {
	ops := matrixOps()
	seen := map[string]bool{}
	for _, rt := range routes() {
		if _, ok := ops[rt.operation]; !ok && !seen[rt.operation] {
			t.Errorf("the operation %s (%s %s) has no row in the matrix", rt.operation, rt.method, rt.path)
		}
		seen[rt.operation] = true
	}
	for name := range ops {
		if !seen[name] {
			t.Errorf("the matrix has a row for %s, which is no operation", name)
		}
	}
}

// TestMatrix asks every operation as everybody about a record in every place.
func TestMatrix(t *testing.T) {
	ops := matrixOps()
	names := make([]string, 0, len(ops))
	for name := range ops {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		o := ops[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newMatrix(t)
			for _, p := range places {
				for _, c := range callers {
					if w = o.cell(t, w, name, p, c.who, c.id); t.Failed() {
						return
					}
				}
				if !strings.Contains(o.path+o.body, "%d") {
					break // it is about no record
				}
			}
		})
	}
}

// cell asks once and compares. It gives the world for the next cell: a fresh
// one after a change.
func (o op) cell(t *testing.T, w *world, name string, p place, c who, id int64) *world {
	t.Helper()
	before := w.version(matrixHome)
	other := w.version(matrixOther)
	a := w.askAs(c, id, o.method, fill1(o.path, p.id), fill1(o.body, p.id))
	got := codeOf(t, a)
	if want := o.expected(p, c); !slices.Contains(want, got) {
		t.Errorf("%s of %s as %s: code %d, want %v: %s", name, p.name, c, got, want, a.body)
		return w
	}
	checkLeaks(t, name, p, c, a)
	after := w.version(matrixHome)
	if (got != 0 || o.kind == "nothing" || o.kind == "many" && !slices.Contains(o.reached(o.entity, p, c), 0)) && after != before {
		t.Errorf("%s of %s as %s was answered with %d and has changed something", name, p.name, c, got)
	}
	if c != mStranger && w.version(matrixOther) != other {
		t.Errorf("%s of %s as %s has changed the other organization", name, p.name, c)
	}
	if after != before || w.version(matrixOther) != other {
		return newMatrix(t)
	}
	return w
}

func fill1(text string, id int64) string { return strings.ReplaceAll(text, "%d", fmt.Sprint(id)) }

func codeOf(t *testing.T, a answer) int {
	t.Helper()
	var e struct{ Code int }
	if a.status == 304 || strings.HasPrefix(a.header.Get("Content-Type"), "application/octet") {
		return 0
	}
	if err := json.Unmarshal([]byte(a.body), &e); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return e.Code
}

// expected are the codes that the rules allow.
func (o op) expected(p place, c who) []int {
	any := []int{0, 401, 100100, 100400, 100406}
	switch {
	case o.kind == "open":
		return []int{0}
	case c == mNobody, c == mExpired, c == mReplaced, c == mDisabled:
		return []int{100401}
	}
	switch o.kind {
	case "self", "list":
		return []int{0}
	case "nothing", "several kinds", "many":
		return any
	case "admin":
		if o.may(c) {
			return []int{0, 100100, 100406} // what it is about may not be there
		}
		return []int{401}
	}
	return o.reached(o.kind, p, c)
}

// may tells whether the role of a caller has the right.
func (o op) may(c who) bool { return o.right == "" || c == mSuper || rightsOf(c)[o.right] }

// reached are the codes for a record in a place.
func (o op) reached(entity string, p place, c who) []int {
	if c == mStranger { // is the owner of the other organization's record
		c = mOwner
	}
	if entity == "contact" {
		entity = "customer"
	}
	level := levelOf(entity, p, c)
	switch {
	case level == lNone && !o.may(c):
		return []int{100100, 401} // whichever is looked at first
	case level == lNone:
		return []int{100100}
	case o.pool && p.name != "pooled":
		return []int{100100, 100406} // it does not lie in a pool
	case o.need == lMember && p.name != "pooled":
		return []int{401, 100406} // somebody has it
	case !level.reaches(o.need) || !o.may(c):
		return []int{401}
	case slices.Contains(o.refused, p.name):
		return []int{100406}
	}
	return []int{0}
}

// reaches tells whether a level is enough.
func (l level) reaches(need level) bool {
	switch need {
	case lMember:
		return l == lMember || l == lManage
	case lSee:
		return l != lNone
	case lAssist:
		return l == lAssist || l == lFull || l == lManage
	case lFull:
		return l == lFull || l == lManage
	}
	return l >= need
}

// checkLeaks looks through the whole answer for words and numbers of records
// that the caller does not see.
func checkLeaks(t *testing.T, name string, p place, c who, a answer) {
	t.Helper()
	org, foreign := int64(matrixHome), int64(matrixOther)
	if c == mStranger {
		org, foreign = foreign, org
	}
	for _, q := range places {
		for _, entity := range []string{"customer", "contact", "lead"} {
			for _, word := range []string{secret(foreign, entity, q), numberOf(foreign, entity, q)} {
				if strings.Contains(a.body, word) {
					t.Errorf("%s of %s as %s shows %s of the other organization", name, p.name, c, word)
				}
			}
			as := c
			if c == mStranger {
				as = mOwner
			}
			level := levelOf(entity, q, as)
			if entity == "contact" {
				level = levelOf("customer", q, as)
			}
			if level != lNone || showsAll(name) {
				continue
			}
			for _, word := range []string{secret(org, entity, q), numberOf(org, entity, q)} {
				if strings.Contains(a.body, word) {
					t.Errorf("%s of %s as %s shows %s, which is of a %s in the place %q", name, p.name, c, word, entity, q.name)
				}
			}
		}
	}
}

// showsAll names the operations that are there to show names of records which
// the caller does not see.
func showsAll(name string) bool {
	return strings.HasPrefix(name, "duplicates.") || name == "customers.search_duplicates" || name == "operation_logs.list"
}

// rightsOf are the operation rights of a kind of caller's role.
func rightsOf(c who) map[string]bool {
	switch c {
	case mBare:
		return nil
	case mAdmin:
		return crm.RightsOfAdmin()
	}
	m := crm.RightsOfNormal()
	m[crm.RightDeleteCustomer], m[crm.RightDeleteLead] = true, true
	return m
}
