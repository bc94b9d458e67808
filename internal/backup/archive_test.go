package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAnArchiveIsGood(t *testing.T) {
	_, s := installation(t)
	b := archive(t, s)
	r, err := verify(t, b)
	if err != nil || len(r.Warnings) != 0 {
		t.Fatalf("%v, %+v", err, r)
	}
	m := r.Manifest
	if m.Program != "test" || !m.MadeAt.Equal(madeAt) || m.Instance != "old instance" || m.Schema == 0 || len(m.Entries) != 1+len(attached) ||
		len(m.Organizations) != 2 || m.Organizations[0].Version != 41 || m.Organizations[1].Directory != 1 {
		t.Errorf("the manifest is %+v", m)
	}
	// The archive is what the package says, for those who have no guanxi.
	all := apart(t, b)
	if all[0].Name != manifestName || all[1].Name != databaseName || len(all) != 2+len(attached) {
		t.Errorf("%d entries, %s first", len(all), all[0].Name)
	}
	for _, p := range all[2:] {
		if text, ok := attached[strings.TrimPrefix(p.Name, filesPrefix)]; !ok || p.body != text || !p.ModTime.Equal(madeAt) || p.Mode != 0o600 {
			t.Errorf("%s has %d bytes of %s", p.Name, len(p.body), p.ModTime)
		}
	}
	if again := archive(t, s); !bytes.Equal(again, b) {
		t.Error("a second archive of the same is another")
	}
	if _, err := verify(t, together(t, all)); err != nil {
		t.Errorf("the tests put archives together wrongly: %v", err)
	}
}

func TestATruncatedArchiveIsRefused(t *testing.T) {
	_, s := installation(t)
	b := archive(t, s)
	for n := 0; n < len(b); n += 1 + len(b)/60 {
		if _, err := verify(t, b[:n]); err == nil {
			t.Errorf("%d of %d bytes are taken for an archive", n, len(b))
		}
	}
	for n := len(b) - 20; n < len(b); n++ {
		if _, err := verify(t, b[:n]); err == nil {
			t.Errorf("%d of %d bytes are taken for an archive", n, len(b))
		}
	}
	// Cut off in the tar file, and ended as if that were all.
	all := apart(t, b)
	for n := range all {
		if _, err := verify(t, pack(t, all[:n])); err == nil {
			t.Errorf("%d of %d entries are taken for an archive", n, len(all))
		}
	}
}

func TestAFlippedByteIsNoticed(t *testing.T) {
	_, s := installation(t)
	b := archive(t, s)
	const header = 10 // of gzip: a time and a system, of which nothing depends
	for i := header; i < len(b)-9; i += 1 + len(b)/100 {
		bad := bytes.Clone(b)
		bad[i] ^= 0x10
		// The same bytes can be compressed in more than one way.
		if _, err := verify(t, bad); err == nil && unzipped(bad) != unzipped(b) {
			t.Errorf("byte %d of %d was flipped and nobody noticed", i, len(b))
		}
	}
	// Where gzip has nothing to complain of, the checksums have.
	all := apart(t, b)
	for i := range all {
		bad := slices.Clone(all)
		if bad[i].body == "" {
			continue
		}
		flipped := []byte(bad[i].body)
		flipped[len(flipped)-2] ^= 0x10
		bad[i].body = string(flipped)
		sums := ""
		for _, p := range all {
			sums += checksum(sum(p.body), p.Name)
		}
		if _, err := verify(t, pack(t, append(bad, file(sumsName, sums)))); err == nil {
			t.Errorf("%s was changed and nobody noticed", all[i].Name)
		}
	}
}

func unzipped(b []byte) string {
	zip, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return ""
	}
	text, _ := io.ReadAll(zip) // as far as it goes
	return string(text)
}

// TestManipulatedArchives changes archives whose checksums are right all the
// same. Each must be refused, for the reason that is given, and nothing may be
// written outside of the data folder, or left behind in it.
func TestManipulatedArchives(t *testing.T) {
	_, s := installation(t)
	good := apart(t, archive(t, s))
	evil := func(name string) []piece {
		all := append(slices.Clone(good), file(name, "evil"))
		return withManifest(t, all, func(m *Manifest) { m.Entries = append(m.Entries, Entry{name, 4}) })
	}
	extra := func(p piece) []piece { return append(slices.Clone(good), p) }
	manifest := func(change func(m *Manifest)) []piece { return withManifest(t, slices.Clone(good), change) }
	database := func(script string) []piece {
		return withDatabase(t, slices.Clone(good), func(path string) { change(t, path, script) })
	}
	link := piece{Header: tar.Header{Typeflag: tar.TypeSymlink, Name: "files", Linkname: t.TempDir(), Mode: 0o777}}
	hard := piece{Header: tar.Header{Typeflag: tar.TypeLink, Name: "files/link", Linkname: "/etc/passwd", Mode: 0o777}}
	for _, c := range []struct {
		what, says string
		all        []piece
	}{
		{"a way out of the folder", "it names", evil("files/../../evil")},
		{"a way out from the top", "it names", evil("../evil")},
		{"an absolute path", "it names", evil("/tmp/evil")},
		{"an absolute path among the files", "it names", evil("files//evil")},
		{"a path with a backslash", "it names", evil(`files/..\evil`)},
		{"a hidden file", "it names", evil("files/.evil")},
		{"a folder", "it names", manifest(func(m *Manifest) { m.Entries = append(m.Entries, Entry{"files/", 0}) })},
		{"a log beside the database", "it names", evil("guanxi.db-wal")},
		{"a lock", "it names", evil("server.lock")},
		{"a cached picture", "it names", evil("cache/evil")},
		{"a line's end in a name", "it names", evil("files/a\nb")},
		{"a file that the manifest does not name", "not where the manifest says", extra(file("files/1/99/evil", "evil"))},
		{"a way out that the manifest does not name", "not where the manifest says", extra(file("files/../evil", "evil"))},
		{"a link in the place of the files", "no file", []piece{good[0], good[1], link, good[2], good[3], good[4]}},
		{"a hard link", "no file", extra(hard)},
		{"an entry twice", "not where the manifest says", extra(good[2])},
		{"the database twice", "not where the manifest says", extra(good[1])},
		{"the manifest twice", "not where the manifest says", extra(good[0])},
		{"entries in another order", "not where the manifest says", []piece{good[0], good[1], good[3], good[2], good[4]}},
		{"an entry twice in the manifest", "twice", manifest(func(m *Manifest) { m.Entries = append(m.Entries, m.Entries[1]) })},
		{"a larger entry than the manifest says", "the manifest says", manifest(func(m *Manifest) { m.Entries[2].Size-- })},
		{"a smaller entry than the manifest says", "the manifest says", manifest(func(m *Manifest) { m.Entries[1].Size++ })},
		{"a size below zero", "has the size", manifest(func(m *Manifest) { m.Entries[1].Size = -1 })},
		{"sizes beyond all measure", "has the size", manifest(func(m *Manifest) { m.Entries[1].Size = math.MaxInt64 })},
		{"no database", "the database is missing", []piece{good[0], good[2], good[3], good[4]}},
		{"no database in the manifest", "does not begin", manifest(func(m *Manifest) { m.Entries = m.Entries[1:] })},
		{"nothing in the manifest", "does not begin", manifest(func(m *Manifest) { m.Entries = nil })},
		{"a newer form", "newer guanxi", manifest(func(m *Manifest) { m.Format = format + 1 })},
		{"no form", "no form 0", manifest(func(m *Manifest) { m.Format = 0 })},
		{"a newer schema", "newer guanxi", manifest(func(m *Manifest) { m.Schema += 1000 })},
		{"a newer schema only in the database", "manifest says",
			database("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")},
		{"no manifest", "manifest does not come first", good[1:]},
		{"a manifest that is none", "cannot be read", append([]piece{file(manifestName, "[]")}, good[1:]...)},
		{"nothing", "no backup", nil},
		{"another instance", "another one", manifest(func(m *Manifest) { m.Instance = "other" })},
		{"another version", "at version 41", manifest(func(m *Manifest) { m.Organizations[0].Version++ })},
		{"an organization less", "2 organizations", manifest(func(m *Manifest) { m.Organizations = m.Organizations[:1] })},
		{"a directory of another version", "organization 1", manifest(func(m *Manifest) { m.Organizations[0].Directory++ })},
		{"an attachment that the manifest lacks", "names \"1/99/x\"", database(addAttachment("1/99/x", 99, 5))},
		{"an attachment that the database lacks", "does not", evil("files/1/99/x")},
		{"a row that refers to nothing", "refers to none", database(addAttachment("9/99/x", 99, 5))},
		{"another database", "no database of guanxi", database("DROP TABLE goose_db_version")},
		{"no database at all", "not a database", withDatabase(t, slices.Clone(good), func(path string) {
			if err := os.WriteFile(path, bytes.Repeat([]byte("no "), 9000), 0o600); err != nil {
				t.Fatal(err)
			}
		})},
		{"an index without its rows", "damaged", database(`PRAGMA writable_schema=ON;
			UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'contacts_customer') WHERE name = 'attachments_owner'`)},
	} {
		b := together(t, c.all)
		above := t.TempDir()
		data := filepath.Join(above, "data")
		_, err := restore(t, b, data)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.what, err)
		}
		if _, other := verify(t, b); other == nil || other.Error() != err.Error() {
			t.Errorf("%s: restoring says %v, verifying %v", c.what, err, other)
		}
		if all := names(t, above); len(all) > 1 || len(all) == 1 && !slices.Equal(names(t, data), []string{"server.lock"}) {
			t.Errorf("%s: left behind: %v", c.what, all)
		}
	}
	if left := names(t, link.Linkname); len(left) > 0 {
		t.Errorf("written through a link: %v", left)
	}
}

