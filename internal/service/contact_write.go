package service

import (
	"context"

	"guanxi/internal/crm"
	"guanxi/internal/store"
	"guanxi/internal/zh"
)

// CreateContact writes a contact of a customer that the caller may edit, in one
// transaction, and shows it. ErrForbidden without the right,
// entity_validation_error for bad values, ErrNotFound for a customer that does
// not exist or that the caller does not see, entity_duplicate_error for a
// contact that is there already.
func (s *Service) CreateContact(ctx context.Context, c *Caller, in *crm.NewContact, show func(*crm.ContactDetail) error) error {
	ids, err := s.take(ctx, c.Org(), want{store.Contacts, 1}, want{store.Addresses, 1})
	if err != nil {
		return err
	}
	return s.write(ctx, c, func(w *store.Write) error {
		k := in.Contact
		if !c.Viewer.Role.May(crm.RightCreateContact) {
			return crm.ErrForbidden
		}
		fresh := crm.NewContact{Contact: k}
		if err := fresh.Validate(); err != nil {
			return err
		}
		if k = fresh.Contact; k.CustomerID == 0 {
			return crm.Required(crm.FieldLabel("contact", "customer_id"))
		}
		if _, err := s.customerOfContact(w, c, k.CustomerID); err != nil {
			return err
		}
		k.ID = ids[0]
		if err := s.addContact(w, c, &k, ids[1]); err != nil {
			return err
		}
		out, err := s.contactDetail(&w.Read, c, k.ID)
		if err != nil {
			return err
		}
		return show(out)
	})
}

// customerOfContact reads the customer of a contact for a change of the
// contact: who may edit the customer may change its contacts, given the right.
func (s *Service) customerOfContact(w *store.Write, c *Caller, id int64) (*crm.Customer, error) {
	k, err := w.Customer(c.Org(), id)
	if err != nil {
		return nil, notFound(err)
	}
	a, err := s.reachCustomer(&w.Read, c, k)
	switch {
	case err != nil:
		return nil, err
	case a == reachNone:
		return nil, crm.ErrNotFound
	case !a.edits():
		return nil, crm.ErrForbidden
	}
	return k, nil
}

// addContact checks and writes a new contact of a customer that was checked.
func (s *Service) addContact(w *store.Write, c *Caller, k *crm.Contact, addressID int64) error {
	if err := s.checkContact(c, k, 0); err != nil {
		return err
	}
	now := crm.At(s.now())
	k.CreatorID, k.CreatedAt, k.UpdatedAt = c.Viewer.User.ID, now, now
	k.NamePinyin = zh.Pinyin(k.Name)
	stamp(&k.Address, addressID, now)
	if err := s.checkValues(w, c, "contact", nil, k.Custom); err != nil {
		return err
	}
	if err := s.assignNumbers(w, c, "contact", 0, &k.Custom); err != nil {
		return err
	}
	after := contactRecord(k)
	if err := s.checkRequired(c, "contact", 0, 0, nil, after); err != nil {
		return err
	}
	if err := s.checkDuplicates(w, c, "contact", k.ID, nil, after); err != nil {
		return err
	}
	if err := w.AddContact(k); err != nil {
		return err
	}
	if err := s.claimFiles(w, c, "contact", "Contact", k.ID, k.Custom); err != nil {
		return err
	}
	if err := s.replacePicture(w, c, &fileOwner{kind: crm.OfContact, id: k.ID, custom: k.Custom}, k.CardID); err != nil {
		return err
	}
	return s.note(w, c, "contact", k.ID, "create", nil, after)
}

func (s *Service) checkContact(c *Caller, k *crm.Contact, categoryBefore int64) error {
	if k.Category != categoryBefore {
		if err := checkOption(c.Directory, "contact", "category", k.Category); err != nil {
			return err
		}
	}
	return s.checkRegion(&k.Address)
}

