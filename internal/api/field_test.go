package api

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// told sends a JSON body by any method as a user of home.
func (w *world) told(user int64, method, target, body string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, "http://crm.example.com"+target, strings.NewReader(body))
	r.Header.Set("Authorization", "Token token="+w.token(home, user))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return w.do(r)
}

// step is one call of a sequence, with the golden body of its answer.
type step struct {
	name, method, target, body string
	user                       int64
}

func (w *world) steps(t *testing.T, all []step) {
	t.Helper()
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			w.t = t
			golden(t, s.name, w.told(s.user, s.method, "/api/v2"+s.target, s.body).body)
		})
	}
}

// newFieldWorld is the world with counters behind what fill has made.
func newFieldWorld(t *testing.T) *world {
	w := newWorld(t)
	must(t, w.store.Update(t.Context(), home, func(tx *store.Write) error {
		for kind, last := range map[store.Kind]int64{store.CustomFields: 20, store.Options: 5000, store.Labels: 10} {
			if err := tx.SkipIDs(kind, last); err != nil {
				return err
			}
		}
		return tx.Log(0, crm.LogEntry{Entity: "test", Action: "test", Changes: "{}"})
	}))
	return w
}

func TestFieldAnswers(t *testing.T) {
	w := newFieldWorld(t)
	const fields, groups = "/custom_fields/customer", "/custom_field_groups"
	w.steps(t, []step{
		{"custom_fields.by_group_customer", "GET", fields + "/by_group", "", owner},
		{"custom_fields.by_group_contact_hidden", "GET", "/custom_fields/contact/by_group", "", barred},
		{"custom_fields.by_group_none", "GET", "/custom_fields/opportunity/by_group", "", owner},
		{"custom_fields.by_group_unknown", "GET", "/custom_fields/nothing/by_group", "", owner},
		{"custom_fields.by_group_no_template", "GET", fields + "/by_group?custom_field_template_id=9", "", owner},
		{"custom_fields.by_group_all", "GET", "/custom_fields/by_group_all", "", owner},
		{"field_maps.list", "GET", "/field_maps/customer", "", owner},
		{"field_maps.list_none", "GET", "/field_maps/product", "", owner},

		{"custom_fields.create", "POST", fields, `{"custom_field":{"name":"text_asset_abcdef","label":"产品线","kind":"cascade","required":true,
			"placeholder":"选一项","input_field_options":{"collection_options":[{"label":"软件","value":"nes_0001","children":[
			{"label":"CRM","value":"nes_0002"},{"label":"ERP","value":"nes_0003"}]},{"label":"硬件","value":"nes_0004"}]}}}`, admin},
		{"custom_fields.create_subform", "POST", fields, `{"custom_field":{"name":"subform_asset_abcdef","label":"设备","field_type":"subform_field",
			"input_field_options":{"max_rows":5,"columns":[{"name":"text_asset_000001","label":"型号","kind":"text","required":true},
			{"name":"numeric_asset_000001","label":"单价","kind":"money"}]}}}`, admin},
		{"custom_fields.create_number", "POST", fields, `{"custom_field":{"name":"text_asset_abcde0","label":"客户编号","kind":"auto_number",
			"input_field_options":{"number_rule":{"prefix":"KH","date_format":"YYYYMM","digits":4,"restart":true}}}}`, admin},
		{"custom_fields.create_refused", "POST", fields, `{"custom_field":{"label":"产品线","kind":"text"}}`, admin},
		{"custom_fields.create_wrong_type", "POST", fields, `{"custom_field":{"label":["产品线"],"kind":"text"}}`, admin},
		{"custom_fields.create_wrong_status", "POST", fields, `{"custom_field":{"label":"x","kind":"text","status":"on"}}`, admin},
		{"custom_fields.create_forbidden", "POST", fields, `{"custom_field":{"label":"x","kind":"text"}}`, owner},
		{"custom_fields.update", "PUT", fields + "/text_asset_abcdef", `{"custom_field":{"label":"产品","category":"more","required":false,
			"input_field_options":{"collection_options":[{"label":"硬件","value":"nes_0004"}]}}}`, admin},
		{"custom_fields.update_system", "POST", fields + "/industry", `{"custom_field":{"label":"所属行业","required":true,"status":"enable"}}`, admin},
		{"custom_fields.update_kept", "PUT", fields + "/name", `{"custom_field":{"status":"disable"}}`, admin},
		{"custom_fields.update_missing", "PUT", fields + "/text_asset_000000", `{"custom_field":{"label":"x"}}`, admin},
		{"custom_field_groups.create", "POST", groups, `{"custom_field_group":{"entity_type":"customer","label":"财务信息"}}`, admin},
		{"custom_fields.order", "PUT", fields + "/order", `{"groups":[{"id":1001,"fields":["text_asset_abcde0","numeric_asset_11aa22"]},{"id":1,"fields":["name","industry"]}]}`, admin},
		{"custom_fields.list", "GET", fields, "", admin},
		{"custom_fields.list_forbidden", "GET", fields, "", owner},
		{"custom_field_groups.update", "PUT", groups + "/1001", `{"custom_field_group":{"label":"财务"}}`, admin},
		{"custom_field_groups.delete", "DELETE", groups + "/1001", "", admin},
		{"custom_field_groups.delete_system", "DELETE", groups + "/1", "", admin},
		{"custom_fields.delete_unconfirmed", "DELETE", fields + "/text_asset_abcdef", "", admin},
		{"custom_fields.delete", "DELETE", fields + "/text_asset_abcdef?confirm=产品", "", admin},
		{"custom_fields.delete_again", "DELETE", fields + "/text_asset_abcdef?confirm=产品", "", admin},

		{"field_maps.create", "POST", "/field_maps/customer/source", `{"field_value":{"label":"展会"}}`, admin},
		{"field_maps.update", "PUT", "/field_maps/customer/source/4030", `{"field_value":{"label":"线上广告","status":"disable"}}`, admin},
		{"field_maps.update_won", "PUT", "/field_maps/customer/status/4021", `{"field_value":{"label":"已成交"}}`, admin},
		{"field_maps.order", "PUT", "/field_maps/customer/source/order", `{"ids":[5001,4030]}`, admin},
		{"field_maps.create_no_field", "POST", "/field_maps/customer/name", `{"field_value":{"label":"x"}}`, admin},
		{"field_maps.create_forbidden", "POST", "/field_maps/customer/source", `{"field_value":{"label":"x"}}`, owner},

		{"custom_field_templates.create", "POST", "/custom_field_templates", `{"custom_field_template":{"name":"大客户","role_ids":[419]}}`, admin},
		{"custom_field_templates.create_copy", "POST", "/custom_field_templates", `{"custom_field_template":{"name":"渠道","copy_from_id":1}}`, admin},
		{"custom_fields.update_template", "PUT", fields + "/category?custom_field_template_id=1", `{"custom_field":{"required":true}}`, admin},
		{"custom_field_templates.list", "GET", "/custom_field_templates", "", owner},
		{"custom_fields.preview", "GET", fields + "/preview?custom_field_template_id=1&role_id=424", "", admin},
		{"custom_field_templates.update", "PUT", "/custom_field_templates/2", `{"custom_field_template":{"status":"disable"}}`, admin},
		{"custom_field_templates.delete", "DELETE", "/custom_field_templates/2", "", admin},
		{"custom_field_templates.delete_missing", "DELETE", "/custom_field_templates/2", "", admin},
		{"customers.create_required_by_template", "POST", "/customers", `{"customer":{"name":"缺类型"}}`, owner},
	})
}

// A value of each kind of reference in a detail: relations show the names of
// records that the caller sees, and no others.
func TestRelatedNames(t *testing.T) {
	w := newFieldWorld(t)
	must(t, w.store.Update(t.Context(), home, func(tx *store.Write) error {
		for i, target := range []string{"customer", "contact", "lead"} {
			f := &crm.CustomField{ID: int64(30 + i), Entity: "customer", Name: "custom_relation_asset_00000" + string(rune('1'+i)),
				Label: "关联" + target, Kind: "relation", Position: 30 + i, Enabled: true, Options: crm.FieldOptions{Target: target}}
			if err := tx.AddCustomField(f, at("2020-01-01 00:00")); err != nil {
				return err
			}
		}
		if err := tx.AddLead(&crm.Lead{ID: 5, OwnerID: owner, Name: "李四线索", Address: crm.Address{ID: 247900}}); err != nil {
			return err
		}
		return tx.Log(0, crm.LogEntry{Entity: "test", Action: "test", Changes: "{}"})
	}))
	made := w.post(home, owner, "/api/v2/customers", `{"customer":{"name":"有关联","custom_relation_asset_000001":831,
		"custom_relation_asset_000002":20583,"custom_relation_asset_000003":5}}`)
	for _, want := range []string{`"custom_relation_asset_000001":831,"custom_relation_asset_000001_display":"经理1的客户"`,
		`"custom_relation_asset_000002":20583,"custom_relation_asset_000002_display":"???"`,
		`"custom_relation_asset_000003":5,"custom_relation_asset_000003_display":"李四线索"`} {
		if !strings.Contains(made.body, want) {
			t.Errorf("no %s in %s", want, made.body)
		}
	}
	if list := w.get(home, owner, "/api/v2/customers?query=有关联"); !strings.Contains(list.body, `"custom_relation_asset_000003_display":"李四线索"`) {
		t.Errorf("in the list: %s", list.body)
	}
	// Somebody who sees the customer and not what it names.
	must(t, w.store.Update(t.Context(), home, func(tx *store.Write) error {
		if err := tx.AddAssistant(80001, colleague); err != nil {
			return err
		}
		return tx.Log(0, crm.LogEntry{Entity: "customer", EntityID: 80001, Action: "assist", Changes: "{}"})
	}))
	seen := w.get(home, colleague, "/api/v2/customers/80001")
	for _, want := range []string{`"custom_relation_asset_000001_display":""`, `"custom_relation_asset_000002_display":""`,
		`"custom_relation_asset_000003_display":""`} {
		if !strings.Contains(seen.body, want) {
			t.Errorf("no %s in %s", want, seen.body)
		}
	}
	for _, hidden := range []string{"831", "901"} {
		a := w.post(home, star, "/api/v2/customers", `{"customer":{"name":"不可见`+hidden+`","custom_relation_asset_000001":`+hidden+`}}`)
		if refused := strings.Contains(a.body, "关联记录不存在"); refused != (hidden == "901") {
			t.Errorf("naming %s: %s", hidden, a.body)
		}
	}
}

