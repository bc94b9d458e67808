// Package lists keeps, for organizations whose lists are asked for, the columns
// by which customers, contacts and leads are filtered and sorted, in memory. A
// list answers a page and the exact number of hits out of these columns in
// milliseconds, however many records there are and whatever is asked; the page's
// records themselves are then read from the database.
//
// What is in memory follows the sequence of changes, the operation log: before
// each answer everything is taken over that the caller's snapshot shows. So a
// list is never older than the snapshot, whichever process has written, and
// nobody but the reader does any work for it.
//
// Who asks holds a snapshot, of which there are few. Whatever takes long (the
// first load, another column, many changes) is therefore never done there: the
// answer is a Behind, the caller lets go of the snapshot, calls Bring, which
// waits for the work without holding anything, and asks again.
package lists

import (
	"sync"
	"sync/atomic"

	"guanxi/internal/column"
	"guanxi/internal/crm"
	"guanxi/internal/store"
	"guanxi/internal/zh"
)

// The kinds of records, as the operation log calls them.
const (
	Customers = "customer"
	Contacts  = "contact"
	Leads     = "lead"
)

// Keeper keeps lists in memory up to a budget; those of organizations that did
// not ask for the longest go first.
type Keeper struct {
	source Source
	budget int64
	// grown is told how many bytes the lists hold, whenever that has changed much.
	grown func(bytes int64)
	clock atomic.Int64

	mu   sync.Mutex
	kept map[name]*list
	told int64 // what grown was told last
}

type name struct {
	org    int64
	entity string
}

// list is one kind of records of one organization.
type list struct {
	name
	used  atomic.Int64
	bytes atomic.Int64
	busy  atomic.Bool // there is work

	// mu is held by whoever takes over a few changes. Work that takes long is done
	// without it, by one goroutine at a time.
	mu      sync.Mutex
	work    *work
	closed  bool          // many changes are being taken over: nobody else may
	table   *column.Table // nil before the first load
	version int64
	epoch   int64
	// extras are the columns behind the usual ones, in the order of the table.
	extras []extra
	// vain is how often the list was loaded or many changes were taken over since
	// the last answer. What changes more quickly than that is loaded where the
	// question is asked.
	vain int
}

// work is what is being done for a list. err is set before done is closed.
type work struct {
	done chan struct{}
	err  error
}

// New makes a keeper that holds at most so many bytes, or the lists of one
// organization if those alone are bigger. grown may be nil; it must not call the
// keeper.
func New(source Source, budget int64, grown func(bytes int64)) *Keeper {
	if grown == nil {
		grown = func(int64) {}
	}
	return &Keeper{source: source, budget: budget, grown: grown, kept: map[name]*list{}}
}

// Behind is the error of a question that a list cannot answer before Bring was
// called.
type Behind struct {
	list   *list
	fields []*crm.CustomField
	need   []string
}

func (b *Behind) Error() string {
	return "lists: the list of " + b.list.entity + " has to be brought up to date"
}

// Select answers a query on one kind of records. need names the columns that
// the query uses beside the usual ones; fields are the organization's own
// fields of that kind. The answer has everything that the snapshot shows; it may
// already have what was committed since.
func (k *Keeper) Select(r *store.Read, org, epoch int64, entity string, fields []*crm.CustomField, need []string,
	q column.Query) (column.Page, error) {
	t, err := k.Table(r, org, epoch, entity, fields, need)
	if err != nil {
		return column.Page{}, err
	}
	return t.Select(q)
}

// Table gives the columns of one kind of records, up to date.
func (k *Keeper) Table(r *store.Read, org, epoch int64, entity string, fields []*crm.CustomField, need []string) (*column.Table, error) {
	l := k.list(name{org, entity})
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.current(r, epoch, fields, need)
	if _, ok := err.(*Behind); ok {
		if l.vain < mostVain || l.work != nil {
			return nil, &Behind{l, fields, need}
		}
		err = k.loadInside(inside{r, epoch}, l, fields, need)
	}
	if err != nil {
		return nil, err
	}
	if l.vain = 0; int64(l.table.Bytes()) > l.bytes.Load()+l.bytes.Load()/16 {
		k.measure(l, l.table)
	}
	return l.table, nil
}

// mostVain is how often work may be done in vain.
const mostVain = 3

// list gives the list of a name, which counts as used now.
func (k *Keeper) list(n name) *list {
	k.mu.Lock()
	defer k.mu.Unlock()
	l := k.kept[n]
	if l == nil {
		l = &list{name: n}
		k.kept[n] = l
	}
	l.used.Store(k.clock.Add(1))
	return l
}

// measure notes how much memory a list holds now, and lets go of lists of other
// organizations until all are within the budget, or no other one is left.
func (k *Keeper) measure(l *list, t *column.Table) {
	l.bytes.Store(int64(t.Bytes()))
	k.mu.Lock()
	defer k.mu.Unlock()
	for {
		var sum int64
		var oldest *list
		for _, other := range k.kept {
			sum += other.bytes.Load()
			if other.org != l.org && !other.busy.Load() && (oldest == nil || other.used.Load() < oldest.used.Load()) {
				oldest = other
			}
		}
		if sum <= k.budget || oldest == nil {
			if sum > k.told+k.told/8 || sum < k.told-k.told/8 {
				k.told = sum
				k.grown(sum)
			}
			return
		}
		delete(k.kept, oldest.name)
	}
}

// Bytes is how much memory the lists hold.
func (k *Keeper) Bytes() (sum int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, l := range k.kept {
		sum += l.bytes.Load()
	}
	return sum
}

// current brings the list up to what the snapshot shows, if that takes a moment
// only; otherwise it answers a Behind.
func (l *list) current(r *store.Read, epoch int64, fields []*crm.CustomField, need []string) error {
	if l.closed || !l.usable(epoch, fields) {
		return &Behind{}
	}
	for _, n := range need {
		if _, ok := l.table.Index(n); !ok {
			return &Behind{}
		}
	}
	c, err := l.changes(r, l.version, mostAtOnce)
	switch {
	case err != nil:
		return err
	case c.unknown || c.many:
		return &Behind{}
	}
	if err := l.take(r, c.ids); err != nil {
		return err
	}
	l.version = c.now
	return nil
}

// usable tells whether changes can be followed at all: the list was loaded, in
// this epoch, and none of the own fields that have a column is of another kind
// now.
func (l *list) usable(epoch int64, fields []*crm.CustomField) bool {
	if l.table == nil || l.epoch != epoch {
		return false
	}
	for _, e := range l.extras {
		for _, f := range fields {
			if e.own != nil && e.own.Name == f.Name && e.own.Kind != f.Kind {
				return false
			}
		}
	}
	return true
}

// foldText is how texts are searched. Most names are folded already, which can be
// seen at a glance.
func foldText(s string) string {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c > ' ' && c < 0x7F && (c < 'A' || c > 'Z'):
			i++
		case c >= 0xE4 && c <= 0xE9 && i+2 < len(s) && s[i+1]&0xC0 == 0x80 && s[i+2]&0xC0 == 0x80:
			i += 3 // U+4000 to U+9FFF: characters without case
		default:
			return zh.Fold(s)
		}
	}
	return s
}
