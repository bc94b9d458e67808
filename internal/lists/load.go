package lists

import (
	"context"
	"errors"
	"math"
	"slices"

	"guanxi/internal/column"
	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// errUnknown says that the changes since cannot be followed one by one.
var errUnknown = errors.New("lists: build anew")

// Bring does what the question behind a Behind waits for, or waits until somebody
// else has done it. The question is then asked again; it may once more be behind.
// What was begun goes on when ctx ends: others want it too.
func (k *Keeper) Bring(ctx context.Context, b *Behind) error {
	l := b.list
	l.mu.Lock()
	w, mine := l.work, l.work == nil
	if mine {
		w = &work{done: make(chan struct{})}
		l.work = w
		l.busy.Store(true)
	}
	l.mu.Unlock()
	if mine {
		go func() {
			defer close(w.done)
			w.err = sheltered(func() error { return k.bring(context.WithoutCancel(ctx), l, b.fields, b.need) })
			l.mu.Lock()
			defer l.mu.Unlock()
			l.work = nil
			l.busy.Store(false)
		}()
	}
	select {
	case <-w.done:
		if mine {
			return w.err
		}
		return nil // another one's error is not ours: we ask again
	case <-ctx.Done():
		return ctx.Err()
	}
}

// bring loads the list or follows many changes, and adds columns.
func (k *Keeper) bring(ctx context.Context, l *list, fields []*crm.CustomField, need []string) error {
	l.mu.Lock()
	usable := l.usable(k.source.Epoch(), fields)
	l.mu.Unlock()
	err := errUnknown
	if usable {
		err = k.catchUp(ctx, l)
	}
	if errors.Is(err, errUnknown) {
		err = k.load(ctx, l)
	}
	if err != nil {
		return err
	}
	return k.extend(ctx, l, fields, need)
}

// load loads the list.
func (k *Keeper) load(ctx context.Context, l *list) error {
	epoch, from, base := k.source.Epoch(), reading{name: l.name}, int64(math.MaxInt64)
	if l.entity == Contacts {
		customers, version, err := k.customers(ctx, l.org)
		if err != nil {
			return err
		}
		// What the customers' list has is of its version or later, as if it had been
		// read in a part.
		base, from.owners = version, ownersIn(customers)
	}
	l.mu.Lock()
	l.table = nil // of no use any more, but large
	l.mu.Unlock()
	t, oldest, err := k.read(ctx, k.source, l, &from)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.table, l.version, l.epoch, l.extras, l.vain = t, min(base, oldest), epoch, nil, l.vain+1
	return nil
}

// loadInside loads the list, with columns, in the snapshot of who asks, who holds
// mu.
func (k *Keeper) loadInside(s inside, l *list, fields []*crm.CustomField, need []string) error {
	ctx := context.Background() // the snapshot's own
	t, version, err := k.read(ctx, s, l, &reading{name: l.name, owners: readOwners(l.org)})
	if err != nil {
		return err
	}
	extras, err := missing(t, l.entity, fields, need)
	if err != nil {
		return err
	}
	values, _, err := gather(ctx, s, l.name, extras)
	if err != nil {
		return err
	}
	l.table, l.version, l.epoch, l.extras = t, version, s.epoch, extras
	return t.AddColumns(values...)
}

// read reads all records into a new table: see eachPart for what the version
// means.
func (k *Keeper) read(ctx context.Context, s Source, l *list, from *reading) (t *column.Table, version int64, err error) {
	t = column.New(usual(l.entity))
	err = s.View(ctx, l.org, func(r *store.Read) error {
		n, err := r.CountRecords(l.org, l.entity)
		t.Reserve(n + n/64 + 64)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	k.measure(l, t) // others make room for it
	version, err = eachPart(ctx, s, l.name, func(r *store.Read, p store.Part) (*column.Batch, error) {
		b, row := t.NewBatch(partSize), t.NewRow()
		fresh := func() *column.Row { row.Reset(); return row }
		return b, from.rows(r, []store.Part{p}, fresh, b.Add)
	}, func(b *column.Batch) error {
		return t.Change(func(w column.Writer) error { return w.Append(b) })
	})
	if err != nil {
		return nil, 0, err
	}
	if err := t.Prepare("created_at"); err != nil {
		return nil, 0, err
	}
	k.measure(l, t)
	return t, version, nil
}

// customers gives the organization's list of customers, up to date but for a few
// changes, and a version that nothing in it is older than.
func (k *Keeper) customers(ctx context.Context, org int64) (*column.Table, int64, error) {
	l := k.list(name{org, Customers})
	for {
		if err := k.Bring(ctx, &Behind{list: l}); err != nil {
			return nil, 0, err
		}
		l.mu.Lock()
		t, version, usable := l.table, l.version, l.usable(k.source.Epoch(), nil)
		l.mu.Unlock()
		if usable {
			return t, version, nil
		}
	}
}

// extend adds columns that are asked for the first time.
func (k *Keeper) extend(ctx context.Context, l *list, fields []*crm.CustomField, need []string) error {
	extras, err := missing(l.table, l.entity, fields, need)
	if err != nil || len(extras) == 0 {
		return err
	}
	values, base, err := gather(ctx, k.source, l.name, extras)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.table.AddColumns(values...); err != nil {
		return err
	}
	l.extras = append(slices.Clip(l.extras), extras...)
	l.version = min(l.version, base)
	k.measure(l, l.table)
	return nil
}

// missing gives the columns that are needed and not there. Who asks for one kind
// of number is likely to ask for the other one next: both are read at once.
func missing(t *column.Table, entity string, fields []*crm.CustomField, need []string) (extras []extra, err error) {
	const tel, phone = "address.tel", "address.phone"
	if slices.Contains(need, tel) || slices.Contains(need, phone) {
		need = append(slices.Clone(need), tel, phone)
	}
	for _, n := range need {
		if _, ok := t.Index(n); ok || slices.ContainsFunc(extras, func(e extra) bool { return e.Name == n }) {
			continue
		}
		e, err := extraOf(entity, fields, n)
		if err != nil {
			return nil, err
		}
		extras = append(extras, e)
	}
	return extras, nil
}

// gather reads the values of columns: see eachPart for what the version means.
func gather(ctx context.Context, s Source, n name, extras []extra) (all []*column.Values, version int64, err error) {
	empty := func() []*column.Values {
		made := make([]*column.Values, len(extras))
		for i, e := range extras {
			made[i] = column.NewValues(e.Column)
		}
		return made
	}
	if all = empty(); len(extras) == 0 {
		return nil, 0, nil
	}
	version, err = eachPart(ctx, s, n, func(r *store.Read, p store.Part) ([]*column.Values, error) {
		part := empty()
		return part, eachExtra(r, n.org, n.entity, extras, []store.Part{p}, func(id int64, i int, value any) {
			switch x := value.(type) {
			case float64:
				part[i].Float(id, x)
			case int64:
				part[i].Int(id, x)
			case string:
				part[i].Text(id, x)
			}
		})
	}, func(part []*column.Values) error {
		for i := range all {
			all[i].Join(part[i])
		}
		return nil
	})
	return all, version, err
}

// Warm loads a list of at least so many records, with the columns and the sort
// orders that are named. It does nothing where the lists take more than half of
// what they may.
func (k *Keeper) Warm(ctx context.Context, org int64, entity string, least int, need, sorts []string) error {
	var n int
	err := k.source.View(ctx, org, func(r *store.Read) (err error) {
		n, err = r.CountRecords(org, entity)
		return err
	})
	if err != nil || n < least || k.Bytes() > k.budget/2 {
		return err
	}
	l := k.list(name{org, entity})
	if err := k.Bring(ctx, &Behind{list: l, need: need}); err != nil {
		return err
	}
	l.mu.Lock()
	t := l.table
	l.mu.Unlock()
	if t == nil {
		return nil
	}
	if err := t.Prepare(sorts...); err != nil {
		return err
	}
	k.measure(l, t)
	return nil
}
