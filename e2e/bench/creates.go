package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// createRun is how creates are measured: by so many clients, with the check for
// duplicates or without.
type createRun struct {
	clients int
	checked bool
}

var createRuns = []createRun{{1, true}, {1, false}, {32, true}, {32, false}}

func (r createRun) name() string {
	if r.checked {
		return fmt.Sprintf("%d clients, duplicates checked", r.clients)
	}
	return fmt.Sprintf("%d clients, not checked", r.clients)
}

// createResult is what was measured of creates at one size.
type createResult struct {
	engine string
	size   int
	rate   map[string][]float64 // customers per second, of each round
	whole  map[string][]float64 // what a client waits, in milliseconds: median of each round
}

// measureCreates creates customers with a contact in a copy of the data. Every
// one is on the disk before it is answered.
func measureCreates(ctx context.Context, o *options, engine string, size int) (_ *createResult, err error) {
	data, err := prepare(ctx, o, engine, size, 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, data.close()) }()
	dir := data.dir
	if data.cluster == nil { // PostgreSQL's data take what is created
		if dir, err = copied(ctx, data); err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
	}
	s, err := startServer(ctx, o.binary, dir, data.url)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	if err := s.signIn(ctx, data.organizations); err != nil {
		return nil, err
	}
	token := s.tokens[data.organizations[0].ID]
	if err := s.settled(ctx, token); err != nil {
		return nil, err
	}
	r := &createResult{engine: engine, size: size, rate: map[string][]float64{}, whole: map[string][]float64{}}
	serial := new(atomic.Int64)
	serial.Store(time.Now().UnixMilli() % 1e10 * 1000)
	for round := range o.rounds {
		for _, run := range createRuns {
			rate, whole, err := s.create(ctx, o, token, run, serial)
			if err != nil {
				return nil, fmt.Errorf("round %d, %s: %w", round+1, run.name(), err)
			}
			progress("%-34s %7.0f creates/s, median %6.2f ms", run.name(), rate, whole)
			r.rate[run.name()] = append(r.rate[run.name()], rate)
			r.whole[run.name()] = append(r.whole[run.name()], whole)
		}
	}
	return r, nil
}

// create runs one load.
func (p *process) create(ctx context.Context, o *options, token string, run createRun, serial *atomic.Int64) (rate, whole float64, err error) {
	for _, entity := range []string{"customer", "contact"} {
		body := fmt.Appendf(nil, `{"enabled":%v}`, run.checked)
		a, err := p.send(ctx, "PUT", "/api/v2/duplicates/field_setting?entity_type="+entity, token, body)
		if err == nil {
			err = a.decode(nil)
		}
		if err != nil {
			return 0, 0, fmt.Errorf("set the check for duplicates: %w", err)
		}
	}
	if err := p.settled(ctx, token); err != nil {
		return 0, 0, err
	}
	var mu sync.Mutex
	var took []float64
	var fault error
	begin := time.Now()
	end := begin.Add(time.Duration(o.seconds) * time.Second)
	var clients sync.WaitGroup
	for range run.clients {
		clients.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				n := serial.Add(1)
				body, _ := json.Marshal(map[string]any{"customer": map[string]any{ // maps of texts always marshal
					"name": fmt.Sprintf("新建%d号商贸有限公司", n), "note": "基准",
					"address_attributes":  map[string]any{"phone": fmt.Sprintf("%d", 1e13+n), "detail_address": "某路1号"},
					"contacts_attributes": []any{map[string]any{"name": "张三", "address_attributes": map[string]any{"phone": fmt.Sprintf("%d", 2e13+n)}}},
				}})
				a, err := p.post(ctx, "/api/v2/customers", token, body)
				if err == nil {
					err = a.decode(nil)
				}
				mu.Lock()
				if err != nil {
					fault = err
					mu.Unlock()
					return
				}
				took = append(took, milliseconds(a.took))
				mu.Unlock()
			}
		})
	}
	clients.Wait()
	if fault == nil {
		fault = ctx.Err()
	}
	if fault != nil || len(took) == 0 {
		return 0, 0, errors.Join(fault, errors.New("creates went wrong"))
	}
	return float64(len(took)) / time.Since(begin).Seconds(), median(took), nil
}
