package crm

import (
	"errors"
	"strings"
	"testing"
)

// refusal is the message of an error of invalid input; it fails for another.
func refusal(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, Invalid("", "")) {
		t.Fatalf("%v is no refusal of the input", err)
	}
	return e.Message
}

func TestNewContactValidate(t *testing.T) {
	long, note := strings.Repeat("长", MaxText+1), strings.Repeat("长", MaxNote+1)
	for _, c := range []struct {
		name    string
		change  func(*NewContact)
		message string
	}{
		{"as it is", func(*NewContact) {}, ""},
		{"no name", func(k *NewContact) { k.Name = "" }, "联系人姓名不能为空"},
		{"blank name", func(k *NewContact) { k.Name = " \t\u3000\n" }, "联系人姓名不能为空"},
		{"long name", func(k *NewContact) { k.Name = long }, "联系人姓名不能超过255个字符"},
		{"longest name", func(k *NewContact) { k.Name = " " + long[3:] + " " }, ""},
		{"long department", func(k *NewContact) { k.Department = long }, "部门不能超过255个字符"},
		{"long job", func(k *NewContact) { k.Job = long }, "职务不能超过255个字符"},
		{"long note", func(k *NewContact) { k.Note = note }, "备注不能超过2000个字符"},
		{"longest note", func(k *NewContact) { k.Note = note[3:] }, ""},
		{"male", func(k *NewContact) { k.Gender = "male" }, ""},
		{"female", func(k *NewContact) { k.Gender = "female" }, ""},
		{"another gender", func(k *NewContact) { k.Gender = "男" }, "性别只能是male或female"},
		{"birthday", func(k *NewContact) { k.BirthDate = "1990-06-01" }, ""},
		{"leap day", func(k *NewContact) { k.BirthDate = "2024-02-29" }, ""},
		{"no leap day", func(k *NewContact) { k.BirthDate = "2023-02-29" }, "生日格式不正确,应为YYYY-MM-DD"},
		{"short birthday", func(k *NewContact) { k.BirthDate = "1990-6-1" }, "生日格式不正确,应为YYYY-MM-DD"},
		{"birthday with time", func(k *NewContact) { k.BirthDate = "1990-06-01 00:00" }, "生日格式不正确,应为YYYY-MM-DD"},
		{"bad position", func(k *NewContact) { k.Address.HasPosition, k.Address.Lat = true, 91 }, "经纬度不正确"},
	} {
		k := &NewContact{Contact{Name: " 单先生 "}}
		c.change(k)
		if got := refusal(t, k.Validate()); got != c.message {
			t.Errorf("%s: %q, want %q", c.name, got, c.message)
		}
		if c.message == "" && k.Name != strings.TrimSpace(k.Name) {
			t.Errorf("%s: the name %q was not trimmed", c.name, k.Name)
		}
	}
}

func TestNewCustomerValidate(t *testing.T) {
	long, note := strings.Repeat("长", MaxText+1), strings.Repeat("长", MaxNote+1)
	contacts := func(n int) []NewContact {
		all := make([]NewContact, n)
		for i := range all {
			all[i].Name = "张三"
		}
		return all
	}
	for _, c := range []struct {
		name    string
		change  func(*NewCustomer)
		message string
	}{
		{"as it is", func(*NewCustomer) {}, ""},
		{"no name", func(k *NewCustomer) { k.Name = "" }, "客户名称不能为空"},
		{"blank name", func(k *NewCustomer) { k.Name = "\u3000 \n" }, "客户名称不能为空"},
		{"long name", func(k *NewCustomer) { k.Name = long }, "客户名称不能超过255个字符"},
		{"longest name", func(k *NewCustomer) { k.Name = long[3:] }, ""},
		{"long company", func(k *NewCustomer) { k.CompanyName = long }, "公司名称不能超过255个字符"},
		{"long note", func(k *NewCustomer) { k.Note = note }, "备注不能超过2000个字符"},
		{"applying", func(k *NewCustomer) { k.Approval = Applying }, ""},
		{"rejected", func(k *NewCustomer) { k.Approval = Rejected }, "审批状态只能是approved或applying"},
		{"no approval", func(k *NewCustomer) { k.Approval = "" }, "审批状态只能是approved或applying"},
		{"bad position", func(k *NewCustomer) { k.Address.HasPosition, k.Address.Lng = true, 181 }, "经纬度不正确"},
		{"long address", func(k *NewCustomer) { k.Address.Detail = T(long) }, "详细地址不能超过255个字符"},
		{"most contacts", func(k *NewCustomer) { k.Contacts = contacts(MaxContacts) }, ""},
		{"too many contacts", func(k *NewCustomer) { k.Contacts = contacts(MaxContacts + 1) }, "一次最多新增100个联系人"},
		{"bad second contact", func(k *NewCustomer) {
			k.Contacts = contacts(2)
			k.Contacts[1].Name = " "
		}, "联系人姓名不能为空"},
	} {
		k := &NewCustomer{Customer: Customer{Name: " 上海示例有限公司 ", Approval: Approved}}
		c.change(k)
		if got := refusal(t, k.Validate()); got != c.message {
			t.Errorf("%s: %q, want %q", c.name, got, c.message)
		}
		if c.message == "" && k.Name != strings.TrimSpace(k.Name) {
			t.Errorf("%s: the name %q was not trimmed", c.name, k.Name)
		}
	}
}

