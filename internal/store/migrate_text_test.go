package store

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A release may run beside the one before it on one database, so a migration
// only adds (expand); rows are moved by the program, organization by
// organization (migrate); and what no running program uses any more goes in a
// later release (contract). A file that takes something away says so in a line
//
//	-- +contract N
//
// where N is the migration with which the first release came that does without
// it, and keeps older programs away by
//
//	INSERT INTO installation (name, value) VALUES ('program_knows_migration', 'N')
//	    ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value;

var contractMark = regexp.MustCompile(`(?m)^-- \+contract ([0-9]+)$`)

// takesAway are the words of statements that former programs may not survive.
var takesAway = regexp.MustCompile(`(?i)\b(DROP|RENAME|SET NOT NULL|TRUNCATE|ALTER COLUMN|SET DATA TYPE)\b`)

// never are words that no migration holds: what happens by itself, what
// computes, and rows, which the program moves.
var never = regexp.MustCompile(`(?i)\b(UPDATE|MERGE|TRIGGER|FUNCTION|PROCEDURE|RULE|VIEW|SEQUENCE|SERIAL|BIGSERIAL|IDENTITY|AUTOINCREMENT|GENERATED|` +
	`EXCLUDE|DEFERRABLE|INHERITS|CURRENT_TIMESTAMP|RANDOM|NOW|WITHOUT ROWID|NOCASE|RTRIM|SET NULL|SET DEFAULT|POLICY|DO)\b`)

// givesRights is the one way in which a migration writes rows of organizations: a
// right that a new release has goes to the roles that could do the same before.
// That is to happen once, there are few such rows, and no clock has to do with it.
var givesRights = regexp.MustCompile(`^INSERT INTO role_rights \(organization_id, role_id, operation\) ` +
	`SELECT organization_id, role_id, '[a-z_.]+' FROM role_rights WHERE operation = '[a-z_.]+' ` +
	`ON CONFLICT \(organization_id, role_id, operation\) DO NOTHING$`)

var (
	makesTable    = regexp.MustCompile(`(?i)^CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+) \(`)
	makesIndex    = regexp.MustCompile(`(?i)^CREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?(IF NOT EXISTS )?[a-z_]+ ON ([a-z_]+) \([a-z_, ]+\)$`)
	altersTable   = regexp.MustCompile(`(?i)^ALTER TABLE ([a-z_]+) (.*)$`)
	addsColumn    = regexp.MustCompile(`(?i)^ADD COLUMN ([a-z_]+) (.*)$`)
	addsReference = regexp.MustCompile(`(?i)^ADD CONSTRAINT [a-z_]+ FOREIGN KEY \([a-z_, ]+\) REFERENCES [a-z_]+ \([a-z_, ]+\)( ON DELETE (CASCADE|RESTRICT))?$`)
	constantNew   = regexp.MustCompile(`(?i)\bDEFAULT ('[^']*'|-?[0-9.]+|TRUE|FALSE)$`)
	brackets      = regexp.MustCompile(`\([^()]*\)|'[^']*'`)
)

