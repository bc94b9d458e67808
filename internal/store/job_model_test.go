package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"guanxi/internal/crm"
)

// jobModel is what the jobs of some organizations should be after a history.
type jobModel struct {
	jobs map[[2]int64]*crm.Job // organization and id
	now  crm.Time
	// claims are all that were ever given.
	claims []crm.JobClaim
}

// holds tells whether a claim is good, and whose job it is.
func (m *jobModel) holds(c crm.JobClaim) (*crm.Job, bool) {
	j := m.jobs[[2]int64{c.OrganizationID, c.ID}]
	return j, j.State == crm.JobRunning && j.Claim == c.Number
}

// enqueue is Write.Enqueue; id is the one that a new job has got.
func (m *jobModel) enqueue(org, id int64, in crm.NewJob) {
	for _, j := range m.jobs {
		if j.OrganizationID != org || j.Kind != in.Kind || j.Key != in.Key {
			continue
		}
		switch {
		case j.Finished():
			*j = crm.Job{OrganizationID: org, ID: j.ID, Kind: j.Kind, Key: j.Key, Payload: in.Payload, State: crm.JobWaiting,
				DueAt: in.DueAt, MaxAttempts: in.MaxAttempts, Every: j.Every, Claim: j.Claim, Worker: j.Worker, CreatedAt: m.now}
		case j.State == crm.JobWaiting:
			j.DueAt = min(j.DueAt, in.DueAt)
		}
		j.UpdatedAt = m.now
		return
	}
	m.jobs[[2]int64{org, id}] = &crm.Job{OrganizationID: org, ID: id, Kind: in.Kind, Key: in.Key, Payload: in.Payload,
		State: crm.JobWaiting, DueAt: in.DueAt, MaxAttempts: in.MaxAttempts, CreatedAt: m.now, UpdatedAt: m.now}
}

// claim is Store.ClaimJobs. It gives the ids of the claimed jobs in order.
func (m *jobModel) claim(org int64, w ClaimWish) (ids []int64) {
	var due []*crm.Job
	running := 0
	for _, j := range m.jobs {
		if j.OrganizationID != org || j.Kind != w.Kind {
			continue
		}
		if j.State == crm.JobRunning && j.DueAt > m.now {
			running++
		}
		if j.DueAt > 0 && j.DueAt <= m.now {
			due = append(due, j)
		}
	}
	slices.SortFunc(due, func(a, b *crm.Job) int {
		return slices.Compare([]int64{int64(a.DueAt), a.ID}, []int64{int64(b.DueAt), b.ID})
	})
	limit := w.Limit
	if w.AtOnce > 0 {
		limit = max(0, min(limit, w.AtOnce-running))
	}
	for _, j := range due[:min(limit, len(due))] {
		j.State, j.DueAt, j.StartedAt, j.UpdatedAt, j.Worker = crm.JobRunning, w.Until, m.now, m.now, w.Worker
		j.Attempts++
		j.Claim++
		m.claims = append(m.claims, crm.JobClaim{OrganizationID: org, ID: j.ID, Number: j.Claim, Worker: j.Worker})
		ids = append(ids, j.ID)
	}
	slices.Sort(ids)
	return ids
}