func TestLabels(t *testing.T) {
	for state, want := range map[Approval]string{
		Approved: "已通过", Applying: "待审批", Rejected: "已驳回", "": "", "other": "",
	} {
		if got := state.Label(); got != want {
			t.Errorf("label of %q is %q", state, got)
		}
	}
	for gender, want := range map[string]string{"male": "男", "female": "女", "": "", "男": ""} {
		if got := GenderLabel(gender); got != want {
			t.Errorf("label of %q is %q", gender, got)
		}
	}
}

func TestDeviceKind(t *testing.T) {
	for device, want := range map[string]string{
		"": "open_api", "open_api": "open_api", " OPEN_API ": "open_api", "web": "web", "Web": "web",
		"dingtalk": "dingtalk", "wxwork": "wxwork", "ios": "mobile", "iOS": "mobile", "android": "mobile",
		"lxcrm_duli": "mobile", "toaster": "other", "open api": "other", "web,ios": "other",
	} {
		if got := DeviceKind(device); got != want {
			t.Errorf("DeviceKind(%q) = %q, want %q", device, got, want)
		}
	}
}

func TestErrorsCompareByCodeAndForm(t *testing.T) {
	same := [][2]error{
		{ErrBadLogin.With("the user is not active"), ErrBadLogin},
		{Invalid("a", "a"), Invalid("b", "b")},
		{BadParam("a", "a").With("x"), BadParam("b", "b")},
		{errors.Join(errors.New("rolled back"), ErrNotFound), ErrNotFound},
	}
	for _, p := range same {
		if !errors.Is(p[0], p[1]) {
			t.Errorf("%v is not %v", p[0], p[1])
		}
	}
	table := Table()
	for i, a := range table {
		for j, b := range table {
			if errors.Is(a, b) != (i == j) {
				t.Errorf("errors.Is(%v, %v) = %v", a, b, i != j)
			}
		}
		if errors.Is(a, errors.New(a.Error())) || errors.Is(errors.New(a.Error()), a) {
			t.Errorf("%v equals an error of another type", a)
		}
		if a.Message == "" || a.Code == 0 || (a.Kind == "") != a.Bare {
			t.Errorf("%+v is not whole", a)
		}
	}
	detailed := ErrNotFound.With("customer 7")
	if ErrNotFound.Detail != "" || detailed.Message != ErrNotFound.Message || detailed.Detail != "customer 7" {
		t.Error("With changed the error that it was called on, or more than the detail")
	}
	if !strings.Contains(detailed.Error(), "customer 7") || strings.Contains(detailed.Error(), detailed.Message) {
		t.Errorf("the text for the log is %q", detailed.Error())
	}
}

func TestTimes(t *testing.T) {
	if !Time(0).Std().IsZero() {
		t.Error("a time that is not set is a moment")
	}
	at := Time(1550224998123)
	if At(at.Std()) != at || At(at.Std().In(China)) != at {
		t.Error("a time does not come back")
	}
	if got := at.Std().In(China).Format("2006-01-02T15:04:05.000-07:00"); got != "2019-02-15T18:03:18.123+08:00" {
		t.Errorf("got %s", got)
	}
	if At(at.Std().Add(999_999)) != at {
		t.Error("what is below a millisecond was not cut")
	}
}
