package crm

import (
	"strings"
	"unicode/utf8"
)

// User is a person of the organization.
type User struct {
	ID                 int64
	Name, Email, Phone string
	// Login is a name to sign in with beside the phone number and the e-mail
	// address; "" where there is none.
	Login              string
	Tel, Job           string
	Gender             string // "male", "female" or ""
	RoleID             int64
	DepartmentID       int64   // main department, 0 where none
	FurtherDepartments []int64 // 辅部门
	SuperiorID         int64   // 主管, 0 at the top
	State              string
	AvatarID           int64 // attachment, 0 where none
	AvatarName         string
	// HideNumbers is the number hiding of the call centre: this user sees
	// masked numbers on records that are not the user's own.
	HideNumbers          bool
	CreatedAt, UpdatedAt Time
}

// States of a user. Only an active one may sign in or be made an owner. A
// deleted one stays as the name behind what it did; nobody lists it, and its
// logins are free for others. The value is the API's own "workflow_state".
const (
	UserActive   = "organization_staff"
	UserInvited  = "new"
	UserDisabled = "disabled"
	UserDeleted  = "deleted"
)

// Active reports whether the user may work with the system.
func (u *User) Active() bool { return u != nil && u.State == UserActive }

// Present reports whether the user is there and not deleted.
func (u *User) Present() bool { return u != nil && u.State != UserDeleted }

// Validate refuses what no user may be, with the first problem found. It trims
// the texts. Role, departments, superior and logins are checked by the service.
func (u *User) Validate() error {
	for _, f := range []struct {
		name string
		text *string
	}{{"name", &u.Name}, {"email", &u.Email}, {"phone", &u.Phone}, {"login", &u.Login}, {"tel", &u.Tel}, {"job", &u.Job}} {
		*f.text = strings.TrimSpace(*f.text)
		if utf8.RuneCountInString(*f.text) > MaxText {
			return tooLong("user", f.name, MaxText)
		}
	}
	switch {
	case u.Name == "":
		return Required(FieldLabel("user", "name"))
	case u.Email != "" && !isEmail(u.Email):
		return Invalid("邮箱的格式不正确", "E-mail has the wrong form")
	case u.Phone != "" && !isNumber(u.Phone):
		return Invalid("手机的格式不正确", "Mobile phone has the wrong form")
	case u.Gender != "" && u.Gender != "male" && u.Gender != "female":
		return Invalid("性别只能是male或female", "Gender must be male or female")
	}
	return nil
}

// isEmail is lenient: something before one @, and something behind it.
func isEmail(text string) bool {
	name, host, ok := strings.Cut(text, "@")
	return ok && name != "" && host != "" && !strings.ContainsAny(text, " \t,;") && !strings.Contains(host, "@")
}

// isNumber takes whatever people write as a telephone number.
func isNumber(text string) bool {
	return strings.ContainsAny(text, "0123456789") && strings.Trim(text, "+-() 0123456789") == ""
}

// Validate refuses what no department may be. It trims the name.
func (d *Department) Validate() error {
	d.Name = strings.TrimSpace(d.Name)
	switch {
	case d.Name == "":
		return Required("部门名称", "Department name")
	case utf8.RuneCountInString(d.Name) > MaxText:
		return TooLong("部门名称", "Department name", MaxText)
	}
	return nil
}

// Scope is the data scope (数据权限) of a role: which records its people see
// beside their own, their subordinates' and those they collaborate on.
type Scope string

// The scopes, from narrow to wide. The department scopes go by the record's
// department, not by where its owner sits.
const (
	ScopeOwn              Scope = "own"
	ScopeDepartments      Scope = "departments"
	ScopeDepartmentsBelow Scope = "departments_below"
	ScopeOrganization     Scope = "organization"
)

// Scopes gives all scopes, from narrow to wide.
func Scopes() []Scope {
	return []Scope{ScopeOwn, ScopeDepartments, ScopeDepartmentsBelow, ScopeOrganization}
}

// Label is the scope as people read it.
func (s Scope) Label() (zh, en string) {
	switch s {
	case ScopeOwn:
		return "个人", "One's own and one's subordinates'"
	case ScopeDepartments:
		return "所属部门", "One's departments"
	case ScopeDepartmentsBelow:
		return "所属部门及下属部门", "One's departments and those below"
	case ScopeOrganization:
		return "全公司", "The whole organization"
	}
	return string(s), string(s)
}

// Role bundles what its people may see and do.
type Role struct {
	ID    int64
	Name  string
	Scope Scope
	// Super is the super administrator: sees and may do everything.
	Super bool
	// Rights are operation rights as "subject.action", such as
	// "customer.create".
	Rights map[string]bool
	// Hidden are field rights as "entity.field", such as
	// "contact.address.phone": where the field stays invisible.
	Hidden map[string]Hiding
}

// Hiding says on which records a field is invisible for a role.
type Hiding string

// Field rights hide a field everywhere or on other owners' records only.
const (
	HideAll    Hiding = "all"
	HideOthers Hiding = "others"
)

// May reports whether the role has an operation right.
func (r *Role) May(right string) bool { return r != nil && (r.Super || r.Rights[right]) }
