package api

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// fill writes the two examples of the seeds, with people of every kind around
// them.
func fill(w *store.Write, org int64) error {
	start := at("2014-01-01 00:00")
	var err error
	do := func(e error) {
		if err == nil {
			err = e
		}
	}
	do(w.AddOrganization(fmt.Sprintf("公司%d", org), start))
	do(w.AddDepartment(&crm.Department{ID: 1, Name: "总部"}, start))
	do(w.AddDepartment(&crm.Department{ID: 5, ParentID: 1, Name: "销售部"}, start))
	do(w.AddDepartment(&crm.Department{ID: 6, ParentID: 1, Name: "市场部"}, start))
	rights := crm.RightsOfNormal()
	for _, r := range []*crm.Role{
		{ID: 172, Name: "普通用户", Scope: crm.ScopeOwn},
		{ID: 419, Name: "销售经理", Scope: crm.ScopeOwn, Rights: rights},
		{ID: 420, Name: "部门", Scope: crm.ScopeDepartments, Rights: rights},
		{ID: 421, Name: "部门及下属", Scope: crm.ScopeDepartmentsBelow, Rights: rights},
		{ID: 422, Name: "全公司", Scope: crm.ScopeOrganization, Rights: rights},
		{ID: 423, Name: "超级管理员", Scope: crm.ScopeOrganization, Super: true},
		{ID: 424, Name: "看不到手机", Scope: crm.ScopeOrganization, Hidden: map[string]crm.Hiding{
			"contact.address.phone": crm.HideOthers, "contact.text_asset_7c7b94f7": crm.HideAll}},
	} {
		do(w.AddRole(r, start))
	}
	type person struct {
		id, role, dept, superior int64
		name                     string
		further                  []int64
		hide                     bool
		state                    string
	}
	for _, p := range []person{
		{id: superior, role: 419, dept: 1, name: "上级"},
		{id: owner, role: 419, dept: 5, superior: superior, name: "大"},
		{id: star, role: 419, dept: 5, superior: owner, name: "周星驰"},
		{id: creator, role: 172, dept: 5, name: "仪修Test"},
		{id: colleague, role: 419, dept: 6, name: "同事"},
		{id: sameDept, role: 420, dept: 5, name: "同部门"},
		{id: furtherDept, role: 420, dept: 6, further: []int64{5}, name: "辅部门"},
		{id: deptsBelow, role: 421, dept: 1, name: "部门及下属部门"},
		{id: everybody, role: 422, dept: 6, name: "全公司"},
		{id: helperSuperior, role: 419, dept: 6, name: "协作人的上级"},
		{id: helper, role: 419, dept: 6, superior: helperSuperior, name: "协作人"},
		{id: admin, role: 423, dept: 1, name: "超级管理员"},
		{id: masked, role: 422, dept: 6, hide: true, name: "隐藏号码"},
		{id: disabled, role: 422, dept: 6, state: crm.UserDisabled, name: "已停用"},
		{id: barred, role: 424, dept: 6, name: "字段权限"},
	} {
		u := &crm.User{ID: p.id, Name: p.name, Email: fmt.Sprintf("u%d@example.com", p.id), Phone: fmt.Sprintf("13800000%03d", p.id),
			RoleID: p.role, DepartmentID: p.dept, FurtherDepartments: p.further, SuperiorID: p.superior, State: crm.UserActive,
			HideNumbers: p.hide, CreatedAt: at("2015-02-06 17:32"), UpdatedAt: start}
		if p.state != "" {
			u.State = p.state
		}
		if p.id == owner {
			u.Job, u.CreatedAt = "jingli ", at("2015-02-09 11:10")
		}
		if p.id == creator {
			u.Job = "iOS开发"
		}
		do(w.AddUser(u, hashOfAll()))
		do(w.AddIdentity(fmt.Sprintf("phone:138%02d000%03d", org, p.id), p.id, start))
		do(addToken(w, org, p.id))
	}
	for _, o := range []crm.Option{
		{ID: 3462, Entity: "customer", Field: "status", Label: "待联系"},
		{ID: 3468, Entity: "customer", Field: "category", Label: "VIP客户"},
		{ID: 4021, Entity: "customer", Field: "status", Label: "成交", Meaning: crm.MeaningWon},
		{ID: 4024, Entity: "customer", Field: "category", Label: "VIP客户"},
		{ID: 4030, Entity: "customer", Field: "source", Label: "广告"},
	} {
		o.Enabled = true
		do(w.AddOption(&o))
	}
	do(w.AddOption(&crm.Option{ID: 4031, Entity: "customer", Field: "source", Label: "停用"}))
	do(w.AddLabel(&crm.Label{ID: 1, Name: "重点", Color: "#f5222d"}, 1))
	do(w.AddLabel(&crm.Label{ID: 2, Name: "展会", Color: "#1677ff"}, 2))
	for i, f := range []crm.CustomField{
		{Entity: "contact", Name: "text_asset_7c7b94f7", Label: "备用名", Kind: "text", Enabled: true},
		{Entity: "contact", Name: "file_asset_6da421", Label: "附件", Kind: "file", Enabled: true},
		{Entity: "contact", Name: "text_asset_off000", Label: "停用的", Kind: "text"},
		{Entity: "customer", Name: "text_asset_fbf817", Label: "级别", Kind: "select", Enabled: true,
			Choices: []crm.Choice{{Value: "sel_4d1f", Label: "甲"}, {Value: "sel_4d20", Label: "乙"}}},
		{Entity: "customer", Name: "text_asset_0a0b0c", Label: "热线", Kind: "phone", Enabled: true},
		{Entity: "customer", Name: "text_asset_2baca2", Label: "渠道", Kind: "multi_select", Enabled: true,
			Choices: []crm.Choice{{Value: "mul_0001", Label: "线上"}, {Value: "mul_0002", Label: "线下"}}},
		{Entity: "customer", Name: "numeric_asset_11aa22", Label: "注册资本", Kind: "money", Enabled: true},
		{Entity: "customer", Name: "datetime_asset_33bb44", Label: "成立时间", Kind: "datetime", Enabled: true},
	} {
		f.ID, f.Position = int64(i+1), i+1
		do(w.AddCustomField(&f, start))
	}
	do(w.AddAttachment(&crm.Attachment{ID: 14918, Name: "attachment_1466479956.jpg", OwnerType: "Contact", OwnerID: 20583,
		FileName: "attachment_1466479956.jpg", ContentType: "image/jpeg", Size: 256196, UserID: creator,
		Key: fmt.Sprintf("%d/14918", org), CreatedAt: at("2016-06-21 11:32:37"), UpdatedAt: at("2016-06-21 11:32:37")}))
	do(w.AddAttachment(&crm.Attachment{ID: 14000, Name: "vertrag.pdf", FileName: "vertrag.pdf", ContentType: "application/pdf", Size: 3,
		UserID: owner, Key: fmt.Sprintf("%d/14000", org), CreatedAt: start, UpdatedAt: start}))
	do(fillRecords(w))
	for kind, last := range map[store.Kind]int64{store.Customers: 80000, store.Contacts: 150000, store.Addresses: 250000,
		store.Attachments: 14918, store.Users: 500, store.Sessions: 1000, store.Logs: 1} {
		do(w.SkipIDs(kind, last))
	}
	do(w.Log(1, crm.LogEntry{Entity: "organization", EntityID: org, Action: "create", Changes: "{}", At: start}))
	return err
}

