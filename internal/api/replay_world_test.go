package api

import (
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/service"
	"guanxi/internal/store"
	"guanxi/internal/zh"
)

// Records of the world of replays, beside those of fill.
const (
	replayPool, replayLeads int64 = 31, 32
	// A customer of the owner with everything that one can have, its contact, and
	// one in the pool.
	fullCustomer, fullContact, pooledCustomer, farCustomer int64 = 910, 910, 911, 912
	pooledContact                                          int64 = 911
	// Leads: of the owner, in the pool, and one that has become a customer.
	fullLead, pooledLead, turnedLead int64 = 4001, 4002, 4003
	fullFile                         int64 = 14001
)

// newReplay gives a fresh world of replays.
func newReplay(t testing.TB) *world {
	return newWorldOf(t, "replay", []int64{home}, fillReplay, func(_ *Options, s *service.Settings) { s.UploadLimit = 1 << 20 })
}

// replayOrganizations hold the same records under the same ids: a write that is
// sent in another way goes to the next one.
const replayOrganizations = 50

// newReplays gives a fresh world of so many organizations.
func newReplays(t testing.TB) *world {
	all := make([]int64, replayOrganizations)
	for i := range all {
		all[i] = home + int64(i)
	}
	return newWorldOf(t, "replays", all, fillReplay, func(_ *Options, s *service.Settings) { s.UploadLimit = 1 << 20 })
}

// fillReplay writes what fill does, pools, leads, fields of leads, rules for
// duplicates, and records that leave nothing empty.
func fillReplay(w *store.Write, org int64) error {
	err := fill(w, org)
	do := func(e error) {
		if err == nil {
			err = e
		}
	}
	start := at("2026-01-05 08:09:10")
	for _, o := range []crm.Option{
		{ID: 3470, Entity: "customer", Field: "industry", Label: "互联网"}, {ID: 3471, Entity: "customer", Field: "staff_size", Label: "10-50人"},
		{ID: 3480, Entity: "contact", Field: "category", Label: "决策人"}, {ID: 3490, Entity: "lead", Field: "status", Label: "未处理"},
		{ID: 3491, Entity: "lead", Field: "status", Label: "已联系"}, {ID: 3495, Entity: "lead", Field: "source", Label: "广告"},
	} {
		o.Enabled = true
		do(w.AddOption(&o))
	}
	for _, f := range []crm.CustomField{
		{ID: 21, Entity: "lead", Name: "text_asset_1ead01", Label: "车牌", Kind: "text"},
		{ID: 22, Entity: "lead", Name: "text_asset_1ead02", Label: "热线", Kind: "phone"},
		{ID: 23, Entity: "lead", Name: "text_asset_1ead03", Label: "级别", Kind: "select", Choices: []crm.Choice{{Value: "sel_4d1f", Label: "甲"}}},
		{ID: 24, Entity: "lead", Name: "numeric_asset_1ead04", Label: "台数", Kind: "integer"},
	} {
		f.Enabled, f.Position = true, int(f.ID)
		do(w.AddCustomField(&f, start))
	}
	for _, p := range []crm.Pool{
		{ID: replayPool, Entity: "customer", Name: "公司公海", PoolSettings: crm.PoolSettings{Managers: []int64{superior}, Everybody: true,
			Unfollowed: crm.PoolRule{On: true, Since: start, Days: 10, Categories: map[int64]int{3468: 0}, SkipWon: true, NoticeDays: 2,
				FlowTime: "16:00", NoticeTime: "09:00"}, GrabDays: 10}},
		{ID: replayLeads, Entity: "lead", Name: "线索公海", PoolSettings: crm.PoolSettings{Managers: []int64{superior}, Departments: []int64{5}}},
	} {
		p.CreatedAt, p.UpdatedAt = start, start
		do(w.AddPool(&p, start))
	}
	do(w.SetSettings(crm.Settings{Duplicates: map[string]crm.DuplicateSettings{
		"customer": {Enabled: true, Columns: []string{"name", "user_id"}}, "lead": {Enabled: true, Columns: []string{"name"}}}}))
	for i, r := range []crm.DuplicateRule{{ID: 1, Entity: "customer", Field: "name"}, {ID: 2, Entity: "lead", Field: "name"},
		{ID: 3, Entity: "lead", Field: "address.phone"}} {
		r.State = crm.RuleActive
		do(w.AddRule(&r, i+1, start))
	}
	do(mendFill(w, org, start))
	do(fillWhole(w, start))
	for kind, last := range map[store.Kind]int64{store.Leads: 5000, store.Pools: 50, store.Rules: 50, store.Options: 5000, store.Labels: 50,
		store.LabelGroups: 50, store.CustomFields: 50, store.FieldGroups: 50, store.Templates: 50, store.Notices: 50, store.Jobs: 50,
		store.Departments: 50, store.Roles: 500} {
		do(w.SkipIDs(kind, last))
	}
	return err
}

