package move

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"guanxi/internal/store"
)

// side is one of the two databases.
type side struct {
	raw     store.Raw
	tables  map[string]*store.RawTable
	replace bool // what PostgreSQL does not take in a text
}

func open(ctx context.Context, database string) (*side, error) {
	raw, err := store.OpenRaw(ctx, database)
	if err != nil {
		return nil, err
	}
	return &side{raw: raw}, nil
}

func (s *side) know(tables []store.RawTable) {
	s.tables = map[string]*store.RawTable{}
	for i := range tables {
		s.tables[tables[i].Name] = &tables[i]
	}
}

// localTables are the tables of the installation itself, and whether their rows
// go along. A lease is of a process that works on the source; moves is the
// move's own. The facts are copied in a way of their own.
var localTables = map[string]bool{"installation": false, "leases": false, "moves": false, "goose_db_version": false,
	"generated_loads": true}

// filled are the tables that the program fills by itself: they are compared and
// not copied.
var filled = map[string]bool{"regions": true}

// moved tells whether the rows of a table are copied as they are.
func moved(t store.Table) bool {
	switch t.Class {
	case store.Tenant, store.Identity:
		return true
	case store.Local:
		return localTables[t.Name]
	}
	return false
}

// covered refuses a table of which nobody has said what becomes of it.
func covered(tables []store.RawTable) error {
	for _, t := range tables {
		known := moved(t.Table)
		switch t.Class {
		case store.Local:
			_, known = localTables[t.Name]
		case store.Reference:
			known = filled[t.Name]
		}
		if !known {
			return fmt.Errorf("nobody has said what becomes of the table %s, which is %s", t.Name, t.Class)
		}
	}
	return nil
}

// version is how often an organization has changed.
type version struct{ all, directory, sessions int64 }

// versions reads the versions of all organizations.
func (s *side) versions(ctx context.Context) (map[int64]version, error) {
	found := map[int64]version{}
	rows := s.raw.Query(ctx, `SELECT organization_id, version, directory_version, sessions_version FROM organizations`)
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		found[row[0].Bits] = version{row[1].Bits, row[2].Bits, row[3].Bits}
	}
	return found, nil
}

// holds tells whether a table has rows.
func (s *side) holds(ctx context.Context, table string) (bool, error) {
	full := false
	for row, err := range s.raw.Query(ctx, `SELECT count(*) FROM (SELECT 1 AS one FROM "`+table+`" LIMIT 1) AS x`) {
		if err != nil {
			return false, err
		}
		full = row[0].Bits > 0
	}
	return full, nil
}

