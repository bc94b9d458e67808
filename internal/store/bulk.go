package store

import (
	"context"
	"errors"

	"guanxi/internal/crm"
)

// This file is the path for loading many rows at once. Every transaction is
// whole as everywhere else; what differs is how soon it is on the disk, how
// rows get there and who checks the references.

// loading runs change in a transaction of an organization. It is never run
// twice.
type loading func(org int64, change func(Tx) error) error

// bulkEngine is an engine in its way for loads.
type bulkEngine interface {
	// load calls fn with a way to write that so many goroutines may use at the
	// same time, for different organizations. What they wrote is durable when it
	// returns nil.
	load(ctx context.Context, fn func(write loading, parallel int) error) error
}

// bulkTx is a transaction that gathers rows.
type bulkTx interface {
	Tx
	// row takes a row of a table; its values are used until row returns.
	row(table bulkTable, values []any) error
	// flush writes the rows that were taken, tables in their order.
	flush() error
}

// bulkTable is a table that loads fill.
type bulkTable int

// The tables in an order in which rows refer to earlier ones only.
const (
	bulkCustomers bulkTable = iota
	bulkLabels
	bulkContacts
	bulkTables
)

// loadPragmas set up the writer for a load.
//
// synchronous=NORMAL: a batch is on the disk at the next checkpoint, not at its
// commit. After a killed process every committed batch is there; after a power
// failure the last ones may be missing, each as a whole, and the load continues
// from the last one that is there.
//
// foreign_keys=OFF: a customer with two contacts has ten references or so, and
// checking them took a seventh of the time. They are right by construction, and the tests of
// package gen check them with foreign_key_check.
//
// cache_size: names come in no order, so nearly every page of their index is
// touched in each batch; at a million customers it is too big for the usual
// cache. wal_autocheckpoint: such a page is moved into the file once in many
// batches instead of in each.
const loadPragmas = `PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=OFF; PRAGMA cache_size=-262144;
	PRAGMA wal_autocheckpoint=65536`

