package pgtest

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// attributes are those of a process of the cluster. It gets the signal when the
// thread that starts it ends, and has a group of its own: a Ctrl-C is for us
// alone, who decide when it ends.
func attributes(owner *syscall.Credential, death syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: owner, Setpgid: true, Pdeathsig: death}
}

// roomInMemory tells whether both that file system and the machine have more
// than some clusters need.
func roomInMemory() bool {
	const tmpfs, enough = 0x01021994, 2 << 30
	var fs syscall.Statfs_t
	if err := syscall.Statfs(memory, &fs); err != nil || fs.Type != tmpfs || fs.Bavail*uint64(fs.Bsize) < enough {
		return false
	}
	info, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(info), "MemAvailable:")
	var kilobytes int64
	_, err = fmt.Sscan(after, &kilobytes)
	return err == nil && kilobytes<<10 >= enough
}
