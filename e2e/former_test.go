package e2e

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"guanxi/internal/pgtest"
)

// formerRelease is the commit of the release before this one: it has to work on
// a database whose schema this one has made, since both run side by side while
// an installation of several processes is brought up to date.
const formerRelease = "f9cb60b4417f0327e877d5f133fdd0c51e1f7d0d"

// git runs git in the repository.
func git(t *testing.T, args ...string) (string, error) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", args...).CombinedOutput()
	return string(out), err
}

// buildFormer builds the former release's binary from the history.
func buildFormer(t *testing.T) (path string) {
	t.Helper()
	if _, err := git(t, "cat-file", "-e", formerRelease+"^{commit}"); err != nil {
		// A shallow clone.
		if out, err := git(t, "fetch", "--depth=1", "origin", formerRelease); err != nil {
			t.Fatalf("the former release %s is not in this clone and cannot be fetched: %v\n%s", formerRelease, err, out)
		}
	}
	dir := t.TempDir()
	root, err := git(t, "rev-parse", "--show-toplevel")
	if err != nil {
		t.Fatal(root, err)
	}
	archive := filepath.Join(dir, "former.tar")
	if out, err := git(t, "-C", strings.TrimSpace(root), "archive", "--output="+archive, formerRelease); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	source := filepath.Join(dir, "source")
	if err := os.Mkdir(source, 0o700); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "guanxi")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./cmd/guanxi")
	build.Dir = source
	for _, cmd := range []*exec.Cmd{exec.CommandContext(t.Context(), "tar", "-xf", archive, "-C", source), build} {
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
		}
	}
	return path
}

// headline makes the two calls that clients make all day.
func headline(t *testing.T, c *client, name string, contact int64) {
	t.Helper()
	c.get(t, "/api/v2/duplicates/matching_name?name="+url.QueryEscape(name)).expect(t, 0)
	all, err := c.byName(within(t), name)
	if err != nil || len(all) != 1 || all[0].Name != name || len(all[0].Contacts) != 1 || all[0].Contacts[0].ID != contact {
		t.Errorf("%s is found as %+v, %v", name, all, err)
	}
	var k struct {
		ID   int64
		Name string
	}
	c.get(t, fmt.Sprintf("/api/v2/contacts/%d", contact)).into(t, &k)
	if k.ID != contact || k.Name != name+"的联系人" {
		t.Errorf("the contact %d is answered %+v", contact, k)
	}
}

// create makes a customer with one contact and gives that one's id.
func create(t *testing.T, c *client, name string) (contact int64) {
	t.Helper()
	c.do(t, "POST", "/api/v2/customers", formType, pairs{{"customer[name]", name},
		{"customer[contacts_attributes][0][name]", name + "的联系人"},
		{"customer[contacts_attributes][0][address_attributes][phone]", "13800000001"}}.form()).expect(t, 0)
	all, err := c.byName(within(t), name)
	if err != nil || len(all) != 1 || len(all[0].Contacts) != 1 {
		t.Fatalf("%s is found as %+v, %v", name, all, err)
	}
	return all[0].Contacts[0].ID
}

// TestFormerRelease runs the release before this one on a schema that this one
// has made, on both engines: on PostgreSQL with a present server beside it.
func TestFormerRelease(t *testing.T) {
	present, former := binary, buildFormer(t)
	defer func() { binary = present }()
	for engine, database := range map[string]string{"embedded": "", "postgres": pgtest.Shared(t).Fresh(t, "")} {
		t.Run(engine, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			useDatabase(data, database)
			binary = present
			must(t, "migrate", "--data", data)
			password := addOrganization(t, data, "13800000000")
			beside := start(t, data)
			c := signedIn(t, beside.url, "13800000000", password)
			first := create(t, c, "上海示例有限公司")
			if database == "" { // one server at a time
				beside.stop()
			}

			binary = former
			must(t, "migrate", "--check", "--data", data)
			must(t, "migrate", "--data", data)
			p := start(t, data)
			old := signedIn(t, p.url, "13800000000", password)
			headline(t, old, "上海示例有限公司", first)
			second := create(t, old, "北京示例有限公司")
			must(t, "user", "add", "李雷", "--org", "1", "--login", "li@example.com", "--data", data)
			added := printedPassword(t, must(t, "user", "password", "li@example.com", "--data", data))
			other := addOrganization(t, data, "13800000002")
			p.stop()
			p = start(t, data)
			signedIn(t, p.url, "13800000002", other)
			old.url = p.url
			headline(t, old, "上海示例有限公司", first)
			headline(t, old, "北京示例有限公司", second)
			third := create(t, signedIn(t, p.url, "li@example.com", added), "广州示例有限公司")
			p.stop()

			binary = present
			must(t, "migrate", "--check", "--data", data)
			if database == "" {
				beside = start(t, data)
			}
			signedIn(t, beside.url, "13800000002", other)
			c = signedIn(t, beside.url, "13800000000", password)
			headline(t, c, "上海示例有限公司", first)
			headline(t, c, "北京示例有限公司", second)
			headline(t, c, "广州示例有限公司", third)
			create(t, c, "深圳示例有限公司")
			beside.stop()
		})
	}
}
