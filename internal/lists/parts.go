package lists

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"sync"

	"guanxi/internal/store"
)

// Source is where lists come from: a *store.Store.
type Source interface {
	// View runs fn on one snapshot of an organization; perhaps twice.
	View(ctx context.Context, org int64, fn func(*store.Read) error) error
	// Epoch grows when versions begin anew.
	Epoch() int64
}

// partSize is how many records are read in one snapshot. A snapshot takes some
// milliseconds then, and others get their turn between two.
var partSize = 2048

// eachPart reads all records of a kind, part by part in the order of ids: read
// runs side by side with that of other parts, take for one part after the other.
//
// Every part is read in a snapshot of its own, so that what was read belongs to
// no single moment. Base is the oldest version of the organization that any of
// the snapshots showed. What each record was at base, or later, has been read;
// whoever then follows the changes since base, on a snapshot that shows a version
// of base or later, reads every record anew that was changed, added or deleted
// while this went on, and has what that snapshot shows. (Versions of snapshots
// need not rise from one to the next: a replica may answer one of them.)
func eachPart[T any](ctx context.Context, s Source, n name, read func(*store.Read, store.Part) (T, error), take func(T) error) (base int64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := &parting{name: n, base: math.MaxInt64, cancel: cancel}
	p.turn.L = &p.mu
	var others sync.WaitGroup
	work := func() { p.failed(sheltered(func() error { return walk(ctx, p, s, read, take) })) }
	for range min(readers(s), 4) - 1 {
		others.Go(work)
	}
	work()
	others.Wait()
	return p.base, p.err
}

// readers is how many parts are read side by side.
func readers(s Source) int {
	if _, ok := s.(inside); ok {
		return 1
	}
	return runtime.GOMAXPROCS(0)
}

// inside is one snapshot as a source.
type inside struct {
	r     *store.Read
	epoch int64
}

func (s inside) View(_ context.Context, _ int64, fn func(*store.Read) error) error { return fn(s.r) }
func (s inside) Epoch() int64                                                      { return s.epoch }

// parting is the state that the readers of parts share.
type parting struct {
	name
	cancel func()

	mu    sync.Mutex
	turn  sync.Cond // another part was taken, or it has failed
	after int64     // parts up to here are given out
	given int
	taken int
	ended bool
	base  int64
	err   error
}

func walk[T any](ctx context.Context, p *parting, s Source, read func(*store.Read, store.Part) (T, error), take func(T) error) error {
	for {
		var part store.Part
		var result T
		var version int64
		turn, claimed := 0, false
		err := s.View(ctx, p.org, func(r *store.Read) (err error) {
			if !claimed { // this may run twice
				if part, turn, err = p.claim(r); err != nil {
					return err
				}
				claimed = true
			}
			if turn < 0 {
				return nil
			}
			if version, err = r.VersionNow(p.org); err != nil {
				return err
			}
			result, err = read(r, part)
			return err
		})
		if err != nil || turn < 0 {
			return err
		}
		if err := p.inTurn(turn, version, func() error { return take(result) }); err != nil {
			return err
		}
	}
}

// claim gives the next part and whose turn it is to be taken, below 0 where there
// is none any more.
func (p *parting) claim(r *store.Read) (part store.Part, turn int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || p.err != nil {
		return part, -1, p.err
	}
	if part, p.ended, err = r.PartOf(p.org, p.entity, p.after, partSize); err != nil {
		return part, 0, err
	}
	p.after = part.Last
	p.given++
	return part, p.given - 1, nil
}

func (p *parting) inTurn(turn int, version int64, take func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.taken != turn && p.err == nil {
		p.turn.Wait()
	}
	if p.err != nil {
		return p.err
	}
	p.base = min(p.base, version)
	if err := take(); err != nil {
		return err
	}
	p.taken++
	p.turn.Broadcast()
	return nil
}

// failed ends the work of all where there is an error.
func (p *parting) failed(err error) {
	if err == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = err
	}
	p.cancel()
	p.turn.Broadcast()
}

// sheltered turns a panic into an error: what runs beside requests must not end
// the server.
func sheltered(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("lists: %v\n%s", p, debug.Stack())
		}
	}()
	return fn()
}