func addToken(w *store.Write, org, user int64) error {
	sum := sha256.Sum256(fmt.Appendf(nil, "token of %d in %d", user, org))
	return w.AddSession(&crm.Session{ID: user, UserID: user, TokenHash: hashOf(hex.EncodeToString(sum[:16])), DeviceKind: "open_api",
		Device: "open_api", State: crm.SessionLive, CreatedAt: at("2026-11-21 12:00")})
}

// fillRecords writes the customers and contacts of the seeds.
func fillRecords(w *store.Write) error {
	empty := crm.T("")
	first := crm.Customer{ID: 831, OwnerID: star, CreatorID: star, DepartmentID: 5, Name: "经理1的客户", NamePinyin: "jingli1dekehu",
		Status: 3462, Category: 3468, Approval: crm.Approved, CreatedAt: at("2014-11-07 10:11:02"), UpdatedAt: at("2019-02-15 17:36"),
		Address: crm.Address{ID: 2675, CountryID: 4, ProvinceID: 14, CityID: 124, DistrictID: 1122, Tel: empty,
			Fax: crm.T("02100000831"), Zip: crm.T("2000000"), URL: crm.T("http://example.com"), Detail: crm.T("打算范德萨斯蒂芬阿萨德"),
			Lat: 31.579004, Lng: 91.100065, HasPosition: true,
			CreatedAt: at("2014-11-07 10:11:02"), UpdatedAt: at("2018-02-26 18:38:45")}}
	k1 := crm.Contact{ID: 673, CustomerID: 831, CreatorID: star, Name: "经理1的联系人", NamePinyin: "jingli1delianxiren",
		CreatedAt: at("2014-11-07 10:16:09"), UpdatedAt: at("2016-04-15 15:30:42"),
		Address: crm.Address{ID: 2676, CountryID: 4, ProvinceID: 1, CityID: 1, DistrictID: 1, Tel: crm.T("34500000"),
			Phone: crm.T("13800000005"), Email: crm.T("k673@example.com"), QQ: crm.T("23500000"), Fax: crm.T("235000000000"),
			Wechat: crm.T("235000000000"), Zip: crm.T("45234523"), Detail: crm.T("阿斯多发生的风阿萨德f"),
			CreatedAt: at("2014-11-07 10:16:09"), UpdatedAt: at("2016-04-15 15:30:42")}}
	detail := crm.T("上海市静安区长寿路 1111 号22楼2201 室")
	second := crm.Customer{ID: 73717, OwnerID: owner, CreatorID: creator, DepartmentID: 5, Name: "0永豐餘投資有限公司",
		NamePinyin: "0yongfengyutouziyouxiangongsi", CompanyName: "哦KKK咯", Status: 4021, Category: 4024, Approval: crm.Approved,
		RevisitAt: at("2019-02-18 14:45:20"), CreatedAt: at("2016-06-21 11:32"), UpdatedAt: at("2019-02-14 11:20"),
		Address: crm.Address{ID: 177109, Tel: crm.T("13800000003"), Phone: crm.T("13800000004"), QQ: empty, Email: empty, URL: empty,
			Detail: detail, Lat: 31.229676, Lng: 121.42799, HasPosition: true,
			CreatedAt: at("2016-06-21 11:32"), UpdatedAt: at("2016-06-21 11:32")}}
	contact := func(id int64, name string, a crm.Address) crm.Contact {
		a.CreatedAt, a.UpdatedAt = at("2016-06-21 11:32"), at("2019-02-20 16:45")
		return crm.Contact{ID: id, CustomerID: 73717, CreatorID: creator, Name: name, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt, Address: a}
	}
	k2 := contact(20583, "???", crm.Address{ID: 177110, CountryID: 4, ProvinceID: 2, CityID: 2, DistrictID: 24,
		Tel: crm.T("02100000001"), Phone: crm.T("13800000001"), Detail: detail, Lat: 31.229676, Lng: 121.42799, HasPosition: true})
	k2.CardID = 14918
	k3 := contact(27826, "小鲤鱼历险记", crm.Address{ID: 194028, Tel: crm.T("02100000001"), Phone: crm.T("13800000002")})
	k4 := contact(145384, "吐了", crm.Address{ID: 246106})
	pool := crm.Customer{ID: 900, CreatorID: admin, Name: "公海客户", NamePinyin: "gonghaikehu", Approval: crm.Approved, Labelled: true,
		CreatedAt: at("2020-01-01 00:00"), UpdatedAt: at("2020-01-01 00:00"), Address: crm.Address{ID: 247000}}
	pending := crm.Customer{ID: 901, OwnerID: colleague, CreatorID: colleague, DepartmentID: 6, Name: "待审批客户", Approval: crm.Applying,
		NamePinyin: "daishenpikehu", CreatedAt: at("2020-01-02 00:00"), UpdatedAt: at("2020-01-02 00:00"), Address: crm.Address{ID: 247001}}
	for _, c := range []*crm.Customer{&first, &second, &pool, &pending} {
		if err := w.AddCustomer(c); err != nil {
			return err
		}
	}
	for _, label := range []int64{1, 2} {
		if err := w.AddCustomerLabel(900, label); err != nil {
			return err
		}
	}
	k5 := crm.Contact{ID: 146000, CustomerID: 900, CreatorID: admin, Name: "公海联系人", CreatedAt: at("2020-01-01 00:00"),
		UpdatedAt: at("2020-01-01 00:00"), Address: crm.Address{ID: 247002, Phone: crm.T("13800000009")}}
	for _, k := range []*crm.Contact{&k1, &k2, &k3, &k4, &k5} {
		if err := w.AddContact(k); err != nil {
			return err
		}
	}
	return w.AddAssistant(73717, helper)
}
