package service

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/store"
)

// maxOptions is how many options a select field of the system may have.
const maxOptions = 500

// selectField refuses what is no select field of the system.
func selectField(entity, name string) error {
	if f := crm.FindSystemField(entity, name); f == nil || f.Type != "select" {
		return crm.ErrNotFound
	}
	return nil
}

func optionRecord(o *crm.Option) record {
	return record{"entity": o.Entity, "field": o.Field, "label": o.Label, "enabled": o.Enabled, "position": int64(o.Position)}
}

// checkLabel refuses a name of an option or of something like it: none, one that
// is too long, and control characters. It answers the name without the white
// space around it.
func checkLabel(label, zh, en string) (string, error) {
	label = strings.TrimSpace(label)
	switch {
	case label == "":
		return "", crm.Required(zh, en)
	case utf8.RuneCountInString(label) > field.MaxLabel:
		return "", crm.TooLong(zh, en, field.MaxLabel)
	case strings.ContainsFunc(label, func(r rune) bool { return r < 0x20 || r == 0x7f || r == utf8.RuneError }):
		return "", crm.Invalid(zh+"含有不允许的字符", en+" contains characters that are not allowed")
	}
	return label, nil
}

// AddOption adds an option to a select field of the system, behind the others.
// ErrNotFound where there is no such field, ErrForbidden without the right, an
// entity_validation_error for a label that is none or that is there already.
func (s *Service) AddOption(ctx context.Context, c *Caller, entity, name, label string, show func(*crm.Directory) error) error {
	return s.manage(ctx, c, crm.RightManageFields, func(w *store.Write) error {
		if err := selectField(entity, name); err != nil {
			return err
		}
		others := OptionsOf(c.Directory, entity, name)
		if len(others) >= maxOptions {
			return crm.Invalid("选项最多500个", "There can be at most 500 options")
		}
		o := crm.Option{Entity: entity, Field: name, Label: label, Position: 1, Enabled: true}
		if err := checkOptionLabel(others, &o); err != nil {
			return err
		}
		for _, other := range others {
			o.Position = max(o.Position, other.Position+1)
		}
		var err error
		if o.ID, err = w.TakeIDs(store.Options, 1); err != nil {
			return err
		}
		if err := w.AddOption(&o); err != nil {
			return err
		}
		return s.note(w, c, "field_option", o.ID, "create", nil, optionRecord(&o))
	}, show)
}

func checkOptionLabel(others []*crm.Option, o *crm.Option) (err error) {
	if o.Label, err = checkLabel(o.Label, "选项名称", "Label of the option"); err != nil {
		return err
	}
	if slices.ContainsFunc(others, func(x *crm.Option) bool { return x.ID != o.ID && x.Label == o.Label }) {
		return crm.Invalid("选项“"+o.Label+"”已存在", "There is the option “"+o.Label+"” already")
	}
	return nil
}

// ChangeOption renames, enables or disables an option; patch changes the draft.
// An option is never deleted, since records have it. One that rules depend on
// stays as it is.
//
// ErrNotFound where there is none, ErrForbidden without the right, an
// entity_validation_error for what cannot be.
func (s *Service) ChangeOption(ctx context.Context, c *Caller, entity, name string, id int64, patch func(*crm.Option) error,
	show func(*crm.Directory) error) error {
	return s.manage(ctx, c, crm.RightManageFields, func(w *store.Write) error {
		if err := selectField(entity, name); err != nil {
			return err
		}
		before := c.Directory.Options[id]
		if before == nil || before.Entity != entity || before.Field != name {
			return crm.ErrNotFound
		}
		if err := s.unmodified(w, c, "field_option", id); err != nil {
			return err
		}
		o := *before
		if err := patch(&o); err != nil {
			return err
		}
		if err := checkOptionLabel(OptionsOf(c.Directory, entity, name), &o); err != nil {
			return err
		}
		if o == *before {
			w.Nothing()
			return nil
		}
		if before.Meaning != "" {
			return crm.Invalid("选项“"+before.Label+"”是系统规则所需,不能修改", "Rules depend on the option “"+before.Label+"”; it cannot be changed")
		}
		if err := w.SetOption(&o); err != nil {
			return err
		}
		return s.note(w, c, "field_option", id, "update", optionRecord(before), optionRecord(&o))
	}, show)
}

// OrderOptions puts the options of a select field into an order; those that are
// not named follow behind. ErrNotFound where there is no such field,
// ErrForbidden without the right, an entity_validation_error for an option that
// is not there or comes twice.
func (s *Service) OrderOptions(ctx context.Context, c *Caller, entity, name string, ids []int64, show func(*crm.Directory) error) error {
	return s.manage(ctx, c, crm.RightManageFields, func(w *store.Write) error {
		if err := selectField(entity, name); err != nil {
			return err
		}
		var now []int64
		for _, o := range OptionsOf(c.Directory, entity, name) {
			now = append(now, o.ID)
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
			o := *c.Directory.Options[id]
			if o.Position == i+1 {
				continue
			}
			o.Position = i + 1
			if err := w.SetOption(&o); err != nil {
				return err
			}
			if err := s.note(w, c, "field_option", id, "update", optionRecord(c.Directory.Options[id]), optionRecord(&o)); err != nil {
				return err
			}
		}
		return nil
	}, show)
}

// newOrder puts those that are named first, in their order, and the others
// behind them.
func newOrder(now, named []int64) ([]int64, error) {
	order := slices.Clone(named)
	for i, id := range named {
		if !slices.Contains(now, id) || slices.Contains(named[:i], id) {
			return nil, crm.Invalid("顺序中的编号不存在或重复", "An id of the order does not exist or comes twice")
		}
	}
	for _, id := range now {
		if !slices.Contains(order, id) {
			order = append(order, id)
		}
	}
	return order, nil
}
