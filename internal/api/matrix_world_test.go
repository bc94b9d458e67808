package api

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// The world of the matrix: two organizations with the same ids, people of every
// kind, and records in every place. Each record carries words that stand nowhere
// else, so that a leak shows whatever the answer looks like.

// who is a kind of caller.
type who string

const (
	mOwner    who = "owner"
	mSuperior who = "superior"
	mMate     who = "colleague"        // same department, own scope
	mHead     who = "head"             // scope of the department
	mElse     who = "elsewhere"        // another department
	mHelper   who = "helper"           // collaborates
	mAbove    who = "above the helper" // superior of one who does
	mMember   who = "member"           // of the pool
	mManager  who = "manager"          // of the pool
	mAll      who = "everybody"        // company-wide scope
	mSuper    who = "super"
	mBare     who = "powerless" // company-wide scope without any right
	mAdmin    who = "administrator"
	mStranger who = "stranger" // of the other organization
	mNobody   who = "nobody"   // without a token
	mExpired  who = "expired"
	mReplaced who = "replaced"
	mDisabled who = "disabled"
)

// callers are all kinds of callers with their user ids.
var callers = []struct {
	who
	id int64
}{
	{mOwner, 1}, {mSuperior, 2}, {mMate, 3}, {mHead, 4}, {mElse, 5}, {mHelper, 6}, {mAbove, 7}, {mMember, 8}, {mManager, 9},
	{mAll, 10}, {mSuper, 11}, {mBare, 12}, {mAdmin, 13}, {mStranger, 1}, {mNobody, 0}, {mExpired, 14}, {mReplaced, 15}, {mDisabled, 16},
}

// place is where a record lies; the ids of customers, their contacts and leads
// are the same for each place.
type place struct {
	name string
	id   int64
}

var places = []place{{"own", 101}, {"assisted", 102}, {"pooled", 103}, {"pending", 104}, {"foreign", 105}, {"gone", 199}}

// level is what a caller may do with a record, the rights of the role aside.
type level int

const (
	lNone   level = iota
	lMember       // sees and takes
	lSee          // sees only
	lAssist       // sees and edits
	lFull         // disposes
	lManage       // disposes of what lies in a pool
)

// levels says who comes to which customer how far. What is not here is nothing.
var levels = map[string]map[who]level{
	"own":      {mOwner: lFull, mSuperior: lFull, mHead: lFull, mAll: lFull, mSuper: lFull, mBare: lFull, mAdmin: lFull},
	"assisted": {mOwner: lFull, mSuperior: lFull, mHead: lFull, mAll: lFull, mSuper: lFull, mBare: lFull, mAdmin: lFull, mHelper: lAssist, mAbove: lAssist},
	"pooled":   {mMember: lMember, mManager: lManage, mAll: lSee, mBare: lSee, mAdmin: lSee, mSuper: lManage},
	"pending":  {mOwner: lFull, mSuperior: lFull, mHead: lFull, mAll: lFull, mSuper: lFull, mBare: lFull, mAdmin: lFull},
	"foreign":  {mElse: lFull, mAll: lFull, mSuper: lFull, mBare: lFull, mAdmin: lFull},
	"gone":     {},
}

// levelOf is the same for leads, which have no collaborators.
func levelOf(entity string, p place, w who) level {
	l := levels[p.name][w]
	if entity == "lead" && l == lAssist {
		return lNone
	}
	return l
}

// secret is a word that stands in one record of one organization only.
func secret(org int64, entity string, p place) string {
	return fmt.Sprintf("密%d%s%d语", org, entity, p.id)
}

// numberOf is a phone number of one record only.
func numberOf(org int64, entity string, p place) string {
	return fmt.Sprintf("1380%d%d%05d", org%10, len(entity)%10, p.id)
}

const (
	matrixHome  = 57
	matrixOther = 58
	matrixPool  = 31
	matrixLeads = 32
)

