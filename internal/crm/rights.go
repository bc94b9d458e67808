package crm

import (
	"strings"
	"unicode/utf8"
)

// Operation rights (操作权限) as "subject.action": what a role may do with the
// records that it sees. Seeing is decided by data scope alone.
const (
	RightCreateCustomer   = "customer.create"
	RightEditCustomer     = "customer.edit"
	RightDeleteCustomer   = "customer.destroy"
	RightTransferCustomer = "customer.transfer"
	RightAssistCustomer   = "customer.assist" // change collaborators
	RightPoolCustomer     = "customer.turn_common"
	RightTakeCustomer     = "customer.take"
	RightApproveCustomer  = "customer.approve" // decide on approval

	RightCreateContact = "contact.create"
	RightEditContact   = "contact.edit"
	RightDeleteContact = "contact.destroy"

	RightCreateLead   = "lead.create"
	RightEditLead     = "lead.edit"
	RightDeleteLead   = "lead.destroy"
	RightTransferLead = "lead.transfer"
	RightPoolLead     = "lead.turn_common"
	RightTakeLead     = "lead.take"
	RightTurnLead     = "lead.turn_to_customer"

	// Rights of administration.
	RightManagePeople     = "user.manage" // users, departments, roles
	RightManageFields     = "custom_field.manage"
	RightManageLabels     = "label.manage"
	RightManagePools      = "common_setting.manage"
	RightManageDuplicates = "duplicate_setting.manage"
	RightShowLogs         = "operation_log.show"
)

// Right is an operation right as screens and clients know it. Numbers are the
// wire's permission ids: they stay, and none is given twice.
type Right struct {
	Number       int64
	Name         string // "subject.action"
	Zh, En       string
	Subject, Act string // both halves of the name
}

// rightTable has every operation right in the order in which a screen lists
// them. A new one gets a number that none has had.
var rightTable = []Right{
	{Number: 11, Name: RightCreateCustomer, Zh: "新增客户", En: "Create customers"},
	{Number: 12, Name: RightEditCustomer, Zh: "编辑客户", En: "Change customers"},
	{Number: 13, Name: RightDeleteCustomer, Zh: "删除客户", En: "Delete customers"},
	{Number: 14, Name: RightTransferCustomer, Zh: "转移客户", En: "Transfer customers"},
	{Number: 15, Name: RightAssistCustomer, Zh: "修改客户协作人", En: "Change the collaborators of customers"},
	{Number: 16, Name: RightPoolCustomer, Zh: "客户转移到公海", En: "Move customers to a pool"},
	{Number: 17, Name: RightTakeCustomer, Zh: "抢公海客户", En: "Take customers from a pool"},
	{Number: 18, Name: RightApproveCustomer, Zh: "审批客户", En: "Approve customers"},
	{Number: 21, Name: RightCreateContact, Zh: "新增联系人", En: "Create contacts"},
	{Number: 22, Name: RightEditContact, Zh: "编辑联系人", En: "Change contacts"},
	{Number: 23, Name: RightDeleteContact, Zh: "删除联系人", En: "Delete contacts"},
	{Number: 31, Name: RightCreateLead, Zh: "新增线索", En: "Create leads"},
	{Number: 32, Name: RightEditLead, Zh: "编辑线索", En: "Change leads"},
	{Number: 33, Name: RightDeleteLead, Zh: "删除线索", En: "Delete leads"},
	{Number: 34, Name: RightTransferLead, Zh: "转移线索", En: "Transfer leads"},
	{Number: 35, Name: RightPoolLead, Zh: "线索转移到公海", En: "Move leads to a pool"},
	{Number: 36, Name: RightTakeLead, Zh: "抢公海线索", En: "Take leads from a pool"},
	{Number: 37, Name: RightTurnLead, Zh: "线索转客户", En: "Turn leads into customers"},
	{Number: 41, Name: RightManagePeople, Zh: "管理用户、部门和角色", En: "Manage users, departments and roles"},
	{Number: 42, Name: RightManageFields, Zh: "管理字段", En: "Manage fields"},
	{Number: 43, Name: RightManageLabels, Zh: "管理标签", En: "Manage labels"},
	{Number: 44, Name: RightManagePools, Zh: "管理公海", En: "Manage pools"},
	{Number: 45, Name: RightManageDuplicates, Zh: "管理查重", En: "Manage the check for duplicates"},
	{Number: 46, Name: RightShowLogs, Zh: "查看日志", En: "See the logs"},
}

// showRights are what everybody may see, within the data scope. They are no rights
// of a role: clients look for them among the permissions.
var showRights = []Right{
	{Number: 1, Name: "customer.show", Zh: "查看客户", En: "See customers"},
	{Number: 2, Name: "contact.show", Zh: "查看联系人", En: "See contacts"},
	{Number: 3, Name: "lead.show", Zh: "查看线索", En: "See leads"},
}

// RightTable gives every operation right in the order in which a screen lists
// them.
func RightTable() []Right { return halved(rightTable) }

func halved(rights []Right) []Right {
	out := make([]Right, len(rights))
	for i, r := range rights {
		r.Subject, r.Act, _ = strings.Cut(r.Name, ".")
		out[i] = r
	}
	return out
}

// Rights gives the names of every operation right, in that order.
func Rights() []string {
	names := make([]string, len(rightTable))
	for i, r := range rightTable {
		names[i] = r.Name
	}
	return names
}

// IsRight reports whether there is such a right.
func IsRight(right string) bool {
	for _, r := range rightTable {
		if r.Name == right {
			return true
		}
	}
	return false
}

// Permissions are what people of the role may see and do, as clients know it.
func (r *Role) Permissions() []Right {
	may := halved(showRights)
	for _, right := range RightTable() {
		if r.May(right.Name) {
			may = append(may, right)
		}
	}
	return may
}

// Validate refuses what no role may be. It trims the name. The names of hidden
// fields are checked by the service, which knows the organization's own.
func (r *Role) Validate() error {
	r.Name = strings.TrimSpace(r.Name)
	switch {
	case r.Name == "":
		return Required("角色名称", "Role name")
	case utf8.RuneCountInString(r.Name) > MaxText:
		return TooLong("角色名称", "Role name", MaxText)
	}
	switch r.Scope {
	case ScopeOwn, ScopeDepartments, ScopeDepartmentsBelow, ScopeOrganization:
	default:
		return Invalid("数据权限不存在", "There is no such data scope")
	}
	for right := range r.Rights {
		if !IsRight(right) {
			return Invalid("操作权限"+right+"不存在", "There is no operation right "+right)
		}
	}
	for field, on := range r.Hidden {
		if on != HideAll && on != HideOthers {
			return Invalid("字段权限"+field+"只能是all或others", "The field right of "+field+" must be all or others")
		}
	}
	return nil
}

// RightsOfNormal are the rights of a new organization's ordinary users: the
// whole work with records but deleting customers and leads.
func RightsOfNormal() map[string]bool {
	return rightSet(RightCreateCustomer, RightEditCustomer, RightTransferCustomer, RightAssistCustomer, RightPoolCustomer,
		RightTakeCustomer, RightCreateContact, RightEditContact, RightDeleteContact, RightCreateLead, RightEditLead,
		RightTransferLead, RightPoolLead, RightTakeLead, RightTurnLead)
}

// RightsOfAdmin are the rights of a new organization's ordinary administrators.
func RightsOfAdmin() map[string]bool { return rightSet(Rights()...) }

func rightSet(rights ...string) map[string]bool {
	m := make(map[string]bool, len(rights))
	for _, r := range rights {
		m[r] = true
	}
	return m
}
