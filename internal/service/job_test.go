package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/job"
	"guanxi/internal/store"
	"guanxi/internal/store/storetest"
)

// oneDay and others are spans in milliseconds.
const oneDay = crm.Time(24 * time.Hour / time.Millisecond)

// kindCase says for a kind of jobs what a job finds, and what it leaves.
type kindCase struct {
	payload string // {} where it is empty
	// fill writes what there is to do, with old and new rows, more of them than one
	// transaction of the job takes.
	fill func(tx *store.Write) error
	// effect is everything that a run has changed, as a text.
	effect func(w *world) string
}

// kindCases has a row for each kind of service.JobKinds.
var kindCases = map[string]kindCase{
	"pools.fall":    fallCase,
	"purge.notices": noticeCase,
	"purge.tickets": {
		fill: func(tx *store.Write) error {
			for i := range 1201 {
				age := oneDay * crm.Time(i%14)
				if err := tx.AddTicket(int64(1+i%3), fmt.Sprint("票", i), store.Ticket{Entity: "customer", ID: 1}, startOfClock-age); err != nil {
					return err
				}
			}
			return nil
		},
		effect: func(w *world) string {
			return fmt.Sprint(w.query("SELECT count(*) FROM request_tickets WHERE organization_id = $1", orgA), " tickets from ",
				w.query("SELECT min(created_at) FROM request_tickets WHERE organization_id = $1", orgA), "; ",
				w.query("SELECT count(*) FROM request_tickets WHERE organization_id = $1", orgB), " elsewhere")
		},
	},
	"purge.jobs": {
		fill: func(tx *store.Write) error {
			first, err := tx.TakeIDs(store.Jobs, 1201)
			for i := range 1201 {
				id := first + int64(i)
				if _, err := tx.Enqueue(id, crm.NewJob{Kind: "test", DueAt: startOfClock + 1000*oneDay, At: startOfClock - 50*oneDay}); err != nil {
					return err
				}
				if i%3 == 0 {
					continue // it waits
				}
				if err := tx.CancelJob(id, startOfClock-oneDay*crm.Time(i%50)); err != nil {
					return err
				}
			}
			return err
		},
		effect: func(w *world) string {
			const of = " FROM jobs WHERE organization_id = $1 AND kind = 'test'"
			return fmt.Sprint(w.query("SELECT count(*)"+of, orgA), " jobs, finished from ", w.query("SELECT min(finished_at)"+of, orgA),
				"; ", w.query("SELECT count(*)"+of, orgB), " elsewhere")
		},
	},
}

// jobWorld is a world with something to do for jobs of a kind.
func jobWorld(t *testing.T, name string, c kindCase) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: time.UnixMilli(startOfClock)}}
	w.database = storetest.New(t, "jobs "+name, func(st *store.Store) error {
		first := &world{t: t, clock: w.clock, Service: &Service{store: st}}
		var errs []error
		for org, prefix := range map[int64]string{orgA: "1380000", orgB: "1390000"} {
			first.fill(org, prefix)
			errs = append(errs, st.Update(context.Background(), org, func(tx *store.Write) error {
				if err := c.fill(tx); err != nil {
					return err
				}
				return tx.Log(1000, crm.LogEntry{Entity: "test", Action: "fill", Changes: "{}", At: startOfClock})
			}))
			if c.payload == "" {
				c.payload = "{}"
			}
			errs = append(errs, st.Update(context.Background(), org, func(tx *store.Write) error {
				_, err := tx.Enqueue(0, crm.NewJob{Kind: name, Key: crm.JobPeriodic, Payload: c.payload, At: startOfClock})
				return errors.Join(err, tx.Log(1001, crm.LogEntry{Entity: "test", Action: "ask", Changes: "{}", At: startOfClock}))
			}))
		}
		return errors.Join(errs...)
	})
	w.Service = w.again(settings())
	return w
}

// claimed claims the job of organization A, after the last claim has ended.
func (w *world) claimed(kind string) *job.Run {
	w.t.Helper()
	w.clock.advance(time.Minute)
	now := crm.At(w.clock.Now())
	found, _, err := w.store.ClaimJobs(w.t.Context(), orgA, store.ClaimWish{Kind: kind, Limit: 1, Now: now, Until: now + 1000})
	if err != nil || len(found) != 1 {
		w.t.Fatalf("%d jobs, %v", len(found), err)
	}
	return job.NewRun(&found[0], w.clock.Now)
}

