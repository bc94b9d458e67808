// Package explain asks PostgreSQL how it would run a statement that has
// parameters, without running it.
package explain

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Numbers are the whole numbers that are put in the place of parameters, one
// after the other.
type Numbers []int64

// Few are enough where it does not matter which ones they are.
var Few = Numbers{1, 2, 3, 4, 5, 6, 7, 8}

// Statement gives the plan of a statement as lines of text or as JSON (format
// is TEXT or JSON), with a value that is not NULL for every parameter. It runs
// in a transaction that cannot write. Whether the plan is made for these values
// or for all is a matter of the connection's plan_cache_mode.
func Statement(ctx context.Context, c *pgconn.PgConn, sql, format string, numbers Numbers) (plan string, err error) {
	if strings.Contains(sql, ";") {
		return "", errors.New("this is more than one statement")
	}
	// After an error nothing is taken before the end of the transaction, and a
	// prepared statement outlives it.
	end := "ROLLBACK"
	defer func() {
		if over := run(context.WithoutCancel(ctx), c, end); err == nil {
			err = over
		}
	}()
	types, err := Rows(ctx, c, "BEGIN READ ONLY; PREPARE "+name+" AS "+sql+`; SELECT t FROM pg_prepared_statements,
		unnest(parameter_types::text[]) WITH ORDINALITY u(t, n) WHERE name = '`+name+`' ORDER BY n`)
	if err != nil {
		return "", err
	}
	end += "; DEALLOCATE " + name
	execute := "EXPLAIN (FORMAT " + format + ") EXECUTE " + name
	for i, t := range types {
		value, err := sample(t[0], i, numbers)
		if err != nil {
			return "", err
		}
		execute += []string{"(", ", "}[min(i, 1)] + value
	}
	if len(types) > 0 {
		execute += ")"
	}
	rows, err := Rows(ctx, c, execute)
	for _, r := range rows {
		plan += r[0] + "\n"
	}
	return plan, err
}

const name = "guanxi_explained"

// sample is a literal for the parameter i.
func sample(typ string, i int, numbers Numbers) (string, error) {
	number := func(i int) string { return strconv.FormatInt(numbers[i%len(numbers)], 10) }
	switch typ {
	case "bigint", "integer", "smallint", "double precision", "real", "numeric":
		return number(i), nil
	case "text", "character varying", `"char"`:
		return "'" + number(i) + "'", nil // it may be cast to a number
	case "boolean":
		return "TRUE", nil
	case "jsonb", "json":
		return "'{}'", nil
	case "bytea":
		return `'\x00'`, nil
	case "bigint[]", "integer[]", "text[]":
		return "'{" + number(i) + "," + number(i+1) + "}'", nil
	}
	return "", fmt.Errorf("no sample is known for a parameter of the type %s", typ)
}

// run runs statements that give no rows.
func run(ctx context.Context, c *pgconn.PgConn, sql string) error {
	_, err := c.Exec(ctx, sql).ReadAll()
	return err
}

// Rows gives the rows of a statement without parameters as PostgreSQL prints
// them; NULL is the empty text.
func Rows(ctx context.Context, c *pgconn.PgConn, sql string) (rows [][]string, err error) {
	results, err := c.Exec(ctx, sql).ReadAll()
	for _, r := range results {
		for _, values := range r.Rows {
			row := make([]string, len(values))
			for i, v := range values {
				row[i] = string(v)
			}
			rows = append(rows, row)
		}
	}
	return rows, err
}

// Message is what the server says of a statement that it refuses, in one line.
func Message(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Message
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}
