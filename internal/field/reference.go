package field

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"guanxi/internal/crm"
)

// ids reads ids, each once, in the order given, one above the limit at most.
// Objects count by their id, so that what an answer shows can be sent back.
func (w write) ids(limit int, zh, en string) ([]int64, error) {
	list := w.List
	if !w.IsList {
		list = []string{w.Text}
	}
	for _, row := range w.Rows {
		in, ok := row("id")
		if !ok || in.IsList || in.Text == "" {
			return nil, w.refuse(zh, en)
		}
		list = append(slices.Clip(list), in.Text)
	}
	var ids []int64
	for _, s := range list {
		if len(ids) > limit {
			break
		}
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil || id <= 0 {
			return nil, w.refuse(zh, en)
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// parseReference takes the id of one user, department or record. 0 is what
// forms send for none.
func parseReference(w write) (any, error) {
	s, err := w.trimmed()
	if err != nil || s == "0" {
		return nil, err
	}
	ids, err := w.ids(1, "必须是编号", "must be an id")
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return ids[0], nil
}

// parseReferences takes the ids of several users or departments.
func parseReferences(w write) (any, error) {
	ids, err := w.ids(MaxPicked, "必须是编号", "must be ids")
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	if len(ids) > MaxPicked {
		return nil, w.tooMany(MaxPicked)
	}
	return ids, nil
}

// IDs are what a kept value of a kind with a Reference names.
func IDs(raw json.RawMessage) []int64 {
	if len(raw) > 0 && raw[0] == '[' {
		var ids []int64
		if json.Unmarshal(raw, &ids) != nil {
			return nil
		}
		return ids
	}
	var id int64
	if json.Unmarshal(raw, &id) != nil || id == 0 {
		return nil
	}
	return []int64{id}
}

// References answers whether what values refer to is there and may be named by
// the caller.
type References interface {
	User(id int64) bool
	Department(id int64) bool
	Record(entity string, id int64) (bool, error)
	// File gives the type of the content, "" where it is not known.
	File(id int64) (contentType string, ok bool, err error)
}

// Check refuses values that refer to what is not there. What the record named
// before, in old, is not looked at again: a user who has left stays where he is
// named.
func Check(fields []*crm.CustomField, old, v crm.Values, refs References) error {
	var was, now map[string]json.RawMessage
	for _, f := range fields {
		k := Find(f.Kind)
		if k == nil || k.Reference == "" {
			continue
		}
		if now == nil {
			if now = Decode(v); len(now) == 0 {
				return nil
			}
			was = Decode(old)
		}
		before := IDs(was[f.Name])
		for _, id := range IDs(now[f.Name]) {
			if slices.Contains(before, id) {
				continue
			}
			if err := k.check(f, id, refs); err != nil {
				return err
			}
		}
	}
	return nil
}

func (k *Kind) check(f *crm.CustomField, id int64, refs References) (err error) {
	w := write{CustomField: f}
	var ok bool
	switch k.Reference {
	case "user":
		if !refs.User(id) {
			return w.refuse("的用户不存在", "names a user that does not exist")
		}
	case "department":
		if !refs.Department(id) {
			return w.refuse("的部门不存在", "names a department that does not exist")
		}
	case "record":
		if ok, err = refs.Record(f.Options.Target, id); err == nil && !ok {
			return w.refuse("的关联记录不存在", "names a record that does not exist")
		}
	case "file":
		var contentType string
		if contentType, ok, err = refs.File(id); err != nil {
			return err
		} else if !ok {
			return w.refuse("的附件不存在", "names an attachment that does not exist")
		} else if k.Pictures && !picture(contentType) {
			return w.refuse("只能是图片", "can hold pictures only")
		}
	}
	return err
}
