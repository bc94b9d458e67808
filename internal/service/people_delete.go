package service

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// DeleteUser deletes a user who is disabled and has nothing any more: no
// customer, lead, collaboration or subordinate (see HandOver). The name stays
// behind what the user did; everything else of the person goes, and the logins
// are free for others. Pools lose the member.
//
// ErrForbidden, ErrNotFound and Conflict as UpdateUser; an
// entity_validation_error while there is something left to do.
func (s *Service) DeleteUser(ctx context.Context, c *Caller, id int64, show func(*crm.User) error) error {
	var was *crm.User
	return s.changeUser(ctx, c, id, "destroy", func(u *crm.User) error {
		was = c.Directory.Users[id]
		switch {
		case id == c.Viewer.User.ID:
			return errOneself
		case u.Active():
			return crm.Invalid("请先停用该用户", "Disable the user first")
		}
		u.State, u.DepartmentID, u.FurtherDepartments, u.SuperiorID, u.AvatarID = crm.UserDeleted, 0, nil, 0, 0
		u.Email, u.Phone, u.Login, u.Tel, u.Job, u.HideNumbers = "", "", "", "", "", false
		return nil
	}, func(w *store.Write, before, now *crm.User) error {
		if err := s.holdsNothing(w, c, id); err != nil {
			return err
		}
		if err := s.setIdentities(w, c, id, loginKeys(before), nil); err != nil {
			return err
		}
		if err := w.SetPassword(id, "", now.UpdatedAt); err != nil {
			return err
		}
		if err := w.DeleteAttachmentsOf(crm.OfUser, id); err != nil { // the avatar
			return err
		}
		if _, err := s.replaceInPools(w, c, id, 0); err != nil {
			return err
		}
		return endSessions(w, c.Org(), id, 0)
	}, func(*crm.User) error { return show(was) })
}

// holdsNothing refuses to delete a user who still has something.
func (s *Service) holdsNothing(w *store.Write, c *Caller, id int64) error {
	customers, leads, assisted, err := w.Held(c.Org(), id)
	if err != nil {
		return err
	}
	below := len(c.Directory.Reports(id))
	if customers+leads+assisted > 0 || below > 0 {
		return crm.Invalid(
			fmt.Sprintf("请先交接该用户的%d个客户、%d个线索、%d个协作客户和%d个下属", customers, leads, assisted, below),
			fmt.Sprintf("First hand over the user's %d customers, %d leads, %d collaborations and %d subordinates",
				customers, leads, assisted, below))
	}
	j, err := w.JobOf(c.Org(), HandOverKind, handOverKey(id))
	if err != nil && !errors.Is(err, store.ErrNoRow) {
		return err
	}
	if err == nil && !j.Finished() {
		return errHandingOver
	}
	return nil
}

// replaceInPools puts one user in the place of another among the members and
// managers of all pools; with 0 the other one only leaves. It answers in how many
// pools.
func (s *Service) replaceInPools(w *store.Write, c *Caller, from, to int64) (changed int64, err error) {
	replaced := func(ids []int64) []int64 {
		if !slices.Contains(ids, from) {
			return ids
		}
		ids = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id == from || id == to })
		if to != 0 {
			ids = append(ids, to)
		}
		return ids
	}
	for _, entity := range []string{"customer", "lead"} {
		for _, p := range c.Directory.PoolsOf(entity) {
			now := *p
			now.Managers, now.Members = replaced(p.Managers), replaced(p.Members)
			was, is := poolRecord(p), poolRecord(&now)
			if len(changedFields(was, is)) == 0 {
				continue
			}
			changed++
			now.UpdatedAt = crm.At(s.now())
			if err := w.SetPool(&now); err != nil {
				return changed, err
			}
			if err := s.note(w, c, "pool", p.ID, "update", was, is); err != nil {
				return changed, err
			}
		}
	}
	return changed, nil
}
