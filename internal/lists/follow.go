package lists

import (
	"context"
	"math"
	"slices"

	"guanxi/internal/column"
	"guanxi/internal/store"
)

// mostAtOnce is how many changed records are taken over by who asks.
var mostAtOnce = 200

// most is how many changes are followed one by one; beyond that the list is built
// anew.
var most = 20000

// changes are what has happened to a list since a version.
type changes struct {
	now int64   // the version with all of them
	ids []int64 // the records to read anew, each once, rising
	// unknown says that what has changed cannot be told: there is too much of it,
	// records were loaded in bulk, or a version has no row in the log (a program of
	// a former release works beside this one).
	unknown bool
	// many says that more records are concerned than enough; ids need not be all
	// of them.
	many bool
}

func (l *list) changes(r *store.Read, since int64, enough int) (c changes, err error) {
	c.now, err = r.VersionNow(l.org)
	if err != nil || c.now <= since {
		c.now = since
		return c, err
	}
	log, now, all, err := r.ChangesSince(l.org, since, most)
	if err != nil {
		return c, err
	}
	c.now, c.unknown = now, !all
	var customers []int64
	seen, last := int64(0), since
	for _, x := range log {
		if x.Version != last {
			seen, last = seen+1, x.Version
		}
		switch {
		case x.Action == store.ActionGenerate:
			c.unknown = true
		case x.Entity == l.entity:
			c.ids = append(c.ids, x.EntityID)
		case x.Entity == Customers && l.entity == Contacts:
			customers = append(customers, x.EntityID) // its owner decides who sees them
		}
	}
	if seen != now-since {
		c.unknown = true
	}
	if c.ids, customers = unique(c.ids), unique(customers); c.unknown || len(c.ids)+len(customers) > enough {
		c.many = true
		return c, nil
	}
	err = r.ContactFeedOf(l.org, customers, func(id int64) error {
		c.ids = append(c.ids, id)
		return nil
	})
	c.ids = unique(c.ids)
	c.many = len(c.ids) > enough
	return c, err
}

// take takes over records as the snapshot shows them, or that they are gone. Ids
// rise.
func (l *list) take(r *store.Read, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	type found struct {
		id  int64
		row *column.Row
	}
	var rows []found
	from := reading{name: l.name, extras: l.extras, owners: readOwners(l.org)}
	err := from.rows(r, partsOf(ids), l.table.NewRow, func(id int64, row *column.Row) error {
		rows = append(rows, found{id, row})
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(rows, func(a, b found) int { return int(a.id - b.id) })
	return l.table.Change(func(w column.Writer) error {
		next := 0
		for _, id := range ids {
			if next == len(rows) || rows[next].id != id {
				w.Delete(id)
				continue
			}
			if err := w.Put(id, rows[next].row); err != nil {
				return err
			}
			next++
		}
		return nil
	})
}

// catchUp takes over many changes, some in each snapshot: see eachPart for why
// that is right.
func (k *Keeper) catchUp(ctx context.Context, l *list) error {
	l.mu.Lock()
	since := l.version
	l.mu.Unlock()
	var c changes
	err := k.source.View(ctx, l.org, func(r *store.Read) (err error) {
		c, err = l.changes(r, since, math.MaxInt)
		return err
	})
	if err != nil {
		return err
	}
	if c.unknown {
		return errUnknown
	}
	// Somebody with an older snapshot would put older records in the place of ours.
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.closed = false
	}()
	version := c.now
	for ids := range slices.Chunk(c.ids, mostAtOnce) {
		err := k.source.View(ctx, l.org, func(r *store.Read) error {
			now, err := r.VersionNow(l.org)
			if err != nil {
				return err
			}
			version = min(version, now)
			return l.take(r, ids)
		})
		if err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.version, l.vain = version, l.vain+1
	return nil
}
