package api

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// leadTestPool is the pool of leads of a leadWorld: owner and colleague are members,
// superior manages it.
const leadTestPool int64 = 7

// newLeadWorld is the world with leads: 2831 is the owner's with everything that
// a lead may hold, 2832 lies in the pool and was the colleague's, 2833 is the
// owner's and became customer 73717, 2834 is bare. Home has more, see leadsForCalls.
func newLeadWorld(t testing.TB) *world {
	t.Helper()
	return newWorldOf(t, "leads", []int64{home, other}, func(w *store.Write, org int64) error {
		return errors.Join(fill(w, org), fillLeads(w, org))
	})
}

func fillLeads(w *store.Write, org int64) error {
	start := at("2014-01-01 00:00")
	rights := crm.RightsOfNormal()
	rights[crm.RightDeleteLead] = true
	var errs []error
	for id, scope := range map[int64]crm.Scope{419: crm.ScopeOwn, 420: crm.ScopeDepartments, 422: crm.ScopeOrganization} {
		errs = append(errs, w.SetRole(&crm.Role{ID: id, Name: "线索", Scope: scope, Rights: rights}, start))
	}
	for _, o := range []crm.Option{{ID: 4301, Field: "status", Label: "待联系"}, {ID: 4302, Field: "source", Label: "广告"}} {
		o.Entity, o.Enabled = "lead", true
		errs = append(errs, w.AddOption(&o))
	}
	errs = append(errs, w.AddPool(&crm.Pool{ID: leadTestPool, Entity: "lead", Name: "线索池", PoolSettings: crm.PoolSettings{
		Managers: []int64{superior}, Members: []int64{owner, colleague}}}, start))
	levels := []crm.Choice{{Value: "sel_7a01", Label: "甲"}, {Value: "sel_7a02", Label: "乙"}}
	for i, f := range []crm.CustomField{
		{Name: "text_asset_1ead01", Label: "级别", Kind: "select", Choices: levels},
		{Name: "text_asset_1ead02", Label: "热线", Kind: "phone"},
		{Name: "text_asset_1ead03", Label: "昵称", Kind: "text"},
		{Name: "text_asset_1ead04", Label: "产品", Kind: "multi_select", Choices: []crm.Choice{{Value: "mul_0001", Label: "标准版"}}},
		{Name: "numeric_asset_1ead05", Label: "预算", Kind: "money"},
		{Name: "file_asset_1ead06", Label: "附件", Kind: "file"},
	} {
		f.ID, f.Entity, f.Position, f.Enabled = int64(200+i), "lead", i, true
		errs = append(errs, w.AddCustomField(&f, start))
	}
	made, changed := at("2019-02-15 17:36"), at("2019-02-20 16:45")
	whole := crm.Lead{ID: 2831, OwnerID: owner, CreatorID: creator, DepartmentID: 5, Name: "单先生", NamePinyin: "shanxiansheng",
		CompanyName: "示例线索公司", Status: 4301, Source: 4302, Department: "采购部", Job: "经理", Note: "展会\n认识", BeforeUserID: colleague,
		BeforeDepartmentID: 6, BeforePoolID: leadTestPool, CardID: 14900, RevisitRemindAt: at("2019-03-01 09:00"),
		Custom: crm.Values(`{"text_asset_1ead01":"sel_7a01","text_asset_1ead02":"13800000088","numeric_asset_1ead05":156.655}`),
		Address: crm.Address{CountryID: 4, ProvinceID: 14, CityID: 124, DistrictID: 1122, Tel: crm.T("02100000831"), Phone: crm.T("13800000081"),
			Email: crm.T("lead@example.com"), Detail: crm.T("长寿路1号"), Lat: 31.229676, Lng: 121.42799, HasPosition: true}}
	pooled := crm.Lead{ID: 2832, Name: "公海线索", PoolID: leadTestPool, HomePoolID: leadTestPool, FlowIntoAt: at("2019-02-07 16:03"),
		BeforeUserID: colleague, BeforeDepartmentID: 6, CreatorID: colleague, Address: crm.Address{Phone: crm.T("13800000082")}}
	turned := crm.Lead{ID: 2833, OwnerID: owner, DepartmentID: 5, Name: "已转", CustomerID: 73717, TurnedAt: changed}
	bare := crm.Lead{ID: 2834, OwnerID: owner, DepartmentID: 5, Name: "光"}
	errs = append(errs, w.AddAttachment(&crm.Attachment{ID: 14900, Name: "名片.jpg", OwnerType: crm.OfLead, OwnerID: 2831, FileName: "card.jpg",
		ContentType: "image/jpeg", Size: 5, UserID: owner, Key: fmt.Sprintf("%d/14900", org), CreatedAt: made, UpdatedAt: made}))
	leads := []crm.Lead{whole, pooled, turned, bare}
	if org == home {
		leads = append(leads, leadsForCalls()...)
	}
	for _, l := range leads {
		l.CreatedAt, l.UpdatedAt = made, changed
		l.Address.ID, l.Address.CreatedAt, l.Address.UpdatedAt = 250000+l.ID, made, changed
		errs = append(errs, w.AddLead(&l))
	}
	for kind, last := range map[store.Kind]int64{store.Leads: 4000, store.Addresses: 260000, store.Options: 5000, store.Pools: 10} {
		errs = append(errs, w.SkipIDs(kind, last))
	}
	return errors.Join(errs...)
}

// leadsForCalls are leads that only one organization has, one of the owner's (from
// 3000 on) and one in the pool (from 3100 on) for each row of the table of callers.
func leadsForCalls() (leads []crm.Lead) {
	for i := range int64(40) {
		leads = append(leads, crm.Lead{ID: 3000 + i, OwnerID: owner, DepartmentID: 5, Name: "线索甲"},
			crm.Lead{ID: 3100 + i, PoolID: leadTestPool, Name: "线索乙"})
	}
	return leads
}

// call sends a JSON body, or none, as a user of an organization; 0 sends no token.
func (w *world) call(org, user int64, method, target, body string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, "http://crm.example.com/api/v2"+target, strings.NewReader(body))
	if body == "" {
		r = httptest.NewRequest(method, "http://crm.example.com/api/v2"+target, nil)
	}
	if user != 0 {
		r.Header.Set("Authorization", "Token token="+w.token(org, user))
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return w.do(r)
}