// textFaults says what is wrong with the text of a migration.
func textFaults(name, text string) (all []string) {
	fault := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	number, _, _ := strings.Cut(path.Base(name), "_")
	version, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		fault("no number")
	}
	since := int64(0)
	if mark := contractMark.FindStringSubmatch(text); mark != nil {
		since, _ = strconv.ParseInt(mark[1], 10, 64) // the expression takes digits only
		if since < 1 || since >= version {
			fault("a contract since %d in the migration %d: it has to be an earlier one", since, version)
		}
	}
	away := fmt.Sprintf(`INSERT INTO installation (name, value) VALUES ('%s', '%d') ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value`,
		FactProgram, since)
	made, closed, removes := map[string]bool{}, false, false
	for part, body := range piecesOf(name, text) {
		for _, s := range statementsOf(body) {
			if s == away && since > 0 {
				closed = true
				continue
			}
			if givesRights.MatchString(s) {
				continue
			}
			if word := takesAway.FindString(s); word != "" {
				if removes = true; since == 0 {
					fault("%s without a mark of contract: %s", word, s)
				}
			}
			if word := never.FindString(s); word != "" {
				fault("%s: %s", word, s)
			}
			table, index, alter := makesTable.FindStringSubmatch(s), makesIndex.FindStringSubmatch(s), altersTable.FindStringSubmatch(s)
			switch {
			case table != nil:
				made[table[1]] = true
				if part != "" && part != "tables" {
					fault("a table in the part %s: %s", part, s)
				}
			case index != nil:
				concurrently := index[1] != ""
				switch {
				case concurrently != (part == partConcurrently) || concurrently && index[2] == "":
					fault("CONCURRENTLY IF NOT EXISTS goes with the part %s, and with it only: %s", partConcurrently, s)
				case part != "" && !concurrently && !made[index[3]]:
					fault("an index of a table that may be big is made in a part %s: %s", partConcurrently, s)
				}
			case alter != nil:
				for inner := ""; inner != alter[2]; {
					inner, alter[2] = alter[2], brackets.ReplaceAllStringFunc(alter[2], func(b string) string {
						return strings.ReplaceAll(b, ",", " ")
					})
				}
				if strings.Contains(alter[2], ",") {
					fault("more than one change in one ALTER: %s", s)
				}
				column := addsColumn.FindStringSubmatch(alter[2])
				switch {
				case column != nil && strings.Contains(strings.ToUpper(column[2]), "NOT NULL") && !constantNew.MatchString(column[2]):
					fault("a new column may be NULL or has a constant: %s", s)
				case column != nil && strings.Contains(strings.ToUpper(column[2]), "REFERENCES") && part != "":
					fault("a reference has an ADD CONSTRAINT of its own: %s", s)
				case column == nil && !addsReference.MatchString(alter[2]) && !takesAway.MatchString(s):
					fault("a change that this test does not know: %s", s)
				}
			case !takesAway.MatchString(s):
				fault("a statement that this test does not know: %s", s)
			}
		}
	}
	if removes && since > 0 && !closed {
		fault("nothing keeps older programs away; it needs: %s", away)
	}
	return all
}

// piecesOf gives the parts of a file for PostgreSQL in their order, or the
// whole of the other one under the name "".
func piecesOf(name, text string) func(yield func(part, body string) bool) {
	return func(yield func(part, body string) bool) {
		if !strings.Contains(name, "postgres") {
			yield("", text)
			return
		}
		parts, err := partsOf(text)
		if err != nil {
			yield("", "wrong parts: "+err.Error())
			return
		}
		for _, part := range append(slices.Clone(partNames), partConcurrently) {
			if body := parts[part]; body != "" && !yield(part, body) {
				return
			}
		}
	}
}

func TestTextsOfMigrations(t *testing.T) {
	folders := map[string][]string{}
	for _, engine := range []string{"sqlite", "postgres"} {
		names, err := fs.Glob(migrations, "migrations/"+engine+"/*")
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range names {
			folders[engine] = append(folders[engine], path.Base(name))
			text, err := migrations.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range textFaults(name, string(text)) {
				t.Errorf("%s: %s", name, fault)
			}
			if want := fmt.Sprintf("%05d_", i+1); !strings.HasPrefix(path.Base(name), want) || !strings.HasSuffix(name, ".sql") {
				t.Errorf("the migration %s should be called %s….sql", name, want)
			}
			if contractMark.MatchString(string(text)) != contractMark.MatchString(readText(t, "migrations/sqlite/"+path.Base(name))) {
				t.Errorf("%s: the mark of contract is in one of the two files only", name)
			}
		}
	}
	if !slices.Equal(folders["sqlite"], folders["postgres"]) || len(folders["sqlite"]) < 2 {
		t.Errorf("the migrations are %q", folders)
	}
}

