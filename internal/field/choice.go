package field

import (
	"slices"

	"guanxi/internal/crm"
)

func known(f *crm.CustomField, value string) error {
	if !slices.ContainsFunc(f.Choices, func(c crm.Choice) bool { return c.Value == value }) {
		return crm.Invalid(f.Label + "的选项不存在")
	}
	return nil
}

func parseSelect(f *crm.CustomField, in Input) (any, error) {
	s, err := single(f, in)
	if err != nil {
		return nil, err
	}
	return s, known(f, s)
}

// parseMultiSelect keeps the choices in the order given, each once.
func parseMultiSelect(f *crm.CustomField, in Input) (any, error) {
	list := in.List
	if !in.IsList {
		list = []string{in.Text}
	}
	var out []string
	for _, v := range list {
		if v == "" || slices.Contains(out, v) {
			continue
		}
		if err := known(f, v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
