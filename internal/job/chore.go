package job

import (
	"context"
	"hash/fnv"
	"strconv"
	"time"

	"guanxi/internal/crm"
)

// Chore is work of the whole installation, which belongs to no organization. One
// of all processes does it: the one that holds its lease. It must do no harm
// when it is done twice.
type Chore struct {
	Name  string
	Every time.Duration
	Do    func(context.Context) error
}

// chore does a chore at the start and then every so often, while this process
// holds the lease. The lease outlasts the pause, so that the chore stays where
// it is; it is given back at the end, and is free some time after a crash.
func (r *Runner) chore(ctx context.Context, c Chore) {
	lease := "chore " + c.Name
	held := false
	for ctx.Err() == nil {
		var err error
		pause := c.Every
		_, held, err = r.store.Lease(ctx, lease, r.name, crm.At(r.o.Clock.Now()), c.Every+c.Every/2)
		if err == nil && held {
			err = c.Do(ctx)
		}
		if err != nil && ctx.Err() == nil {
			r.o.Log.Error("a chore has failed", "chore", c.Name, "error", err.Error())
			pause = min(pause, time.Minute)
		}
		fired, stop := r.o.Clock.Timer(pause)
		select {
		case <-fired:
		case <-ctx.Done():
			stop()
		}
	}
	if held {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.o.Grace)
		defer cancel()
		if err := r.store.GiveLease(ctx, lease, r.name); err != nil {
			r.o.Log.Warn("give a lease back", "chore", c.Name, "error", err.Error())
		}
	}
}

// sweepPage is how many organizations the sweep reads at once.
const sweepPage = 500

// sweep makes the periodic jobs that organizations lack.
func (r *Runner) sweep(ctx context.Context) error {
	for _, k := range r.kinds {
		if k.Every == 0 {
			continue
		}
		for after := int64(0); ; {
			orgs, err := r.store.OrganizationsWithoutJob(ctx, k.Name, after, sweepPage)
			if err != nil {
				return err
			}
			for _, org := range orgs {
				now := crm.At(r.o.Clock.Now())
				if err := r.store.EnsureJob(ctx, org, k.Name, k.Every.Milliseconds(), FirstRun(k, org, now), now); err != nil {
					// The others are not to wait for it; the next sweep comes back.
					r.o.Log.Error("make a periodic job", "organization", org, "kind", k.Name, "error", err.Error())
				}
				if ctx.Err() != nil {
					return ctx.Err()
				}
				after = org
			}
			if len(orgs) < sweepPage {
				break
			}
		}
	}
	return nil
}

// FirstRun is when a periodic job that is new runs first: somewhere in the first
// period, elsewhere for each organization and kind.
func FirstRun(k *Kind, org int64, now crm.Time) crm.Time {
	h := fnv.New32a()
	h.Write([]byte(k.Name + " " + strconv.FormatInt(org, 10)))
	return now + crm.Time(int64(h.Sum32())%k.Every.Milliseconds())
}
