package main

import (
	"strings"
	"testing"
	"time"
)

// TestListReport writes tables whose rows have as many cells, and says what was
// missed on the embedded database.
func TestListReport(t *testing.T) {
	r := &listResult{engine: sqlite, size: 1000, ready: time.Second, viewer: map[string][]listRow{}}
	for _, viewer := range viewers {
		r.viewer[viewer] = []listRow{
			{name: "customers", total: 1000, server: []float64{1, 2, 3}, whole: []float64{2, 3, 4}},
			{name: "customers, search", total: -1, server: []float64{29, 31, 90}, whole: []float64{30, 32, 91}},
		}
	}
	c := &createResult{engine: sqlite, size: 1000, rate: map[string][]float64{}, whole: map[string][]float64{}}
	for _, run := range createRuns {
		c.rate[run.name()], c.whole[run.name()] = []float64{100, 300, 200}, []float64{1, 3, 2}
	}
	text := reportLists(&options{times: 3, rounds: 3, seconds: 1}, []*listResult{r}, []*createResult{c})
	for _, part := range []string{
		"| customers | 1000 | 2.00 | 3.00 | 3.00 |  |", "| customers, search |  | 31.00 | 90.00 | 32.00 | MISSED |",
		"1 of 2 calls took more than 30 ms; the slowest: customers, search 31.0 ms, customers 2.0 ms.",
		"| 32 clients, not checked | 200 (100 / 300 / 200) | 2.00 (1.00 / 3.00 / 2.00) |",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("%s\nis missing in\n%s", part, text)
		}
	}
	cells := 0
	for line := range strings.Lines(text) {
		n := strings.Count(line, "|")
		if n > 0 && cells > 0 && n != cells {
			t.Errorf("%d and %d cells: %s", cells, n, line)
		}
		cells = n
	}
}

func TestQuery(t *testing.T) {
	if got := query("/a", "created_at[]", "2024-01-01", "q", "科 技"); got != "/a?created_at%5B%5D=2024-01-01&q=%E7%A7%91+%E6%8A%80" {
		t.Error(got)
	}
	if got := query("/a"); got != "/a" {
		t.Error(got)
	}
}
