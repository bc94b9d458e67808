// Command bench measures the real binary, in sections. calls are the two
// headline calls, on the embedded database and on a PostgreSQL of its own,
// against a bare net/http handler that returns the same bytes, both driven by wrk
// with the same requests. lists are all lists and details, with every filter and
// sort, of one large organization, one request after the other. creates are new
// customers, by one client and by many. It prints a report in Markdown; what was
// missed is said there and is no failure, but a wrong answer is.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options are what the command line says.
type options struct {
	binary        string
	dir           string
	engines       []string
	sizes         []int
	organizations int
	spread        int
	seconds       int
	warm          int
	rounds        int
	connections   int
	threads       int
	pairs         int
	tags          int
	sections      []string
	times         int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// The engines that are measured.
const (
	sqlite   = "sqlite"
	postgres = "postgres"
)

func run(ctx context.Context) error {
	var o options
	var engines, sizes, sections, bare string
	def := os.Getenv("BENCH_SIZES")
	if def == "" {
		def = "10000 100000 1000000"
	}
	organizations := 10
	if text := os.Getenv("BENCH_ORGS"); text != "" {
		var err error
		if organizations, err = strconv.Atoi(text); err != nil || organizations < 1 {
			return fmt.Errorf("BENCH_ORGS: %q is not a number of organizations", text)
		}
	}
	flag.StringVar(&o.binary, "binary", "bin/guanxi", "the server to measure")
	flag.StringVar(&o.dir, "dir", "", "folder that keeps the data sets as bench-<engine>-<size>-<organizations>; empty: a new one that is removed at the end")
	flag.StringVar(&engines, "engine", sqlite+","+postgres, "databases to measure")
	flag.StringVar(&sizes, "sizes", def, "numbers of customers; the environment variable BENCH_SIZES sets the default")
	flag.IntVar(&o.organizations, "organizations", organizations, "organizations of a data set; the environment variable BENCH_ORGS sets the default")
	flag.IntVar(&o.spread, "spread", 50, "organizations at most that requests are made for, evenly over all")
	flag.IntVar(&o.seconds, "seconds", 8, "length of a run")
	flag.IntVar(&o.warm, "warm", 2, "seconds of load before each run")
	flag.IntVar(&o.rounds, "rounds", 3, "rounds; the table shows medians")
	flag.IntVar(&o.connections, "connections", 32, "keep-alive connections")
	flag.IntVar(&o.threads, "threads", 2, "threads of wrk")
	flag.IntVar(&o.pairs, "pairs", 50_000, "random names and contacts that the requests walk through")
	flag.IntVar(&o.tags, "tags", 3000, "requests with If-None-Match that the 304 runs walk through")
	flag.StringVar(&sections, "sections", "calls,lists,creates", "what to measure: calls (needs wrk), lists, creates")
	flag.IntVar(&o.times, "times", 15, "requests for each line of the section lists")
	flag.StringVar(&bare, "bare-handler", "", "serve as the bare handler, with the bodies in this folder (used by bench itself)")
	flag.Parse()
	if bare != "" {
		return serveBare(ctx, bare)
	}
	divider := func(r rune) bool { return r == ' ' || r == ',' }
	for _, e := range strings.FieldsFunc(engines, divider) {
		if e != sqlite && e != postgres {
			return fmt.Errorf("-engine: %q is neither %s nor %s", e, sqlite, postgres)
		}
		o.engines = append(o.engines, e)
	}
	for _, name := range strings.FieldsFunc(sections, divider) {
		if name != "calls" && name != "lists" && name != "creates" {
			return fmt.Errorf("-sections: %q is neither calls nor lists nor creates", name)
		}
		o.sections = append(o.sections, name)
	}
	for _, f := range strings.FieldsFunc(sizes, divider) {
		n, err := strconv.Atoi(f)
		if err != nil || n < 1 {
			return fmt.Errorf("-sizes: %q is not a number of customers", f)
		}
		o.sizes = append(o.sizes, n)
	}
	if len(o.engines) == 0 || len(o.sizes) == 0 || o.spread < 1 || o.rounds < 1 || o.seconds < 1 || o.times < 1 ||
		len(o.sections) == 0 || flag.NArg() > 0 {
		return fmt.Errorf("nothing to measure; see -help")
	}
	if _, err := exec.LookPath("wrk"); err != nil && slices.Contains(o.sections, "calls") {
		return fmt.Errorf("wrk is not installed; on Debian: apt-get install wrk; the sections lists and creates do without")
	}
	if _, err := os.Stat(o.binary); err != nil {
		return fmt.Errorf("the server is not built: %w", err)
	}
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "guanxi-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		// The user that PostgreSQL runs as passes through.
		if err := os.Chmod(dir, 0o711); err != nil {
			return err
		}
		o.dir = dir
	}
	text, err := o.run(ctx)
	if err != nil {
		return err
	}
	fmt.Print(text)
	return nil
}

