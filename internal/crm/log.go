package crm

import "math"

// LogQuery asks for a page of the operation log, the newest first. Empty fields
// ask for all.
type LogQuery struct {
	Entity   string
	EntityID int64 // with Entity
	UserID   int64
	Action   string
	From, To Time // both within
	// Before is the last row of the page before.
	Before        LogPlace
	Limit, Offset int
}

// LogPlace is a row's place in the log.
type LogPlace struct {
	At Time
	ID int64
}

// LogEnd is behind the newest row.
var LogEnd = LogPlace{At: math.MaxInt64, ID: math.MaxInt64}

// LogChange is one value that a change has changed, for whoever may see it.
// Before and After are JSON, BeforeText and AfterText what people read: the
// name behind an id, or the value itself.
type LogChange struct {
	Field                 string
	Before, After         string
	BeforeText, AfterText string
}

// LogItem is a row of the operation log as somebody may see it.
type LogItem struct {
	LogEntry
	Values []LogChange // in the order of the fields' names
}

// LogList is a page of the log.
type LogList struct {
	Items []LogItem
	ListPage
}

// The actions of the sign-in log, of which the entity is "session".
const (
	LogSignIn       = "sign_in"
	LogSignInFailed = "sign_in_failed" // a wrong password of a login that is somebody's
	LogSignOut      = "sign_out"
	LogSessionEnded = "end" // by its user, from another session
)