func readText(t *testing.T, name string) string {
	t.Helper()
	b, err := migrations.ReadFile(name)
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

// TestFaultsOfTextsAreFound makes sure that the check above finds something.
func TestFaultsOfTextsAreFound(t *testing.T) {
	const right = "INSERT INTO role_rights (organization_id, role_id, operation)\n SELECT organization_id, role_id, 'a.b' FROM role_rights " +
		"WHERE operation = 'a.a'\n ON CONFLICT (organization_id, role_id, operation) DO NOTHING;"
	const key = "INSERT INTO installation (name, value) VALUES ('program_knows_migration', '3')\n ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value;"
	for text, good := range map[string]bool{
		"-- +part tables\nCREATE TABLE x (a bigint, b bigint);\n-- +part indexes\nCREATE INDEX i ON x (a, b);":               true,
		"-- +part tables\nALTER TABLE x ADD COLUMN a bigint;":                                                                true,
		"-- +part tables\nALTER TABLE x ADD COLUMN a bigint, ADD COLUMN b bigint;":                                           false,
		"-- +part tables\nALTER TABLE x ADD COLUMN a bigint NOT NULL;":                                                       false,
		"-- +part tables\nALTER TABLE x ADD COLUMN a bigint NOT NULL DEFAULT 0;":                                             true,
		"-- +part tables\nALTER TABLE x ADD COLUMN a bigint NOT NULL DEFAULT (random());":                                    false,
		"-- +part tables\nALTER TABLE x ADD COLUMN a bigint REFERENCES y (b);":                                               false,
		"-- +part references\nALTER TABLE x ADD CONSTRAINT k FOREIGN KEY (a, b) REFERENCES y (a, b);":                        true,
		"-- +part references\nALTER TABLE x ADD CONSTRAINT k FOREIGN KEY (a, b) REFERENCES y (a, b), VALIDATE CONSTRAINT z;": false,
		"-- +part references\nALTER TABLE x ADD CONSTRAINT k FOREIGN KEY (a, b) REFERENCES y (a, b) ON DELETE SET NULL;":     false,
		"-- +part tables\nALTER TABLE x DROP COLUMN a;":                                                                      false,
		"-- +part tables\nALTER TABLE x RENAME COLUMN a TO b;":                                                               false,
		"-- +part tables\nALTER TABLE x ALTER COLUMN a SET NOT NULL;":                                                        false,
		"-- +contract 3\n-- +part tables\nALTER TABLE x DROP COLUMN a;\n" + key:                                              true,
		"-- +contract 3\n-- +part tables\nALTER TABLE x DROP COLUMN a;":                                                      false,
		"-- +contract 9\n-- +part tables\nALTER TABLE x DROP COLUMN a;\n" + key:                                              false,
		"-- +contract 4\n-- +part tables\nALTER TABLE x DROP COLUMN a;\n" + key:                                              false,
		"-- +part tables\n" + key:                                                            false,
		"-- +part tables\nUPDATE x SET a = 1;":                                               false,
		"-- +part tables\nDELETE FROM x;":                                                    false,
		"-- +part tables\nINSERT INTO x (a) VALUES (1);":                                     false,
		"-- +part tables\n" + right:                                                          true,
		"-- +part tables\n" + strings.ReplaceAll(right, "role_rights", "users"):              false,
		"-- +part tables\n" + strings.ReplaceAll(right, "DO NOTHING", "DO UPDATE SET a = 1"): false,
		"-- +part tables\n" + strings.ReplaceAll(right, " WHERE operation = 'a.a'", ""):      false,
		"-- +part indexes\nCREATE INDEX i ON x (a);":                                         false,
		"-- +part indexes\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON x (a);":              false,
		"-- +part concurrently\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON x (a);":         true,
		"-- +part concurrently\nCREATE INDEX CONCURRENTLY i ON x (a);":                       false,
		"-- +part concurrently\nCREATE INDEX i ON x (a);":                                    false,
		"-- +part tables\nCREATE TABLE x (a bigserial);":                                     false,
		"-- +part tables\nCREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1';":       false,
		"-- +part indexes\nCREATE TABLE x (a bigint);":                                       false,
		"CREATE TABLE x (a bigint);":                                                         false,
	} {
		if faults := textFaults("migrations/postgres/00009_x.sql", text); (len(faults) == 0) != good {
			t.Errorf("%q: %q", text, faults)
		}
	}
}
