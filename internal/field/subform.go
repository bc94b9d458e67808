package field

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"guanxi/internal/crm"
)

const (
	// MaxRows is how many rows a sub-form may hold, MaxColumns how many
	// columns.
	MaxRows    = 200
	MaxColumns = 30
)

// parseRows takes all rows of a sub-form, each an object of its columns: the
// rows that there were are replaced. Rows without any value are left out.
func parseRows(w write) (any, error) {
	if !w.IsList || slices.ContainsFunc(w.List, func(s string) bool { return s != "" }) {
		return nil, w.refuse("必须是行的列表", "must be a list of rows")
	}
	limit := MaxRows
	if w.Options.MaxRows > 0 {
		limit = min(w.Options.MaxRows, MaxRows)
	}
	columns := w.Options.Columns
	had := func(name string) (values []json.RawMessage) {
		for _, raw := range w.had {
			for _, row := range RowsOf(raw) {
				if v, ok := row[name]; ok {
					values = append(values, v)
				}
			}
		}
		return values
	}
	var rows []json.RawMessage
	for i, given := range w.Rows {
		if !slices.ContainsFunc(columns, func(f *crm.CustomField) bool {
			in, ok := given(f.Name)
			return ok && !in.blank()
		}) {
			continue
		}
		if len(rows) == limit {
			n := strconv.Itoa(limit)
			return nil, w.refuse("最多"+n+"行", "can have at most "+n+" rows")
		}
		m, _, err := apply(columns, nil, had, given, true)
		if err != nil {
			return nil, w.inRow(i+1, err)
		}
		if row := encode(columns, m); row != nil {
			rows = append(rows, json.RawMessage(row))
		}
	}
	if rows == nil {
		return nil, nil
	}
	return rows, nil
}

// inRow says in which row a value was refused.
func (w write) inRow(n int, err error) error {
	var e *crm.Error
	if !errors.As(err, &e) {
		return err
	}
	row := strconv.Itoa(n)
	return w.refuse("第"+row+"行的"+e.Message, "row "+row+": "+e.English)
}

// RowsOf are the rows of a kept sub-form, each with its values by column.
func RowsOf(raw json.RawMessage) []map[string]json.RawMessage {
	var rows []map[string]json.RawMessage
	if json.Unmarshal(raw, &rows) != nil {
		return nil
	}
	return rows
}
