package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// made is a result whose runs have the given CPU times of server and database;
// the bare handler takes 10.
func made(engine string, size int, cpu, database float64) *result {
	r := &result{engine: engine, size: size, loaded: &load{size, 10}, ready: time.Millisecond, runs: map[string][]measurement{}}
	for _, v := range variants {
		m := measurement{rate: 1, cpu: cpu, database: database}
		if v.bare {
			m.cpu = 10
		}
		for range 3 {
			r.runs[v.name] = append(r.runs[v.name], m)
		}
		if engine == postgres && !v.bare {
			if r.trips == nil {
				r.trips = map[string]trips{}
			}
			r.trips[v.name] = trips{2, 1}
		}
	}
	return r
}

func TestTargets(t *testing.T) {
	all := targets([]*result{
		made(sqlite, 1_000_000, 15, 0), made(sqlite, 1000, 14, 0), // in any order
		made(postgres, 1000, 15, 10), made(postgres, 1_000_000, 15, 25),
	})
	var missed []string
	for _, x := range all {
		if x.missed() {
			missed = append(missed, x.what)
		}
	}
	want := []string{
		"postgres: server A, growth from 1000 to 1000000 customers, CPU",
		"postgres: server A, growth from 1000 to 1000000 customers, CPU to bare",
		"postgres: server B, growth from 1000 to 1000000 customers, CPU",
		"postgres: server B, growth from 1000 to 1000000 customers, CPU to bare",
	}
	if !slices.Equal(missed, want) {
		t.Errorf("missed:\n%s", strings.Join(missed, "\n"))
	}
}

func TestReport(t *testing.T) {
	text := report(&options{organizations: 7}, []*result{made(sqlite, 1000, 15, 0), made(postgres, 1000, 15, 25)})
	for _, part := range []string{
		"## 1000 customers in 7 organizations, postgres",
		"| server A | 1 (1 / 1 / 1) | 0.00 (0.00 / 0.00 / 0.00) | 0.00 (0.00 / 0.00 / 0.00) | 15.0 (15.0 / 15.0 / 15.0) | " +
			"1.50 (1.50 / 1.50 / 1.50) | 25.0 (25.0 / 25.0 / 25.0) | 2.50 (2.50 / 2.50 / 2.50) | 2.00 | 1.00 | 0 | 0 | 0 |",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("%s\nis missing in\n%s", part, text)
		}
	}
	// All rows of a table have as many cells.
	cells := 0
	for line := range strings.Lines(text) {
		n := strings.Count(line, "|")
		if n > 0 && cells > 0 && n != cells {
			t.Errorf("%d and %d cells: %s", cells, n, line)
		}
		cells = n
	}
}

func TestSpread(t *testing.T) {
	all := make([]organization, 1000)
	for i := range all {
		all[i].ID = int64(i + 1)
	}
	some := spread(all, 50)
	if len(some) != 50 || some[0].ID != 1 || some[1].ID != 21 || some[49].ID != 981 {
		t.Errorf("%v", some)
	}
	if got := spread(all[:3], 50); len(got) != 3 {
		t.Errorf("%v", got)
	}
}

func TestMedian(t *testing.T) {
	if m := median([]float64{3, 1, 2}); m != 2 {
		t.Error(m)
	}
	if m := median([]float64{4, 1, 2, 3}); m != 2.5 {
		t.Error(m)
	}
}
