package v2

import (
	"guanxi/internal/api/call"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// Labels answers GET /api/v2/labels: all labels in the order of their groups, in
// pages.
func Labels(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	s := shapes(c)
	all := service.LabelsOf(s.d)
	first, last, page, err := pageOf(p, len(all))
	if err != nil {
		return err
	}
	all = all[first:last]
	s.page("labels", page, len(all), func(i int) {
		s.Object("")
		s.label(all[i])
		s.End()
	})
	return nil
}

// LabelGroups answers GET /api/v2/label_groups: the groups with their labels,
// those in none first.
func LabelGroups(c *call.Call) error { return showLabelGroups(c)(c.Caller.Directory) }

func showLabelGroups(c *call.Call) func(*crm.Directory) error {
	return func(d *crm.Directory) error {
		s := shapes(c)
		s.d = d
		s.data(func() {
			s.Array("label_groups")
			for _, g := range service.LabelGroupsOf(d) {
				s.Object("")
				s.labelGroup(&g.LabelGroup, g.Labels)
				s.End()
			}
			s.EndArray()
		})
		return nil
	}
}

func (s *shape) labelGroup(g *crm.LabelGroup, labels []*crm.Label) {
	s.id("id", g.ID)
	s.String("name", g.Name)
	s.Int("position", int64(g.Position))
	s.Array("labels")
	for _, l := range labels {
		s.Object("")
		s.label(l)
		s.End()
	}
	s.EndArray()
}

// label is a label as its own list shows it.
func (s *shape) label(l *crm.Label) {
	s.Int("id", l.ID)
	s.String("name", l.Name)
	s.String("color", l.Color)
	s.id("label_group_id", l.GroupID)
	name := ""
	if g := s.d.LabelGroups[l.GroupID]; g != nil {
		name = g.Name
	}
	s.String("label_group_name", name)
	s.Int("position", int64(l.Position))
}

func showLabel(c *call.Call) func(*crm.Directory, *crm.Label) error {
	return func(d *crm.Directory, l *crm.Label) error {
		s := shapes(c)
		s.d = d
		s.data(func() { s.label(l) })
		return nil
	}
}

// labelDraft reads a label into a draft.
func (r *reader) labelDraft(l *crm.Label) error {
	r.text("name", &l.Name)
	r.text("color", &l.Color)
	r.id("label_group_id", &l.GroupID)
	return r.err
}

// AddLabel answers POST /api/v2/labels with the new label.
func AddLabel(c *call.Call) error {
	_, in, err := body(c, "label")
	if err != nil {
		return err
	}
	in.entity = "custom_field"
	var l crm.Label
	if err := in.labelDraft(&l); err != nil {
		return err
	}
	return c.Service.AddLabel(c.Context(), c.Caller, &l, showLabel(c))
}

// ChangeLabel answers PUT /api/v2/labels/:id with the label as it is then.
func ChangeLabel(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	_, in, err := body(c, "label")
	if err != nil {
		return err
	}
	in.entity = "custom_field"
	return c.Service.ChangeLabel(c.Context(), c.Caller, id, func(l *crm.Label) error {
		return in.fresh(c).labelDraft(l)
	}, showLabel(c))
}

// DeleteLabel answers DELETE /api/v2/labels/:id with the label as it was.
func DeleteLabel(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	return c.Service.DeleteLabel(c.Context(), c.Caller, id, showLabel(c))
}

// OrderLabels answers PUT /api/v2/labels/order with all groups and labels. The
// labels are those of label_group_id, of none without it.
func OrderLabels(c *call.Call) error {
	order, err := orderOf(c)
	if err != nil {
		return err
	}
	p, err := c.Params()
	if err != nil {
		return err
	}
	in := &reader{v: p.Root(), d: c.Caller.Directory, entity: "custom_field"}
	var group int64
	if in.id("label_group_id", &group); in.err != nil {
		return in.err
	}
	return c.Service.OrderLabels(c.Context(), c.Caller, group, order, showLabelGroups(c))
}

// AddLabelGroup answers POST /api/v2/label_groups with the new group.
func AddLabelGroup(c *call.Call) error { return saveLabelGroup(c, 0) }

// ChangeLabelGroup answers PUT /api/v2/label_groups/:id with the group as it is
// then.
func ChangeLabelGroup(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	return saveLabelGroup(c, id)
}

func saveLabelGroup(c *call.Call, id int64) error {
	_, in, err := body(c, "label_group")
	if err != nil {
		return err
	}
	in.entity = "custom_field"
	return c.Service.SaveLabelGroup(c.Context(), c.Caller, id, func(g *crm.LabelGroup) error {
		r := in.fresh(c)
		r.text("name", &g.Name)
		return r.err
	}, showLabelGroup(c))
}

func showLabelGroup(c *call.Call) func(*crm.Directory, *crm.LabelGroup) error {
	return func(d *crm.Directory, g *crm.LabelGroup) error {
		s := shapes(c)
		s.d = d
		var labels []*crm.Label
		for _, l := range service.LabelsOf(d) {
			if l.GroupID == g.ID {
				labels = append(labels, l)
			}
		}
		s.data(func() { s.labelGroup(g, labels) })
		return nil
	}
}

// DeleteLabelGroup answers DELETE /api/v2/label_groups/:id with the group, whose
// labels are gone with it.
func DeleteLabelGroup(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	return c.Service.DeleteLabelGroup(c.Context(), c.Caller, id, showLabelGroup(c))
}

// OrderLabelGroups answers PUT /api/v2/label_groups/order with all groups and
// labels.
func OrderLabelGroups(c *call.Call) error {
	order, err := orderOf(c)
	if err != nil {
		return err
	}
	return c.Service.OrderLabelGroups(c.Context(), c.Caller, order, showLabelGroups(c))
}