// TestWhatFollowsIsRefused puts something where nothing belongs.
func TestWhatFollowsIsRefused(t *testing.T) {
	_, s := installation(t)
	b := archive(t, s)
	all := apart(t, b)
	sums := ""
	for _, p := range all {
		sums += checksum(sum(p.body), p.Name)
	}
	end := file(sumsName, sums)
	member := func(text string) []byte {
		var out bytes.Buffer
		zip := gzip.NewWriter(&out)
		_, err := io.WriteString(zip, text)
		if err = errors.Join(err, zip.Close()); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	for what, bad := range map[string][]byte{
		"an entry":              pack(t, append(slices.Clone(all), end, file("files/evil", "evil"))),
		"checksums twice":       pack(t, append(slices.Clone(all), end, end)),
		"longer checksums":      pack(t, append(slices.Clone(all), file(sumsName, sums+"x"))),
		"other checksums":       pack(t, append(slices.Clone(all), file(sumsName, strings.ToUpper(sums)))),
		"no checksums":          pack(t, append(slices.Clone(all), file(sumsName, ""))),
		"bytes after the end":   append(bytes.Clone(b), "evil"...),
		"more in the gzip file": append(bytes.Clone(b), member("evil")...),
		"zeros without end":     append(bytes.Clone(b), member(strings.Repeat("\x00", 1<<21))...),
	} {
		if _, err := verify(t, bad); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := verify(t, append(bytes.Clone(b), member(strings.Repeat("\x00", 1<<10))...)); err != nil {
		t.Errorf("padding of a tape: %v", err)
	}
}

// TestReadingFails must not be taken for a damaged archive.
func TestReadingFails(t *testing.T) {
	_, s := installation(t)
	b := archive(t, s)
	broken := errors.New("the cable is out")
	for _, n := range []int{0, 5, 2000, len(b) - 3} {
		a, err := Open(io.MultiReader(bytes.NewReader(b[:n]), failing{broken}))
		if err == nil {
			_, err = a.Verify(t.Context(), nil, nil)
		}
		if !errors.Is(err, broken) || strings.Contains(err.Error(), "damaged") || strings.Contains(err.Error(), "no backup") {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