// TestJobsAgainstAModel does random things with the jobs of two organizations,
// with good claims and with those that were lost, and compares every row.
func TestJobsAgainstAModel(t *testing.T) {
	s := openStore(t, "")
	next := int64(0)
	rapid.Check(t, func(r *rapid.T) {
		orgs := []int64{next + 1, next + 2}
		next += 2
		for _, org := range orgs {
			addOrganization(t, s, org)
		}
		m := &jobModel{jobs: map[[2]int64]*crm.Job{}, now: testTime}
		org := func() int64 { return rapid.SampledFrom(orgs).Draw(r, "organization") }
		kind := func() string { return rapid.SampledFrom([]string{"a", "b"}).Draw(r, "kind") }
		span := func(most int) crm.Time { return crm.Time(rapid.IntRange(0, most).Draw(r, "time")) }
		// one draws one of the jobs, or of the claims.
		one := func(n int, what string) int {
			if n == 0 {
				r.Skip("there is none")
			}
			return rapid.IntRange(0, n-1).Draw(r, what)
		}
		keys := func() [][2]int64 {
			return slices.SortedFunc(maps.Keys(m.jobs), func(a, b [2]int64) int { return slices.Compare(a[:], b[:]) })
		}
		// written runs what a worker does under a claim.
		written := func(write func(crm.JobClaim) error, then func(*crm.Job)) {
			c := m.claims[one(len(m.claims), "claim")]
			j, good := m.holds(c)
			err := write(c)
			if good != (err == nil) || !good && !errors.Is(err, ErrClaimLost) {
				r.Fatalf("claim %+v, good %v: %v", c, good, err)
			}
			if good {
				then(j)
				j.UpdatedAt = m.now
			}
		}
		steered := func(states []string, do func(*Write, int64) error, then func(*crm.Job)) {
			all := keys()
			key := all[one(len(all), "job")]
			j := m.jobs[key]
			allowed := slices.Contains(states, j.State)
			err := changeOf(t.Context(), s, key[0], func(w *Write) error { return do(w, key[1]) })
			if allowed != (err == nil) || !allowed && !errors.Is(err, ErrNoRow) {
				r.Fatalf("%s: %v", j.State, err)
			}
			if allowed {
				then(j)
				j.UpdatedAt = m.now
			}
		}
		r.Repeat(map[string]func(*rapid.T){
			"enqueue": func(*rapid.T) {
				in := crm.NewJob{Kind: kind(), Key: rapid.SampledFrom([]string{"1", "2", "3"}).Draw(r, "key"), At: m.now,
					Payload: fmt.Sprint(rapid.IntRange(0, 9).Draw(r, "payload")), DueAt: m.now + span(50), MaxAttempts: 3}
				org := org()
				m.enqueue(org, enqueue(t, s, org, in), in)
			},
			"periodic": func(*rapid.T) {
				org, kind, due := org(), kind(), m.now+span(50)
				before := len(jobsOf(t, s, org))
				must(t, s.EnsureJob(t.Context(), org, kind, 40, due, m.now))
				if all := jobsOf(t, s, org); len(all) > before {
					id := all[0].ID
					m.enqueue(org, id, crm.NewJob{Kind: kind, Key: crm.JobPeriodic, Payload: "{}", DueAt: due})
					m.jobs[[2]int64{org, id}].Every = 40
				}
			},
			"claim": func(*rapid.T) {
				org := org()
				w := ClaimWish{Kind: kind(), Worker: rapid.SampledFrom([]string{"x", "y"}).Draw(r, "worker"), Now: m.now,
					Limit: rapid.IntRange(1, 3).Draw(r, "limit"), AtOnce: rapid.IntRange(0, 2).Draw(r, "at once"), Until: m.now + 20}
				found, _, err := s.ClaimJobs(t.Context(), org, w)
				must(t, err)
				var ids []int64
				for _, j := range found {
					ids = append(ids, j.ID)
				}
				if want := m.claim(org, w); !slices.Equal(ids, want) {
					r.Fatalf("claimed %v, want %v", ids, want)
				}
			},
			"time passes": func(*rapid.T) { m.now += span(30) },
			"keep": func(*rapid.T) {
				done := int64(span(9))
				written(func(c crm.JobClaim) error { return s.KeepJob(t.Context(), c, m.now+20, done, 9, m.now) },
					func(j *crm.Job) { j.DueAt, j.Done, j.Total = m.now+20, done, 9 })
			},
			"checkpoint": func(*rapid.T) {
				p := crm.JobProgress{Done: int64(span(9)), Total: 9, Cursor: fmt.Sprint(span(9)), At: m.now}
				written(func(c crm.JobClaim) error {
					return changeOf(t.Context(), s, c.OrganizationID, func(w *Write) error { return w.JobProgress(c, p) })
				}, func(j *crm.Job) { j.Done, j.Total, j.Cursor = p.Done, p.Total, p.Cursor })
			},
			"finish": func(*rapid.T) {
				state := rapid.SampledFrom([]string{crm.JobDone, crm.JobFailed}).Draw(r, "state")
				every := int64(0)
				written(func(c crm.JobClaim) error {
					if j, _ := m.holds(c); j.Every > 0 {
						every = 40
					}
					return s.FinishJob(t.Context(), c, JobEnd{State: state, Result: "7", LastError: "e", Every: every, At: m.now})
				}, func(j *crm.Job) {
					j.Result, j.LastError, j.FinishedAt, j.State, j.DueAt = "7", "e", m.now, state, 0
					if every > 0 {
						j.State, j.DueAt, j.Attempts, j.Done, j.Total, j.Cursor = crm.JobWaiting, m.now+40, 0, 0, 0, ""
					}
				})
			},
			"retry": func(*rapid.T) {
				due := m.now + span(50)
				written(func(c crm.JobClaim) error { return s.RetryJob(t.Context(), c, due, "again", m.now) },
					func(j *crm.Job) { j.State, j.DueAt, j.LastError = crm.JobWaiting, due, "again" })
			},
			"give back": func(*rapid.T) {
				written(func(c crm.JobClaim) error { return s.GiveBackJob(t.Context(), c, m.now) },
					func(j *crm.Job) { j.State, j.DueAt, j.Attempts = crm.JobWaiting, m.now, j.Attempts-1 })
			},
			"pause": func(*rapid.T) {
				steered([]string{crm.JobWaiting, crm.JobRunning}, func(w *Write, id int64) error { return w.PauseJob(id, m.now) },
					func(j *crm.Job) {
						if j.State == crm.JobRunning {
							j.Attempts--
						}
						j.State, j.DueAt = crm.JobPaused, 0
					})
			},
			"resume": func(*rapid.T) {
				steered([]string{crm.JobPaused}, func(w *Write, id int64) error { return w.ResumeJob(id, m.now) },
					func(j *crm.Job) { j.State, j.DueAt = crm.JobWaiting, m.now })
			},
			"cancel": func(*rapid.T) {
				steered([]string{crm.JobWaiting, crm.JobRunning, crm.JobPaused}, func(w *Write, id int64) error { return w.CancelJob(id, m.now) },
					func(j *crm.Job) { j.State, j.DueAt, j.FinishedAt = crm.JobCancelled, 0, m.now })
			},
			"": func(*rapid.T) {
				for _, org := range orgs {
					for _, j := range jobsOf(t, s, org) {
						if want := m.jobs[[2]int64{org, j.ID}]; want == nil || j != *want {
							r.Fatalf("got %+v\nwant %+v", j, want)
						}
					}
				}
			},
		})
	})
}

// jobsOf reads all jobs of an organization, the newest first.
func jobsOf(t *testing.T, s *Store, org int64) (all []crm.Job) {
	t.Helper()
	must(t, s.View(t.Context(), org, func(r *Read) (err error) {
		all, err = r.Jobs(org, "", "", 0, 1000)
		return err
	}))
	return all
}
