package demo

import (
	"fmt"
	"time"

	"guanxi/internal/crm"
)

// phone is a made-up number; it is also the login of a person.
func phone(id int64) string { return fmt.Sprintf("138%08d", id) }

// at reads a time of the examples, which are given in +08:00.
func at(s string) crm.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04:05", s, crm.China)
	if err != nil {
		panic(err) // only constants of this package come here
	}
	return crm.At(t)
}

const title = "上海关系科技有限公司"

func founded() crm.Time { return at("2014-10-08 09:00:00") }

// The departments.
const (
	depHead int64 = iota + 1
	depSales
	depSales1
	depSales2
	depMarket
	depService
	depFinance
	depTech
)

func departments() []crm.Department {
	return []crm.Department{
		{ID: depHead, Name: "总部"},
		{ID: depSales, ParentID: depHead, Name: "销售部"},
		{ID: depSales1, ParentID: depSales, Name: "销售一部"},
		{ID: depSales2, ParentID: depSales, Name: "销售二部"},
		{ID: depMarket, ParentID: depHead, Name: "市场部"},
		{ID: depService, ParentID: depHead, Name: "客服部"},
		{ID: depFinance, ParentID: depHead, Name: "财务部"},
		{ID: depTech, ParentID: depHead, Name: "技术部"},
	}
}

// The roles, one for each scope and one with field rights.
const (
	roleSuper     int64 = 170
	roleAdmin     int64 = 171
	roleNormal    int64 = 172
	roleSales     int64 = 419
	roleHead      int64 = 420
	roleAssistant int64 = 421
	roleService   int64 = 422
)

func roles() []crm.Role {
	rights := crm.RightsOfNormal()
	return []crm.Role{
		{ID: roleSuper, Name: "超级管理员", Scope: crm.ScopeOrganization, Super: true, Rights: crm.RightsOfAdmin()},
		{ID: roleAdmin, Name: "普通管理员", Scope: crm.ScopeOrganization, Rights: crm.RightsOfAdmin()},
		{ID: roleNormal, Name: "普通用户", Scope: crm.ScopeOwn, Rights: rights},
		{ID: roleSales, Name: "销售经理", Scope: crm.ScopeOwn, Rights: rights},
		{ID: roleHead, Name: "部门主管", Scope: crm.ScopeDepartmentsBelow, Rights: rights},
		{ID: roleAssistant, Name: "部门助理", Scope: crm.ScopeDepartments, Rights: rights},
		{ID: roleService, Name: "客服专员", Scope: crm.ScopeOrganization,
			Rights: map[string]bool{crm.RightCreateContact: true, crm.RightEditContact: true},
			Hidden: map[string]crm.Hiding{"contact.address.phone": crm.HideOthers}},
	}
}

// superAdmin may do everything and has no password until one is set.
const superAdmin = 101

// users are the people, everybody behind the superior.
func users() []crm.User {
	person := func(id int64, name, gender string, role, department, superior int64, job string) crm.User {
		return crm.User{ID: id, Name: name, Gender: gender, RoleID: role, DepartmentID: department, SuperiorID: superior,
			Job: job, State: crm.UserActive, Email: fmt.Sprintf("user%d@example.com", id), Phone: phone(id),
			CreatedAt: founded(), UpdatedAt: founded()}
	}
	list := []crm.User{
		person(superAdmin, "陈国栋", "male", roleSuper, depHead, 0, "总经理"),
		person(102, "李思慧", "female", roleAdmin, depHead, superAdmin, "运营总监"),
		person(120, "方志远", "male", roleHead, depSales, superAdmin, "销售总监"),
		person(OwnerID, "大", "male", roleSales, depSales, 120, "jingli "),
		person(441, "仪修Test", "", roleNormal, depSales, 120, "iOS开发"),
		person(254, "周星驰", "male", roleNormal, depSales1, OwnerID, "销售代表"),
		person(255, "王雅静", "female", roleNormal, depSales1, OwnerID, "销售代表"),
		person(256, "赵天宇", "male", roleNormal, depSales1, OwnerID, "销售代表"),
		person(257, "孙晓梅", "female", roleAssistant, depSales1, OwnerID, "销售助理"),
		person(444, "刘振华", "male", roleHead, depSales2, 120, "销售经理"),
		person(445, "吴倩", "female", roleNormal, depSales2, 444, "销售代表"),
		person(446, "郑凯", "male", roleNormal, depSales2, 444, "销售代表"),
		person(447, "何雨欣", "female", roleNormal, depSales2, 444, "销售代表"),
		person(510, "林婷", "female", roleHead, depMarket, 102, "市场总监"),
		person(511, "黄子豪", "male", roleAssistant, depMarket, 510, "市场专员"),
		person(ColleagueID, "徐静怡", "female", roleNormal, depMarket, 510, "市场专员"),
		person(601, "马丽娜", "female", roleService, depService, 102, "客服专员"),
		person(602, "高俊", "male", roleNormal, depService, 601, "外呼坐席"),
		person(701, "宋佳", "female", roleAdmin, depFinance, 102, "财务经理"),
		person(801, "邓博文", "male", roleNormal, depTech, 102, "工程师"),
		person(802, "曹磊", "male", roleNormal, depTech, 102, "工程师"),
	}
	for i := range list {
		u := &list[i]
		switch u.ID {
		case OwnerID:
			u.CreatedAt, u.FurtherDepartments = at("2015-02-09 11:10:25"), []int64{depSales1}
		case 441:
			u.CreatedAt = at("2015-02-06 17:32:10")
		case 602:
			u.HideNumbers = true
		case 802:
			u.State = crm.UserDisabled
		}
		u.UpdatedAt = u.CreatedAt
	}
	return list
}

// The options that the examples have.
const (
	statusNew    int64 = 3462
	statusWon    int64 = 4021
	categoryVIP  int64 = 3468
	categoryVIP2 int64 = 4024
)

// options are those of the examples and what a firm has beside them. The two
// examples come from two organizations, so VIP客户 is there twice.
func options() []crm.Option {
	var list []crm.Option
	add := func(entity, field string, first int64, labels ...string) {
		for i, label := range labels {
			list = append(list, crm.Option{ID: first + int64(i), Entity: entity, Field: field, Label: label, Position: i + 1,
				Enabled: true})
		}
	}
	add("customer", "status", statusNew, "待联系")
	add("customer", "status", 4018, "初访", "意向", "报价", "成交", "暂时搁置", "未成交")
	add("customer", "category", categoryVIP, "VIP客户")
	add("customer", "category", categoryVIP2, "VIP客户", "重要客户", "普通客户", "低价值客户")
	add("customer", "source", 4031, "广告", "研讨会", "搜索引擎", "客户介绍", "代理商", "其他")
	add("customer", "industry", 4041, "制造业", "信息技术", "批发零售", "建筑房产", "金融", "教育", "医疗", "其他")
	add("customer", "staff_size", 4051, "10人以下", "10-50人", "50-200人", "200-500人", "500人以上")
	add("contact", "category", 4061, "决策人", "商务", "技术", "财务", "其他")
	for i := range list {
		if o := &list[i]; o.ID == statusWon {
			o.Meaning = crm.MeaningWon
		}
	}
	return list
}

func labelList() []crm.Label {
	return []crm.Label{{ID: 1, Name: "重点跟进", Color: "#e74c3c"}, {ID: 2, Name: "展会", Color: "#3498db"},
		{ID: 3, Name: "老客户", Color: "#2ecc71"}, {ID: 4, Name: "战略客户", Color: "#9b59b6"}, {ID: 5, Name: "转介绍", Color: "#f39c12"}}
}

const poolID = 1

// The custom fields that values are made for.
const (
	fieldText     = "text_asset_7c7b94f7"
	fieldFiles    = "file_asset_6da421"
	fieldNote     = "text_asset_3e91c0aa"
	fieldTerms    = "text_asset_5b1f20c3"
	fieldHotline  = "text_asset_8842d1fe"
	fieldContract = "datetime_asset_1f7702be"
	fieldBudget   = "numeric_asset_9d27e1"
	fieldProducts = "text_asset_c04418d9"
)

func customFields() []crm.CustomField {
	return []crm.CustomField{
		{ID: 1, Entity: "contact", Name: fieldText, Label: "微信昵称", Kind: "text", Position: 1, Enabled: true},
		{ID: 2, Entity: "contact", Name: fieldFiles, Label: "附件", Kind: "file", Position: 2, Enabled: true},
		{ID: 3, Entity: "contact", Name: "text_asset_0d15ab1e", Label: "旧编号", Kind: "text", Position: 3},
		{ID: 4, Entity: "customer", Name: fieldNote, Label: "主营产品", Kind: "text", Position: 1, Enabled: true},
		{ID: 5, Entity: "customer", Name: fieldTerms, Label: "结算方式", Kind: "select", Position: 2, Enabled: true,
			Choices: []crm.Choice{{Value: "sel_a1c4", Label: "月结"}, {Value: "sel_b07e", Label: "现结"}, {Value: "sel_c93d", Label: "预付"}}},
		{ID: 6, Entity: "customer", Name: fieldHotline, Label: "服务热线", Kind: "phone", Position: 3, Enabled: true},
		{ID: 7, Entity: "customer", Name: fieldContract, Label: "签约时间", Kind: "datetime", Position: 4, Enabled: true},
		{ID: 8, Entity: "customer", Name: fieldBudget, Label: "年采购额", Kind: "money", Position: 5, Enabled: true},
		{ID: 9, Entity: "customer", Name: fieldProducts, Label: "意向产品", Kind: "multi_select", Position: 6, Enabled: true,
			Choices: []crm.Choice{{Value: "mul_11aa", Label: "标准版"}, {Value: "mul_22bb", Label: "专业版"}, {Value: "mul_33cc", Label: "定制开发"}}},
	}
}
