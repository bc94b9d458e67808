package service

import (
	"context"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func labelGroupRecord(g *crm.LabelGroup) record {
	return record{"name": g.Name, "position": int64(g.Position)}
}

// SaveLabelGroup makes a group of labels behind the others (id 0), or gives one
// another name. ErrNotFound where there is none, ErrForbidden without the right,
// an entity_validation_error for a name that is none or that another group has.
func (s *Service) SaveLabelGroup(ctx context.Context, c *Caller, id int64, patch func(*crm.LabelGroup) error,
	show func(*crm.Directory, *crm.LabelGroup) error) error {
	var g crm.LabelGroup
	return s.manage(ctx, c, crm.RightManageLabels, func(w *store.Write) (err error) {
		d, action, before := c.Directory, "create", record(nil)
		g = crm.LabelGroup{Position: 1}
		if found := d.LabelGroups[id]; id != 0 {
			if found == nil {
				return crm.ErrNotFound
			}
			if err := s.unmodified(w, c, "label_group", id); err != nil {
				return err
			}
			g, action, before = *found, "update", labelGroupRecord(found)
		} else {
			if len(d.LabelGroups) >= maxLabelGroups {
				return crm.Invalid("标签分组最多100个", "There can be at most 100 groups of labels")
			}
			for _, other := range d.LabelGroups {
				g.Position = max(g.Position, other.Position+1)
			}
		}
		if err := patch(&g); err != nil {
			return err
		}
		if g.Name, err = checkLabel(g.Name, "标签分组名称", "Name of the group of labels"); err != nil {
			return err
		}
		for _, other := range d.LabelGroups {
			if other.ID != g.ID && other.Name == g.Name {
				return crm.Invalid("标签分组“"+g.Name+"”已存在", "There is the group of labels “"+g.Name+"” already")
			}
		}
		if id == 0 {
			if g.ID, err = w.TakeIDs(store.LabelGroups, 1); err != nil {
				return err
			}
		}
		if err := w.SetLabelGroup(&g, crm.At(s.now())); err != nil {
			return err
		}
		return s.note(w, c, "label_group", g.ID, action, before, labelGroupRecord(&g))
	}, func(d *crm.Directory) error { return show(d, d.LabelGroups[g.ID]) })
}

// DeleteLabelGroup deletes a group of labels with its labels, each as DeleteLabel
// does. ErrNotFound where there is none, ErrForbidden without the right.
func (s *Service) DeleteLabelGroup(ctx context.Context, c *Caller, id int64, show func(*crm.Directory, *crm.LabelGroup) error) error {
	var g *crm.LabelGroup
	return s.manage(ctx, c, crm.RightManageLabels, func(w *store.Write) error {
		if g = c.Directory.LabelGroups[id]; g == nil {
			return crm.ErrNotFound
		}
		if err := s.unmodified(w, c, "label_group", id); err != nil {
			return err
		}
		for _, l := range LabelsOf(c.Directory) {
			if l.GroupID == id {
				if err := s.dropLabel(w, c, l); err != nil {
					return err
				}
			}
		}
		if err := w.DeleteLabelGroup(id); err != nil {
			return notFound(err)
		}
		return s.note(w, c, "label_group", id, "destroy", labelGroupRecord(g), nil)
	}, func(d *crm.Directory) error { return show(d, g) })
}

// OrderLabelGroups puts the groups of labels into an order; those that are not
// named follow behind. ErrForbidden without the right, an
// entity_validation_error for a group that is not there or comes twice.
func (s *Service) OrderLabelGroups(ctx context.Context, c *Caller, ids []int64, show func(*crm.Directory) error) error {
	return s.manage(ctx, c, crm.RightManageLabels, func(w *store.Write) error {
		var now []int64
		for _, g := range LabelGroupsOf(c.Directory) {
			if g.ID != 0 {
				now = append(now, g.ID)
			}
		}
		order, err := newOrder(now, ids)
		if err != nil {
			return err
		}
		if slices.Equal(order, now) {
			w.Nothing()
			return nil
		}
		for i, id := range order {
			before := c.Directory.LabelGroups[id]
			g := *before
			if g.Position = i + 1; g == *before {
				continue
			}
			if err := w.SetLabelGroup(&g, crm.At(s.now())); err != nil {
				return err
			}
			if err := s.note(w, c, "label_group", id, "update", labelGroupRecord(before), labelGroupRecord(&g)); err != nil {
				return err
			}
		}
		return nil
	}, show)
}
