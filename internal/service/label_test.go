package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/job"
	"guanxi/internal/store"
)

func showsLabel(*crm.Directory, *crm.Label) error { return nil }

func TestLabels(t *testing.T) {
	w := newWorld(t, settings())
	a := w.manages()
	var group int64
	save := func(id int64, name string) error {
		return w.SaveLabelGroup(t.Context(), a, id, func(g *crm.LabelGroup) error {
			g.Name = name
			return nil
		}, func(_ *crm.Directory, g *crm.LabelGroup) error {
			group = g.ID
			return nil
		})
	}
	wants(t, "a group", save(0, " 来源 "), "")
	wants(t, "a group that is there", save(0, "来源"), "标签分组“来源”已存在")
	wants(t, "no name", save(0, ""), "标签分组名称不能为空")
	if err := save(99, "x"); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	sources := group
	var made int64
	add := func(name, color string, group int64) error {
		return w.AddLabel(t.Context(), a, &crm.Label{Name: name, Color: color, GroupID: group}, func(_ *crm.Directory, l *crm.Label) error {
			made = l.ID
			return nil
		})
	}
	wants(t, "in a group", add("展会", "#1677ff", sources), "")
	first := made
	wants(t, "the same name elsewhere", add("重点", "", sources), "")
	wants(t, "the same name in no group", add("重点", "", 0), "标签“重点”已存在")
	wants(t, "a colour", add("x", "red", 0), "标签颜色必须写作#rrggbb")
	wants(t, "no group", add("x", "", 99), "标签分组不存在")
	wants(t, "no name", add("\t", "", 0), "标签名称不能为空")
	wants(t, "a control character", add("a\x00b", "", 0), "标签名称含有不允许的字符")
	change := func(id int64, patch func(*crm.Label)) error {
		return w.ChangeLabel(t.Context(), a, id, func(l *crm.Label) error {
			patch(l)
			return nil
		}, showsLabel)
	}
	wants(t, "move where the name is", change(made, func(l *crm.Label) { l.GroupID = 0 }), "标签“重点”已存在")
	wants(t, "move", change(first, func(l *crm.Label) { l.GroupID, l.Name = 0, "展会上" }), "")
	w.logged("label", first, "update", "label_group_id: 1 → <nil>", "name: 展会 → 展会上", "position: 1 → 3")
	wants(t, "order", w.OrderLabels(t.Context(), a, 0, []int64{first, 2}, func(*crm.Directory) error { return nil }), "")
	wants(t, "another group's", w.OrderLabels(t.Context(), a, 0, []int64{made}, func(*crm.Directory) error { return nil }), "顺序中的编号不存在或重复")
	var names []string
	for _, g := range LabelGroupsOf(w.directory()) {
		for _, l := range g.Labels {
			names = append(names, g.Name+l.Name)
		}
	}
	if !slices.Equal(names, []string{"展会上", "老", "重点", "来源重点"}) {
		t.Errorf("the order is %v", names)
	}
	wants(t, "a second group", save(0, "渠道"), "")
	wants(t, "order of groups", w.OrderLabelGroups(t.Context(), a, []int64{group, sources}, func(*crm.Directory) error { return nil }), "")
	if all := LabelGroupsOf(w.directory()); all[1].Name != "渠道" || all[2].Name != "来源" {
		t.Errorf("the groups are %v", all)
	}
	w.forbidden("make a label", func(c *Caller) error { return w.AddLabel(t.Context(), c, &crm.Label{Name: "x"}, showsLabel) })
	w.forbidden("change a label", func(c *Caller) error {
		return w.ChangeLabel(t.Context(), c, 1, func(*crm.Label) error { return nil }, showsLabel)
	})
	w.forbidden("delete a label", func(c *Caller) error { return w.DeleteLabel(t.Context(), c, 1, showsLabel) })
	w.forbidden("make a group", func(c *Caller) error {
		return w.SaveLabelGroup(t.Context(), c, 0, func(*crm.LabelGroup) error { return nil }, func(*crm.Directory, *crm.LabelGroup) error { return nil })
	})
	// A group goes with its labels.
	wants(t, "delete a group", w.DeleteLabelGroup(t.Context(), a, sources, func(*crm.Directory, *crm.LabelGroup) error { return nil }), "")
	if d := w.directory(); d.LabelGroups[sources] != nil || d.Labels[made] != nil || d.Labels[first] == nil {
		t.Error("a group was not deleted as a whole")
	}
}

