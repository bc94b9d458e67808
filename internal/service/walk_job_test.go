package service

import (
	"errors"
	"fmt"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// The jobs that go over all records, in kindCases.
func init() {
	records := func(tx *store.Write, patch func(i int, k *crm.Customer, labels *[]int64)) error {
		for i := range 3*walkPage + 7 {
			k := &crm.Customer{ID: int64(1001 + i), OwnerID: owner, Name: fmt.Sprint("批量", i), Approval: crm.Approved, CreatedAt: startOfClock,
				UpdatedAt: startOfClock, Address: crm.Address{ID: int64(1001 + i)}}
			var labels []int64
			patch(i, k, &labels)
			k.Labelled = len(labels) > 0
			if err := tx.AddCustomer(k); err != nil {
				return err
			}
			for _, id := range labels {
				if err := tx.AddCustomerLabel(k.ID, id); err != nil {
					return err
				}
			}
		}
		return nil
	}
	count := func(w *world, from string) string {
		return fmt.Sprint(w.query("SELECT count(*) FROM "+from, orgA), " and ", w.query("SELECT count(*) FROM "+from, orgB), " elsewhere")
	}
	changes := func(w *world) string {
		return count(w, "operation_logs WHERE organization_id = $1 AND entity = 'customer' AND action = 'update'") + " rows of the log"
	}
	rule := func(tx *store.Write, state string) error {
		return tx.AddRule(&crm.DuplicateRule{ID: 1, Entity: "customer", Field: "name", State: state}, 1, startOfClock)
	}
	keys := func(w *world) string {
		return count(w, "duplicate_keys WHERE organization_id = $1") + " keys, rules " +
			count(w, "duplicate_rules WHERE organization_id = $1 AND state = 'active'") + " of " + count(w, "duplicate_rules WHERE organization_id = $1")
	}
	kindCases[destroyKind] = kindCase{
		payload: `{"entity":"customer","name":"text_asset_b000002"}`,
		fill: func(tx *store.Write) error {
			return records(tx, func(i int, k *crm.Customer, _ *[]int64) {
				if i%2 == 0 {
					k.Custom = crm.Values(`{"text_asset_b000002":"值","numeric_asset_000002":1}`)
				}
			})
		},
		effect: func(w *world) string {
			return count(w, "customers WHERE organization_id = $1 AND CAST(custom_values AS TEXT) LIKE '%text_asset_b000002%'") + ", " + changes(w)
		},
	}
	kindCases[removeLabelKind] = kindCase{
		payload: `{"label":1}`,
		fill: func(tx *store.Write) error {
			return errors.Join(records(tx, func(i int, _ *crm.Customer, labels *[]int64) { *labels = []int64{1, 2} }),
				tx.HideLabel(1, startOfClock), tx.SkipIDs(store.Logs, 2000))
		},
		effect: func(w *world) string {
			return count(w, "customer_labels WHERE organization_id = $1") + ", " + count(w, "labels WHERE organization_id = $1") + ", " + changes(w)
		},
	}
	kindCases[buildRuleKind] = kindCase{
		payload: `{"rule":1}`,
		fill: func(tx *store.Write) error {
			return errors.Join(records(tx, func(int, *crm.Customer, *[]int64) {}), rule(tx, crm.RuleBuilding))
		},
		effect: keys,
	}
	kindCases[removeRuleKind] = kindCase{
		payload: `{"rule":1}`,
		fill: func(tx *store.Write) error {
			errs := []error{rule(tx, crm.RuleRemoving)}
			for i := range 4*10*walkPage + 7 {
				errs = append(errs, tx.AddKey(1, fmt.Sprint("键", i/2), int64(i)))
			}
			return errors.Join(errs...)
		},
		effect: keys,
	}
}
