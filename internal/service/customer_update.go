package service

import (
	"context"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
	"guanxi/internal/zh"
)

// UpdateCustomer changes a customer: patch changes the draft, and only that.
// Giving it another owner needs the right to transfer.
//
// ErrNotFound where the caller does not see it; ErrForbidden without the right;
// Conflict where somebody else was faster; otherwise the refusals of
// CreateCustomer. Nothing is written then.
func (s *Service) UpdateCustomer(ctx context.Context, c *Caller, id int64, patch func(*crm.CustomerDraft) error,
	show func(*crm.CustomerDetail) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		before, err := s.customerFor(w, c, id, crm.RightEditCustomer, reach.edits)
		if err != nil {
			return err
		}
		labels, err := w.CustomerLabels(c.Org(), id)
		if err != nil {
			return err
		}
		labels = knownLabels(c.Directory, labels)
		draft := crm.CustomerDraft{Customer: *before, Labels: slices.Clone(labels)}
		if err := patch(&draft); err != nil {
			return err
		}
		if err := s.saveCustomer(w, c, before, labels, &draft); err != nil {
			return err
		}
		out, err := s.customerDetail(&w.Read, c, id, true)
		if err != nil {
			return err
		}
		return show(out)
	})
}

// saveCustomer checks and writes a changed customer. What has not changed is
// not checked again.
func (s *Service) saveCustomer(w *store.Write, c *Caller, before *crm.Customer, oldLabels []int64, draft *crm.CustomerDraft) error {
	in := &draft.Customer
	if err := s.checkMove(w, c, before, in); err != nil {
		return err
	}
	if err := checkApproval(c, before.Approval, in.Approval); err != nil {
		return err
	}
	whole := crm.NewCustomer{Customer: *in}
	whole.Approval = crm.Approved // checked above: here it may be any
	if err := whole.Validate(); err != nil {
		return err
	}
	whole.Approval = in.Approval
	*in = whole.Customer
	if err := s.checkCustomer(w, c, in, before, &draft.Labels); err != nil {
		return err
	}
	if before.OwnerID == 0 && in.DepartmentID != 0 {
		return crm.Invalid("公海客户没有所属部门", "A customer in a pool has no department")
	}
	old, now := customerRecord(before, oldLabels), customerRecord(in, draft.Labels)
	if err := s.mayChange(c, "customer", before.OwnerID, old, now); err != nil {
		return err
	}
	if len(changedFields(old, now)) == 0 {
		w.Nothing()
		return nil
	}
	if err := s.checkRequired(c, "customer", in.TemplateID, before.OwnerID, old, now); err != nil {
		return err
	}
	s.stampCustomer(before, in)
	in.Labelled = len(draft.Labels) > 0
	if err := s.checkDuplicates(w, c, "customer", in.ID, old, now); err != nil {
		return err
	}
	if err := s.replaceFiles(w, c, "customer", "Customer", in.ID, before.Custom, in.Custom); err != nil {
		return err
	}
	if err := w.SetCustomer(in); err != nil {
		return err
	}
	if !slices.Equal(oldLabels, draft.Labels) {
		if err := w.SetCustomerLabels(in.ID, draft.Labels); err != nil {
			return err
		}
	}
	if in.OwnerID != before.OwnerID {
		if err := s.handOver(w, c, before, in, old, now); err != nil {
			return err
		}
	}
	return s.note(w, c, "customer", in.ID, "update", old, now)
}

// checkMove refuses another owner, or another category, that the customer may
// not get.
func (s *Service) checkMove(w *store.Write, c *Caller, before, in *crm.Customer) error {
	switch {
	case in.OwnerID == before.OwnerID && in.Category == before.Category:
		return nil
	case in.OwnerID == before.OwnerID:
		return s.checkCategoryLimit(w, c, in.OwnerID, in.Category)
	case before.OwnerID == 0:
		return errPooled
	}
	if err := s.mayTransfer(w, c, before); err != nil {
		return err
	}
	return s.checkOwnedLimit(w, c, in.OwnerID, in.Category)
}

// errPooled refuses to give a customer an owner past its pool.
var errPooled = crm.Invalid("公海客户没有负责人,请从公海领取或转移", "A customer in a pool has no owner; take it or transfer it out of its pool")

// stampCustomer sets the times and what follows from other values.
func (s *Service) stampCustomer(before, in *crm.Customer) {
	now := crm.At(s.now())
	in.UpdatedAt = now
	if in.Name != before.Name {
		in.NamePinyin = zh.Pinyin(in.Name)
	}
	if in.Status != before.Status {
		in.StatusAt = now
	}
	if in.OwnerID != before.OwnerID {
		in.OwnedAt, in.BeforeUserID, in.BeforeDepartmentID = now, before.OwnerID, before.DepartmentID
	}
	if in.Approval != before.Approval {
		if in.Approval == crm.Applying {
			in.SubmittedAt, in.DecidedAt = now, 0
		} else {
			in.DecidedAt = now
		}
	}
	if in.Address != before.Address {
		in.Address.UpdatedAt = now
	}
}

// mayChange refuses to change what the caller may not see, which would be
// overwritten unseen: fields that the role hides, and numbers that are masked.
// A number may be written where there is none.
func (s *Service) mayChange(c *Caller, entity string, owner int64, before, after record) error {
	masked := c.Viewer.HidesNumbers(owner)
	if len(c.Viewer.Role.Hidden) == 0 && !masked {
		return nil
	}
	for _, name := range changedFields(before, after) {
		seen := name
		if name == "address.lat" || name == "address.lng" {
			seen = "address.detail_address" // they are hidden with it
		}
		if c.Viewer.Conceals(entity+"."+seen, owner) {
			return crm.ErrForbidden
		}
		if masked && holdsNumbers(c.Directory, entity, name) && string(plain(before[name])) != "null" {
			return crm.ErrForbidden
		}
	}
	return nil
}

// holdsNumbers tells whether numbers stand in a field: in itself, or in a column
// of its rows.
func holdsNumbers(d *crm.Directory, entity, name string) bool {
	if isNumber(d, entity, name) {
		return true
	}
	for _, f := range d.Fields[entity] {
		if f.Name == name {
			return slices.ContainsFunc(f.Options.Columns, func(column *crm.CustomField) bool {
				k := field.Find(column.Kind)
				return k != nil && k.Phone
			})
		}
	}
	return false
}

// mayTransfer refuses to give a customer to somebody else.
func (s *Service) mayTransfer(w *store.Write, c *Caller, k *crm.Customer) error {
	a, err := s.reachCustomer(&w.Read, c, k)
	if err != nil {
		return err
	}
	if !a.disposes() || !c.Viewer.Role.May(crm.RightTransferCustomer) {
		return crm.ErrForbidden
	}
	return nil
}
