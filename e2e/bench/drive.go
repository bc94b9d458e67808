package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"guanxi/internal/pgtest"
)

//go:embed walk.lua
var walkScript []byte

// writeList writes requests for walk.lua: token, ETag or "-", and path.
func writeList(path string, list []request, tokens map[int64]string) error {
	var b bytes.Buffer
	for _, r := range list {
		tag := r.tag
		if tag == "" {
			tag = "-"
		}
		fmt.Fprintf(&b, "%s %s %s\n", tokens[r.org], tag, r.path)
	}
	script := filepath.Join(filepath.Dir(path), "walk.lua")
	return errors.Join(os.WriteFile(path, b.Bytes(), 0o600), os.WriteFile(script, walkScript, 0o600))
}

// bench is all that a run needs.
type bench struct {
	server, bare *process
	cluster      *pgtest.Cluster // nil with the embedded database
	lists        map[string][]request
	bodies       map[string]shape
	work         string
}

// variant is one kind of run. Each round has all of them, in this order.
type variant struct {
	name, call   string
	bare, tagged bool
}

var variants = []variant{
	{name: "bare A", call: "A", bare: true},
	{name: "bare B", call: "B", bare: true},
	{name: "server A", call: "A"},
	{name: "server B", call: "B"},
	{name: "server A 304", call: "A", tagged: true},
	{name: "server B 304", call: "B", tagged: true},
}

// measurement is what one run has measured.
type measurement struct {
	rate     float64 // requests per second
	p50, p99 float64 // milliseconds
	cpu      float64 // microseconds of the process per request
	database float64 // microseconds of PostgreSQL per request
	memory   memory  // the most that was seen under load
}

// run makes one run and adds it to the result.
func (v variant) run(ctx context.Context, o *options, r *result, b *bench) error {
	for {
		hour := time.Now().Unix() / 3600
		m, err := v.once(ctx, o, b)
		if err != nil && v.tagged && time.Now().Unix()/3600 != hour && ctx.Err() == nil {
			progress("the hour has turned, and the ETags with it: again")
			continue
		}
		if err == nil {
			progress("%-13s %7.0f requests/s, p50 %6.2f ms, p99 %6.2f ms, CPU %6.1f µs, database %6.1f µs", v.name, m.rate, m.p50,
				m.p99, m.cpu, m.database)
			r.runs[v.name] = append(r.runs[v.name], *m)
		}
		return err
	}
}

func (v variant) once(ctx context.Context, o *options, b *bench) (*measurement, error) {
	list, target := filepath.Join(b.work, v.call+".list"), b.server
	if v.bare {
		target = b.bare
	}
	if v.tagged {
		tagged, err := b.server.fetchTags(ctx, b.lists[v.call][:min(o.tags, len(b.lists[v.call]))])
		if err != nil {
			return nil, err
		}
		list = filepath.Join(b.work, v.call+".tagged")
		if err := writeList(list, tagged, b.server.tokens); err != nil {
			return nil, err
		}
	}
	if !v.bare {
		if _, err := b.server.takeLog(ctx); err != nil {
			return nil, err
		}
	}
	if _, err := wrk(ctx, o, target.url, list, o.warm); err != nil {
		return nil, err
	}
	before, err := b.spent(target)
	if err != nil {
		return nil, err
	}
	watch := watchMemory(target.pid())
	w, err := wrk(ctx, o, target.url, list, o.seconds)
	most := watch()
	if err != nil {
		return nil, err
	}
	after, err := b.spent(target)
	if err != nil {
		return nil, err
	}
	each := float64(w.Bytes) / float64(w.Requests)
	want := float64(len(b.bodies[v.call].typical))
	switch {
	case v.bare:
	case v.tagged:
		want = 0
	default:
		want = b.bodies[v.call].mean
	}
	// The headers are not counted in the bodies that were read before.
	if math.Abs(each-want-300) > 0.1*want+300 {
		return nil, fmt.Errorf("%.0f bytes for each answer, expected about %.0f", each, want)
	}
	if !v.bare {
		log, err := b.server.takeLog(ctx)
		if err != nil {
			return nil, err
		}
		if err := checkLog(log, v, w.Requests, 2*o.connections); err != nil {
			return nil, err
		}
	}
	return &measurement{rate: float64(w.Requests) / w.Seconds, p50: w.P50, p99: w.P99,
		cpu:      float64((after.process - before.process).Microseconds()) / float64(w.Requests),
		database: float64((after.database - before.database).Microseconds()) / float64(w.Requests), memory: most}, nil
}

