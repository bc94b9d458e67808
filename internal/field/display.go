package field

import (
	"encoding/json"
	"strings"

	"guanxi/internal/crm"
)

// Names gives the names behind ids; a function that is nil knows none.
type Names struct {
	User, Department func(id int64) string
	Record           func(entity string, id int64) string
}

func (n Names) of(f *crm.CustomField, k *Kind, id int64) string {
	switch {
	case k.Reference == "user" && n.User != nil:
		return n.User(id)
	case k.Reference == "department" && n.Department != nil:
		return n.Department(id)
	case k.Reference == "record" && n.Record != nil:
		return n.Record(f.Options.Target, id)
	}
	return ""
}

// Display is the text of <name>_display for a record's decoded values: the
// labels of the choices or the names of what the ids refer to, joined by
// commas, and those on the way through a cascade by Separator. The text beside
// a choice stands in place of its label. ok is false for an empty value.
func Display(f *crm.CustomField, values map[string]json.RawMessage, names Names) (text string, ok bool) {
	raw := values[f.Name]
	k := Find(f.Kind)
	if k == nil {
		return "", false
	}
	var labels []string
	add := func(label string) {
		if label != "" {
			labels = append(labels, label)
		}
	}
	if k.Reference != "" {
		ids := IDs(raw)
		for _, id := range ids {
			add(names.of(f, k, id))
		}
		return strings.Join(labels, ","), len(ids) > 0
	}
	picked := chosen(raw)
	for _, v := range picked {
		c, way, _ := find(f, v)
		if beside := Other(f, values); c.Other && beside != "" {
			way = []string{beside}
		}
		add(strings.Join(way, Separator))
	}
	return strings.Join(labels, ","), len(picked) > 0
}

// Other is the text beside the choice of a field that TakesOther, "" for none.
func Other(f *crm.CustomField, values map[string]json.RawMessage) string {
	var s string
	if json.Unmarshal(values[f.Name+otherSuffix], &s) != nil {
		return ""
	}
	return s
}
