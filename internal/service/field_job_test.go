package service

import (
	"fmt"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// The values of a deleted field are destroyed page by page, also when the
// process is killed in the middle; their files go with them.
func TestDestroyGoesOn(t *testing.T) {
	w := newWorld(t, settings())
	a := w.manages()
	last := w.many(3*walkPage, func(i int, k *crm.Customer, _ *[]int64) {
		switch i % 3 {
		case 0:
			k.Custom = crm.Values(fmt.Sprintf(`{"text_asset_b000002":"值%d","numeric_asset_000002":%d}`, i, i))
		case 1:
			k.Custom = crm.Values(`{"text_asset_b000002":"只有这个"}`)
		}
	})
	w.amend(orgA, func(tx *store.Write) error {
		if err := tx.AddAttachment(&crm.Attachment{ID: 5, OwnerType: "Customer", OwnerID: 1001, Key: "49/5", UserID: owner}); err != nil {
			return err
		}
		return tx.SetCustom("customer", 1001, crm.Values(`{"text_asset_b000002":"值","file_asset_000002":[5]}`))
	})
	left := func() string {
		return w.query("SELECT count(*) FROM customers WHERE organization_id = $1 AND CAST(custom_values AS TEXT) LIKE '%text_asset_b000002%'", orgA)
	}
	wants(t, "delete", w.deleteField(a, "customer", "text_asset_b000002", "text"), "")
	all := left()
	w.killed(destroyKind)
	if n := left(); n == "0" || n == all {
		t.Fatalf("killed with %s of %s left", n, all)
	}
	if err := w.runJob(destroyKind); err != nil || left() != "0" {
		t.Errorf("%s left, %v", left(), err)
	}
	if v := w.customer(last - 2).Custom; !field.Holds(v, "numeric_asset_000002") {
		t.Errorf("another value is gone too: %s", v)
	}
	if v := w.customer(last - 1).Custom; len(v) > 0 {
		t.Errorf("left is %s", v)
	}
	wants(t, "delete the files", w.deleteField(a, "customer", "file_asset_000002", "file"), "")
	if err := w.runJob(destroyKind); err != nil {
		t.Fatal(err)
	}
	if n := w.query("SELECT count(*) FROM attachments WHERE organization_id = $1 AND id = 5", orgA); n != "0" {
		t.Error("the file of a destroyed value is still there")
	}
	if n := w.query("SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND entity = 'attachment' AND entity_id = 5", orgA); n != "1" {
		t.Errorf("%s rows of the log about the file", n)
	}
}
