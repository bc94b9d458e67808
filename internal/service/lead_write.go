package service

import (
	"context"

	"guanxi/internal/crm"
	"guanxi/internal/store"
	"guanxi/internal/zh"
)

// CreateLead writes a lead and shows it. The owner is the caller where none is
// given, the department the owner's. With a pool it is made in that pool, by one
// of its members or, without the right too, of its managers, and has neither owner
// nor department.
//
// ErrForbidden without the right; an entity_validation_error for a missing
// name, a value of the wrong form, an unknown option, owner, department or pool;
// entity_duplicate_error for a lead that is there already. Nothing is written
// then.
func (s *Service) CreateLead(ctx context.Context, c *Caller, in *crm.Lead, show func(*crm.LeadDetail) error) error {
	ids, err := s.take(ctx, c.Org(), want{store.Leads, 1}, want{store.Addresses, 1})
	if err != nil {
		return err
	}
	return s.write(ctx, c, func(w *store.Write) error {
		l := *in // the transaction may run twice
		l.ID = ids[0]
		if err := s.addLead(w, c, &l, ids[1]); err != nil {
			return err
		}
		return s.showLead(w, c, l.ID, show)
	})
}

// showLead shows a lead as it was just written.
func (s *Service) showLead(w *store.Write, c *Caller, id int64, show func(*crm.LeadDetail) error) error {
	out, err := s.leadDetail(&w.Read, c, id, true)
	if err != nil {
		return err
	}
	return show(out)
}

// addLead checks and writes a new lead whose id is set.
func (s *Service) addLead(w *store.Write, c *Caller, l *crm.Lead, addressID int64) error {
	if err := mayAddLead(c, l); err != nil {
		return err
	}
	now := crm.At(s.now())
	if l.PoolID != 0 {
		l.OwnerID, l.DepartmentID, l.HomePoolID, l.FlowIntoAt = 0, 0, l.PoolID, now
	} else {
		if l.OwnerID == 0 {
			l.OwnerID = c.Viewer.User.ID
		}
		l.OwnedAt = now
	}
	if err := l.Validate(); err != nil {
		return err
	}
	if err := s.checkLead(c, l, &crm.Lead{}); err != nil {
		return err
	}
	l.CreatorID, l.CreatedAt, l.UpdatedAt, l.NamePinyin = c.Viewer.User.ID, now, now, zh.Pinyin(l.Name)
	stamp(&l.Address, addressID, now)
	if err := s.checkValues(w, c, "lead", nil, l.Custom); err != nil {
		return err
	}
	if err := s.assignNumbers(w, c, "lead", 0, &l.Custom); err != nil {
		return err
	}
	after := leadRecord(l)
	if err := s.checkRequired(c, "lead", 0, 0, nil, after); err != nil {
		return err
	}
	if err := s.checkDuplicates(w, c, "lead", l.ID, nil, after); err != nil {
		return err
	}
	if err := w.AddLead(l); err != nil {
		return err
	}
	if err := s.claimFiles(w, c, "lead", crm.OfLead, l.ID, l.Custom); err != nil {
		return err
	}
	if err := s.replacePicture(w, c, &fileOwner{kind: crm.OfLead, id: l.ID, custom: l.Custom}, l.CardID); err != nil {
		return err
	}
	return s.note(w, c, "lead", l.ID, "create", nil, after)
}

// mayAddLead refuses to make a lead without the right. In a pool its managers
// need none.
func mayAddLead(c *Caller, l *crm.Lead) error {
	if l.PoolID != 0 {
		p, err := leadPool(c, l.PoolID)
		if err != nil || !c.Viewer.InPool(p) {
			return errNoPool
		}
		if c.Viewer.ManagesPool(p) {
			return nil
		}
	}
	if !c.Viewer.Role.May(crm.RightCreateLead) {
		return crm.ErrForbidden
	}
	return nil
}

// checkLead checks what a lead refers to, as far as it differs from before. With
// another owner it gets the owner's department, unless one is given.
func (s *Service) checkLead(c *Caller, in, before *crm.Lead) error {
	d := c.Directory
	if in.OwnerID != 0 && in.OwnerID != before.OwnerID {
		owner, err := activeUser(c, in.OwnerID)
		if err != nil {
			return err
		}
		if in.DepartmentID == before.DepartmentID {
			in.DepartmentID = owner.DepartmentID
		}
	}
	if in.DepartmentID != before.DepartmentID && in.DepartmentID != 0 && d.Departments[in.DepartmentID] == nil {
		return crm.Invalid("所属部门不存在", "The department does not exist")
	}
	if in.Status != before.Status { // an option that was disabled since may stay
		if err := checkOption(d, "lead", "status", in.Status); err != nil {
			return err
		}
	}
	if in.Source != before.Source {
		if err := checkOption(d, "lead", "source", in.Source); err != nil {
			return err
		}
	}
	return s.checkRegion(&in.Address)
}

// errTurned refuses to change a lead that has become a customer.
var errTurned = crm.Invalid("该线索已转为客户,不能再操作", "The lead has become a customer and cannot be changed any more")

// openLead is leadFor for a lead that has not become a customer.
func (s *Service) openLead(w *store.Write, c *Caller, id int64, right string, allowed func(reach) bool) (*crm.Lead, error) {
	l, err := s.leadFor(w, c, id, right, allowed)
	if err == nil && l.Turned() {
		err = errTurned
	}
	return l, err
}

