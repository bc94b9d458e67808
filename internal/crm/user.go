package crm

// User is a person of the organization.
type User struct {
	ID                 int64
	Name, Email, Phone string
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

// States of a user. Only an active one may sign in or be made an owner. The
// value is the API's own "workflow_state".
const (
	UserActive   = "organization_staff"
	UserInvited  = "new"
	UserDisabled = "disabled"
)

// Active reports whether the user may work with the system.
func (u *User) Active() bool { return u != nil && u.State == UserActive }

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

// Operation rights that exist so far.
const (
	RightCreateCustomer = "customer.create"
	RightCreateContact  = "contact.create"
)
