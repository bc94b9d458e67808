package service

import (
	"context"
	"errors"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// maxDepartmentDepth bounds the tree of departments.
const maxDepartmentDepth = 20

// DepartmentDraft is a department while it is made or changed. Position is its
// place among the departments beside it, from 1; 0 leaves it where it is, and a
// new one last.
type DepartmentDraft struct {
	crm.Department
	Place int
}

// CreateDepartment makes a department and shows it. ErrForbidden without the
// right; an entity_validation_error for a name that is missing or taken beside
// it, an unknown parent and a tree that gets too deep.
func (s *Service) CreateDepartment(ctx context.Context, c *Caller, in *DepartmentDraft, show func(*crm.Department) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		if !c.Viewer.Role.May(crm.RightManagePeople) {
			return crm.ErrForbidden
		}
		x := in.Department
		if x.ParentID == 0 {
			x.ParentID = mainDepartment(c.Directory)
		}
		if err := checkDepartment(c.Directory, &x, &crm.Department{}); err != nil {
			return err
		}
		id, err := w.TakeIDs(store.Departments, 1)
		if err != nil {
			return err
		}
		x.ID = id
		beside := inPosition(c.Directory, c.Directory.ChildDepartments(x.ParentID))
		x.Position = positionOf(len(beside)+1, in.Place)
		now := crm.At(s.now())
		if err := w.AddDepartment(&x, now); err != nil {
			return err
		}
		if err := s.note(w, c, "department", x.ID, "create", nil, departmentRecord(&x)); err != nil {
			return err
		}
		if _, err := s.renumber(w, c, slices.Insert(beside, x.Position-1, x.ID), x.ID); err != nil {
			return err
		}
		return show(&x)
	})
}

// positionOf is the place that is wanted among so many, the last where none is.
func positionOf(last, wanted int) int {
	if wanted <= 0 || wanted > last {
		return last
	}
	return wanted
}

// checkDepartment refuses what no department may be, as far as it differs from
// before.
func checkDepartment(d *crm.Directory, x, before *crm.Department) error {
	if err := x.Validate(); err != nil {
		return err
	}
	if x.ParentID != before.ParentID || before.ID == 0 {
		if x.ParentID != 0 && d.Departments[x.ParentID] == nil {
			return crm.Invalid("上级部门不存在", "The parent department does not exist")
		}
		if before.ID != 0 && d.DepartmentsBelow(before.ID)[x.ParentID] {
			return crm.Invalid("上级部门不能是自己或自己的下级部门", "A department cannot be below itself")
		}
		if depthOf(d, x.ParentID)+heightOf(d, before.ID) > maxDepartmentDepth {
			return crm.Invalid("部门层级过多", "Departments lie too deep in each other")
		}
	}
	if x.ParentID == before.ParentID && x.Name == before.Name {
		return nil
	}
	for _, id := range d.ChildDepartments(x.ParentID) {
		if other := d.Departments[id]; other.ID != before.ID && other.Name == x.Name {
			return crm.Invalid("同级部门名称已存在", "A department of this name is there already")
		}
	}
	return nil
}

// depthOf is how many departments lie above and including one.
func depthOf(d *crm.Directory, id int64) (n int) {
	for ; id != 0 && d.Departments[id] != nil && n <= maxDepartmentDepth; n++ {
		id = d.Departments[id].ParentID
	}
	return n
}

// heightOf is how many levels a department with those below has; 1 for a new
// one.
func heightOf(d *crm.Directory, id int64) int {
	height := 0
	for _, child := range d.ChildDepartments(id) {
		if id != 0 {
			height = max(height, heightOf(d, child))
		}
	}
	return height + 1
}

// UpdateDepartment renames a department, moves it with everything below, or
// gives it another place: patch changes the draft, and only that.
//
// ErrForbidden without the right; ErrNotFound where there is none; Conflict
// where somebody else was faster; the refusals of CreateDepartment, and of a
// department that would lie below itself.
func (s *Service) UpdateDepartment(ctx context.Context, c *Caller, id int64, patch func(*DepartmentDraft) error,
	show func(*crm.Department) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		before, err := s.departmentFor(w, c, id)
		if err != nil {
			return err
		}
		draft := DepartmentDraft{Department: *before}
		if err := patch(&draft); err != nil {
			return err
		}
		x := draft.Department
		if before.ParentID == 0 && x.ParentID != 0 && mainDepartment(c.Directory) == id {
			return crm.Invalid("根部门不能移动", "The first department cannot be moved")
		}
		if err := checkDepartment(c.Directory, &x, before); err != nil {
			return err
		}
		beside := slices.DeleteFunc(inPosition(c.Directory, c.Directory.ChildDepartments(x.ParentID)), func(other int64) bool { return other == id })
		moved := false
		if x.ParentID != 0 && (draft.Place > 0 || x.ParentID != before.ParentID) {
			x.Position = positionOf(len(beside)+1, draft.Place)
			if moved, err = s.renumber(w, c, slices.Insert(beside, x.Position-1, id), id); err != nil {
				return err
			}
		}
		was, is := departmentRecord(before), departmentRecord(&x)
		if len(changedFields(was, is)) == 0 {
			if !moved {
				w.Nothing()
			}
			return show(&x)
		}
		if err := w.SetDepartment(&x, crm.At(s.now())); err != nil {
			return err
		}
		if err := s.note(w, c, "department", id, "update", was, is); err != nil {
			return err
		}
		return show(&x)
	})
}

// departmentFor finds a department for a change.
func (s *Service) departmentFor(w *store.Write, c *Caller, id int64) (*crm.Department, error) {
	if !c.Viewer.Role.May(crm.RightManagePeople) {
		return nil, crm.ErrForbidden
	}
	x := c.Directory.Departments[id]
	if x == nil {
		return nil, crm.ErrNotFound
	}
	return x, s.unmodified(w, c, "department", id)
}

// renumber gives departments beside each other the positions of a list, but the
// one that is written by itself. It tells whether it has changed any.
func (s *Service) renumber(w *store.Write, c *Caller, ids []int64, but int64) (changed bool, err error) {
	now := crm.At(s.now())
	for i, id := range ids {
		before := c.Directory.Departments[id]
		if id == but || before.Position == i+1 {
			continue
		}
		x := *before
		x.Position, changed = i+1, true
		if err := w.SetDepartment(&x, now); err != nil {
			return changed, err
		}
		if err := s.note(w, c, "department", id, "update", departmentRecord(before), departmentRecord(&x)); err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// DeleteDepartment deletes a department in which nothing is any more: no user,
// no department and no record. What is in it is moved by whoever knows where to.
// Pools lose it.
//
// ErrForbidden, ErrNotFound and Conflict as UpdateDepartment; an
// entity_validation_error while there is something in it, and for the first
// department.
func (s *Service) DeleteDepartment(ctx context.Context, c *Caller, id int64, show func(*crm.Department) error) error {
	return s.write(ctx, c, func(w *store.Write) error {
		x, err := s.departmentFor(w, c, id)
		if err != nil {
			return err
		}
		if err := s.isEmpty(w, c, x); err != nil {
			return err
		}
		for _, entity := range []string{"customer", "lead"} {
			for _, p := range c.Directory.PoolsOf(entity) {
				if !slices.Contains(p.Departments, id) {
					continue
				}
				now := *p
				now.Departments = slices.DeleteFunc(slices.Clone(p.Departments), func(other int64) bool { return other == id })
				now.UpdatedAt = crm.At(s.now())
				if err := w.SetPool(&now); err != nil {
					return err
				}
				if err := s.note(w, c, "pool", p.ID, "update", poolRecord(p), poolRecord(&now)); err != nil {
					return err
				}
			}
		}
		if err := w.DeleteDepartment(id); err != nil {
			if errors.Is(err, store.ErrConstraint) {
				return errDepartmentInUse
			}
			return err
		}
		if err := s.note(w, c, "department", id, "destroy", departmentRecord(x), nil); err != nil {
			return err
		}
		return show(x)
	})
}

var errDepartmentInUse = crm.Invalid("部门下还有客户或线索,不能删除", "Customers or leads belong to the department; it cannot be deleted")

// isEmpty refuses to delete a department in which something is.
func (s *Service) isEmpty(w *store.Write, c *Caller, x *crm.Department) error {
	if x.ID == mainDepartment(c.Directory) {
		return crm.Invalid("根部门不能删除", "The first department cannot be deleted")
	}
	if len(c.Directory.ChildDepartments(x.ID)) > 0 {
		return crm.Invalid("部门下还有下级部门,不能删除", "Other departments lie below; it cannot be deleted")
	}
	for _, u := range c.Directory.Users {
		if u.Present() && sits(u, x.ID) {
			return crm.Invalid("部门下还有用户,不能删除", "Users sit in the department; it cannot be deleted")
		}
	}
	used, err := w.DepartmentHasRecords(c.Org(), x.ID)
	if err == nil && used {
		err = errDepartmentInUse
	}
	return err
}
