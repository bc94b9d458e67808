package crm

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Customer is a company or a person that the organization deals with. Its
// address lies in its row. A pool customer has neither owner nor department.
type Customer struct {
	ID                            int64
	OwnerID, CreatorID            int64
	DepartmentID, ParentID        int64
	Name, NamePinyin, CompanyName string
	Note                          string
	Status, Category, Source      int64 // option ids, 0 where not set
	Industry, StaffSize           int64
	Approval                      Approval
	TemplateID                    int64
	// PoolID is the pool that the customer lies in while it has no owner,
	// HomePoolID the one that it belongs to (所属公海), whoever owns it. Before… is
	// where it was before; that may be gone by now.
	PoolID, HomePoolID               int64
	BeforePoolID, BeforeUserID       int64
	BeforeDepartmentID               int64
	FlowIntoAt                       Time // when it came into its pool
	OwnedAt                          Time // since when the present owner has it
	StatusAt, SubmittedAt, DecidedAt Time // of the status, of the approval
	RevisitRemindAt                  Time
	LeadID                           int64 // the lead that it was made of
	Labelled                         bool  // has rows in customer_labels
	RevisitAt                        Time
	Custom                           Values
	CreatedAt, UpdatedAt             Time
	Address                          Address
}

// Approval is where a customer stands in the approval (审批).
type Approval string

// The states of approval with their Chinese labels (Label).
const (
	Approved Approval = "approved"
	Applying Approval = "applying"
	Rejected Approval = "rejected"
	Reverted Approval = "reverted"
)

// Label is the state as people read it, approve_status_i18n on the wire.
func (a Approval) Label() string {
	switch a {
	case Approved:
		return "已通过"
	case Applying:
		return "待审批"
	case Rejected:
		return "已驳回"
	case Reverted:
		return "已撤回"
	}
	return ""
}

// Values are the values of custom fields as one JSON object, nil where there
// are none. Keys are the fields' names; package field knows the kinds.
type Values json.RawMessage

// NewCustomer is the input of a create: the record, its contacts and labels.
// Ids, pinyin and times are filled in by the service.
type NewCustomer struct {
	Customer
	Labels   []int64
	Contacts []NewContact
}

// Validate refuses what no customer may be, with the first problem found. It
// trims the name. Option ids, owner, department and labels are checked by the
// service, which has the directory.
func (c *NewCustomer) Validate() error {
	c.Name = strings.TrimSpace(c.Name)
	switch {
	case c.Name == "":
		return Required(FieldLabel("customer", "name"))
	case utf8.RuneCountInString(c.Name) > MaxText:
		return tooLong("customer", "name", MaxText)
	case utf8.RuneCountInString(c.CompanyName) > MaxText:
		return tooLong("customer", "company_name", MaxText)
	case utf8.RuneCountInString(c.Note) > MaxNote:
		return tooLong("customer", "note", MaxNote)
	case c.Approval != Approved && c.Approval != Applying:
		return Invalid("审批状态只能是approved或applying", "Approval status must be approved or applying")
	case len(c.Contacts) > MaxContacts:
		return Invalid("一次最多新增100个联系人", "At most 100 contacts can be created at once")
	}
	if err := c.Address.Validate(); err != nil {
		return err
	}
	for i := range c.Contacts {
		if err := c.Contacts[i].Validate(); err != nil {
			return err
		}
	}
	return nil
}

// MaxContacts is how many contacts may be created together with a customer.
const MaxContacts = 100

// Match is one hit of the duplicate look-up by exact name.
type Match struct {
	Customer
	Labels   []Label
	Contacts []Contact
	// Self and Hidden are is_user_self and need_hidden_dispose.
	Self, Hidden bool
}

// CustomerDetail is the full picture of one customer.
type CustomerDetail struct {
	Customer
	Labels     []Label
	ParentName string
	Contacts   []Contact // id, name and address
	Assistants []int64
	Files      map[int64]*Attachment
	// Related are the names of the records that values of custom fields name, as
	// far as the caller sees those.
	Related map[RecordRef]string
	// Attachments are the customer's files, the newest first, beside those that
	// custom fields name; at most 100.
	Attachments []*Attachment
	// Own, Self, Hidden and Assisting are is_own, is_user_self,
	// need_hidden_dispose and is_my_assist_entity.
	Own, Self, Hidden, Assisting bool
	// Editable and MayAssist say whether the caller may change the customer, and
	// who collaborates on it.
	Editable, MayAssist bool
}

// CustomerDraft is a customer while it is changed. Labels are there before the
// change as they are kept.
type CustomerDraft struct {
	Customer
	Labels []int64
}

// CustomerRow is a customer as its row.
type CustomerRow struct {
	Customer
	Parents []int64 // from its parent up
}
