package store

import (
	"context"

	"guanxi/internal/store/dbtest"
	"guanxi/internal/store/standin"
)

// recording is how tests open a store: what it runs is looked at afterwards
// (see dbtest.Record).
var recording = Config{OnStatement: dbtest.Record}

func init() {
	dbtest.Use(dbtest.Schema{
		Migrate: func(ctx context.Context, url string) error {
			files, err := standin.Files(MigrationFiles(), tenantNames(), "organization_id")
			if err != nil {
				return err
			}
			return MigrateFrom(ctx, url, files)
		},
		Known: Registered,
		Lint:  linterOf(Tables()).Statement,
	})
}

func tenantNames() (names []string) {
	for _, t := range Tables() {
		if t.Class == Tenant {
			names = append(names, t.Name)
		}
	}
	return names
}