func (w *world) finish(run *job.Run) {
	w.t.Helper()
	err := w.store.FinishJob(w.t.Context(), run.Claim(), store.JobEnd{State: crm.JobDone, At: crm.At(w.clock.Now())})
	if err != nil {
		w.t.Fatal(err)
	}
}

// countdown is a context that ends when it has been asked so often.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return c.Context.Err()
}

// TestKindsHaveTheEffectOfOneRun runs a job of each kind once, twice, and
// interrupted wherever it looks whether to go on; it leaves the same each time.
func TestKindsHaveTheEffectOfOneRun(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range newWorld(t, settings()).JobKinds() {
		seen[k.Name] = true
		c, ok := kindCases[k.Name]
		if !ok {
			t.Errorf("the kind %s has no row in kindCases", k.Name)
			continue
		}
		// handler gives the kind's handler on a world of its own.
		handler := func(t *testing.T) (*world, func(context.Context, *job.Run) error) {
			w := jobWorld(t, k.Name, c)
			kinds := w.JobKinds()
			i := slices.IndexFunc(kinds, func(x job.Kind) bool { return x.Name == k.Name })
			return w, kinds[i].Handle
		}
		t.Run(k.Name, func(t *testing.T) {
			w, handle := handler(t)
			before := c.effect(w)
			run := w.claimed(k.Name)
			if err := handle(t.Context(), run); err != nil {
				t.Fatal(err)
			}
			once := c.effect(w)
			if once == before {
				t.Fatalf("a run has no effect: %s", once)
			}
			// Its end was not written, so it runs again; then once more, asked for anew.
			for range 2 {
				run = w.claimed(k.Name)
				if err := handle(t.Context(), run); err != nil {
					t.Fatal(err)
				}
				if got := c.effect(w); got != once {
					t.Errorf("a second run: %s, want %s", got, once)
				}
			}
			w.finish(run)

			interrupted := 0
			for left := range 1000 {
				w, handle := handler(t)
				run := w.claimed(k.Name)
				err := handle(&countdown{t.Context(), left}, run)
				if err == nil {
					break
				}
				interrupted++
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("interrupted at %d: %v", left, err)
				}
				next := w.claimed(k.Name)
				// Whoever was interrupted comes back and may write nothing.
				middle := c.effect(w)
				if err := handle(t.Context(), run); !errors.Is(err, store.ErrClaimLost) || c.effect(w) != middle {
					t.Errorf("interrupted at %d: the late run ends with %v and leaves %s, was %s", left, err, c.effect(w), middle)
				}
				if err := handle(t.Context(), next); err != nil {
					t.Fatal(err)
				}
				w.finish(next)
				if got := c.effect(w); got != once {
					t.Errorf("interrupted at %d: %s, want %s", left, got, once)
				}
			}
			if interrupted < 3 {
				t.Errorf("it could be interrupted at %d places only", interrupted)
			}
		})
	}
	for name := range kindCases {
		if !seen[name] {
			t.Errorf("there is no kind %s", name)
		}
	}
}

func TestPurgesKeepWhatIsYoung(t *testing.T) {
	for name, want := range map[string]string{
		// Ages of 0 to 13 days: those of 7 days are the oldest that stay, less the minute that the claim is later.
		"purge.tickets": fmt.Sprint("602 tickets from ", startOfClock-6*oneDay, "; 1201 elsewhere"),
		"purge.jobs":    fmt.Sprint("881 jobs, finished from ", startOfClock-29*oneDay, "; 1201 elsewhere"),
	} {
		w := jobWorld(t, name, kindCases[name])
		for _, k := range w.JobKinds() {
			if k.Name != name {
				continue
			}
			run := w.claimed(name)
			if err := k.Handle(t.Context(), run); err != nil {
				t.Fatal(err)
			}
			if got := kindCases[name].effect(w); got != want {
				t.Errorf("%s: %s, want %s", name, got, want)
			}
		}
	}
}

