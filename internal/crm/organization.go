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
	Settings                  Settings
}

// Settings are what an administrator sets for the whole organization, kept as
// one JSON object.
type Settings struct {
	// CustomerApproval says that new customers wait for approval
	// (customer_approve of the permissions).
	CustomerApproval bool `json:"customer_approve,omitempty"`
	// OwnedLimit is how many customers one user may own; see OwnedLimits.
	OwnedLimit OwnedLimits `json:"owned_limit,omitzero"`
	// Duplicates are the settings of the check for duplicates by entity
	// ("customer", "lead", "contact"); the fields are rows of their own.
	Duplicates map[string]DuplicateSettings `json:"duplicates,omitempty"`
}

// OwnedLimits (最大客户数限制) are limits on owned customers; 0 is no limit. A user's
// own limit goes before the general one; a category's counts besides.
type OwnedLimits struct {
	Each       int           `json:"each,omitempty"`
	Users      map[int64]int `json:"users,omitempty"`
	Categories map[int64]int `json:"categories,omitempty"`
}

// MaxOwned is the greatest limit on owned customers.
const MaxOwned = 1_000_000

// DuplicateSettings say how an entity is checked for duplicates (查重).
type DuplicateSettings struct {
	Enabled bool `json:"enabled"`
	// Across lets leads be looked for among customers and contacts too.
	Across bool `json:"across,omitempty"`
	// Columns are what the list of hits shows.
	Columns []string `json:"columns,omitempty"`
}

// DuplicateRule is one field that takes part in the check for duplicates of an
// entity: any one equal field makes a duplicate.
type DuplicateRule struct {
	ID     int64
	Entity string // "customer", "lead", "contact"
	Field  string // "name", "address.phone", "text_asset_7c7b94f7"
	State  string // see the constants
}

// States of a rule. Keys are written while it is building or active; an active
// one refuses records.
const (
	RuleBuilding = "building"
	RuleActive   = "active"
	RuleRemoving = "removing"
)

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

// Label can be put on customers. It lies in a group, or (0) in none.
type Label struct {
	ID       int64
	GroupID  int64
	Name     string
	Color    string
	Position int
}

// LabelGroup is a heading for labels.
type LabelGroup struct {
	ID       int64
	Name     string
	Position int
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
	// ID and Version are set by the store. Version is the organization's version
	// that the change made, 0 where no answer was changed by it.
	ID, Version int64
}
