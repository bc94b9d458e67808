package service

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func (w *world) found(c *Caller, in DepartmentDraft) (made *crm.Department, err error) {
	err = w.CreateDepartment(w.t.Context(), c, &in, func(x *crm.Department) error {
		made = x
		return nil
	})
	return made, err
}

func (w *world) move(c *Caller, id int64, patch func(*DepartmentDraft)) error {
	return w.UpdateDepartment(w.t.Context(), c, id, func(x *DepartmentDraft) error {
		patch(x)
		return nil
	}, func(*crm.Department) error { return nil })
}

func (w *world) close(c *Caller, id int64) error {
	return w.DeleteDepartment(w.t.Context(), c, id, func(*crm.Department) error { return nil })
}

// tree is the tree of departments as a text: the level as dots, name and
// position.
func (w *world) tree(except int64) string {
	var lines []string
	for _, n := range w.Departments(&Caller{Directory: w.directory()}, except) {
		lines = append(lines, fmt.Sprintf("%s%s%d", strings.Repeat(".", n.Level), n.Name, n.Position))
	}
	return strings.Join(lines, " ")
}

func draft(name string, parent int64, place int) DepartmentDraft {
	return DepartmentDraft{Department: crm.Department{Name: name, ParentID: parent}, Place: place}
}

func TestDepartments(t *testing.T) {
	w := staffed(t)
	c := w.as(orgA, wholeFirm)
	made := map[string]int64{}
	for _, d := range []DepartmentDraft{draft("甲", 0, 0), draft("乙", 1, 1), draft("丙", 1, 2), draft("丁", 1, 99)} {
		x, err := w.found(c, d)
		if err != nil {
			t.Fatal(err)
		}
		made[d.Name] = x.ID
	}
	if got := w.tree(0); got != "总部0 .乙1 .丙2 .销售部3 .甲4 .丁5" {
		t.Errorf("made: %s", got)
	}
	if _, err := w.found(c, draft("戊", made["乙"], 0)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name  string
		patch func(*DepartmentDraft)
		want  string
	}{
		{"甲", func(d *DepartmentDraft) { d.Place = 1 }, "总部0 .甲1 .乙2 ..戊1 .丙3 .销售部4 .丁5"},
		{"甲", func(d *DepartmentDraft) { d.Place = 5 }, "总部0 .乙1 ..戊1 .丙2 .销售部3 .丁4 .甲5"},
		{"乙", func(d *DepartmentDraft) { d.ParentID = made["丁"] }, "总部0 .丙2 .销售部3 .丁4 ..乙1 ...戊1 .甲5"},
		{"丙", func(d *DepartmentDraft) { d.Name, d.ParentID, d.Place = "丙改", made["丁"], 1 }, "总部0 .销售部3 .丁4 ..丙改1 ..乙2 ...戊1 .甲5"},
		{"丁", func(d *DepartmentDraft) { d.Name = "丁改" }, "总部0 .销售部3 .丁改4 ..丙改1 ..乙2 ...戊1 .甲5"},
	} {
		if err := w.move(c, made[step.name], step.patch); err != nil || w.tree(0) != step.want {
			t.Errorf("%s: %v, %s; want %s", step.name, err, w.tree(0), step.want)
		}
	}
	if got := w.tree(made["丁"]); got != "总部0 .销售部3 .甲5" {
		t.Errorf("without one: %s", got)
	}
	w.logged("department", made["丁"], "update", "name: 丁 → 丁改")
	before := w.rows(orgA)
	if err := w.move(c, made["丁"], func(*DepartmentDraft) {}); err != nil || w.rows(orgA) != before {
		t.Errorf("changing nothing: %v; there was %s, there is %s", err, before, w.rows(orgA))
	}
	for _, name := range []string{"甲", "丙", "乙"} {
		id := made[name]
		if name == "乙" { // 戊 lies in it
			for _, x := range w.directory().ChildDepartments(id) {
				if err := w.close(c, x); err != nil {
					t.Error(err)
				}
			}
		}
		if err := w.close(c, id); err != nil {
			t.Errorf("delete %s: %v", name, err)
		}
	}
	if got := w.tree(0); got != "总部0 .销售部3 .丁改4" {
		t.Errorf("deleted: %s", got)
	}
}

