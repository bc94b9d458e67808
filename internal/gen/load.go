package gen

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"guanxi/internal/crm"
	"guanxi/internal/region"
	"guanxi/internal/service"
	"guanxi/internal/store"
)

// ErrOther says that the database holds a generated load of other parameters.
// Nothing was written.
var ErrOther = errors.New("the database already holds generated data of other parameters")

// Options are what a load does not depend on.
type Options struct {
	// Data is the folder that gen.json is written to.
	Data string
	// Batch is how many customers are written in one transaction; 0 for the
	// usual number.
	Batch int
	// Founded is called after each organization that is made, with how many
	// there are.
	Founded func(organizations int)
	// Begun is called once, before the first batch, with the customers that an
	// earlier run has written.
	Begun func(done int)
	// Progress is called after each batch with the customers that are there, by
	// one goroutine at a time.
	Progress func(done int)
}

// usualBatch is how many customers go into a transaction: the more, the more
// seldom a page of the index of names is written, and the longer others wait.
const usualBatch = 10_000

// chunk is how many records are handed to the writer at once.
const chunk = 200

// load is a run of Load.
type load struct {
	store  *store.Store
	params Params
	makers []*maker
	orgs   []int64
	done   []int64
	found  int // organizations that an earlier run has made
	secret func() secret
}

// Load makes the organizations of p and fills them, or continues where an
// earlier call with the same parameters has stopped. ErrOther where the
// database holds a load of other parameters. When it fails in the middle or ctx
// ends, the batches before are there whole and a later call continues.
func Load(ctx context.Context, st *store.Store, regions *region.Table, p Params, o Options) (*Accounts, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	names, err := NewNames(regions)
	if err != nil {
		return nil, err
	}
	if o.Batch <= 0 {
		o.Batch = usualBatch
	}
	l := &load{store: st, params: p, secret: sync.OnceValue(newSecret)}
	if err := l.find(ctx); err != nil {
		return nil, err
	}
	for i := range p.Organizations {
		m := newMaker(names, p.Seed, i, p.share(i))
		l.makers = append(l.makers, m)
		if i < len(l.orgs) {
			continue
		}
		org, err := st.UpdateNew(ctx, func(w *store.Write, org int64) error { return m.found(w, org, p.text(), l.secret().hash) })
		if err != nil {
			return nil, fmt.Errorf("make organization %d of the load: %w", i+1, err)
		}
		l.orgs, l.done = append(l.orgs, org), append(l.done, 0)
		if o.Founded != nil {
			o.Founded(len(l.orgs))
		}
	}
	accounts, err := l.open(ctx, o.Data)
	if err != nil {
		return nil, err
	}
	total := 0
	for _, n := range l.done {
		total += int(n)
	}
	if o.Begun != nil {
		o.Begun(total)
	}
	if total == p.Customers {
		return accounts, nil
	}
	var mu sync.Mutex
	wrote := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		total += n
		if o.Progress != nil {
			o.Progress(total)
		}
	}
	err = st.Load(ctx, func(w *store.Loader) error {
		return each(ctx, w.Parallel(), len(l.orgs), func(ctx context.Context, i int) error {
			return l.fill(ctx, w, i, o.Batch, wrote)
		})
	})
	return accounts, err
}

// each calls do for the numbers from 0 to n-1, so many at the same time, and
// begins them in order. The first error ends the context of the others, and no
// more are begun.
func each(ctx context.Context, parallel, n int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(parallel, n) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// find looks for an earlier run.
func (l *load) find(ctx context.Context) error {
	earlier, err := l.store.GeneratedLoads(ctx)
	if err != nil {
		return err
	}
	for _, e := range earlier {
		if e.Parameters != l.params.text() {
			return fmt.Errorf("%w (there: %s; asked for: %s)", ErrOther, e.Parameters, l.params.text())
		}
		l.orgs, l.done = append(l.orgs, e.OrganizationID), append(l.done, e.Done)
	}
	if l.found = len(l.orgs); l.found > l.params.Organizations {
		return fmt.Errorf("the database holds %d generated organizations, more than the %d of this load", len(l.orgs), l.params.Organizations)
	}
	return nil
}

// fill writes what organization i lacks. Records are made by a goroutine of
// their own ahead of the writer.
func (l *load) fill(ctx context.Context, w *store.Loader, i, batch int, wrote func(int)) error {
	m, org, done := l.makers[i], l.orgs[i], int(l.done[i])
	if done >= m.planned {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	made, free := make(chan []record, 8), make(chan []record, 10)
	for range cap(free) {
		free <- make([]record, 0, chunk)
	}
	var wg sync.WaitGroup
	wg.Go(func() { m.produce(ctx, done, batch, made, free) })
	defer wg.Wait()
	defer cancel()
	for done < m.planned {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(batch, m.planned-done)
		err := w.Batch(org, func(w *store.Write) error {
			rows := w.Bulk()
			for written := 0; written < n; {
				var records []record
				select {
				case records = <-made:
				case <-ctx.Done():
					return ctx.Err()
				}
				for k := range records {
					if err := write(rows, &records[k]); err != nil {
						return err
					}
				}
				written += len(records)
				free <- records
			}
			if done+n == m.planned {
				// A job makes the keys of all that was loaded.
				if err := service.AddStandardDuplicates(w, crm.Settings{}, crm.RuleBuilding, crm.At(epochEnd)); err != nil {
					return err
				}
			}
			return finish(w, done, done+n)
		})
		if err != nil {
			return fmt.Errorf("organization %d, customers %d to %d: %w", org, done+1, done+n, err)
		}
		done += n
		wrote(n)
	}
	return nil
}

// produce makes the records from number done on, in chunks that end where
// batches end, until all are made or ctx ends.
func (m *maker) produce(ctx context.Context, done, batch int, made chan<- []record, free <-chan []record) {
	before := m.contactsBefore(done)
	for i := done; i < m.planned; {
		var records []record
		select {
		case records = <-free:
		case <-ctx.Done():
			return
		}
		n := min(chunk, batch-(i-done)%batch, m.planned-i)
		records = records[:n]
		for k := range records {
			m.make(&records[k], i+k, before)
			before += int64(len(records[k].contacts))
		}
		i += n
		select {
		case made <- records:
		case <-ctx.Done():
			return
		}
	}
}

func write(rows *store.BulkRows, r *record) error {
	if err := rows.Customer(&r.customer); err != nil {
		return err
	}
	for _, id := range r.labels {
		if err := rows.Label(r.customer.ID, id); err != nil {
			return err
		}
	}
	for k := range r.contacts {
		if err := rows.Contact(&r.contacts[k]); err != nil {
			return err
		}
	}
	return nil
}

// finish notes in the same transaction how far the load has come, and writes
// the batch's row of the operation log.
func finish(w *store.Write, from, done int) error {
	if err := w.AdvanceLoad(int64(from), int64(done)); err != nil {
		return fmt.Errorf("another load is at work: %w", err)
	}
	id, err := w.TakeIDs(store.Logs, 1)
	if err != nil {
		return err
	}
	return w.Log(id, crm.LogEntry{Entity: "customer", EntityID: int64(from + 1), Action: store.ActionGenerate,
		Changes: fmt.Sprintf(`{"customers":[%d,%d]}`, from, done), At: crm.At(epochEnd)})
}
