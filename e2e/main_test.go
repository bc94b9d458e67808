// Package e2e drives the real binary from outside, over HTTP and signals, as an
// operator and a client program do. It imports nothing of the server, only the
// databases of tests: it runs on the engine that package dbtest is told.
package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"guanxi/internal/store/dbtest"
)

var (
	crashRounds   = flag.Int("crash.rounds", 0, "rounds of the crash test; 0 for 20 with the embedded database and 12 with PostgreSQL")
	severalRounds = flag.Int("several.rounds", 5, "rounds of the test of several processes")
	severalSeed   = flag.Uint64("several.seed", 0, "seed of the test of several processes; 0 takes a random one")
	crashSeed     = flag.Uint64("crash.seed", 0, "seed of the crash test; 0 takes a random one")
)

// binary is the server under test, built once for all tests.
var binary string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "guanxi-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "guanxi")
	build := exec.Command("go", "build", "-o", binary, "guanxi/cmd/guanxi")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build the binary:", err)
		return 1
	}
	return dbtest.Main(m)
}
