package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"guanxi/internal/store"
)

// dbCheckCmd holds a database against what this program needs, and changes
// nothing.
type dbCheckCmd struct {
	folder
	Connections int `name:"database-connections" help:"Connections that a server takes at most. 0: four for each processor." default:"0" env:"GUANXI_DATABASE_CONNECTIONS" placeholder:"N"`
}

// Validate is called with the command line: what it refuses is wrong usage.
func (d *dbCheckCmd) Validate() error {
	cfg := d.config()
	cfg.Connections = d.Connections
	return cfg.Validate()
}

func (d *dbCheckCmd) Run(ctx context.Context) error {
	cfg := d.config()
	report, err := store.Check(ctx, cfg.Where(), d.Connections)
	if err != nil {
		return err
	}
	printCheck(os.Stdout, report)
	switch n := len(report.Faults); n {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("the database has a fault")
	default:
		return fmt.Errorf("the database has %d faults", n)
	}
}

func printCheck(w io.Writer, r *store.CheckReport) {
	for _, text := range r.Passed {
		fmt.Fprintf(w, "ok     %s\n", text)
	}
	for _, text := range r.Notes {
		fmt.Fprintf(w, "note   %s\n", text)
	}
	for _, f := range r.Faults {
		fmt.Fprintf(w, "FAULT  %s. %s\n", f.What, f.Do)
	}
}
