package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Kind names a counter: ids are dense small integers for each organization
// and kind, as on the wire.
type Kind string

// The kinds of ids. Addresses have ids of their own though they lie in their
// owner's row.
const (
	Customers    Kind = "customers"
	Contacts     Kind = "contacts"
	Addresses    Kind = "addresses"
	Attachments  Kind = "attachments"
	Users        Kind = "users"
	Roles        Kind = "roles"
	Departments  Kind = "departments"
	Options      Kind = "field_options"
	CustomFields Kind = "custom_fields"
	Labels       Kind = "labels"
	Pools        Kind = "customer_pools"
	Sessions     Kind = "sessions"
	Logs         Kind = "operation_logs"
	Jobs         Kind = "jobs"
	Leads        Kind = "leads"
	LabelGroups  Kind = "label_groups"
	FieldGroups  Kind = "field_groups"
	Templates    Kind = "field_templates"
	Rules        Kind = "duplicate_rules"
	Notices      Kind = "notifications"
)

// blockSize is how many ids are taken from the counter at once: one update of
// the counter serves that many records. What is left of a block when the
// process ends is never used.
const blockSize = 64

type idKind struct {
	org  int64
	kind Kind
}

// idBlock is what is left of a block. Its mutex is held while the database is
// asked for the next one, so that nobody but who wants the same kind of id
// waits.
type idBlock struct {
	mu        sync.Mutex
	next, end int64
	epoch     int64 // of the database, when it was taken
}

type idBlocks struct {
	mu   sync.Mutex
	free map[idKind]*idBlock
}

func (b *idBlocks) of(key idKind) *idBlock {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := b.free[key]
	if found == nil {
		found = &idBlock{}
		b.free[key] = found
	}
	return found
}

// TakeIDs gives the first of n consecutive ids that nobody else gets. It must
// not be called inside a transaction.
func (s *Store) TakeIDs(ctx context.Context, org int64, kind Kind, n int) (int64, error) {
	if n <= 0 {
		return 0, nil
	}
	b := s.ids.of(idKind{org, kind})
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.epoch != s.Epoch() || b.end-b.next < int64(n) {
		size := int64(max(n, blockSize))
		epoch := s.Epoch()
		next, err := s.reserveIDs(ctx, org, kind, size)
		for err == nil && s.Epoch() != epoch {
			// It may be the counter of the epoch that is over.
			epoch = s.Epoch()
			next, err = s.reserveIDs(ctx, org, kind, size)
		}
		if err != nil {
			return 0, err
		}
		if b.end != next || b.epoch != epoch {
			b.next, b.epoch = next, epoch
		}
		b.end = next + size // what is left of the block goes on
	}
	first := b.next
	b.next += int64(n)
	return first, nil
}

// nextIDs moves a counter by $3 and answers what it stands at then.
const nextIDs = `INSERT INTO id_counters (organization_id, name, next_id) VALUES ($1, $2, 1 + $3)
	ON CONFLICT (organization_id, name) DO UPDATE SET next_id = id_counters.next_id + EXCLUDED.next_id - 1
	RETURNING next_id`

// reserveIDs moves the counter by n in a transaction of its own.
func (s *Store) reserveIDs(ctx context.Context, org int64, kind Kind, n int64) (first int64, err error) {
	err = s.engine.update(ctx, org, func(tx Tx) error {
		var next int64
		if err := one(tx, nextIDs, []any{org, string(kind), n}, &next); err != nil {
			return err
		}
		first = next - n
		return nil
	})
	if errors.Is(err, ErrUnknownOutcome) {
		err = ErrUnavailable // whether ids were lost does not matter
	}
	if err != nil {
		return 0, fmt.Errorf("take ids of %s: %w", kind, err)
	}
	return first, nil
}

// SkipIDs makes sure that ids up to and including last are never given out:
// for records whose ids are set from outside. It belongs before the first
// TakeIDs of the kind.
func (w *Write) SkipIDs(kind Kind, last int64) error {
	_, err := w.tx.Exec(`INSERT INTO id_counters (organization_id, name, next_id) VALUES ($1, $2, $3)
		ON CONFLICT (organization_id, name) DO UPDATE SET next_id = CASE
		WHEN EXCLUDED.next_id > id_counters.next_id THEN EXCLUDED.next_id ELSE id_counters.next_id END`,
		w.org, string(kind), last+1)
	return err
}
