package api

import (
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func TestDuplicateAnswers(t *testing.T) {
	w := newFieldWorld(t)
	must(t, w.store.Update(t.Context(), home, func(tx *store.Write) error {
		for id, rule := range []crm.DuplicateRule{{Entity: "customer", Field: "name"}, {Entity: "customer", Field: "address.phone"}, {Entity: "lead", Field: "company_name"}} {
			rule.ID, rule.State = int64(id+1), crm.RuleActive
			if err := tx.AddRule(&rule, id, 0); err != nil {
				return err
			}
		}
		for id, phone := range map[int64]string{73717: "13800000004", 900: "公海客户"} {
			rule := int64(2)
			if id == 900 {
				rule = 1
			}
			if err := tx.AddKey(rule, phone, id); err != nil {
				return err
			}
		}
		if err := tx.SkipIDs(store.Rules, 3); err != nil {
			return err
		}
		s := crm.Settings{Duplicates: map[string]crm.DuplicateSettings{
			"customer": {Enabled: true, Columns: []string{"name", "user_id", "status", "address.phone", "created_at"}},
			"lead":     {Enabled: true, Columns: []string{"name"}},
		}}
		if err := tx.SetSettings(s); err != nil {
			return err
		}
		return tx.Log(0, crm.LogEntry{Entity: "test", Action: "test", Changes: "{}"})
	}))
	const setting, search = "/duplicates/field_setting", "/duplicates/search"
	w.steps(t, []step{
		{"duplicates.field_setting", "GET", setting + "?entity_type=customer", "", owner},
		{"duplicates.field_setting_unset", "GET", setting + "?key=contact", "", owner},
		{"duplicates.field_setting_unknown", "GET", setting + "?entity_type=contract", "", owner},
		{"duplicates.search", "GET", search + "?key=customer&query=13800000004", "", owner},
		{"duplicates.search_of_a_stranger", "GET", search + "?entity_type=customer&query=138-0000-0004", "", colleague},
		{"duplicates.search_pool", "GET", search + "?query=公海客户", "", colleague},
		{"duplicates.search_part", "GET", search + "?query=客户&per_page=2", "", owner},
		{"duplicates.search_none", "GET", search + "?query=没有", "", owner},
		{"duplicates.search_blank", "GET", search + "?query=%20", "", owner},
		{"duplicates.search_lead", "GET", search + "?entity_type=lead&query=示例", "", owner},
		{"customers.search_duplicates", "GET", "/customers/search_duplicates?query=0永豐餘投資有限公司&per_page=5", "", owner},
		{"customers.create_duplicate", "POST", "/customers", `{"customer":{"name":"新的","address_attributes":{"phone":"+86 138 0000 0004"}}}`, owner},
		{"duplicates.set", "PUT", setting, `{"entity_type":"customer","fields":["address.phone",{"name":"text_asset_0a0b0c"}],"columns":["name","text_asset_fbf817"]}`, admin},
		{"duplicates.set_lead", "POST", setting, `{"entity_type":"lead","across":true,"enabled":"0"}`, admin},
		{"duplicates.set_bad_field", "PUT", setting, `{"entity_type":"customer","fields":["address.detail_address"]}`, admin},
		{"duplicates.set_bad_column", "PUT", setting, `{"entity_type":"customer","columns":["note"]}`, admin},
		{"duplicates.set_wrong_type", "PUT", setting, `{"entity_type":"customer","fields":"name"}`, admin},
		{"duplicates.set_forbidden", "PUT", setting, `{"entity_type":"customer","enabled":false}`, owner},
		{"duplicates.search_after", "GET", search + "?query=13800000004", "", owner},
	})
}
