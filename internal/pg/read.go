package pg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strconv"
	"strings"
)

// maxRoom is the size from which on a buffer is not kept.
const maxRoom = 64 << 10

// maxMessage is the longest message that is taken: longer ones can only come
// from a server that speaks something else.
const maxMessage = 1 << 30

// message reads one message; its body is valid until the next.
func (c *Conn) message() (kind byte, body []byte, err error) {
	if c.broken != nil {
		return 0, nil, c.broken
	}
	if err := c.need(5); err != nil {
		return 0, nil, c.fail(err)
	}
	kind = c.in[c.read]
	n := int(binary.BigEndian.Uint32(c.in[c.read+1:]))
	if n < 4 || n > maxMessage {
		return 0, nil, c.fail(errors.New("pg: a message of an impossible length"))
	}
	if err := c.need(1 + n); err != nil {
		return 0, nil, c.fail(err)
	}
	body = c.in[c.read+5 : c.read+1+n]
	c.read += 1 + n
	return kind, body, nil
}

// need makes sure that n bytes have come in.
func (c *Conn) need(n int) error {
	if len(c.in)-c.read >= n {
		return nil
	}
	if c.read > 0 {
		c.in = c.in[:copy(c.in, c.in[c.read:])]
		c.read = 0
	}
	if cap(c.in) > maxRoom && n < maxRoom && len(c.in) < maxRoom {
		c.in = append(make([]byte, 0, 16<<10), c.in...)
	}
	if cap(c.in) < n {
		c.in = append(make([]byte, 0, max(16<<10, n)), c.in...)
	}
	got, err := io.ReadAtLeast(c.nc, c.in[len(c.in):cap(c.in)], n-len(c.in))
	c.in = c.in[:len(c.in)+got]
	return err
}

// Next reads the whole answer of the first statement that was sent and not
// read. An *Error is the server's refusal; the connection is still good then,
// and everything up to the next Sync is passed over.
func (c *Conn) Next() (*Rows, error) {
	if c.next == len(c.waiting) {
		return nil, errors.New("pg: no answer is to come")
	}
	w := c.waiting[c.next]
	if c.next++; c.next == len(c.waiting) {
		c.waiting, c.next = c.waiting[:0], 0
	}
	rows := &Rows{statement: w.s}
	for {
		kind, body, err := c.message()
		if err != nil {
			return nil, err
		}
		switch kind {
		case 'D':
			rows.add(body)
		case 'C':
			rows.command, rows.changed = done(body)
			w.s.size = min(max(w.s.size, len(rows.data)), maxRoom)
			if w.s.fault != nil {
				return nil, w.s.fault
			}
			return rows, nil
		case 'I': // an empty text
			return rows, nil
		case '2', 't': // bound; types of parameters
		case '1':
			w.s.known = true
		case 'n':
			w.s.columns, w.s.fault = nil, nil
		case 'T':
			w.s.columns = columns(body)
			w.s.fault = nil
			for _, column := range w.s.columns {
				if _, err := column.kind(); err != nil {
					w.s.fault = err
				}
			}
		case 'E':
			return nil, c.refused(body)
		default:
			if err := c.aside(kind); err != nil {
				return nil, err
			}
		}
	}
}

// aside takes what the server may say at any time: notices, settings that
// have changed, notifications.
func (c *Conn) aside(kind byte) error {
	switch kind {
	case 'N', 'S', 'A':
		return nil
	}
	return c.fail(errors.New("pg: the unexpected message " + strconv.QuoteRune(rune(kind))))
}

// refused reads an error. What was queued behind it gets no answer.
func (c *Conn) refused(body []byte) error {
	e := readError(body)
	c.waiting, c.next, c.unsent = c.waiting[:0], 0, 0
	c.refusing = c.syncs == 0
	if e.fatal {
		return c.fail(e)
	}
	c.forget()
	if e.Code == codeNoStatement || e.planGone {
		// A pooler or an operator has taken the statements away, or a column
		// has changed its type: nothing prepared here is to be trusted.
		return c.fail(e)
	}
	return e
}

// forget drops statements that the server has not prepared.
func (c *Conn) forget() {
	for text, s := range c.prepared {
		if !s.known {
			delete(c.prepared, text)
		}
	}
}

// Ready reads up to the end of the last Sync. Answers that were not read are
// dropped. It gives the first error among them.
func (c *Conn) Ready() error {
	var first error
	for c.next < len(c.waiting) {
		if _, err := c.Next(); err != nil && first == nil {
			first = err
		}
		if c.broken != nil {
			return c.broken
		}
	}
	for c.syncs > 0 {
		kind, body, err := c.message()
		if err != nil {
			return err
		}
		switch kind {
		case 'Z':
			if len(body) != 1 {
				return c.fail(errors.New("pg: a short message"))
			}
			c.syncs--
			c.refusing = false
			c.status = body[0]
		case 'E':
			if err := c.refused(body); first == nil {
				first = err
			}
			if c.broken != nil {
				return c.broken
			}
		default:
			if err := c.aside(kind); err != nil {
				return err
			}
		}
	}
	return first
}

// Recover ends what is open, after an error or before one: everything that was
// queued is passed over, and a transaction that BEGIN has opened is rolled back.
func (c *Conn) Recover() error {
	// What was not sent never happens.
	c.out = c.out[:0]
	c.waiting = c.waiting[:len(c.waiting)-c.unsent]
	c.next, c.unsent = min(c.next, len(c.waiting)), 0
	c.unsynced = c.flushed
	if c.broken != nil {
		return c.broken
	}
	if c.copying {
		if err := c.cancelCopy(); err != nil {
			return err
		}
	}
	if c.flushed {
		if err := c.Sync(); err != nil {
			return err
		}
	}
	c.Ready()
	c.forget()
	if c.broken != nil {
		return c.broken
	}
	if c.status != 'I' {
		if err := c.Send("ROLLBACK"); err != nil {
			return err
		}
		if err := c.Sync(); err != nil {
			return err
		}
		return c.Ready()
	}
	return nil
}

// done takes a command's tag apart: "UPDATE 3", "INSERT 0 1", "COMMIT".
func done(tag []byte) (command string, changed int64) {
	if n := len(tag); n > 0 && tag[n-1] == 0 {
		tag = tag[:n-1]
	}
	last := bytes.LastIndexByte(tag, ' ')
	for _, d := range tag[last+1:] {
		if d < '0' || d > '9' {
			return string(tag), 0
		}
		changed = changed*10 + int64(d-'0')
	}
	switch first := tag[:max(0, bytes.IndexByte(tag, ' '))]; string(first) {
	case "SELECT":
		return "SELECT", changed
	default:
		return string(first), changed
	}
}

// columns reads a RowDescription.
func columns(body []byte) []column {
	if len(body) < 2 {
		return nil
	}
	n := int(binary.BigEndian.Uint16(body))
	body = body[2:]
	out := make([]column, 0, n)
	for range n {
		end := strings.IndexByte(string(body), 0)
		if end < 0 || len(body) < end+19 {
			return out
		}
		out = append(out, column{string(body[:end]), binary.BigEndian.Uint32(body[end+7:])})
		body = body[end+19:]
	}
	return out
}