func TestNewOrganizationsHavePeriodicJobs(t *testing.T) {
	w := newWorld(t, settings())
	org, _, err := w.AddOrganization(t.Context(), "第三家", "管理员", "13700000001")
	if err != nil {
		t.Fatal(err)
	}
	periodic := 0
	for _, k := range w.JobKinds() {
		if k.Every == 0 {
			continue
		}
		periodic++
		missing, err := w.store.OrganizationsWithoutJob(t.Context(), k.Name, 0, 10)
		if err != nil || !slices.Equal(missing, []int64{orgA, orgB}) {
			t.Errorf("%s is missing in %v, %v", k.Name, missing, err)
		}
	}
	if n := w.query("SELECT count(*) FROM jobs WHERE organization_id = $1", org); n != fmt.Sprint(periodic) || periodic < 2 {
		t.Errorf("%v jobs of %d periodic kinds", n, periodic)
	}
}

// TestSteeringJobs pauses, resumes and cancels a job in each state.
func TestSteeringJobs(t *testing.T) {
	w := newWorld(t, settings())
	c, other := w.as(orgA, admin), w.as(orgB, admin)
	add := func(kind string) (id int64) {
		t.Helper()
		logID, err := w.store.TakeIDs(t.Context(), orgA, store.Logs, 1)
		if err == nil {
			err = w.store.Update(t.Context(), orgA, func(tx *store.Write) (err error) {
				id, err = tx.Enqueue(0, crm.NewJob{Kind: kind, At: crm.At(w.clock.Now())})
				return errors.Join(err, tx.Log(logID, crm.LogEntry{Entity: "job", Action: "create", Changes: "{}", At: 1}))
			})
		}
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	id := add("purge.jobs")
	logs := func() string {
		return w.query("SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND entity = 'job' AND action <> 'create'", orgA)
	}
	state := func() string {
		j, err := w.Job(t.Context(), c, id)
		if err != nil {
			t.Fatal(err)
		}
		return j.State
	}
	if err := w.ResumeJob(t.Context(), c, id); err != nil || state() != crm.JobWaiting || logs() != "0" {
		t.Errorf("resume of a waiting job: %v, %s, %s rows", err, state(), logs())
	}
	for name, do := range map[string]func(context.Context, *Caller, int64) error{
		"pause": w.PauseJob, "resume": w.ResumeJob, "cancel": w.CancelJob,
	} {
		if err := do(t.Context(), other, id); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("%s of another organization's job: %v", name, err)
		}
	}
	if _, err := w.Job(t.Context(), other, id); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("another organization's job: %v", err)
	}
	version := w.query("SELECT version FROM organizations WHERE organization_id = $1", orgA)
	for i, step := range []struct {
		do    func(context.Context, *Caller, int64) error
		state string
	}{{w.PauseJob, crm.JobPaused}, {w.ResumeJob, crm.JobWaiting}, {w.PauseJob, crm.JobPaused}, {w.CancelJob, crm.JobCancelled}} {
		for range 2 { // the second one changes nothing
			if err := step.do(t.Context(), c, id); err != nil || state() != step.state || logs() != fmt.Sprint(i+1) {
				t.Errorf("step %d: %v, %s, %s rows", i, err, state(), logs())
			}
		}
	}
	if now := w.query("SELECT version FROM organizations WHERE organization_id = $1", orgA); now != version {
		t.Errorf("the version has moved from %s to %s", version, now)
	}
	for name, do := range map[string]func(context.Context, *Caller, int64) error{"pause": w.PauseJob, "resume": w.ResumeJob} {
		var refusal *crm.Error
		if err := do(t.Context(), c, id); !errors.As(err, &refusal) || errors.Is(err, crm.ErrNotFound) || state() != crm.JobCancelled {
			t.Errorf("%s of a cancelled job: %v", name, err)
		}
	}
	second := add("test")
	if err := w.PauseJob(t.Context(), c, second); !errors.Is(err, errJobNotPausable) || logs() != "4" {
		t.Errorf("paused what cannot be: %v", err)
	}
	if found, err := w.Jobs(t.Context(), c, JobFilter{}, 1); err != nil || len(found) != 1 || found[0].ID != second {
		t.Errorf("got %+v, %v", found, err)
	}
	if found, err := w.Jobs(t.Context(), c, JobFilter{Before: second}, 1000); err != nil || len(found) != 1 || found[0].ID != id {
		t.Errorf("got %+v, %v", found, err)
	}
	if found, err := w.Jobs(t.Context(), other, JobFilter{}, 10); err != nil || len(found) != 0 {
		t.Errorf("got %+v, %v", found, err)
	}
}
