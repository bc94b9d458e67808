package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// result is everything measured at one size.
type result struct {
	size   int
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

func cpu(m measurement) float64  { return m.cpu }
func rate(m measurement) float64 { return m.rate }
func p50(m measurement) float64  { return m.p50 }
func p99(m measurement) float64  { return m.p99 }
func rss(m measurement) float64  { return m.memory.rss }
func anon(m measurement) float64 { return m.memory.anon }
func file(m measurement) float64 { return m.memory.file }

// ratios compares the CPU of a variant with that of the bare handler of the
// same call in the same round.
func (r *result) ratios(v variant) []float64 {
	bare := r.of("bare "+v.call, cpu)
	out := r.of(v.name, cpu)
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

// spread writes a median with all runs behind it.
func spread(format string, x []float64) string {
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
		fmt.Fprintf(&b, "\n## %d customers\n\nReady after %d ms; first request of A %.1f ms, of B %.1f ms; typical answers A %d, B %d bytes", r.size,
			r.ready.Milliseconds(), milliseconds(r.first["A"]), milliseconds(r.first["B"]), r.bytes["A"], r.bytes["B"])
		if r.loaded != nil {
			fmt.Fprintf(&b, "; loaded in %.1f s, %.0f customers/s", r.loaded.Seconds, r.loaded.rate())
		}
		b.WriteString(".\n\n| run | requests/s | p50 ms | p99 ms | CPU µs/request | CPU to bare | RSS MiB | anonymous | mapped |\n|---|---|---|---|---|---|---|---|---|\n")
		for _, v := range variants {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %.0f | %.0f | %.0f |\n", v.name, spread("%.0f", r.of(v.name, rate)),
				spread("%.2f", r.of(v.name, p50)), spread("%.2f", r.of(v.name, p99)), spread("%.1f", r.of(v.name, cpu)),
				spread("%.2f", r.ratios(v)), slices.Max(r.of(v.name, rss)), slices.Max(r.of(v.name, anon)), slices.Max(r.of(v.name, file)))
		}
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
	for _, r := range results {
		for _, v := range variants {
			limit := 2.0
			switch {
			case v.bare:
				continue
			case v.tagged:
			case v.call == "A":
				limit = 4
			default:
				limit = 5
			}
			all = append(all, target{what: fmt.Sprintf("%s, CPU to bare at %d", v.name, r.size), format: "%.2f", limit: limit,
				got: median(r.ratios(v))})
		}
	}
	bySize := slices.SortedFunc(slices.Values(results), func(a, b *result) int { return a.size - b.size })
	small, large := bySize[0], bySize[len(bySize)-1]
	if small != large {
		for _, v := range variants[2:4] {
			name := fmt.Sprintf("%s, growth from %d to %d customers", v.name, small.size, large.size)
			all = append(all,
				target{what: name + ", CPU", format: "%.2f", limit: 1.3, got: median(large.of(v.name, cpu)) / median(small.of(v.name, cpu))},
				target{what: name + ", CPU to bare", format: "%.2f", limit: 1.3, got: median(large.ratios(v)) / median(small.ratios(v))})
		}
	}
	var most float64
	for _, v := range variants[2:] {
		most = max(most, slices.Max(large.of(v.name, anon)))
	}
	all = append(all,
		target{what: fmt.Sprintf("memory beyond mapped pages at %d, MiB", large.size), format: "%.0f", limit: 400, got: most},
		target{what: fmt.Sprintf("start to ready at %d, s", large.size), format: "%.3f", limit: 1, got: large.ready.Seconds()})
	if large.loaded != nil {
		all = append(all, target{what: fmt.Sprintf("bulk loading at %d, customers/s", large.size), format: "%.0f", limit: 20_000,
			atLeast: true, got: large.loaded.rate()})
	}
	return all
}
