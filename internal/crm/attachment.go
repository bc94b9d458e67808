package crm

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Attachment is a file that belongs to a record, or to nothing yet; its bytes
// live in a blob store under Key.
type Attachment struct {
	ID                   int64
	Name                 string // as people call it; FileName never changes
	OwnerType            string // one of the kinds below, "" while it belongs to nothing
	OwnerID              int64
	SubType, Note        string
	FileName             string
	ContentType          string
	Size                 int64
	Digest               string // SHA-256 of the bytes in hex, "" where it is not known
	Width, Height        int    // of a picture in pixels, 0 otherwise
	UserID               int64  // who uploaded it
	Key                  string
	CreatedAt, UpdatedAt Time
}

// The kinds of records that files belong to, as attachmentable_type has them.
const (
	OfCustomer = "Customer"
	OfContact  = "Contact"
	OfLead     = "Lead"
	OfUser     = "User"
)

// FileOwnerType reads an attachmentable_type, also in lower case as entity
// names are written elsewhere.
func FileOwnerType(text string) (string, bool) {
	for _, kind := range []string{OfCustomer, OfContact, OfLead, OfUser} {
		if strings.EqualFold(kind, text) {
			return kind, true
		}
	}
	return "", false
}

// FileEntity is what the operation log and field rights call a kind of record.
func FileEntity(ownerType string) string { return strings.ToLower(ownerType) }

// MaxSubType is the longest sub_type in characters.
const MaxSubType = 64

// Validate refuses what no attachment may be, with the first problem found. It
// trims the name.
func (a *Attachment) Validate() error {
	a.Name = strings.TrimSpace(a.Name)
	switch {
	case a.Name == "":
		return Required(FieldLabel("attachment", "name"))
	case utf8.RuneCountInString(a.Name) > MaxText:
		return tooLong("attachment", "name", MaxText)
	case utf8.RuneCountInString(a.Note) > MaxNote:
		return tooLong("attachment", "note", MaxNote)
	case utf8.RuneCountInString(a.SubType) > MaxSubType:
		return tooLong("attachment", "sub_type", MaxSubType)
	}
	return nil
}

// IsPicture reports whether the file is of a kind that cards and avatars can
// be.
func (a *Attachment) IsPicture() bool {
	return slices.Contains([]string{"image/jpeg", "image/png", "image/gif", "image/webp"}, a.ContentType)
}
