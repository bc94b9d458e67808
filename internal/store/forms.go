package store

import (
	"context"
	"encoding/json"

	"guanxi/internal/crm"
)

// loadForms reads templates, groups of fields, and what the organization has
// changed on fields.
func (r *Read) loadForms(d *crm.Directory, org int64) error {
	err := each(r.tx, `SELECT id, entity, name, position, enabled, role_ids FROM field_templates WHERE organization_id = $1`,
		[]any{org}, func(rows Rows) error {
			x := &crm.Template{}
			var roles string
			if err := rows.Scan(&x.ID, &x.Entity, &x.Name, &x.Position, &x.Enabled, &roles); err != nil {
				return err
			}
			d.Templates[x.ID] = x
			return json.Unmarshal([]byte(roles), &x.Roles)
		})
	if err != nil {
		return err
	}
	err = each(r.tx, `SELECT id, entity, label, position, enabled FROM field_groups WHERE organization_id = $1
		ORDER BY entity, position, id`, []any{org}, func(rows Rows) error {
		x := &crm.FieldGroup{}
		err := rows.Scan(&x.ID, &x.Entity, &x.Label, &x.Position, &x.Enabled)
		d.Groups[x.Entity] = append(d.Groups[x.Entity], x)
		return err
	})
	if err != nil {
		return err
	}
	return each(r.tx, `SELECT entity, template_id, name, settings FROM field_settings WHERE organization_id = $1`,
		[]any{org}, func(rows Rows) error {
			var k crm.FieldKey
			var settings string
			if err := rows.Scan(&k.Entity, &k.Template, &k.Name, &settings); err != nil {
				return err
			}
			var x crm.FieldSetting
			err := json.Unmarshal([]byte(settings), &x)
			d.FieldSettings[k] = x
			return err
		})
}

// loadRules reads the fields that take part in the check for duplicates.
func (r *Read) loadRules(d *crm.Directory, org int64) error {
	return each(r.tx, `SELECT id, entity, field, state FROM duplicate_rules WHERE organization_id = $1
		ORDER BY entity, position, id`, []any{org}, func(rows Rows) error {
		x := &crm.DuplicateRule{}
		err := rows.Scan(&x.ID, &x.Entity, &x.Field, &x.State)
		d.Rules = append(d.Rules, x)
		return err
	})
}

// Settings reads the settings of the whole organization. ErrNoRow where there
// is none.
func (r *Read) Settings(org int64) (s crm.Settings, err error) {
	var text string
	err = one(r.tx, `SELECT settings FROM organizations WHERE organization_id = $1`, []any{org}, &text)
	if err == nil {
		err = json.Unmarshal([]byte(text), &s)
	}
	return s, err
}

// OrganizationsUnset gives, among so many organizations behind a number, those
// whose settings lack a name, in order, and the last that was looked at, 0 at
// the end. It looks at all organizations, for what runs beside requests.
func (s *Store) OrganizationsUnset(ctx context.Context, name string, after int64, limit int) (orgs []int64, last int64, err error) {
	err = s.engine.view(ctx, everyone, func(tx Tx) error {
		orgs, last = nil, 0
		n := 0
		err := each(tx, `SELECT organization_id, settings FROM organizations WHERE organization_id > $1
			ORDER BY organization_id LIMIT $2`, []any{after, limit}, func(r Rows) error {
			var text string
			if err := r.Scan(&last, &text); err != nil {
				return err
			}
			n++
			var set map[string]json.RawMessage
			if err := json.Unmarshal([]byte(text), &set); err != nil {
				return err
			}
			if _, ok := set[name]; !ok {
				orgs = append(orgs, last)
			}
			return nil
		})
		if n < limit {
			last = 0
		}
		return err
	})
	return orgs, last, err
}

// SetSettings writes the settings of the whole organization.
func (w *Write) SetSettings(s crm.Settings) error {
	w.directory = true
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return changed(w.tx.Exec(`UPDATE organizations SET settings = $2 WHERE organization_id = $1`, w.org, string(b)))
}

// AddRule lets a field take part in the check for duplicates.
func (w *Write) AddRule(r *crm.DuplicateRule, position int, at crm.Time) error {
	w.directory = true
	_, err := w.tx.Exec(`INSERT INTO duplicate_rules (organization_id, id, entity, field, position, state, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, w.org, r.ID, r.Entity, r.Field, position, r.State, int64(at))
	return err
}

// SetRuleState changes what becomes of a rule; ErrNoRow where there is none.
func (w *Write) SetRuleState(id int64, state string) error {
	w.directory = true
	return changed(w.tx.Exec(`UPDATE duplicate_rules SET state = $3 WHERE organization_id = $1 AND id = $2`, w.org, id, state))
}

// DeleteRule deletes a rule whose keys are gone.
func (w *Write) DeleteRule(id int64) error {
	w.directory = true
	return changed(w.tx.Exec(`DELETE FROM duplicate_rules WHERE organization_id = $1 AND id = $2`, w.org, id))
}

// AddKey notes that a record has a value in the field of a rule.
func (w *Write) AddKey(rule int64, key string, record int64) error {
	_, err := w.tx.Exec(`INSERT INTO duplicate_keys (organization_id, rule_id, key, record_id) VALUES ($1, $2, $3, $4)
		ON CONFLICT (organization_id, rule_id, key, record_id) DO NOTHING`, w.org, rule, key, record)
	return err
}

// DeleteKey forgets a value of a record.
func (w *Write) DeleteKey(rule int64, key string, record int64) error {
	_, err := w.tx.Exec(`DELETE FROM duplicate_keys WHERE organization_id = $1 AND rule_id = $2 AND key = $3
		AND record_id = $4`, w.org, rule, key, record)
	return err
}

// DeleteKeys forgets about so many keys of a rule, in their order, all of equal
// ones; it answers how many, and whether there are more.
func (w *Write) DeleteKeys(rule int64, about int) (n int64, more bool, err error) {
	var last string
	err = one(w.tx, `SELECT key FROM duplicate_keys WHERE organization_id = $1 AND rule_id = $2
		ORDER BY key LIMIT 1 OFFSET $3`, []any{w.org, rule, about}, &last)
	if err == ErrNoRow {
		n, err = w.tx.Exec(`DELETE FROM duplicate_keys WHERE organization_id = $1 AND rule_id = $2`, w.org, rule)
		return n, false, err
	}
	if err != nil {
		return 0, false, err
	}
	n, err = w.tx.Exec(`DELETE FROM duplicate_keys WHERE organization_id = $1 AND rule_id = $2 AND key <= $3`, w.org, rule, last)
	return n, true, err
}

// RecordsWithKey gives the ids of records that have a value in the field of a
// rule, in order, at most limit.
func (r *Read) RecordsWithKey(org, rule int64, key string, limit int) ([]int64, error) {
	return r.ids(`SELECT record_id FROM duplicate_keys WHERE organization_id = $1 AND rule_id = $2 AND key = $3
		ORDER BY record_id LIMIT $4`, org, rule, key, limit)
}
