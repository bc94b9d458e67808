package service

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// managesPools refuses who may not set up pools.
func managesPools(c *Caller) error {
	if !c.Viewer.Role.May(crm.RightManagePools) {
		return crm.ErrForbidden
	}
	return nil
}

// AllPools are all pools of a kind of record in their order, for who sets them
// up; of both kinds, customers' first, where entity is "". ErrForbidden without
// the right.
func (s *Service) AllPools(c *Caller, entity string) ([]*crm.Pool, error) {
	if err := managesPools(c); err != nil {
		return nil, err
	}
	if entity != "" {
		return c.Directory.PoolsOf(entity), nil
	}
	return append(c.Directory.PoolsOf("customer"), c.Directory.PoolsOf("lead")...), nil
}

// Pool is one pool, for who sets it up. ErrForbidden without the right,
// ErrNotFound where there is none.
func (s *Service) Pool(c *Caller, id int64) (*crm.Pool, error) {
	if err := managesPools(c); err != nil {
		return nil, err
	}
	if p := c.Directory.Pools[id]; p != nil {
		return p, nil
	}
	return nil, crm.ErrNotFound
}

// CreatePool makes a pool, the last one of its kind, and shows it. ErrForbidden
// without the right; an entity_validation_error for what is missing, unknown or
// out of its bounds, and for a name that another pool of the kind has.
func (s *Service) CreatePool(ctx context.Context, c *Caller, in *crm.Pool, show func(*crm.Pool) error) error {
	ids, err := s.take(ctx, c.Org(), want{store.Pools, 1})
	if err != nil {
		return err
	}
	return s.write(ctx, c, func(w *store.Write) error {
		if err := managesPools(c); err != nil {
			return err
		}
		p := *in
		p.ID, p.CreatedAt, p.Position = ids[0], crm.At(s.now()), 1
		for _, other := range c.Directory.PoolsOf(p.Entity) {
			p.Position = max(p.Position, other.Position+1)
		}
		if err := s.checkPool(c, &p, &crm.Pool{Entity: p.Entity}); err != nil {
			return err
		}
		if err := w.AddPool(&p, p.UpdatedAt); err != nil {
			return err
		}
		if err := s.note(w, c, "pool", p.ID, "create", nil, poolRecord(&p)); err != nil {
			return err
		}
		return show(&p)
	})
}

// UpdatePool changes a pool: patch changes the draft, and only that. Its kind of
// record stays. What is changed on a rule holds at once. The refusals are those of
// CreatePool; ErrNotFound where there is no such pool, Conflict where somebody else
// was faster.
func (s *Service) UpdatePool(ctx context.Context, c *Caller, id int64, patch func(*crm.Pool) error, show func(*crm.Pool) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		before, err := s.Pool(c, id)
		if err == nil {
			err = s.unmodified(w, c, "pool", id)
		}
		if err != nil {
			return err
		}
		draft, err := copyPool(before)
		if err == nil {
			err = patch(draft)
		}
		if err != nil {
			return err
		}
		draft.ID, draft.Entity, draft.Position, draft.CreatedAt = id, before.Entity, before.Position, before.CreatedAt
		if err := s.checkPool(c, draft, before); err != nil {
			return err
		}
		old, now := poolRecord(before), poolRecord(draft)
		if len(changedFields(old, now)) == 0 {
			w.Nothing()
			return show(before)
		}
		if err := w.SetPool(draft); err != nil {
			return err
		}
		if err := s.note(w, c, "pool", id, "update", old, now); err != nil {
			return err
		}
		return show(draft)
	})
}

