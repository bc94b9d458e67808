package main

import (
	"fmt"
	"slices"
	"strings"
)

// listLimit is what the server may take for a page of any list at the median,
// in milliseconds, on the embedded database.
const listLimit = 30

// reportLists writes what was measured of lists, details and creates.
func reportLists(o *options, lists []*listResult, creates []*createResult) string {
	var b strings.Builder
	for _, r := range lists {
		r.write(&b, o)
	}
	for _, r := range creates {
		r.write(&b, o)
	}
	return b.String()
}

func (r *listResult) write(b *strings.Builder, o *options) {
	fmt.Fprintf(b, "\n## Lists and details: %d customers in one organization, %s\n\nMedians and the slowest of %d requests, one after the other; "+
		"the server's time is its access log's. Ready after %d ms; the first list of all, which loads what lists are kept in, %.0f ms; "+
		"the server held %.0f MiB of its own.\n", r.size, r.engine, o.times, r.ready.Milliseconds(), milliseconds(r.first), r.memory.anon)
	for _, viewer := range viewers {
		rows := r.viewer[viewer]
		missed := 0
		fmt.Fprintf(b, "\n### As %s\n\n| call | total | server ms | slowest | client ms | |\n|---|---|---|---|---|---|\n", viewer)
		for _, row := range rows {
			verdict, total := "", ""
			if r.engine == sqlite && median(row.server) > listLimit {
				verdict = "MISSED"
				missed++
			}
			if row.total >= 0 {
				total = fmt.Sprint(row.total)
			}
			fmt.Fprintf(b, "| %s | %s | %.2f | %.2f | %.2f | %s |\n", row.name, total, median(row.server), slices.Max(row.server),
				median(row.whole), verdict)
		}
		top := slowest(rows)
		fmt.Fprintf(b, "\n%d of %d calls took more than %d ms; the slowest: ", missed, len(rows), listLimit)
		for i, row := range top[:min(5, len(top))] {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(b, "%s %.1f ms", row.name, median(row.server))
		}
		b.WriteString(".\n")
	}
}

func (r *createResult) write(b *strings.Builder, o *options) {
	fmt.Fprintf(b, "\n## Creates beside %d customers in one organization, %s\n\nA customer with one contact, durable when it is answered; "+
		"medians of %d rounds of %d s each (all rounds).\n\n| run | creates/s | client ms |\n|---|---|---|\n", r.size, r.engine, o.rounds, o.seconds)
	for _, run := range createRuns {
		fmt.Fprintf(b, "| %s | %s | %s |\n", run.name(), spreadOf("%.0f", r.rate[run.name()]), spreadOf("%.2f", r.whole[run.name()]))
	}
}
