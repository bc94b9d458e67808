package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"guanxi/internal/crm"
)

// Two organizations have the same ids, names and logins everywhere; only a
// number in each row, the mark, tells them apart.

// withoutOrganization are the methods of Read that look for the organization.
var withoutOrganization = []string{"Token", "Identity"}

// argumentsOf are what a method of Write, or of Read behind the organization, is called with
// where 1 for numbers and x for texts would find nothing; nil for what would do.
var argumentsOf = map[string][]any{
	"Jobs":             {"", "", int64(100), 10},
	"CustomersOwnedBy": {nil, int64(0), nil}, "LeadsOwnedBy": {nil, int64(0), nil}, "AssistedBy": {nil, int64(0), nil}, "OwnedCustomers": {nil, int64(0)},
	"CustomersAfter": {int64(0), nil}, "ContactsAfter": {int64(0), nil}, "LeadsAfter": {int64(0), nil},
	"Notices": {nil, false, 0, nil}, "NamedKeys": {[]string{"x"}},
	"CustomerFeed": {[]Part{{0, 9}}, nil}, "ContactFeed": {[]Part{{0, 9}}, nil}, "LeadFeed": {[]Part{{0, 9}}, nil},
	"TextFeed":      {"customer", []string{"note"}, true, []Part{{0, 9}}, nil},
	"AssistantFeed": {[]Part{{0, 9}}, nil}, "LabelFeed": {[]Part{{0, 9}}, nil}, "ContactFeedOf": {[]int64{1}, nil},
	"HeldCustomers": {int64(0), nil}, "HeldLeads": {int64(0), nil}, "ChangedSince": {"session", nil, nil},
	"Logs": {crm.LogQuery{To: crm.LogEnd.At, Before: crm.LogEnd, Limit: 9}}, "CountLogs": {crm.LogQuery{To: crm.LogEnd.At}},
	"SetCustom": {"customer", nil, nil}, "CountRecords": {"customer"}, "PartOf": {"customer", int64(0), 1},
	"CustomAfter": {"customer", int64(0), nil, nil}, "LabelledAfter": {int64(0), nil, nil, nil},
}

// call calls a method of Read for an organization and gives what it answers as
// text. No row is an empty answer.
func call(t *testing.T, s *Store, method string, org int64) string {
	t.Helper()
	var answers []any
	err := s.View(t.Context(), org, func(r *Read) error {
		answers = nil
		m := reflect.ValueOf(r).MethodByName(method)
		args := []reflect.Value{reflect.ValueOf(org)}
		for i := 1; i < m.Type().NumIn(); i++ {
			given, typ := argumentsOf[method], m.Type().In(i)
			switch {
			case given != nil && given[i-1] != nil:
				args = append(args, reflect.ValueOf(given[i-1]))
			case typ.Kind() == reflect.Func: // what is told row by row is part of the answer
				args = append(args, reflect.MakeFunc(typ, func(told []reflect.Value) (out []reflect.Value) {
					for _, x := range told {
						b, err := json.Marshal(x.Interface())
						if err != nil {
							t.Error(err)
						}
						answers = append(answers, string(b))
					}
					for o := range typ.Outs() {
						out = append(out, reflect.Zero(o))
					}
					return out
				}))
			default:
				args = append(args, sampleOf(t, typ, 1))
			}
		}
		for _, out := range m.Call(args) {
			if err, ok := out.Interface().(error); ok && err != nil {
				return err
			}
			answers = append(answers, out.Interface())
		}
		return nil
	})
	if errors.Is(err, ErrNoRow) {
		return "no row"
	}
	if err != nil {
		t.Errorf("%s: %v", method, err)
	}
	var b strings.Builder
	for _, a := range answers {
		text, err := json.Marshal(a)
		if err != nil { // JSON has no maps with records for keys
			text = fmt.Appendf(nil, "%+v", a)
		}
		b.Write(append(text, '\n'))
	}
	return b.String()
}

