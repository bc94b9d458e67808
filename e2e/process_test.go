package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait, so that a test that hangs says where. Nothing
// depends on its length.
const patience = 30 * time.Second

// within gives a context that ends with the test or when patience runs out.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// environment is the test's own without options of the server, plus extra.
func environment(extra ...string) []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GUANXI_") {
			env = append(env, v)
		}
	}
	return append(env, extra...)
}

// outcome is how a command ended.
type outcome struct {
	code           int
	stdout, stderr string
}

// guanxi runs a command to its end. Arguments that look like NAME=value before
// the first other one go to the environment.
func guanxi(t *testing.T, args ...string) outcome {
	t.Helper()
	var env []string
	for len(args) > 0 && strings.HasPrefix(args[0], "GUANXI_") {
		env, args = append(env, args[0]), args[1:]
	}
	cmd := exec.CommandContext(within(t), binary, args...)
	cmd.Env = environment(withDatabase(t, env, args)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("guanxi %s: %v", strings.Join(args, " "), err)
	}
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// must runs a command that has to succeed and gives what it printed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	out := guanxi(t, args...)
	if out.code != 0 {
		t.Fatalf("guanxi %s: exit code %d\n%s", strings.Join(args, " "), out.code, out.stderr)
	}
	return out.stdout
}

var passwordLine = regexp.MustCompile(`(?m)^password\s+(\S+)\s+\(shown this once\)$`)

// printedPassword finds the one password that a command has printed.
func printedPassword(t *testing.T, out string) string {
	t.Helper()
	found := passwordLine.FindAllStringSubmatch(out, -1)
	if len(found) != 1 {
		t.Fatalf("want exactly one password in:\n%s", out)
	}
	return found[0][1]
}

// addOrganization makes an organization and gives the administrator's password.
func addOrganization(t *testing.T, data, login string) string {
	t.Helper()
	return printedPassword(t, must(t, "org", "add", "测试公司", "--login", login, "--data", data))
}

// process is a running server.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	url   string
	out   *stream // standard output
	log   *stream // standard error
	ended chan struct{}
}

// start runs "serve" on a free port of the loopback and waits until it is
// ready.
func start(t *testing.T, data string, args ...string) *process {
	t.Helper()
	return startWith(t, nil, append([]string{"serve", "--data", data, "--addr", "127.0.0.1:0"}, args...)...)
}

// startWith runs any serving command and waits until it is ready.
func startWith(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := launch(t, env, args...)
	line := p.log.wait(t, `"msg":"ready"`)
	var ready struct{ URL string }
	if err := json.Unmarshal([]byte(line), &ready); err != nil || ready.URL == "" {
		t.Fatalf("the ready line holds no url: %s", line)
	}
	p.url = ready.URL
	return p
}

// launch runs a command in the background; the test's end kills it.
func launch(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(binary, args...), ended: make(chan struct{})}
	p.cmd.Env = environment(withDatabase(t, env, args)...)
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.out, p.log = newStream(stdout), newStream(stderr)
	go func() {
		<-p.out.done
		<-p.log.done
		_ = p.cmd.Wait() // the exit code is read from the state
		close(p.ended)
	}()
	t.Cleanup(p.kill)
	return p
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// kill ends the process as a power cut would, and waits for its end.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.ended
}

// wait waits for the end and gives the exit code.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-within(p.t).Done():
		p.t.Fatalf("the process did not end:\n%s", p.log.text())
	}
	return p.cmd.ProcessState.ExitCode()
}

// stop ends the process gracefully.
func (p *process) stop() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		p.t.Fatalf("exit code %d after SIGTERM:\n%s", code, p.log.text())
	}
}
