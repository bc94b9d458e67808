package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// A listCall is a list or a detail that is measured: the paths of its requests,
// one for each time.
type listCall struct {
	name  string
	paths []string
}

// listRow is what was measured of one.
type listRow struct {
	name          string
	total         int // total_count of the last answer; -1 where there is none
	server, whole []float64
}

// listResult is what was measured of all lists at one size on one engine.
type listResult struct {
	engine string
	size   int
	ready  time.Duration
	first  time.Duration // the first list of all, which loads what lists are kept in
	viewer map[string][]listRow
	memory memory
}

// viewers are who asks: an administrator, who sees everything, and the manager of
// a department, who does not.
var viewers = []string{"administrator", "manager"}

// measureLists asks for every list and detail, one request after the other.
func measureLists(ctx context.Context, o *options, engine string, size int) (_ *listResult, err error) {
	data, err := prepare(ctx, o, engine, size, 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, data.close()) }()
	s, err := startServer(ctx, o.binary, data.dir, data.url)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	r := &listResult{engine: engine, size: size, ready: s.ready, viewer: map[string][]listRow{}}
	if err := s.signIn(ctx, data.organizations); err != nil {
		return nil, err
	}
	org := data.organizations[0].ID
	token := s.tokens[org]
	if err := s.settled(ctx, token); err != nil {
		return nil, err
	}
	a, err := s.get(ctx, "/api/v2/customers", token, "")
	if err != nil {
		return nil, err
	}
	r.first = a.took
	manager, err := s.manager(ctx, token)
	if err != nil {
		return nil, err
	}
	tokens := map[string]string{viewers[0]: token, viewers[1]: manager}
	for _, viewer := range viewers {
		calls, err := s.listCalls(ctx, o, data, tokens[viewer])
		if err != nil {
			return nil, err
		}
		rows, err := s.walkLists(ctx, o, tokens[viewer], calls)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", viewer, err)
		}
		r.viewer[viewer] = rows
	}
	r.memory = readMemory(s.pid())
	return r, nil
}

// settled waits until no key of the check for duplicates is being built: a data
// set that was just made, or made by an earlier release, has them built first.
func (p *process) settled(ctx context.Context, token string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		building := false
		for _, entity := range []string{"customer", "contact", "lead"} {
			var data struct {
				Fields []struct{ Status string }
			}
			if err := p.fetch(ctx, "/api/v2/duplicates/field_setting?entity_type="+entity, token, &data); err != nil {
				return err
			}
			for _, f := range data.Fields {
				building = building || f.Status != "active"
			}
		}
		if !building {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("keys are still being built: %w", ctx.Err())
		}
	}
}

// managerLogin and managerPassword are those of the user who sees one department
// and what lies below it.
const managerLogin, managerPassword = "bench.manager@example.com", "bench only, made up"

// manager signs in as a manager, and makes that user where there is none.
func (p *process) manager(ctx context.Context, admin string) (string, error) {
	who := organization{ID: -1, Login: managerLogin, Password: managerPassword}
	if p.signIn(ctx, []organization{who}) == nil {
		return p.tokens[-1], nil
	}
	body, err := json.Marshal(map[string]any{"user": map[string]any{"name": "基准经理", "email": managerLogin, "login": managerLogin,
		"password": managerPassword, "role_id": 4, "department_id": 2}}) // roles and departments of package gen
	if err != nil {
		return "", err
	}
	if a, err := p.post(ctx, "/api/v2/users", admin, body); err != nil {
		return "", err
	} else if err := a.decode(nil); err != nil {
		return "", fmt.Errorf("make a manager: %w", err)
	}
	err = p.signIn(ctx, []organization{who})
	return p.tokens[-1], err
}

// fetch gets what an answer says.
func (p *process) fetch(ctx context.Context, path, token string, data any) error {
	a, err := p.get(ctx, path, token, "")
	if err != nil {
		return err
	}
	if err := a.decode(data); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// decode reads the data of a good answer.
func (a *reply) decode(data any) error {
	var e struct {
		Code *int
		Data json.RawMessage
	}
	if err := json.Unmarshal(a.body, &e); err != nil {
		return err
	}
	if e.Code == nil || *e.Code != 0 {
		return fmt.Errorf("HTTP %d %.300s", a.status, a.body)
	}
	if data == nil {
		return nil
	}
	return json.Unmarshal(e.Data, data)
}

// post sends JSON.
func (p *process) post(ctx context.Context, path, token string, body []byte) (*reply, error) {
	return p.send(ctx, "POST", path, token, body)
}

func (p *process) send(ctx context.Context, method, path, token string, body []byte) (*reply, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", authorization(token))
	req.Header.Set("Content-Type", "application/json")
	return p.do(req)
}

// walkLists measures each call: what the client waits for, and what the server
// says in its access log that it took.
func (p *process) walkLists(ctx context.Context, o *options, token string, calls []listCall) (rows []listRow, err error) {
	if _, err := p.takeLog(ctx); err != nil {
		return nil, err
	}
	of := map[string]int{} // request id → row
	for _, c := range calls {
		row := listRow{name: c.name, total: -1}
		for range o.times {
			for i, path := range c.paths {
				if i >= o.times {
					break
				}
				a, err := p.get(ctx, path, token, "")
				if err != nil {
					return nil, err
				}
				var data struct {
					Total *int `json:"total_count"`
				}
				if err := a.decode(&data); err != nil {
					return nil, fmt.Errorf("%s: %w", path, err)
				}
				if data.Total != nil {
					row.total = *data.Total
				}
				row.whole = append(row.whole, milliseconds(a.took))
				of[a.id] = len(rows)
			}
			if len(row.whole) >= o.times {
				break
			}
		}
		rows = append(rows, row)
	}
	log, err := p.takeLog(ctx)
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(log) {
		var e struct {
			ID string `json:"request_id"`
			US *int64
		}
		if json.Unmarshal(line, &e) != nil || e.US == nil {
			continue
		}
		if i, ours := of[e.ID]; ours {
			rows[i].server = append(rows[i].server, float64(*e.US)/1000)
		}
	}
	for _, r := range rows {
		if len(r.server) != len(r.whole) {
			return nil, fmt.Errorf("%s: %d requests, and %d in the server's log", r.name, len(r.whole), len(r.server))
		}
	}
	return rows, nil
}

// copied gives a copy of a data set with the embedded database, to write into.
func copied(ctx context.Context, d *dataSet) (dir string, err error) {
	if dir, err = os.MkdirTemp("", "guanxi-bench-copy-"); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "cp", "-a", d.dir+"/.", dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("copy the data: %w\n%s", err, out), os.RemoveAll(dir))
	}
	return dir, nil
}

// query joins pairs of names and values to a path.
func query(path string, pairs ...string) string {
	var parts []string
	for i := 0; i+1 < len(pairs); i += 2 {
		parts = append(parts, url.QueryEscape(pairs[i])+"="+url.QueryEscape(pairs[i+1]))
	}
	if len(parts) == 0 {
		return path
	}
	return path + "?" + strings.Join(parts, "&")
}

// slowest gives the rows by what the server took, the slowest first.
func slowest(rows []listRow) []listRow {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b listRow) int { return int(1000 * (median(b.server) - median(a.server))) })
	return rows
}