// UpdateLead changes a lead: patch changes the draft, and only that. Giving it
// another owner needs the right to transfer.
//
// ErrNotFound where the caller does not see it; ErrForbidden without the right;
// Conflict where somebody else was faster; an entity_validation_error for a lead
// that has become a customer; otherwise the refusals of CreateLead. Nothing is
// written then.
func (s *Service) UpdateLead(ctx context.Context, c *Caller, id int64, patch func(*crm.Lead) error,
	show func(*crm.LeadDetail) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		before, err := s.openLead(w, c, id, crm.RightEditLead, reach.edits)
		if err != nil {
			return err
		}
		return s.patchLead(w, c, before, patch, show)
	})
}

func (s *Service) patchLead(w *store.Write, c *Caller, before *crm.Lead, patch func(*crm.Lead) error, show func(*crm.LeadDetail) error) error {
	draft := *before
	if err := patch(&draft); err != nil {
		return err
	}
	if err := s.saveLead(w, c, before, &draft); err != nil {
		return err
	}
	return s.showLead(w, c, before.ID, show)
}

// saveLead checks and writes a changed lead. What has not changed is not checked
// again.
func (s *Service) saveLead(w *store.Write, c *Caller, before, in *crm.Lead) error {
	passed := in.OwnerID != before.OwnerID
	switch {
	case before.OwnerID == 0 && (passed || in.DepartmentID != 0):
		return crm.Invalid("公海线索没有负责人和所属部门,请领取或转移", "A lead in a pool has neither owner nor department; take or transfer it")
	case passed && (!reachLead(c, before).disposes() || !c.Viewer.Role.May(crm.RightTransferLead)):
		return crm.ErrForbidden
	}
	if err := in.Validate(); err != nil {
		return err
	}
	if err := s.checkLead(c, in, before); err != nil {
		return err
	}
	old, now := leadRecord(before), leadRecord(in)
	if err := s.mayChange(c, "lead", before.OwnerID, old, now); err != nil {
		return err
	}
	if len(changedFields(old, now)) == 0 {
		w.Nothing()
		return nil
	}
	if err := s.checkRequired(c, "lead", 0, before.OwnerID, old, now); err != nil {
		return err
	}
	in.UpdatedAt = crm.At(s.now())
	if in.Name != before.Name {
		in.NamePinyin = zh.Pinyin(in.Name)
	}
	if in.Address != before.Address {
		in.Address.UpdatedAt = in.UpdatedAt
	}
	if passed {
		in.OwnedAt, in.BeforeUserID, in.BeforeDepartmentID = in.UpdatedAt, before.OwnerID, before.DepartmentID
		if err := s.tellPassed(w, c, before, in.OwnerID); err != nil {
			return err
		}
	}
	if err := s.checkDuplicates(w, c, "lead", in.ID, old, now); err != nil {
		return err
	}
	if err := s.replaceFiles(w, c, "lead", crm.OfLead, in.ID, before.Custom, in.Custom); err != nil {
		return err
	}
	card := &fileOwner{kind: crm.OfLead, id: in.ID, custom: in.Custom, picture: before.CardID}
	if err := s.replacePicture(w, c, card, in.CardID); err != nil {
		return err
	}
	if err := w.SetLead(in); err != nil {
		return err
	}
	return s.note(w, c, "lead", in.ID, "update", old, now)
}

// DeleteLead deletes a lead with its files, also one that has become a customer,
// which loses nothing by it. Its owner is told. ErrNotFound where the caller does
// not see it, ErrForbidden without the right.
func (s *Service) DeleteLead(ctx context.Context, c *Caller, id int64, show func(*crm.LeadDetail) error) error {
	return s.deleteLead(ctx, c, func(w *store.Write) (*crm.Lead, error) {
		return s.leadFor(w, c, id, crm.RightDeleteLead, reach.disposes)
	}, show)
}

// DeletePoolLead is DeleteLead for the managers of the pool that the lead lies
// in.
func (s *Service) DeletePoolLead(ctx context.Context, c *Caller, id int64, show func(*crm.LeadDetail) error) error {
	return s.deleteLead(ctx, c, func(w *store.Write) (*crm.Lead, error) {
		return s.poolLeadFor(w, c, id, crm.RightDeleteLead)
	}, show)
}

func (s *Service) deleteLead(ctx context.Context, c *Caller, find func(*store.Write) (*crm.Lead, error), show func(*crm.LeadDetail) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		l, err := find(w)
		if err != nil {
			return err
		}
		out, err := s.leadDetail(&w.Read, c, l.ID, false)
		if err != nil {
			return err
		}
		if err := s.removeLead(w, c, l); err != nil {
			return err
		}
		if err := s.tell(w, c, l.OwnerID, crm.NoticeDeleted, "lead", l.ID, l.Name); err != nil {
			return err
		}
		return show(out)
	})
}

// removeLead deletes a lead with what belongs to it.
func (s *Service) removeLead(w *store.Write, c *Caller, l *crm.Lead) error {
	before := leadRecord(l)
	if err := s.checkDuplicates(w, c, "lead", l.ID, before, nil); err != nil {
		return err
	}
	if err := s.removeFiles(w, c, crm.OfLead, l.ID); err != nil {
		return err
	}
	if err := w.DeleteLead(l.ID); err != nil {
		return err
	}
	return s.note(w, c, "lead", l.ID, "destroy", before, nil)
}
