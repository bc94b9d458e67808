package store

import (
	"context"
	"errors"
)

// A server keeps versions, directories and sessions in memory. The operator's
// commands change the same database from a process of their own; each of their
// transactions moves a counter, which the server looks at every so often.

// ActOutside makes every change of this store known to a server that has the
// same database open.
func (s *Store) ActOutside() { s.outside = true }

func noteOutside(tx Tx) error {
	_, err := tx.Exec(`INSERT INTO installation (name, value) VALUES ('outside_changes', '1')
		ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(installation.value AS INTEGER) + 1 AS TEXT)`)
	return err
}

// OutsideChanges counts the transactions of other processes.
func (s *Store) OutsideChanges(ctx context.Context) (count string, err error) {
	s.engine.refresh()
	err = s.engine.view(ctx, func(tx Tx) error {
		err := one(tx, "SELECT value FROM installation WHERE name = 'outside_changes'", nil, &count)
		if errors.Is(err, ErrNoRow) {
			return nil
		}
		return err
	})
	return count, err
}

// ForgetVersions makes the next question for a version read it anew.
func (s *Store) ForgetVersions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgotten++
	clear(s.versions)
}
