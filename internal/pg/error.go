package pg

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Error is a refusal of the server, or the loss of the connection. It carries
// no values: the server's detail, which may, is left out.
type Error struct {
	Code       string // SQLSTATE
	Message    string
	Constraint string
	fatal      bool
	planGone   bool // the columns of a prepared statement have changed
	cause      error
}

func (e *Error) Error() string {
	s := "pg: " + e.Message + " (" + e.Code
	if e.Constraint != "" {
		s += ", " + e.Constraint
	}
	s += ")"
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.cause }

const (
	codeConnectionFailure = "08006"
	codeNoStatement       = "26000"
	codeNotSupported      = "0A000"
)

// readError reads an ErrorResponse.
func readError(body []byte) *Error {
	e := &Error{}
	for _, field := range strings.Split(string(body), "\x00") {
		if field == "" {
			continue
		}
		switch field[0] {
		case 'C':
			e.Code = field[1:]
		case 'M':
			e.Message = field[1:]
		case 'n':
			e.Constraint = field[1:]
		case 'R': // the message may be in another language
			e.planGone = field[1:] == "RevalidateCachedQuery"
		case 'V':
			e.fatal = field[1:] == "FATAL" || field[1:] == "PANIC"
		}
	}
	return e
}

// connectError gives a failed connect the form of a lost connection, or of the
// server's refusal.
func connectError(err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return &Error{Code: refused.Code, Message: "connect: " + refused.Message}
	}
	return &Error{Code: codeConnectionFailure, Message: "connect", cause: withoutAddress(err)}
}

// withoutAddress keeps the reason of a failed connect: pgconn's own text holds
// user and database.
func withoutAddress(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return err
}

func class(err error, classes ...string) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range classes {
		if strings.HasPrefix(e.Code, c) {
			return true
		}
	}
	return false
}

// IsConstraint reports whether err is a broken constraint (unique, foreign
// key, not null, check).
func IsConstraint(err error) bool { return class(err, "23") }

// IsUnavailable reports whether the database, or the part of it that was
// asked, does not answer: the connection is lost (08), or the server is
// shutting down, starting (57P0), out of something (53) or takes too long
// (57014, 55P03).
func IsUnavailable(err error) bool {
	return class(err, "08", "57P01", "57P02", "57P03", "57P05", "53", "57014", "55P03", codeNoStatement)
}

// IsReadOnly reports whether the server takes no writes: it is a replica, or
// has become one.
func IsReadOnly(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Code == "25006" || e.Code == codeNotSupported && strings.Contains(e.Message, "recovery"))
}

// IsPartLost reports whether the server itself says that another one, which it
// needed for the answer, does not answer.
func IsPartLost(err error) bool {
	var e *Error
	return errors.As(err, &e) && strings.HasPrefix(e.Code, "08") && e.cause == nil
}

// IsRecovering reports whether a question that only a primary answers was put
// to a replica.
func IsRecovering(err error) bool { return class(err, "55000") }

// IsConflict reports whether a replica has ended a read because what it read is
// gone on the primary.
func IsConflict(err error) bool { return class(err, "40001", "40P01") }

// IsTransient reports whether the transaction was rolled back only because
// others ran at the same time: serialization failure or deadlock.
func IsTransient(err error) bool { return class(err, "40001", "40P01") }
