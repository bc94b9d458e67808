package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// result is everything measured at one size on one engine.
type result struct {
	engine string
	size   int
	trips  map[string]trips // by variant; with PostgreSQL
	loaded *load
	ready  time.Duration
	first  map[string]time.Duration
	bytes  map[string]int
	runs   map[string][]measurement
}

// of collects one figure of all runs of a variant, round by round.
func (r *result) of(variant string, figure func(measurement) float64) []float64 {
	var out []float64
	for _, m := range r.runs[variant] {
		out = append(out, figure(m))
	}
	return out
}

func cpu(m measurement) float64      { return m.cpu }
func database(m measurement) float64 { return m.database }
func both(m measurement) float64     { return m.cpu + m.database }
func rate(m measurement) float64     { return m.rate }
func p50(m measurement) float64      { return m.p50 }
func p99(m measurement) float64      { return m.p99 }
func rss(m measurement) float64      { return m.memory.rss }
func anon(m measurement) float64     { return m.memory.anon }
func file(m measurement) float64     { return m.memory.file }

// ratios compares a figure of CPU of a variant with the CPU of the bare handler
// of the same call in the same round.
func (r *result) ratios(v variant, figure func(measurement) float64) []float64 {
	bare := r.of("bare "+v.call, cpu)
	out := r.of(v.name, figure)
	for i := range out {
		out[i] /= bare[i]
	}
	return out
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	n := len(x)
	return (x[(n-1)/2] + x[n/2]) / 2
}

// spreadOf writes a median with all runs behind it.
func spreadOf(format string, x []float64) string {
	all := make([]string, len(x))
	for i, v := range x {
		all[i] = fmt.Sprintf(format, v)
	}
	return fmt.Sprintf(format, median(x)) + " (" + strings.Join(all, " / ") + ")"
}

// report writes the tables and the targets as Markdown.
func report(o *options, results []*result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "wrk -t%d -c%d, %d s a run after %d s of warm-up, medians of %d rounds (all runs); bare is the net/http handler of the same round.\n",
		o.threads, o.connections, o.seconds, o.warm, o.rounds)
	for _, r := range results {
		r.write(&b, o)
	}
	b.WriteString("\n## Targets\n\n| target | at most | measured | |\n|---|---|---|---|\n")
	for _, t := range targets(results) {
		verdict := "met"
		if t.missed() {
			verdict = "MISSED"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", t.what, t.bound(), fmt.Sprintf(t.format, t.got), verdict)
	}
	return b.String()
}

