package service

import (
	"context"
	"errors"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/store"
	"guanxi/internal/zh"
)

// CreateCustomer writes a customer with its address, contacts and labels in
// one transaction and shows it. The owner is the caller where none is given,
// the department the owner's.
//
// ErrForbidden without the right; an entity_validation_error for a missing
// name, a value of the wrong form, an unknown option, owner, department, parent
// or label, and for an owner who may own no more; entity_duplicate_error for a
// customer that is there already. Nothing is written then.
func (s *Service) CreateCustomer(ctx context.Context, c *Caller, in *crm.NewCustomer, show func(*crm.CustomerDetail) error) error {
	return s.create(ctx, c, in, nil, show)
}

// create writes a customer and whatever also is to be done in the same
// transaction, which is given the customer as written.
func (s *Service) create(ctx context.Context, c *Caller, in *crm.NewCustomer, also func(w *store.Write, made *crm.Customer) error,
	show func(*crm.CustomerDetail) error) error {
	n := len(in.Contacts)
	ids, err := s.take(ctx, c.Org(), want{store.Customers, 1}, want{store.Contacts, n}, want{store.Addresses, 1 + n})
	if err != nil {
		return err
	}
	return s.write(ctx, c, func(w *store.Write) error {
		fresh := *in // the transaction may run twice
		fresh.Contacts = slices.Clone(in.Contacts)
		if err := s.addCustomer(w, c, &fresh, ids[0], ids[1], ids[2]); err != nil {
			return err
		}
		if also != nil {
			if err := also(w, &fresh.Customer); err != nil {
				return err
			}
		}
		out, err := s.customerDetail(&w.Read, c, fresh.ID, true)
		if err != nil {
			return err
		}
		return show(out)
	})
}

// addCustomer checks and writes a new customer with everything that comes with
// it. The ids are the customer's, and the first of its contacts and addresses.
// A customer with a pool and no owner is made in that pool.
func (s *Service) addCustomer(w *store.Write, c *Caller, in *crm.NewCustomer, id, contacts, addresses int64) error {
	if err := mayAdd(c, in); err != nil {
		return err
	}
	pooled := in.PoolID != 0
	if in.OwnerID == 0 && !pooled {
		in.OwnerID = c.Viewer.User.ID
	}
	in.Approval = approvalOf(c, in.Approval)
	if err := in.Validate(); err != nil {
		return err
	}
	if err := s.checkCustomer(w, c, &in.Customer, nil, &in.Labels); err != nil {
		return err
	}
	now := crm.At(s.now())
	in.ID, in.CreatorID, in.CreatedAt, in.UpdatedAt = id, c.Viewer.User.ID, now, now
	in.NamePinyin, in.Labelled, in.StatusAt = zh.Pinyin(in.Name), len(in.Labels) > 0, now
	if in.Approval == crm.Applying {
		in.SubmittedAt = now
	}
	if pooled {
		in.FlowIntoAt, in.HomePoolID = now, in.PoolID
	} else {
		in.OwnedAt = now
		if err := s.checkOwnedLimit(w, c, in.OwnerID, in.Category); err != nil {
			return err
		}
	}
	stamp(&in.Address, addresses, now)
	if err := s.checkValues(w, c, "customer", nil, in.Custom); err != nil {
		return err
	}
	if err := s.assignNumbers(w, c, "customer", in.TemplateID, &in.Custom); err != nil {
		return err
	}
	after := customerRecord(&in.Customer, in.Labels)
	if err := s.checkRequired(c, "customer", in.TemplateID, 0, nil, after); err != nil {
		return err
	}
	if err := s.checkDuplicates(w, c, "customer", in.ID, nil, after); err != nil {
		return err
	}
	if err := w.AddCustomer(&in.Customer); err != nil {
		return err
	}
	if err := s.claimFiles(w, c, "customer", "Customer", in.ID, in.Custom); err != nil {
		return err
	}
	for _, label := range in.Labels {
		if err := w.AddCustomerLabel(in.ID, label); err != nil {
			return err
		}
	}
	if err := s.note(w, c, "customer", in.ID, "create", nil, after); err != nil {
		return err
	}
	for i := range in.Contacts {
		k := &in.Contacts[i].Contact
		k.ID, k.CustomerID = contacts+int64(i), in.ID
		if err := s.addContact(w, c, k, addresses+1+int64(i)); err != nil {
			return err
		}
	}
	return nil
}

// DeleteCustomer deletes a customer with its contacts, labels and
// collaborators; their files go with them. Its owner is told.
//
// ErrNotFound where the caller does not see it, ErrForbidden without the right,
// an entity_validation_error while other customers lie below it.
func (s *Service) DeleteCustomer(ctx context.Context, c *Caller, id int64, show func(*crm.CustomerDetail) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		k, err := s.customerFor(w, c, id, crm.RightDeleteCustomer, reach.disposes)
		if err != nil {
			return err
		}
		out, err := s.customerDetail(&w.Read, c, id, false)
		if err != nil {
			return err
		}
		if err := s.removeCustomer(w, c, k); err != nil {
			return err
		}
		return show(out)
	})
}

func (s *Service) removeCustomer(w *store.Write, c *Caller, k *crm.Customer) error {
	below, err := w.ChildCustomers(c.Org(), k.ID)
	if err != nil {
		return err
	}
	if len(below) > 0 {
		return crm.Invalid("该客户有下级客户,不能删除", "Customers lie below this one; it cannot be deleted")
	}
	contacts, err := w.WholeContactsOf(c.Org(), k.ID)
	if err != nil {
		return err
	}
	for i := range contacts {
		if err := s.removeContact(w, c, &contacts[i]); err != nil {
			return err
		}
	}
	labels, err := w.CustomerLabels(c.Org(), k.ID)
	if err != nil {
		return err
	}
	before := customerRecord(k, labels)
	if err := s.checkDuplicates(w, c, "customer", k.ID, before, nil); err != nil {
		return err
	}
	if err := s.removeFiles(w, c, crm.OfCustomer, k.ID); err != nil {
		return err
	}
	if err := w.DeleteCustomer(k.ID); err != nil {
		if errors.Is(err, store.ErrConstraint) {
			return crm.Invalid("该客户正被使用,不能删除", "The customer is in use and cannot be deleted")
		}
		return err
	}
	if err := s.tell(w, c, k.OwnerID, crm.NoticeDeleted, "customer", k.ID, k.Name); err != nil {
		return err
	}
	return s.note(w, c, "customer", k.ID, "destroy", before, nil)
}
