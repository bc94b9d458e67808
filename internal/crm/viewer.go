package crm

// Viewer is who is asking, with what the permission predicates need. It is
// made from a Directory and must not be changed.
type Viewer struct {
	User         *User
	Role         *Role
	Subordinates map[int64]bool // people below, at every depth; never the user
	Departments  map[int64]bool // departments that the role's scope reaches
}

// SeesAll reports whether the viewer sees every record of the organization.
func (v *Viewer) SeesAll() bool { return v.Role.Super || v.Role.Scope == ScopeOrganization }

// Sees reports whether a record is within the viewer's data scope by its
// owner and department (0 for none). Collaboration is not looked at: a record
// that this refuses may still be visible through Assists.
func (v *Viewer) Sees(ownerID, departmentID int64) bool {
	if v.SeesAll() || (ownerID != 0 && (ownerID == v.User.ID || v.Subordinates[ownerID])) {
		return true
	}
	return departmentID != 0 && v.Departments[departmentID]
}

// Assists reports whether the viewer or somebody below is among the
// collaborators of a record.
func (v *Viewer) Assists(collaborators []int64) bool {
	for _, id := range collaborators {
		if id == v.User.ID || v.Subordinates[id] {
			return true
		}
	}
	return false
}

// IsSelf is the wire's is_user_self: the viewer is the owner.
func (v *Viewer) IsSelf(ownerID int64) bool { return ownerID != 0 && ownerID == v.User.ID }

// IsOwn is the wire's is_own: the viewer may act as owner, being the owner,
// above the owner, or a super administrator.
func (v *Viewer) IsOwn(ownerID int64) bool {
	return v.IsSelf(ownerID) || v.Role.Super || (ownerID != 0 && v.Subordinates[ownerID])
}

// HidesNumbers is the wire's need_hidden_dispose: number hiding is on for the
// viewer and the record is another's.
func (v *Viewer) HidesNumbers(ownerID int64) bool { return v.User.HideNumbers && !v.IsSelf(ownerID) }

// Conceals reports whether field rights make a field ("contact.address.phone")
// invisible on a record of the given owner.
func (v *Viewer) Conceals(field string, ownerID int64) bool {
	if v.Role.Super {
		return false
	}
	switch v.Role.Hidden[field] {
	case HideAll:
		return true
	case HideOthers:
		return !v.IsSelf(ownerID)
	}
	return false
}

// ConcealAddress clears what the viewer may not see of an address: fields that
// the role's field rights hide become absent, numbers are masked where number
// hiding applies. entity is the owner's kind, "customer" or "contact".
func (v *Viewer) ConcealAddress(entity string, ownerID int64, a *Address) {
	if len(v.Role.Hidden) > 0 {
		for name, field := range map[string]*Text{
			"tel": &a.Tel, "phone": &a.Phone, "email": &a.Email, "qq": &a.QQ, "fax": &a.Fax,
			"wechat": &a.Wechat, "wangwang": &a.Wangwang, "url": &a.URL, "zip": &a.Zip, "detail_address": &a.Detail,
		} {
			if v.Conceals(entity+".address."+name, ownerID) {
				*field = Text{}
			}
		}
		if v.Conceals(entity+".address.detail_address", ownerID) {
			a.HasPosition, a.Lat, a.Lng = false, 0, 0
		}
	}
	if v.HidesNumbers(ownerID) {
		a.HideNumbers()
	}
}
