package pgtest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// oldest is the first major version that is good enough.
const oldest = 15

// binaries are an installed PostgreSQL.
type binaries struct {
	dir   string
	major int
}

// findBinaries looks for the newest PostgreSQL that is installed. Tests do not
// go without one: where there is none, the error says what to install.
func findBinaries() (binaries, error) {
	// The pattern is a constant and a good one.
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	return newest(dirs)
}

// newest takes the folder with the highest version that is good enough.
func newest(dirs []string) (best binaries, err error) {
	var old []string
	for _, dir := range dirs {
		major, ok := version(dir)
		switch {
		case !ok:
		case major < oldest:
			old = append(old, fmt.Sprintf("; %s is version %d", dir, major))
		case major > best.major:
			best = binaries{dir, major}
		}
	}
	if best.major == 0 {
		return best, fmt.Errorf("pgtest: no PostgreSQL %d or newer is installed: install it (Debian: apt-get install "+
			"postgresql; .ci/run does it)%s", oldest, strings.Join(old, ""))
	}
	return best, nil
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// version gives the major version of the server in a folder. False where one of
// the programs that this package runs is missing.
func version(dir string) (major int, ok bool) {
	for _, program := range []string{"initdb", "pg_basebackup"} {
		if _, err := exec.LookPath(filepath.Join(dir, program)); err != nil {
			return 0, false
		}
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0, false
	}
	found := versionLine.FindSubmatch(out)
	if found == nil {
		return 0, false
	}
	major, err = strconv.Atoi(string(found[1]))
	return major, err == nil
}