// write writes what was measured at one size.
func (r *result) write(b *strings.Builder, o *options) {
	fmt.Fprintf(b, "\n## %d customers in %d organizations, %s\n\nReady after %d ms; first request of A %.1f ms, of B %.1f ms; typical answers A %d, B %d bytes",
		r.size, o.organizations, r.engine, r.ready.Milliseconds(), milliseconds(r.first["A"]), milliseconds(r.first["B"]),
		r.bytes["A"], r.bytes["B"])
	if r.loaded.Seconds > 0 {
		fmt.Fprintf(b, "; loaded in %.1f s, %.0f customers/s", r.loaded.Seconds, r.loaded.rate())
	}
	columns := []string{"run", "requests/s", "p50 ms", "p99 ms", "CPU µs/request", "CPU to bare"}
	if r.trips != nil {
		columns = append(columns, "PostgreSQL CPU µs/request", "to bare", "trips/request", "endings/request")
	}
	columns = append(columns, "RSS MiB", "anonymous", "mapped")
	fmt.Fprintf(b, ".\n\n| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
	for _, v := range variants {
		cells := []string{v.name, spreadOf("%.0f", r.of(v.name, rate)), spreadOf("%.2f", r.of(v.name, p50)),
			spreadOf("%.2f", r.of(v.name, p99)), spreadOf("%.1f", r.of(v.name, cpu)), spreadOf("%.2f", r.ratios(v, cpu))}
		switch t, counted := r.trips[v.name]; {
		case counted:
			cells = append(cells, spreadOf("%.1f", r.of(v.name, database)), spreadOf("%.2f", r.ratios(v, database)),
				fmt.Sprintf("%.2f", t.waited), fmt.Sprintf("%.2f", t.endings))
		case r.trips != nil:
			cells = append(cells, "", "", "", "")
		}
		for _, figure := range []func(measurement) float64{rss, anon, file} {
			cells = append(cells, fmt.Sprintf("%.0f", slices.Max(r.of(v.name, figure))))
		}
		fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (l *load) rate() float64 { return float64(l.Customers) / l.Seconds }

// target is a figure that the project wants to reach.
type target struct {
	what    string
	format  string
	limit   float64
	atLeast bool
	got     float64
}

func (t target) missed() bool {
	if t.atLeast {
		return t.got < t.limit
	}
	return t.got > t.limit
}

func (t target) bound() string {
	limit := fmt.Sprintf(t.format, t.limit)
	if t.atLeast {
		return "at least " + limit
	}
	return limit
}

func targets(results []*result) (all []target) {
	for _, engine := range []string{sqlite, postgres} {
		var of []*result
		for _, r := range results {
			if r.engine == engine {
				of = append(of, r)
			}
		}
		if len(of) == 0 {
			continue
		}
		slices.SortFunc(of, func(a, b *result) int { return a.size - b.size })
		for _, t := range targetsOf(of) {
			t.what = engine + ": " + t.what
			all = append(all, t)
		}
	}
	return all
}

// limit is how much more CPU than the bare handler a call may use, without
// PostgreSQL's. With PostgreSQL that is said of unchanged answers only.
func (v variant) limit(engine string) (limit float64, ok bool) {
	switch {
	case v.bare:
		return 0, false
	case v.tagged:
		return 2, true
	case engine == postgres:
		return 0, false
	case v.call == "A":
		return 4, true
	default:
		return 5, true
	}
}

// targetsOf are those of one engine, whose results come from small to large.
func targetsOf(results []*result) (all []target) {
	for _, r := range results {
		for _, v := range variants {
			if limit, ok := v.limit(r.engine); ok {
				all = append(all, target{what: fmt.Sprintf("%s, CPU to bare at %d", v.name, r.size), format: "%.2f", limit: limit,
					got: median(r.ratios(v, cpu))})
			}
			if t, ok := r.trips[v.name]; ok {
				all = append(all, target{what: fmt.Sprintf("%s, trips per request at %d", v.name, r.size), format: "%.2f", limit: 2,
					got: t.waited})
			}
		}
	}
	small, large := results[0], results[len(results)-1]
	if small != large {
		for _, v := range variants[2:4] {
			name := fmt.Sprintf("%s, growth from %d to %d customers", v.name, small.size, large.size)
			all = append(all,
				target{what: name + ", CPU", format: "%.2f", limit: 1.3, got: median(large.of(v.name, both)) / median(small.of(v.name, both))},
				target{what: name + ", CPU to bare", format: "%.2f", limit: 1.3, got: median(large.ratios(v, both)) / median(small.ratios(v, both))})
		}
	}
	var most float64
	for _, v := range variants[2:] {
		most = max(most, slices.Max(large.of(v.name, anon)))
	}
	all = append(all,
		target{what: fmt.Sprintf("memory beyond mapped pages at %d, MiB", large.size), format: "%.0f", limit: 400, got: most},
		target{what: fmt.Sprintf("start to ready at %d, s", large.size), format: "%.3f", limit: 1, got: large.ready.Seconds()})
	if large.loaded.Seconds > 0 {
		all = append(all, target{what: fmt.Sprintf("bulk loading at %d, customers/s", large.size), format: "%.0f", limit: 20_000,
			atLeast: true, got: large.loaded.rate()})
	}
	return all
}
