package field

import (
	"errors"
	"strconv"
	"testing"

	"guanxi/internal/crm"
)

func TestReferences(t *testing.T) {
	good(t, []goodCase{
		{"user", text("500"), "500"},
		{"user", text("0"), ""},
		{"department", text(" 7 "), "7"},
		{"relation", text("73717"), "73717"},
		{"multi_user", text("3"), "[3]"},
		{"multi_user", list("3", "", "1", "3"), "[3,1]"},
		{"multi_user", rows(map[string]string{"id": "3", "name": "甲"}, map[string]string{"id": "1"}), "[3,1]"},
		{"multi_department", list("2", "1"), "[2,1]"},
	})
	for _, kind := range []string{"user", "department", "relation", "multi_user", "multi_department"} {
		for _, s := range []string{"a", "-1", "1.5", "99999999999999999999", "1,2"} {
			bad(t, []badCase{{kind, text(s), "字段必须是编号"}})
		}
	}
	bad(t, []badCase{
		{"user", list("1"), "字段只能有一个值"},
		{"multi_user", list("1", "0"), "字段必须是编号"},
		{"multi_user", rows(map[string]string{"name": "甲"}), "字段必须是编号"},
	})
	var many []string
	for i := range MaxPicked + 1 {
		many = append(many, strconv.Itoa(i+1))
	}
	bad(t, []badCase{{"multi_department", list(many...), "字段最多100项"}})
	required := definition("user")
	required.Required = true
	badFor(t, required, text("0"), "字段不能为空")
}

// world knows the ids below 100 and the attachments by type.
type world struct{ fail error }

func (w world) User(id int64) bool       { return id < 100 }
func (w world) Department(id int64) bool { return id < 100 }
func (w world) Record(entity string, id int64) (bool, error) {
	return entity == "customer" && id < 100, w.fail
}
func (w world) File(id int64) (string, bool, error) {
	types := map[int64]string{1: "image/png", 2: "application/pdf", 3: "image/svg+xml", 4: ""}
	s, ok := types[id]
	return s, ok, w.fail
}

func TestCheck(t *testing.T) {
	for _, c := range []struct{ kind, old, now, message string }{
		{"user", "", "7", ""},
		{"user", "", "100", "字段的用户不存在"},
		{"user", "100", "100", ""},
		{"user", "101", "100", "字段的用户不存在"},
		{"multi_user", "[100]", "[7,100]", ""},
		{"multi_user", "[7]", "[7,100]", "字段的用户不存在"},
		{"department", "", "7", ""},
		{"multi_department", "", "[7,100]", "字段的部门不存在"},
		{"relation", "", "7", ""},
		{"relation", "", "100", "字段的关联记录不存在"},
		{"file", "", "[1,2,3,4]", ""},
		{"file", "", "[5]", "字段的附件不存在"},
		{"file", "[5]", "[1,5]", ""},
		{"picture", "", "[1,4]", ""},
		{"picture", "", "[2]", "字段只能是图片"},
		{"picture", "", "[3]", "字段只能是图片"},
		{"picture", "", "[5]", "字段的附件不存在"},
		{"text", "", `"100"`, ""},
	} {
		f := definition(c.kind)
		values := func(raw string) crm.Values {
			if raw == "" {
				return nil
			}
			return crm.Values(`{"` + f.Name + `":` + raw + `}`)
		}
		err := Check([]*crm.CustomField{f}, values(c.old), values(c.now), world{})
		if c.message == "" && err != nil {
			t.Errorf("%s from %s to %s: %v", c.kind, c.old, c.now, err)
		} else if c.message != "" {
			refused(t, c.kind+" "+c.now, err, c.message)
		}
	}
	broken := errors.New("the database is gone")
	for _, kind := range []string{"file", "relation"} {
		f := definition(kind)
		now := crm.Values(`{"` + f.Name + `":[1]}`)
		if err := Check([]*crm.CustomField{f}, nil, now, world{broken}); !errors.Is(err, broken) {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if err := Check([]*crm.CustomField{definition("user")}, nil, nil, world{}); err != nil {
		t.Error(err)
	}
}

func TestNames(t *testing.T) {
	names := Names{
		User:       func(id int64) string { return map[int64]string{1: "甲", 2: "乙"}[id] },
		Department: func(id int64) string { return "部门" + strconv.FormatInt(id, 10) },
		Record:     func(entity string, id int64) string { return entity + strconv.FormatInt(id, 10) },
	}
	for _, c := range []struct {
		kind, raw, want string
		ok              bool
	}{
		{"user", "1", "甲", true}, {"user", "9", "", true}, {"user", "null", "", false}, {"user", `"x"`, "", false},
		{"multi_user", "[1,9,2]", "甲,乙", true}, {"multi_user", "[]", "", false},
		{"department", "3", "部门3", true}, {"multi_department", "[3,4]", "部门3,部门4", true},
		{"relation", "8", "customer8", true},
	} {
		f := definition(c.kind)
		values := Decode(crm.Values(`{"` + f.Name + `":` + c.raw + `}`))
		if text, ok := Display(f, values, names); text != c.want || ok != c.ok {
			t.Errorf("%s %s is shown as %q, %v", c.kind, c.raw, text, ok)
		}
		if text, ok := Display(f, values, Names{}); text != "" || ok != c.ok {
			t.Errorf("%s %s is shown as %q, %v without names", c.kind, c.raw, text, ok)
		}
	}
}