// run measures what was asked for and gives the report.
func (o *options) run(ctx context.Context) (string, error) {
	var results []*result
	var lists []*listResult
	var creates []*createResult
	for _, engine := range o.engines {
		for _, size := range o.sizes {
			for _, section := range o.sections {
				var err error
				switch section {
				case "calls":
					err = add(&results, measure, ctx, o, engine, size)
				case "lists":
					err = add(&lists, measureLists, ctx, o, engine, size)
				case "creates":
					err = add(&creates, measureCreates, ctx, o, engine, size)
				}
				if err != nil {
					return "", fmt.Errorf("%s, %d customers on %s: %w", section, size, engine, err)
				}
			}
		}
	}
	text := ""
	if len(results) > 0 {
		text = report(o, results)
	}
	return text + reportLists(o, lists, creates), nil
}

// add measures once and keeps the result.
func add[R any](to *[]R, measure func(context.Context, *options, string, int) (R, error), ctx context.Context, o *options,
	engine string, size int) error {
	r, err := measure(ctx, o, engine, size)
	*to = append(*to, r)
	return err
}

// progress tells on standard error what is going on; the report alone goes to
// standard output.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}

// measure measures one size on one engine: bare handler and server in turn,
// round by round.
func measure(ctx context.Context, o *options, engine string, size int) (_ *result, err error) {
	data, err := prepare(ctx, o, engine, size, o.organizations)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, data.close()) }()
	r := &result{engine: engine, size: size, loaded: data.loaded, runs: map[string][]measurement{}}
	s, err := startServer(ctx, o.binary, data.dir, data.url)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	r.ready = s.ready
	progress("%d customers on %s: ready after %s", size, engine, s.ready.Round(time.Millisecond))
	if err := s.signIn(ctx, data.organizations); err != nil {
		return nil, err
	}
	lists, err := sample(ctx, o, data)
	if err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp("", "guanxi-bench-lists-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	if r.first, err = s.firstRequests(ctx, lists); err != nil {
		return nil, err
	}
	bodies, err := s.verify(ctx, lists)
	if err != nil {
		return nil, err
	}
	r.bytes = map[string]int{"A": len(bodies["A"].typical), "B": len(bodies["B"].typical)}
	for call, b := range bodies {
		if err := os.WriteFile(filepath.Join(work, call), b.typical, 0o600); err != nil {
			return nil, err
		}
	}
	if data.cluster != nil {
		if r.trips, err = countTrips(ctx, o, data, s, lists, work); err != nil {
			return nil, err
		}
	}
	bareProcess, err := startBare(ctx, work)
	if err != nil {
		return nil, err
	}
	defer bareProcess.stop()
	for _, call := range calls {
		got, err := bareProcess.get(ctx, lists[call][0].path, "", "")
		if err != nil || !bytes.Equal(got.body, bodies[call].typical) {
			return nil, fmt.Errorf("the bare handler does not serve the bytes of call %s: %v", call, err)
		}
		if err := writeList(filepath.Join(work, call+".list"), lists[call], s.tokens); err != nil {
			return nil, err
		}
	}
	for round := range o.rounds {
		for _, v := range variants {
			if err := v.run(ctx, o, r, &bench{s, bareProcess, data.cluster, lists, bodies, work}); err != nil {
				return nil, fmt.Errorf("round %d, %s: %w", round+1, v.name, err)
			}
		}
	}
	return r, nil
}