// wait gives servers that are just ending their time, and refuses those that
// stay.
func (s *side) wait(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(3 * time.Second); ; {
		n, err := s.raw.Servers(ctx)
		if err != nil || n == 0 {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("servers have %d connections to it; stop them", n)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// read is what rows of a table are read.
type read struct {
	org   int64
	after []store.RawValue // the values of a key: only rows behind it
	// where is a further condition, "" for none.
	where string
}

// rows gives rows of a table in the order of their keys.
func (s *side) rows(ctx context.Context, t *store.RawTable, r read) iter.Seq2[[]store.RawValue, error] {
	sql, args := s.statement(t, r)
	return func(yield func([]store.RawValue, error) bool) {
		for row, err := range s.raw.Query(ctx, sql, args...) {
			if err == nil {
				err = s.clean(t, row)
			}
			if err != nil {
				yield(nil, fmt.Errorf("%s: %w", t.Name, err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// statement is the query for rows.
func (s *side) statement(t *store.RawTable, r read) (sql string, args []any) {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = `"` + c.Name + `"`
	}
	var conditions, keys []string
	for _, place := range t.Primary {
		keys = append(keys, names[place])
	}
	own := keys
	if t.Class == store.Tenant {
		args = append(args, r.org)
		conditions = append(conditions, names[t.Primary[0]]+" = $1")
		own = keys[1:]
	}
	if r.after != nil && len(own) > 0 {
		var places []string
		for _, v := range r.after[len(keys)-len(own):] {
			if v.Kind == store.RawInteger {
				args = append(args, v.Bits)
			} else {
				args = append(args, string(v.Text))
			}
			places = append(places, "$"+strconv.Itoa(len(args)))
		}
		conditions = append(conditions, "("+strings.Join(own, ", ")+") > ("+strings.Join(places, ", ")+")")
	}
	if t.Name == "installation" {
		conditions = append(conditions, `"name" NOT IN ('`+store.FactInstance+`', '`+store.FactUnfinishedMove+`')`)
	}
	if r.where != "" {
		conditions = append(conditions, r.where)
	}
	sql = `SELECT ` + strings.Join(names, ", ") + ` FROM "` + t.Name + `"`
	if len(conditions) > 0 {
		sql += " WHERE " + strings.Join(conditions, " AND ")
	}
	return sql + " ORDER BY " + strings.Join(keys, ", "), args
}

// clean refuses values of another kind than their column's, which an embedded
// database may hold, and replaces what is to be replaced.
func (s *side) clean(t *store.RawTable, row []store.RawValue) error {
	for i := range row {
		v, column := &row[i], t.Columns[i]
		want := column.Kind
		switch want {
		case store.RawBoolean:
			want = store.RawInteger
		case store.RawJSON:
			want = store.RawText
		}
		switch {
		case v.Kind == store.RawNull:
		case v.Kind != want, column.Kind == store.RawBoolean && v.Bits != 0 && v.Bits != 1:
			return fmt.Errorf("%s: the column %s holds another kind of value than it should", keyName(t, row), column.Name)
		case s.replace && v.Kind == store.RawText:
			v.Text = replaced(v.Text, column.Kind == store.RawJSON)
		}
	}
	return nil
}

// keyOf are the values of a row's key.
func keyOf(t *store.RawTable, row []store.RawValue) []store.RawValue {
	key := make([]store.RawValue, len(t.Primary))
	for i, place := range t.Primary {
		key[i] = row[place]
	}
	return key
}

// keyText writes a key so that it can be read again, whatever its texts hold.
func keyText(t *store.RawTable, row []store.RawValue) string {
	var b []byte
	for i, v := range keyOf(t, row) {
		if i > 0 {
			b = append(b, ' ')
		}
		if v.Kind == store.RawInteger {
			b = strconv.AppendInt(b, v.Bits, 10)
		} else {
			b = strconv.AppendQuoteToASCII(b, string(v.Text))
		}
	}
	return string(b)
}

// readKey reads what keyText has written.
func readKey(text string) (key []store.RawValue, err error) {
	for text != "" {
		if text[0] == '"' {
			quoted, err := strconv.QuotedPrefix(text)
			if err != nil {
				return nil, err
			}
			v, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, err
			}
			key = append(key, store.RawValue{Kind: store.RawText, Text: []byte(v)})
			text = strings.TrimPrefix(text[len(quoted):], " ")
			continue
		}
		number, rest, _ := strings.Cut(text, " ")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, err
		}
		key = append(key, store.RawValue{Kind: store.RawInteger, Bits: n})
		text = rest
	}
	if len(key) == 0 {
		return nil, errors.New("an empty key")
	}
	return key, nil
}

// keyName names a row for a reader: "id 17", "login_key \"x\"".
func keyName(t *store.RawTable, row []store.RawValue) string {
	var parts []string
	for i, v := range keyOf(t, row) {
		if t.Class == store.Tenant && i == 0 && len(t.Primary) > 1 {
			continue // the organization is named besides
		}
		value := strconv.FormatInt(v.Bits, 10)
		if v.Kind == store.RawText {
			value = strconv.QuoteToASCII(string(v.Text))
		}
		parts = append(parts, t.Columns[t.Primary[i]].Name+" "+value)
	}
	return strings.Join(parts, ", ")
}

// compareKeys compares rows by their keys, as both engines order them.
func compareKeys(t *store.RawTable, a, b []store.RawValue) int {
	for _, place := range t.Primary {
		x, y := a[place], b[place]
		c := cmp.Compare(x.Bits, y.Bits)
		if x.Kind == store.RawText {
			c = slices.Compare(x.Text, y.Text)
		}
		if c != 0 {
			return c
		}
	}
	return 0
}
