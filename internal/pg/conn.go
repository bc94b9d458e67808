// Package pg is a thin layer over PostgreSQL's extended protocol: statements
// prepared once for each connection, many of them sent in one trip, answers
// read without a detour through reflection. Connecting (addresses, TLS,
// authentication, several hosts) is pgconn's work; see
// docs/decisions/2026-11-22-own-postgresql-layer.md.
package pg

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Options are what is the same for all connections of a pool.
type Options struct {
	// Timeout bounds each trip to the server; a connection whose server does
	// not answer in time is broken. 0 for no bound.
	Timeout time.Duration
	// Unnamed keeps no prepared statement in the server: behind a pooler that
	// gives each transaction another connection and does not know of them.
	Unnamed bool
	// OnStatement is told of every text when it is prepared.
	OnStatement func(sql string)
}

// Conn is one connection. One goroutine uses it at a time.
//
// Statements are queued with Send, go out with Flush or Sync, and their answers
// are read with Next in the same order. Statements between two Syncs are one
// transaction, unless BEGIN opens a longer one. After a Sync nothing is sent
// before Ready has read its end. After an error the server passes over
// everything up to the next Sync.
type Conn struct {
	nc      net.Conn
	options Options
	// Params are what the server has told of itself, server_version among
	// them.
	Params map[string]string

	out       []byte // what goes out next
	in        []byte // what has come in: in[read:]
	read      int
	prepared  map[string]*statement
	waiting   []sent // answers that have not been read
	next      int    // the first of them
	unsent    int    // how many of the last of them stand in out still
	syncs     int    // ReadyForQuery that have not been read
	unsynced  bool   // something was queued after the last Sync
	flushed   bool   // something was sent after the last Sync
	refusing  bool   // the server passes over everything up to the next Sync
	copying   bool   // the server waits for the data of a COPY
	status    byte   // of the transaction at the last ReadyForQuery: I, T or E
	numbering int
	broken    error
	limit     time.Time
}

// statement is a text that this connection has prepared.
type statement struct {
	name    string
	known   bool // the server has said that it is prepared
	columns []column
	fault   error // a column has a type that is not read here
	size    int   // of the biggest answer so far, at most maxRoom
}

type column struct {
	name string
	oid  uint32
}

type sent struct {
	s       *statement
	prepare bool // Parse and Describe went before
}

// Open connects. The time for connecting is bounded by ctx and by the
// configuration's connect_timeout.
func Open(ctx context.Context, cfg *pgconn.Config, options Options) (*Conn, error) {
	c, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, connectError(err)
	}
	if err := c.SyncConn(ctx); err != nil {
		return nil, connectError(errors.Join(err, c.Close(ctx)))
	}
	h, err := c.Hijack()
	if err != nil {
		return nil, err
	}
	return &Conn{nc: h.Conn, options: options, Params: h.ParameterStatuses, prepared: map[string]*statement{}, status: 'I'}, nil
}

// Close says farewell and closes the connection.
func (c *Conn) Close() error {
	if c.broken == nil {
		c.nc.SetDeadline(time.Now().Add(time.Second))
		c.nc.Write([]byte{'X', 0, 0, 0, 4})
		c.broken = errClosed
	}
	return c.nc.Close()
}

var errClosed = errors.New("pg: the connection is closed")

// Broken is the reason why the connection can no longer be used, nil while it
// can.
func (c *Conn) Broken() error { return c.broken }

// Idle reports whether nothing is on its way and no transaction is open.
func (c *Conn) Idle() bool {
	return c.broken == nil && c.status == 'I' && c.syncs == 0 && !c.unsynced && len(c.out) == 0 && c.next == len(c.waiting)
}

// Failed reports whether the open transaction can only be rolled back.
func (c *Conn) Failed() bool { return c.status == 'E' }

