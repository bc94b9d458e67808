package service

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"guanxi/internal/crm"
)

// search walks everything that a value holds and answers the first of the
// words that stands in one of its texts.
func search(v any, words ...string) string { return wordIn(reflect.ValueOf(v), words) }

func wordIn(v reflect.Value, words []string) string {
	switch v.Kind() {
	case reflect.String:
		for _, word := range words {
			if strings.Contains(v.String(), word) {
				return word
			}
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return wordIn(v.Elem(), words)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if found := wordIn(v.Field(i), words); found != "" {
				return found
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return wordIn(reflect.ValueOf(string(v.Bytes())), words)
		}
		for i := range v.Len() {
			if found := wordIn(v.Index(i), words); found != "" {
				return found
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			if found := wordIn(key, words) + wordIn(v.MapIndex(key), words); found != "" {
				return found
			}
		}
	}
	return ""
}

// answers are all answers about customer 1 to a caller.
func (w *world) answers(c *Caller) map[string]any {
	w.t.Helper()
	out := map[string]any{}
	for name, ask := range map[string]func() (any, error){
		"matching_name": func() (any, error) { return w.MatchingName(w.t.Context(), c, customerName) },
		"contact":       func() (any, error) { return w.ContactDetail(w.t.Context(), c, 1) },
		"customer":      func() (any, error) { return w.CustomerDetail(w.t.Context(), c, 1) },
		"fresh":         func() (any, error) { return w.fresh(c, 1) },
	} {
		answer, err := ask()
		if err != nil {
			w.t.Fatalf("%s: %v", name, err)
		}
		out[name] = answer
	}
	return out
}

// numbers are all numbers on the records of an organization: customers'
// phones, contacts' phones, and the tel of each, and custom phones.
func numbers(prefix string) (phones, tels, contactCustom, customerCustom []string) {
	for i := 1; i <= 3; i++ {
		phones = append(phones, fmt.Sprint(prefix, 6000+i), fmt.Sprint(prefix, 8000+i))
		tels = append(tels, fmt.Sprint("021", prefix[3:], 6000+i), fmt.Sprint("021", prefix[3:], 8000+i))
		contactCustom = append(contactCustom, fmt.Sprintf("%s70%02d", prefix, i))
	}
	return phones, tels, contactCustom, []string{prefix + "5001"}
}

func TestMaskedNumbersNeverLeave(t *testing.T) {
	w := newWorld(t, settings())
	phones, tels, c1, c2 := numbers("1380000")
	all := append(append(append(phones, tels...), c1...), c2...)
	for name, answer := range w.answers(w.as(orgA, masked)) {
		if leak := search(answer, all...); leak != "" {
			t.Errorf("%s tells the number %s", name, leak)
		}
		if search(answer, "138****6001") == "" {
			t.Errorf("%s has no masked number", name)
		}
	}
	for name, answer := range w.answers(w.as(orgA, wholeFirm)) {
		if search(answer, "138****") != "" || search(answer, phones[0]) == "" || search(answer, tels[0]) == "" {
			t.Errorf("%s masks though hiding is off", name)
		}
	}
	// One's own record is shown, another's in the same answer is not.
	made, err := w.create(w.as(orgA, masked), &crm.NewCustomer{Customer: crm.Customer{Name: customerName,
		Address: crm.Address{Phone: crm.T("13800009999")}}}, "")
	if err != nil {
		t.Fatal(err)
	}
	found, err := w.MatchingName(t.Context(), w.as(orgA, masked), customerName)
	if err != nil || len(found) != 4 || found[3].ID != made || found[3].Hidden || found[3].Address.Phone.Value != "13800009999" ||
		!found[0].Hidden || search(found, all...) != "" {
		t.Errorf("got %+v, %v", found, err)
	}
}

func TestHiddenFieldsNeverLeave(t *testing.T) {
	w := newWorld(t, settings())
	phones, tels, c1, c2 := numbers("1380000")
	all := append(append(append(phones, tels...), c1...), c2...)
	for name, answer := range w.answers(w.as(orgA, blinded)) {
		if leak := search(answer, append(all, "****")...); leak != "" {
			t.Errorf("%s tells %s", name, leak)
		}
	}
	// The directory in memory and the caller of another role are untouched.
	for name, answer := range w.answers(w.as(orgA, owner)) {
		if search(answer, phones[0]) == "" || search(answer, tels[0]) == "" {
			t.Errorf("%s hides from the owner", name)
		}
	}
}

// compact takes the blanks out that an engine may put into JSON.
func compact(v crm.Values) string {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(v)); err != nil {
		return err.Error()
	}
	return b.String()
}

func TestUnmaskedCustomValuesForTheOwner(t *testing.T) {
	w := newWorld(t, settings())
	k, err := w.ContactDetail(t.Context(), w.as(orgA, owner), 1)
	if err != nil || compact(k.Custom) != `{"text_asset_000001":"13800007001"}` {
		t.Errorf("%s, %v", k.Custom, err)
	}
	k, err = w.ContactDetail(t.Context(), w.as(orgA, masked), 1)
	if err != nil || compact(k.Custom) != `{"text_asset_000001":"138****7001"}` {
		t.Errorf("%s, %v", k.Custom, err)
	}
}
