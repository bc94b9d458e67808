package pg

import (
	"errors"
	"os"
	"time"
)

// write sends what is queued.
func (c *Conn) write() error {
	if c.broken != nil {
		return c.broken
	}
	c.Extend()
	var err error
	if len(c.out) > bigWrite || len(c.waiting)-c.next > manyAnswers {
		err = c.writeAndRead()
	} else {
		_, err = c.nc.Write(c.out)
	}
	c.unsent = 0
	c.out = c.out[:0]
	if cap(c.out) > maxRoom {
		c.out = nil
	}
	return c.fail(err)
}

// deadline is when the present trip has to be over; zero for never.
func (c *Conn) deadline() (until time.Time) {
	if c.options.Timeout > 0 {
		until = time.Now().Add(c.options.Timeout)
	}
	if !c.limit.IsZero() && (until.IsZero() || c.limit.Before(until)) {
		until = c.limit
	}
	return until
}

// Extend gives the connection the time of a trip from now on.
func (c *Conn) Extend() {
	if until := c.deadline(); !until.IsZero() {
		c.nc.SetDeadline(until)
	}
}

// Limit bounds all trips to come by a moment, beside the time of each; zero
// lifts it.
func (c *Conn) Limit(until time.Time) { c.limit = until }

// Fail gives the connection up.
func (c *Conn) Fail(reason error) { c.fail(reason) }

// What is bigger may not go out before answers are read: the server takes no
// more while nobody takes its answers.
const (
	bigWrite    = 64 << 10
	manyAnswers = 500
)

// longAgo is a deadline that ends a read at once.
var longAgo = time.Unix(1, 0)

// writeAndRead sends what is queued and takes in what comes meanwhile.
func (c *Conn) writeAndRead() error {
	until := c.deadline()
	written := make(chan error, 1)
	go func(out []byte) {
		_, err := c.nc.Write(out)
		c.nc.SetReadDeadline(longAgo)
		written <- err
	}(c.out)
	for {
		c.room()
		n, err := c.nc.Read(c.in[len(c.in):cap(c.in)])
		c.in = c.in[:len(c.in)+n]
		switch {
		case err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded):
			// The write has ended, or ends at the same time.
			if err := <-written; err != nil {
				return err
			}
			return c.nc.SetReadDeadline(until)
		default:
			c.nc.Close()
			<-written
			return err
		}
	}
}

// room makes room for what comes in.
func (c *Conn) room() {
	if c.read > 0 {
		c.in = c.in[:copy(c.in, c.in[c.read:])]
		c.read = 0
	}
	if len(c.in) == cap(c.in) {
		c.in = append(make([]byte, 0, max(16<<10, 2*cap(c.in))), c.in...)
	}
}

// fail notes that the connection is broken.
func (c *Conn) fail(err error) error {
	if err == nil {
		return nil
	}
	if c.broken == nil {
		c.broken = &Error{Code: codeConnectionFailure, Message: "connection lost", cause: err}
		c.nc.Close()
	}
	return c.broken
}
