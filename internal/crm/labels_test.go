package crm_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"guanxi/internal/crm"
)

func TestFieldLabel(t *testing.T) {
	for _, c := range []struct{ entity, name, zh, en string }{
		{"customer", "name", "客户名称", "Customer name"},
		{"contact", "name", "联系人姓名", "Contact name"},
		{"lead", "name", "姓名", "Lead name"},
		{"user", "name", "姓名", "Name"},
		{"pool", "name", "公海名称", "Pool name"},
		{"customer", "status_mapped", "跟进状态", "Follow-up status"},
		{"customer", "staff_size_display", "人员规模", "Staff size"},
		{"customer", "approve_status_i18n", "审批状态", "Approval status"},
		{"contact", "gender_i18n", "性别", "Gender"},
		{"address", "phone_hidden_result", "手机", "Mobile phone"},
		{"customer", "address.region_info", "地区", "Region"},
		{"lead", "address.tel_hidden_result", "电话", "Telephone"},
		{"customer", "history_contarct_money", "历史合同金额", "Money of all contracts"},
		{"pool", "rule_config", "公海规则", "Pool rules"},
		{"lead", "created_at", "创建时间", "Creation time"},
		{"contact", "user_id", "负责人", "Owner"},
		{"user", "user_id", "用户", "User"},
		{"address", "address.phone", "address.phone", "address.phone"},
		{"user", "owned_department", "owned_department", "owned_department"},
		{"customer", "nothing", "nothing", "nothing"},
		{"nothing", "name", "name", "name"},
		{"", "", "", ""},
	} {
		if zh, en := crm.FieldLabel(c.entity, c.name); zh != c.zh || en != c.en {
			t.Errorf("FieldLabel(%q, %q) = %q, %q", c.entity, c.name, zh, en)
		}
	}
}

// Every key that the recorded answers show of a record has a label in both
// languages.
func TestEveryShownFieldHasALabel(t *testing.T) {
	files, err := filepath.Glob("../api/testdata/golden/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var body struct{ Data map[string]any }
		if err := json.Unmarshal(b, &body); err != nil {
			t.Fatal(err)
		}
		switch _, matches := body.Data["customers"]; {
		case matches:
			for _, c := range body.Data["customers"].([]any) {
				labelled(t, file, "customer", c.(map[string]any), seen)
			}
		case body.Data["role_json"] != nil:
			labelled(t, file, "user", body.Data, seen)
		case body.Data["gender"] != nil:
			labelled(t, file, "contact", body.Data, seen)
		case body.Data["staff_size"] != nil:
			labelled(t, file, "customer", body.Data, seen)
		}
	}
	for _, entity := range []string{"customer", "contact", "address", "user"} {
		if !seen[entity] {
			t.Errorf("no recorded answer shows a %s", entity)
		}
	}
}

// labelled checks one shown record and those inside it.
func labelled(t *testing.T, file, entity string, record map[string]any, seen map[string]bool) {
	for name, value := range record {
		seen[entity] = true
		zh, en := crm.FieldLabel(entity, name)
		if !strings.Contains(name, "_asset_") && (en == name || zh == name) {
			t.Errorf("%s: %s of %s has no label", file, name, entity)
		}
		inner := map[string]string{"address": "address", "user": "user", "creator": "user", "customer": "customer", "contacts": "contact"}[name]
		if inner == "" {
			continue
		}
		switch v := value.(type) {
		case map[string]any:
			labelled(t, file, inner, v, seen)
		case []any:
			for _, one := range v {
				labelled(t, file, inner, one.(map[string]any), seen)
			}
		}
	}
}
