package service

import (
	"sync"
	"sync/atomic"

	"guanxi/internal/crm"
)

// asOf says as of when something was read: in which epoch of the database, and
// how often sessions of the organization had ended. It is read anew when more
// have, or in another epoch.
type asOf struct{ epoch, version int64 }

// covers reports whether what was read at s shows what is known at t.
func (s asOf) covers(t asOf) bool { return s.epoch == t.epoch && s.version >= t.version }

// liveSession is a session in memory with the time of its last use.
type liveSession struct {
	crm.Session
	read     asOf
	lastUsed atomic.Int64
	dirty    atomic.Bool
}

// sessions keeps the sessions of known tokens in memory.
type sessions struct {
	mu     sync.RWMutex
	byHash map[string]*liveSession
}

const maxSessions = 100_000

func newSessions() *sessions { return &sessions{byHash: map[string]*liveSession{}} }

func (c *sessions) get(hash string) *liveSession {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.byHash[hash]
}

// put keeps a session that was read as of then, unless one is there that was
// read later.
func (c *sessions) put(t *crm.Session, read asOf) *liveSession {
	live := &liveSession{Session: *t, read: read}
	live.lastUsed.Store(int64(t.LastUsedAt))
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.byHash[t.TokenHash]
	if old != nil && (old.read.covers(read) || old.read.epoch > read.epoch) {
		return old
	}
	if old != nil {
		live.lastUsed.Store(max(int64(t.LastUsedAt), old.lastUsed.Load()))
		live.dirty.Store(old.dirty.Load())
	}
	if len(c.byHash) >= maxSessions {
		clear(c.byHash)
	}
	c.byHash[t.TokenHash] = live
	return live
}

// drop forgets a session that is no longer there.
func (c *sessions) drop(hash string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.byHash, hash)
}

func (c *sessions) touch(t *liveSession, now crm.Time) {
	if int64(now)-t.lastUsed.Load() > 1000 {
		t.lastUsed.Store(int64(now))
		t.dirty.Store(true)
	}
}

// used gives the tokens that were used since the last call.
func (c *sessions) used() map[string]crm.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	found := map[string]crm.Time{}
	for hash, t := range c.byHash {
		if t.dirty.Swap(false) {
			found[hash] = crm.Time(t.lastUsed.Load())
		}
	}
	return found
}
