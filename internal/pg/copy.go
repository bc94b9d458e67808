package pg

import (
	"encoding/binary"
	"errors"
)

// CopyIn runs COPY … FROM STDIN inside the open transaction and answers the
// number of rows. next gives one piece of the data after the other, each valid
// until the next call, and nil at the end; its error ends the copy and fails
// the transaction.
func (c *Conn) CopyIn(sql string, next func() ([]byte, error)) (int64, error) {
	if !c.quiet() {
		return 0, errors.New("pg: COPY while answers are to come")
	}
	at := c.begin('Q')
	c.text(sql)
	c.end(at)
	if err := c.write(); err != nil {
		return 0, err
	}
	c.syncs++
	if err := c.awaitCopy(); err != nil {
		return 0, errors.Join(err, c.Ready())
	}
	c.copying = true
	var head [5]byte
	head[0] = 'd'
	for {
		piece, failed := next()
		if failed != nil {
			if err := c.cancelCopy(); err != nil {
				return 0, errors.Join(failed, err)
			}
			c.Ready()
			return 0, failed
		}
		if len(piece) == 0 {
			break
		}
		binary.BigEndian.PutUint32(head[1:], uint32(4+len(piece)))
		c.out = append(append(c.out, head[:]...), piece...)
		if err := c.write(); err != nil {
			return 0, err
		}
	}
	c.out = append(c.out, 'c', 0, 0, 0, 4)
	c.copying = false
	if err := c.write(); err != nil {
		return 0, err
	}
	return c.endCopy()
}

// cancelCopy tells the server that no more data comes, and that what has come
// is not wanted.
func (c *Conn) cancelCopy() error {
	c.copying = false
	at := c.begin('f')
	c.text("the client has no more data")
	c.end(at)
	return c.write()
}

func (c *Conn) quiet() bool {
	return c.broken == nil && c.syncs == 0 && !c.unsynced && c.next == len(c.waiting)
}

// awaitCopy waits until the server takes data.
func (c *Conn) awaitCopy() error {
	for {
		kind, body, err := c.message()
		if err != nil {
			return err
		}
		switch kind {
		case 'G':
			return nil
		case 'E':
			return c.refused(body)
		default:
			if err := c.aside(kind); err != nil {
				return err
			}
		}
	}
}

func (c *Conn) endCopy() (int64, error) {
	for {
		kind, body, err := c.message()
		if err != nil {
			return 0, err
		}
		switch kind {
		case 'C':
			_, n := done(body)
			return n, c.Ready()
		case 'E':
			return 0, errors.Join(c.refused(body), c.Ready())
		default:
			if err := c.aside(kind); err != nil {
				return 0, err
			}
		}
	}
}

// AppendText appends a field of COPY's text form, escaped.
func AppendText(b []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; c {
		case '\\':
			b = append(b, '\\', '\\')
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, c)
		}
	}
	return b
}

// AppendRow appends a row of COPY's text form; the parameters are those of
// Send.
func AppendRow(b []byte, args []any) ([]byte, error) {
	for i, a := range args {
		if i > 0 {
			b = append(b, '\t')
		}
		var err error
		switch v := a.(type) {
		case nil:
			b = append(b, '\\', 'N')
		case string:
			b = AppendText(b, v)
		default:
			b, err = appendValue(b, i, v)
		}
		if err != nil {
			return b, err
		}
	}
	return append(b, '\n'), nil
}
