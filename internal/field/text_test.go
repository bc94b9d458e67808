package field

import (
	"testing"

	"guanxi/internal/crm"
)

func TestTexts(t *testing.T) {
	good(t, []goodCase{
		{"text", text("重庆 <火锅> & \"锅\""), `"重庆 \u003c火锅\u003e \u0026 \"锅\""`},
		{"text", text(repeat("字", 255)), `"` + repeat("字", 255) + `"`},
		{"text", text(" a "), `" a "`},
		{"text_area", text(repeat("字", 2000)), `"` + repeat("字", 2000) + `"`},
		{"text_area", text("a\r\n\tb\rc\n"), `"a\n\tb\nc\n"`},
		{"email", text(" zhang@example.com "), `"zhang@example.com"`},
		{"phone", text("13800000000"), `"13800000000"`},
		{"phone", text(" +86 (021) 5858-5886 转12 "), `"+86 (021) 5858-5886 转12"`},
		{"phone", text("110"), `"110"`},
		{"link", text(" https://example.com/a?b=c&d=中文#e "), `"https://example.com/a?b=c\u0026d=中文#e"`},
		{"link", text("HTTP://example.com:8080"), `"HTTP://example.com:8080"`},
	})
	bad(t, []badCase{
		{"text", text(repeat("字", 256)), "字段不能超过255个字符"},
		{"text", text("a\nb"), "字段含有不允许的字符"},
		{"text", text("a\tb"), "字段含有不允许的字符"},
		{"text", text("a\x00b"), "字段含有不允许的字符"},
		{"text", text("a\u0085b"), "字段含有不允许的字符"},
		{"text", text("a\xffb"), "字段含有不允许的字符"},
		{"text", text("\xed\xa0\x80"), "字段含有不允许的字符"},
		{"text", list("a"), "字段只能有一个值"},
		{"text", rows(map[string]string{"id": "1"}), "字段只能有一个值"},
		{"text_area", text(repeat("字", 2001)), "字段不能超过2000个字符"},
		{"text_area", text("a\x1bb"), "字段含有不允许的字符"},
		{"text_area", text("a\xff"), "字段含有不允许的字符"},
		{"text_area", list("a"), "字段只能有一个值"},
		{"email", text("example.com"), "字段不是有效的邮箱"},
		{"email", text("张三 <zhang@example.com>"), "字段不是有效的邮箱"},
		{"email", text("a@example.com, b@example.com"), "字段不是有效的邮箱"},
		{"email", text(repeat("a", 250) + "@example.com"), "字段不是有效的邮箱"},
		{"email", list("a@example.com"), "字段只能有一个值"},
		{"phone", text("12a34"), "字段不是有效的号码"},
		{"phone", text("+-()"), "字段不是有效的号码"},
		{"phone", text(repeat("1", 33)), "字段不是有效的号码"},
		{"phone", text("１３８"), "字段不是有效的号码"},
		{"link", text("javascript:alert(1)"), "字段必须是http或https链接"},
		{"link", text("ftp://example.com"), "字段必须是http或https链接"},
		{"link", text("example.com"), "字段必须是http或https链接"},
		{"link", text("//example.com"), "字段必须是http或https链接"},
		{"link", text("http:example.com"), "字段必须是http或https链接"},
		{"link", text("https://:80/"), "字段必须是http或https链接"},
		{"link", text("https://example.com/a b"), "字段必须是http或https链接"},
		{"link", text("https://example.com/" + repeat("a", 2000)), "字段不能超过2000个字符"},
	})
}

func TestPhoneFormats(t *testing.T) {
	off, mobile, anything := definition("phone"), definition("phone"), definition("phone")
	off.Options.Phone, mobile.Options.Phone, anything.Options.Phone = crm.PhoneOff, crm.PhoneMobile, crm.PhoneAny
	goodFor(t, off, text("前台转张三"), `"前台转张三"`)
	badFor(t, off, text(repeat("1", 256)), "字段不能超过255个字符")
	for _, s := range []string{"13800000000", "+86 138 0000 0000", "0086-138-0000-0000", "8613800000000"} {
		goodFor(t, mobile, text(s), `"`+s+`"`)
	}
	for _, s := range []string{"1380000000", "23800000000", "12800000000", "138000000000", "+1 13800000000", "1380000000a", "-"} {
		badFor(t, mobile, text(s), "字段不是有效的手机号码")
	}
	goodFor(t, anything, text("110"), `"110"`)
	badFor(t, anything, text("abc"), "字段不是有效的号码")
}

// TestMaskedNumberSentBack covers a program that reads a record with hidden
// numbers, changes something else and sends all of it back.
func TestMaskedNumberSentBack(t *testing.T) {
	f := definition("phone")
	old := crm.Values(`{"` + f.Name + `":"13800000000"}`)
	v, changed, err := Merge([]*crm.CustomField{f}, old, only(f.Name, text("138****0000")))
	if err != nil || len(changed) != 0 || string(v) != string(old) {
		t.Errorf("%s, %v, %v", v, changed, err)
	}
	v, changed, err = Merge([]*crm.CustomField{f}, old, only(f.Name, text("13800000001")))
	if err != nil || len(changed) != 1 || kept(t, f, v) != `"13800000001"` {
		t.Errorf("%s, %v, %v", v, changed, err)
	}
	sub := definition("subform")
	rowsKept := crm.Values(`{"` + sub.Name + `":[{"text_asset_aaaaaa":"甲","text_asset_cccccc":"13800000000"}]}`)
	v, changed, err = Merge([]*crm.CustomField{sub}, rowsKept, only(sub.Name,
		rows(map[string]string{"text_asset_aaaaaa": "甲", "text_asset_cccccc": "138****0000"})))
	if err != nil || len(changed) != 0 || string(v) != string(rowsKept) {
		t.Errorf("%s, %v, %v", v, changed, err)
	}
}
