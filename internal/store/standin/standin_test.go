package standin

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

const first = `-- One; CREATE TABLE is not meant here, nor CONCURRENTLY.
-- +part tables
CREATE TABLE facts (name text PRIMARY KEY);
CREATE TABLE IF NOT EXISTS things ( -- with a ) in a comment
    organization_id bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('a)', 'b')),
    PRIMARY KEY (organization_id, state)
)
;
CREATE TABLE others (organization_id bigint NOT NULL PRIMARY KEY);
-- +part indexes
CREATE INDEX CONCURRENTLY things_state ON things (organization_id, state);
`

func TestFiles(t *testing.T) {
	got, err := Files(fstest.MapFS{"postgres/1_a.sql": {Data: []byte(first)}, "readme": {}}, []string{"things", "others"}, "organization_id")
	if err != nil {
		t.Fatal(err)
	}
	b, err := fs.ReadFile(got, "postgres/1_a.sql")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for part, times := range map[string]int{
		"CREATE TABLE facts (name text PRIMARY KEY);":                                                            1,
		"PRIMARY KEY (organization_id, state)\n) PARTITION BY HASH (organization_id);\nCREATE TABLE things_part": 1,
		"CREATE TABLE others (organization_id bigint NOT NULL PRIMARY KEY) PARTITION BY HASH (organization_id);": 1,
		"PARTITION OF things FOR VALUES WITH (MODULUS 8, REMAINDER 7);":                                          1,
		"PARTITION OF ":     16,
		"PARTITION BY HASH": 2,
		"CREATE INDEX things_state ON things (organization_id, state);": 1,
		"nor CONCURRENTLY.":         1,
		"\n-- +part indexes\n":      1,
		"\n-- +part tables\nCREATE": 1,
	} {
		if n := strings.Count(text, part); n != times {
			t.Errorf("%q is there %d times, not %d, in\n%s", part, n, times, text)
		}
	}
	if _, err := fs.Stat(got, "readme"); err == nil {
		t.Error("a file that is no migration is there")
	}
}

func TestFilesRefuses(t *testing.T) {
	for _, text := range []string{
		"CREATE TABLE things AS SELECT 1;", "CREATE TABLE things (a int", "CREATE TABLE things (a int) INHERITS (b);",
		"CREATE TABLE things PARTITION OF b DEFAULT;",
	} {
		if got, err := Files(fstest.MapFS{"1.sql": {Data: []byte(text)}}, []string{"things"}, "organization_id"); err == nil {
			b, _ := fs.ReadFile(got, "1.sql")
			t.Errorf("%s became %s", text, b)
		}
	}
}
