package service

import (
	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// checkCustomer checks what a customer refers to, as far as it differs from
// before (nil for a new one). It puts labels in order and fills in the department
// of a new customer.
func (s *Service) checkCustomer(w *store.Write, c *Caller, in, before *crm.Customer, labels *[]int64) error {
	d := c.Directory
	old := crm.Customer{}
	if before != nil {
		old = *before
	}
	if in.OwnerID != 0 && in.OwnerID != old.OwnerID {
		owner, err := activeUser(c, in.OwnerID)
		if err != nil {
			return err
		}
		if in.DepartmentID == old.DepartmentID {
			in.DepartmentID = owner.DepartmentID
		}
	}
	if in.DepartmentID != old.DepartmentID && in.DepartmentID != 0 && d.Departments[in.DepartmentID] == nil {
		return crm.Invalid("所属部门不存在", "The department does not exist")
	}
	if err := s.chooseTemplate(c, "customer", &in.TemplateID, old.TemplateID, before != nil); err != nil {
		return err
	}
	for _, f := range []struct {
		field   string
		id, was int64
	}{
		{"status", in.Status, old.Status}, {"category", in.Category, old.Category}, {"source", in.Source, old.Source},
		{"industry", in.Industry, old.Industry}, {"staff_size", in.StaffSize, old.StaffSize},
	} {
		if f.id == f.was {
			continue // an option that was disabled since may stay
		}
		if err := checkOption(d, "customer", f.field, f.id); err != nil {
			return err
		}
	}
	*labels = sortedSet(*labels)
	for _, id := range *labels {
		if d.Labels[id] == nil {
			return crm.Invalid("标签不存在", "The label does not exist")
		}
	}
	if in.ParentID != old.ParentID && in.ParentID != 0 {
		if err := s.checkParent(w, c, in); err != nil {
			return err
		}
	}
	return s.checkRegion(&in.Address)
}

// maxParents bounds the tree of customers.
const maxParents = 50

// checkParent refuses a parent that the caller does not see, and circles.
func (s *Service) checkParent(w *store.Write, c *Caller, in *crm.Customer) error {
	for id, depth := in.ParentID, 0; id != 0; depth++ {
		if id == in.ID || depth == maxParents {
			return crm.Invalid("上级客户不能是自己或自己的下级客户", "A customer cannot be below itself")
		}
		parent, err := w.CustomerInShort(c.Org(), id)
		if err == nil && depth == 0 {
			err = s.visible(&w.Read, c, parent)
		}
		if err != nil {
			return refuse(err, crm.Invalid("上级客户不存在", "The parent customer does not exist"))
		}
		if id, err = w.ParentOf(c.Org(), id); err != nil {
			return err
		}
	}
	return nil
}

// checkOwnedLimit refuses to give somebody one more customer than the
// organization's limits allow.
func (s *Service) checkOwnedLimit(w *store.Write, c *Caller, owner, category int64) error {
	limits := c.Directory.Organization.Settings.OwnedLimit
	most, own := limits.Users[owner]
	if !own {
		most = limits.Each
	}
	if err := s.belowLimit(w, c, owner, 0, most); err != nil {
		return err
	}
	return s.checkCategoryLimit(w, c, owner, category)
}

// checkCategoryLimit is the part of checkOwnedLimit that a new category needs.
func (s *Service) checkCategoryLimit(w *store.Write, c *Caller, owner, category int64) error {
	if category == 0 {
		return nil
	}
	return s.belowLimit(w, c, owner, category, c.Directory.Organization.Settings.OwnedLimit.Categories[category])
}

// belowLimit refuses where an owner has at least most customers, of a category
// where one is given. 0 is no limit.
func (s *Service) belowLimit(w *store.Write, c *Caller, owner, category int64, most int) error {
	if owner == 0 || most == 0 {
		return nil
	}
	n, err := w.OwnedCustomers(c.Org(), owner, category)
	if err == nil && n >= int64(most) {
		err = crm.Invalid("负责人的客户数已达上限", "The owner has as many customers as allowed")
	}
	return err
}

// approvalOf is the approval status of a new customer: as it was sent, and
// approved where it was not. While approval is switched on, the customer of
// somebody who may not approve waits for it all the same.
func approvalOf(c *Caller, sent crm.Approval) crm.Approval {
	if sent != "" && sent != crm.Approved {
		return sent
	}
	if c.Directory.Organization.Settings.CustomerApproval && !c.Viewer.Role.May(crm.RightApproveCustomer) {
		return crm.Applying
	}
	return crm.Approved
}

// checkApproval refuses a change of the approval status that the caller may not
// make. Everybody who edits a customer may submit it, and take that back; to
// reject it, and to approve it while approval is switched on, needs the right.
func checkApproval(c *Caller, before, now crm.Approval) error {
	decided := false
	switch now {
	case before, crm.Applying:
		return nil
	case crm.Reverted:
		if before != crm.Applying {
			return crm.Invalid("只能撤回待审批的客户", "Only a customer that waits for approval can be taken back")
		}
	case crm.Approved:
		decided = c.Directory.Organization.Settings.CustomerApproval
	case crm.Rejected:
		decided = true
	default:
		return crm.Invalid("审批状态不正确", "The approval status is not correct")
	}
	if decided && !c.Viewer.Role.May(crm.RightApproveCustomer) {
		return crm.ErrForbidden
	}
	return nil
}
