package v2

import (
	"guanxi/internal/api/call"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// FilterGroup gives what answers GET /api/v2/<entities>/filter_sort_group: what
// the list can be filtered and sorted by.
func FilterGroup(entity string) call.Handler {
	return func(c *call.Call) error {
		filters, sorts := c.Service.FilterGroup(c.Caller, entity)
		s := shapes(c)
		s.data(func() {
			s.Array("filters")
			for _, f := range filters {
				s.Object("")
				s.String("name", f.Name)
				s.String("label", f.Label)
				s.String("value", f.Name)
				s.String("field_type", f.Kind)
				s.options("options", f.Values, f.Name)
				s.End()
			}
			s.EndArray()
			s.Array("sorts")
			for _, f := range sorts {
				s.Object("")
				s.String("name", f.Value)
				s.String("label", f.Label)
				s.String("value", f.Value)
				s.End()
			}
			s.EndArray()
		})
		return nil
	}
}

// options are values to filter by: all four are texts.
func (s *shape) options(key string, values []service.FilterValue, source string) {
	s.Array(key)
	for _, v := range values {
		s.Object("")
		s.String("label", v.Label)
		s.String("name", v.Label)
		s.String("source", source)
		s.String("value", v.Value)
		s.End()
	}
	s.EndArray()
}

// FilterOptions gives what answers GET /api/v2/<entities>/:field_name/filter_options:
// the values of one field, in pages.
func FilterOptions(entity string) call.Handler {
	return func(c *call.Call) error {
		p, err := c.Params()
		if err != nil {
			return err
		}
		page, perPage, err := paging(p)
		if err != nil {
			return err
		}
		name := c.Request.PathValue("field_name")
		values, err := c.Service.FilterOptions(c.Caller, entity, name)
		if err != nil {
			return err
		}
		total := len(values)
		start := min((page-1)*perPage, total)
		values = values[start:min(start+perPage, total)]
		s := shapes(c)
		s.data(func() {
			s.options("options", values, name)
			s.pageInfo(crm.ListPage{Page: page, PerPage: perPage, Total: total, More: start+len(values) < total})
		})
		return nil
	}
}
