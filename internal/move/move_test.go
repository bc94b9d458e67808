package move

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"guanxi/internal/store"
	"guanxi/internal/store/dbtest"
)

// TestThereAndBack moves through all engines and back: every checksum stays
// what it was.
func TestThereAndBack(t *testing.T) {
	first := filledFile(t)
	instance, key := opens(t, first)
	places := []string{first, newPG(t), newPG(t), newFile(t), newFile(t)}
	var reports []*Report
	for i := range len(places) - 1 {
		reports = append(reports, move(t, places[i], places[i+1]))
		ownInstance, ownKey := opens(t, places[i+1])
		if ownKey != key || ownInstance == instance || len(ownInstance) != len(instance) {
			t.Errorf("%s: the key is kept: %v, the instance is new: %v", places[i+1], ownKey == key, ownInstance != instance)
		}
	}
	for i, r := range reports {
		if !slices.Equal(r.Organizations, reports[0].Organizations) {
			t.Errorf("move %d: %+v, and the first: %+v", i+1, r.Organizations, reports[0].Organizations)
		}
	}
	if o := reports[0].Organizations; len(o) != 3 || o[0].ID != 0 || o[1].Rows < 450 || o[1].Tables < 10 || o[1].Checksum == o[2].Checksum {
		t.Errorf("%+v", o)
	}
	last := places[len(places)-1]
	if report, err := compare(t, first, last); err != nil || len(report.Differences) > 0 {
		t.Errorf("%v %v", err, report)
	}
	if n := number(t, last, `SELECT count(*) FROM moves`) + number(t, last, `SELECT count(*) FROM leases`); n != 0 {
		t.Errorf("%d rows of the move and of leases are left", n)
	}
	if n := number(t, last, `SELECT count(*) FROM generated_loads`); n != 2 {
		t.Errorf("%d generated loads", n)
	}
	// What the next organization is numbered by has come along.
	if n := number(t, last, `SELECT CAST(value AS BIGINT) FROM installation WHERE name = 'last_organization'`); n != 2 {
		t.Errorf("the last organization is %d", n)
	}
}

// TestRowLevelSecurity moves from a database on which the program's role is
// held by row-level security, in hash partitions.
func TestRowLevelSecurity(t *testing.T) {
	source := dbtest.NewWalled(t, "move", func(database string) error {
		fill(t, database)
		return nil
	})
	report := move(t, source, newFile(t))
	if o := report.Organizations; len(o) != 3 || o[2].Rows < 400 {
		t.Errorf("%+v", o)
	}
}

// interrupted moves until batch number n is written; the report's Before is
// what earlier runs had copied.
func interrupted(t *testing.T, from, to string, n int) (before, rows int64, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	batches := 0
	_, err = Run(ctx, Options{From: from, To: to, Batch: 20, Progress: func(p Progress) {
		if p.Phase != "copy" {
			return
		}
		before, rows = p.Before, p.Rows
		if p.Rows == 0 { // nothing is written yet
			return
		}
		if batches++; batches == n {
			cancel()
		}
	}})
	return before, rows, err
}

// TestInterruptedMoveGoesOn interrupts a move again and again; until its end
// nobody else may open the target.
func TestInterruptedMoveGoesOn(t *testing.T) {
	ways(t, func(t *testing.T, from, to func(testing.TB) string) {
		source, target := from(t), to(t)
		copied, runs := int64(0), 0
		for ; ; runs++ {
			before, rows, err := interrupted(t, source, target, 1+12*runs)
			if before != copied && runs > 0 {
				t.Fatalf("run %d goes on behind %d rows, %d were copied", runs+1, before, copied)
			}
			copied = before + rows
			if err == nil {
				break
			}
			if !errors.Is(err, ErrInterrupted) {
				t.Fatal(err)
			}
			if _, err := store.Open(t.Context(), target, store.Config{}); !errors.Is(err, store.ErrUnfinishedMove) {
				t.Fatalf("the target of an unfinished move was opened: %v", err)
			}
			refused(t, Options{From: target, To: to(t)}, "unfinished move")
			refused(t, Options{From: source, To: target, VerifyOnly: true}, "unfinished move")
		}
		if runs < 3 {
			t.Errorf("it was interrupted %d times only", runs)
		}
		opens(t, target)
		if report, err := compare(t, source, target); err != nil {
			t.Error(err, report.Differences)
		}
		refused(t, Options{From: source, To: target}, "not empty")
	})
}

// TestAnotherProcessTakesOver runs the same move a second time while the first
// one is at work.
func TestAnotherProcessTakesOver(t *testing.T) {
	across(t, func(t *testing.T, from, to func(testing.TB) string) {
		source, target := from(t), to(t)
		batches := 0
		_, err := Run(t.Context(), Options{From: source, To: target, Batch: 20, Progress: func(p Progress) {
			if batches++; p.Phase == "copy" && batches == 5 {
				move(t, source, target)
			}
		}})
		if err == nil || !strings.Contains(err.Error(), "another process goes on") {
			t.Errorf("the first one: %v", err)
		}
		if report, err := compare(t, source, target); err != nil {
			t.Error(err, report.Differences)
		}
	})
}

