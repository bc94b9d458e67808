package service

import (
	"crypto/rand"
	"encoding/hex"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/field"
)

// freshName makes a name for a field of a kind that no other one has.
func freshName(k *field.Kind, taken func(string) bool) string {
	for {
		if name := k.Prefix + randomHex(3); !taken(name) {
			return name
		}
	}
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// cloneField is a definition that shares nothing with the first.
func cloneField(f *crm.CustomField) *crm.CustomField {
	c := *f
	c.Choices = cloneChoices(f.Choices)
	c.Options.Columns = slices.Clone(f.Options.Columns)
	for i, column := range c.Options.Columns {
		if column != nil {
			c.Options.Columns[i] = cloneField(column)
		}
	}
	return &c
}

func cloneChoices(all []crm.Choice) []crm.Choice {
	all = slices.Clone(all)
	for i := range all {
		all[i].Children = cloneChoices(all[i].Children)
	}
	return all
}

// complete gives what is new in a definition its name or value, and keeps what
// it had before (nil for a new one) and leaves out now: records may hold it, so
// it is disabled and stays.
func complete(f, before *crm.CustomField) {
	if before == nil {
		before = &crm.CustomField{}
	}
	if k := field.Find(f.Kind); k != nil && k.Choice {
		f.Choices = keepChoices(k, f.Choices, before.Choices)
	}
	f.Options.Columns = keepColumns(f.Options.Columns, before.Options.Columns)
}

// keepChoices completes one level of choices. A choice without a value that has
// the label of one from before is that one.
func keepChoices(k *field.Kind, now, before []crm.Choice) []crm.Choice {
	taken := map[string]bool{}
	for _, c := range slices.Concat(now, before) {
		taken[c.Value] = true
	}
	sent := map[string]bool{}
	for i := range now {
		c := &now[i]
		old := slices.IndexFunc(before, func(o crm.Choice) bool {
			return o.Value == c.Value || c.Value == "" && o.Label == c.Label
		})
		var children []crm.Choice
		if old >= 0 {
			c.Value, children = before[old].Value, before[old].Children
		}
		for c.Value == "" {
			if value := k.ChoicePrefix + randomHex(2); !taken[value] {
				c.Value, taken[value] = value, true
			}
		}
		sent[c.Value] = true
		c.Children = keepChoices(k, c.Children, children)
	}
	for _, old := range before {
		if !sent[old.Value] {
			old.Disabled = true
			now = append(now, old)
		}
	}
	return now
}

// keepColumns completes the columns of a sub-form in the same way.
func keepColumns(now, before []*crm.CustomField) []*crm.CustomField {
	find := func(all []*crm.CustomField, name string) *crm.CustomField {
		for _, c := range all {
			if c != nil && c.Name == name {
				return c
			}
		}
		return nil
	}
	for _, c := range now {
		if c == nil {
			continue // refused by field.Validate
		}
		old := find(before, c.Name)
		for _, o := range before {
			if c.Name == "" && o.Label == c.Label && o.Kind == c.Kind && find(now, o.Name) == nil {
				old = o
			}
		}
		if k := field.Find(c.Kind); c.Name == "" && old == nil && k != nil {
			c.Name = freshName(k, func(name string) bool { return find(now, name) != nil || find(before, name) != nil })
		}
		if old != nil {
			c.Name, c.Kind = old.Name, old.Kind
		}
		complete(c, old)
	}
	for _, old := range before {
		if find(now, old.Name) == nil {
			old = cloneField(old)
			old.Enabled = false
			now = append(now, old)
		}
	}
	return now
}
