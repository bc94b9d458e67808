package api

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// Pools of the tests of pools, and what lies in them.
const (
	companyPool int64 = 45 // of the sales department, its manager is the superior
	marketPool  int64 = 46 // of the colleague alone, who manages it too
	poolOfLeads int64 = 47 // of leads, for everybody
	lying       int64 = 940
	lyingMarket int64 = 941
)

func poolWorld(t testing.TB) *world {
	return newWorldOf(t, "pools", []int64{home, other}, func(w *store.Write, org int64) error {
		return errors.Join(fill(w, org), fillPools(w))
	})
}

func fillPools(w *store.Write) error {
	rights := crm.RightsOfNormal()
	rights[crm.RightDeleteCustomer] = true
	start := at("2014-11-07 10:11:02")
	pools := []crm.Pool{
		{ID: companyPool, Name: "公司公海", Position: 1, PoolSettings: crm.PoolSettings{Managers: []int64{superior}, Departments: []int64{5},
			Unfollowed: crm.PoolRule{On: true, Since: at("2026-11-14 16:59:52"), Days: 10, SkipWon: true, NoticeDays: 2, FlowTime: "16:00", NoticeTime: "09:00"},
			GrabDays:   10, GrabFrom: at("2026-11-14 16:59:52"), MemberColumns: []string{"name", "text_asset_fbf817"}, ManagerFilters: []string{"category"}}},
		{ID: marketPool, Name: "市场公海", Position: 2, PoolSettings: crm.PoolSettings{Managers: []int64{colleague}, Members: []int64{colleague},
			Unsold: crm.PoolRule{Days: 90, Categories: map[int64]int{3468: 0, 4024: 120}}}},
		{ID: poolOfLeads, Entity: "lead", Name: "线索公海", PoolSettings: crm.PoolSettings{Everybody: true}},
	}
	errs := []error{w.SetRole(&crm.Role{ID: 419, Name: "销售经理", Scope: crm.ScopeOwn, Rights: rights}, start)}
	for i := range pools {
		errs = append(errs, w.AddPool(&pools[i], start))
	}
	for _, k := range []crm.Customer{
		{ID: lying, Name: "落入公海有限公司", NamePinyin: "luorugonghaiyouxiangongsi", CompanyName: "落入", CreatorID: creator, Category: 4024, Status: 3462,
			PoolID: companyPool, HomePoolID: companyPool, FlowIntoAt: at("2019-02-07 16:03"), BeforeUserID: star, BeforeDepartmentID: 5,
			BeforePoolID: marketPool, ParentID: 831, Note: "备注"},
		{ID: lyingMarket, Name: "市场公海有限公司", NamePinyin: "shichanggonghaiyouxiangongsi", CreatorID: creator, PoolID: marketPool, HomePoolID: marketPool,
			FlowIntoAt: at("2026-11-20 16:00"), BeforeUserID: colleague, BeforeDepartmentID: 6},
	} {
		k.Approval, k.CreatedAt, k.UpdatedAt = crm.Approved, start, at("2019-02-15 17:36")
		k.Address = crm.Address{ID: 247100 + k.ID, Phone: crm.T("13800000040"), Detail: crm.T("长寿路1号"), CreatedAt: start, UpdatedAt: start}
		contact := crm.Contact{ID: 146000 + k.ID, CustomerID: k.ID, CreatorID: creator, Name: "公海联系人甲", NamePinyin: "gonghailianxirenjia", CreatedAt: start,
			UpdatedAt: start, Address: crm.Address{ID: 248100 + k.ID, Phone: crm.T("13800000041"), CreatedAt: start, UpdatedAt: start}}
		errs = append(errs, w.AddCustomer(&k), w.AddContact(&contact))
	}
	errs = append(errs, w.SkipIDs(store.Pools, 50), w.SkipIDs(store.Notices, 1))
	return errors.Join(errs...)
}

// send sends a JSON body with any method.
func (w *world) send(org, user int64, method, target, body string, head ...string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, "http://crm.example.com"+target, strings.NewReader(body))
	r.Header.Set("Authorization", "Token token="+w.token(org, user))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	return w.do(r)
}
