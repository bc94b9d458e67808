package e2e

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"guanxi/internal/pgtest"
)

// headlines makes both headline calls and gives the bodies and the ETags. Links
// to the server are followed: their signatures have to hold.
func headlines(t *testing.T, c *client, demo demoFile) (bodies, tags []string) {
	t.Helper()
	links := 0
	for _, path := range []string{"/api/v2/duplicates/matching_name?name=" + url.QueryEscape(demo.MatchingName),
		fmt.Sprintf("/api/v2/contacts/%d", demo.ContactID)} {
		a := c.get(t, path).expect(t, 0)
		bodies, tags = append(bodies, withoutLinks(a.Body)), append(tags, a.Header.Get("ETag"))
		for _, link := range regexp.MustCompile(`"`+regexp.QuoteMeta(c.url)+`(/[^"]*)"`).FindAllStringSubmatch(a.Body, -1) {
			links++
			if file := c.get(t, link[1]); file.Status != 200 {
				t.Errorf("the link %s is answered with %d", link[1], file.Status)
			}
		}
	}
	if links == 0 {
		t.Error("no link was followed")
	}
	return bodies, tags
}

// TestMove moves a served installation from its folder to PostgreSQL and back:
// with kills on the way, with the tokens of before, and with the same answers.
func TestMove(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	useDatabase(data, "") // whatever the engine of the run
	p := startDemo(t, data)
	demo := readDemoFile(t, data)
	c := signedIn(t, p.url, demo.Users[0].Login, demo.Users[0].Password)
	bodies, tags := headlines(t, c, demo)
	target := pgtest.Shared(t).Fresh(t, "")
	from, to, batch := "GUANXI_MOVE_FROM="+data, "GUANXI_MOVE_TO="+target, "GUANXI_MOVE_BATCH=2"
	if out := guanxi(t, from, to, "db", "move"); out.code != 1 || !strings.Contains(out.stderr, "another server works on") {
		t.Errorf("a move from under a server: exit code %d, %s", out.code, out.stderr)
	}
	p.stop()

	// Killed in the middle, and in the middle of going on.
	for round := range 3 {
		p = launch(t, []string{from, to, batch}, "db", "move")
		p.log.wait(t, "copy: ")
		p.kill()
		if said := strings.Contains(p.log.text(), "continuing behind"); said != (round > 0) {
			t.Errorf("round %d goes on: %v\n%s", round+1, said, p.log.text())
		}
		out := guanxi(t, "GUANXI_DATABASE="+target, "serve", "--data", data, "--addr", "127.0.0.1:0")
		if out.code != 1 || !strings.Contains(out.stderr, "unfinished move") {
			t.Fatalf("the target of an unfinished move is served: exit code %d, %s", out.code, out.stderr)
		}
	}
	p = launch(t, []string{from, to, batch}, "db", "move")
	p.log.wait(t, "copy: ")
	p.signal(syscall.SIGINT)
	if code := p.wait(); code != 1 || !strings.Contains(p.log.text(), "interrupted; the same command goes on") {
		t.Errorf("interrupted: exit code %d\n%s", code, p.log.text())
	}
	there := must(t, from, to, "db", "move")
	if !strings.Contains(there, "the move is complete") || strings.Contains(there, "NO") || !strings.Contains(there, filepath.Join(data, "files")) {
		t.Errorf("the move says:\n%s", there)
	}
	must(t, from, to, "db", "move", "--verify-only")

	serve := func(data string, env ...string) {
		t.Helper()
		p = startWith(t, env, "serve", "--data", data, "--addr", "127.0.0.1:0")
		c.url = p.url // the token is that of before the move
		moved, newTags := headlines(t, c, demo)
		for i := range moved {
			if moved[i] != bodies[i] {
				t.Errorf("another answer after the move:\n%s\n%s", moved[i], bodies[i])
			}
			if newTags[i] == tags[i] || newTags[i] == "" {
				t.Errorf("the ETag is the same in another database: %s", newTags[i])
			}
		}
		signedIn(t, p.url, demo.Users[1].Login, demo.Users[1].Password)
		p.stop()
	}
	serve(data, "GUANXI_DATABASE="+target)

	back := filepath.Join(t.TempDir(), "back")
	useDatabase(back, "")
	out := must(t, "GUANXI_MOVE_FROM="+target, "GUANXI_MOVE_TO="+back, "db", "move")
	if !strings.Contains(out, "the move is complete") || !strings.Contains(out, filepath.Join(back, "files")) {
		t.Errorf("the way back says:\n%s", out)
	}
	if info, err := os.Stat(filepath.Join(back, "guanxi.db")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v %v", info, err)
	}
	if err := os.CopyFS(filepath.Join(back, "files"), os.DirFS(filepath.Join(data, "files"))); err != nil {
		t.Fatal(err)
	}
	serve(back)

	// Both have been used since: they differ, and it is said where.
	differ := guanxi(t, from, "GUANXI_MOVE_TO="+back, "db", "move", "--verify-only")
	if differ.code != 1 || !strings.Contains(differ.stdout, "NO") || !strings.Contains(differ.stdout, "sessions, id ") {
		t.Errorf("exit code %d\n%s%s", differ.code, differ.stdout, differ.stderr)
	}
}

// TestMoveRefusals tries what the command cannot do.
func TestMoveRefusals(t *testing.T) {
	data, other := t.TempDir(), filepath.Join(t.TempDir(), "other")
	useDatabase(data, "")
	addOrganization(t, data, "13800000000")
	file := filepath.Join(data, "guanxi.db")
	for want, args := range map[string][]string{
		"the same database":       {"--from", data, "--to", file},
		"there is no database":    {"--from", other, "--to", data},
		"--to: there is no datab": {"--from", data, "--to", other, "--verify-only"},
		"postgres://user":         {"--from", "postgres://x:secret@[::1/x", "--to", data},
		"does not answer":         {"--from", "postgres://x:secret@127.0.0.1:1/x", "--to", data},
	} {
		out := guanxi(t, append([]string{"db", "move"}, args...)...)
		if out.code != 1 || !strings.Contains(out.stderr, want) || strings.Contains(out.stderr, "secret") {
			t.Errorf("%v: exit code %d, %s", args, out.code, out.stderr)
		}
	}
	if out := guanxi(t, "db", "move", "--from", data); out.code != 2 {
		t.Errorf("without --to: exit code %d, %s", out.code, out.stderr)
	}
	copied := filepath.Join(data, "copy.db") // beside its source
	must(t, "db", "move", "--from", data, "--to", copied)
	if out := guanxi(t, "db", "move", "--from", data, "--to", copied); out.code != 1 || !strings.Contains(out.stderr, "not empty") {
		t.Errorf("a second time: exit code %d, %s", out.code, out.stderr)
	}
	must(t, "db", "move", "--from", data, "--to", copied, "--verify-only")
}