// sampleOf makes a value of a type: numbers are 1, texts are x, a record has the
// given id.
func sampleOf(t *testing.T, typ reflect.Type, id int64) reflect.Value {
	t.Helper()
	v := reflect.New(typ).Elem()
	switch typ.Kind() {
	case reflect.Int64, reflect.Int:
		v.SetInt(1)
	case reflect.String:
		v.SetString("x")
		if typ == reflect.TypeFor[crm.Scope]() {
			v.SetString(string(crm.ScopeOwn))
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		if typ.Elem().Kind() == reflect.Int64 {
			v.Set(reflect.Append(v, reflect.ValueOf(int64(1)).Convert(typ.Elem())))
		}
	case reflect.Pointer:
		v.Set(reflect.New(typ.Elem()))
		v.Elem().Set(sampleOf(t, typ.Elem(), id))
	case reflect.Struct:
		for i := range typ.NumField() {
			switch f := typ.Field(i); {
			case !f.IsExported():
			case f.Name == "ID":
				v.Field(i).SetInt(id)
			case f.Name == "State" && f.Type.Kind() == reflect.String:
				v.Field(i).SetString("live")
			case f.Name == "ParentID" || f.Name == "SuperiorID":
			default:
				v.Field(i).Set(sampleOf(t, f.Type, id))
			}
		}
	}
	return v
}

// directoryText is all that a directory holds, as text.
func directoryText(t *testing.T, d *crm.Directory) string {
	t.Helper()
	whole := map[string]any{}
	for f, v := range reflect.ValueOf(d).Elem().Fields() {
		if !f.IsExported() {
			continue
		}
		if whole[f.Name] = v.Interface(); f.Name == "FieldSettings" {
			whole[f.Name] = fmt.Sprint(v.Interface()) // JSON has no such map
		}
	}
	text, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTwoOrganizationsDoNotMixInReads(t *testing.T) {
	database := newDatabase(t)
	b := lookBeside(t, database)
	b.twins(1, 2)
	s := openStore(t, database)
	var methods []string
	for m := range reflect.TypeFor[*Read]().Methods() {
		if !slices.Contains(withoutOrganization, m.Name) && m.Name != "Directory" { // it is asked for below
			methods = append(methods, m.Name)
		}
	}
	if len(methods) < 12 {
		t.Fatalf("only %q", methods)
	}
	ask := func(org int64) map[string]string {
		answers := map[string]string{}
		for _, m := range methods {
			answers[m] = call(t, s, m, org)
		}
		d, err := s.Directory(t.Context(), org)
		if err != nil {
			answers["Directory"] = "no row"
		} else {
			answers["Directory"] = directoryText(t, d)
		}
		return answers
	}
	first, second, nobody := ask(1), ask(2), ask(3)
	for m, answer := range first {
		if answer == nobody[m] || second[m] == nobody[m] {
			t.Errorf("%s finds nothing; give it arguments in argumentsOf", m)
		}
		if strings.Contains(answer, mark(2)) || strings.Contains(second[m], mark(1)) {
			t.Errorf("%s mixes organizations: %s\n%s", m, answer, second[m])
		}
	}
	// The answers that hold no mark, such as lists of ids, show it when the
	// other organization is no more.
	var script strings.Builder
	for _, name := range tenantNames() {
		script.WriteString("DELETE FROM " + name + " WHERE organization_id = 2;")
	}
	b.run(script.String())
	s = openStore(t, database)
	again, gone := ask(1), ask(2)
	for m, answer := range first {
		if again[m] != answer {
			t.Errorf("%s has changed with the other organization: %s\n%s", m, answer, again[m])
		}
		if gone[m] != nobody[m] {
			t.Errorf("%s finds what is the other organization's: %s", m, gone[m])
		}
	}
}

func TestTwoOrganizationsDoNotMixInWrites(t *testing.T) {
	database := newDatabase(t)
	b := lookBeside(t, database)
	b.twins(1, 2)
	s := openStore(t, database)
	other := b.rows(2)
	reads := reflect.TypeFor[*Read]()
	done, id := 0, int64(100)
	for m := range reflect.TypeFor[*Write]().Methods() {
		if _, isRead := reads.MethodByName(m.Name); isRead || slices.Contains([]string{"Nothing", "Quiet", "Log", "Bulk"}, m.Name) {
			continue
		}
		own := b.rows(1)
		// With new ids and with those that both have.
		for _, record := range []int64{id, 1} {
			id++
			err := s.Update(t.Context(), 1, func(w *Write) error {
				var args []reflect.Value
				v := reflect.ValueOf(w).MethodByName(m.Name)
				for i := range v.Type().NumIn() {
					if given := argumentsOf[m.Name]; given != nil && given[i] != nil {
						args = append(args, reflect.ValueOf(given[i]))
						continue
					}
					args = append(args, sampleOf(t, v.Type().In(i), record))
				}
				for _, out := range v.Call(args) {
					if err, ok := out.Interface().(error); ok && err != nil {
						return err
					}
				}
				return logged(w, id)
			})
			if err == nil && !reflect.DeepEqual(own, b.rows(1)) {
				done++
			}
			for table, rows := range b.rows(2) {
				if rows != other[table] {
					t.Errorf("%s of one organization has changed %s of another one (%v): from %s to %s", m.Name, table, err, other[table], rows)
				}
			}
		}
	}
	if done < 20 {
		t.Errorf("only %d calls have changed anything", done)
	}
	if other["customers"] == "[]" {
		t.Error("the other organization has no rows")
	}
}

// TestOneLoginIsOneUsers: what both would sign in with is the first one's.
func TestOneLoginIsOneUsers(t *testing.T) {
	s := openStore(t, "")
	for org, want := range []error{1: nil, 2: ErrLoginTaken} {
		if org == 0 {
			continue
		}
		addOrganization(t, s, int64(org))
		err := s.Update(t.Context(), int64(org), func(w *Write) error {
			if err := w.AddIdentity("phone:13800000000", 1, testTime); err != nil {
				return err
			}
			return logged(w, 2)
		})
		if !errors.Is(err, want) {
			t.Errorf("organization %d: %v", org, err)
		}
	}
	if err := s.View(t.Context(), NoOrganization, func(r *Read) error {
		org, user, err := r.Identity("phone:13800000000")
		if org != 1 || user != 1 {
			t.Errorf("it is %d's of %d", user, org)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