// OrderPools puts the pools of a kind of record in an order; ids names each of
// them once. ErrForbidden without the right.
func (s *Service) OrderPools(ctx context.Context, c *Caller, entity string, ids []int64, show func([]*crm.Pool) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		all, err := s.AllPools(c, entity)
		if err != nil {
			return err
		}
		if len(ids) != len(all) || len(sortedSet(ids)) != len(all) {
			return crm.Invalid("必须列出全部公海,每个一次", "All pools must be named, each of them once")
		}
		ordered := make([]*crm.Pool, len(ids))
		changed := false
		for i, id := range ids {
			at := slices.IndexFunc(all, func(p *crm.Pool) bool { return p.ID == id })
			if at < 0 {
				return errNoPool
			}
			p, err := copyPool(all[at])
			if err != nil {
				return err
			}
			ordered[i] = p
			if p.Position == i+1 {
				continue
			}
			before := poolRecord(p)
			p.Position, p.UpdatedAt, changed = i+1, crm.At(s.now()), true
			if err := w.SetPool(p); err != nil {
				return err
			}
			if err := s.note(w, c, "pool", id, "update", before, poolRecord(p)); err != nil {
				return err
			}
		}
		if !changed {
			w.Nothing()
		}
		return show(ordered)
	})
}

// DeletePool deletes a pool in which nothing lies. Records whose own pool
// (所属公海) it was keep it, and fall no more. ErrForbidden without the right,
// ErrNotFound where there is none, an entity_validation_error while records lie in
// it.
func (s *Service) DeletePool(ctx context.Context, c *Caller, id int64, show func(*crm.Pool) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		p, err := s.Pool(c, id)
		if err == nil {
			err = s.unmodified(w, c, "pool", id)
		}
		if err != nil {
			return err
		}
		if err := w.DeletePool(id); err != nil {
			if errors.Is(err, store.ErrConstraint) {
				return crm.Invalid("公海中还有记录,不能删除", "Records lie in the pool; it cannot be deleted")
			}
			return err
		}
		if err := s.note(w, c, "pool", id, "destroy", poolRecord(p), nil); err != nil {
			return err
		}
		return show(p)
	})
}

// copyPool is a pool of its own; that of the directory must not be changed.
func copyPool(p *crm.Pool) (*crm.Pool, error) {
	out := &crm.Pool{ID: p.ID, Entity: p.Entity, Name: p.Name, Position: p.Position, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt}
	b, err := json.Marshal(p.PoolSettings)
	if err == nil {
		err = json.Unmarshal(b, &out.PoolSettings)
	}
	return out, err
}

// checkPool checks a pool and sets since when its rules are on.
func (s *Service) checkPool(c *Caller, p, before *crm.Pool) error {
	if err := p.Validate(); err != nil {
		return err
	}
	d := c.Directory
	for _, other := range d.PoolsOf(p.Entity) {
		if other.ID != p.ID && other.Name == p.Name {
			return crm.Invalid("公海名称已存在", "There is a pool of this name already")
		}
	}
	p.Managers, p.Members, p.Departments = sortedSet(p.Managers), sortedSet(p.Members), sortedSet(p.Departments)
	for _, f := range []struct {
		now, was []int64
	}{{p.Managers, before.Managers}, {p.Members, before.Members}} {
		for _, id := range f.now { // who has left since may stay
			if !d.Users[id].Active() && !slices.Contains(f.was, id) {
				return crm.Invalid("公海的用户不存在", "A user of the pool does not exist")
			}
		}
	}
	for _, id := range p.Departments {
		if d.Departments[id] == nil && !slices.Contains(before.Departments, id) {
			return crm.Invalid("公海的部门不存在", "A department of the pool does not exist")
		}
	}
	p.UpdatedAt = crm.At(s.now())
	for _, r := range []struct{ now, was *crm.PoolRule }{{&p.Unfollowed, &before.Unfollowed}, {&p.Unsold, &before.Unsold}} {
		for id := range r.now.Categories {
			if _, had := r.was.Categories[id]; had {
				continue
			}
			if o := d.Options[id]; o == nil || o.Entity != p.Entity || o.Field != "category" {
				return crm.Invalid("公海规则的客户类型不存在", "A category of the pool's rule does not exist")
			}
		}
		r.now.Since = since(r.now.On, r.was.On, r.was.Since, p.UpdatedAt)
	}
	p.GrabFrom = since(p.GrabDays > 0, before.GrabDays > 0, before.GrabFrom, p.UpdatedAt)
	return s.checkColumns(d, p, before)
}

