// Package standin makes a schema that plain PostgreSQL routes as a database
// spread over several machines would: every table of organizations lies in hash
// partitions by its organization, so that a plan shows which parts a statement
// touches, and a key or a reference without the organization is refused. It is
// for tests.
package standin

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing/fstest"
)

// Parts is how many partitions a table has.
const Parts = 8

// Part is the name of a partition of a table.
func Part(table string, remainder int) string { return fmt.Sprintf("%s_part_%d", table, remainder) }

var (
	createTable = regexp.MustCompile(`(?im)^\s*CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?"?([a-z_0-9]+)"?\s*(\S?)`)
	// What the stand-in refuses and a spread database takes.
	refused = regexp.MustCompile(`(?i)\s+(CONCURRENTLY|NOT VALID)\b`)
)

// Files rewrites migrations: every table whose name is in tenants is made in
// partitions by key. Files keep their names; what is no .sql file is left out.
func Files(migrations fs.FS, tenants []string, key string) (fs.FS, error) {
	spread := map[string]bool{}
	for _, name := range tenants {
		spread[name] = true
	}
	out := fstest.MapFS{}
	err := fs.WalkDir(migrations, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".sql") {
			return err
		}
		text, err := fs.ReadFile(migrations, path)
		if err != nil {
			return err
		}
		rewritten, err := rewrite(string(text), spread, key)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		out[path] = &fstest.MapFile{Data: []byte(rewritten), Mode: 0o400}
		return nil
	})
	return out, err
}

func rewrite(text string, spread map[string]bool, key string) (string, error) {
	var b strings.Builder
	text = outside(text, func(piece string) string { return refused.ReplaceAllString(piece, "") })
	for {
		m := createTable.FindStringSubmatchIndex(text)
		if m == nil {
			b.WriteString(text)
			return b.String(), nil
		}
		name, next := text[m[2]:m[3]], text[m[4]:m[5]]
		if !spread[name] {
			b.WriteString(text[:m[1]])
			text = text[m[1]:]
			continue
		}
		if next != "(" {
			return "", fmt.Errorf("the table %s is not made from a list of columns", name)
		}
		end := closing(text, m[4])
		if end < 0 {
			return "", fmt.Errorf("the columns of %s have no end", name)
		}
		rest := strings.TrimLeft(text[end+1:], " \n\t")
		if !strings.HasPrefix(rest, ";") {
			return "", fmt.Errorf("there is more behind the columns of %s", name)
		}
		b.WriteString(text[:end+1] + " PARTITION BY HASH (" + key + ");")
		for i := range Parts {
			fmt.Fprintf(&b, "\nCREATE TABLE %s PARTITION OF %s FOR VALUES WITH (MODULUS %d, REMAINDER %d);", Part(name, i), name, Parts, i)
		}
		text = rest[1:]
	}
}

// outside calls fn for the pieces of a text that are no comments.
func outside(text string, fn func(string) string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		code, comment, found := strings.Cut(line, "--")
		if lines[i] = fn(code); found {
			lines[i] += "--" + comment
		}
	}
	return strings.Join(lines, "")
}

// closing finds the parenthesis that closes the one at open, -1 for none.
func closing(text string, open int) int {
	depth, quoted, comment := 0, false, false
	for i := open; i < len(text); i++ {
		switch c := text[i]; {
		case comment:
			comment = c != '\n'
		case c == '\'':
			quoted = !quoted
		case quoted:
		case strings.HasPrefix(text[i:], "--"):
			comment = true
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
