package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// connect opens a connection of the superuser.
func (c *Cluster) connect(ctx context.Context, database string) (*pgconn.PgConn, error) {
	return pgconn.Connect(ctx, c.URL(database))
}

// with runs fn on a connection of its own.
func (c *Cluster) with(ctx context.Context, database string, fn func(*pgconn.PgConn) error) error {
	conn, err := c.connect(ctx, database)
	if err != nil {
		return c.withLog(err)
	}
	err = fn(conn)
	if closeErr := conn.Close(ctx); err == nil {
		err = closeErr
	}
	return err
}

// Exec runs statements, several divided by semicolons if need be, as the
// superuser on a connection of their own. Several are one transaction unless
// they say otherwise.
func (c *Cluster) Exec(ctx context.Context, database, sql string) error {
	return c.with(ctx, database, func(conn *pgconn.PgConn) error {
		_, err := conn.Exec(ctx, sql).ReadAll()
		return err
	})
}

// QueryTexts runs statements as Exec does and gives the rows of the last one as
// PostgreSQL prints them. NULL is the empty string.
func (c *Cluster) QueryTexts(ctx context.Context, database, sql string) (rows [][]string, err error) {
	err = c.with(ctx, database, func(conn *pgconn.PgConn) error {
		rows, err = texts(ctx, conn, sql)
		return err
	})
	return rows, err
}

func texts(ctx context.Context, conn *pgconn.PgConn, sql string) ([][]string, error) {
	results, err := conn.Exec(ctx, sql).ReadAll()
	if err != nil || len(results) == 0 {
		return nil, err
	}
	var rows [][]string
	for _, values := range results[len(results)-1].Rows {
		row := make([]string, len(values))
		for i, v := range values {
			row[i] = string(v)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// CreateDatabase makes a database as a copy of another one, to which nobody is
// connected. An empty template gives an empty database.
func (c *Cluster) CreateDatabase(ctx context.Context, name, template string) error {
	if template == "" {
		template = "template0"
	}
	return c.Exec(ctx, superuser, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY %s",
		quoted(name), quoted(template), strategy))
}

// strategy is how a database is copied. It took half as long as WAL_LOG, and a
// third with four at the same time, for a database of 40 tables.
const strategy = "FILE_COPY"

// DropDatabase removes a database and cuts off who is connected to it. It is
// no error when there is none.
func (c *Cluster) DropDatabase(ctx context.Context, name string) error {
	return c.Exec(ctx, superuser, fmt.Sprintf("DROP DATABASE IF EXISTS %s WITH (FORCE)", quoted(name)))
}

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }

// literal quotes a text for a statement.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Fresh makes a database for one test as CreateDatabase does and gives its URL.
// It is dropped when the test ends, whoever is still connected to it.
func (c *Cluster) Fresh(t testing.TB, template string) string {
	t.Helper()
	name := fmt.Sprintf("fresh_%d", c.fresh.Add(1))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := c.CreateDatabase(ctx, name, template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !c.running() {
			return // the test has stopped the server
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := c.DropDatabase(ctx, name); err != nil {
			t.Error(err)
		}
	})
	return c.URL(name)
}

// Database is the name of the database in a URL of this package.
func Database(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Path, "/")
}

// template is a database to copy from.
type template struct {
	once sync.Once
	err  error
}

// Template makes a database to copy from: an empty one, which fill is given to
// fill. It does so once for a cluster and name; later calls, and those at the
// same time, wait for it and get its error. Nobody can connect to it
// afterwards, and connections that fill has left are cut off.
func (c *Cluster) Template(name string, fill func(url string) error) error {
	c.mu.Lock()
	t := c.templates[name]
	if t == nil {
		t = &template{}
		c.templates[name] = t
	}
	c.mu.Unlock()
	t.once.Do(func() {
		t.err = fmt.Errorf("pgtest: the template %s was not finished", name) // unless fill returns
		t.err = c.makeTemplate(name, fill)
	})
	return t.err
}

func (c *Cluster) makeTemplate(name string, fill func(url string) error) error {
	if err := c.CreateDatabase(context.Background(), name, ""); err != nil {
		return err
	}
	if err := fill(c.URL(name)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return c.with(ctx, superuser, func(conn *pgconn.PgConn) error {
		if _, err := texts(ctx, conn, "ALTER DATABASE "+quoted(name)+" ALLOW_CONNECTIONS false"); err != nil {
			return err
		}
		// A client's end is not yet its backend's: that one has to be waited for.
		return poll(ctx, func() (bool, error) {
			rows, err := texts(ctx, conn, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
				WHERE backend_type = 'client backend' AND datname = `+literal(name))
			return err == nil && rows[0][0] == "0", err
		})
	})
}
