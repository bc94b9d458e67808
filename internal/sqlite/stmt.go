package sqlite

import (
	"fmt"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	lib "modernc.org/sqlite/lib"
)

// Stmt is a prepared statement of one connection.
type Stmt struct {
	conn    *Conn
	ptr     uintptr
	columns int
	params  int
	running bool    // between a row and Reset or the end
	text    uintptr // buffer that bound texts and blobs point into until Reset
	textCap int
	textLen int
}

// Kind is the storage class of a value in a row.
type Kind int32

// The storage classes.
const (
	Integer Kind = lib.SQLITE_INTEGER
	Float   Kind = lib.SQLITE_FLOAT
	Text    Kind = lib.SQLITE_TEXT
	Blob    Kind = lib.SQLITE_BLOB
	Null    Kind = lib.SQLITE_NULL
)

// Columns is the number of columns of a row; 0 for a statement without rows.
func (s *Stmt) Columns() int { return s.columns }

// Params is the number of parameters that the statement names.
func (s *Stmt) Params() int { return s.params }

// Bind sets all parameters, counted from 1 in the statement. The types are
// int64, int, float64, string, []byte, bool and nil; another type is an error,
// and so is a statement that stands at a row: it still reads its texts from
// the buffer that binding fills.
func (s *Stmt) Bind(args []any) error {
	if s.running {
		return &Error{Code: lib.SQLITE_MISUSE, Message: "the statement is running"}
	}
	if len(args) != s.params {
		return fmt.Errorf("sqlite: statement has %d parameters, %d were given", s.params, len(args))
	}
	need := 1
	for _, a := range args {
		switch v := a.(type) {
		case string:
			need += len(v)
		case []byte:
			need += len(v)
		}
	}
	if err := s.reserve(need); err != nil {
		return err
	}
	for i, a := range args {
		n := int32(i + 1)
		var rc int32
		switch v := a.(type) {
		case int64:
			rc = lib.Xsqlite3_bind_int64(s.conn.tls, s.ptr, n, v)
		case string:
			p := s.keep(unsafe.Slice(unsafe.StringData(v), len(v)))
			rc = lib.Xsqlite3_bind_text(s.conn.tls, s.ptr, n, p, int32(len(v)), lib.SQLITE_STATIC)
		case nil:
			rc = lib.Xsqlite3_bind_null(s.conn.tls, s.ptr, n)
		case int:
			rc = lib.Xsqlite3_bind_int64(s.conn.tls, s.ptr, n, int64(v))
		case float64:
			rc = lib.Xsqlite3_bind_double(s.conn.tls, s.ptr, n, v)
		case bool:
			b := int64(0)
			if v {
				b = 1
			}
			rc = lib.Xsqlite3_bind_int64(s.conn.tls, s.ptr, n, b)
		case []byte:
			p := s.keep(v)
			rc = lib.Xsqlite3_bind_blob(s.conn.tls, s.ptr, n, p, int32(len(v)), lib.SQLITE_STATIC)
		default:
			return fmt.Errorf("sqlite: parameter %d has the type %T, which is not supported", i+1, a)
		}
		if rc != lib.SQLITE_OK {
			return s.conn.fail(rc)
		}
	}
	return nil
}

// reserve makes room for the bytes of all bound texts in one buffer, which
// lives as long as the statement; no allocation is made when it is big enough.
func (s *Stmt) reserve(n int) error {
	s.textLen = 0
	if n <= s.textCap {
		return nil
	}
	if s.text != 0 {
		libc.Xfree(s.conn.tls, s.text)
	}
	n = max(256, n+n/2)
	s.text = libc.Xmalloc(s.conn.tls, types.Size_t(n))
	if s.text == 0 {
		s.textCap = 0
		return &Error{Code: lib.SQLITE_NOMEM, Message: "out of memory"}
	}
	s.textCap = n
	return nil
}

func (s *Stmt) keep(b []byte) uintptr {
	p := s.text + uintptr(s.textLen)
	copy(unsafe.Slice((*byte)(memory(p)), len(b)), b)
	s.textLen += len(b)
	return p
}

// Step moves to the next row. It answers false at the end.
func (s *Stmt) Step() (bool, error) {
	switch rc := lib.Xsqlite3_step(s.conn.tls, s.ptr); rc {
	case lib.SQLITE_ROW:
		s.running = true
		return true, nil
	case lib.SQLITE_DONE:
		s.running = false
		return false, nil
	default:
		err := s.conn.fail(rc)
		s.Reset()
		return false, err
	}
}

// Reset makes the statement ready to be bound and run again, and lets go of
// its locks.
func (s *Stmt) Reset() {
	s.running = false
	lib.Xsqlite3_reset(s.conn.tls, s.ptr)
}

// Kind is the storage class of column i (from 0) in the present row.
func (s *Stmt) Kind(i int) Kind { return Kind(lib.Xsqlite3_column_type(s.conn.tls, s.ptr, int32(i))) }

// Int64 reads column i; NULL reads as 0.
func (s *Stmt) Int64(i int) int64 { return lib.Xsqlite3_column_int64(s.conn.tls, s.ptr, int32(i)) }

// Float64 reads column i; NULL reads as 0.
func (s *Stmt) Float64(i int) float64 {
	return lib.Xsqlite3_column_double(s.conn.tls, s.ptr, int32(i))
}

// String reads column i; NULL reads as the empty string, and ok is false then.
func (s *Stmt) String(i int) (v string, ok bool) {
	p := lib.Xsqlite3_column_text(s.conn.tls, s.ptr, int32(i))
	if p == 0 {
		return "", false
	}
	n := lib.Xsqlite3_column_bytes(s.conn.tls, s.ptr, int32(i))
	return string(unsafe.Slice((*byte)(memory(p)), n)), true
}

// Raw is the text of column i as it lies in the engine's memory, which is good
// until the next Step or Reset only; ok is false for NULL.
func (s *Stmt) Raw(i int) (text []byte, ok bool) {
	p := lib.Xsqlite3_column_text(s.conn.tls, s.ptr, int32(i))
	if p == 0 {
		return nil, false
	}
	n := lib.Xsqlite3_column_bytes(s.conn.tls, s.ptr, int32(i))
	return unsafe.Slice((*byte)(memory(p)), n), true
}

// Bytes reads a copy of column i; NULL reads as nil.
func (s *Stmt) Bytes(i int) []byte {
	p := lib.Xsqlite3_column_blob(s.conn.tls, s.ptr, int32(i))
	if p == 0 {
		return nil
	}
	n := lib.Xsqlite3_column_bytes(s.conn.tls, s.ptr, int32(i))
	return append([]byte(nil), unsafe.Slice((*byte)(memory(p)), n)...)
}

func (s *Stmt) finalize() {
	lib.Xsqlite3_finalize(s.conn.tls, s.ptr)
	if s.text != 0 {
		libc.Xfree(s.conn.tls, s.text)
	}
}