func TestDepartmentsThatCannotBe(t *testing.T) {
	w := staffed(t)
	c := w.as(orgA, wholeFirm)
	below, err := w.found(c, draft("下", 2, 0))
	if err != nil {
		t.Fatal(err)
	}
	empty, err := w.found(c, draft("空", 1, 0))
	if err != nil {
		t.Fatal(err)
	}
	further, err := w.found(c, draft("兼", 1, 0))
	if err != nil {
		t.Fatal(err)
	}
	led, err := w.found(c, draft("线索", 1, 0))
	if err != nil {
		t.Fatal(err)
	}
	w.amend(orgA, func(tx *store.Write) error {
		u := *w.directory().Users[colleague]
		u.FurtherDepartments = []int64{further.ID}
		l := crm.Lead{ID: 900, OwnerID: owner, DepartmentID: led.ID, Name: "线索", CreatedAt: 1, UpdatedAt: 1, Address: crm.Address{ID: 900, CreatedAt: 1, UpdatedAt: 1}}
		return errors.Join(tx.SetUser(&u), tx.AddLead(&l))
	})
	invalid := crm.Invalid("", "")
	before := w.rows(orgA)
	for name, c2 := range map[string]struct {
		do   func() error
		want error
	}{
		"no name":                       {func() error { _, err := w.found(c, draft(" ", 1, 0)); return err }, invalid},
		"a name that is there":          {func() error { _, err := w.found(c, draft("销售部", 1, 0)); return err }, invalid},
		"an unknown parent":             {func() error { _, err := w.found(c, draft("新", 99, 0)); return err }, invalid},
		"below itself":                  {func() error { return w.move(c, 2, func(d *DepartmentDraft) { d.ParentID = 2 }) }, invalid},
		"below its child":               {func() error { return w.move(c, 2, func(d *DepartmentDraft) { d.ParentID = below.ID }) }, invalid},
		"the first one below":           {func() error { return w.move(c, 1, func(d *DepartmentDraft) { d.ParentID = empty.ID }) }, invalid},
		"renamed to another's":          {func() error { return w.move(c, empty.ID, func(d *DepartmentDraft) { d.Name = "销售部" }) }, invalid},
		"moved beside its name":         {func() error { _, err := w.found(c, draft("下", 2, 0)); return err }, invalid},
		"one that is not there":         {func() error { return w.move(c, 99, func(d *DepartmentDraft) { d.Name = "x" }) }, crm.ErrNotFound},
		"deleted with another":          {func() error { return w.close(c, 2) }, invalid},
		"deleted with a further member": {func() error { return w.close(c, further.ID) }, invalid},
		"deleted with a lead":           {func() error { return w.close(c, led.ID) }, errDepartmentInUse},
		"deleted though first":          {func() error { return w.close(c, 1) }, invalid},
		"deleted though gone":           {func() error { return w.close(c, 99) }, crm.ErrNotFound},
		"seen before a change":          {func() error { return w.move(seenAt(c, 1), empty.ID, func(d *DepartmentDraft) { d.Name = "x" }) }, crm.Conflict},
	} {
		if err := c2.do(); !errors.Is(err, c2.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := w.rows(orgA); after != before {
		t.Errorf("there was %s, there is %s", before, after)
	}
	for name, do := range map[string]func(c *Caller) error{
		"create": func(c *Caller) error { _, err := w.found(c, draft("新", 1, 0)); return err },
		"move":   func(c *Caller) error { return w.move(c, empty.ID, func(d *DepartmentDraft) { d.Name = "x" }) },
		"delete": func(c *Caller) error { return w.close(c, empty.ID) },
	} {
		w.forbidden(name, do)
	}
	// A department that was moved is another way to records at once.
	w.amend(orgA, func(tx *store.Write) error {
		return tx.SetRole(&crm.Role{ID: 3, Name: "部门及下属", Scope: crm.ScopeDepartmentsBelow}, startOfClock)
	})
	if err := w.move(c, below.ID, func(d *DepartmentDraft) { d.ParentID = 1 }); err != nil {
		t.Fatal(err)
	}
	if v := w.as(orgA, inSales).Viewer; v.Departments[below.ID] {
		t.Error("what was moved away is still within the scope")
	}
	deep := int64(1)
	for i := range maxDepartmentDepth {
		x, err := w.found(c, draft(fmt.Sprint("第", i), deep, 0))
		if last := i == maxDepartmentDepth-1; last != errors.Is(err, invalid) {
			t.Fatalf("level %d: %v", i, err)
		} else if !last {
			deep = x.ID
		}
	}
}

// Departments that move against each other at the same time make no circle.
func TestParallelMoves(t *testing.T) {
	w := staffed(t)
	c := w.as(orgA, wholeFirm)
	a, err := w.found(c, draft("甲", 1, 0))
	if err != nil {
		t.Fatal(err)
	}
	b, err := w.found(c, draft("乙", 1, 0))
	if err != nil {
		t.Fatal(err)
	}
	pairs := [][2]int64{{a.ID, b.ID}, {b.ID, a.ID}}
	inParallel(64, func(i int) error {
		return w.move(copyOf(c), pairs[i%2][0], func(d *DepartmentDraft) { d.ParentID = pairs[i%2][1] })
	})
	if got := w.tree(0); !strings.Contains(got, "甲") || !strings.Contains(got, "乙") {
		t.Errorf("the tree is %s", got)
	}
}
