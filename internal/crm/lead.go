package crm

import (
	"strings"
	"unicode/utf8"
)

// Lead (线索) is somebody who may become a customer. A lead without an owner
// lies in a pool. One that became a customer leaves the usual lists, stays a hit
// of the check for duplicates, and keeps what it was.
type Lead struct {
	ID                               int64
	OwnerID, CreatorID, DepartmentID int64
	Name, NamePinyin, CompanyName    string
	Status, Source                   int64 // option ids, 0 where not set
	Department, Job, Note            string
	PoolID                           int64 // where it lies while it has no owner
	BeforeUserID, BeforeDepartmentID int64
	BeforePoolID, HomePoolID         int64
	FlowIntoAt, OwnedAt              Time
	RevisitAt, RevisitRemindAt       Time
	CustomerID                       int64 // the customer that it became
	TurnedAt                         Time
	CardID                           int64
	Custom                           Values
	CreatedAt, UpdatedAt             Time
	Address                          Address
}

// Turned reports whether the lead has become a customer.
func (l *Lead) Turned() bool { return l.CustomerID != 0 }

// Validate refuses what no lead may be, with the first problem found. It trims
// the names. Option ids, owner and department are checked by the service.
func (l *Lead) Validate() error {
	l.Name, l.CompanyName = strings.TrimSpace(l.Name), strings.TrimSpace(l.CompanyName)
	if l.Name == "" {
		return Required(FieldLabel("lead", "name"))
	}
	for _, f := range []struct {
		name, text string
		limit      int
	}{
		{"name", l.Name, MaxText}, {"company_name", l.CompanyName, MaxText}, {"department", l.Department, MaxText},
		{"job", l.Job, MaxText}, {"note", l.Note, MaxNote},
	} {
		if utf8.RuneCountInString(f.text) > f.limit {
			return tooLong("lead", f.name, f.limit)
		}
	}
	return l.Address.Validate()
}

// LeadDetail is the full picture of one lead.
type LeadDetail struct {
	Lead
	CustomerName string // of the customer that it became
	Card         *Attachment
	Files        map[int64]*Attachment
	// Related are the names of the records that values of custom fields name, as
	// far as the caller sees those.
	Related map[RecordRef]string
	// Own, Self and Hidden are is_own, is_user_self and need_hidden_dispose;
	// Editable says whether the caller may change it.
	Own, Self, Hidden, Editable bool
}
