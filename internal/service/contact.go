package service

import (
	"context"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// ContactDetail is the full picture of one contact. A contact is seen through
// its customer: ErrNotFound for one that does not exist and for one whose
// customer the caller does not see. What the caller may not see (numbers,
// fields hidden by the role) is gone from every part of it.
func (s *Service) ContactDetail(ctx context.Context, c *Caller, id int64) (*crm.ContactDetail, error) {
	var out *crm.ContactDetail
	err := s.store.Glance(ctx, c.Org(), func(r *store.Read) (err error) {
		out, err = s.contactDetail(r, c, id)
		return err
	})
	return out, err
}

func (s *Service) contactDetail(r *store.Read, c *Caller, id int64) (*crm.ContactDetail, error) {
	org, v := c.Org(), c.Viewer
	out, err := r.ContactDetail(org, id)
	if err != nil {
		return nil, notFound(err)
	}
	owner := out.Customer.OwnerID
	files := fileIDs(c.Directory.Fields["contact"], out.Custom)
	if out.CardID != 0 {
		files = append(files, out.CardID)
	}
	a, err := reachOf(c, owner, out.Customer.DepartmentID, out.Customer.PoolID, nil)
	if err != nil {
		return nil, err
	}
	if a == reachNone || len(files) > 0 {
		assistants, found, err := r.AssistantsAndAttachments(org, out.Customer.ID, files)
		if err != nil {
			return nil, err
		}
		if a == reachNone && !v.Assists(assistants) {
			return nil, crm.ErrNotFound
		}
		out.Card, out.Files = found[out.CardID], found
		if v.Conceals("contact.card_attachment_id", owner) {
			out.Card = nil
		}
	}
	out.Own, out.Self, out.Hidden = v.IsOwn(owner), v.IsSelf(owner), v.HidesNumbers(owner)
	v.ConcealAddress("contact", owner, &out.Address)
	v.ConcealAddress("customer", owner, &out.Customer.Address)
	for i := range out.Siblings {
		v.ConcealAddress("contact", owner, &out.Siblings[i].Address)
	}
	out.Custom = s.concealValues(c, "contact", owner, out.Custom)
	out.Related, err = s.related(r, c, "contact", out.Custom)
	return out, err
}

// CustomerContacts gives all contacts of a customer that the caller sees, the
// oldest first, without what the caller may not see of them. ErrNotFound for a
// customer that does not exist or that the caller does not see.
func (s *Service) CustomerContacts(ctx context.Context, c *Caller, customer int64) (found []crm.ContactItem, err error) {
	err = s.store.View(ctx, c.Org(), func(r *store.Read) error {
		k, err := r.CustomerInShort(c.Org(), customer)
		if err != nil {
			return notFound(err)
		}
		if err := s.visible(r, c, k); err != nil {
			return err
		}
		contacts, err := r.WholeContactsOf(c.Org(), customer)
		v := c.Viewer
		found = make([]crm.ContactItem, len(contacts))
		for i := range contacts {
			found[i] = crm.ContactItem{Contact: contacts[i], CustomerOf: *k, Own: v.IsOwn(k.OwnerID), Self: v.IsSelf(k.OwnerID),
				Hidden: v.HidesNumbers(k.OwnerID)}
			v.ConcealAddress("contact", k.OwnerID, &found[i].Address)
		}
		return err
	})
	return found, err
}