// UpdateContact changes a contact: patch changes the draft, and only that. It
// may move to another customer that the caller may edit. The refusals are those
// of CreateContact; Conflict where somebody else was faster.
func (s *Service) UpdateContact(ctx context.Context, c *Caller, id int64, patch func(*crm.Contact) error,
	show func(*crm.ContactDetail) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		before, customer, err := s.contactFor(w, c, id, crm.RightEditContact)
		if err != nil {
			return err
		}
		draft := *before
		if err := patch(&draft); err != nil {
			return err
		}
		if err := s.saveContact(w, c, customer, before, &draft); err != nil {
			return err
		}
		out, err := s.contactDetail(&w.Read, c, id)
		if err != nil {
			return err
		}
		return show(out)
	})
}

// contactFor reads a contact and its customer for a change.
func (s *Service) contactFor(w *store.Write, c *Caller, id int64, right string) (*crm.Contact, *crm.Customer, error) {
	k, err := w.Contact(c.Org(), id)
	if err != nil {
		return nil, nil, notFound(err)
	}
	customer, err := s.customerOfContact(w, c, k.CustomerID)
	if err != nil {
		return nil, nil, err
	}
	if !c.Viewer.Role.May(right) {
		return nil, nil, crm.ErrForbidden
	}
	return k, customer, s.unmodified(w, c, "contact", id)
}

func (s *Service) saveContact(w *store.Write, c *Caller, customer *crm.Customer, before, in *crm.Contact) error {
	whole := crm.NewContact{Contact: *in}
	if err := whole.Validate(); err != nil {
		return err
	}
	*in = whole.Contact
	if in.CustomerID != before.CustomerID {
		if in.CustomerID == 0 {
			return crm.Required(crm.FieldLabel("contact", "customer_id"))
		}
		if _, err := s.customerOfContact(w, c, in.CustomerID); err != nil {
			return err
		}
	}
	if err := s.checkContact(c, in, before.Category); err != nil {
		return err
	}
	old, now := contactRecord(before), contactRecord(in)
	if err := s.mayChange(c, "contact", customer.OwnerID, old, now); err != nil {
		return err
	}
	if len(changedFields(old, now)) == 0 {
		w.Nothing()
		return nil
	}
	if err := s.checkRequired(c, "contact", 0, customer.OwnerID, old, now); err != nil {
		return err
	}
	in.UpdatedAt = crm.At(s.now())
	if in.Name != before.Name {
		in.NamePinyin = zh.Pinyin(in.Name)
	}
	if in.Address != before.Address {
		in.Address.UpdatedAt = in.UpdatedAt
	}
	if err := s.checkDuplicates(w, c, "contact", in.ID, old, now); err != nil {
		return err
	}
	if err := s.replaceFiles(w, c, "contact", "Contact", in.ID, before.Custom, in.Custom); err != nil {
		return err
	}
	card := &fileOwner{kind: crm.OfContact, id: in.ID, custom: in.Custom, picture: before.CardID}
	if err := s.replacePicture(w, c, card, in.CardID); err != nil {
		return err
	}
	if err := w.SetContact(in); err != nil {
		return err
	}
	return s.note(w, c, "contact", in.ID, "update", old, now)
}

// DeleteContact deletes a contact and its files. ErrNotFound where the caller
// does not see it, ErrForbidden without the right.
func (s *Service) DeleteContact(ctx context.Context, c *Caller, id int64, show func(*crm.ContactDetail) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		k, _, err := s.contactFor(w, c, id, crm.RightDeleteContact)
		if err != nil {
			return err
		}
		out, err := s.contactDetail(&w.Read, c, id)
		if err != nil {
			return err
		}
		if err := s.removeContact(w, c, k); err != nil {
			return err
		}
		return show(out)
	})
}

func (s *Service) removeContact(w *store.Write, c *Caller, k *crm.Contact) error {
	before := contactRecord(k)
	if err := s.checkDuplicates(w, c, "contact", k.ID, before, nil); err != nil {
		return err
	}
	if err := s.removeFiles(w, c, crm.OfContact, k.ID); err != nil {
		return err
	}
	if err := w.DeleteContact(k.ID); err != nil {
		return err
	}
	return s.note(w, c, "contact", k.ID, "destroy", before, nil)
}