func TestDeleteLabel(t *testing.T) {
	w := newWorld(t, settings())
	a := w.manages()
	if err := w.DeleteLabel(t.Context(), a, 1, showsLabel); err != nil {
		t.Fatal(err)
	}
	// It is gone before the job has run: not shown, not to be chosen, in nobody's
	// way.
	o := w.as(orgA, owner)
	k, err := w.CustomerDetail(t.Context(), o, 1)
	if err != nil || len(k.Labels) != 1 || k.Labels[0].ID != 2 {
		t.Errorf("shown are %+v, %v", k.Labels, err)
	}
	in := company("有标签")
	in.Labels = []int64{1}
	_, err = w.create(o, in, "")
	wants(t, "a deleted label", err, "标签不存在")
	if _, err := w.update(o, 1, func(d *crm.CustomerDraft) { d.Note = "x" }); err != nil {
		t.Errorf("an update of a customer that has it: %v", err)
	}
	if err := w.DeleteLabel(t.Context(), a, 1, showsLabel); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	wants(t, "the name is free", w.AddLabel(t.Context(), a, &crm.Label{Name: "重点"}, showsLabel), "")
	if err := w.runJob(removeLabelKind); err != nil {
		t.Fatal(err)
	}
	w.logged("customer", 1, "update", "labels: [1 2] → [2]")
	if n := w.query("SELECT count(*) FROM labels WHERE organization_id = $1 AND id = 1", orgA); n != "0" {
		t.Error("the row of the label is still there")
	}
	if n := w.query("SELECT count(*) FROM customer_labels WHERE organization_id = $1", orgB); n != "2" {
		t.Errorf("the other organization has %s", n)
	}
	// The last one of a customer.
	if err := w.DeleteLabel(t.Context(), a, 2, showsLabel); err != nil {
		t.Fatal(err)
	}
	if err := w.runJob(removeLabelKind); err != nil || w.customer(1).Labelled {
		t.Errorf("the customer is labelled still, %v", err)
	}
}

// many writes so many customers of the owner behind those of the harness, each
// changed by patch, and answers the last id.
func (w *world) many(n int, patch func(i int, k *crm.Customer, labels *[]int64)) int64 {
	w.t.Helper()
	last := int64(1000 + n)
	w.amend(orgA, func(tx *store.Write) error {
		for i := range n {
			k := &crm.Customer{ID: int64(1001 + i), OwnerID: owner, Name: fmt.Sprint("批量", i), Approval: crm.Approved, CreatedAt: startOfClock,
				UpdatedAt: startOfClock, Address: crm.Address{ID: int64(1001 + i)}}
			var labels []int64
			patch(i, k, &labels)
			k.Labelled = len(labels) > 0
			if err := tx.AddCustomer(k); err != nil {
				return err
			}
			for _, id := range labels {
				if err := tx.AddCustomerLabel(k.ID, id); err != nil {
					return err
				}
			}
		}
		return errors.Join(tx.SkipIDs(store.Customers, last), tx.SkipIDs(store.Addresses, last))
	})
	return last
}

// killed runs the job of a kind for some pages, and leaves it as a process that
// is killed does.
func (w *world) killed(kind string) *job.Run {
	w.t.Helper()
	kinds := w.JobKinds()
	i := slices.IndexFunc(kinds, func(k job.Kind) bool { return k.Name == kind })
	for asked := 1; ; asked++ {
		run := w.claimed(kind)
		if err := kinds[i].Handle(&countdown{Context: context.Background(), left: asked}, run); err == nil {
			w.t.Fatalf("the job of %s ended before it was stopped", kind)
		}
		var now *crm.Job
		if err := w.store.Latest(w.t.Context(), orgA, func(r *store.Read) (err error) {
			now, err = r.Job(orgA, run.Job().ID)
			return err
		}); err != nil {
			w.t.Fatal(err)
		}
		if now.Cursor != "" {
			return run
		}
	}
}

// A process is killed between two pages: the next one goes on behind the page
// that was committed, and what the first one still tries is refused.
func TestDeleteLabelGoesOn(t *testing.T) {
	w := newWorld(t, settings())
	a := w.manages()
	last := w.many(3*walkPage, func(i int, _ *crm.Customer, labels *[]int64) { *labels = []int64{1, 2} })
	if err := w.DeleteLabel(t.Context(), a, 1, showsLabel); err != nil {
		t.Fatal(err)
	}
	count := func() string {
		return w.query("SELECT count(*) FROM customer_labels WHERE organization_id = $1 AND label_id = 1", orgA)
	}
	first := w.killed(removeLabelKind)
	left := count()
	if left == "0" || left == fmt.Sprint(3*walkPage+1) {
		t.Fatalf("the job was killed with %s left", left)
	}
	if err := w.runJob(removeLabelKind); err != nil || count() != "0" {
		t.Errorf("%s are left, %v", count(), err)
	}
	if err := w.removeLabel(t.Context(), first); !errors.Is(err, store.ErrClaimLost) {
		t.Errorf("the first one went on: %v", err)
	}
	w.logged("customer", last, "update", "labels: [1 2] → [2]")
	if n := w.query("SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND entity = 'customer' AND action = 'update'", orgA); n != fmt.Sprint(3*walkPage+1) {
		t.Errorf("%s rows of the log", n)
	}
}

// Sixty-four callers make one label: one of them does, the others are told.
func TestLabelsAtOnce(t *testing.T) {
	w := newWorld(t, settings())
	a := w.manages()
	made := 0
	for i, err := range inParallel(64, func(int) error {
		one := *a
		return w.AddLabel(t.Context(), &one, &crm.Label{Name: "同名"}, showsLabel)
	}) {
		if err == nil {
			made++
			continue
		}
		wants(t, fmt.Sprint("caller ", i), err, "标签“同名”已存在")
	}
	if made != 1 {
		t.Errorf("%d callers have made it", made)
	}
}
