package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/job"
	"guanxi/internal/store"
)

// How often the rules of pools are looked at, and how often everything is walked
// over though the time of no rule has come: rules and people change.
const (
	fallEvery = 10 * time.Minute
	walkEvery = time.Hour
)

// fallPage is how many records are read at once, fallAtOnce how many of them are
// changed in one transaction at most, and fallPause after how many pages without a
// change the place is noted.
const (
	fallPage   = 500
	fallAtOnce = 100
	fallPause  = 20
)

// fallJob lets customers and leads fall into pools by the rules of these
// (自动划入), and tells owners before; see crm.FallAt. Every record falls in a
// transaction together with the place that the job has come to.
func (s *Service) fallJob() job.Kind {
	return job.Kind{Name: "pools.fall", Handle: s.fall, Timeout: time.Hour, MaxAttempts: 5, FirstDelay: time.Minute,
		MaxDelay: 10 * time.Minute, Concurrency: 2, Pausable: true, Every: fallEvery}
}

// fallPlace is how far a walk has come: behind a record of a kind. Began is when
// the walk began; what becomes due behind its back is the next one's.
type fallPlace struct {
	Entity string   `json:"entity"` // "" at the end
	After  int64    `json:"after"`
	Began  crm.Time `json:"began"`
}

// behind is the place as a cursor.
func (p fallPlace) behind(id int64) string {
	p.After = id
	b, _ := json.Marshal(p) // of text and numbers
	return string(b)
}

// fallResult is what a walk leaves for the next one.
type fallResult struct {
	Began  crm.Time `json:"began"`  // the last walk
	Looked int64    `json:"looked"` // at so many records
}

func (s *Service) fall(ctx context.Context, run *job.Run) error {
	d, err := s.present(ctx, run.Organization())
	if err != nil {
		return err
	}
	place := fallPlace{Entity: "customer", Began: crm.At(run.Now())}
	if cursor := run.Cursor(); cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &place); err != nil {
			return fmt.Errorf("the place of a walk: %w", err)
		}
	} else {
		var last fallResult
		if text := run.Job().Result; text != "" {
			if err := json.Unmarshal([]byte(text), &last); err != nil {
				return fmt.Errorf("the result of the last walk: %w", err)
			}
		}
		if !walkDue(d, last.Began, place.Began) {
			return run.SetResult(last)
		}
	}
	for unnoted := 1; place.Entity != ""; unnoted++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		changed, err := s.fallOn(ctx, run, &place)
		if err != nil {
			return err
		}
		if changed {
			unnoted = 0
		}
		if unnoted == fallPause || place.Entity == "" {
			if err := run.Save(ctx, s.store, place.behind(place.After)); err != nil {
				return err
			}
			unnoted = 0
		}
	}
	looked, _ := run.Done()
	return run.SetResult(fallResult{place.Began, looked})
}

// walkDue tells whether records are to be walked over: there is a rule, and since
// the last walk its time has come, or much time has gone by.
func walkDue(d *crm.Directory, last, now crm.Time) bool {
	for _, p := range d.Pools {
		for _, r := range []*crm.PoolRule{&p.Unfollowed, &p.Unsold} {
			if r.On && (now-last >= crm.Time(walkEvery.Milliseconds()) || r.NextSweep(last+1) <= now ||
				r.NoticeDays > 0 && r.NextNotice(last+1) <= now) {
				return true
			}
		}
	}
	return false
}

// present gives the organization's directory as it is now.
func (s *Service) present(ctx context.Context, org int64) (*crm.Directory, error) {
	v, err := s.store.FreshVersion(ctx, org)
	if err != nil {
		return nil, err
	}
	return s.directory(ctx, org, v)
}

// fallOn reads a page of records, lets those fall that are due, and moves the
// place behind the page. changed says whether the place was noted.
func (s *Service) fallOn(ctx context.Context, run *job.Run, place *fallPlace) (changed bool, err error) {
	org := run.Organization()
	d, err := s.present(ctx, org)
	if err != nil {
		return false, err
	}
	var due []int64
	var page []heldRecord
	err = s.store.View(ctx, org, func(r *store.Read) (err error) {
		if page, err = heldRecords(r, d, place); err != nil {
			return err
		}
		due, err = dueOf(r, d, page, crm.At(run.Now()))
		return err
	})
	if err != nil {
		return false, err
	}
	done, _ := run.Done()
	run.Progress(done+int64(len(page)), 0)
	for len(due) > 0 {
		if err := ctx.Err(); err != nil {
			return changed, err
		}
		step := due[:min(len(due), fallAtOnce)]
		if err := s.fallStep(ctx, run, *place, step); err != nil {
			return changed, err
		}
		due, changed = due[len(step):], true
	}
	switch {
	case len(page) == fallPage:
		place.After = page[fallPage-1].id
	case place.Entity == "customer":
		place.Entity, place.After = "lead", 0
	default:
		place.Entity, place.After = "", 0
	}
	return changed, nil
}

// heldRecord is a record as the rules of pools look at it.
type heldRecord struct {
	id int64
	crm.Holding
}

// heldRecords reads a page behind a place.
func heldRecords(r *store.Read, d *crm.Directory, place *fallPlace) ([]heldRecord, error) {
	org := d.Organization.ID
	page := make([]heldRecord, 0, fallPage)
	if place.Entity == "customer" {
		found, err := r.HeldCustomers(org, place.After, fallPage)
		for i := range found {
			page = append(page, heldRecord{found[i].ID, found[i].Holding(d)})
		}
		return page, err
	}
	found, err := r.HeldLeads(org, place.After, fallPage)
	for i := range found {
		page = append(page, heldRecord{found[i].ID, found[i].Holding()})
	}
	return page, err
}

