package service

import (
	"cmp"
	"context"
	"regexp"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// Bounds of labels.
const (
	maxLabels      = 2000
	maxLabelGroups = 100
)

// LabelGroup is a group with its labels; id 0 for those in none.
type LabelGroup struct {
	crm.LabelGroup
	Labels []*crm.Label
}

// LabelsOf gives all labels in the order of their groups, those in none first.
func LabelsOf(d *crm.Directory) []*crm.Label {
	all := byID(d.Labels)
	place := func(l *crm.Label) int {
		if g := d.LabelGroups[l.GroupID]; g != nil {
			return g.Position + 1
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b *crm.Label) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.GroupID, b.GroupID), cmp.Compare(a.Position, b.Position),
			cmp.Compare(a.ID, b.ID))
	})
	return all
}

// LabelGroupsOf gives all groups in their order, each with its labels, and
// before them those in none, where there are any.
func LabelGroupsOf(d *crm.Directory) []LabelGroup {
	groups := byID(d.LabelGroups)
	slices.SortStableFunc(groups, func(a, b *crm.LabelGroup) int { return cmp.Compare(a.Position, b.Position) })
	all := make([]LabelGroup, 1, len(groups)+1)
	places := map[int64]int{}
	for _, g := range groups {
		places[g.ID] = len(all)
		all = append(all, LabelGroup{LabelGroup: *g})
	}
	for _, l := range LabelsOf(d) {
		all[places[l.GroupID]].Labels = append(all[places[l.GroupID]].Labels, l)
	}
	if len(all[0].Labels) == 0 {
		all = all[1:]
	}
	return all
}

// knownLabels leaves out labels that were deleted and that the job has not taken
// away yet.
func knownLabels(d *crm.Directory, ids []int64) []int64 {
	return slices.DeleteFunc(ids, func(id int64) bool { return d.Labels[id] == nil })
}

func labelRecord(l *crm.Label) record {
	return record{"name": l.Name, "color": l.Color, "label_group_id": l.GroupID, "position": int64(l.Position)}
}

var labelColor = regexp.MustCompile(`^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$`)

// checkLabelDraft checks a label that is made or changed.
func checkLabelDraft(d *crm.Directory, l *crm.Label) (err error) {
	if l.Name, err = checkLabel(l.Name, "标签名称", "Name of the label"); err != nil {
		return err
	}
	switch {
	case l.Color != "" && !labelColor.MatchString(l.Color):
		return crm.Invalid("标签颜色必须写作#rrggbb", "The colour of a label must be written as #rrggbb")
	case l.GroupID != 0 && d.LabelGroups[l.GroupID] == nil:
		return errNoLabelGroup
	}
	for _, other := range d.Labels {
		if other.ID != l.ID && other.GroupID == l.GroupID && other.Name == l.Name {
			return crm.Invalid("标签“"+l.Name+"”已存在", "There is the label “"+l.Name+"” already")
		}
	}
	return nil
}

var errNoLabelGroup = crm.Invalid("标签分组不存在", "The group of labels does not exist")

// lastLabel is a position behind all labels of a group.
func lastLabel(d *crm.Directory, group int64) int {
	last := 0
	for _, l := range d.Labels {
		if l.GroupID == group {
			last = max(last, l.Position)
		}
	}
	return last + 1
}

// AddLabel makes a label behind the others of its group and shows it.
// ErrForbidden without the right; an entity_validation_error for a name that is
// none or that its group has already, for a colour and for a group that are
// none.
func (s *Service) AddLabel(ctx context.Context, c *Caller, in *crm.Label, show func(*crm.Directory, *crm.Label) error) error {
	var id int64
	return s.manage(ctx, c, crm.RightManageLabels, func(w *store.Write) error {
		l := *in
		if len(c.Directory.Labels) >= maxLabels {
			return crm.Invalid("标签最多2000个", "There can be at most 2000 labels")
		}
		if err := checkLabelDraft(c.Directory, &l); err != nil {
			return err
		}
		var err error
		if l.ID, err = w.TakeIDs(store.Labels, 1); err != nil {
			return err
		}
		id, l.Position = l.ID, lastLabel(c.Directory, l.GroupID)
		if err := w.AddLabel(&l, l.Position); err != nil {
			return err
		}
		return s.note(w, c, "label", l.ID, "create", nil, labelRecord(&l))
	}, func(d *crm.Directory) error { return show(d, d.Labels[id]) })
}

