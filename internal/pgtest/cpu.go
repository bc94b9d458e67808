package pgtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit of processor time in /proc, on all that Go runs on.
const tick = time.Second / 100

// usage is a process as /proc/<pid>/stat tells of it.
type usage struct {
	parent   int
	own      time.Duration // of the process itself
	children time.Duration // of its children that have ended
}

// CPU is the processor time that the server and all its processes have used
// since the cluster was made, those included that have ended, and servers
// before a Restart. A process is counted in steps of ten milliseconds. What
// initdb and pg_basebackup have used is not in it.
func (c *Cluster) CPU() (time.Duration, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server == nil {
		return c.spent, nil
	}
	pid := c.server.cmd.Process.Pid
	// A process that ends between two looks would be counted twice or not at
	// all. None has, when the sum of the ended ones is still the same.
	for range 100 {
		before, err := readUsage(pid)
		if gone(err) {
			<-c.server.ended
			return c.spent + c.server.cpu(), nil
		}
		if err != nil {
			return 0, err
		}
		living, err := livingChildren(pid)
		if err != nil {
			return 0, err
		}
		after, err := readUsage(pid)
		if err == nil && before.children == after.children {
			return c.spent + after.own + after.children + living, nil
		}
	}
	return 0, errors.New("pgtest: processes of the server end too fast to be counted")
}

// gone tells whether there is no such process any more, waited for and all.
func gone(err error) bool {
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH)
}

// livingChildren is what the children of a process have used that it has not
// waited for yet.
func livingChildren(parent int) (sum time.Duration, err error) {
	stats, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, path := range stats {
		pid, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			continue
		}
		u, err := readUsage(pid)
		if err != nil {
			continue // it has ended, or is none of our business
		}
		if u.parent == parent {
			sum += u.own + u.children
		}
	}
	return sum, nil
}

func readUsage(pid int) (usage, error) {
	file, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return usage{}, err
	}
	return parseUsage(string(file))
}

// parseUsage reads a line of /proc/<pid>/stat, see proc(5). The second field is
// a name in parentheses that may hold anything; the third comes after the last
// closing one.
func parseUsage(line string) (usage, error) {
	fields := strings.Fields(line[strings.LastIndexByte(line, ')')+1:])
	const third, ppid, utime, cstime = 3, 4, 14, 17
	if len(fields) <= cstime-third {
		return usage{}, fmt.Errorf("pgtest: not a line of /proc/<pid>/stat: %q", line)
	}
	parent, err := strconv.Atoi(fields[ppid-third])
	if err != nil {
		return usage{}, err
	}
	var ticks [4]int64 // utime, stime, cutime, cstime
	for i := range ticks {
		if ticks[i], err = strconv.ParseInt(fields[utime-third+i], 10, 64); err != nil {
			return usage{}, err
		}
	}
	return usage{
		parent:   parent,
		own:      time.Duration(ticks[0]+ticks[1]) * tick,
		children: time.Duration(ticks[2]+ticks[3]) * tick,
	}, nil
}
