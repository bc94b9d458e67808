package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"guanxi/internal/store/explain"
)

func checkPG(ctx context.Context, url string, connections int) (*CheckReport, error) {
	cfg, unnamed, err := pgConfig(url)
	if err != nil {
		return nil, err
	}
	if !unnamed { // a pooler takes no settings
		cfg.RuntimeParams["application_name"] = "guanxi db check"
		cfg.RuntimeParams["default_transaction_read_only"] = "on"
	}
	// Plans are made for the values at hand: what Citus shows is where it would
	// send them.
	delete(cfg.RuntimeParams, "plan_cache_mode")
	conn, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, refusal(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	r := &CheckReport{}
	ask := askConn(ctx, conn)
	if err := r.settings(ask, connections); err != nil {
		return nil, err
	}
	all, only, err := r.migrations(ask, "postgres", `SELECT coalesce(to_regclass('`+migrationsTable+`')::text, '')`)
	if err != nil || !all {
		return r, err
	}
	if only {
		c, err := postgresCatalogue(ask)
		if err != nil {
			return nil, err
		}
		r.schema(c)
	}
	if err := r.wall(ask); err != nil {
		return nil, err
	}
	citus, err := r.places(ask)
	if err != nil {
		return nil, err
	}
	return r, r.statements(ctx, conn, citus)
}

// refusal is a failure to connect without what might be secret in it.
func refusal(err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return fmt.Errorf("%w: %s", ErrUnavailable, refused.Message)
	}
	return unavailableSQL(err)
}

// askConn asks on a connection.
func askConn(ctx context.Context, conn *pgconn.PgConn) asker {
	return func(sql string, columns int) ([][]string, error) {
		rows, err := explain.Rows(ctx, conn, sql)
		if err == nil && len(rows) > 0 && len(rows[0]) != columns {
			err = fmt.Errorf("%d columns where %d were asked for", len(rows[0]), columns)
		}
		return rows, err
	}
}

// settings looks at the server's settings.
func (r *CheckReport) settings(ask asker, connections int) error {
	// A limit of -1 is none.
	rows, err := ask(`SELECT name, setting FROM pg_settings WHERE name IN ('server_version_num', 'server_version', 'server_encoding',
			'synchronous_commit', 'fsync', 'full_page_writes', 'autovacuum', 'track_counts', 'max_connections',
			'superuser_reserved_connections', 'reserved_connections')
		UNION ALL SELECT 'role connections', rolconnlimit::text FROM pg_roles WHERE rolname = current_user
		UNION ALL SELECT 'database connections', datconnlimit::text FROM pg_database WHERE datname = current_database()
		UNION ALL SELECT 'standby', pg_is_in_recovery()::text`, 2)
	if err != nil {
		return err
	}
	values := map[string]string{}
	for _, row := range rows {
		values[row[0]] = row[1]
	}
	r.judgeSettings(values, connections)
	return nil
}

func (r *CheckReport) judgeSettings(values map[string]string, connections int) {
	before := len(r.Faults)
	number := func(name string) int {
		n, _ := strconv.Atoi(values[name]) // a setting that is not there counts as 0
		return n
	}
	if number("server_version_num") < 150000 {
		r.fault("Upgrade the server.", "PostgreSQL %s is too old: 15 or newer is needed", values["server_version"])
	}
	if values["server_encoding"] != "UTF8" {
		r.fault("Make a database with ENCODING 'UTF8' and move the data there.", "the encoding of the database is %s", values["server_encoding"])
	}
	for _, s := range []struct{ name, why string }{
		{"synchronous_commit", "a crash of the server loses changes that were acknowledged"},
		{"fsync", "a crash of the machine can destroy the database"},
		{"full_page_writes", "a crash of the machine can destroy the database"},
		{"autovacuum", "tables grow and their statistics grow stale"},
		{"track_counts", "autovacuum does not see what has changed"},
	} {
		if values[s.name] == "off" {
			r.fault("ALTER SYSTEM SET "+s.name+" = on; SELECT pg_reload_conf(); (or where it was set: role, database, postgresql.conf)",
				"%s is off: %s", s.name, s.why)
		}
	}
	room := number("max_connections") - number("superuser_reserved_connections") - number("reserved_connections")
	for _, name := range []string{"role connections", "database connections"} {
		if n := number(name); n >= 0 && values[name] != "" {
			room = min(room, n)
		}
	}
	switch {
	case room < connections:
		r.fault("Raise max_connections (or the limit of the role or the database), or lower --database-connections.",
			"there is room for %d connections, and a server takes up to %d", room, connections)
	case room < 2*connections:
		r.note("there is room for %d connections: a second server, which takes up to %d too, would not find enough", room, connections)
	}
	if values["standby"] == "true" {
		r.note("this server is a standby: it takes no changes")
	}
	if len(r.Faults) == before {
		r.pass("PostgreSQL %s, %s, room for %d connections, and settings that keep what was acknowledged", values["server_version"],
			values["server_encoding"], room)
	}
}

// wall tells whether row-level security holds for our role.
func (r *CheckReport) wall(ask asker) error {
	if rows, err := ask(`SELECT 1 WHERE to_regclass('organizations') IS NULL`, 1); err != nil || len(rows) > 0 {
		return err // it is missing, as was told
	}
	rows, err := ask(`SELECT rolname, row_security_active('organizations')::text, rolsuper::text, rolbypassrls::text
		FROM pg_roles WHERE rolname = current_user`, 4)
	if err != nil || len(rows) == 0 {
		return err
	}
	role := rows[0]
	why := "it owns the tables"
	switch {
	case role[1] == "true":
		r.pass("row-level security holds for the role %s", role[0])
		return nil
	case role[2] == "true":
		why = "it is a superuser"
	case role[3] == "true":
		why = "it has BYPASSRLS"
	}
	r.note("row-level security does not hold for the role %s, since %s: the statements alone keep organizations apart. "+
		"A role of its own for the server makes it the second wall (see the documentation of operations)", role[0], why)
	return nil
}

// statements tries every registered statement out, without running it: it is
// understood, our role has the rights that it needs, and on Citus a statement of
// one organization goes to one place.
func (r *CheckReport) statements(ctx context.Context, conn *pgconn.PgConn, citus bool) error {
	before, tried := len(r.Faults), 0
	for _, s := range Statements() {
		plan, err := explain.Statement(ctx, conn, s.SQL, "TEXT", explain.Few)
		tried++
		switch {
		case err != nil && conn.IsClosed():
			return refusal(err)
		case err != nil:
			r.fault(remedyOf(err), "the statement %s is refused: %s", s.Name, explain.Message(err))
		case citus && s.Scope == ofOrganization:
			if fault := tasksFault(plan); fault != "" {
				r.fault("It would be slow or fail under load: report it with the output of this command.", "the statement %s %s", s.Name, fault)
			}
		}
	}
	if len(r.Faults) == before {
		r.pass("all %d statements can be run%s", tried, map[bool]string{true: ", those of one organization in one place"}[citus])
	}
	return nil
}

// remedyOf says what to do about a statement that the database refuses.
func remedyOf(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "42501" {
		return "Give the role its rights: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA … TO …;"
	}
	return "Mend what was told above about the schema first; otherwise report it."
}
