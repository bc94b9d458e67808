// Package sqlite is the embedded database engine: a thin layer over the
// transpiled SQLite library (modernc.org/sqlite/lib) without database/sql.
//
// It exists because the two headline calls are bounded by work per statement:
// database/sql adds a goroutine, a lock and an allocation per column, and its
// driver cannot switch on the planner's stability guarantee (see Open). What
// is here is only what the store needs: connections, prepared statements kept
// per connection, binding, stepping, reading columns.
//
// A Conn and its statements belong to one goroutine at a time; package store
// owns the pool that sees to it.
package sqlite

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// Flags choose how a database file is opened.
type Flags int32

// How a file may be opened. ReadOnly never creates the file.
const (
	ReadOnly  Flags = lib.SQLITE_OPEN_READONLY
	ReadWrite Flags = lib.SQLITE_OPEN_READWRITE | lib.SQLITE_OPEN_CREATE
)

// Error is what the engine answered. Code is the extended result code.
type Error struct {
	Code    int
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("sqlite: %s (%d)", e.Message, e.Code) }

// IsConstraint reports whether err is a broken constraint (unique, foreign
// key, not null, check): the row was refused and nothing was written by it.
func IsConstraint(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code&0xff == lib.SQLITE_CONSTRAINT
}

// IsDamaged reports whether err says that the file cannot be read as a database.
func IsDamaged(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Code&0xff == lib.SQLITE_CORRUPT || e.Code&0xff == lib.SQLITE_NOTADB)
}

// Conn is one connection with its prepared statements.
type Conn struct {
	tls   *libc.TLS
	db    uintptr
	stmts map[string]*Stmt
	slot  uintptr // scratch of two pointers for calls that return through memory
}

var initOnce = sync.OnceValue(func() int32 {
	tls := libc.NewTLS()
	defer tls.Close()
	return lib.Xsqlite3_initialize(tls)
})

// Open opens the file at path. The connection takes no mutex of its own (it
// is used by one goroutine at a time) and runs with the planner's stability
// guarantee: without it this build of SQLite (it has STAT4) compiles a
// statement anew whenever a bound value changes, which was a fifth of the
// cost of a look-up.
func Open(path string, flags Flags) (*Conn, error) {
	if rc := initOnce(); rc != lib.SQLITE_OK {
		return nil, &Error{Code: int(rc), Message: "the library could not be initialised"}
	}
	tls := libc.NewTLS()
	slot := libc.Xmalloc(tls, 16)
	cpath, err := libc.CString(path)
	if err != nil || slot == 0 {
		tls.Close()
		return nil, &Error{Code: lib.SQLITE_NOMEM, Message: "out of memory"}
	}
	defer libc.Xfree(tls, cpath)
	rc := lib.Xsqlite3_open_v2(tls, cpath, slot, int32(flags)|lib.SQLITE_OPEN_NOMUTEX, 0)
	c := &Conn{tls: tls, db: *(*uintptr)(memory(slot)), stmts: map[string]*Stmt{}, slot: slot}
	if rc != lib.SQLITE_OK {
		err := c.fail(rc)
		c.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	lib.Xsqlite3_extended_result_codes(tls, c.db, 1)
	for _, o := range []struct{ option, value int32 }{
		{lib.SQLITE_DBCONFIG_ENABLE_QPSG, 1},
		{lib.SQLITE_DBCONFIG_DQS_DML, 0},
		{lib.SQLITE_DBCONFIG_DQS_DDL, 0},
	} {
		args := libc.NewVaList(o.value, uintptr(0))
		rc := lib.Xsqlite3_db_config(tls, c.db, o.option, args)
		libc.Xfree(tls, args)
		if rc != lib.SQLITE_OK {
			err := c.fail(rc)
			c.Close()
			return nil, err
		}
	}
	lib.Xsqlite3_busy_timeout(tls, c.db, 10_000)
	return c, nil
}

// Close ends the connection and every statement prepared on it.
func (c *Conn) Close() error {
	if c.tls == nil {
		return nil
	}
	for _, s := range c.stmts {
		s.finalize()
	}
	rc := lib.Xsqlite3_close(c.tls, c.db)
	libc.Xfree(c.tls, c.slot)
	c.tls.Close()
	c.tls = nil
	if rc != lib.SQLITE_OK {
		return &Error{Code: int(rc), Message: "close failed"}
	}
	return nil
}

// Exec runs all statements of a script and discards their rows. It is meant
// for pragmas and migrations, not for the request path.
func (c *Conn) Exec(script string) error {
	csql, err := libc.CString(script)
	if err != nil {
		return &Error{Code: lib.SQLITE_NOMEM, Message: "out of memory"}
	}
	defer libc.Xfree(c.tls, csql)
	if rc := lib.Xsqlite3_exec(c.tls, c.db, csql, 0, 0, 0); rc != lib.SQLITE_OK {
		return c.fail(rc)
	}
	return nil
}

// Cached gives the statement that was prepared under key, nil if none was.
func (c *Conn) Cached(key string) *Stmt { return c.stmts[key] }

// Prepare gives the statement for sql, compiled at its first use on this
// connection and kept until Close. Whoever runs it resets it afterwards.
func (c *Conn) Prepare(sql string) (*Stmt, error) {
	return c.PrepareAs(sql, sql)
}

// PrepareAs compiles sql and keeps the statement under key, which must stand
// for one text only.
func (c *Conn) PrepareAs(key, sql string) (*Stmt, error) {
	if s := c.stmts[key]; s != nil {
		return s, nil
	}
	csql, err := libc.CString(sql)
	if err != nil {
		return nil, &Error{Code: lib.SQLITE_NOMEM, Message: "out of memory"}
	}
	defer libc.Xfree(c.tls, csql)
	rc := lib.Xsqlite3_prepare_v3(c.tls, c.db, csql, int32(len(sql)), lib.SQLITE_PREPARE_PERSISTENT, c.slot, 0)
	if rc != lib.SQLITE_OK {
		return nil, fmt.Errorf("prepare %q: %w", sql, c.fail(rc))
	}
	s := &Stmt{conn: c, ptr: *(*uintptr)(memory(c.slot))}
	if s.ptr == 0 {
		return nil, &Error{Code: lib.SQLITE_MISUSE, Message: "empty statement"}
	}
	s.columns = int(lib.Xsqlite3_column_count(c.tls, s.ptr))
	s.params = int(lib.Xsqlite3_bind_parameter_count(c.tls, s.ptr))
	c.stmts[key] = s
	return s, nil
}

// Changes is the number of rows that the last statement changed.
func (c *Conn) Changes() int64 { return lib.Xsqlite3_changes64(c.tls, c.db) }

// InTransaction reports whether a transaction is open on the connection.
func (c *Conn) InTransaction() bool { return lib.Xsqlite3_get_autocommit(c.tls, c.db) == 0 }

func (c *Conn) fail(rc int32) error {
	msg := "out of memory"
	if c.db != 0 {
		msg = libc.GoString(lib.Xsqlite3_errmsg(c.tls, c.db))
	}
	return &Error{Code: int(rc), Message: msg}
}

// memory turns an address of the library's own heap, which the garbage
// collector neither moves nor frees, into a pointer.
func memory(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }
