package service

import (
	"cmp"
	"slices"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// fileOwner is the record that files belong to, with what decides who may see
// and change them. kind is empty for uploads that belong to nothing yet.
type fileOwner struct {
	kind string // see crm.OfCustomer
	id   int64
	edit bool  // the caller may add and delete files
	user int64 // who owns the record, for field rights
	// turned is said of a lead that has become a customer, which nobody edits.
	turned bool

	// What shows a file at another place than among the record's files.
	custom       crm.Values
	picture      int64 // card or avatar
	pictureField string
}

// fileOwner finds the record of a kind that files belong to. Who sees a record
// sees its files, who may edit it may change them. ErrNotFound where the caller
// does not see the record, or there is none.
func (s *Service) fileOwner(r *store.Read, c *Caller, kind string, id int64) (*fileOwner, error) {
	o := &fileOwner{kind: kind, id: id, pictureField: "card_attachment_id"}
	org, role := c.Org(), c.Viewer.Role
	var a reach
	var err error
	switch kind {
	case crm.OfCustomer:
		var k *crm.Customer
		if k, err = r.Customer(org, id); err != nil {
			return nil, notFound(err)
		}
		a, err = s.reachCustomer(r, c, k)
		o.user, o.custom, o.edit = k.OwnerID, k.Custom, a.edits() && role.May(crm.RightEditCustomer)
	case crm.OfContact:
		var k *crm.Contact
		if k, err = r.Contact(org, id); err != nil {
			return nil, notFound(err)
		}
		var customer *crm.Customer
		if customer, err = r.CustomerInShort(org, k.CustomerID); err != nil {
			return nil, notFound(err)
		}
		a, err = s.reachCustomer(r, c, customer)
		o.user, o.custom, o.edit = customer.OwnerID, k.Custom, a.edits() && role.May(crm.RightEditContact)
		o.picture = k.CardID
	case crm.OfLead:
		var l *crm.Lead
		if l, err = r.Lead(org, id); err != nil {
			return nil, notFound(err)
		}
		a = reachLead(c, l)
		o.user, o.custom, o.edit = l.OwnerID, l.Custom, a.edits() && role.May(crm.RightEditLead)
		o.picture, o.turned = l.CardID, l.Turned()
	case crm.OfUser:
		u := c.Directory.Users[id]
		if u == nil {
			return nil, crm.ErrNotFound
		}
		a = reachSee
		o.user, o.edit = id, mayChangeUser(c, id)
		o.picture, o.pictureField = u.AvatarID, "avatar_attachment_id"
	}
	if err == nil && a == reachNone {
		err = crm.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return o, nil
}

// mayChangeUser reports whether the caller may change the files and the avatar
// of a user.
func mayChangeUser(c *Caller, user int64) bool {
	return user == c.Viewer.User.ID || c.Viewer.Role.May(crm.RightManagePeople)
}

// ownerOfFile finds what a file belongs to. ErrNotFound where the caller may not
// see the file: the record is out of reach, the file is the value of a field that
// is hidden from the caller, or it belongs to nothing yet and somebody else has
// uploaded it.
func (s *Service) ownerOfFile(r *store.Read, c *Caller, a *crm.Attachment) (*fileOwner, error) {
	if a.OwnerID == 0 {
		if a.UserID != c.Viewer.User.ID {
			return nil, crm.ErrNotFound
		}
		return &fileOwner{edit: true, user: a.UserID}, nil
	}
	o, err := s.fileOwner(r, c, a.OwnerType, a.OwnerID)
	if err != nil {
		return nil, err
	}
	if c.Viewer.Conceals(o.entity()+"."+cmp.Or(o.apart(c)[a.ID], fieldOfFiles), o.user) {
		return nil, crm.ErrNotFound
	}
	return o, nil
}

// fieldOfFiles is the field of a record that its files are the value of.
const fieldOfFiles = "attachments"

// mayEdit refuses a change of the files.
func (o *fileOwner) mayEdit() error {
	switch {
	case !o.edit:
		return crm.ErrForbidden
	case o.turned:
		return errTurned
	}
	return nil
}

// entity is what the operation log and field rights call the kind of record.
func (o *fileOwner) entity() string { return crm.FileEntity(o.kind) }

// apart are the files that the record shows at other places than among its
// files, with the field that names each.
func (o *fileOwner) apart(c *Caller) map[int64]string {
	fields := map[int64]string{}
	_ = eachFile(c.Directory.Fields[o.entity()], o.custom, func(f *crm.CustomField, id int64) error {
		fields[id] = f.Name
		return nil
	})
	if o.picture != 0 {
		fields[o.picture] = o.pictureField
	}
	return fields
}

// filesOf reads the files of a record, the newest first and at most so many: not
// the card, the avatar and the values of custom fields, which are shown where
// they stand; and none where field rights hide them.
func (s *Service) filesOf(r *store.Read, c *Caller, o *fileOwner, limit int) ([]*crm.Attachment, error) {
	if c.Viewer.Conceals(o.entity()+"."+fieldOfFiles, o.user) {
		return nil, nil
	}
	apart := o.apart(c)
	found, err := r.AttachmentsOf(c.Org(), o.kind, o.id, limit+len(apart))
	found = slices.DeleteFunc(found, func(a *crm.Attachment) bool { return apart[a.ID] != "" })
	return found[:min(limit, len(found))], err
}
