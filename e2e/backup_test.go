package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// embeddedFolder is a data folder, not made yet, whose database lies in it,
// whatever the engine of the run: backup and restore are for such.
func embeddedFolder(dir, name string) string {
	folder := filepath.Join(dir, name)
	useDatabase(folder, "")
	return folder
}

// writers create customers until they are told to stop.
type writers struct {
	crash   *crash
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu           sync.Mutex
	sent         []*planned
	acknowledged []*planned
	moved        chan struct{} // closed and renewed at each acknowledgement
}

func startWriters(c *crash, clients int) *writers {
	ctx, cancel := context.WithCancel(c.t.Context())
	w := &writers{crash: c, cancel: cancel, moved: make(chan struct{})}
	for i := range clients {
		random := rand.New(rand.NewPCG(c.random.Uint64(), uint64(i)))
		w.running.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				p := c.plan(random)
				w.mu.Lock()
				w.sent = append(w.sent, p)
				w.mu.Unlock()
				// What was begun is finished: the test knows of every record
				// whether it was acknowledged.
				if err := c.create(c.t.Context(), p, n+i); err != nil {
					c.t.Errorf("create %s: %v", p.name, err)
					return
				}
				w.mu.Lock()
				w.acknowledged = append(w.acknowledged, p)
				close(w.moved)
				w.moved = make(chan struct{})
				w.mu.Unlock()
			}
		})
	}
	return w
}

// more waits until so many more are acknowledged, and gives all that are.
func (w *writers) more(n int) []*planned {
	t := w.crash.t
	t.Helper()
	ctx := within(t)
	for want := -1; ; {
		w.mu.Lock()
		all, moved := slices.Clone(w.acknowledged), w.moved
		w.mu.Unlock()
		if want < 0 {
			want = len(all) + n
		}
		if len(all) >= want {
			return all
		}
		select {
		case <-moved:
		case <-ctx.Done():
			t.Fatalf("%d of %d were acknowledged", len(all), want)
		}
	}
}

// stop ends the writers and gives all that was sent.
func (w *writers) stop() []*planned {
	w.cancel()
	w.running.Wait()
	return w.sent
}

// TestBackupBesideAServer backs up while many clients write, and restores to
// another folder: what was acknowledged before the backup began is there whole,
// what was sent later is there whole or not at all.
func TestBackupBesideAServer(t *testing.T) {
	dir := t.TempDir()
	data, archive := embeddedFolder(dir, "data"), filepath.Join(dir, "backup.tgz")
	const login = "13800000000"
	password := addOrganization(t, data, login)
	server := start(t, data)
	c := &crash{t: t, data: data, random: rand.New(rand.NewPCG(1, 2)), client: signedIn(t, server.url, login, password)}
	w := startWriters(c, 8)
	before := w.more(200)
	out := must(t, "backup", archive, "--data", data)
	during := w.more(0)
	w.more(50)
	c.plans = w.stop()
	if !strings.HasPrefix(out, archive+": ") || strings.Count(out, "\n") != 1 {
		t.Errorf("the summary is %q", out)
	}
	if info, err := os.Stat(archive); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	etag := c.client.get(t, "/api/v2/duplicates/matching_name?name=x").expect(t, 0).Header.Get("ETag")
	if a := c.client.do(t, "GET", "/api/v2/duplicates/matching_name?name=x", "", "", "If-None-Match", etag); etag == "" || a.Status != 304 {
		t.Fatalf("HTTP %d for the tag %q", a.Status, etag)
	}
	server.stop()

	if out := must(t, "restore", "--verify-only", archive); !strings.HasPrefix(out, "good: ") || !strings.Contains(out, "1 organization") {
		t.Errorf("verifying says %q", out)
	}
	restored := embeddedFolder(dir, "restored")
	if out := must(t, "restore", archive, "--data", restored); !strings.HasPrefix(out, "restored to "+restored) {
		t.Errorf("restoring says %q", out)
	}
	// From here on only what was acknowledged before counts as acknowledged.
	for _, p := range c.plans {
		p.acknowledged = slices.Contains(before, p)
	}
	c.data = restored
	c.checkFiles() // integrity, references, the operation log, no record by half
	server = start(t, restored)
	c.client.url = server.url // the session is in the backup as well
	c.each(before, c.checkAcknowledged)
	kept := c.checkAnswers(0, c.plans)
	t.Logf("%d acknowledged before the backup, %d at its end, %d in all; %d of the later ones are in it",
		len(before), len(during), len(c.plans), kept)

	a := c.client.do(t, "GET", "/api/v2/duplicates/matching_name?name=x", "", "", "If-None-Match", etag)
	if a.Status != 200 || a.Header.Get("ETag") == etag {
		t.Errorf("HTTP %d for a tag of the lost time", a.Status)
	}
	c.client.login(t, login, password)
	p := c.plan(c.random)
	if err := c.create(within(t), p, 0); err != nil {
		t.Errorf("writing after the restore: %v", err)
	}
	if problem := c.checkAcknowledged(within(t), p); problem != "" {
		t.Error(problem)
	}
	server.stop()
}

// fileLink finds links to attachments in an answer; the number is the
// attachment's.
var fileLink = regexp.MustCompile(`"http://[^/"]+(/attachments/files/(\d+)/[^"]+)"`)

// downloads fetches every attachment that the contact's answer and the look-up
// by name link to, by number.
func downloads(t *testing.T, c *client, demo demoFile) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, path := range []string{fmt.Sprintf("/api/v2/contacts/%d", demo.ContactID), "/api/v2/duplicates/matching_name?name=" + demo.MatchingName} {
		body := strings.ReplaceAll(c.get(t, path).expect(t, 0).Body, `\/`, "/")
		for _, m := range fileLink.FindAllStringSubmatch(body, -1) {
			link, _, _ := strings.Cut(m[1], "?") // without the suffix that makes another picture of it
			a := c.get(t, link)
			if a.Status != 200 || a.Body == "" {
				t.Fatalf("%s: HTTP %d, %d bytes", link, a.Status, len(a.Body))
			}
			found[m[2]] = a.Header.Get("Content-Type") + a.Header.Get("Last-Modified") + a.Body
		}
	}
	return found
}

// TestBackupOfAttachments sends the demo through a pipe to another folder.
func TestBackupOfAttachments(t *testing.T) {
	dir := t.TempDir()
	data, restored := embeddedFolder(dir, "data"), embeddedFolder(dir, "restored")
	server := startDemo(t, data)
	demo := readDemoFile(t, data)
	user := demo.Users[0]
	c := signedIn(t, server.url, user.Login, user.Password)
	files, bodies := downloads(t, c, demo), callsOfDemo(t, demo)
	if len(files) < 2 {
		t.Fatalf("only %d attachments were found", len(files))
	}
	link := fileLink.FindStringSubmatch(strings.ReplaceAll(bodies[0], `\/`, "/"))[1]

	send, receive := exec.CommandContext(within(t), binary, "backup", "-", "--data", data), exec.CommandContext(within(t), binary, "restore", "-", "--data", restored)
	send.Env, receive.Env = environment("TMPDIR="+t.TempDir()), environment()
	var said, heard bytes.Buffer
	pipe, err := send.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	receive.Stdin, send.Stderr, receive.Stdout, receive.Stderr = pipe, &said, &heard, &heard
	if err := send.Start(); err != nil {
		t.Fatal(err)
	}
	if err := receive.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, &said, &heard)
	}
	if err := send.Wait(); err != nil || !strings.Contains(said.String(), "standard output: ") {
		t.Fatalf("%v\n%s", err, &said)
	}
	server.stop()

	server = start(t, restored)
	demo.URL = server.url
	c = signedIn(t, server.url, user.Login, user.Password)
	if again := downloads(t, c, demo); !maps.Equal(again, files) {
		t.Errorf("%d attachments, and other ones than the %d before", len(again), len(files))
	}
	for i, body := range callsOfDemo(t, demo) {
		if withoutLinks(body) != withoutLinks(bodies[i]) {
			t.Errorf("another answer after the restore:\n%s\n%s", body, bodies[i])
		}
	}
	if a := c.get(t, link); a.Status != 404 {
		t.Errorf("HTTP %d for a link of the lost time", a.Status)
	}
	server.stop()

	// An attachment that is gone is told, and the rest is backed up.
	archive := filepath.Join(dir, "backup.tgz")
	var gone string
	if err := filepath.WalkDir(filepath.Join(restored, "files"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && gone == "" {
			gone = path
			err = os.Remove(path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(gone, restored+"/")
	again := embeddedFolder(dir, "again")
	for _, args := range [][]string{
		{"backup", archive, "--data", restored}, {"restore", "--verify-only", archive}, {"restore", archive, "--data", again},
	} {
		if out := guanxi(t, args...); out.code != 3 || !strings.Contains(out.stderr, name+" is missing") || out.stdout == "" {
			t.Errorf("%v without %s: exit code %d\n%s", args, name, out.code, out.stderr)
		}
	}
	start(t, again).stop()
}

// TestBackupRefuses what would destroy something, or help nobody.
func TestBackupRefuses(t *testing.T) {
	dir := t.TempDir()
	data, archive := embeddedFolder(dir, "data"), filepath.Join(dir, "backup.tgz")
	addOrganization(t, data, "13800000000")
	server := start(t, data)
	must(t, "backup", archive, "--data", data)
	whole, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 0x10
	for name, b := range map[string][]byte{"cut.tgz": whole[:len(whole)-5], "none.tgz": []byte("no archive"), "flipped.tgz": flipped} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	locked := embeddedFolder(dir, "locked")
	if err := os.Mkdir(locked, 0o700); err != nil {
		t.Fatal(err)
	}
	lock, err := os.Create(filepath.Join(locked, "server.lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	fresh := embeddedFolder(dir, "fresh")
	for _, c := range []struct {
		says string
		args []string
	}{
		{"--force", []string{"backup", archive, "--data", data}},
		{"no database", []string{"backup", filepath.Join(dir, "x.tgz"), "--data", fresh}},
		{"no such file", []string{"backup", filepath.Join(dir, "none", "x.tgz"), "--data", data}},
		{"own tools", []string{"backup", filepath.Join(dir, "x.tgz"), "--database", "postgres://db/guanxi"}},
		{"own tools", []string{"restore", archive, "--database", "postgres://db/guanxi"}},
		{"a database already", []string{"restore", archive, "--data", data}},
		{"another server", []string{"restore", archive, "--data", locked}},
		{"no such file", []string{"restore", filepath.Join(dir, "x.tgz"), "--data", fresh}},
		{"cut off", []string{"restore", filepath.Join(dir, "cut.tgz"), "--data", fresh}},
		{"cut off", []string{"restore", "--verify-only", filepath.Join(dir, "cut.tgz")}},
		{"damaged", []string{"restore", filepath.Join(dir, "flipped.tgz"), "--data", fresh}},
		{"no backup", []string{"restore", filepath.Join(dir, "none.tgz"), "--data", fresh}},
	} {
		out := guanxi(t, c.args...)
		if out.code != 1 || !strings.Contains(out.stderr, "guanxi: ") || !strings.Contains(out.stderr, c.says) || out.stdout != "" {
			t.Errorf("%v: exit code %d, %s%s", c.args, out.code, out.stdout, out.stderr)
		}
	}
	if _, err := os.Stat(filepath.Join(fresh, "guanxi.db")); !os.IsNotExist(err) {
		t.Errorf("a refused archive left a database: %v", err)
	}
	if now, err := os.ReadFile(archive); err != nil || !bytes.Equal(now, whole) {
		t.Errorf("the first backup was changed: %v", err)
	}
	must(t, "backup", archive, "--force", "--data", data)
	// What was refused is of use afterwards.
	must(t, "restore", archive, "--data", fresh)
	server.stop()
	start(t, fresh).stop()
}

// TestBackupIsInterrupted while nobody reads what it writes.
func TestBackupIsInterrupted(t *testing.T) {
	data, temp := embeddedFolder(t.TempDir(), "data"), t.TempDir()
	startDemo(t, data).stop() // more than fits into a pipe
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.CommandContext(within(t), binary, "backup", "-", "--data", data)
	cmd.Env = environment("TMPDIR=" + temp)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = w, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if _, err := r.Read(make([]byte, 1)); err != nil { // it has begun
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 1 || !strings.Contains(said.String(), "interrupted") {
		t.Errorf("%v, %s", err, &said)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestBackupWithoutAServer backs up what a killed server has left, whose last
// commits are in the log beside the database only.
func TestBackupWithoutAServer(t *testing.T) {
	dir := t.TempDir()
	data, restored, archive := embeddedFolder(dir, "data"), embeddedFolder(dir, "restored"), filepath.Join(dir, "backup.tgz")
	password := addOrganization(t, data, "13800000000")
	server := start(t, data)
	c := signedIn(t, server.url, "13800000000", password)
	var created struct{ ID int64 }
	c.do(t, "POST", "/api/v2/customers", formType, pairs{{"customer[name]", "断电前的公司"}}.form()).into(t, &created)
	server.kill()
	must(t, "backup", archive, "--data", data)
	must(t, "restore", archive, "--data", restored)
	for _, folder := range []string{restored, data} {
		server = start(t, folder)
		c.url = server.url
		if all, err := c.byName(within(t), "断电前的公司"); err != nil || len(all) != 1 || all[0].ID != created.ID {
			b, _ := json.Marshal(all) // for the message only
			t.Errorf("%s: %s, %v", folder, b, err)
		}
		server.stop()
	}
}
