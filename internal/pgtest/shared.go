package pgtest

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// shared is the cluster of this test process. It is package state because it is
// the process's: one server for all tests, whoever comes first.
var shared struct {
	sync.Mutex
	main    bool // Main runs the tests and will close it
	cluster *Cluster
	err     error
}

// Main runs the tests and closes the shared cluster after them. It gives the
// code to exit with. m is a *testing.M, or one with something around its Run.
func Main(m interface{ Run() int }) int {
	shared.Lock()
	shared.main = true
	shared.Unlock()
	code := m.Run()
	shared.Lock()
	defer shared.Unlock()
	if shared.cluster != nil {
		if err := shared.cluster.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return max(code, 1)
		}
	}
	return code
}

// Shared is the cluster that all tests of a process share, started when the
// first one asks. The package's TestMain has to call Main. Tests that stop the
// server or change settings want one of their own.
func Shared(t testing.TB) *Cluster {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.main {
		t.Fatal("nobody would close the shared cluster: write func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }")
	}
	if shared.cluster == nil && shared.err == nil {
		shared.cluster, shared.err = Start(Options{})
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.cluster
}
