package service

import (
	"sync"
	"sync/atomic"

	"guanxi/internal/crm"
)

// liveSession is a session in memory with the time of its last use.
type liveSession struct {
	crm.Session
	lastUsed atomic.Int64
	dirty    atomic.Bool
}

// sessions keeps the sessions of known tokens in memory.
type sessions struct {
	mu      sync.RWMutex
	byHash  map[string]*liveSession
	dropped uint64 // counts drops, so that a read that began before one is not kept
}

const maxSessions = 100_000

func newSessions() *sessions { return &sessions{byHash: map[string]*liveSession{}} }

func (c *sessions) get(hash string) *liveSession {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.byHash[hash]
}

func (c *sessions) generation() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.dropped
}

// put keeps a session that was read at a generation. When another has been
// dropped since, it is used for this request but not kept: it may be the one.
func (c *sessions) put(t *crm.Session, generation uint64) *liveSession {
	live := &liveSession{Session: *t}
	live.lastUsed.Store(int64(t.LastUsedAt))
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.byHash[t.TokenHash]; old != nil {
		return old
	}
	if c.dropped == generation {
		if len(c.byHash) >= maxSessions {
			clear(c.byHash)
		}
		c.byHash[t.TokenHash] = live
	}
	return live
}

func (c *sessions) drop(hash string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropped++
	delete(c.byHash, hash)
}

// clear forgets all sessions; what was noted of their use since the last write
// is lost, which only makes them look idle for a little longer.
func (c *sessions) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropped++
	clear(c.byHash)
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
