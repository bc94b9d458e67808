package service

import (
	"sync"
	"sync/atomic"

	"guanxi/internal/crm"
)

// liveSession is a session in memory with the time of its last use.
type liveSession struct {
	crm.Session
	// version is how often sessions of the organization had ended when this
	// one was read; it is read anew when more have.
	version  int64
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

// put keeps a session that was read at a version, unless one is there that was
// read later.
func (c *sessions) put(t *crm.Session, version int64) *liveSession {
	live := &liveSession{Session: *t, version: version}
	live.lastUsed.Store(int64(t.LastUsedAt))
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.byHash[t.TokenHash]
	if old != nil && old.version >= version {
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

// clear forgets all sessions; what was noted of their use since the last write
// is lost, which only makes them look idle for a little longer.
func (c *sessions) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.byHash)
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
