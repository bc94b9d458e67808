package store

import (
	"fmt"
	"regexp"
)

// place is where Citus keeps a table.
type place struct {
	method string // h: spread by hash; n: not spread
	mode   string // of its copies; t: a reference table
	key    string // the column by which it is spread
	group  string // tables of the same group lie side by side
}

// places tells whether this is Citus, and looks at where it keeps the tables.
func (r *CheckReport) places(ask asker) (citus bool, err error) {
	rows, err := ask(`SELECT 1 WHERE to_regclass('pg_dist_partition') IS NOT NULL`, 1)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	rows, err = ask(`SELECT c.relname, p.partmethod::text, p.repmodel::text,
		CASE WHEN p.partmethod = 'h' THEN coalesce(column_to_column_name(p.logicalrelid, p.partkey), '') ELSE '' END, p.colocationid::text
		FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid WHERE c.relnamespace = current_schema()::regnamespace`, 5)
	if err != nil {
		return true, fmt.Errorf("ask Citus where its tables are: %w", err)
	}
	found := map[string]place{}
	for _, row := range rows {
		found[row[0]] = place{row[1], row[2], row[3], row[4]}
	}
	r.judgePlaces(found)
	return true, nil
}

func (r *CheckReport) judgePlaces(found map[string]place) {
	before := len(r.Faults)
	group := found[registry[0].Name].group
	for _, t := range registry {
		p, placed := found[t.Name]
		switch t.Class {
		case Tenant, Identity:
			do := t.distribution() + ";"
			switch {
			case !placed || p.method != "h":
				r.fault("Drop its references, "+do+" and add them again (see the documentation of operations).",
					"the table %s is not spread over the machines", t.Name)
			case p.key != t.Key:
				r.fault(fmt.Sprintf("SELECT alter_distributed_table('%s', distribution_column := '%s');", t.Name, t.Key),
					"the table %s is spread by %q and not by %s", t.Name, p.key, t.Key)
			case t.Class == Tenant && p.group != group:
				r.fault(fmt.Sprintf("SELECT alter_distributed_table('%s', colocate_with := '%s');", t.Name, registry[0].Name),
					"the table %s does not lie beside %s", t.Name, registry[0].Name)
			}
		case Reference:
			if !placed || p.method != "n" || p.mode != "t" {
				r.fault(t.distribution()+";", "the table %s is no reference table", t.Name)
			}
		case Local:
			if placed && (p.method == "h" || p.mode == "t") {
				r.fault(fmt.Sprintf("SELECT undistribute_table('%s');", t.Name), "the table %s does not stay with the coordinator", t.Name)
			}
		}
	}
	if len(r.Faults) == before {
		r.pass("Citus keeps every table where its class says")
	}
}

var taskCount = regexp.MustCompile(`(?m)^\s*Task Count: (\d+)\s*$`)

// tasksFault says what is wrong with the plan of a statement of one
// organization on Citus, "" for nothing.
func tasksFault(plan string) string {
	found := taskCount.FindAllStringSubmatch(plan, -1)
	if len(found) == 0 {
		return "is not sent to the place of its organization"
	}
	for _, m := range found {
		if m[1] != "1" {
			return "runs in " + m[1] + " places and not in one"
		}
	}
	if len(found) > 1 {
		return fmt.Sprintf("is sent out in %d parts and not as a whole", len(found))
	}
	return ""
}
