package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"guanxi/internal/pg"
)

// pgConn is a connection of a pool.
type pgConn struct {
	*pg.Conn
	fresh bool // it was opened for the present use
	// timeline is the primary's that it leads to; 0 where it leads to none.
	timeline int64
}

// pgPool keeps a bounded number of connections; the one that was used last is
// used next, so that those which are not needed grow old and are closed.
type pgPool struct {
	cfg     *pgconn.Config
	options pg.Options
	turns   chan struct{}       // as many as connections may be in use
	greet   func(*pgConn) error // looks at a new connection

	mu     sync.Mutex
	idle   []idleConn
	closed bool
	// refused is the last failure to connect; until then nobody tries again.
	refused error
	until   time.Time
}

type idleConn struct {
	conn  *pgConn
	since time.Time
}

// How long connections are kept idle, how long a failure to connect stands for
// everybody, and how long a turn is waited for.
const (
	pgIdleLife = 5 * time.Minute
	pgRefused  = 200 * time.Millisecond
	pgTurnWait = 10 * time.Second
)

func newPGPool(cfg *pgconn.Config, options pg.Options, size int, greet func(*pgConn) error) *pgPool {
	return &pgPool{cfg: cfg, options: options, turns: make(chan struct{}, size), greet: greet}
}

// run gives fn a connection that nobody else uses. When the connection had
// been idle and turns out to be dead, fn gets another one, once: the server may
// have been restarted.
func (p *pgPool) run(ctx context.Context, fn func(*pgConn) error) error {
	for try := 0; ; try++ {
		c, err := p.take(ctx)
		if err != nil {
			return err
		}
		deadline, _ := ctx.Deadline()
		c.Limit(deadline)
		err = p.hold(c, fn)
		if err == nil || c.Broken() == nil || c.fresh || try > 0 || errors.Is(err, ErrUnknownOutcome) {
			return err
		}
		p.drain()
	}
}

func (p *pgPool) hold(c *pgConn, fn func(*pgConn) error) error {
	returned := false
	defer func() {
		if !returned { // fn has panicked or ended its goroutine
			c.Recover()
		}
		p.put(c)
	}()
	err := fn(c)
	returned = true
	if err != nil {
		c.Recover()
	}
	return err
}

// down reports whether the last attempt to connect has failed a moment ago.
func (p *pgPool) down() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused != nil && time.Now().Before(p.until)
}

var errPoolBusy = errors.New("all connections to the database are in use")

// take waits for a turn and gives an idle connection or a new one. Every taken
// connection must be put back.
func (p *pgPool) take(ctx context.Context) (*pgConn, error) {
	if err := p.turn(ctx); err != nil {
		return nil, err
	}
	for {
		c, err := p.newest()
		if err != nil {
			<-p.turns
			return nil, err
		}
		if c == nil {
			break
		}
		// The end of the last transaction has not been read yet.
		c.Limit(time.Time{})
		c.Extend()
		if c.Ready() == nil && c.Idle() {
			c.fresh = false
			return c, nil
		}
		c.Close()
	}
	c, err := p.open(ctx)
	if err != nil {
		<-p.turns
		return nil, err
	}
	return c, nil
}

func (p *pgPool) turn(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case p.turns <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(pgTurnWait)
	defer timer.Stop()
	select {
	case p.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return errors.Join(ErrUnavailable, errPoolBusy)
	}
}

// newest gives the connection that was idle for the shortest time, nil where
// there is none.
func (p *pgPool) newest() (*pgConn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errPoolClosed
	}
	if len(p.idle) == 0 {
		return nil, nil
	}
	c := p.idle[len(p.idle)-1].conn
	p.idle = p.idle[:len(p.idle)-1]
	return c, nil
}

var errPoolClosed = errors.New("the database is closed")

// open connects, unless somebody has just failed to.
func (p *pgPool) open(ctx context.Context) (c *pgConn, err error) {
	p.mu.Lock()
	refused, until := p.refused, p.until
	p.mu.Unlock()
	if refused != nil && time.Now().Before(until) {
		return nil, refused
	}
	// A client that goes away must not tear a connection that others can use.
	opened, err := pg.Open(context.WithoutCancel(ctx), p.cfg, p.options)
	if err == nil {
		c = &pgConn{Conn: opened, fresh: true}
		if err = errors.Join(p.greet(c), c.Ready()); err != nil {
			opened.Close()
			c = nil
		}
	}
	if err != nil { // whatever the server has against us, others may not have it
		err = fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refused = err; err != nil {
		p.until = time.Now().Add(pgRefused)
	}
	return c, err
}

// put gives a connection back.
func (p *pgPool) put(c *pgConn) {
	now := time.Now()
	p.mu.Lock()
	keep := c.Broken() == nil && !p.closed
	if keep {
		p.idle = append(p.idle, idleConn{c, now})
	}
	var old *pgConn
	if len(p.idle) > 1 && now.Sub(p.idle[0].since) > pgIdleLife {
		old = p.idle[0].conn
		p.idle = append(p.idle[:0], p.idle[1:]...)
	}
	p.mu.Unlock()
	if !keep {
		c.Close()
	}
	if old != nil {
		old.Close()
	}
	<-p.turns
}

// lose closes a connection that leads to the wrong place; it counts as one that
// turned out to be dead.
func (c *pgConn) lose(err error) { c.Fail(err) }

// drain closes what is idle: one of them turned out to be dead.
func (p *pgPool) drain() {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, c := range idle {
		c.conn.Close()
	}
}

// close waits for running transactions and closes every connection.
func (p *pgPool) close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	p.mu.Unlock()
	for range cap(p.turns) {
		p.turns <- struct{}{}
	}
	p.drain()
	return nil
}
