package store

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"guanxi/internal/pg"
)

// illness keeps callers away from organizations whose part of the database
// does not answer: on a database that is spread over machines, one machine's
// loss must not make everybody wait for it. Others are not concerned.
type illness struct {
	until sync.Map         // organization → time.Time
	now   func() time.Time // the clock; nil for the usual one
}

// illFor is how long nobody asks for an ill organization.
const illFor = time.Second

var errIll = errors.New("its part of the database did not answer a moment ago")

// guard runs fn unless the organization is ill. It falls ill when the database
// answers that a part of it does not.
func (i *illness) guard(org int64, fn func() error) error {
	if org <= 0 {
		return fn()
	}
	now := time.Now
	if i.now != nil {
		now = i.now
	}
	if until, ok := i.until.Load(org); ok {
		if now().Before(until.(time.Time)) {
			return fmt.Errorf("%w: %w", ErrUnavailable, errIll)
		}
		i.until.Delete(org)
	}
	err := fn()
	if pg.IsPartLost(err) {
		i.until.Store(org, now().Add(illFor))
	}
	return err
}
