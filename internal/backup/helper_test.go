package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"guanxi/internal/blob"
	"guanxi/internal/sqlite"
	"guanxi/internal/store"
)

var madeAt = time.Date(2019, 2, 13, 3, 33, 20, 0, time.UTC)

// attached are the attachments of the test's installation.
var attached = map[string]string{
	"1/50/card.jpg": "a card", "1/51/名片 2.jpg": strings.Repeat("another card", 1_000), "2/50/empty": "",
}

// empty is an empty database, made once: its schema takes most of the time of a
// new one.
var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "guanxi-backup-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, databaseName)
	if err := store.Migrate(context.Background(), file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// installation makes a data folder with two organizations and attachments.
func installation(t *testing.T) (data string, s Source) {
	t.Helper()
	data = t.TempDir()
	file := filepath.Join(data, databaseName)
	b, err := empty()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := blob.NewDir(filepath.Join(data, "files"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { files.Close() })
	script := `PRAGMA foreign_keys=ON; INSERT INTO installation (name, value) VALUES ('instance', 'old instance'), ('signing_key', 'old key');
		INSERT INTO organizations (organization_id, name, version, directory_version, created_at, updated_at)
		VALUES (1, '示例公司', 41, 3, 0, 0), (2, '另一家', 7, 1, 0, 0);`
	id := 50
	for key, text := range attached {
		if _, err := files.Put(t.Context(), key, strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(filepath.Join(data, "files", key), madeAt, madeAt); err != nil {
			t.Fatal(err)
		}
		script += addAttachment(key, id, len(text))
		id++
	}
	change(t, file, script)
	return data, Source{Database: file, Files: files, Room: t.TempDir(), Program: "test", Now: func() time.Time { return madeAt }}
}

// addAttachment is the statement that names an attachment.
func addAttachment(key string, id, size int) string {
	return fmt.Sprintf(`INSERT INTO attachments (organization_id, id, name, attachmentable_type, attachmentable_id, file_name,
		content_type, file_size, blob_key, created_at, updated_at) VALUES (%s, %d, 'x', 'Contact', 1, 'x', 'image/jpeg', %d, '%s', 0, 0);`,
		key[:1], id, size, key)
}

// change runs a script on a database file.
func change(t *testing.T, file, script string) {
	t.Helper()
	c, err := sqlite.Open(file, sqlite.ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Exec(script); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

// value reads the only column of the only row.
func value(t *testing.T, file, sql string) string {
	t.Helper()
	c, err := sqlite.Open(file, sqlite.ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, err := c.Prepare(sql)
	if err != nil {
		t.Fatal(err)
	}
	if row, err := s.Step(); err != nil || !row {
		t.Fatalf("%s: %v, %v", sql, row, err)
	}
	text, _ := s.String(0)
	s.Reset()
	return text
}

// archive makes a backup that must succeed without a warning.
func archive(t *testing.T, s Source) []byte {
	t.Helper()
	var out bytes.Buffer
	r, err := Write(t.Context(), &out, s)
	if err != nil || len(r.Warnings) != 0 {
		t.Fatalf("%v, %v", err, r)
	}
	return out.Bytes()
}

// verify opens and verifies an archive.
func verify(t *testing.T, b []byte) (*Report, error) {
	t.Helper()
	a, err := Open(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return a.Verify(t.Context(), nil, nil)
}

// restore opens and restores an archive.
func restore(t *testing.T, b []byte, data string) (*Report, error) {
	t.Helper()
	a, err := Open(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return a.Restore(t.Context(), Target{Data: data, Lock: lockFolder})
}

func lockFolder(data string) (*os.File, error) { return lockNew(filepath.Join(data, "server.lock")) }

// piece is one entry of an archive that a test takes apart.
type piece struct {
	tar.Header
	body string
}

// apart takes an archive apart, without its checksums.
func apart(t *testing.T, b []byte) (all []piece) {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	in := tar.NewReader(zip)
	for {
		h, err := in.Next()
		if err == io.EOF {
			return all[:len(all)-1]
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, piece{*h, string(body)})
	}
}

// together puts pieces together, and behind them the checksums that they have:
// what is wrong with such an archive is not to be seen by its checksums.
func together(t *testing.T, all []piece) []byte {
	t.Helper()
	sums := ""
	for _, p := range all {
		sums += checksum(sum(p.body), p.Name)
	}
	return pack(t, append(all, file(sumsName, sums)))
}

func sum(text string) []byte {
	s := sha256.Sum256([]byte(text))
	return s[:]
}

// pack puts pieces together as they are.
func pack(t *testing.T, all []piece) []byte {
	t.Helper()
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(zip)
	for _, p := range all {
		p.PAXRecords = nil
		if err := w.WriteHeader(&p.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, p.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func file(name, body string) piece {
	return piece{tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(body)), Mode: 0o600}, body}
}

// withManifest changes the manifest of pieces.
func withManifest(t *testing.T, all []piece, change func(m *Manifest)) []piece {
	t.Helper()
	var m Manifest
	if err := json.Unmarshal([]byte(all[0].body), &m); err != nil {
		t.Fatal(err)
	}
	change(&m)
	b, err := json.Marshal(&m)
	if err != nil {
		t.Fatal(err)
	}
	return append([]piece{file(manifestName, string(b))}, all[1:]...)
}

// withDatabase changes the database of pieces, its file by its bytes.
func withDatabase(t *testing.T, all []piece, change func(path string)) []piece {
	t.Helper()
	path := filepath.Join(t.TempDir(), databaseName)
	if err := os.WriteFile(path, []byte(all[1].body), 0o600); err != nil {
		t.Fatal(err)
	}
	change(path)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all = append([]piece{all[0], file(databaseName, string(b))}, all[2:]...)
	return withManifest(t, all, func(m *Manifest) { m.Entries[0].Size = int64(len(b)) })
}

// names lists what is in a folder, without what lies in folders.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		all = append(all, f.Name())
	}
	return all
}
