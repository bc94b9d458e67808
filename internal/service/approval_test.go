package service

import (
	"errors"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// approvers gives role 3 the right to approve.
func (w *world) approvers() {
	w.t.Helper()
	w.amend(orgA, func(tx *store.Write) error {
		rights := crm.RightsOfNormal()
		rights[crm.RightApproveCustomer] = true
		return tx.SetRole(&crm.Role{ID: 3, Scope: crm.ScopeDepartments, Rights: rights}, startOfClock)
	})
}

func TestApprovalOfNewCustomers(t *testing.T) {
	for _, x := range []struct {
		on     bool
		caller int64
		sent   crm.Approval
		want   crm.Approval // "" for a refusal
	}{
		{false, owner, "", crm.Approved}, {false, owner, crm.Approved, crm.Approved}, {false, owner, crm.Applying, crm.Applying},
		{true, owner, "", crm.Applying}, {true, owner, crm.Approved, crm.Applying}, {true, owner, crm.Applying, crm.Applying},
		{true, inSales, "", crm.Approved}, {true, inSales, crm.Approved, crm.Approved}, {true, inSales, crm.Applying, crm.Applying},
		{true, admin, "", crm.Approved}, {true, owner, crm.Rejected, ""}, {false, owner, crm.Reverted, ""}, {false, admin, "x", ""},
	} {
		w := newWorld(t, settings())
		w.approvers()
		w.set(orgA, func(s *crm.Settings) { s.CustomerApproval = x.on })
		caller := w.as(orgA, x.caller)
		id, err := w.create(caller, &crm.NewCustomer{Customer: crm.Customer{Name: "待批", Approval: x.sent}}, "")
		if x.want == "" {
			if !errors.Is(err, crm.Invalid("", "")) {
				t.Errorf("%+v: %v", x, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%+v: %v", x, err)
		}
		k, err := w.CustomerDetail(t.Context(), caller, id)
		if err != nil || k.Approval != x.want || (k.SubmittedAt != 0) != (x.want == crm.Applying) {
			t.Errorf("%+v: %s since %d, %v", x, k.Approval, k.SubmittedAt, err)
		}
	}
}

func TestChangesOfApproval(t *testing.T) {
	for _, x := range []struct {
		on       bool
		caller   int64
		from, to crm.Approval
		want     error
	}{
		{true, owner, crm.Applying, crm.Approved, crm.ErrForbidden}, {true, owner, crm.Rejected, crm.Approved, crm.ErrForbidden},
		{true, owner, crm.Applying, crm.Rejected, crm.ErrForbidden}, {true, owner, crm.Applying, crm.Reverted, nil},
		{true, owner, crm.Rejected, crm.Applying, nil}, {true, owner, crm.Reverted, crm.Applying, nil},
		{true, owner, crm.Approved, crm.Reverted, crm.Invalid("", "")}, {true, inSales, crm.Applying, crm.Approved, nil},
		{true, inSales, crm.Applying, crm.Rejected, nil}, {true, admin, crm.Approved, crm.Rejected, nil},
		{false, owner, crm.Applying, crm.Approved, nil}, {false, owner, crm.Approved, crm.Rejected, crm.ErrForbidden},
		{true, owner, crm.Rejected, crm.Rejected, nil}, {true, helper, crm.Applying, crm.Approved, crm.ErrForbidden},
	} {
		w := newWorld(t, settings())
		w.approvers()
		w.set(orgA, func(s *crm.Settings) { s.CustomerApproval = x.on })
		w.amend(orgA, func(tx *store.Write) error {
			return errors.Join(tx.AddCustomer(&crm.Customer{ID: 4, OwnerID: owner, DepartmentID: 2, Name: "待批", Approval: x.from, Address: crm.Address{ID: 20}}),
				tx.AddAssistant(4, helper))
		})
		w.clock.advance(1e9)
		now := crm.At(w.clock.Now())
		k, err := w.update(w.as(orgA, x.caller), 4, func(d *crm.CustomerDraft) { d.Approval, d.Note = x.to, "改" })
		switch {
		case !errors.Is(err, x.want):
			t.Errorf("%+v: %v", x, err)
		case err != nil || x.from == x.to:
		case k.Approval != x.to, (k.SubmittedAt == now) != (x.to == crm.Applying), (k.DecidedAt == now) != (x.to != crm.Applying):
			t.Errorf("%+v: %s, submitted %d, decided %d", x, k.Approval, k.SubmittedAt, k.DecidedAt)
		}
	}
}
