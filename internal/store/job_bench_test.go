package store

import (
	"errors"
	"sync/atomic"
	"testing"

	"guanxi/internal/crm"
)

// BenchmarkJobs asks for jobs, claims and finishes them: one after the other,
// and in twenties, which is what a backlog is like.
func BenchmarkJobs(b *testing.B) {
	s, err := Open(b.Context(), newDatabase(b), Config{})
	must(b, err)
	defer s.Close()
	must(b, s.Update(b.Context(), 1, func(w *Write) error {
		return errors.Join(w.AddOrganization("示例公司", testTime), w.Log(1, crm.LogEntry{Entity: "organization", Action: "create", Changes: "{}", At: testTime}))
	}))
	add := func(b *testing.B, n int) {
		first, err := s.TakeIDs(b.Context(), 1, Jobs, n)
		must(b, err)
		must(b, s.Update(b.Context(), 1, func(w *Write) error {
			for i := range n {
				if _, err := w.Enqueue(first+int64(i), crm.NewJob{Kind: "k", At: testTime}); err != nil {
					return err
				}
			}
			w.Quiet()
			return w.Log(1000+logIDs.Add(1), crm.LogEntry{Entity: "job", Action: "create", Changes: "{}", At: testTime})
		}))
	}
	work := func(b *testing.B, n int) {
		found, _, err := s.ClaimJobs(b.Context(), 1, wish("k", n, testTime))
		must(b, err)
		if len(found) != n {
			b.Fatalf("claimed %d of %d", len(found), n)
		}
		for i := range found {
			must(b, s.FinishJob(b.Context(), claimOf(&found[i]), JobEnd{State: crm.JobDone, At: testTime}))
		}
	}
	rate := func(b *testing.B, jobs int) { b.ReportMetric(float64(jobs)/b.Elapsed().Seconds(), "jobs/s") }
	b.Run("one by one", func(b *testing.B) {
		for b.Loop() {
			add(b, 1)
			work(b, 1)
		}
		rate(b, b.N)
	})
	b.Run("twenties", func(b *testing.B) {
		for b.Loop() {
			add(b, 20)
			work(b, 20)
		}
		rate(b, 20*b.N)
	})
	b.Run("eight workers", func(b *testing.B) {
		var done atomic.Int64
		b.SetParallelism(4)
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				add(b, 1)
				found, _, err := s.ClaimJobs(b.Context(), 1, wish("k", 4, testTime))
				if err != nil {
					b.Error(err)
					return
				}
				for i := range found {
					if err := s.FinishJob(b.Context(), claimOf(&found[i]), JobEnd{State: crm.JobDone, At: testTime}); err != nil {
						b.Error(err)
					}
					done.Add(1)
				}
			}
		})
		rate(b, int(done.Load()))
	})
	b.Run("look with a backlog of 20,000", func(b *testing.B) {
		for range 40 {
			add(b, 500)
		}
		for b.Loop() {
			if due, err := s.DueJobs(b.Context(), testTime, JobPlace{}, 500); err != nil || len(due) != 500 {
				b.Fatal(len(due), err)
			}
		}
	})
}
