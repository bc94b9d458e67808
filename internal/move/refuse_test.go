package move

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"guanxi/internal/pgtest"
	"guanxi/internal/store"
	"guanxi/internal/store/dbtest"
)

// TestWrongPlacesAreRefused tries sources and targets that must not be touched.
func TestWrongPlacesAreRefused(t *testing.T) {
	source, other := filledFile(t), filledPG(t)
	for _, target := range []string{filledFile(t), other} {
		users := number(t, target, `SELECT count(*) FROM users WHERE organization_id = 1`)
		refused(t, Options{From: source, To: target}, "the target", "not empty", "organizations")
		if n := number(t, target, `SELECT count(*) FROM users WHERE organization_id = 1`); n != users || n == 0 {
			t.Errorf("%d users of %d are left", n, users)
		}
		opens(t, target)
	}
	for _, target := range []string{emptyFile(t), emptyPG(t)} {
		run(t, target, `INSERT INTO identities (login_key, organization_id, user_id, created_at) VALUES ('name:x', 1, 1, 0)`)
		refused(t, Options{From: source, To: target}, "not empty", "identities")
	}

	// An unfinished move of another source.
	target := newPG(t)
	if _, _, err := interrupted(t, source, target, 3); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	refused(t, Options{From: other, To: target}, "unfinished move of another database")
	// The source goes on: what is copied is not what is there.
	run(t, source, `UPDATE organizations SET version = version + 1 WHERE organization_id = 1`)
	refused(t, Options{From: source, To: target}, "changed since the unfinished move was begun", "organization 1")

	walled := dbtest.NewWalled(t, "empty", func(database string) error {
		empty(t, database)
		return nil
	})
	refused(t, Options{From: other, To: walled}, "the target", "row-level security", "owner")
	refused(t, Options{From: newFile(t), To: newFile(t)}, "the source", "no such file")
	refused(t, Options{From: newPG(t), To: newFile(t)}, "the source", "no database of guanxi")
	refused(t, Options{From: "postgres://nobody:secret@127.0.0.1:1/x", To: newFile(t)}, "the source", "does not answer")
	refused(t, Options{From: source, To: newFile(t), VerifyOnly: true}, "the target", "no such file")
	refused(t, Options{From: source, To: newPG(t), VerifyOnly: true}, "the target", "no database of guanxi")
}

// TestOtherSchemasAreRefused tries databases that an older or newer program has
// made.
func TestOtherSchemasAreRefused(t *testing.T) {
	for _, where := range []func(testing.TB) string{filledFile, filledPG} {
		source := where(t)
		run(t, source, `UPDATE goose_db_version SET version_id = 9999 WHERE version_id = 5`)
		refused(t, Options{From: source, To: newFile(t)}, "the source", "newer")
		run(t, source, `DELETE FROM goose_db_version WHERE version_id >= 5`)
		refused(t, Options{From: source, To: newFile(t)}, "the source", "guanxi migrate")
		// As a target it is not brought up to date either: it is in use.
		refused(t, Options{From: filledFile(t), To: source}, "the target", "not empty")
		if n := number(t, source, `SELECT max(version_id) FROM goose_db_version`); n != 4 {
			t.Errorf("the schema has the version %d", n)
		}
	}
}

