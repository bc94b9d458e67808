//go:build !linux

package pgtest

import "syscall"

// attributes are those of a process of the cluster. It is in our group, so that
// a Ctrl-C ends it; nothing ends it when we are killed.
func attributes(owner *syscall.Credential, _ syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: owner}
}

func roomInMemory() bool { return false }
