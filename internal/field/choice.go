package field

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"guanxi/internal/crm"
)

const (
	// Separator joins the choices of a cascade from the root down.
	Separator = "/"
	// MaxPicked is how many choices, people or departments one value may hold.
	MaxPicked   = 100
	otherSuffix = "_other"
)

// find gives the choice that a value names and the labels on the way to it. A
// choice below a disabled one is disabled too.
func find(f *crm.CustomField, value string) (c crm.Choice, labels []string, ok bool) {
	steps := []string{value}
	if k := Find(f.Kind); k != nil && k.Cascade {
		steps = strings.Split(value, Separator)
	}
	choices, disabled := f.Choices, false
	for _, step := range steps {
		i := slices.IndexFunc(choices, func(c crm.Choice) bool { return c.Value == step })
		if i < 0 {
			return crm.Choice{}, nil, false
		}
		c = choices[i]
		disabled = disabled || c.Disabled
		labels = append(labels, c.Label)
		choices = c.Children
	}
	c.Disabled = disabled
	return c, labels, true
}

// choose refuses what is no choice of the field, and a disabled one that the
// record does not have already.
func (w write) choose(value string) error {
	c, _, ok := find(w.CustomField, value)
	switch {
	case slices.ContainsFunc(w.had, func(raw json.RawMessage) bool { return slices.Contains(chosen(raw), value) }):
		return nil
	case !ok:
		return w.refuse("的选项不存在", "has no such option")
	case c.Disabled:
		return w.refuse("的选项已停用", "has this option disabled")
	}
	return nil
}

// parseSelect takes one choice by its value, of a cascade the way to it. A
// group in the middle of a cascade can be chosen as well.
func parseSelect(w write) (any, error) {
	s, err := w.single()
	if err != nil {
		return nil, err
	}
	return s, w.choose(s)
}

// parseMultiSelect keeps the choices in the order given, each once.
func parseMultiSelect(w write) (any, error) {
	if len(w.Rows) > 0 {
		return nil, w.refuse("的选项不存在", "has no such option")
	}
	list := w.List
	if !w.IsList {
		list = []string{w.Text}
	}
	var out []string
	for _, v := range list {
		if v == "" || slices.Contains(out, v) {
			continue
		}
		if err := w.choose(v); err != nil {
			return nil, err
		}
		if len(out) == MaxPicked {
			return nil, w.tooMany(MaxPicked)
		}
		out = append(out, v)
	}
	return out, nil
}

func (w write) tooMany(limit int) error {
	n := strconv.Itoa(limit)
	return w.refuse("最多"+n+"项", "can hold at most "+n+" items")
}

// chosen are the choices that a kept value names.
func chosen(raw json.RawMessage) []string {
	var values []string
	if len(raw) > 0 && raw[0] == '[' {
		if json.Unmarshal(raw, &values) != nil {
			return nil
		}
		return values
	}
	var one string
	if json.Unmarshal(raw, &one) == nil && one != "" {
		return []string{one}
	}
	return nil
}

// TakesOther says that the field has a choice with a text beside it, which is
// sent, kept and shown under <name>_other.
func TakesOther(f *crm.CustomField) bool {
	return f.Kind == "select" && slices.ContainsFunc(f.Choices, func(c crm.Choice) bool { return c.Other })
}

// other keeps the text beside the choice as long as that choice is the one.
func (m *merger) other(f *crm.CustomField, given Given) error {
	name := f.Name + otherSuffix
	is := false
	for _, v := range chosen(m.values[f.Name]) {
		c, _, ok := find(f, v)
		is = ok && c.Other
	}
	if !is {
		m.set(name, nil)
		return nil
	}
	if in, ok := given(name); ok {
		beside := *f
		beside.Required = false
		raw, err := Find("text").read(write{CustomField: &beside, Input: in})
		if err != nil {
			return err
		}
		m.set(name, raw)
	} else if _, moved := m.changed[f.Name]; moved {
		m.set(name, nil)
	}
	return nil
}
