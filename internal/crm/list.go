package crm

// ListQuery asks for a page of a list of records.
type ListQuery struct {
	Page, PerPage int // from 1
	// Cursor continues a list behind the last record of an earlier page,
	// whatever was written meanwhile; it takes the place of Page.
	Cursor string
	// Text is looked for in Field, or in the usual fields where that is empty.
	Text, Field string
	Sort        string // a field; "" for the time of creation, newest first
	Ascending   bool
	// Tab is a part of the list: my, sub, common, assist and the like.
	Tab     string
	Filters []Filter
}

// Filter is a condition on one field: one of Values (options, ids, choices,
// texts), or a range.
type Filter struct {
	Field  string
	Values []string
	// From and To are the ends of a range, both within it; "" for none.
	From, To string
	Range    bool
}

// ListPage is what every list answers beside its records.
type ListPage struct {
	Page, PerPage, Total int
	More                 bool
	Cursor               string // of the next page, "" after the last one
}

// MaxPerPage is the most records of one page, DefaultPerPage what is answered
// where the caller does not say (api-core §3).
const (
	MaxPerPage     = 100
	DefaultPerPage = 15
)

// CustomerItem is a customer in a list.
type CustomerItem struct {
	Customer
	Labels []Label
	// Self and Hidden are is_user_self and need_hidden_dispose.
	Self, Hidden bool
	// Related are the names of the records that values of custom fields name.
	Related map[RecordRef]string
}

// ContactItem is a contact in a list, with its customer in short.
type ContactItem struct {
	Contact
	CustomerOf        Customer
	Own, Self, Hidden bool
	// Related are the names of the records that values of custom fields name.
	Related map[RecordRef]string
}

// LeadItem is a lead in a list.
type LeadItem struct {
	Lead
	CustomerName      string // of the customer that it became
	Own, Self, Hidden bool
	// Related are the names of the records that values of custom fields name.
	Related map[RecordRef]string
}
