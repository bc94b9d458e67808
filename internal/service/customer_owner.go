package service

import (
	"context"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// TransferCustomer gives a customer to another user, with that user's
// department. Both owners and the collaborators are told; the new owner is no
// longer one of these.
//
// ErrNotFound where the caller does not see it; ErrForbidden without the right
// and for a collaborator; an entity_validation_error for a user who is not
// active or owns as many as allowed, and for a customer in a pool.
func (s *Service) TransferCustomer(ctx context.Context, c *Caller, id, user int64, show func(*crm.CustomerDetail) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		changed, err := s.transferCustomer(w, c, id, user)
		if err != nil {
			return err
		}
		if !changed {
			w.Nothing()
		}
		out, err := s.customerDetail(&w.Read, c, id, true)
		if err != nil {
			return err
		}
		return show(out)
	})
}

// TransferCustomers is TransferCustomer for several.
func (s *Service) TransferCustomers(ctx context.Context, c *Caller, ids []int64, user int64, show func(*Several) error) error {
	return s.severalCustomers(ctx, c, ids, func(w *store.Write, id int64) (bool, error) {
		return s.transferCustomer(w, c, id, user)
	}, show)
}

func (s *Service) transferCustomer(w *store.Write, c *Caller, id, user int64) (changed bool, err error) {
	k, err := s.customerFor(w, c, id, crm.RightTransferCustomer, reach.disposes)
	if err != nil {
		return false, err
	}
	if k.OwnerID == 0 {
		return false, errPooled
	}
	to, err := activeUser(c, user)
	if err != nil || to.ID == k.OwnerID {
		return false, err
	}
	if err := s.checkOwnedLimit(w, c, to.ID, k.Category); err != nil {
		return false, err
	}
	labels, err := w.CustomerLabels(c.Org(), id)
	if err != nil {
		return false, err
	}
	next := *k
	next.OwnerID, next.DepartmentID = to.ID, to.DepartmentID
	s.stampCustomer(k, &next)
	if err := w.SetCustomer(&next); err != nil {
		return false, err
	}
	old, now := customerRecord(k, labels), customerRecord(&next, labels)
	if err := s.handOver(w, c, k, &next, old, now); err != nil {
		return false, err
	}
	return true, s.note(w, c, "customer", id, "transfer", old, now)
}

// handOver does what else a new owner means: the new owner stops being a
// collaborator, which goes into the records of the change, and everybody whom it
// concerns is told.
func (s *Service) handOver(w *store.Write, c *Caller, before, in *crm.Customer, old, now record) error {
	assistants, err := w.Assistants(c.Org(), in.ID)
	if err != nil {
		return err
	}
	if slices.Contains(assistants, in.OwnerID) {
		rest := slices.DeleteFunc(slices.Clone(assistants), func(id int64) bool { return id == in.OwnerID })
		if err := w.SetAssistants(in.ID, rest); err != nil {
			return err
		}
		old["assist_user_ids"], now["assist_user_ids"] = assistants, rest
	}
	for _, user := range sortedSet(append([]int64{before.OwnerID, in.OwnerID}, assistants...)) {
		if err := s.tell(w, c, user, crm.NoticeTransferred, "customer", in.ID, in.Name); err != nil {
			return err
		}
	}
	return nil
}

// CustomerAssistants gives the collaborators of a customer that the caller sees.
func (s *Service) CustomerAssistants(ctx context.Context, c *Caller, id int64) (users []int64, err error) {
	err = s.store.View(ctx, c.Org(), func(r *store.Read) error {
		k, err := r.CustomerInShort(c.Org(), id)
		if err != nil {
			return notFound(err)
		}
		if err := s.visible(r, c, k); err != nil {
			return err
		}
		users, err = r.Assistants(c.Org(), id)
		return err
	})
	return users, err
}

// maxAssistants is how many collaborators a customer may have.
const maxAssistants = 100

// SetCustomerAssistants makes exactly these users the collaborators of a
// customer. The owner, who needs not be one, is left out. Who becomes one is
// told.
//
// ErrNotFound where the caller does not see it; ErrForbidden without the right
// and for a collaborator; an entity_validation_error for a new one who is not
// active, for too many, and for a customer in a pool.
func (s *Service) SetCustomerAssistants(ctx context.Context, c *Caller, id int64, users []int64, show func(users []int64) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		changed, err := s.changeAssistants(w, c, id, func([]int64) []int64 { return users })
		if err != nil {
			return err
		}
		if !changed {
			w.Nothing()
		}
		now, err := w.Assistants(c.Org(), id)
		if err != nil {
			return err
		}
		return show(now)
	})
}

// AddCustomerAssistants adds collaborators to several customers.
func (s *Service) AddCustomerAssistants(ctx context.Context, c *Caller, ids, users []int64, show func(*Several) error) error {
	return s.severalCustomers(ctx, c, ids, func(w *store.Write, id int64) (bool, error) {
		return s.changeAssistants(w, c, id, func(old []int64) []int64 { return append(slices.Clone(old), users...) })
	}, show)
}

// RemoveCustomerAssistants takes collaborators off several customers.
func (s *Service) RemoveCustomerAssistants(ctx context.Context, c *Caller, ids, users []int64, show func(*Several) error) error {
	return s.severalCustomers(ctx, c, ids, func(w *store.Write, id int64) (bool, error) {
		return s.changeAssistants(w, c, id, func(old []int64) []int64 {
			return slices.DeleteFunc(slices.Clone(old), func(id int64) bool { return slices.Contains(users, id) })
		})
	}, show)
}

func (s *Service) changeAssistants(w *store.Write, c *Caller, id int64, change func(old []int64) []int64) (changed bool, err error) {
	k, err := s.customerFor(w, c, id, crm.RightAssistCustomer, reach.disposes)
	if err != nil {
		return false, err
	}
	if k.OwnerID == 0 {
		return false, crm.Invalid("公海客户没有协作人", "A customer in a pool has no collaborators")
	}
	old, err := w.Assistants(c.Org(), id)
	if err != nil {
		return false, err
	}
	old = sortedSet(old)
	now := slices.DeleteFunc(sortedSet(change(old)), func(id int64) bool { return id == k.OwnerID })
	added := slices.DeleteFunc(slices.Clone(now), func(id int64) bool { return slices.Contains(old, id) })
	for _, user := range added {
		if !c.Directory.Users[user].Active() {
			return false, crm.Invalid("协作人不存在", "The collaborator does not exist")
		}
	}
	if len(now) > maxAssistants {
		return false, crm.Invalid("一个客户最多有100个协作人", "A customer can have at most 100 collaborators")
	}
	if slices.Equal(old, now) {
		return false, nil
	}
	if err := w.SetAssistants(id, now); err != nil {
		return false, err
	}
	for _, user := range added {
		if err := s.tell(w, c, user, crm.NoticeAssist, "customer", id, k.Name); err != nil {
			return false, err
		}
	}
	return true, s.note(w, c, "customer", id, "update_assist_user", record{"assist_user_ids": old}, record{"assist_user_ids": now})
}

// severalCustomers does one thing with each of some customers, in one
// transaction; see severally.
func (s *Service) severalCustomers(ctx context.Context, c *Caller, ids []int64,
	one func(w *store.Write, id int64) (changed bool, err error), show func(*Several) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		out, changed, err := severally(ids, func(id int64) (bool, error) { return one(w, id) })
		if err != nil {
			return err
		}
		if !changed {
			w.Nothing()
		}
		return show(out)
	})
}
