package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// process is the server or the bare handler.
type process struct {
	cmd    *exec.Cmd
	ended  chan struct{}
	url    string
	log    string // file of its standard error; "" for the bare handler
	ready  time.Duration
	tokens map[int64]string
	client *http.Client
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) start() error {
	p.ended, p.tokens = make(chan struct{}), map[int64]string{}
	p.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}, Timeout: time.Minute}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in its log
		close(p.ended)
	}()
	return nil
}

// stop ends it gracefully, or after ten seconds in any way.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// startServer starts the real binary on a data folder and a database, "" for
// the one in the folder, and waits until it is ready, looking all the time: the
// line in its log may come a fifth of a second later.
func startServer(ctx context.Context, binary, dir, database string) (*process, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	l.Close()
	p := &process{url: "http://" + addr, log: filepath.Join(dir, "bench.log")}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p.cmd = exec.Command(binary, "serve", "--data", dir, "--addr", addr)
	p.cmd.Env, p.cmd.Stderr = environment(database), log
	begin := time.Now()
	if err := p.start(); err != nil {
		return nil, err
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if a, err := p.get(ctx, "/readyz", "", ""); err == nil && a.status == http.StatusOK {
			break
		}
		select {
		case <-tick.C:
		case <-p.ended:
			tail, _ := os.ReadFile(p.log)
			return nil, fmt.Errorf("the server ended at once:\n%s", tail)
		case <-ctx.Done():
			p.stop()
			return nil, ctx.Err()
		}
	}
	p.ready = time.Since(begin)
	select {
	case <-p.ended:
		return nil, errors.New("another process answers on the server's port")
	default:
		return p, nil
	}
}

// reply is an answer as it came.
type reply struct {
	id     string // of the request, as the server's log has it
	status int
	tag    string
	body   []byte
	took   time.Duration
}

func (p *process) get(ctx context.Context, path, token, tag string) (*reply, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", p.url+path, nil)
	if err != nil {
		return nil, err
	}
	if token != "" {
		req.Header.Set("Authorization", authorization(token))
	}
	if tag != "" {
		req.Header.Set("If-None-Match", tag)
	}
	return p.do(req)
}

// do sends a request and takes the time until the whole answer is there.
func (p *process) do(req *http.Request) (*reply, error) {
	begin := time.Now()
	res, err := p.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return &reply{res.Header.Get("X-Request-Id"), res.StatusCode, res.Header.Get("ETag"), body, time.Since(begin)}, err
}

func authorization(token string) string {
	return "Token token=" + token + ", device=open_api, version_code=9.9.9"
}

// signIn signs in at every organization.
func (p *process) signIn(ctx context.Context, organizations []organization) error {
	for _, g := range organizations {
		form := url.Values{"login": {g.Login}, "password": {g.Password}, "device": {"open_api"}}
		req, err := http.NewRequestWithContext(ctx, "POST", p.url+"/api/v2/auth/login", bytes.NewReader([]byte(form.Encode())))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := p.client.Do(req)
		if err != nil {
			return err
		}
		var a struct {
			Code int
			Data struct {
				Token string `json:"user_token"`
			}
		}
		err = json.NewDecoder(res.Body).Decode(&a)
		res.Body.Close()
		if err != nil || a.Code != 0 || a.Data.Token == "" {
			return fmt.Errorf("sign in as %s: code %d, %v", g.Login, a.Code, err)
		}
		p.tokens[g.ID] = a.Data.Token
	}
	return nil
}

// firstRequests takes the time of the very first request of each call.
func (p *process) firstRequests(ctx context.Context, lists map[string][]request) (map[string]time.Duration, error) {
	took := map[string]time.Duration{}
	for _, call := range calls {
		r := lists[call][len(lists[call])-1]
		a, err := p.get(ctx, r.path, p.tokens[r.org], "")
		if err != nil {
			return nil, err
		}
		took[call] = a.took
	}
	return took, nil
}

// shape is what the answers of a call look like.
type shape struct {
	typical []byte // the one of median length
	mean    float64
}

// verified is how many answers of each call are read before anything is timed.
const verified = 2000

// verify reads answers of both calls and refuses to go on when one is not the
// right one.
func (p *process) verify(ctx context.Context, lists map[string][]request) (map[string]shape, error) {
	shapes := map[string]shape{}
	for _, call := range calls {
		var bodies [][]byte
		sum := 0
		for _, r := range lists[call][:min(verified, len(lists[call]))] {
			a, err := p.get(ctx, r.path, p.tokens[r.org], "")
			if err != nil {
				return nil, err
			}
			if err := r.check(call, a); err != nil {
				return nil, fmt.Errorf("the answer to %s is wrong: %w\n%s", r.path, err, a.body)
			}
			bodies = append(bodies, a.body)
			sum += len(a.body)
		}
		slices.SortFunc(bodies, func(a, b []byte) int { return len(a) - len(b) })
		shapes[call] = shape{bodies[len(bodies)/2], float64(sum) / float64(len(bodies))}
	}
	return shapes, nil
}

func (r *request) check(call string, a *reply) error {
	var got struct {
		Code *int
		Data struct {
			ID        int64
			Customers []struct {
				ID       int64
				Name     string
				Contacts []struct{ ID int64 }
			}
		}
	}
	if err := json.Unmarshal(a.body, &got); err != nil {
		return err
	}
	if a.status != http.StatusOK || got.Code == nil || *got.Code != 0 {
		return fmt.Errorf("HTTP %d", a.status)
	}
	if call == "B" {
		if got.Data.ID != r.id {
			return fmt.Errorf("not contact %d", r.id)
		}
		return nil
	}
	seen := false
	for _, c := range got.Data.Customers {
		seen = seen || c.ID == r.id
		if c.Name != got.Data.Customers[0].Name || len(c.Contacts) == 0 {
			return fmt.Errorf("customer %d has another name or no contacts", c.ID)
		}
	}
	if !seen {
		return fmt.Errorf("customer %d is missing", r.id)
	}
	return nil
}

// fetchTags asks for the ETags of the first requests of a list.
func (p *process) fetchTags(ctx context.Context, list []request) ([]request, error) {
	tagged := slices.Clone(list)
	for i := range tagged {
		r := &tagged[i]
		a, err := p.get(ctx, r.path, p.tokens[r.org], "")
		if err != nil {
			return nil, err
		}
		if r.tag = a.tag; r.tag == "" {
			return nil, fmt.Errorf("%s has no ETag", r.path)
		}
	}
	first := &tagged[0]
	a, err := p.get(ctx, first.path, p.tokens[first.org], first.tag)
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusNotModified || len(a.body) > 0 {
		return nil, fmt.Errorf("%s with its ETag: HTTP %d", first.path, a.status)
	}
	return tagged, nil
}