// dueOf gives those that are to fall now, or whose owners are to be told.
func dueOf(r *store.Read, d *crm.Directory, page []heldRecord, now crm.Time) (due []int64, err error) {
	for _, h := range page {
		if _, kind, err := fallen(r, d, now, h.id, h.Holding); err != nil {
			return nil, err
		} else if kind != "" {
			due = append(due, h.id)
		}
	}
	return due, nil
}

// fallStep lets records fall, or tells their owners, in one transaction with the
// place behind them. What is to be done is decided anew by what holds then: rules
// may have changed, and somebody may have followed up.
func (s *Service) fallStep(ctx context.Context, run *job.Run, place fallPlace, ids []int64) error {
	org := run.Organization()
	for {
		d, err := s.present(ctx, org)
		if err != nil {
			return err
		}
		err = s.store.Update(ctx, org, func(w *store.Write) error {
			if err := run.Checkpoint(w, place.behind(ids[len(ids)-1])); err != nil {
				return err
			}
			if now, err := w.DirectoryNow(org); err != nil {
				return err
			} else if now != d.Organization.DirectoryVersion {
				return errDirectoryMoved
			}
			return fallRecords(w, d, crm.At(run.Now()), place.Entity, ids)
		})
		if !errors.Is(err, errDirectoryMoved) || ctx.Err() != nil {
			return err
		}
	}
}

// fallRecords lets records fall and tells their owners.
func fallRecords(w *store.Write, d *crm.Directory, now crm.Time, entity string, ids []int64) error {
	fell, told := 0, 0
	one := fallCustomer
	if entity == "lead" {
		one = fallLead
	}
	for _, id := range ids {
		kind, err := one(w, d, now, id)
		if err != nil && !errors.Is(err, store.ErrNoRow) { // it may be gone by now
			return err
		}
		switch kind {
		case crm.NoticeFell:
			fell++
		case crm.NoticeWillFall:
			told++
		}
	}
	switch {
	case fell > 0: // each has its row in the log
		return nil
	case told > 0:
		w.Quiet()
		return w.Log(0, crm.LogEntry{Entity: "notification", Action: "create", Changes: "{}", At: now})
	}
	w.Nothing()
	return nil
}

// fallen decides what happens to a record now: NoticeFell, NoticeWillFall or, for
// nothing, "".
func fallen(r *store.Read, d *crm.Directory, now crm.Time, id int64, h crm.Holding) (crm.Fall, string, error) {
	f := crm.FallAt(d, h)
	switch {
	case f.PoolID == 0:
		return f, "", nil
	case f.At <= now:
		return f, crm.NoticeFell, nil
	case f.NoticeAt == 0 || f.NoticeAt > now:
		return f, "", nil
	}
	// A follow-up, or another rule, makes it another fall.
	since := max(f.NoticeAt, f.MetAt-crm.Time(f.Days)*crm.Day)
	told, err := r.Told(d.Organization.ID, h.OwnerID, crm.NoticeWillFall, h.Entity, id, since)
	if err != nil || told {
		return f, "", err
	}
	return f, crm.NoticeWillFall, nil
}

func fallCustomer(w *store.Write, d *crm.Directory, now crm.Time, id int64) (string, error) {
	org := d.Organization.ID
	k, err := w.Customer(org, id)
	if err != nil {
		return "", err
	}
	f, kind, err := fallen(&w.Read, d, now, id, k.Holding(d))
	if err != nil || kind == "" {
		return "", err
	}
	owner, before := k.OwnerID, customerRecord(k, nil)
	people, err := w.Assistants(org, id)
	if err != nil {
		return "", err
	}
	if kind == crm.NoticeFell {
		if _, err := layDown(w, org, k, d.Pools[f.PoolID], now); err != nil {
			return "", err
		}
		before["assist_user_ids"] = people
		if err := logFall(w, now, "customer", id, before, customerRecord(k, nil)); err != nil {
			return "", err
		}
	}
	return kind, tellFall(w, d, now, kind, "customer", id, k.Name, f, append(people, owner))
}

func fallLead(w *store.Write, d *crm.Directory, now crm.Time, id int64) (string, error) {
	l, err := w.Lead(d.Organization.ID, id)
	if err != nil {
		return "", err
	}
	f, kind, err := fallen(&w.Read, d, now, id, l.Holding())
	if err != nil || kind == "" {
		return "", err
	}
	owner := l.OwnerID
	if kind == crm.NoticeFell {
		before := leadRecord(l)
		l.BeforeUserID, l.BeforeDepartmentID = l.OwnerID, l.DepartmentID
		l.OwnerID, l.DepartmentID, l.OwnedAt = 0, 0, 0
		l.PoolID, l.FlowIntoAt, l.UpdatedAt = f.PoolID, now, now
		if err := w.SetLead(l); err != nil {
			return "", err
		}
		if err := logFall(w, now, "lead", id, before, leadRecord(l)); err != nil {
			return "", err
		}
	}
	return kind, tellFall(w, d, now, kind, "lead", id, l.Name, f, []int64{owner})
}

func logFall(w *store.Write, now crm.Time, entity string, id int64, before, after record) error {
	return w.Log(0, crm.LogEntry{Entity: entity, EntityID: id, Action: "flow_into_common",
		Changes: difference(before, after), At: now})
}

func tellFall(w *store.Write, d *crm.Directory, now crm.Time, kind, entity string, id int64, name string, f crm.Fall, people []int64) error {
	content := crm.NoticeContent{Name: name, Pool: d.Pools[f.PoolID].Name, Unsold: f.Unsold, Days: f.Days, At: f.At}
	for _, user := range sortedSet(people) {
		if err := addNotice(w, now, user, kind, entity, id, content); err != nil {
			return err
		}
	}
	return nil
}
