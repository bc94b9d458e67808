package app

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode"
)

// Every option has its row in the operations document, with its flag,
// environment variable and default, and the table has no other row.
func TestOptionsStandInTheDocument(t *testing.T) {
	b, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "| `--") {
			cells := strings.Split(line, " | ")
			rows[strings.Join(cells[:min(3, len(cells))], " | ")] = true
		}
	}
	for i := range reflect.TypeFor[Config]().NumField() {
		f := reflect.TypeFor[Config]().Field(i)
		value := "(none)"
		if d := f.Tag.Get("default"); d != "" {
			value = "`" + d + "`"
		}
		row := "| `--" + flagOf(f) + "` | `" + f.Tag.Get("env") + "` | " + value
		if !rows[row] {
			t.Errorf("docs/operations.md lacks the row\n%s | … |", row)
		}
		delete(rows, row)
	}
	for row := range rows {
		t.Errorf("docs/operations.md has a row for no option:\n%s | … |", row)
	}
}

// flagOf is the name that the command line gives a field: its own, or the
// words of the field's name (PublicURL becomes public-url).
func flagOf(f reflect.StructField) string {
	if name := f.Tag.Get("name"); name != "" {
		return name
	}
	var out []rune
	r := []rune(f.Name)
	for i, c := range r {
		if i > 0 && unicode.IsUpper(c) && unicode.IsLower(r[i-1]) {
			out = append(out, '-')
		}
		out = append(out, unicode.ToLower(c))
	}
	return string(out)
}
