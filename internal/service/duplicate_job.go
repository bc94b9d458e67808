package service

import (
	"context"

	"guanxi/internal/crm"
	"guanxi/internal/job"
	"guanxi/internal/store"
)

// This file makes and forgets the keys of rules of the check for duplicates.

const (
	buildRuleKind  = "duplicates.build"
	removeRuleKind = "duplicates.remove"
)

type ruleOrder struct {
	Rule int64 `json:"rule"`
}

// findRule gives a rule in a state; nil where it is in another one, or gone.
func findRule(d *crm.Directory, id int64, state string) *crm.DuplicateRule {
	for _, r := range d.Rules {
		if r.ID == id && r.State == state {
			return r
		}
	}
	return nil
}

// buildRule writes the keys of all records that there are for a new rule, and
// makes the rule active at the end. Writes keep the keys of theirs meanwhile, so
// that none is missed.
func (s *Service) buildRule(ctx context.Context, run *job.Run) error {
	var order ruleOrder
	if err := run.Payload(&order); err != nil {
		return err
	}
	return s.pages(ctx, run, func(w *store.Write, c *Caller, place string) (string, int, bool, error) {
		rule := findRule(c.Directory, order.Rule, crm.RuleBuilding)
		if rule == nil {
			return "", 0, false, nil // it was dropped, or is active already
		}
		after, err := behind(place)
		if err != nil {
			return "", 0, false, err
		}
		last, n, err := eachRecord(w, c.Org(), rule.Entity, after, walkPage, func(id int64, r record) error {
			if key := duplicateKey(c.Directory, rule.Entity, rule.Field, r); key != "" {
				return w.AddKey(rule.ID, key, id)
			}
			return nil
		})
		if err != nil || last != 0 {
			return placeAt(last), n, false, err
		}
		if err := w.SetRuleState(rule.ID, crm.RuleActive); err != nil {
			return "", 0, false, err
		}
		return "", n, true, s.note(w, c, "duplicate_setting", settingIDs[rule.Entity], "build", record{}, record{"field": rule.Field})
	})
}

// eachRecord calls fn for a page of all records of a kind behind an id. It
// answers the last id, 0 after the last page, and how many there were.
func eachRecord(w *store.Write, org int64, entity string, after int64, page int, fn func(id int64, r record) error) (last int64, n int, err error) {
	visit := func(id int64, r record) {
		if err == nil {
			err = fn(id, r)
		}
		last = id
		n++
	}
	switch entity {
	case "customer":
		rows, bad := w.CustomersAfter(org, after, page)
		err = bad
		for i := range rows {
			visit(rows[i].ID, customerRecord(&rows[i], nil))
		}
	case "contact":
		rows, bad := w.ContactsAfter(org, after, page)
		err = bad
		for i := range rows {
			visit(rows[i].ID, contactRecord(&rows[i]))
		}
	case "lead":
		rows, bad := w.LeadsAfter(org, after, page)
		err = bad
		for i := range rows {
			visit(rows[i].ID, leadRecord(&rows[i]))
		}
	}
	if n < page {
		last = 0
	}
	return last, n, err
}

// removeRule forgets the keys of a rule that was dropped, then the rule.
func (s *Service) removeRule(ctx context.Context, run *job.Run) error {
	var order ruleOrder
	if err := run.Payload(&order); err != nil {
		return err
	}
	return s.pages(ctx, run, func(w *store.Write, c *Caller, _ string) (string, int, bool, error) {
		rule := findRule(c.Directory, order.Rule, crm.RuleRemoving)
		if rule == nil {
			return "", 0, false, nil
		}
		n, more, err := w.DeleteKeys(rule.ID, 10*walkPage)
		if err != nil || more {
			return "keys", int(n), false, err
		}
		if err := w.DeleteRule(rule.ID); err != nil {
			return "", 0, false, err
		}
		return "", int(n), true, s.note(w, c, "duplicate_setting", settingIDs[rule.Entity], "remove", record{"field": rule.Field}, record{})
	})
}
