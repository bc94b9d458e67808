package crm

import (
	"strings"
	"testing"
)

func TestValidateLead(t *testing.T) {
	long, longer := strings.Repeat("长", MaxText+1), strings.Repeat("长", MaxNote+1)
	for _, c := range []struct {
		lead Lead
		want string
	}{
		{Lead{Name: "单先生", CompanyName: strings.Repeat("长", MaxText), Note: strings.Repeat("长", MaxNote)}, ""},
		{Lead{Name: " \t"}, "姓名不能为空"},
		{Lead{Name: long}, "姓名不能超过255个字符"},
		{Lead{Name: "甲", CompanyName: long}, "公司名称不能超过255个字符"},
		{Lead{Name: "甲", Department: long}, "部门不能超过255个字符"},
		{Lead{Name: "甲", Job: long}, "职务不能超过255个字符"},
		{Lead{Name: "甲", Note: longer}, "备注不能超过2000个字符"},
		{Lead{Name: "甲", Address: Address{HasPosition: true, Lat: 91}}, "经纬度不正确"},
	} {
		err := c.lead.Validate()
		var got string
		if e, ok := err.(*Error); ok {
			got = e.Message
		}
		if got != c.want || (err == nil) != (c.want == "") {
			t.Errorf("%+v: %v, want %q", c.lead, err, c.want)
		}
	}
	l := Lead{Name: " 单先生 ", CompanyName: " 公司 "}
	if err := l.Validate(); err != nil || l.Name != "单先生" || l.CompanyName != "公司" || l.Turned() {
		t.Errorf("got %+v, %v", l, err)
	}
	l.CustomerID = 7
	if !l.Turned() {
		t.Error("it has become a customer")
	}
}