// mendFill gives the records of fill that no write could have made what every
// record has: times of the address, and a pool where there is no owner.
func mendFill(w *store.Write, org int64, start crm.Time) error {
	for _, id := range []int64{900, 901} {
		k, err := w.Customer(org, id)
		if err != nil {
			return err
		}
		k.Address.CreatedAt, k.Address.UpdatedAt = start, start
		if k.OwnerID == 0 {
			k.PoolID, k.FlowIntoAt = replayPool, start
		}
		if err := w.SetCustomer(k); err != nil {
			return err
		}
	}
	k, err := w.Contact(org, 146000)
	if err != nil {
		return err
	}
	k.Address.CreatedAt, k.Address.UpdatedAt = start, start
	return w.SetContact(k)
}

// fillWhole writes the records themselves.
func fillWhole(w *store.Write, start crm.Time) error {
	var err error
	do := func(e error) {
		if err == nil {
			err = e
		}
	}
	address := func(id int64, phone string) crm.Address {
		return crm.Address{ID: id, CountryID: 4, ProvinceID: 14, CityID: 124, DistrictID: 1122, Tel: crm.T("079188880000"),
			Phone: crm.T(phone), Email: crm.T("w@example.com"), QQ: crm.T("10000"), Fax: crm.T("079188880001"), Wechat: crm.T("weixin"),
			Wangwang: crm.T("wangwang"), Zip: crm.T("330000"), URL: crm.T("http://example.com/a"), Detail: crm.T("某路1号"),
			Lat: 28.682892, Lng: 115.858198, HasPosition: true, CreatedAt: start, UpdatedAt: start}
	}
	whole := crm.Customer{ID: fullCustomer, OwnerID: owner, CreatorID: creator, DepartmentID: 5, ParentID: 73717, Name: "完整科技有限公司",
		NamePinyin: "wanzhengkejiyouxiangongsi", CompanyName: "完整科技", Note: "备注", Status: 3462, Category: 3468, Source: 4030, Industry: 3470,
		StaffSize: 3471, Approval: crm.Approved, RevisitAt: at("2026-10-31 17:36:20"), RevisitRemindAt: at("2026-12-01 09:00"), HomePoolID: replayPool,
		OwnedAt: start, Labelled: true, Custom: crm.Values(`{"text_asset_fbf817":"sel_4d1f","text_asset_0a0b0c":"13800000913",` +
			`"text_asset_2baca2":["mul_0001"],"numeric_asset_11aa22":156.655,"datetime_asset_33bb44":"2019-02-15 17:36:00"}`),
		CreatedAt: at("2026-02-03 04:05:06"), UpdatedAt: at("2026-10-31 17:36:20"), Address: address(248001, "13800000911")}
	lying := crm.Customer{ID: pooledCustomer, CreatorID: owner, Name: "落入公海有限公司", NamePinyin: "luorugonghaiyouxiangongsi", Category: 4024,
		Approval: crm.Approved, PoolID: replayPool, HomePoolID: replayPool, BeforeUserID: colleague, BeforeDepartmentID: 6,
		FlowIntoAt: at("2026-11-01 16:00"), RevisitAt: at("2026-09-01 10:00"), CreatedAt: at("2026-03-01 09:00"),
		UpdatedAt: at("2026-11-01 16:00"), Address: address(248002, "13800000912")}
	// What a client sends that knows no country.
	far := crm.Customer{ID: farCustomer, OwnerID: colleague, CreatorID: colleague, DepartmentID: 6, Name: "红谷滩商行", NamePinyin: "honggutanshanghang",
		Approval: crm.Approved, OwnedAt: start, CreatedAt: at("2026-02-01 04:05:06"), UpdatedAt: at("2026-02-01 04:05:06"),
		Address: crm.Address{ID: 248003, CityID: 124, CreatedAt: start, UpdatedAt: start}}
	for _, k := range []*crm.Customer{&whole, &lying, &far} {
		do(w.AddCustomer(k))
		do(w.AddKey(1, zh.Fold(k.Name), k.ID))
	}
	do(w.AddCustomerLabel(fullCustomer, 1))
	do(w.AddAssistant(fullCustomer, helper))
	contact := func(id, customer int64, name, phone string) *crm.Contact {
		return &crm.Contact{ID: id, CustomerID: customer, CreatorID: owner, Name: name, NamePinyin: "lisi", Department: "采购部", Job: "经理",
			Category: 3480, Gender: "male", Note: "备注", BirthDate: "1990-06-01", Custom: crm.Values(`{"text_asset_7c7b94f7":"别名"}`),
			CreatedAt: at("2026-02-03 04:05:06"), UpdatedAt: at("2026-02-03 04:05:06"), Address: address(248010+id, phone)}
	}
	do(w.AddContact(contact(fullContact, fullCustomer, "李四", "13800000921")))
	do(w.AddContact(contact(pooledContact, pooledCustomer, "王五", "13800000922")))
	do(w.AddAttachment(&crm.Attachment{ID: fullFile, Name: "合同.pdf", OwnerType: crm.OfCustomer, OwnerID: fullCustomer, FileName: "合同.pdf",
		ContentType: "application/pdf", Size: 3, UserID: owner, Key: "57/14001", CreatedAt: start, UpdatedAt: start}))
	lead := func(id int64, name, phone string) *crm.Lead {
		return &crm.Lead{ID: id, OwnerID: owner, CreatorID: creator, DepartmentID: 5, Name: name, NamePinyin: "zhaoliu", CompanyName: name + "商贸",
			Status: 3490, Source: 3495, Department: "采购部", Job: "经理", Note: "备注", OwnedAt: start, RevisitAt: at("2026-10-30 11:12:13"),
			RevisitRemindAt: at("2026-12-01 09:00"), Custom: crm.Values(`{"text_asset_1ead01":"赣A00001","text_asset_1ead02":"13800000933",` +
				`"text_asset_1ead03":"sel_4d1f","numeric_asset_1ead04":1223}`),
			CreatedAt: at("2026-02-04 04:05:06"), UpdatedAt: at("2026-10-30 11:12:13"), Address: address(248020+id, phone)}
	}
	mine, pooled, turned := lead(fullLead, "赵六", "13800000931"), lead(pooledLead, "钱七", "13800000932"), lead(turnedLead, "孙八", "13800000934")
	pooled.OwnerID, pooled.DepartmentID, pooled.PoolID, pooled.HomePoolID = 0, 0, replayLeads, replayLeads
	pooled.BeforeUserID, pooled.BeforeDepartmentID, pooled.FlowIntoAt = colleague, 6, at("2026-11-02 16:00")
	turned.CustomerID, turned.TurnedAt = fullCustomer, at("2026-02-03 04:05:06")
	for _, l := range []*crm.Lead{mine, pooled, turned} {
		do(w.AddLead(l))
		do(w.AddKey(2, zh.Fold(l.Name), l.ID))
		do(w.AddKey(3, zh.FoldNumber(l.Address.Phone.Value), l.ID))
	}
	return err
}
