package move

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"

	"guanxi/internal/store"
)

// copyFacts copies what the installation knows of itself: the key that signs
// links to files, so that links go on working; the number of the last
// organization. Not its name, which is part of every ETag.
func (m *mover) copyFacts(ctx context.Context) error {
	if err := m.hold(ctx, true); err != nil {
		return err
	}
	_, err := m.dst.raw.Exec(ctx, `DELETE FROM installation WHERE name NOT IN ($1, $2)`, store.FactInstance, store.FactUnfinishedMove)
	if err != nil {
		return err
	}
	t := m.src.tables["installation"]
	facts := &chunk{}
	for row, err := range m.src.rows(ctx, t, read{}) {
		if err != nil {
			return err
		}
		facts.add(row)
	}
	if facts.rows > 0 {
		if err := m.dst.raw.Insert(ctx, m.dst.tables["installation"], facts.values); err != nil {
			return err
		}
	}
	return m.dst.raw.Commit(ctx)
}

// stillTheSame refuses a move of which the source has changed since.
func (m *mover) stillTheSame(ctx context.Context) error {
	if err := m.src.raw.Snapshot(ctx); err != nil {
		return err
	}
	now, err := m.src.versions(ctx)
	if err != nil {
		return err
	}
	if changed := differing(m.noted, now, true); changed != "" {
		return fmt.Errorf("the source has changed while it was copied (%s). The target holds it as it was at the beginning "+
			"and stays unfinished: stop all servers of the source and move into an empty database", changed)
	}
	return nil
}

// finish gives the target its own name and opens it to everybody.
func (m *mover) finish(ctx context.Context) error {
	if ctx.Err() != nil {
		return ErrInterrupted
	}
	ctx = context.WithoutCancel(ctx)
	if err := m.hold(ctx, true); err != nil {
		return err
	}
	b := make([]byte, 32)
	rand.Read(b)
	if err := store.RawFact(ctx, m.dst.raw, store.FactInstance, hex.EncodeToString(b)); err != nil {
		return err
	}
	if err := store.EndMove(ctx, m.dst.raw); err != nil {
		return err
	}
	if err := m.dst.raw.Commit(ctx); err != nil {
		return errors.Join(err, errors.New("the last step failed; the same command tells whether it is done"))
	}
	m.report.Finished = true
	return nil
}
