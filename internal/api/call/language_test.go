package call

import (
	"net/http"
	"testing"

	"guanxi/internal/crm"
)

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		headers []string
		want    crm.Language
	}{
		{nil, crm.Chinese},
		{[]string{""}, crm.Chinese},
		{[]string{"*"}, crm.Chinese},
		{[]string{"zh"}, crm.Chinese},
		{[]string{"zh-CN,zh;q=0.9,en;q=0.8"}, crm.Chinese},
		{[]string{"zh-TW, en;q=0.9"}, crm.Chinese},
		{[]string{"zh-Hans-CN"}, crm.Chinese},
		{[]string{"en"}, crm.English},
		{[]string{"EN-us"}, crm.English},
		{[]string{"en-US,en;q=0.9,zh;q=0.8"}, crm.English},
		{[]string{"en-US,en;q=0.9,zh-CN;q=0.8,zh;q=0.7"}, crm.English},
		{[]string{"zh;q=0.8,en"}, crm.English},
		{[]string{"zh;q=0.8", "en;q=0.9"}, crm.English},
		{[]string{"en;q=0.8", "zh;q=0.9"}, crm.Chinese},
		{[]string{"en, zh"}, crm.Chinese}, // neither is preferred
		{[]string{"en;q=0.5, zh;q=0.5"}, crm.Chinese},
		{[]string{"en;q=0.5"}, crm.English},
		{[]string{"fr"}, crm.Chinese},
		{[]string{"fr, en;q=0.1"}, crm.English},
		{[]string{"fr, de;q=0.5"}, crm.Chinese},
		{[]string{"en, *"}, crm.Chinese},
		{[]string{"en, *;q=0.5"}, crm.English},
		{[]string{"en;q=0.4, *;q=0.5"}, crm.Chinese},
		{[]string{"zh;q=0, *"}, crm.English},
		{[]string{"en;q=0, *"}, crm.Chinese},
		{[]string{"en;q=0"}, crm.Chinese},
		{[]string{"zh;q=0, en;q=0"}, crm.Chinese},
		{[]string{"zh;q=0, en;q=0.001"}, crm.English},
		{[]string{"zh;q=0.899, en;q=0.9"}, crm.English},
		{[]string{"zh;q=0.9, en;q=0.899"}, crm.Chinese},
		{[]string{" en ; Q = 1.000 , zh ; q = 0.2 "}, crm.English},
		{[]string{"en;level=1;q=0.9, zh;q=0.8"}, crm.English},
		{[]string{"en;q=1., zh;q=0."}, crm.English},
		{[]string{"en;q=2"}, crm.Chinese},
		{[]string{"en;q=1.001"}, crm.Chinese},
		{[]string{"en;q=0.1234"}, crm.Chinese},
		{[]string{"en;q=-1"}, crm.Chinese},
		{[]string{"en;q=NaN"}, crm.Chinese},
		{[]string{"en;q=1e0"}, crm.Chinese},
		{[]string{"en;q="}, crm.Chinese},
		{[]string{"en;q=x, zh;q=0.1"}, crm.Chinese},
		{[]string{"english"}, crm.Chinese},
		{[]string{"enzh"}, crm.Chinese},
		{[]string{",,;;,en,,"}, crm.English},
		{[]string{"\xff;q=\xff,en"}, crm.English},
	} {
		if got := Language(http.Header{"Accept-Language": c.headers}); got != c.want {
			t.Errorf("Accept-Language %q: %d, want %d", c.headers, got, c.want)
		}
	}
	if Language(http.Header{}) != crm.Chinese {
		t.Error("no header is not Chinese")
	}
}
