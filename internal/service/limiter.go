package service

import (
	"sync"
	"time"
)

// failures counts failed sign-ins per login and per address and locks both for
// a while. It is kept in memory: a restart forgets it, and each process counts
// for itself.
type failures struct {
	settings Settings
	now      func() time.Time
	mu       sync.Mutex
	counts   map[string]*failure
}

type failure struct {
	n     int
	since time.Time // of the first failure that counts
}

// maxFailureKeys bounds the memory; when it is reached, what has run out is
// thrown away, and if that does not help, everything.
const maxFailureKeys = 100_000

func newFailures(settings Settings, now func() time.Time) *failures {
	return &failures{settings: settings, now: now, counts: map[string]*failure{}}
}

// locked reports whether the login or the address has failed too often. It
// notes nothing: who is locked out could fill the memory and so open every
// lock.
func (f *failures) locked(login, address string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	limit := f.settings.SignInFailures
	return limit > 0 && (f.failed("l:"+login) >= limit || f.failed("a:"+address) >= 10*limit)
}

// fail counts one failure of a login and of an address.
func (f *failures) fail(login, address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.settings.SignInFailures > 0 {
		f.get("l:"+login).n++
		f.get("a:"+address).n++
	}
}

// succeed forgets the failures of a login; the address keeps them.
func (f *failures) succeed(login string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.counts, "l:"+login)
}

// failed is how many failures count for a key.
func (f *failures) failed(key string) int {
	if c := f.counts[key]; c != nil && f.now().Sub(c.since) < f.settings.SignInLock {
		return c.n
	}
	return 0
}

func (f *failures) get(key string) *failure {
	now := f.now()
	c := f.counts[key]
	if c != nil && now.Sub(c.since) < f.settings.SignInLock {
		return c
	}
	if len(f.counts) >= maxFailureKeys {
		for k, old := range f.counts {
			if now.Sub(old.since) >= f.settings.SignInLock {
				delete(f.counts, k)
			}
		}
		if len(f.counts) >= maxFailureKeys {
			clear(f.counts)
		}
	}
	c = &failure{since: now}
	f.counts[key] = c
	return c
}
