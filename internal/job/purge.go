package job

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// How long is kept what the purges delete, and how much they look at in one
// transaction.
const (
	TicketLife = 7 * 24 * time.Hour
	JobLife    = 30 * 24 * time.Hour
	purgePage  = 500
)

// removed is the result of a purge.
type removed struct {
	Removed int64 `json:"removed"`
}

// daily is a small job of every organization, once a day. It may be paused by
// somebody who wants to keep what it would delete.
func daily(name string, handle func(context.Context, *Run) error) Kind {
	return Kind{Name: name, Handle: handle, Timeout: 30 * time.Minute, MaxAttempts: 5, FirstDelay: time.Minute,
		MaxDelay: time.Hour, Concurrency: 1, Pausable: true, Every: 24 * time.Hour}
}

// PurgeTickets deletes the tickets of writes that are older than any client
// that sends one again.
func PurgeTickets(st *store.Store) Kind {
	return daily("purge.tickets", func(ctx context.Context, run *Run) error {
		before := crm.At(run.Now().Add(-TicketLife))
		return purge(ctx, st, run, func(w *store.Write, cursor string) (string, int64, error) {
			var after store.TicketPlace
			if cursor != "" {
				if err := json.Unmarshal([]byte(cursor), &after); err != nil {
					return "", 0, err
				}
			}
			last, more, n, err := w.ForgetTickets(before, after, purgePage)
			if err != nil || !more {
				return "", n, err
			}
			next, err := json.Marshal(last)
			return string(next), n, err
		})
	})
}

// PurgeJobs deletes jobs that finished long ago.
func PurgeJobs(st *store.Store) Kind {
	return daily("purge.jobs", func(ctx context.Context, run *Run) error {
		before := crm.At(run.Now().Add(-JobLife))
		return purge(ctx, st, run, byID(func(w *store.Write, after int64) (int64, int64, error) {
			return w.ForgetJobs(before, after, purgePage)
		}))
	})
}

// PurgeNotices deletes what users were told long ago, read or not.
func PurgeNotices(st *store.Store) Kind {
	return daily("purge.notices", func(ctx context.Context, run *Run) error {
		before := crm.At(run.Now().Add(-crm.NoticeLife))
		return purge(ctx, st, run, byID(func(w *store.Write, after int64) (int64, int64, error) {
			return w.ForgetNotices(before, after, purgePage)
		}))
	})
}

// byID is a page of a table whose rows are walked over by their ids; page
// answers where the next one begins, 0 after the last one.
func byID(page func(w *store.Write, after int64) (last, removed int64, err error)) func(*store.Write, string) (string, int64, error) {
	return func(w *store.Write, cursor string) (string, int64, error) {
		var after int64
		if cursor != "" {
			var err error
			if after, err = strconv.ParseInt(cursor, 10, 64); err != nil {
				return "", 0, err
			}
		}
		last, n, err := page(w, after)
		if err != nil || last == 0 {
			return "", n, err
		}
		return strconv.FormatInt(last, 10), n, err
	}
}

// purge walks over a table in pages, one transaction each. page deletes what is
// behind a cursor and answers the next one, "" at the end.
func purge(ctx context.Context, st *store.Store, run *Run, page func(w *store.Write, cursor string) (string, int64, error)) error {
	cursor := run.Cursor()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		sum, _ := run.Done()
		next := ""
		err := st.Housekeep(ctx, run.Claim(), func(w *store.Write) (crm.JobProgress, error) {
			var n int64
			var err error
			next, n, err = page(w, cursor)
			run.Progress(sum+n, 0)
			return run.At(next), err
		})
		if err != nil {
			return err
		}
		if cursor = next; cursor == "" {
			sum, _ := run.Done()
			return run.SetResult(removed{sum})
		}
	}
}
