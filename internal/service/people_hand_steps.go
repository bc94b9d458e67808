package service

import (
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func (s *Service) handOverCustomers(w *store.Write, c *Caller, from, to *crm.User, at *handOverPlace) (int, error) {
	org := c.Org()
	ids, err := w.CustomersOwnedBy(org, from.ID, at.After, handOverPage)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	customers, err := w.CustomersOf(org, ids)
	if err != nil {
		return 0, err
	}
	for i := range customers {
		if err := s.handOverCustomer(w, c, &customers[i], to); err != nil {
			return 0, err
		}
	}
	at.After = ids[len(ids)-1]
	at.Customers += int64(len(ids))
	return len(ids), nil
}

// handOverCustomer gives a customer to somebody, who stops being a collaborator.
func (s *Service) handOverCustomer(w *store.Write, c *Caller, k *crm.Customer, to *crm.User) error {
	next := *k
	next.OwnerID, next.DepartmentID = to.ID, to.DepartmentID
	s.stampCustomer(k, &next)
	if err := w.SetCustomer(&next); err != nil {
		return err
	}
	before, after := customerRecord(k, nil), customerRecord(&next, nil)
	assistants, err := w.Assistants(c.Org(), k.ID)
	if err != nil {
		return err
	}
	if slices.Contains(assistants, to.ID) {
		rest := slices.DeleteFunc(slices.Clone(assistants), func(id int64) bool { return id == to.ID })
		if err := w.SetAssistants(k.ID, rest); err != nil {
			return err
		}
		before["assist_user_ids"], after["assist_user_ids"] = assistants, rest
	}
	return s.note(w, c, "customer", k.ID, "hand_over", before, after)
}

func (s *Service) handOverLeads(w *store.Write, c *Caller, from, to *crm.User, at *handOverPlace) (int, error) {
	ids, err := w.LeadsOwnedBy(c.Org(), from.ID, at.After, handOverPage)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	leads, err := w.LeadsOf(c.Org(), ids)
	if err != nil {
		return 0, err
	}
	for i := range leads {
		if err := s.setOwner(w, c, &leads[i], to, "hand_over"); err != nil {
			return 0, err
		}
	}
	at.After = ids[len(ids)-1]
	at.Leads += int64(len(ids))
	return len(ids), nil
}

func (s *Service) handOverAssisted(w *store.Write, c *Caller, from, to *crm.User, at *handOverPlace) (int, error) {
	org := c.Org()
	ids, err := w.AssistedBy(org, from.ID, at.After, handOverPage)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	for _, id := range ids {
		k, err := w.CustomerInShort(org, id)
		if err != nil {
			return 0, err
		}
		before, err := w.Assistants(org, id)
		if err != nil {
			return 0, err
		}
		after := slices.DeleteFunc(slices.Clone(before), func(id int64) bool { return id == from.ID })
		if k.OwnerID != to.ID {
			after = append(after, to.ID)
		}
		after = sortedSet(after)
		if err := w.SetAssistants(id, after); err != nil {
			return 0, err
		}
		if err := s.note(w, c, "customer", id, "hand_over", record{"assist_user_ids": before}, record{"assist_user_ids": after}); err != nil {
			return 0, err
		}
	}
	at.After = ids[len(ids)-1]
	at.Assisted += int64(len(ids))
	return len(ids), nil
}

// handOverPlaces puts the receiver in the user's place above people and in
// pools. It is one step: there are not more of these than an administrator has
// set by hand.
func (s *Service) handOverPlaces(w *store.Write, c *Caller, from, to *crm.User, at *handOverPlace) (_ int, err error) {
	d := c.Directory
	// Who is above the receiver, or is the receiver, cannot be below: that one goes
	// up to the user's own superior.
	above := to.ID
	for seen := map[int64]bool{}; above != 0 && d.Users[above] != nil && d.Users[above].SuperiorID != from.ID && !seen[above]; {
		seen[above] = true
		above = d.Users[above].SuperiorID
	}
	for _, id := range d.Reports(from.ID) {
		before := d.Users[id]
		now := *before
		now.SuperiorID, now.UpdatedAt = to.ID, crm.At(s.now())
		if id == above {
			now.SuperiorID = from.SuperiorID
		}
		if err := w.SetUser(&now); err != nil {
			return 0, err
		}
		if err := s.note(w, c, "user", id, "hand_over", userRecord(before), userRecord(&now)); err != nil {
			return 0, err
		}
		at.Reports++
	}
	at.Pools, err = s.replaceInPools(w, c, from.ID, to.ID)
	return 0, err
}

// endHandOver notes what was handed over and tells the receiver.
func (s *Service) endHandOver(w *store.Write, c *Caller, from, to *crm.User, h Handed) error {
	err := s.note(w, c, "user", from.ID, "handed_over", nil, record{"hand_over_to": to.ID, "customers": h.Customers,
		"leads": h.Leads, "assisted": h.Assisted, "reports": h.Reports, "pools": h.Pools})
	if err != nil || to.ID == c.Viewer.User.ID || h == (Handed{}) {
		return err
	}
	return s.tellAbout(w, to.ID, crm.NoticeHandedOver, "user", from.ID, crm.NoticeContent{Name: from.Name, By: c.Viewer.User.Name,
		Customers: h.Customers, Leads: h.Leads})
}