// since is when something was switched on: now, unless it was on before.
func since(on, was bool, before, now crm.Time) crm.Time {
	switch {
	case !on:
		return 0
	case was:
		return before
	}
	return now
}

func (s *Service) checkColumns(d *crm.Directory, p, before *crm.Pool) error {
	for _, f := range []struct{ now, was []string }{
		{p.ManagerColumns, before.ManagerColumns}, {p.MemberColumns, before.MemberColumns},
		{p.ManagerFilters, before.ManagerFilters}, {p.MemberFilters, before.MemberFilters},
	} {
		for i, name := range f.now {
			zh, _ := crm.FieldLabel(p.Entity, name)
			known := zh != name || slices.ContainsFunc(d.Fields[p.Entity], func(f *crm.CustomField) bool { return f.Name == name })
			if !known && !slices.Contains(f.was, name) || slices.Contains(f.now[:i], name) {
				return crm.Invalid("公海的显示列不正确", "A column of the pool is not correct").With(name)
			}
		}
	}
	return nil
}

// poolRecord is a pool as the operation log compares it.
func poolRecord(p *crm.Pool) record {
	return record{"name": p.Name, "entity": p.Entity, "position": int64(p.Position), "managers": p.Managers,
		"everybody": p.Everybody, "members": p.Members, "departments": p.Departments, "unfollowed": p.Unfollowed,
		"unsold": p.Unsold, "grab_days": int64(p.GrabDays), "manager_columns": p.ManagerColumns, "member_columns": p.MemberColumns,
		"manager_filters": p.ManagerFilters, "member_filters": p.MemberFilters}
}

// OwnedLimits are the limits on owned customers, for who sets them. ErrForbidden
// without the right.
func (s *Service) OwnedLimits(c *Caller) (crm.OwnedLimits, error) {
	return c.Directory.Organization.Settings.OwnedLimit, managesPools(c)
}

// SetOwnedLimits changes the limits on owned customers: patch changes the draft,
// and only that. Who owns more already keeps them. ErrForbidden without the right;
// an entity_validation_error for an unknown user or category, and for a number out
// of bounds.
func (s *Service) SetOwnedLimits(ctx context.Context, c *Caller, patch func(*crm.OwnedLimits) error, show func(crm.OwnedLimits) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		before, err := s.OwnedLimits(c)
		if err == nil {
			err = s.unmodified(w, c, "organization", c.Org())
		}
		if err != nil {
			return err
		}
		limits := before // patch puts other maps in the place of these
		if err := patch(&limits); err != nil {
			return err
		}
		if err := checkLimits(c.Directory, &limits); err != nil {
			return err
		}
		old, now := record{"owned_limit": before}, record{"owned_limit": limits}
		if len(changedFields(old, now)) == 0 {
			w.Nothing()
			return show(before)
		}
		settings := c.Directory.Organization.Settings
		settings.OwnedLimit = limits
		if err := w.SetSettings(settings); err != nil {
			return err
		}
		if err := s.note(w, c, "organization", c.Org(), "update", old, now); err != nil {
			return err
		}
		return show(limits)
	})
}

func checkLimits(d *crm.Directory, l *crm.OwnedLimits) error {
	numbers := []int{l.Each}
	for id, n := range l.Users {
		if d.Users[id] == nil {
			return crm.Invalid("用户不存在", "The user does not exist")
		}
		numbers = append(numbers, n)
	}
	for id, n := range l.Categories {
		if o := d.Options[id]; o == nil || o.Entity != "customer" || o.Field != "category" {
			return crm.Invalid("客户类型的选项不存在", "There is no such category")
		}
		numbers = append(numbers, n)
	}
	if slices.Min(numbers) < 0 || slices.Max(numbers) > crm.MaxOwned {
		return crm.Invalid("最大客户数应在0到1000000之间", "A limit must be between 0 and 1000000")
	}
	return nil
}
