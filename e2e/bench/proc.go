package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the times in /proc/<pid>/stat: the kernel shows them to
// programs in hundredths of a second on every platform that Go runs on.
const tick = 10 * time.Millisecond

// cpuTime is what a process has used so far, in user and system mode.
func cpuTime(pid int) (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The name stands in brackets and may hold anything.
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	var sum int64
	for _, i := range []int{11, 12} {
		n, err := strconv.ParseInt(string(fields[i]), 10, 64)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return time.Duration(sum) * tick, nil
}

// memory is what a process holds, in MiB: all, its own, and mapped files.
type memory struct{ rss, anon, file float64 }

func (m memory) max(o memory) memory {
	return memory{max(m.rss, o.rss), max(m.anon, o.anon), max(m.file, o.file)}
}

func readMemory(pid int) (m memory) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return m // the process has ended; the run says so itself
	}
	for line := range strings.Lines(string(b)) {
		name, rest, _ := strings.Cut(line, ":")
		kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
		if err != nil {
			continue
		}
		switch name {
		case "VmRSS":
			m.rss = kib / 1024
		case "RssAnon":
			m.anon = kib / 1024
		case "RssFile":
			m.file = kib / 1024
		}
	}
	return m
}

// watchMemory looks at the memory four times a second until the function it
// gives is called, which tells the most that was seen.
func watchMemory(pid int) func() memory {
	stop, most := make(chan struct{}), make(chan memory)
	go func() {
		t := time.NewTicker(250 * time.Millisecond)
		defer t.Stop()
		m := readMemory(pid)
		for {
			select {
			case <-t.C:
				m = m.max(readMemory(pid))
			case <-stop:
				most <- m.max(readMemory(pid))
				return
			}
		}
	}()
	return func() memory {
		close(stop)
		return <-most
	}
}