// ChangeLabel changes a label: patch changes the draft. ErrNotFound where there
// is none; otherwise the refusals of AddLabel.
func (s *Service) ChangeLabel(ctx context.Context, c *Caller, id int64, patch func(*crm.Label) error,
	show func(*crm.Directory, *crm.Label) error) error {
	return s.manage(ctx, c, crm.RightManageLabels, func(w *store.Write) error {
		before, err := s.labelFor(w, c, id)
		if err != nil {
			return err
		}
		l := *before
		if err := patch(&l); err != nil {
			return err
		}
		if err := checkLabelDraft(c.Directory, &l); err != nil {
			return err
		}
		if l == *before {
			w.Nothing()
			return nil
		}
		if l.GroupID != before.GroupID {
			l.Position = lastLabel(c.Directory, l.GroupID)
		}
		if err := w.SetLabel(&l); err != nil {
			return err
		}
		return s.note(w, c, "label", id, "update", labelRecord(before), labelRecord(&l))
	}, func(d *crm.Directory) error { return show(d, d.Labels[id]) })
}

func (s *Service) labelFor(w *store.Write, c *Caller, id int64) (*crm.Label, error) {
	l := c.Directory.Labels[id]
	if l == nil {
		return nil, crm.ErrNotFound
	}
	return l, s.unmodified(w, c, "label", id)
}

// DeleteLabel deletes a label. It is gone for everybody at once; a job takes it
// from the customers that have it. ErrNotFound where there is none, ErrForbidden
// without the right.
func (s *Service) DeleteLabel(ctx context.Context, c *Caller, id int64, show func(*crm.Directory, *crm.Label) error) error {
	var l *crm.Label
	return s.manage(ctx, c, crm.RightManageLabels, func(w *store.Write) (err error) {
		if l, err = s.labelFor(w, c, id); err != nil {
			return err
		}
		return s.dropLabel(w, c, l)
	}, func(d *crm.Directory) error { return show(d, l) })
}

func (s *Service) dropLabel(w *store.Write, c *Caller, l *crm.Label) error {
	now := crm.At(s.now())
	if err := w.HideLabel(l.ID, now); err != nil {
		return err
	}
	if err := enqueueLabel(w, l.ID, c.Viewer.User.ID, now); err != nil {
		return err
	}
	return s.note(w, c, "label", l.ID, "destroy", labelRecord(l), nil)
}

// OrderLabels puts the labels of a group (0 for those in none) into an order;
// those that are not named follow behind. ErrForbidden without the right, an
// entity_validation_error for a label that the group does not have or that comes
// twice.
func (s *Service) OrderLabels(ctx context.Context, c *Caller, group int64, ids []int64, show func(*crm.Directory) error) error {
	return s.manage(ctx, c, crm.RightManageLabels, func(w *store.Write) error {
		if group != 0 && c.Directory.LabelGroups[group] == nil {
			return errNoLabelGroup
		}
		var now []int64
		for _, l := range LabelsOf(c.Directory) {
			if l.GroupID == group {
				now = append(now, l.ID)
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
			before := c.Directory.Labels[id]
			l := *before
			if l.Position = i + 1; l == *before {
				continue
			}
			if err := w.SetLabel(&l); err != nil {
				return err
			}
			if err := s.note(w, c, "label", id, "update", labelRecord(before), labelRecord(&l)); err != nil {
				return err
			}
		}
		return nil
	}, show)
}
