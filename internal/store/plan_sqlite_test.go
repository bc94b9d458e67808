package store

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// scanned are the tables whose rows a registered statement reads one after the
// other on the embedded database, with the reason.
var scanned = regexp.MustCompile(`^SCAN (organizations|o|installation|generated_loads|regions|tokens|jobs|d|moves|signin_failures|CONSTANT ROW|j|sqlite_schema)\b`)

// TestPlansOnSQLite looks at how the embedded database would run each registered
// statement when it knows nothing yet of the sizes of tables: no table that
// grows may be read from its beginning to its end. (A join once was, and no
// test with few rows could see it.)
func TestPlansOnSQLite(t *testing.T) {
	s := openFile(t, newFile(t))
	looked := 0
	for _, statement := range Statements() {
		sql := statement.SQL
		if strings.Contains(sql, "::") || strings.Contains(sql, "FOR ") || strings.Contains(sql, "pg_") || strings.Contains(sql, "row_security") {
			continue // for PostgreSQL only
		}
		var args []any
		for i := 1; strings.Contains(sql, "$"+strconv.Itoa(i)); i++ {
			args = append(args, 1)
		}
		err := s.engine.view(t.Context(), installation, func(tx Tx) error {
			return each(tx, "EXPLAIN QUERY PLAN "+sql, args, func(r Rows) error {
				var id, parent, unused int64
				var detail string
				if err := r.Scan(&id, &parent, &unused, &detail); err != nil {
					return err
				}
				looked++
				if strings.HasPrefix(detail, "SCAN") && !scanned.MatchString(detail) {
					t.Errorf("%s\n%s", detail, sql)
				}
				return nil
			})
		})
		if err != nil {
			t.Errorf("%v\n%s", err, sql)
		}
	}
	if looked < 50 {
		t.Errorf("only %d steps were looked at", looked)
	}
}