// load keeps the writer for the time of fn and puts its settings back at the
// end, when everything is moved into the file and synced.
func (e *sqliteEngine) load(ctx context.Context, fn func(write loading, parallel int) error) (err error) {
	var tx *sqliteTx
	select {
	case tx = <-e.writer:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { e.writer <- tx }()
	if err := tx.conn.Exec(loadPragmas); err != nil {
		return errors.Join(err, tx.conn.Exec(writerPragmas))
	}
	defer func() {
		err = errors.Join(err, tx.conn.Exec("PRAGMA wal_checkpoint(TRUNCATE);"+writerPragmas))
	}()
	return fn(func(_ int64, change func(Tx) error) error { return e.write(tx, change) }, 1)
}

// Loader writes batches. It is used inside Store.Load only.
type Loader struct {
	store    *Store
	write    loading
	parallel int
}

// Load runs fn with a Loader, which has the writer for itself: no other method
// that writes may be called inside fn. When Load has returned nil, everything
// that fn wrote is durable.
func (s *Store) Load(ctx context.Context, fn func(*Loader) error) error {
	e, ok := s.engine.(bulkEngine)
	if !ok {
		return errors.New("store: the engine has no way for loads")
	}
	return e.load(ctx, func(write loading, parallel int) error { return fn(&Loader{s, write, parallel}) })
}

// Parallel is how many goroutines may call Batch at the same time, each for
// another organization.
func (l *Loader) Parallel() int { return l.parallel }

// Batch is Store.Update for a load: one transaction, whole or not at all, with
// its row of the operation log and the move of the version. fn runs once at
// most. The embedded database does not check the references of the rows to
// others.
func (l *Loader) Batch(org int64, fn func(*Write) error) error {
	run := func(change func(Tx) error) error { return l.write(org, change) }
	return l.store.commit(org, run, func(w *Write) error {
		if err := fn(w); err != nil {
			return err
		}
		if rows, ok := w.tx.(bulkTx); ok {
			return rows.flush()
		}
		return nil
	})
}

// UpdateNew is Update for an organization that fn makes: its id is taken in
// the same transaction, so that none is lost when fn fails.
func (s *Store) UpdateNew(ctx context.Context, fn func(w *Write, org int64) error) (org int64, err error) {
	var v Version
	epoch := s.Epoch()
	err = s.engine.update(ctx, everyone, func(tx Tx) (err error) {
		if org, err = nextOrganization(tx); err != nil {
			return err
		}
		v, err = s.change(tx, org, func(w *Write) error { return fn(w, org) })
		return err
	})
	if err != nil {
		return 0, err
	}
	s.publish(org, v, epoch)
	return org, nil
}

// TakeIDs is Store.TakeIDs inside the transaction: the ids are given back when
// it fails.
func (w *Write) TakeIDs(kind Kind, n int) (first int64, err error) {
	var next int64
	err = one(w.tx, nextIDs, []any{w.org, string(kind), int64(n)}, &next)
	return next - int64(n), err
}

// GeneratedLoad is how far an organization of generated data has come.
type GeneratedLoad struct {
	OrganizationID int64
	Parameters     string // what the rows are made from; the same for all organizations of a load
	Planned, Done  int64  // customers
}

// GeneratedLoads gives all loads of the installation by organization.
func (s *Store) GeneratedLoads(ctx context.Context) (all []GeneratedLoad, err error) {
	err = s.engine.view(ctx, installation, func(tx Tx) error {
		all = nil
		return each(tx, `SELECT organization_id, parameters, planned, done FROM generated_loads ORDER BY organization_id`,
			nil, func(r Rows) error {
				var g GeneratedLoad
				err := r.Scan(&g.OrganizationID, &g.Parameters, &g.Planned, &g.Done)
				all = append(all, g)
				return err
			})
	})
	return all, err
}

// BeginLoad notes that the organization is to be filled.
func (w *Write) BeginLoad(parameters string, planned int64) error {
	_, err := w.tx.Exec(`INSERT INTO generated_loads (organization_id, parameters, planned, done) VALUES ($1, $2, $3, 0)`,
		w.org, parameters, planned)
	return err
}

// AdvanceLoad notes how many customers the organization has when this
// transaction is committed. ErrNoRow unless there were exactly from: two loads
// at the same time would write the same rows.
func (w *Write) AdvanceLoad(from, done int64) error {
	n, err := w.tx.Exec(`UPDATE generated_loads SET done = $3 WHERE organization_id = $1 AND done = $2`, w.org, from, done)
	if err == nil && n == 0 {
		err = ErrNoRow
	}
	return err
}

// BulkRows writes customers, their labels and contacts without an allocation
// for the parameters of each row. In a batch of a load rows may stay in memory
// until the batch ends: other statements of the batch do not see them, and what
// is wrong with them may be told then.
type BulkRows struct {
	w    *Write
	args []any
}

// Bulk gives the writer of rows of this transaction.
func (w *Write) Bulk() *BulkRows { return &BulkRows{w: w, args: make([]any, 0, customerWidth)} }

// Customer is Write.AddCustomer.
func (b *BulkRows) Customer(c *crm.Customer) error {
	b.args = customerArgs(b.args[:0], b.w.org, c)
	if rows, ok := b.w.tx.(bulkTx); ok {
		return rows.row(bulkCustomers, b.args)
	}
	_, err := b.w.tx.Exec(insertCustomer, b.args...)
	return err
}

// Label is Write.AddCustomerLabel.
func (b *BulkRows) Label(customer, label int64) error {
	if rows, ok := b.w.tx.(bulkTx); ok {
		b.args = append(b.args[:0], b.w.org, customer, label)
		return rows.row(bulkLabels, b.args)
	}
	return b.w.AddCustomerLabel(customer, label)
}

// Contact is Write.AddContact.
func (b *BulkRows) Contact(c *crm.Contact) error {
	b.args = contactArgs(b.args[:0], b.w.org, c)
	if rows, ok := b.w.tx.(bulkTx); ok {
		return rows.row(bulkContacts, b.args)
	}
	_, err := b.w.tx.Exec(insertContact, b.args...)
	return err
}
