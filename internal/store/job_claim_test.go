package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/pgtest"
)

// TestClaimsOfManyWorkers lets workers of two stores on one database claim at
// the same time: each job is claimed and finished exactly once.
func TestClaimsOfManyWorkers(t *testing.T) {
	database := newDatabase(t)
	stores := []*Store{openStore(t, database), openStore(t, database)}
	const jobs, workers = 500, 8
	for _, org := range []int64{1, 2} {
		addOrganization(t, stores[0], org)
		must(t, changeOf(t.Context(), stores[0], org, func(w *Write) error {
			for range jobs / 2 {
				if _, err := w.Enqueue(0, crm.NewJob{Kind: "k", At: testTime}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	var mu sync.Mutex
	claimed := map[[2]int64]int{}
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() {
			s := stores[worker%2]
			for empty := 0; empty < 2; {
				org := int64(1 + (worker+empty)%2)
				found, _, err := s.ClaimJobs(t.Context(), org, wish("k", 1+worker%4, testTime))
				if err != nil {
					t.Error(err)
					return
				}
				if len(found) == 0 {
					empty++
				}
				for i := range found {
					mu.Lock()
					claimed[[2]int64{org, found[i].ID}]++
					mu.Unlock()
					if err := s.FinishJob(t.Context(), claimOf(&found[i]), JobEnd{State: crm.JobDone, At: testTime}); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	for job, n := range claimed {
		if n != 1 {
			t.Errorf("job %v was claimed %d times", job, n)
		}
	}
	if len(claimed) != jobs {
		t.Errorf("%d of %d jobs were claimed", len(claimed), jobs)
	}
}

// TestClaimsOfBoundedKinds claims at the same time from two stores: there are
// never more running jobs than allowed, and all are done in the end.
func TestClaimsOfBoundedKinds(t *testing.T) {
	database := newDatabase(t)
	stores := []*Store{openStore(t, database), openStore(t, database)}
	addOrganization(t, stores[0], 1)
	const jobs, bound = 60, 2
	for range jobs {
		enqueue(t, stores[0], 1, crm.NewJob{Kind: "k"})
	}
	var running, done atomic.Int64
	var all sync.WaitGroup
	for worker := range 6 {
		all.Go(func() {
			s := stores[worker%2]
			w := wish("k", 3, testTime)
			w.AtOnce = bound
			for done.Load() < jobs {
				found, bounded, err := s.ClaimJobs(t.Context(), 1, w)
				if err != nil {
					t.Error(err)
					return
				}
				if !bounded { // three were asked for
					t.Errorf("%d were claimed and it was not bounded", len(found))
				}
				if n := running.Add(int64(len(found))); n > bound {
					t.Errorf("%d run at the same time", n)
				}
				for i := range found {
					running.Add(-1)
					if err := s.FinishJob(t.Context(), claimOf(&found[i]), JobEnd{State: crm.JobDone, At: testTime}); err != nil {
						t.Error(err)
					}
					done.Add(1)
				}
			}
		})
	}
	all.Wait()
}

// TestLateWorker lets a worker write after its claim was over and another one
// has the job: nothing of it arrives.
func TestLateWorker(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	id := enqueue(t, s, 1, crm.NewJob{Kind: "k"})
	_, late := claimOne(t, s, 1, "k", testTime)
	if found, _, err := s.ClaimJobs(t.Context(), 1, wish("k", 1, testTime+29_999)); err != nil || len(found) != 0 {
		t.Fatalf("claimed before the end of the claim: %v, %v", found, err)
	}
	second, present := claimOne(t, s, 1, "k", testTime+30_000)
	if second.ID != id || second.Attempts != 2 || present.Number == late.Number {
		t.Fatalf("got %+v", second)
	}
	before := *readJob(t, s, 1, id)
	lateWrites := map[string]func(context.Context, crm.JobClaim) error{
		"keep": func(ctx context.Context, c crm.JobClaim) error { return s.KeepJob(ctx, c, testTime*2, 9, 9, testTime) },
		"finish": func(ctx context.Context, c crm.JobClaim) error {
			return s.FinishJob(ctx, c, JobEnd{State: crm.JobDone, At: 1})
		},
		"finish for now": func(ctx context.Context, c crm.JobClaim) error {
			return s.FinishJob(ctx, c, JobEnd{State: crm.JobDone, At: 1, Every: 5})
		},
		"retry":     func(ctx context.Context, c crm.JobClaim) error { return s.RetryJob(ctx, c, 1, "x", 1) },
		"give back": func(ctx context.Context, c crm.JobClaim) error { return s.GiveBackJob(ctx, c, 1) },
		"checkpoint with a change": func(ctx context.Context, c crm.JobClaim) error {
			return changeOf(ctx, s, 1, func(w *Write) error {
				return errors.Join(w.AddCustomer(customer(1, "甲")), w.JobProgress(c, crm.JobProgress{Done: 9, Cursor: "late", At: 1}))
			})
		},
		"checkpoint of housekeeping": func(ctx context.Context, c crm.JobClaim) error {
			return s.Housekeep(ctx, c, func(w *Write) (crm.JobProgress, error) {
				return crm.JobProgress{Cursor: "late", At: 1}, w.AddTicket(1, "t", Ticket{Entity: "customer", ID: 1}, 1)
			})
		},
	}
	refused := func(when string, c crm.JobClaim) {
		t.Helper()
		for name, write := range lateWrites {
			if err := write(t.Context(), c); !errors.Is(err, ErrClaimLost) {
				t.Errorf("%s: %s: %v", when, name, err)
			}
		}
		if count(t, s, "customers", 1) != 0 || count(t, s, "request_tickets", 1) != 0 {
			t.Errorf("%s: something was written", when)
		}
	}
	refused("another one has it", late)
	refused("another number", crm.JobClaim{OrganizationID: 1, ID: id, Number: present.Number + 1, Worker: present.Worker})
	refused("another worker with the same number", crm.JobClaim{OrganizationID: 1, ID: id, Number: present.Number, Worker: "lost"})
	if now := *readJob(t, s, 1, id); now != before {
		t.Errorf("the job was %+v, is %+v", before, now)
	}
	must(t, s.FinishJob(t.Context(), present, JobEnd{State: crm.JobDone, At: testTime}))
	refused("it is done", present)

	for _, end := range []func(w *Write, id int64) error{
		func(w *Write, id int64) error { return w.PauseJob(id, testTime) },
		func(w *Write, id int64) error { return w.CancelJob(id, testTime) },
	} {
		id := enqueue(t, s, 1, crm.NewJob{Kind: "other"})
		j, c := claimOne(t, s, 1, "other", testTime)
		if j.ID != id {
			t.Fatalf("claimed %d, not %d", j.ID, id)
		}
		must(t, changeOf(t.Context(), s, 1, func(w *Write) error { return end(w, id) }))
		refused(readJob(t, s, 1, id).State, c)
	}
	// A claim does not reach into another organization.
	addOrganization(t, s, 2)
	other := enqueue(t, s, 2, crm.NewJob{Kind: "k", Key: "x"})
	_, theirs := claimOne(t, s, 2, "k", testTime)
	err := changeOf(t.Context(), s, 1, func(w *Write) error { return w.JobProgress(theirs, crm.JobProgress{At: 1}) })
	if err == nil || readJob(t, s, 2, other).Cursor != "" {
		t.Errorf("wrote the progress of another organization's job: %v", err)
	}
}

// TestClaimsDoNotWaitForUpdates claims while an update holds the organization
// and one of its jobs, on PostgreSQL whatever the engine of the run.
func TestClaimsDoNotWaitForUpdates(t *testing.T) {
	s := openStore(t, pgtest.Shared(t).Fresh(t, ""))
	addOrganization(t, s, 1)
	held := enqueue(t, s, 1, crm.NewJob{Kind: "k", Key: "held"})
	free := enqueue(t, s, 1, crm.NewJob{Kind: "k", Key: "free"})
	must(t, changeOf(t.Context(), s, 1, func(w *Write) error {
		if _, err := w.Enqueue(0, crm.NewJob{Kind: "k", Key: "held", At: testTime}); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		found, _, err := s.ClaimJobs(ctx, 1, wish("k", 9, testTime))
		if err != nil || len(found) != 1 || found[0].ID != free {
			return fmt.Errorf("claimed %v: %w", found, errors.Join(err, errOnPurpose))
		}
		return s.FinishJob(ctx, claimOf(&found[0]), JobEnd{State: crm.JobDone, At: testTime})
	}))
	if j, _ := claimOne(t, s, 1, "k", testTime); j.ID != held {
		t.Errorf("claimed %d", j.ID)
	}
}
