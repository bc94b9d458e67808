package service

import (
	"context"
	"errors"

	"guanxi/internal/crm"
	"guanxi/internal/lists"
)

// WarmLists loads the lists of at least so many records of organizations in which
// somebody is signed in, one after the other, so that the first call after a start
// need not wait for one. It stops where lists would have to go to make room.
func (s *Service) WarmLists(ctx context.Context, least int) error {
	orgs, err := s.store.OrganizationsInUse(ctx, crm.At(s.now().Add(-s.settings.IdleLife)))
	if err != nil {
		return err
	}
	var errs []error
	for _, org := range orgs {
		for _, entity := range []string{lists.Customers, lists.Contacts, lists.Leads} {
			if err := s.lists.Warm(ctx, org, entity, least, []string{"address.tel", "address.phone"}, sorts[entity]); err != nil {
				errs = append(errs, err)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return errors.Join(errs...)
}
