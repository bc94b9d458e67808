// Package backup writes an installation with an embedded database into one
// file and puts it back.
//
// The archive is a tar file compressed with gzip, which can be read without
// this program:
//
//	manifest.json  what is in it, of which time, with the sizes
//	guanxi.db      the database
//	files/…        the attachments that the database names
//	SHA256SUMS     the checksums of all these, as sha256sum writes them
//
// The manifest stands first, so that a reader knows what may come and how
// much of it before it writes anything. The checksums stand last, so that
// every file is read once; an archive without them was cut off. Pictures and
// maps that can be made again, locks and the notes of made-up data are not in it.
package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"guanxi/internal/blob"
	"guanxi/internal/store"
)

// format is the newest version of the archive's form. A reader refuses a
// greater one. An archive with its attachments still has form 1, which older
// programs read; form 2 is one whose attachments lie elsewhere.
const (
	formatWhole = 1
	format      = 2
)

// Names in the archive.
const (
	manifestName = "manifest.json"
	databaseName = "guanxi.db"
	filesPrefix  = "files/"
	sumsName     = "SHA256SUMS"
)

// maxManifest bounds what a reader takes into memory: ten million attachments
// have room in it.
const maxManifest = 1 << 30

// Manifest says what an archive holds.
type Manifest struct {
	Format        int                   `json:"format"`
	Program       string                `json:"program"` // version of the program that wrote it
	MadeAt        time.Time             `json:"made_at"`
	Schema        int64                 `json:"schema"`
	Instance      string                `json:"instance"`
	Organizations []OrganizationVersion `json:"organizations"`
	// Elsewhere says where the attachments lie, when they are not in the data
	// folder: s3://bucket/prefix and so on. None of them is in the archive.
	Elsewhere string `json:"attachments_elsewhere,omitempty"`
	// Entries are the database and then the attachments, in the order of the
	// archive. An attachment that is here and not in the archive was already
	// missing when the backup came to it.
	Entries []Entry `json:"entries"`
}

// Entry is a file of the archive.
type Entry struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

// Total is the size of all entries.
func (m *Manifest) Total() (n int64) {
	for _, e := range m.Entries {
		n += e.Size
	}
	return n
}

// parseManifest reads a manifest and refuses one that this program cannot
// follow, or that names anything but a database and attachments.
func parseManifest(b []byte) (*Manifest, error) {
	// The number comes first: a later form may differ in everything else.
	var form struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(b, &form); err != nil {
		return nil, fmt.Errorf("the archive is damaged: its manifest cannot be read: %w", err)
	}
	if form.Format > format {
		return nil, fmt.Errorf("the archive has form %d and this program knows forms up to %d: take a newer guanxi", form.Format, format)
	}
	if form.Format < formatWhole {
		return nil, fmt.Errorf("the archive is damaged: its manifest cannot be read: there is no form %d", form.Format)
	}
	m := &Manifest{}
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("the archive is damaged: its manifest cannot be read: %w", err)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("the archive is damaged: its manifest cannot be right: %w", err)
	}
	known, err := store.KnownSchema()
	if err != nil {
		return nil, err
	}
	if m.Schema > known {
		return nil, fmt.Errorf("the backup was made by guanxi %s with schema %d and this program knows schemas up to %d: take a newer guanxi",
			m.Program, m.Schema, known)
	}
	return m, nil
}

func (m *Manifest) check() error {
	if len(m.Entries) == 0 || m.Entries[0].Name != databaseName {
		return errors.New("it does not begin with the database")
	}
	if m.Elsewhere != "" && (m.Format == formatWhole || len(m.Entries) > 1) {
		return errors.New("it has attachments, and says that they are elsewhere")
	}
	seen := make(map[string]bool, len(m.Entries))
	total := int64(0)
	for i, e := range m.Entries {
		if i > 0 {
			key, ok := strings.CutPrefix(e.Name, filesPrefix)
			if !ok {
				return fmt.Errorf("it names %q", e.Name)
			}
			if err := blob.CheckKey(key); err != nil {
				return fmt.Errorf("it names %q: %w", e.Name, err)
			}
		}
		if seen[e.Name] {
			return fmt.Errorf("it names %q twice", e.Name)
		}
		seen[e.Name] = true
		if e.Size < 0 || e.Size > math.MaxInt64-total {
			return fmt.Errorf("%q has the size %d", e.Name, e.Size)
		}
		total += e.Size
	}
	return nil
}

// same compares a database with the manifest of its archive.
func (m *Manifest) same(id identity) error {
	switch {
	case id.Schema != m.Schema:
		return fmt.Errorf("the database has schema %d, the manifest says %d", id.Schema, m.Schema)
	case id.Instance != m.Instance:
		return errors.New("the database is another one than the manifest says")
	case len(id.Organizations) != len(m.Organizations):
		return fmt.Errorf("the database has %d organizations, the manifest says %d", len(id.Organizations), len(m.Organizations))
	}
	for i, o := range id.Organizations {
		if o != m.Organizations[i] {
			return fmt.Errorf("the database has organization %d at version %d, the manifest says organization %d at version %d",
				o.ID, o.Version, m.Organizations[i].ID, m.Organizations[i].Version)
		}
	}
	return nil
}

// checksum is a line of SHA256SUMS. Keys of attachments hold neither a
// backslash nor a line's end, so that no name needs to be escaped.
func checksum(sum []byte, name string) string { return fmt.Sprintf("%x  %s\n", sum, name) }

// attachments calls fn for each key that the database names, once, and odd for
// each that is no key.
func attachments(s *snapshot, orgs []OrganizationVersion, fn func(key string, size int64), odd func(key string)) error {
	seen := map[string]bool{}
	for _, o := range orgs {
		err := s.attachments(o.ID, func(key string, size int64) error {
			switch {
			case seen[key]:
				return nil
			case blob.CheckKey(key) != nil:
				odd(key)
			default:
				fn(key, size)
			}
			seen[key] = true
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
