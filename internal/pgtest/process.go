package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// unprivileged gives the user as whom the server runs: PostgreSQL refuses to be
// root. Nil means the user of this process.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, fmt.Errorf("pgtest: PostgreSQL does not run as root, and there is no user for it: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// command prepares a program of PostgreSQL, which gets the signal when the
// thread that starts it ends.
func (c *Cluster) command(death syscall.Signal, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.binaries.dir, program), args...)
	cmd.Dir = c.folder.path
	for _, v := range os.Environ() {
		// Settings for clients of another server, and languages.
		if !strings.HasPrefix(v, "PG") && !strings.HasPrefix(v, "LC_") && !strings.HasPrefix(v, "LANG") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.SysProcAttr = attributes(c.owner, death)
	return cmd
}

// run runs a program to its end.
func (c *Cluster) run(program string, args ...string) error {
	cmd := c.command(syscall.SIGKILL, program, args...)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("pgtest: %s: %w\n%s", program, err, out)
	}
	return nil
}

// process is a server that was started.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended and was waited for
}

// launch starts a server whose output goes to the log. It ends at once when
// this process ends, even by SIGKILL: the kernel sends the signal when the
// thread that has started it ends, so a goroutine keeps that thread.
func (c *Cluster) launch(program string, args ...string) (*process, error) {
	log, err := os.OpenFile(c.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p := &process{cmd: c.command(syscall.SIGQUIT, program, args...), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // how it ended is in its state
			close(p.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	return p, nil
}

// over tells whether it has ended.
func (p *process) over() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// end sends a signal and waits for the end; one that does not end is killed,
// which is an error.
func (p *process) end(signal syscall.Signal) error {
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(patience):
		_ = p.cmd.Process.Kill() // it may have ended by itself now
		<-p.ended
		return fmt.Errorf("postgres did not end within %v after %v", patience, signal)
	}
}

// cpu is what an ended process and all its children have used.
func (p *process) cpu() time.Duration {
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

func (c *Cluster) logFile() string { return filepath.Join(c.folder.path, "log") }

// Log is the end of what the server has logged since the cluster was made.
func (c *Cluster) Log() string {
	const most = 4 << 10
	all, err := os.ReadFile(c.logFile())
	if err != nil {
		return err.Error()
	}
	if len(all) > most {
		all = all[len(all)-most:]
		all = all[bytes.IndexByte(all, '\n')+1:]
	}
	return string(all)
}

// withLog adds the end of the log to an error.
func (c *Cluster) withLog(err error) error {
	return fmt.Errorf("pgtest: %w; the log of the server ends with\n%s", err, c.Log())
}

// poll asks until the answer is yes or an error. It gives the context's error
// when that ends before.
func poll(ctx context.Context, done func() (bool, error)) error {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// freePort finds a port of 127.0.0.1 that nobody listens on. It lies below
// those that the kernel gives to clients, so that it is still free when a
// stopped server comes back.
func freePort() (int, error) {
	var last error
	for range 100 {
		port := 15000 + rand.IntN(15000)
		l, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return port, l.Close()
		}
		last = err
	}
	return 0, fmt.Errorf("pgtest: no free port: %w", last)
}
