package crm

// Organization is one company on the server. Nothing of one organization is
// ever reachable from another.
type Organization struct {
	ID   int64
	Name string
	// Version moves with every committed change of the organization, and
	// DirectoryVersion with every change of what Directory holds.
	Version, DirectoryVersion int64
	CreatedAt                 Time
}

// Department is a node of the organization's tree. ParentID is 0 at the root.
type Department struct {
	ID, ParentID int64
	Name         string
	Position     int
}

// Option is one choice of a select field of the system (customer status,
// customer category, contact category, ...). Options are disabled, never
// deleted, since records point to them.
type Option struct {
	ID       int64
	Entity   string // "customer", "contact"
	Field    string // "status", "category", "source", "industry", "staff_size"
	Label    string
	Position int
	Enabled  bool
	// Meaning is set for options that rules depend on and that therefore
	// cannot be changed; "won" is the customer status 成交.
	Meaning string
}

// MeaningWon marks the customer status that a won deal sets.
const MeaningWon = "won"

// Label can be put on customers.
type Label struct {
	ID    int64
	Name  string
	Color string
}

// Pool (公海) holds customers without an owner.
type Pool struct {
	ID   int64
	Name string
}

// LogEntry is a row of the operation log. Changes is a JSON object of
// {"field": [before, after]}; it never holds a password or a token.
type LogEntry struct {
	UserID        int64 // 0 for the system itself
	Entity        string
	EntityID      int64
	Action        string // "create", "update", "sign_in", ...
	Changes       string
	RequestID     string
	RemoteAddress string
	At            Time
}
