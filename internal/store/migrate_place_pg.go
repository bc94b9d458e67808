package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// distributeTables puts new tables where their class says, on Citus. It wants
// references to be added afterwards.
//
// The tests see the calls, made to functions that stand in for those of Citus,
// and not their effect.
func distributeTables(ctx context.Context, tx *sql.Tx) error {
	citus, err := texts(ctx, tx, `SELECT 'yes' WHERE to_regclass('pg_dist_partition') IS NOT NULL`)
	if err != nil || len(citus) == 0 {
		return err
	}
	// Tables that refer to reference tables and to each other in one
	// transaction.
	if _, err := tx.ExecContext(ctx, `SET LOCAL citus.multi_shard_modify_mode TO 'sequential'`); err != nil {
		return err
	}
	placed, err := texts(ctx, tx, `SELECT logicalrelid::text FROM pg_dist_partition`)
	if err != nil {
		return err
	}
	return eachPresent(ctx, tx, func(t Table) error {
		statement := t.distribution()
		if statement == "" || slices.Contains(placed, t.Name) {
			return nil
		}
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("distribute %s: %w", t.Name, err)
		}
		return nil
	})
}

// wallTables gives new tables of tenants the policy of row-level security.
func wallTables(ctx context.Context, tx *sql.Tx) error {
	walled, err := texts(ctx, tx, `SELECT tablename FROM pg_policies WHERE schemaname = current_schema() AND policyname = '`+policyName+`'`)
	if err != nil {
		return err
	}
	return eachPresent(ctx, tx, func(t Table) error {
		if t.Class != Tenant || slices.Contains(walled, t.Name) {
			return nil
		}
		if _, err := tx.ExecContext(ctx, policy(t.Name)); err != nil {
			return fmt.Errorf("wall %s: %w", t.Name, err)
		}
		return nil
	})
}

// eachPresent calls fn for those tables of the registry that are there, in its
// order.
func eachPresent(ctx context.Context, tx *sql.Tx, fn func(Table) error) error {
	present, err := texts(ctx, tx, `SELECT c.relname FROM pg_class c
		WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace AND NOT c.relispartition`)
	if err != nil {
		return err
	}
	for _, t := range registry {
		if !slices.Contains(present, t.Name) {
			continue
		}
		if err := fn(t); err != nil {
			return err
		}
	}
	return nil
}

const policyName = "own_organization"

// policy is the second wall: a role that row-level security holds for sees
// and writes only rows of the organization that its transaction names. The
// owner of the tables is not held.
func policy(table string) string {
	return `ALTER TABLE ` + table + ` ENABLE ROW LEVEL SECURITY;
		CREATE POLICY ` + policyName + ` ON ` + table + `
		USING (organization_id::text = current_setting('app.org', true) OR current_setting('app.org', true) = 'all')`
}

// texts asks for one column of texts.
func texts(ctx context.Context, in interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, query string) ([]string, error) {
	rows, err := askSQL(ctx, in)(query, 1)
	var all []string
	for _, r := range rows {
		all = append(all, r[0])
	}
	return all, err
}
