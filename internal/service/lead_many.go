package service

import (
	"context"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// Several is what became of several records that were asked for at once: those
// with which it was done, and why not with the others.
type Several struct {
	Done     []int64
	Failures []Failure
}

// Failure is why one record was left as it was.
type Failure struct {
	ID    int64
	Error *crm.Error
}

// maxSeveral is how many records one call may name.
const maxSeveral = 100

// TakeLeads is TakeLead for several: it takes those that are still there.
func (s *Service) TakeLeads(ctx context.Context, c *Caller, ids []int64, show func(*Several) error) error {
	return s.severalLeads(ctx, c, ids, func(w *store.Write, id int64, _ map[int64][]named) (bool, error) {
		return true, s.takeLead(w, c, id)
	}, nil, show)
}

// TransferLeads is TransferLead for several; each owner is told of each.
func (s *Service) TransferLeads(ctx context.Context, c *Caller, ids []int64, user int64, show func(*Several) error) error {
	return s.severalLeads(ctx, c, ids, func(w *store.Write, id int64, _ map[int64][]named) (bool, error) {
		return s.transferLead(w, c, id, user)
	}, nil, show)
}

// PoolLeads is PoolLead for several; each owner is told once.
func (s *Service) PoolLeads(ctx context.Context, c *Caller, ids []int64, pool int64, show func(*Several) error) error {
	return s.severalLeads(ctx, c, ids, func(w *store.Write, id int64, told map[int64][]named) (bool, error) {
		return true, s.poolLead(w, c, id, pool, told)
	}, func(w *store.Write, told map[int64][]named) error { return s.tellLeadsMoved(w, c, told, pool) }, show)
}

// DeleteLeads is DeleteLead for several; each owner is told once.
func (s *Service) DeleteLeads(ctx context.Context, c *Caller, ids []int64, show func(*Several) error) error {
	return s.severalLeads(ctx, c, ids, func(w *store.Write, id int64, told map[int64][]named) (bool, error) {
		l, err := s.leadFor(w, c, id, crm.RightDeleteLead, reach.disposes)
		if err != nil {
			return false, err
		}
		told[l.OwnerID] = append(told[l.OwnerID], named{l.ID, l.Name})
		return true, s.removeLead(w, c, l)
	}, func(w *store.Write, told map[int64][]named) error {
		return s.tellEach(w, c, crm.NoticeDeleted, "lead", told, crm.NoticeContent{})
	}, show)
}

// severalLeads does one thing with each of some leads, in one transaction; see
// severally. Whom to tell of what is added to told, of which tell makes notices at
// the end; nil for none.
func (s *Service) severalLeads(ctx context.Context, c *Caller, ids []int64,
	one func(w *store.Write, id int64, told map[int64][]named) (changed bool, err error),
	tell func(w *store.Write, told map[int64][]named) error, show func(*Several) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		told := map[int64][]named{}
		out, changed, err := severally(ids, func(id int64) (bool, error) { return one(w, id, told) })
		if err != nil {
			return err
		}
		if !changed {
			w.Nothing()
		} else if tell != nil {
			if err := tell(w, told); err != nil {
				return err
			}
		}
		return show(out)
	})
}

// tellLeadsMoved tells the owners of leads that these were moved to a pool.
func (s *Service) tellLeadsMoved(w *store.Write, c *Caller, told map[int64][]named, pool int64) error {
	if len(told) == 0 {
		return nil
	}
	return s.tellEach(w, c, crm.NoticeMoved, "lead", told, crm.NoticeContent{Pool: c.Directory.Pools[pool].Name})
}
