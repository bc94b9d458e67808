package e2e

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// commandLine finds the commands that a help text lists.
var commandLine = regexp.MustCompile(`(?m)^  ([a-z]+(?: [a-z]+)?)(?:  .*| \[flags\].*| <.*|.* --.*)$`)

// TestHelp asks every command for its help, and finds them all in the first.
func TestHelp(t *testing.T) {
	top := must(t, "--help")
	commands := map[string]bool{}
	for _, m := range commandLine.FindAllStringSubmatch(top[strings.Index(top, "Commands:"):], -1) {
		commands[m[1]] = true
	}
	for _, known := range []string{"serve", "demo", "migrate", "org add", "org list", "user add", "user password", "user list",
		"gen", "version"} {
		if !commands[known] {
			t.Errorf("the help does not show %q:\n%s", known, top)
		}
	}
	for command := range commands {
		out := guanxi(t, append(strings.Fields(command), "--help")...)
		if out.code != 0 || !strings.Contains(out.stdout, "Usage: guanxi "+command) || out.stderr != "" {
			t.Errorf("%s --help: exit code %d\n%s%s", command, out.code, out.stdout, out.stderr)
		}
	}
	if out := guanxi(t); out.code != 0 || !strings.Contains(out.stdout, "Commands:") {
		t.Errorf("without a command: exit code %d\n%s", out.code, out.stdout)
	}
}

// TestBadUsage gives what no command takes.
func TestBadUsage(t *testing.T) {
	data := "--data=" + t.TempDir()
	for _, args := range [][]string{
		{"serve", "--bogus"}, {"--bogus"}, {"nonsense"}, {"org"}, {"org", "add", "x", data}, {"user", "list", data},
		{"serve", "--session-idle=soon", data}, {"serve", "--log-level=loud", data},
		{"serve", data, "--sessions-per-device=0"}, {"serve", data, "--public-url=crm"},
	} {
		if out := guanxi(t, args...); out.code != 2 || out.stderr == "" {
			t.Errorf("%v: exit code %d, %s", args, out.code, out.stderr)
		}
	}
	for _, args := range [][]string{
		{"serve", data, "--addr=nowhere"}, {"user", "list", data, "--org=99"}, {"user", "password", data, "nobody@example.com"},
		{"user", "add", data, "x", "--org=99", "--login=x@example.com"},
	} {
		if out := guanxi(t, args...); out.code != 1 || !strings.HasPrefix(out.stderr, "guanxi: ") {
			t.Errorf("%v: exit code %d, %s", args, out.code, out.stderr)
		}
	}
}

// TestPrintConfig shows every option and no secret.
func TestPrintConfig(t *testing.T) {
	out := must(t, "GUANXI_AMAP_KEY=secretkey", "GUANXI_DATA=/nowhere", "serve", "--print-config", "--addr=127.0.0.1:9")
	if strings.Contains(out, "secretkey") || !strings.Contains(out, "GUANXI_AMAP_KEY=(set)") {
		t.Errorf("the key is shown, or not that it is set:\n%s", out)
	}
	for _, line := range []string{"GUANXI_DATA=/nowhere\n", "GUANXI_ADDR=127.0.0.1:9\n"} {
		if !strings.Contains(out, line) {
			t.Errorf("%q is missing in:\n%s", line, out)
		}
	}
	help := must(t, "serve", "--help")
	for name := range strings.Lines(out) {
		name, _, _ = strings.Cut(name, "=")
		if !strings.Contains(strings.Join(strings.Fields(help), ""), "($"+name+")") {
			t.Errorf("the help does not name %s", name)
		}
	}
}

// TestMigrate makes the database ahead of the server.
func TestMigrate(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	if out := guanxi(t, "migrate", "--data", data); out.code != 0 {
		t.Fatalf("exit code %d: %s", out.code, out.stderr)
	}
	must(t, "migrate", "--data", data)
	must(t, "migrate", "--check", "--data", data)
	p := start(t, data)
	p.stop()
	if out := must(t, "version"); !strings.HasPrefix(out, "guanxi ") {
		t.Errorf("version prints %q", out)
	}
}