func fillMatrix(w *store.Write, org int64) error {
	start := at("2026-01-01 00:00")
	var err error
	do := func(e error) {
		if err == nil {
			err = e
		}
	}
	do(w.AddOrganization(fmt.Sprintf("公司%d", org), start))
	for _, d := range []crm.Department{{ID: 1, Name: "总部"}, {ID: 5, ParentID: 1, Name: "销售部"}, {ID: 6, ParentID: 1, Name: "市场部"}} {
		do(w.AddDepartment(&d, start))
	}
	worker := crm.RightsOfNormal()
	worker[crm.RightDeleteCustomer], worker[crm.RightDeleteLead] = true, true
	for _, r := range []crm.Role{
		{ID: 1, Name: "本人", Scope: crm.ScopeOwn, Rights: worker},
		{ID: 2, Name: "部门", Scope: crm.ScopeDepartments, Rights: worker},
		{ID: 3, Name: "全公司", Scope: crm.ScopeOrganization, Rights: worker},
		{ID: 4, Name: "超级管理员", Scope: crm.ScopeOrganization, Super: true},
		{ID: 5, Name: "无权限", Scope: crm.ScopeOrganization},
		{ID: 6, Name: "普通管理员", Scope: crm.ScopeOrganization, Rights: crm.RightsOfAdmin()},
	} {
		do(w.AddRole(&r, start))
	}
	for _, p := range []struct {
		id, role, dept, superior int64
		state                    string
	}{
		{2, 1, 1, 0, ""}, {1, 1, 5, 2, ""}, {3, 1, 5, 0, ""}, {4, 2, 5, 0, ""}, {5, 1, 6, 0, ""}, {7, 1, 6, 0, ""}, {6, 1, 6, 7, ""},
		{8, 1, 6, 0, ""}, {9, 1, 6, 0, ""}, {10, 3, 6, 0, ""}, {11, 4, 1, 0, ""}, {12, 5, 6, 0, ""}, {13, 6, 6, 0, ""}, {14, 3, 6, 0, ""},
		{15, 3, 6, 0, ""}, {16, 3, 6, 0, crm.UserDisabled},
	} {
		u := &crm.User{ID: p.id, Name: fmt.Sprintf("员工%d", p.id), Phone: fmt.Sprintf("13900000%03d", p.id), RoleID: p.role,
			DepartmentID: p.dept, SuperiorID: p.superior, State: crm.UserActive, CreatedAt: start, UpdatedAt: start}
		if p.state != "" {
			u.State = p.state
		}
		do(w.AddUser(u, hashOfAll()))
		do(w.AddIdentity(fmt.Sprintf("name:员工%d-%d", org, p.id), p.id, start))
		do(addToken(w, org, p.id))
	}
	for id, state := range map[int64]string{14: crm.SessionEnded, 15: crm.SessionReplaced} {
		sum := sha256.Sum256(fmt.Appendf(nil, "token of %d in %d", id, org))
		do(w.EndSession(&crm.Session{ID: id, TokenHash: hashOf(hex.EncodeToString(sum[:16]))}, state))
	}
	for _, o := range []crm.Option{{ID: 1, Entity: "customer", Field: "status", Label: "待联系"}, {ID: 2, Entity: "customer", Field: "category", Label: "客户"},
		{ID: 3, Entity: "lead", Field: "status", Label: "未处理"}} {
		o.Enabled = true
		do(w.AddOption(&o))
	}
	do(w.AddLabel(&crm.Label{ID: 1, Name: "重点", Color: "#f5222d"}, 1))
	for _, p := range []crm.Pool{{ID: matrixPool, Entity: "customer", Name: "公海"}, {ID: matrixLeads, Entity: "lead", Name: "线索池"}} {
		p.Members, p.Managers = []int64{8}, []int64{9}
		do(w.AddPool(&p, start))
	}
	for _, p := range places {
		if p.name != "gone" {
			do(fillPlace(w, org, p, start))
		}
	}
	for _, k := range []store.Kind{store.Customers, store.Contacts, store.Leads, store.Addresses, store.Attachments, store.Users,
		store.Sessions, store.Logs, store.Pools, store.Departments, store.Roles, store.Labels, store.Options} {
		do(w.SkipIDs(k, 1000))
	}
	do(w.Log(1, crm.LogEntry{Entity: "organization", EntityID: org, Action: "create", Changes: "{}", At: start}))
	return err
}

