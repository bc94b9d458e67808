package move

import (
	"context"
	"errors"
	"fmt"

	"guanxi/internal/store"
)

// write writes chunks in transactions of some thousand rows, each with its
// states. It stops between two of them when ctx ends.
func (m *mover) write(ctx context.Context, made <-chan *chunk, free chan<- *chunk) error {
	stop := ctx.Done()
	ctx = context.WithoutCancel(ctx) // what has been begun is brought to its end
	b := &batch{mover: m}
	for {
		select {
		case c, more := <-made:
			if !more {
				return b.commit(ctx)
			}
			if c.err != nil {
				return errors.Join(b.commit(ctx), c.err)
			}
			if err := b.add(ctx, c); err != nil {
				return in(c.unit, fmt.Errorf("%s: %w", c.unit.table, err))
			}
			free <- c
		case <-stop:
			return b.commit(ctx)
		}
	}
}

// batch is a transaction of the writer.
type batch struct {
	*mover
	open        bool
	touched     map[unit]bool
	rows, bytes int
	work        int // rows that are written or changed
	last        unit
}

func (b *batch) add(ctx context.Context, c *chunk) error {
	if !b.open {
		if err := b.hold(ctx, false); err != nil {
			return err
		}
		b.open, b.touched, b.rows, b.bytes, b.work = true, map[unit]bool{}, 0, 0, 0
	}
	t := b.dst.tables[c.unit.table]
	var err error
	switch {
	case len(c.ids) > 0:
		err = b.dst.raw.Link(ctx, t, c.column, c.unit.org, c.ids, c.parents)
	case c.rows > 0:
		err = b.dst.raw.Insert(ctx, t, c.values)
	}
	if err != nil {
		return err
	}
	s := b.states[c.unit]
	if s == nil {
		s = &state{}
		b.states[c.unit] = s
	}
	if c.rows > 0 {
		s.last = c.last
		s.rows += int64(c.rows)
		s.sum.add(c.sum)
	}
	s.finished = c.finished
	b.touched[c.unit], b.last = true, c.unit
	b.rows += c.rows
	b.bytes += c.bytes
	b.work += c.rows + len(c.ids)
	if b.work >= b.Batch || b.bytes >= batchBytes || len(b.touched) >= batchUnits {
		return b.commit(ctx)
	}
	return nil
}

func (b *batch) commit(ctx context.Context) error {
	if !b.open {
		return nil
	}
	var states []store.MoveState
	for u := range b.touched {
		s := b.states[u]
		states = append(states, store.MoveState{Org: u.org, Table: u.table, LastKey: s.last, Rows: s.rows, Sum: s.sum.String(), Finished: s.finished})
	}
	if err := store.NoteMove(ctx, b.dst.raw, states); err != nil {
		return err
	}
	if err := b.dst.raw.Commit(ctx); err != nil {
		return err
	}
	b.open = false
	b.mover.rows += int64(b.rows)
	b.where = b.last
	b.tellNow()
	return nil
}
