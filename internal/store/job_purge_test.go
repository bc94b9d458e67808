package store

import (
	"errors"
	"fmt"
	"testing"

	"guanxi/internal/crm"
)

func TestForgetJobs(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	addOrganization(t, s, 2)
	for _, org := range []int64{1, 2} {
		must(t, s.EnsureJob(t.Context(), org, "daily", 1000, testTime, testTime))
		must(t, changeOf(t.Context(), s, org, func(w *Write) error {
			for i := range 9 {
				id, err := w.Enqueue(0, crm.NewJob{Kind: "k", At: testTime})
				if err != nil {
					return err
				}
				if i%3 > 0 { // every third one waits
					if err := w.CancelJob(id, testTime+crm.Time(i%3)); err != nil {
						return err
					}
				}
			}
			return nil
		}))
		_, c := claimOne(t, s, org, "daily", testTime)
		must(t, s.FinishJob(t.Context(), c, JobEnd{State: crm.JobDone, Every: 1000, At: testTime - 5}))
	}
	must(t, changeOf(t.Context(), s, 1, func(w *Write) error {
		var sum, pages int64
		for after := int64(0); ; {
			last, n, err := w.ForgetJobs(testTime+2, after, 4)
			if err != nil {
				return err
			}
			sum += n
			pages++
			if last == 0 {
				break
			}
			if last <= after {
				return fmt.Errorf("the page ends at %d and began at %d", last, after)
			}
			after = last
		}
		if sum != 3 || pages != 3 {
			t.Errorf("%d jobs were deleted in %d pages", sum, pages)
		}
		return nil
	}))
	if a, b := count(t, s, "jobs", 1), count(t, s, "jobs", 2); a != 7 || b != 10 {
		t.Errorf("%d and %d jobs are left", a, b)
	}
}

func TestForgetTickets(t *testing.T) {
	s := openStore(t, "")
	for _, org := range []int64{1, 2} {
		addOrganization(t, s, org)
		must(t, changeOf(t.Context(), s, org, func(w *Write) error {
			for i := range 10 {
				if err := w.AddTicket(1, fmt.Sprint("票", i*i), Ticket{Entity: "customer", ID: 1}, testTime+crm.Time(i%2)); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	for _, page := range []int{1, 3, 5, 10, 100} {
		undo := errors.New("undo")
		err := changeOf(t.Context(), s, 1, func(w *Write) error {
			var sum int64
			place, more := TicketPlace{}, true
			for pages := 0; more; pages++ {
				if pages > 11 {
					return errors.New("there is no end")
				}
				var n int64
				var err error
				if place, more, n, err = w.ForgetTickets(testTime+1, place, page); err != nil {
					return err
				}
				sum += n
			}
			if sum != 5 {
				t.Errorf("pages of %d: %d tickets were deleted", page, sum)
			}
			for i := range 10 {
				if _, err := w.Ticket(1, 1, fmt.Sprint("票", i*i)); errors.Is(err, ErrNoRow) != (i%2 == 0) {
					t.Errorf("pages of %d: ticket %d: %v", page, i, err)
				}
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
	}
	if n := count(t, s, "request_tickets", 2); n != 10 {
		t.Errorf("%d tickets of the other organization", n)
	}
}
