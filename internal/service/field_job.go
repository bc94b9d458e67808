package service

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/job"
	"guanxi/internal/store"
)

// This file destroys the values of fields that were deleted.

const destroyKind = "fields.destroy"

// destroyed is what such a job is asked for with.
type destroyed struct {
	Entity string `json:"entity"`
	Name   string `json:"name"`
	Files  bool   `json:"files,omitempty"` // the values are attachments
}

// walkPage is how many records a job that goes over all of them looks at in one
// transaction.
const walkPage = 200

// walk is a kind of job that goes over all records of an organization.
func walk(name string, handle func(context.Context, *job.Run) error) job.Kind {
	return job.Kind{Name: name, Handle: handle, Timeout: 12 * time.Hour, MaxAttempts: 20, FirstDelay: 10 * time.Second,
		MaxDelay: time.Hour, PerOrganization: 1}
}

// pages runs page in transactions of a job until it answers "" as the next
// place, beginning where earlier runs have come to.
func (s *Service) pages(ctx context.Context, run *job.Run,
	page func(w *store.Write, c *Caller, place string) (next string, n int, wrote bool, err error)) error {
	place := run.Cursor()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		done, total := run.Done()
		next := ""
		err := s.inJob(ctx, run, place, func(w *store.Write, c *Caller) (string, bool, error) {
			var n int
			var wrote bool
			var err error
			next, n, wrote, err = page(w, c, place)
			run.Progress(done+int64(n), total)
			return next, wrote, err
		})
		if err != nil || next == "" {
			return err
		}
		place = next
	}
}

// behind reads a place that is an id; "" is the beginning.
func behind(place string) (int64, error) {
	if place == "" {
		return 0, nil
	}
	return strconv.ParseInt(place, 10, 64)
}

// placeAt is the place behind an id; 0 is the end.
func placeAt(last int64) string {
	if last == 0 {
		return ""
	}
	return strconv.FormatInt(last, 10)
}

// destroyValues takes the values of a deleted field from all records, each with
// its row of the operation log. Nobody can write any more of them meanwhile,
// since the definition is gone.
func (s *Service) destroyValues(ctx context.Context, run *job.Run) error {
	var p destroyed
	if err := run.Payload(&p); err != nil {
		return err
	}
	return s.pages(ctx, run, func(w *store.Write, c *Caller, place string) (string, int, bool, error) {
		after, err := behind(place)
		if err != nil {
			return "", 0, false, err
		}
		type holder struct {
			id     int64
			values crm.Values
		}
		var found []holder
		last, err := w.CustomAfter(c.Org(), p.Entity, after, walkPage, func(id int64, v crm.Values) {
			if bytes.Contains(v, []byte(p.Name)) && field.Holds(v, p.Name) {
				found = append(found, holder{id, slices.Clone(v)})
			}
		})
		if err != nil {
			return "", 0, false, err
		}
		for _, h := range found {
			if err := s.destroyValue(w, c, p, h.id, h.values); err != nil {
				return "", 0, false, err
			}
		}
		return placeAt(last), len(found), len(found) > 0, nil
	})
}

func (s *Service) destroyValue(w *store.Write, c *Caller, p destroyed, id int64, v crm.Values) error {
	rest, was := field.Without(c.Directory.Fields[p.Entity], v, p.Name)
	if p.Files {
		for _, file := range field.FileIDs(was) {
			if err := s.dropFile(w, c, file); err != nil {
				return err
			}
		}
	}
	if err := w.SetCustom(p.Entity, id, rest); err != nil {
		return err
	}
	return s.note(w, c, p.Entity, id, "update", record{p.Name: was}, record{})
}
