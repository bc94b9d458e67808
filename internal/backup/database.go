package backup

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"guanxi/internal/sqlite"
	"guanxi/internal/store"
)

// The statements of this file know the embedded database only, as a file from
// which nobody else reads. They stand here and not in the store, whose
// statements run on every engine.

// snapshot is one committed state of an embedded database file, for backing it
// up and for looking at a restored one. It changes nothing, neither data nor
// schema, and waits for no writer, nor does a writer wait for it; but the
// writer's log cannot be shortened while it is open. It belongs to one
// goroutine at a time.
type snapshot struct{ conn *sqlite.Conn }

// identity says which database a file holds, and as of when.
type identity struct {
	Schema        int64 // number of the last migration
	Instance      string
	Organizations []OrganizationVersion // in the order of their ids
}

// OrganizationVersion is how often an organization and its directory have
// changed.
type OrganizationVersion struct {
	ID        int64 `json:"id"`
	Version   int64 `json:"version"`
	Directory int64 `json:"directory_version"`
}

// openSnapshot opens the present state of the database in a file. What is
// committed later is not in it.
func openSnapshot(file string) (*snapshot, error) {
	if _, err := os.Stat(file); err != nil {
		return nil, err
	}
	c, err := sqlite.Open(file, sqlite.ReadOnly)
	if err != nil {
		return nil, err
	}
	s := &snapshot{c}
	// The file may come from anywhere: nothing in its schema may run code.
	err = c.Exec("PRAGMA query_only=ON; PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY; BEGIN")
	if err == nil {
		// The state is fixed by the first read.
		err = s.each("SELECT count(*) FROM sqlite_master", nil, func(*sqlite.Stmt) error { return nil })
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", path.Base(file), err), c.Close())
	}
	return s, nil
}

// close lets the state go. It may be called more than once.
func (s *snapshot) close() error { return s.conn.Close() }

// identify reads what the file is.
func (s *snapshot) identify() (id identity, err error) {
	if id.Schema, err = s.number(`SELECT max(version_id) FROM goose_db_version WHERE is_applied = 1`); err != nil {
		return id, fmt.Errorf("this is no database of guanxi: %w", err)
	}
	err = s.each(`SELECT value FROM installation WHERE name = ?1`, []any{store.FactInstance}, func(row *sqlite.Stmt) error {
		id.Instance, _ = row.String(0)
		return nil
	})
	if err != nil {
		return id, err
	}
	id.Organizations, err = s.organizations()
	return id, err
}

// organizations reads the versions of all organizations.
func (s *snapshot) organizations() (all []OrganizationVersion, err error) {
	err = s.each(`SELECT organization_id, version, directory_version FROM organizations ORDER BY organization_id`, nil,
		func(row *sqlite.Stmt) error {
			all = append(all, OrganizationVersion{row.Int64(0), row.Int64(1), row.Int64(2)})
			return nil
		})
	return all, err
}

// attachments calls fn for every attachment of an organization, in the order
// of the ids, with the key and the size of its bytes.
func (s *snapshot) attachments(org int64, fn func(key string, size int64) error) error {
	return s.each(`SELECT blob_key, file_size FROM attachments WHERE organization_id = ?1 ORDER BY id`, []any{org},
		func(row *sqlite.Stmt) error {
			key, _ := row.String(0)
			return fn(key, row.Int64(1))
		})
}

// size is how many bytes copy writes.
func (s *snapshot) size() (int64, error) {
	pages, err := s.number("PRAGMA page_count")
	if err != nil {
		return 0, err
	}
	size, err := s.number("PRAGMA page_size")
	return pages * size, err
}

// copy writes the state as a database file.
func (s *snapshot) copy(ctx context.Context, w io.Writer) error {
	return s.conn.Pages(func(page []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		_, err := w.Write(page)
		return err
	})
}

// check reads everything and answers the first thing that is wrong with it:
// a damaged page, an index that does not fit its table, a row that refers to
// nothing.
func (s *snapshot) check(ctx context.Context) error {
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		s.conn.Interrupt()
	})
	err := s.look(ctx)
	if !stop() {
		<-ended // the connection must live until then
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func (s *snapshot) look(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := s.each("PRAGMA integrity_check(1)", nil, func(row *sqlite.Stmt) error {
		if text, _ := row.String(0); text != "ok" {
			return fmt.Errorf("the database is damaged: %s", text)
		}
		return nil
	})
	if err = errors.Join(err, ctx.Err()); err != nil {
		return err
	}
	return s.each("PRAGMA foreign_key_check", nil, func(row *sqlite.Stmt) error {
		table, _ := row.String(0)
		parent, _ := row.String(2)
		return fmt.Errorf("the database is damaged: a row of %s refers to none of %s", table, parent)
	})
}

func (s *snapshot) number(sql string) (n int64, err error) {
	err = s.each(sql, nil, func(row *sqlite.Stmt) error {
		n = row.Int64(0)
		return nil
	})
	return n, err
}

func (s *snapshot) each(sql string, args []any, fn func(*sqlite.Stmt) error) error {
	stmt, err := s.conn.Prepare(sql)
	if err != nil {
		return err
	}
	defer stmt.Reset()
	if err := stmt.Bind(args); err != nil {
		return err
	}
	for {
		row, err := stmt.Step()
		if err != nil || !row {
			return err
		}
		if err := fn(stmt); err != nil {
			return err
		}
	}
}

// renew gives the database in a file a new instance and a new key for links,
// since it may stand at an earlier time than answers that clients remember:
// the same versions and ids may come to mean other things. Nobody else may have
// the file open. Afterwards all of the database is in the file itself, and on
// the disk.
func renew(file string) error {
	c, err := sqlite.Open(file, sqlite.ReadWrite)
	if err != nil {
		return err
	}
	err = c.Exec("PRAGMA trusted_schema=OFF; PRAGMA synchronous=FULL; BEGIN IMMEDIATE")
	for _, name := range []string{store.FactInstance, store.FactSigningKey} {
		if err == nil {
			err = renewFact(c, name)
		}
	}
	if err == nil {
		err = c.Exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")
	}
	if err = errors.Join(err, c.Close()); err != nil {
		return fmt.Errorf("give the database a new instance: %w", err)
	}
	// The last connection moves the log into the file and removes it.
	for _, suffix := range []string{"-wal", "-journal"} {
		if _, err := os.Stat(file + suffix); !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(fmt.Errorf("%s is still there", path.Base(file)+suffix), err)
		}
	}
	return nil
}

func renewFact(c *sqlite.Conn, name string) error {
	b := make([]byte, 32)
	rand.Read(b)
	s, err := c.Prepare(`INSERT INTO installation (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value`)
	if err != nil {
		return err
	}
	defer s.Reset()
	if err := s.Bind([]any{name, hex.EncodeToString(b)}); err != nil {
		return err
	}
	_, err = s.Step()
	return err
}
