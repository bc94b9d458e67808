package e2e

import (
	"bufio"
	"io"
	"strings"
	"sync"
	"testing"
)

// stream keeps what a process writes, line by line, for readers who wait.
type stream struct {
	done chan struct{} // closed at the end of the stream

	mu    sync.Mutex
	lines []string
	moved chan struct{} // closed and renewed at each line
}

func newStream(r io.Reader) *stream {
	s := &stream{done: make(chan struct{}), moved: make(chan struct{})}
	go s.read(bufio.NewReader(r))
	return s
}

func (s *stream) read(in *bufio.Reader) {
	defer close(s.done)
	for {
		line, err := in.ReadString('\n')
		s.mu.Lock()
		if line != "" {
			s.lines = append(s.lines, line)
		}
		close(s.moved)
		s.moved = make(chan struct{})
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// wait waits for a line that holds the text. It fails the test when the stream
// ends without one.
func (s *stream) wait(t *testing.T, text string) string {
	t.Helper()
	ctx := within(t)
	for seen, last := 0, false; ; {
		s.mu.Lock()
		lines, moved := s.lines[seen:], s.moved
		seen = len(s.lines)
		s.mu.Unlock()
		for _, line := range lines {
			if strings.Contains(line, text) {
				return line
			}
		}
		if last {
			t.Fatalf("it ended without a line with %s:\n%s", text, s.text())
		}
		select {
		case <-moved:
		case <-s.done:
			last = true // one more look at what came last
		case <-ctx.Done():
			t.Fatalf("no line with %s:\n%s", text, s.text())
		}
	}
}

// text is everything so far.
func (s *stream) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "")
}
