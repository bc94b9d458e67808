package sqlite

import (
	"unsafe"

	lib "modernc.org/sqlite/lib"
)

// Pages calls fn with every page of the database, in order, as the open
// transaction sees them: one after the other they are a database file with
// that state. Writers go on meanwhile and are not waited for; a transaction
// must be open, since without one each page could be of another state. The
// bytes are good until fn returns. An error of fn ends the walk.
func (c *Conn) Pages(fn func(page []byte) error) error {
	if !c.InTransaction() {
		return &Error{Code: lib.SQLITE_MISUSE, Message: "pages are read in a transaction"}
	}
	s, err := c.Prepare("SELECT data FROM sqlite_dbpage ORDER BY pgno")
	if err != nil {
		return err
	}
	defer s.Reset()
	for {
		row, err := s.Step()
		if err != nil || !row {
			return err
		}
		p := lib.Xsqlite3_column_blob(c.tls, s.ptr, 0)
		n := lib.Xsqlite3_column_bytes(c.tls, s.ptr, 0)
		if p == 0 || n == 0 {
			return &Error{Code: lib.SQLITE_NOMEM, Message: "a page could not be read"}
		}
		if err := fn(unsafe.Slice((*byte)(memory(p)), n)); err != nil {
			return err
		}
	}
}

// Interrupt makes the statement that is running on the connection end soon, with an
// error; where none is running, it does nothing. Any goroutine may call it
// while the connection is open.
func (c *Conn) Interrupt() { lib.Xsqlite3_interrupt(c.tls, c.db) }