// fillPlace writes a customer with a contact and a file, and a lead.
func fillPlace(w *store.Write, org int64, p place, start crm.Time) error {
	address := func(entity string, id int64) crm.Address {
		return crm.Address{ID: id, Phone: crm.T(numberOf(org, entity, p)), Detail: crm.T(secret(org, entity, p) + "路"),
			CreatedAt: start, UpdatedAt: start}
	}
	c := &crm.Customer{ID: p.id, OwnerID: 1, CreatorID: 1, DepartmentID: 5, Name: secret(org, "customer", p), Note: secret(org, "customer", p),
		Approval: crm.Approved, OwnedAt: start, CreatedAt: start, UpdatedAt: start, Address: address("customer", 3*p.id)}
	l := &crm.Lead{ID: p.id, OwnerID: 1, CreatorID: 1, DepartmentID: 5, Name: secret(org, "lead", p), CompanyName: secret(org, "lead", p),
		OwnedAt: start, CreatedAt: start, UpdatedAt: start, Address: address("lead", 3*p.id+2)}
	switch p.name {
	case "pooled":
		c.OwnerID, c.DepartmentID, c.PoolID, c.HomePoolID, c.FlowIntoAt = 0, 0, matrixPool, matrixPool, start
		l.OwnerID, l.DepartmentID, l.PoolID, l.HomePoolID, l.FlowIntoAt = 0, 0, matrixLeads, matrixLeads, start
	case "pending":
		c.Approval = crm.Applying
	case "foreign":
		c.OwnerID, c.DepartmentID, c.CreatorID = 5, 6, 5
		l.OwnerID, l.DepartmentID, l.CreatorID = 5, 6, 5
	}
	if err := w.AddCustomer(c); err != nil {
		return err
	}
	if p.name == "assisted" {
		if err := w.AddAssistant(p.id, 6); err != nil {
			return err
		}
	}
	if err := w.AddContact(&crm.Contact{ID: p.id, CustomerID: p.id, CreatorID: 1, Name: secret(org, "contact", p), CreatedAt: start,
		UpdatedAt: start, Address: address("contact", 3*p.id+1)}); err != nil {
		return err
	}
	if err := w.AddAttachment(&crm.Attachment{ID: p.id, Name: "报价.pdf", OwnerType: "Customer", OwnerID: p.id, FileName: "报价.pdf",
		ContentType: "application/pdf", Size: 3, UserID: 1, Key: fmt.Sprintf("%d/%d", org, p.id), CreatedAt: start, UpdatedAt: start}); err != nil {
		return err
	}
	return w.AddLead(l)
}

// newMatrix gives a fresh world of the matrix.
func newMatrix(t testing.TB) *world {
	w := newWorldOf(t, "matrix", []int64{matrixHome, matrixOther}, fillMatrix)
	w.unchecked = true
	return w
}

// version is how often an organization has changed.
func (w *world) version(org int64) int64 {
	w.t.Helper()
	v, err := w.store.FreshVersion(w.t.Context(), org)
	must(w.t, err)
	return v.All
}

// ask sends a request as a kind of caller.
func (w *world) askAs(c who, id int64, method, target, body string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, "http://crm.example.com"+target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	} else {
		r.Body, r.ContentLength = nil, 0
	}
	org := int64(matrixHome)
	if c == mStranger {
		org = matrixOther
	}
	if c != mNobody {
		r.Header.Set("Authorization", "Token token="+w.token(org, id))
	}
	return w.do(r)
}
