package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// serveBare is the other process: the least that net/http can do for an answer
// of the same size with the same headers.
func serveBare(ctx context.Context, dir string) error {
	bodies := map[string][]byte{}
	for _, call := range calls {
		b, err := os.ReadFile(filepath.Join(dir, call))
		if err != nil {
			return err
		}
		bodies[call] = b
	}
	a, b := bodies["A"], bodies["B"]
	lengthA, lengthB := []string{strconv.Itoa(len(a))}, []string{strconv.Itoa(len(b))}
	contentType := []string{"application/json; charset=utf-8"}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, length := a, lengthA
		if strings.HasPrefix(r.URL.Path, "/api/v2/contacts/") {
			body, length = b, lengthB
		}
		h := w.Header()
		h["Content-Type"], h["Content-Length"] = contentType, length
		_, _ = w.Write(body) // the client may be gone
	})}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + l.Addr().String())
	go func() {
		<-ctx.Done()
		srv.Close()
	}()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// startBare starts this program a second time as the bare handler.
func startBare(ctx context.Context, dir string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.CommandContext(ctx, self, "-bare-handler", dir)}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	p.cmd.Stdout, p.cmd.Stderr = w, os.Stderr
	err = p.start()
	w.Close()
	if err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("the bare handler does not start: %w", err)
	}
	p.url = strings.TrimSpace(line)
	return p, nil
}
