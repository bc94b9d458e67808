package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// statusLine tells how far something has come: one line that is drawn again and
// again on a terminal, otherwise a line every few seconds.
type statusLine struct {
	out    io.Writer
	redraw bool
	drawn  bool
	last   time.Time
}

func newStatusLine() statusLine { return statusLine{out: os.Stderr, redraw: isTerminal(os.Stderr)} }

// due tells whether it is time for another line; the last one is always due.
func (s *statusLine) due(last bool) bool {
	every := 3 * time.Second
	if s.redraw {
		every = 100 * time.Millisecond
	}
	if time.Since(s.last) < every && !last {
		return false
	}
	s.last = time.Now()
	return true
}

// line writes a line, on a terminal in the place of the one before.
func (s *statusLine) line(text string) {
	if !s.redraw {
		fmt.Fprintln(s.out, text)
		return
	}
	fmt.Fprint(s.out, "\r\x1b[K", text)
	s.drawn = true
}

// end leaves the line.
func (s *statusLine) end() {
	if s.drawn {
		fmt.Fprintln(s.out)
		s.drawn = false
	}
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
