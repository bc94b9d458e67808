package blob

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// NewKey gives a key for a new object of an organization. It is never the key
// of another, and says nothing of the file, whose name may hold anything.
func NewKey(org int64) string {
	text := rand.Text()
	return fmt.Sprintf("%d/%s/%s", org, text[:2], text[2:])
}

// keyChars are the characters of rand.Text.
const keyChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// keyOrganization gives the organization of a key that NewKey made.
func keyOrganization(key string) (org int64, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 || len(parts[1]) != 2 || len(parts[2]) != len(rand.Text())-2 {
		return 0, false
	}
	org, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || strconv.FormatInt(org, 10) != parts[0] || strings.Trim(parts[1]+parts[2], keyChars) != "" {
		return 0, false
	}
	return org, true
}

// Swept is what Sweep did.
type Swept struct {
	Objects int   // objects that were looked at
	Removed int   // objects that no row named
	Bytes   int64 // their size
}

// sweepBatch is how many keys are asked about at a time.
const sweepBatch = 100

// Sweep removes what was put before olderThan and no row names: the bytes of
// uploads whose row was never written, or whose row was deleted while the bytes
// could not be. It also ends Puts that were cut off before then. Between a Put
// and the commit of its row there must never be so long a time; a day is
// plenty.
//
// named is asked about keys of one organization and gives those that a
// committed row names. It must ask the primary database and not a replica;
// when it fails, nothing more is removed. Only keys that NewKey made are ever
// removed, so that other objects in a shared bucket are safe.
func Sweep(ctx context.Context, s Store, olderThan time.Time,
	named func(ctx context.Context, org int64, keys []string) (map[string]bool, error)) (Swept, error) {
	var done Swept
	if err := s.DropPartial(ctx, olderThan); err != nil {
		return done, err
	}
	w := &sweep{store: s, named: named, done: &done}
	err := s.Each(ctx, func(key string, info Info) error {
		org, ok := keyOrganization(key)
		if !ok || !info.ModTime.Before(olderThan) {
			return nil
		}
		done.Objects++
		if len(w.keys) == sweepBatch || org != w.org {
			if err := w.flush(ctx); err != nil {
				return err
			}
		}
		w.org = org
		w.keys, w.sizes = append(w.keys, key), append(w.sizes, info.Size)
		return nil
	})
	if err == nil {
		err = w.flush(ctx)
	}
	return done, err
}

// sweep is the keys of one organization that are asked about next.
type sweep struct {
	store Store
	named func(ctx context.Context, org int64, keys []string) (map[string]bool, error)
	done  *Swept
	org   int64
	keys  []string
	sizes []int64
}

func (w *sweep) flush(ctx context.Context) error {
	if len(w.keys) == 0 {
		return nil
	}
	keep, err := w.named(ctx, w.org, w.keys)
	if err != nil {
		return err
	}
	for i, key := range w.keys {
		if keep[key] {
			continue
		}
		if err := w.store.Delete(ctx, key); err != nil {
			return err
		}
		w.done.Removed++
		w.done.Bytes += w.sizes[i]
	}
	w.keys, w.sizes = nil, nil
	return nil
}
