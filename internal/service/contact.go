package service

import (
	"context"
	"errors"

	"guanxi/internal/crm"
	"guanxi/internal/store"
	"guanxi/internal/zh"
)

// ContactDetail is the full picture of one contact. A contact is seen through
// its customer: ErrNotFound for one that does not exist and for one whose
// customer is outside the caller's data scope. What the caller may not see
// (numbers, fields hidden by the role) is gone from every part of it.
func (s *Service) ContactDetail(ctx context.Context, c *Caller, id int64) (*crm.ContactDetail, error) {
	org, v := c.Org(), c.Viewer
	var out *crm.ContactDetail
	err := s.store.Glance(ctx, org, func(r *store.Read) (err error) {
		if out, err = r.ContactDetail(org, id); err != nil {
			return err
		}
		seen := v.Sees(out.Customer.OwnerID, out.Customer.DepartmentID)
		files := fileIDs(c.Directory.Fields["contact"], out.Custom)
		if out.CardID != 0 {
			files = append(files, out.CardID)
		}
		if seen && len(files) == 0 {
			return nil
		}
		assistants, found, err := r.AssistantsAndAttachments(org, out.Customer.ID, files)
		if err != nil {
			return err
		}
		if !seen && !v.Assists(assistants) {
			return crm.ErrNotFound
		}
		out.Card, out.Files = found[out.CardID], found
		return nil
	})
	if err != nil {
		return nil, notFound(err)
	}
	owner := out.Customer.OwnerID
	out.Own, out.Self, out.Hidden = v.IsOwn(owner), v.IsSelf(owner), v.HidesNumbers(owner)
	v.ConcealAddress("contact", owner, &out.Address)
	v.ConcealAddress("customer", owner, &out.Customer.Address)
	for i := range out.Siblings {
		v.ConcealAddress("contact", owner, &out.Siblings[i].Address)
	}
	out.Custom = s.concealValues(c, "contact", owner, out.Custom)
	return out, nil
}

// CreateContact writes a contact of a customer that the caller sees, in one
// transaction, and answers its id. ErrForbidden without the right,
// entity_validation_error for bad values, ErrNotFound for a customer that does
// not exist or is outside the caller's scope.
func (s *Service) CreateContact(ctx context.Context, c *Caller, in *crm.NewContact, ticket string) (int64, error) {
	if !c.Viewer.Role.May(crm.RightCreateContact) {
		return 0, crm.ErrForbidden
	}
	if err := in.Validate(); err != nil {
		return 0, err
	}
	if in.CustomerID == 0 {
		return 0, crm.Required("对应客户")
	}
	if err := s.checkContact(c, &in.Contact); err != nil {
		return 0, err
	}
	ids, err := s.take(ctx, c.Org(), want{store.Contacts, 1}, want{store.Addresses, 1}, want{store.Logs, 1})
	if err != nil {
		return 0, err
	}
	in.ID = ids[0]
	s.prepareContact(c, &in.Contact, ids[1], crm.At(s.now()))
	var made int64
	err = s.store.Update(ctx, c.Org(), func(w *store.Write) error {
		made = in.ID
		if done, err := s.redeem(w, c, ticket, "contact", &made); done || err != nil {
			return err
		}
		customer, err := w.Customer(c.Org(), in.CustomerID)
		if err != nil {
			return notFound(err)
		}
		if err := s.visible(&w.Read, c, customer); err != nil {
			return err
		}
		return s.addContact(w, c, &in.Contact, ids[2])
	})
	return made, err
}

// redeem looks a ticket up inside the write. When it was used before for the
// same kind of record, made becomes that record's id and nothing is written;
// otherwise the ticket is noted.
func (s *Service) redeem(w *store.Write, c *Caller, ticket, entity string, made *int64) (done bool, err error) {
	if ticket == "" {
		return false, nil
	}
	if len(ticket) > 128 {
		return false, crm.BadParam("request_ticket过长")
	}
	kind, id, err := w.Ticket(c.Org(), c.Viewer.User.ID, ticket)
	switch {
	case errors.Is(err, store.ErrNoRow):
		return false, w.AddTicket(c.Viewer.User.ID, ticket, entity, *made, crm.At(s.now()))
	case err != nil:
		return false, err
	case kind != entity:
		return false, crm.BadParam("request_ticket已被使用")
	}
	*made = id
	w.Nothing()
	return true, nil
}

func (s *Service) checkContact(c *Caller, k *crm.Contact) error {
	if err := checkOption(c.Directory, "contact", "category", "联系人类型", k.Category); err != nil {
		return err
	}
	return s.checkRegion(&k.Address)
}

func (s *Service) prepareContact(c *Caller, k *crm.Contact, addressID int64, now crm.Time) {
	k.CreatorID, k.CreatedAt, k.UpdatedAt = c.Viewer.User.ID, now, now
	k.NamePinyin = zh.Pinyin(k.Name)
	stamp(&k.Address, addressID, now)
}

func (s *Service) addContact(w *store.Write, c *Caller, k *crm.Contact, logID int64) error {
	if err := s.checkFiles(w, c, "contact", k.Custom); err != nil {
		return err
	}
	if err := w.AddContact(k); err != nil {
		return err
	}
	if err := s.claimFiles(w, c, "contact", "Contact", k.ID, k.Custom); err != nil {
		return err
	}
	set := map[string]any{
		"name": k.Name, "customer_id": k.CustomerID, "department": k.Department, "job": k.Job, "note": k.Note,
		"category": k.Category, "gender": k.Gender, "birth_date": k.BirthDate,
	}
	addressChange(set, &k.Address)
	return w.Log(logID, s.entry(c, "contact", k.ID, "create", changes(set, k.Custom)))
}