// TestDifferencesAreNamed plants differences of every kind.
func TestDifferencesAreNamed(t *testing.T) {
	across(t, func(t *testing.T, from, to func(testing.TB) string) {
		source, target := from(t), to(t)
		move(t, source, target)
		same := []string{
			`UPDATE customers SET custom_values = '{"twice":2.0,"":""}' WHERE organization_id = 1 AND id = 32`,
			`UPDATE installation SET value = 'other' WHERE name = 'instance'`,
			`INSERT INTO leases (name, holder, fencing, expires_at) VALUES ('x', 'y', 1, 0)`,
		}
		for _, sql := range same {
			run(t, target, sql)
		}
		if report, err := compare(t, source, target); err != nil {
			t.Fatal(err, report.Differences)
		}
		planted := map[string]string{
			`UPDATE customers SET tel = NULL WHERE organization_id = 1 AND id = 1`:                             `organization 1, customers, id 1: not equal in tel`,
			`UPDATE customers SET custom_values = '{"twice":2.01,"":""}' WHERE organization_id = 2 AND id = 7`: `organization 2, customers, id 7: not equal in custom_values`,
			`UPDATE contacts SET lat = -0.30000000000000004 WHERE organization_id = 2 AND id = 9`:              `organization 2, contacts, id 9: not equal in lat`,
			`DELETE FROM request_tickets WHERE organization_id = 1 AND ticket = '关系'`:                          `organization 1, request_tickets, user_id 1, ticket "\u5173\u7cfb": only the source has it`,
			`INSERT INTO labels (organization_id, id, name, color, position) VALUES (2, 0, 'x', '', 0)`:        `organization 2, labels, id 0: only the target has it`,
			`UPDATE tokens SET last_used_at = 0 WHERE session_id = 0`:                                          `no organization, tokens, token_hash "` + strings.Repeat("0", 64) + `": not equal in last_used_at`,
			`UPDATE regions SET name = 'x' WHERE level = 'country'`:                                            `no organization, regions, level "country", id `,
			`UPDATE installation SET value = '9' WHERE name = 'last_organization'`:                             `no organization, installation, name "last_organization": not equal in value`,
			`INSERT INTO organizations (organization_id, name, version, directory_version, created_at, updated_at)
			VALUES (3, 'x', 0, 0, 0, 0)`: `organization 3, organizations, organization_id 3: only the target has it`,
			`UPDATE roles SET is_super = NOT is_super WHERE organization_id = 2 AND id = 1`: `organization 2, roles, id 1: not equal in is_super`,
		}
		for sql := range planted {
			run(t, target, sql)
		}
		report, err := compare(t, source, target)
		if !errors.Is(err, ErrDifferent) || len(report.Differences) != len(planted) {
			t.Errorf("%v: %d differences of %d", err, len(report.Differences), len(planted))
		}
		for sql, want := range planted {
			if !slices.ContainsFunc(report.Differences, func(d Difference) bool { return strings.HasPrefix(d.String(), want) }) {
				t.Errorf("%s was not found in %v", sql, report.Differences)
			}
		}
		for _, o := range report.Organizations {
			if o.Equal {
				t.Errorf("%+v", o)
			}
		}
	})
}

// TestDamageDuringTheMoveIsFound changes a row of an unfinished target: the
// move does not come to its end.
func TestDamageDuringTheMoveIsFound(t *testing.T) {
	across(t, func(t *testing.T, from, to func(testing.TB) string) {
		source, target := from(t), to(t)
		for n := 1; number0(t, target) == 0; n++ {
			if _, _, err := interrupted(t, source, target, n); !errors.Is(err, ErrInterrupted) {
				t.Fatal(err)
			}
		}
		run(t, target, `UPDATE users SET name = 'x' WHERE organization_id = 1 AND id = 1`)
		report, err := Run(t.Context(), Options{From: source, To: target})
		if !errors.Is(err, ErrDifferent) || len(report.Differences) != 1 ||
			report.Differences[0].String() != "organization 1, users, id 1: not equal in name" {
			t.Errorf("%v: %+v", err, report)
		}
		if _, err := store.Open(t.Context(), target, store.Config{}); !errors.Is(err, store.ErrUnfinishedMove) {
			t.Errorf("the target can be opened: %v", err)
		}
	})
}

// number0 is how many users the target has, 0 while it has no schema.
func number0(t *testing.T, database string) (n int64) {
	t.Helper()
	if besides(t, database).QueryRowContext(t.Context(), `SELECT count(*) FROM users WHERE organization_id = 1`).Scan(&n) != nil {
		return 0
	}
	return n
}
