package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"guanxi/internal/crm"
)

var logIDs atomic.Int64

// change is an update with its row in the operation log.
func changeOf(ctx context.Context, s *Store, org int64, fn func(*Write) error) error {
	id := 1000 + logIDs.Add(1)
	return s.Update(ctx, org, func(w *Write) error {
		w.Quiet()
		return errors.Join(fn(w), logged(w, id))
	})
}

// enqueue asks for a job.
func enqueue(t testing.TB, s *Store, org int64, j crm.NewJob) (id int64) {
	t.Helper()
	if j.At == 0 {
		j.At = testTime
	}
	err := changeOf(t.Context(), s, org, func(w *Write) (err error) {
		id, err = w.Enqueue(0, j)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func readJob(t testing.TB, s *Store, org, id int64) *crm.Job {
	t.Helper()
	var j *crm.Job
	err := s.View(context.Background(), org, func(r *Read) (err error) {
		j, err = r.Job(org, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func wish(kind string, limit int, now crm.Time) ClaimWish {
	return ClaimWish{Kind: kind, Worker: "w", Limit: limit, Now: now, Until: now + 30_000}
}

// claimOne claims one job, which must be there.
func claimOne(t testing.TB, s *Store, org int64, kind string, now crm.Time) (*crm.Job, crm.JobClaim) {
	t.Helper()
	found, _, err := s.ClaimJobs(t.Context(), org, wish(kind, 1, now))
	if err != nil || len(found) != 1 {
		t.Fatalf("claimed %d jobs, %v", len(found), err)
	}
	return &found[0], claimOf(&found[0])
}

func claimOf(j *crm.Job) crm.JobClaim {
	return crm.JobClaim{OrganizationID: j.OrganizationID, ID: j.ID, Number: j.Claim, Worker: j.Worker}
}

func TestEnqueueBelongsToItsTransaction(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	var told []crm.JobHint
	s.OnJob(func(h crm.JobHint) { told = append(told, h) })
	both := func(fail error) error {
		return changeOf(t.Context(), s, 1, func(w *Write) error {
			_, err := w.Enqueue(0, crm.NewJob{Kind: "k", Payload: `{"customer":1}`, UserID: 1, At: testTime})
			return errors.Join(err, w.AddCustomer(customer(1, "甲")), fail)
		})
	}
	if err := both(errOnPurpose); !errors.Is(err, errOnPurpose) {
		t.Fatal(err)
	}
	if count(t, s, "jobs", 1) != 0 || count(t, s, "customers", 1) != 0 || told != nil {
		t.Errorf("something is left of what failed; told of %v", told)
	}
	if err := both(nil); err != nil {
		t.Fatal(err)
	}
	if count(t, s, "jobs", 1) != 1 || count(t, s, "customers", 1) != 1 {
		t.Error("the job or the customer is missing")
	}
	if !slices.Equal(told, []crm.JobHint{{OrganizationID: 1, Kind: "k"}}) {
		t.Errorf("told of %v", told)
	}
	var all []crm.Job
	if err := s.View(t.Context(), 1, func(r *Read) (err error) {
		all, err = r.Jobs(1, "", "", 0, 10)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	want := crm.Job{OrganizationID: 1, ID: all[0].ID, Kind: "k", Key: fmt.Sprint("#", all[0].ID), Payload: `{"customer":1}`,
		State: crm.JobWaiting, DueAt: testTime, UserID: 1, CreatedAt: testTime, UpdatedAt: testTime}
	if len(all) != 1 || all[0] != want {
		t.Errorf("got %+v, want %+v", all, want)
	}
}

func TestEnqueueRefuses(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	for name, j := range map[string]crm.NewJob{
		"no kind":          {At: 1},
		"no time":          {Kind: "k"},
		"no JSON":          {Kind: "k", At: 1, Payload: "{"},
		"a long key":       {Kind: "k", At: 1, Key: strings.Repeat("k", maxJobKey+1)},
		"too much payload": {Kind: "k", At: 1, Payload: `"` + strings.Repeat("p", MaxJobText) + `"`},
	} {
		err := changeOf(t.Context(), s, 1, func(w *Write) error {
			_, err := w.Enqueue(0, j)
			return err
		})
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if n := count(t, s, "jobs", 1); n != 0 {
		t.Errorf("%d jobs", n)
	}
}

// TestEnqueueOfTheSameKey asks for a job again in each state that it can be in.
func TestEnqueueOfTheSameKey(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	for i, c := range []struct {
		name   string
		before func(id int64, kind string)
		due    crm.Time // asked for
		state  string
		want   crm.Time
		anew   bool
	}{
		{"waiting, earlier", func(int64, string) {}, testTime + 10, crm.JobWaiting, testTime + 10, false},
		{"waiting, later", func(int64, string) {}, testTime + 1000, crm.JobWaiting, testTime + 100, false},
		{"running", func(_ int64, kind string) { claimOne(t, s, 1, kind, testTime+100) }, testTime + 10, crm.JobRunning, testTime + 30_100, false},
		{"paused", func(id int64, _ string) {
			must(t, changeOf(t.Context(), s, 1, func(w *Write) error { return w.PauseJob(id, testTime) }))
		}, testTime + 10, crm.JobPaused, 0, false},
		{"cancelled", func(id int64, _ string) {
			must(t, changeOf(t.Context(), s, 1, func(w *Write) error { return w.CancelJob(id, testTime) }))
		}, testTime + 10, crm.JobWaiting, testTime + 10, true},
		{"done", func(_ int64, kind string) {
			_, c := claimOne(t, s, 1, kind, testTime+100)
			must(t, s.KeepJob(t.Context(), c, testTime+50_000, 3, 4, testTime+100))
			must(t, s.FinishJob(t.Context(), c, JobEnd{State: crm.JobDone, Result: "{}", At: testTime + 200}))
		}, testTime + 10, crm.JobWaiting, testTime + 10, true},
		{"failed", func(_ int64, kind string) {
			_, c := claimOne(t, s, 1, kind, testTime+100)
			must(t, s.FinishJob(t.Context(), c, JobEnd{State: crm.JobFailed, LastError: "no", At: testTime + 200}))
		}, testTime + 10, crm.JobWaiting, testTime + 10, true},
	} {
		kind := fmt.Sprint("k", i)
		id := enqueue(t, s, 1, crm.NewJob{Kind: kind, Key: "a", Payload: `1`, DueAt: testTime + 100, UserID: 1})
		c.before(id, kind)
		again := enqueue(t, s, 1, crm.NewJob{Kind: kind, Key: "a", Payload: `2`, DueAt: c.due, UserID: 2, MaxAttempts: 9, At: testTime + 5})
		j := readJob(t, s, 1, id)
		if again != id || j.State != c.state || j.DueAt != c.want {
			t.Errorf("%s: job %d (was %d) is %s, due at %d", c.name, again, id, j.State, j.DueAt)
		}
		if !c.anew && (j.Payload != "1" || j.UserID != 1 || j.MaxAttempts != 0) {
			t.Errorf("%s: the job has changed: %+v", c.name, j)
		}
		if c.anew {
			want := crm.Job{OrganizationID: 1, ID: id, Kind: kind, Key: "a", Payload: "2", State: crm.JobWaiting, DueAt: c.due,
				MaxAttempts: 9, UserID: 2, CreatedAt: testTime + 5, UpdatedAt: testTime + 5, Claim: j.Claim, Worker: j.Worker}
			if *j != want {
				t.Errorf("%s: got %+v, want %+v", c.name, *j, want)
			}
		}
	}
	a := enqueue(t, s, 1, crm.NewJob{Kind: "k"})
	b := enqueue(t, s, 1, crm.NewJob{Kind: "k"})
	if a == b {
		t.Error("jobs without a key are one")
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestDueJobsOfAllOrganizations(t *testing.T) {
	s := openStore(t, "")
	var want []JobPlace
	for _, org := range []int64{1, 2, 3} {
		addOrganization(t, s, org)
		for i := range crm.Time(5) {
			// All organizations have jobs with the same ids.
			id := enqueue(t, s, org, crm.NewJob{Kind: "k", DueAt: testTime + i/2})
			want = append(want, JobPlace{testTime + i/2, org, id})
		}
		enqueue(t, s, org, crm.NewJob{Kind: "later", DueAt: testTime + 100})
	}
	slices.SortFunc(want, func(a, b JobPlace) int {
		return slices.Compare([]int64{int64(a.DueAt), a.OrganizationID, a.ID}, []int64{int64(b.DueAt), b.OrganizationID, b.ID})
	})
	for _, page := range []int{1, 4, 100} {
		var got []JobPlace
		for place := (JobPlace{}); ; {
			due, err := s.DueJobs(t.Context(), testTime+50, place, page)
			must(t, err)
			for _, d := range due {
				got = append(got, d.JobPlace)
				place = d.JobPlace
			}
			if len(due) < page {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d: got %v, want %v", page, got, want)
		}
	}
	// What is claimed, paused or finished is not due.
	found, _, err := s.ClaimJobs(t.Context(), 1, wish("k", 3, testTime+50))
	must(t, err)
	must(t, s.FinishJob(t.Context(), claimOf(&found[0]), JobEnd{State: crm.JobFailed, At: testTime}))
	must(t, changeOf(t.Context(), s, 1, func(w *Write) error { return w.PauseJob(5, testTime) }))
	due, err := s.DueJobs(t.Context(), testTime+50, JobPlace{}, 100)
	if err != nil || len(due) != len(want)-4 {
		t.Errorf("%d jobs are due, %v", len(due), err)
	}
	for _, j := range found {
		if j.OrganizationID != 1 {
			t.Errorf("claimed %+v", j)
		}
	}
	for _, org := range []int64{2, 3} {
		if j := readJob(t, s, org, found[1].ID); j.State != crm.JobWaiting || j.Claim != 0 {
			t.Errorf("the job of organization %d is %+v", org, j)
		}
	}
}

func TestPeriodicJobs(t *testing.T) {
	s := openStore(t, "")
	for org := range int64(4) {
		addOrganization(t, s, org+1)
	}
	const day = int64(24 * time.Hour / time.Millisecond)
	must(t, s.EnsureJob(t.Context(), 2, "daily", day, testTime+7, testTime))
	must(t, s.EnsureJob(t.Context(), 2, "daily", 5, testTime, testTime)) // it is there
	must(t, s.EnsureJob(t.Context(), 3, "other", day, testTime, testTime))
	for _, c := range []struct {
		after int64
		limit int
		want  []int64
	}{{0, 10, []int64{1, 3, 4}}, {0, 2, []int64{1, 3}}, {3, 2, []int64{4}}, {4, 2, nil}} {
		if got, err := s.OrganizationsWithoutJob(t.Context(), "daily", c.after, c.limit); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %v, %v", c, got, err)
		}
	}
	j, c := claimOne(t, s, 2, "daily", testTime+7)
	if j.Every != day || j.Key != crm.JobPeriodic || j.Payload != "{}" {
		t.Errorf("got %+v", j)
	}
	must(t, s.Housekeep(t.Context(), c, func(*Write) (crm.JobProgress, error) {
		return crm.JobProgress{Done: 1, Total: 2, Cursor: "c", At: testTime}, nil
	}))
	must(t, s.FinishJob(t.Context(), c, JobEnd{State: crm.JobDone, Result: "1", Every: day / 2, At: testTime + 100}))
	want := crm.Job{OrganizationID: 2, ID: j.ID, Kind: "daily", Key: crm.JobPeriodic, Payload: "{}", State: crm.JobWaiting,
		DueAt: testTime + 100 + crm.Time(day/2), Every: day / 2, Claim: 1, Worker: "w", Result: "1", CreatedAt: testTime,
		UpdatedAt: testTime + 100, StartedAt: testTime + 7, FinishedAt: testTime + 100}
	if got := readJob(t, s, 2, j.ID); *got != want {
		t.Errorf("got %+v, want %+v", *got, want)
	}
	// Whoever does not want to wait asks for it.
	if id := enqueue(t, s, 2, crm.NewJob{Kind: "daily", Key: crm.JobPeriodic, At: testTime + 200}); id != j.ID {
		t.Errorf("it is job %d", id)
	}
	if j, _ := claimOne(t, s, 2, "daily", testTime+200); j.Every != day/2 {
		t.Errorf("got %+v", j)
	}
}

func TestListOfJobs(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	addOrganization(t, s, 2)
	for i := range 6 {
		enqueue(t, s, 1, crm.NewJob{Kind: []string{"a", "b"}[i%2]})
	}
	enqueue(t, s, 2, crm.NewJob{Kind: "a"})
	must(t, changeOf(t.Context(), s, 1, func(w *Write) error { return w.CancelJob(3, testTime) }))
	for _, c := range []struct {
		kind, state string
		before      int64
		limit       int
		want        []int64
	}{
		{"", "", 0, 4, []int64{6, 5, 4, 3}}, {"", "", 3, 4, []int64{2, 1}}, {"a", "", 0, 9, []int64{5, 3, 1}},
		{"a", crm.JobWaiting, 0, 9, []int64{5, 1}}, {"", crm.JobCancelled, math.MaxInt64, 9, []int64{3}}, {"c", "", 0, 9, nil},
	} {
		must(t, s.View(t.Context(), 1, func(r *Read) error {
			found, err := r.Jobs(1, c.kind, c.state, c.before, c.limit)
			var ids []int64
			for _, j := range found {
				ids = append(ids, j.ID)
			}
			if !slices.Equal(ids, c.want) {
				t.Errorf("%+v: got %v", c, ids)
			}
			return err
		}))
	}
	err := s.View(t.Context(), 2, func(r *Read) error {
		if _, err := r.JobOf(2, "a", "#1"); err != nil {
			return err
		}
		_, err := r.Job(2, 3)
		return err
	})
	if !errors.Is(err, ErrNoRow) {
		t.Errorf("got %v", err)
	}
}