// spent is what was used so far.
type spent struct{ process, database time.Duration }

func (b *bench) spent(target *process) (s spent, err error) {
	if s.process, err = cpuTime(target.pid()); err == nil && b.cluster != nil {
		s.database, err = b.cluster.CPU()
	}
	return s, err
}

// summary is what walk.lua prints at the end.
type summary struct {
	Requests, Bytes int64
	Seconds         float64
	P50, P99        float64
	Errors          int64 // sockets, timeouts and statuses other than 2xx and 3xx
}

// wrk drives one load.
func wrk(ctx context.Context, o *options, url, list string, seconds int) (*summary, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(seconds)*time.Second+time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "wrk", "-t"+strconv.Itoa(o.threads), "-c"+strconv.Itoa(o.connections),
		"-d"+strconv.Itoa(seconds)+"s", "--latency", "-s", filepath.Join(filepath.Dir(list), "walk.lua"), url, "--", list)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("wrk: %w\n%s", err, out)
	}
	_, line, _ := strings.Cut(string(out), "summary ")
	var s summary
	if err := json.Unmarshal([]byte(strings.TrimSpace(line)), &s); err != nil {
		return nil, fmt.Errorf("wrk printed no summary: %w\n%s", err, out)
	}
	if s.Errors > 0 || s.Requests == 0 {
		return nil, fmt.Errorf("%d errors in %d requests:\n%s", s.Errors, s.Requests, out)
	}
	return &s, nil
}

// takeLog waits until the server has written its log out, takes it and empties
// the file. A request, sent until the line with its id is the last one, tells
// that nothing else is still running.
func (p *process) takeLog(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	tick := time.NewTicker(450 * time.Millisecond) // longer than the server gathers lines
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, "GET", p.url+"/readyz", nil)
		if err != nil {
			return nil, err
		}
		res, err := p.client.Do(req)
		if err != nil {
			return nil, err
		}
		res.Body.Close()
		mark := res.Header.Get("X-Request-Id")
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, errors.New("the server does not log requests with their id")
		}
		if last, err := lastLine(p.log); err != nil {
			return nil, err
		} else if bytes.Contains(last, []byte(`"`+mark+`"`)) {
			log, err := os.ReadFile(p.log)
			return log, errors.Join(err, os.Truncate(p.log, 0))
		}
	}
}

// lastLine reads the last whole line of a file.
func lastLine(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	tail := make([]byte, min(info.Size(), 8<<10))
	if _, err := f.ReadAt(tail, info.Size()-int64(len(tail))); err != nil {
		return nil, err
	}
	tail, whole := bytes.CutSuffix(tail, []byte("\n"))
	if !whole {
		return nil, nil // a line is being written
	}
	return tail[bytes.LastIndexByte(tail, '\n')+1:], nil
}

// checkLog looks at every request of a run in the access log, since a refusal
// is HTTP 200 as well. When wrk ends it drops its connections; so many requests
// may have lost their client.
func checkLog(log []byte, v variant, requests int64, dropped int) error {
	want := []byte(`"status":200,"code":0,`)
	if v.tagged {
		want = []byte(`"status":304,"code":0,`)
	}
	var good int64
	lines := bufio.NewScanner(bytes.NewReader(log))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Bytes()
		switch {
		case bytes.Contains(line, want):
			good++
		case bytes.Contains(line, []byte(`"route":"/readyz"`)):
		case dropped > 0 && bytes.Contains(line, []byte(`"status":499,`)):
			dropped--
		default:
			return fmt.Errorf("the server's log holds another answer: %s", line)
		}
	}
	if good < requests {
		return fmt.Errorf("%d requests, but %d good answers in the log", requests, good)
	}
	return lines.Err()
}