// What a business type does not show is neither taken in nor shown, and comes
// back when it is shown again.
func TestFieldsOfBusinessTypes(t *testing.T) {
	w := newFieldWorld(t)
	for _, s := range []step{
		{"", "POST", "/custom_field_templates", `{"custom_field_template":{"name":"简单"}}`, admin},
		{"", "PUT", "/custom_fields/customer/numeric_asset_11aa22?custom_field_template_id=1", `{"custom_field":{"status":"disable"}}`, admin},
	} {
		if a := w.told(s.user, s.method, "/api/v2"+s.target, s.body); outcome(a) != "shown" {
			t.Fatal(a.body)
		}
	}
	const sent = `"numeric_asset_11aa22":5,"text_asset_0a0b0c":"13800001111"`
	made := w.post(home, owner, "/api/v2/customers", `{"customer":{"name":"简单的","custom_field_template_id":1,`+sent+`}}`)
	if strings.Contains(made.body, "numeric_asset_11aa22") || !strings.Contains(made.body, `"text_asset_0a0b0c":"13800001111"`) ||
		!strings.Contains(made.body, `"custom_field_template_id":1`) {
		t.Errorf("made: %s", made.body)
	}
	if a := w.told(admin, "PUT", "/api/v2/custom_fields/customer/numeric_asset_11aa22?custom_field_template_id=1", `{"custom_field":{"status":"enable"}}`); outcome(a) != "shown" {
		t.Fatal(a.body)
	}
	changed := w.told(owner, "PUT", "/api/v2/customers/80001", `{"customer":{`+sent+`}}`)
	if !strings.Contains(changed.body, `"numeric_asset_11aa22":5`) {
		t.Errorf("changed: %s", changed.body)
	}
	if a := w.told(admin, "PUT", "/api/v2/custom_fields/customer/numeric_asset_11aa22?custom_field_template_id=1", `{"custom_field":{"status":"disable"}}`); outcome(a) != "shown" {
		t.Fatal(a.body)
	}
	if seen := w.get(home, owner, "/api/v2/customers/80001"); strings.Contains(seen.body, "numeric_asset_11aa22") {
		t.Errorf("shown: %s", seen.body)
	}
	if list := w.get(home, owner, "/api/v2/customers?query=简单的"); strings.Contains(list.body, "numeric_asset_11aa22") || !strings.Contains(list.body, "简单的") {
		t.Errorf("in the list: %s", list.body)
	}
}

// What an answer shows of a field can be sent back as it is, and changes
// nothing.
func TestFieldsCanBeSentBack(t *testing.T) {
	w := newFieldWorld(t)
	for i, kind := range []string{"auto_number", "subform", "relation", "decimal", "phone"} {
		body := map[string]string{
			"subform":  `"columns":[{"label":"列","kind":"select","collection_options":[{"label":"一"}]}]`,
			"relation": `"target_entity":"lead"`, "decimal": `"precision":4`, "phone": `"phone_format":"mobile"`,
			"auto_number": `"number_rule":{"prefix":"A","digits":3}`,
		}[kind]
		if a := w.told(admin, "POST", "/api/v2/custom_fields/lead", fmt.Sprintf(`{"custom_field":{"label":"字段%d","kind":%q,%s}}`, i, kind, body)); outcome(a) != "shown" {
			t.Fatal(a.body)
		}
	}
	for _, entity := range crm.FormEntities() {
		var all struct {
			Data struct {
				Groups []struct {
					Fields []json.RawMessage `json:"custom_fields"`
				} `json:"custom_field_groups"`
			}
		}
		must(t, json.Unmarshal([]byte(w.told(admin, "GET", "/api/v2/custom_fields/"+entity, "").body), &all))
		before := w.told(admin, "GET", "/api/v2/custom_fields/"+entity, "").body
		for _, g := range all.Data.Groups {
			for _, f := range g.Fields {
				var name struct{ Name string }
				must(t, json.Unmarshal(f, &name))
				a := w.told(admin, "PUT", "/api/v2/custom_fields/"+entity+"/"+name.Name, `{"custom_field":`+string(f)+`}`)
				if outcome(a) != "shown" || a.body != `{"code":0,"data":`+string(f)+`}` {
					t.Errorf("%s.%s sent back as %s\n%s", entity, name.Name, f, a.body)
				}
			}
		}
		if after := w.told(admin, "GET", "/api/v2/custom_fields/"+entity, "").body; after != before {
			t.Errorf("the fields of a %s have changed", entity)
		}
	}
}
