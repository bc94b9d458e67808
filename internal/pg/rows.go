package pg

import (
	"encoding/binary"
	"fmt"
	"math"
	"unsafe"
)

// Rows are the rows of one answer, all of them in memory. Texts that are read
// from them share that memory, which is never written again.
type Rows struct {
	statement *statement
	data      []byte // rows one after the other, each with its length before it
	at        int    // where the next row begins
	count     int
	changed   int64
	command   string
	values    [][]byte
}

func (r *Rows) add(body []byte) {
	if r.data == nil {
		r.data = make([]byte, 0, max(len(body)+4, r.statement.size))
	}
	r.data = binary.BigEndian.AppendUint32(r.data, uint32(len(body)))
	r.data = append(r.data, body...)
	r.count++
}

// Count is the number of rows.
func (r *Rows) Count() int { return r.count }

// Changed is how many rows the statement has changed or given.
func (r *Rows) Changed() int64 { return r.changed }

// Command is what the server says it has done: SELECT, COMMIT, ROLLBACK.
func (r *Rows) Command() string { return r.command }

// Columns are the names of the columns.
func (r *Rows) Columns() []string {
	names := make([]string, len(r.statement.columns))
	for i, c := range r.statement.columns {
		names[i] = c.name
	}
	return names
}

// Types of columns that can be read.
const (
	oidBool   = 16
	oidInt8   = 20
	oidInt2   = 21
	oidInt4   = 23
	oidText   = 25
	oidOid    = 26
	oidFloat4 = 700
	oidFloat8 = 701
	oidJSONB  = 3802
)

// Next moves to the next row and takes it apart.
func (r *Rows) Next() bool {
	if r.at >= len(r.data) {
		return false
	}
	n := int(binary.BigEndian.Uint32(r.data[r.at:]))
	row := r.data[r.at+4 : r.at+4+n]
	r.at += 4 + n
	columns := int(binary.BigEndian.Uint16(row))
	row = row[2:]
	if cap(r.values) < columns {
		r.values = make([][]byte, columns)
	}
	r.values = r.values[:columns]
	for i := range r.values {
		size := int32(binary.BigEndian.Uint32(row))
		row = row[4:]
		if size < 0 {
			r.values[i] = nil
			continue
		}
		r.values[i] = row[:size:size]
		row = row[size:]
	}
	return true
}

// Width is the number of columns of the present row.
func (r *Rows) Width() int { return len(r.values) }

// Null reports whether a column is NULL.
func (r *Rows) Null(i int) bool { return r.values[i] == nil }

// Text reads a text, or JSON as text.
func (r *Rows) Text(i int) string {
	v := r.values[i]
	if r.statement.columns[i].oid == oidJSONB && len(v) > 0 {
		v = v[1:] // the version of the format
	}
	if len(v) == 0 {
		return ""
	}
	return unsafe.String(&v[0], len(v))
}

// Int64 reads an integer of any size or a boolean; 0 for NULL.
func (r *Rows) Int64(i int) int64 {
	v := r.values[i]
	switch len(v) {
	case 8:
		return int64(binary.BigEndian.Uint64(v))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(v)))
	case 2:
		return int64(int16(binary.BigEndian.Uint16(v)))
	case 1:
		return int64(v[0])
	}
	return 0
}

// Float64 reads a floating-point number; 0 for NULL.
func (r *Rows) Float64(i int) float64 {
	v := r.values[i]
	switch len(v) {
	case 8:
		return math.Float64frombits(binary.BigEndian.Uint64(v))
	case 4:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(v)))
	}
	return 0
}

// Kind is what a column holds.
type Kind byte

// The kinds of columns.
const (
	Integer Kind = iota + 1
	Float
	Text
	Bool
	JSON
)

// Kind tells what a column holds.
func (r *Rows) Kind(i int) (Kind, error) { return r.statement.columns[i].kind() }

// kind is an error for a type that this package does not read.
func (c column) kind() (Kind, error) {
	switch c.oid {
	case oidInt8, oidInt4, oidInt2, oidOid:
		return Integer, nil
	case oidFloat8, oidFloat4:
		return Float, nil
	case oidBool:
		return Bool, nil
	case oidJSONB:
		return JSON, nil
	case oidText, 1043, 1042, 18, 19, 114, 705, 2278: // varchar, char, "char", name, json, unknown, void
		return Text, nil
	default:
		return 0, fmt.Errorf("pg: column %s has the type %d, which is not read here; cast it", c.name, c.oid)
	}
}
