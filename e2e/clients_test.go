package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clientProgram is what a program in clients/ prints at its end.
type clientProgram struct {
	Customers, Today int // seen page by page, and by the date of today
	ID               int64
	Contacts         int
	Status           string
	StatusMapped     string `json:"status_mapped"`
	WantedStatus     string `json:"wanted_status"`
	Duplicate        int    // the code of the same customer once more
	File             int64
	FileURL          string `json:"file_url"`
	Lead, Turned     int64
	TurnedName       string `json:"turned_name"`
	Found            int
	SignIns          int `json:"sign_ins"`
	Waits            int
}

// TestClients runs programs that were written for the origin, in four languages,
// against a server that allows few calls at a time: they know nothing of it but
// its address. Each has an organization of its own.
func TestClients(t *testing.T) {
	goClient := filepath.Join(t.TempDir(), "client")
	if out, err := exec.Command("go", "build", "-o", goClient, "./clients/golang").CombinedOutput(); err != nil {
		t.Fatalf("build the client: %v\n%s", err, out)
	}
	data := t.TempDir()
	programs := []struct {
		name, company string
		command       []string
		password      string
	}{
		{name: "python", company: "派森", command: []string{"python3", "clients/python/sync.py"}},
		{name: "node", company: "诺德", command: []string{"node", "clients/node/sync.mjs"}},
		{name: "shell", company: "贝壳", command: []string{"sh", "clients/shell/sync.sh"}},
		{name: "golang", company: "够浪", command: []string{goClient}},
	}
	const there = 23 // customers of each organization before
	for i := range programs {
		programs[i].password = addOrganization(t, data, fmt.Sprint(13800000000+i))
	}
	day := func() string { return time.Now().UTC().Add(8 * time.Hour).Format(time.DateOnly) }
	begun := day()
	filling := start(t, data)
	for i, p := range programs {
		c := signedIn(t, filling.url, fmt.Sprint(13800000000+i), p.password)
		for n := range there {
			fields := pairs{{"customer[name]", fmt.Sprintf("老客户%d号", n)}}
			if n%2 == 0 {
				fields = append(fields, [2]string{"customer[address_attributes][province_id]", "1"})
			}
			c.do(t, "POST", "/api/v2/customers", formType, fields.form()).expect(t, 0)
		}
	}
	filling.stop()
	server := start(t, data, "--rate-calls=12", "--rate-period=2s", "--sessions-per-device=1")
	for i, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			cmd := exec.CommandContext(t.Context(), p.command[0], p.command[1:]...)
			cmd.Env = append(os.Environ(), "CRM_URL="+server.url, fmt.Sprintf("CRM_LOGIN=%d", 13800000000+i), "CRM_PASSWORD="+p.password,
				"no_proxy=127.0.0.1")
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); err != nil {
				t.Fatalf("%v\n%s", err, stderr.String())
			}
			var got clientProgram
			if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
				t.Fatalf("%v in %s", err, stdout.String())
			}
			if got.Today != there && day() == begun { // not at midnight
				t.Errorf("%d customers by the day of today, %d were made", got.Today, there)
			}
			if got.Customers != there || got.Contacts != 2 || got.ID == 0 || got.Status != got.WantedStatus ||
				got.StatusMapped == "" || got.Duplicate != 100407 || got.Found != 1 || got.SignIns < 3 || got.Waits == 0 ||
				got.File == 0 || got.Lead == 0 || got.Turned == 0 || got.TurnedName != p.company+"线索公司" {
				t.Errorf("%s", stdout.String())
			}
			checkFile(t, got.FileURL)
		})
	}
}

// checkFile fetches a file by its link, as a browser does, without a token.
func checkFile(t *testing.T, link string) {
	t.Helper()
	server, path, ok := strings.Cut(strings.TrimPrefix(link, "http://"), "/")
	if !ok {
		t.Fatalf("the link of the file is %q", link)
	}
	if a := newClient(t, "http://"+server).get(t, "/"+path); a.Status != 200 || a.Body != "一百元" {
		t.Errorf("%s: HTTP %d %q", link, a.Status, a.Body)
	}
}
