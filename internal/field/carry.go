package field

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"guanxi/internal/crm"
)

// Carry gives the values of a record in the form in which another kind of record
// keeps them, for every field there that matches one here: of the same kind and
// label, and with the same choices, records or format where the kind has such.
// Files stay with their record, numbers that the system gives and sub-forms are
// not carried.
func Carry(from []*crm.CustomField, v crm.Values, to []*crm.CustomField) crm.Values {
	values := Decode(v)
	if len(values) == 0 {
		return nil
	}
	m := map[string]json.RawMessage{}
	for _, t := range to {
		k := Find(t.Kind)
		if !t.Enabled || k == nil || k.ReadOnly || k.Files || k.Rows {
			continue
		}
		f := matching(from, t)
		if f == nil || values[f.Name] == nil {
			continue
		}
		if raw, ok := carried(f, t, k, values[f.Name]); ok {
			m[t.Name] = raw
			if other, ok := values[f.Name+otherSuffix]; ok && TakesOther(f) && TakesOther(t) {
				m[t.Name+otherSuffix] = other
			}
		}
	}
	return encode(to, m)
}

// matching finds the field that matches another kind of record's.
func matching(from []*crm.CustomField, t *crm.CustomField) *crm.CustomField {
	for _, f := range from {
		if f.Enabled && f.Kind == t.Kind && f.Label == t.Label && f.Options.Target == t.Options.Target &&
			sameChoices(f.Choices, t.Choices) {
			return f
		}
	}
	return nil
}

// sameChoices compares choices by their labels, whatever their order.
func sameChoices(a, b []crm.Choice) bool {
	sorted := func(list []crm.Choice) []crm.Choice {
		list = slices.DeleteFunc(slices.Clone(list), func(c crm.Choice) bool { return c.Disabled })
		slices.SortStableFunc(list, func(x, y crm.Choice) int { return cmp.Compare(x.Label, y.Label) })
		return list
	}
	return slices.EqualFunc(sorted(a), sorted(b), func(x, y crm.Choice) bool {
		return x.Label == y.Label && x.Other == y.Other && sameChoices(x.Children, y.Children)
	})
}

// carried is one value for another field, as if it had been sent for that; ok is
// false where that does not take it.
func carried(f, t *crm.CustomField, k *Kind, raw json.RawMessage) (json.RawMessage, bool) {
	in, ok := sentAgain(raw)
	if !ok {
		return nil, false
	}
	if k.Choice {
		if in.Text, ok = translate(f, t, in.Text); !ok {
			return nil, false
		}
		for i, value := range in.List {
			if in.List[i], ok = translate(f, t, value); !ok {
				return nil, false
			}
		}
	}
	optional := *t
	optional.Required = false
	out, err := k.read(write{CustomField: &optional, Input: in})
	return out, err == nil && out != nil
}

// sentAgain is a kept value in the form in which it would be sent.
func sentAgain(raw json.RawMessage) (in Input, ok bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return in, false
	}
	if list, isList := v.([]any); isList {
		in.IsList = true
		for _, one := range list {
			text, ok := scalarText(one)
			if !ok {
				return in, false
			}
			in.List = append(in.List, text)
		}
		return in, true
	}
	in.Text, ok = scalarText(v)
	return in, ok
}

func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	}
	return "", false
}

// translate finds the choice of another field that is called the same, all the
// way from the root in a cascade.
func translate(f, t *crm.CustomField, value string) (string, bool) {
	if value == "" {
		return "", true
	}
	_, labels, ok := find(f, value)
	if !ok {
		return "", false
	}
	choices := t.Choices
	var way []string
	for _, label := range labels {
		i := slices.IndexFunc(choices, func(c crm.Choice) bool { return c.Label == label && !c.Disabled })
		if i < 0 {
			return "", false
		}
		way = append(way, choices[i].Value)
		choices = choices[i].Children
	}
	return strings.Join(way, Separator), true
}