// TestServersOnTheTarget refuses a PostgreSQL database that is served.
func TestServersOnTheTarget(t *testing.T) {
	source, target := filledPG(t), emptyPG(t)
	s, err := store.Open(t.Context(), target, store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	refused(t, Options{From: source, To: target}, "the target", "servers have", "stop them")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = store.Open(t.Context(), source, store.Config{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	warned := ""
	if _, err := Run(t.Context(), Options{From: source, To: target, Warn: func(text string) { warned = text }}); err != nil ||
		!strings.Contains(warned, "connections to the source") {
		t.Errorf("%v, and the warning %q", err, warned)
	}
}

// TestChangesDuringTheMove changes the source while it is copied: the target
// holds the snapshot, and is refused.
func TestChangesDuringTheMove(t *testing.T) {
	for name, change := range map[string]string{
		"version": `UPDATE organizations SET version = version + 1 WHERE organization_id = 2`,
		"new one": `INSERT INTO organizations (organization_id, name, version, directory_version, created_at, updated_at) VALUES (2000, 'x', 0, 0, 0, 0)`,
	} {
		t.Run(name, func(t *testing.T) {
			across(t, func(t *testing.T, from, to func(testing.TB) string) {
				source, target := from(t), to(t)
				changed := false
				report, err := Run(t.Context(), Options{From: source, To: target, Batch: 50, Progress: func(p Progress) {
					if p.Phase == "copy" && p.Rows > 0 && !changed {
						run(t, source, change)
						run(t, source, `UPDATE users SET name = 'new' WHERE organization_id = 2 AND id = 1`)
						changed = true
					}
				}})
				if err == nil || !strings.Contains(err.Error(), "has changed while it was copied (organization 2") || len(report.Differences) > 0 {
					t.Fatalf("%v: %+v", err, report)
				}
				if _, err := store.Open(t.Context(), target, store.Config{}); !errors.Is(err, store.ErrUnfinishedMove) {
					t.Errorf("the target can be opened: %v", err)
				}
				if n := number(t, target, `SELECT count(*) FROM users WHERE organization_id = 2 AND name = 'new'`); n != 0 {
					t.Error("the target holds what came after the snapshot")
				}
				// With the same version only the comparison can tell.
				again := map[string]string{"version": "changed since", "new one": "not equal"}
				refused(t, Options{From: source, To: target}, again[name])
			})
		})
	}
}

// TestTextsThatPostgreSQLDoesNotTake are found before anything is copied.
func TestTextsThatPostgreSQLDoesNotTake(t *testing.T) {
	source := filledFile(t)
	faults := map[string]string{
		`organization 1, customers, id 5, column note: U+0000`:                                               `UPDATE customers SET note = 'a' || char(0) || 'b' WHERE organization_id = 1 AND id = 5`,
		`organization 2, users, id 1, column name: bytes that are no UTF-8`:                                  `UPDATE users SET name = CAST(x'61ff62' AS TEXT) WHERE organization_id = 2 AND id = 1`,
		`organization 1, customers, id 6, column custom_values: U+0000 or half a character, written as \u`:   `UPDATE customers SET custom_values = '{"a":"\u0000","b":"\\u0000"}' WHERE organization_id = 1 AND id = 6`,
		`organization 2, contacts, id 8, column custom_values: U+0000 or half a character, written as \u`:    `UPDATE contacts SET custom_values = '["\ud83d","\ude00\ud83d\ude00"]' WHERE organization_id = 2 AND id = 8`,
		`no organization, tokens, token_hash "a\x00b", column token_hash: U+0000`:                            `INSERT INTO tokens VALUES ('a' || char(0) || 'b', 1, 1, 1, 'ended', 0, 0)`,
		`organization 1, request_tickets, user_id 1, ticket "a\x00b", column ticket: U+0000`:                 `INSERT INTO request_tickets (organization_id, user_id, ticket, entity, entity_id, created_at) VALUES (1, 1, 'a' || char(0) || 'b', 'x', 1, 1)`,
		`organization 1, customers, id 7, column custom_values: no JSON (which --replace-nul does not help)`: `UPDATE customers SET custom_values = '{"a":}' WHERE organization_id = 1 AND id = 7`,
		`organization 1, customers, id 8, column detail_address: U+0000`:                                     `UPDATE customers SET detail_address = char(0) WHERE organization_id = 1 AND id = 8`,
	}
	var words []string
	for want, sql := range faults {
		run(t, source, sql)
		words = append(words, want)
	}
	target := emptyPG(t)
	refused(t, Options{From: source, To: target}, append(words, "cannot hold 8 of the texts. Nothing was copied", "--replace-nul")...)
	opens(t, target) // nothing was begun
	// A file takes them as they are; only JSON has to be JSON.
	run(t, source, `UPDATE customers SET custom_values = NULL WHERE organization_id = 1 AND id = 7`)
	move(t, source, newFile(t))

	if _, err := Run(t.Context(), Options{From: source, To: target, ReplaceNUL: true, Batch: 50}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`SELECT count(*) FROM customers WHERE organization_id = 1 AND id = 5 AND note = U&'a\FFFDb'`,
		`SELECT count(*) FROM users WHERE organization_id = 2 AND id = 1 AND name = U&'a\FFFDb'`,
		`SELECT count(*) FROM customers WHERE organization_id = 1 AND id = 6 AND custom_values = '{"a":"\ufffd","b":"\\u0000"}'`,
		`SELECT count(*) FROM contacts WHERE organization_id = 2 AND id = 8 AND custom_values = '["\ufffd","\ufffd\ud83d\ude00"]'`,
		`SELECT count(*) FROM request_tickets WHERE organization_id = 1 AND ticket = U&'a\FFFDb'`,
	} {
		if n := number(t, target, sql); n != 1 {
			t.Errorf("%d rows: %s", n, sql)
		}
	}
	if report, err := compare(t, source, target); !errors.Is(err, ErrDifferent) || len(report.Differences) < 4 {
		t.Errorf("a comparison without --replace-nul: %v %v", err, report.Differences)
	}
	if _, err := Run(t.Context(), Options{From: source, To: target, ReplaceNUL: true, VerifyOnly: true}); err != nil {
		t.Error(err)
	}
}

// TestValuesOfAnotherKind are refused and named, whatever the target is.
func TestValuesOfAnotherKind(t *testing.T) {
	source := filledFile(t)
	targets := []string{emptyFile(t), emptyPG(t)}
	for i, set := range []string{"status = 'many'", "lat = 'north'", "labelled = 2", "revisit_at = 1.5"} {
		column, _, _ := strings.Cut(set, " ")
		id := int64(100 - i) // the first that is found
		run(t, source, `UPDATE customers SET `+set+` WHERE organization_id = 1 AND id = $1`, id)
		refused(t, Options{From: source, To: targets[i%2]}, "organization 1", "customers", fmt.Sprint("id ", id, ":"), "column "+column+" ")
	}
}

// TestTablesOfBothEngines reads the catalogues: the same tables, all of them
// with an answer to what becomes of them, parents first.
func TestTablesOfBothEngines(t *testing.T) {
	var all [2][]store.RawTable
	for i, database := range []string{emptyFile(t), emptyPG(t)} {
		s, err := open(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		defer s.raw.Close()
		if err := s.raw.Snapshot(t.Context()); err != nil {
			t.Fatal(err)
		}
		if all[i], err = store.RawTables(t.Context(), s.raw); err != nil {
			t.Fatal(err)
		}
		var before []string
		for _, table := range all[i] {
			for _, parent := range table.Parents {
				if !slices.Contains(before, parent) {
					t.Errorf("%s comes before %s", table.Name, parent)
				}
			}
			before = append(before, table.Name)
		}
		if len(all[i]) != len(store.Tables())-1 { // without the table of migrations
			t.Errorf("%d tables of %d", len(all[i]), len(store.Tables()))
		}
		if err := covered(all[i]); err != nil {
			t.Errorf("%v: say it in localTables or filled", err)
		}
	}
	if err := errors.Join(store.SameTables(all[0], all[1]), store.SameTables(all[1], all[0])); err != nil {
		t.Error(err)
	}
	own := map[string]int{}
	for _, table := range all[0] {
		own[table.Name] = len(table.Own)
	}
	if own["users"] != 1 || own["departments"] != 1 || own["customers"] != 1 || own["contacts"] != 0 {
		t.Errorf("references to the own table: %v", own)
	}
	unknown := store.RawTable{Table: store.Table{Name: "weather", Class: store.Local}}
	if err := covered(append(all[0], unknown)); err == nil || !strings.Contains(err.Error(), "weather") {
		t.Errorf("a table that nobody knows: %v", err)
	}
}

// TestPlantedSchemas refuses what cannot be copied.
func TestPlantedSchemas(t *testing.T) {
	for sql, word := range map[string]string{
		`ALTER TABLE labels ADD COLUMN photo bytea`:                                                                "labels.photo",
		`ALTER TABLE labels ADD COLUMN weight bigint`:                                                              "labels",
		`ALTER TABLE roles ADD FOREIGN KEY (organization_id, id) REFERENCES users (organization_id, id) NOT VALID`: "in a circle",
		`ALTER TABLE users ADD COLUMN mate_id bigint, ADD FOREIGN KEY (organization_id, id) REFERENCES users (organization_id, id),
			ADD UNIQUE (organization_id, mate_id), ADD FOREIGN KEY (organization_id, id) REFERENCES users (organization_id, mate_id) NOT VALID`: "refers to itself",
		`DROP TABLE customer_labels`: "customer_labels",
	} {
		target := emptyPG(t)
		run(t, target, sql)
		refused(t, Options{From: filledFile(t), To: target}, word)
	}
}

// TestLostConnection cuts the target's connection: the move goes on later.
func TestLostConnection(t *testing.T) {
	source, target := filledFile(t), emptyPG(t)
	cut := 0
	_, err := Run(context.WithoutCancel(t.Context()), Options{From: source, To: target, Batch: 50, Progress: func(p Progress) {
		if p.Phase == "copy" && p.Rows > 100 && cut == 0 {
			cut = int(number(t, target, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
				WHERE application_name = 'guanxi move' AND datname = $1`, pgtest.Database(target)))
		}
	}})
	if err == nil || cut != 1 {
		t.Fatalf("%d connections were cut: %v", cut, err)
	}
	move(t, source, target)
}