// Send queues a statement with its parameters: int64, int, float64, string,
// bool and nil.
func (c *Conn) Send(sql string, args ...any) error {
	switch {
	case c.broken != nil:
		return c.broken
	case c.syncs > 0 || c.refusing:
		return errors.New("pg: a statement before the end of the last transaction was read")
	case len(args) > maxArgs:
		return fmt.Errorf("pg: %d parameters are too many for one statement", len(args))
	}
	s := c.prepared[sql]
	prepare := s == nil || c.options.Unnamed
	if s == nil {
		if c.options.OnStatement != nil {
			c.options.OnStatement(sql)
		}
		s = &statement{}
		if !c.options.Unnamed {
			c.numbering++
			s.name = "g" + strconv.Itoa(c.numbering)
		}
		c.prepared[sql] = s
	}
	start := len(c.out)
	if prepare {
		c.parse(s.name, sql)
	}
	if err := c.bind(s.name, args); err != nil {
		c.out = c.out[:start]
		if !s.known {
			delete(c.prepared, sql)
		}
		return err
	}
	// Execute the unnamed portal, all rows.
	c.out = append(c.out, 'E', 0, 0, 0, 9, 0, 0, 0, 0, 0)
	c.waiting = append(c.waiting, sent{s, prepare})
	c.unsent++
	c.unsynced = true
	return nil
}

// maxArgs is what the protocol's count of parameters holds.
const maxArgs = 1<<16 - 1

// parse queues Parse and Describe of a statement.
func (c *Conn) parse(name, sql string) {
	at := c.begin('P')
	c.text(name)
	c.text(sql)
	c.out = append(c.out, 0, 0) // the server works the types of parameters out
	c.end(at)
	at = c.begin('D')
	c.out = append(c.out, 'S')
	c.text(name)
	c.end(at)
}

// bind queues Bind: parameters as text, columns of the answer in binary.
func (c *Conn) bind(name string, args []any) error {
	at := c.begin('B')
	c.out = append(c.out, 0) // the unnamed portal
	c.text(name)
	c.out = append(c.out, 0, 0)
	c.out = binary.BigEndian.AppendUint16(c.out, uint16(len(args)))
	for i, a := range args {
		if a == nil {
			c.out = append(c.out, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		size := len(c.out)
		c.out = append(c.out, 0, 0, 0, 0)
		var err error
		if c.out, err = appendValue(c.out, i, a); err != nil {
			return err
		}
		binary.BigEndian.PutUint32(c.out[size:], uint32(len(c.out)-size-4))
	}
	c.out = append(c.out, 0, 1, 0, 1)
	c.end(at)
	return nil
}

// appendValue appends a parameter as text.
func appendValue(b []byte, i int, a any) ([]byte, error) {
	switch v := a.(type) {
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case string:
		return append(b, v...), nil
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case bool:
		if v {
			return append(b, 't'), nil
		}
		return append(b, 'f'), nil
	case float64:
		return strconv.AppendFloat(b, v, 'g', -1, 64), nil
	}
	return b, fmt.Errorf("pg: parameter %d has the type %T, which is not supported", i+1, a)
}

func (c *Conn) begin(kind byte) (at int) {
	c.out = append(c.out, kind, 0, 0, 0, 0)
	return len(c.out) - 4
}

func (c *Conn) end(at int) { binary.BigEndian.PutUint32(c.out[at:], uint32(len(c.out)-at)) }

func (c *Conn) text(s string) { c.out = append(append(c.out, s...), 0) }

// Flush sends what is queued and lets the transaction stay open.
func (c *Conn) Flush() error {
	c.out = append(c.out, 'H', 0, 0, 0, 4)
	c.flushed = true
	return c.write()
}

// Sync sends what is queued and ends the transaction, unless BEGIN opened it.
// Its end is read by Ready.
func (c *Conn) Sync() error {
	if c.broken != nil {
		return c.broken
	}
	c.out = append(c.out, 'S', 0, 0, 0, 4)
	c.syncs++
	c.unsynced, c.flushed = false, false
	return c.write()
}
