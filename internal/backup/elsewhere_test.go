package backup

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An installation whose attachments lie in another storage is backed up without
// them, and the archive says where they are.
func TestAttachmentsElsewhere(t *testing.T) {
	const at = "s3://files/crm?endpoint=https://s3.example.com"
	data, s := installation(t)
	if err := os.RemoveAll(filepath.Join(data, "files", "1")); err != nil {
		t.Fatal(err)
	}
	s.Elsewhere = at
	b := archive(t, s)
	var all []string
	for _, p := range apart(t, b) {
		all = append(all, p.Name)
	}
	if got := strings.Join(all, " "); got != manifestName+" "+databaseName {
		t.Errorf("in it are %s", got)
	}
	if r, err := verify(t, b); err != nil || len(r.Warnings) != 0 {
		t.Fatalf("%v, %+v", err, r)
	}
	to := t.TempDir()
	r, err := restore(t, b, to)
	if err != nil || len(r.Warnings) != 0 || r.Manifest.Elsewhere != at || r.Manifest.Format != format {
		t.Fatalf("%v, %+v", err, r)
	}
	if n := value(t, filepath.Join(to, databaseName), "SELECT CAST(COUNT(*) AS TEXT) FROM attachments"); n != "3" {
		t.Errorf("the restored database names %s attachments", n)
	}
	_, whole := installation(t)
	var out bytes.Buffer
	if r, err := Write(t.Context(), &out, whole); err != nil || r.Manifest.Format != formatWhole || strings.Contains(r.Manifest.Elsewhere, "s3") {
		t.Errorf("with its attachments: %v, %+v", err, r)
	}
}

func TestElsewhereManifests(t *testing.T) {
	_, s := installation(t)
	good := apart(t, archive(t, s))
	for what, change := range map[string]func(m *Manifest){
		"form 1 with attachments elsewhere": func(m *Manifest) { m.Elsewhere, m.Entries = "s3://files", m.Entries[:1] },
		"attachments here and elsewhere":    func(m *Manifest) { m.Format, m.Elsewhere = format, "s3://files" },
		"form 2 without its attachments":    func(m *Manifest) { m.Format, m.Entries = format, m.Entries[:1] },
	} {
		if _, err := verify(t, together(t, withManifest(t, good, change))); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
