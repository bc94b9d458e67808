package api

import (
	"os"
	"strings"
	"testing"
)

// The table of calls in docs/routes.md is written from the route table and the
// API document: with -update here, never by hand.
func TestRouteTable(t *testing.T) {
	d, _ := Document() // what is wrong with it is told by the tests of package check
	var b strings.Builder
	b.WriteString("# All calls\n\nWritten from the route table by a test. What they take and answer stands at `/docs` of every server, and for programs at\n`/openapi.json`. *ours* marks what the origin does not have.\n")
	for _, group := range d.View("en").Groups {
		b.WriteString("\n## " + group.Title + "\n\n| call | what it does | |\n| --- | --- | --- |\n")
		for _, op := range group.Operations {
			mark := ""
			if op.Origin == "ours" {
				mark = "ours"
			}
			for i, r := range op.Routes {
				what := strings.ReplaceAll(op.Summary, "|", `\|`)
				if i > 0 {
					what = "the same"
				}
				b.WriteString("| `" + r.Method + " " + r.Path + "` | " + what + " | " + mark + " |\n")
			}
		}
	}
	const file = "../../docs/routes.md"
	if *update {
		must(t, os.WriteFile(file, []byte(b.String()), 0o644))
	}
	have, err := os.ReadFile(file)
	must(t, err)
	if string(have) != b.String() {
		t.Errorf("%s is not what the route table says; write it anew with -update:\n%s", file, diff(b.String(), string(have)))
	}
}
