package crm

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Contact is a person at a customer. A contact has no owner of its own: it is
// seen and owned through its customer.
type Contact struct {
	ID, CustomerID, CreatorID int64
	Name, NamePinyin          string
	Department, Job, Note     string
	Category                  int64 // option id, 0 where not set
	Gender                    string
	BirthDate                 string // "1990-06-01" or ""
	CardID                    int64  // attachment: the picture of the card
	Custom                    Values
	CreatedAt, UpdatedAt      Time
	Address                   Address
}

// NewContact is the input of a create.
type NewContact struct{ Contact }

// Validate refuses what no contact may be, with the first problem found. It
// trims the name. That the customer exists and is visible is the service's to
// check.
func (c *NewContact) Validate() error {
	c.Name = strings.TrimSpace(c.Name)
	switch {
	case c.Name == "":
		return Required(FieldLabel("contact", "name"))
	case utf8.RuneCountInString(c.Name) > MaxText:
		return tooLong("contact", "name", MaxText)
	case utf8.RuneCountInString(c.Department) > MaxText:
		return tooLong("contact", "department", MaxText)
	case utf8.RuneCountInString(c.Job) > MaxText:
		return tooLong("contact", "job", MaxText)
	case utf8.RuneCountInString(c.Note) > MaxNote:
		return tooLong("contact", "note", MaxNote)
	case c.Gender != "" && c.Gender != "male" && c.Gender != "female":
		return Invalid("性别只能是male或female", "Gender must be male or female")
	}
	if c.BirthDate != "" {
		if _, err := time.Parse("2006-01-02", c.BirthDate); err != nil {
			return Invalid("生日格式不正确,应为YYYY-MM-DD", "Birthday must be written as YYYY-MM-DD")
		}
	}
	return c.Address.Validate()
}

// GenderLabel is gender_i18n on the wire.
func GenderLabel(gender string) string {
	switch gender {
	case "male":
		return "男"
	case "female":
		return "女"
	}
	return ""
}

// ContactDetail is the full picture of one contact.
type ContactDetail struct {
	Contact
	Customer Customer
	// Siblings are all contacts of the customer, this one included, oldest
	// first. Of the others only id, name and the address in short are filled.
	Siblings []Contact
	Card     *Attachment
	// Files are the attachments that custom fields of the kind file name.
	Files map[int64]*Attachment
	// Related are the names of the records that values of custom fields name, as
	// far as the caller sees those.
	Related map[RecordRef]string
	// Own, Self and Hidden are is_own, is_user_self and need_hidden_dispose.
	Own, Self, Hidden bool
}
