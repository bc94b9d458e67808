package param_test

import (
	"net/http"
	"strings"
	"testing"

	"guanxi/internal/api/param"
)

const token = "0123456789abcdef0123456789abcdef"

func TestHeaderToken(t *testing.T) {
	long := strings.Repeat("x", 257)
	tests := []struct {
		authorization string
		want          param.Credentials
	}{
		{"Token token=" + token + ", device=open_api, version_code=9.9.9", param.Credentials{Token: token, Device: "open_api", VersionCode: "9.9.9"}},
		{"Token token=" + token + ",device=open_api,version_code=9.9.9", param.Credentials{Token: token, Device: "open_api", VersionCode: "9.9.9"}},
		{`Token token="` + token + `",version_code="3.3.0",device="dingtalk"`, param.Credentials{Token: token, Device: "dingtalk", VersionCode: "3.3.0"}},
		{`Token token="` + token + `",device="lxcrm_duli",version_code="4.0.1"`, param.Credentials{Token: token, Device: "lxcrm_duli", VersionCode: "4.0.1"}},
		{`Token token="` + token + `",device="web"`, param.Credentials{Token: token, Device: "web"}},
		{"Token token=" + token, param.Credentials{Token: token}},
		{"Token device=web, token=" + token, param.Credentials{Token: token, Device: "web"}},
		{"tOKEN  TOKEN = \"" + token + "\" ;\tDevice =\tweb version_code= 1", param.Credentials{Token: token, Device: "web", VersionCode: "1"}},
		{"  Token\ttoken=" + token + ",,", param.Credentials{Token: token}},
		{"Bearer " + token, param.Credentials{Token: token}},
		{"bearer  " + token + ", device=web", param.Credentials{Token: token, Device: "web"}},
		{`Bearer "` + token + `"`, param.Credentials{Token: token}},
		{"Bearer token=" + token, param.Credentials{Token: token}},
		{"Bearer YWJjZA==", param.Credentials{Token: "YWJjZA=="}},
		{"Token " + token, param.Credentials{Token: token}},
		{`Token device="open api", token=a`, param.Credentials{Token: "a", Device: "open api"}},
		{"Token token=a, token=b, device=c, device=d", param.Credentials{Token: "a", Device: "c"}},
		{"Token token=, token=b", param.Credentials{Token: "b"}},
		{"Token nonce = 1, token=b", param.Credentials{Token: "b"}},
		{"Token " + token + " device=d", param.Credentials{Token: token, Device: "d"}},
		{"Token nonce=1, token=b", param.Credentials{Token: "b"}},
		{"Token token=a, junk, =x, ==, device=d", param.Credentials{Token: "a", Device: "d"}},
		{`Token token="a, device=d`, param.Credentials{}},
		{`Token token="a b"`, param.Credentials{}},
		{`Token token=""`, param.Credentials{}},
		{"Token token=张", param.Credentials{}},
		{"Token token=a\x00", param.Credentials{}},
		{"Token token=a, device=\xff, version_code=\x01", param.Credentials{Token: "a"}},
		{"Token device=web, version_code=1", param.Credentials{Device: "web", VersionCode: "1"}},
		{"Token token=" + long, param.Credentials{}},
		{"Token token=" + long[:256], param.Credentials{Token: long[:256]}},
		{"Token token=a, device=" + long, param.Credentials{Token: "a"}},
		{"Bearer " + long, param.Credentials{}},
		{"Token token=a, " + strings.Repeat("x", 5000), param.Credentials{}},
		{"Basic dXNlcjpwYXNz", param.Credentials{}},
		{"token=" + token, param.Credentials{}},
		{token, param.Credentials{}},
		{"Token", param.Credentials{}},
		{"Bearer ", param.Credentials{}},
		{"Token token", param.Credentials{}},
		{"Token =", param.Credentials{}},
		{`Token "`, param.Credentials{}},
		{"", param.Credentials{}},
	}
	for _, test := range tests {
		got, ok := param.HeaderToken(http.Header{"Authorization": {test.authorization}})
		if got != test.want || ok != (test.want.Token != "") {
			t.Errorf("%q: got %+v, %v", test.authorization, got, ok)
		}
	}
}

func TestTokenOrder(t *testing.T) {
	tests := []struct {
		name        string
		header      http.Header
		target      string
		contentType string
		body        string
		want        param.Credentials
	}{
		{
			"query", nil, "/?page=1&version_code=9.9.9&user_token=q&device=open_api", "", "",
			param.Credentials{Token: "q", Device: "open_api", VersionCode: "9.9.9"},
		},
		{"doubled question mark", nil, "/??user_token=q&device=d", "", "", param.Credentials{Token: "q", Device: "d"}},
		{
			"form of a GET", nil, "/", formType, "user_token=b&device=d&version_code=1&page=2",
			param.Credentials{Token: "b", Device: "d", VersionCode: "1"},
		},
		{"JSON", nil, "/?user_token=q&device=d", jsonType, `{"user_token":"b"}`, param.Credentials{Token: "b", Device: "d"}},
		{"header first", http.Header{"Authorization": {"Token token=h"}, "Access-Token": {"a"}}, "/?user_token=q", "", "", param.Credentials{Token: "h"}},
		{"device from the query", http.Header{"Authorization": {"Token token=h"}}, "/?device=d&version_code=1", "", "", param.Credentials{Token: "h", Device: "d", VersionCode: "1"}},
		{"device from the header", http.Header{"Authorization": {"Token device=h"}}, "/?device=d&user_token=q", "", "", param.Credentials{Token: "q", Device: "h"}},
		{"access token", http.Header{"Access-Token": {" a "}}, "/?user_token=q", "", "", param.Credentials{Token: "a"}},
		{"device beside the access token", http.Header{"Authorization": {"Token device=h"}, "Access-Token": {"a"}}, "/", "", "", param.Credentials{Token: "a", Device: "h"}},
		{"authorization without token", http.Header{"Authorization": {"Basic eDp5"}, "Access-Token": {"a"}}, "/", "", "", param.Credentials{Token: "a"}},
		{"second authorization", http.Header{"Authorization": {"Basic eDp5", "Bearer b"}}, "/", "", "", param.Credentials{Token: "b"}},
		{"empty access token", http.Header{"Access-Token": {""}}, "/?user_token=q", "", "", param.Credentials{Token: "q"}},
		{"long token", nil, "/?user_token=" + strings.Repeat("x", 257), "", "", param.Credentials{}},
		{"list", nil, "/?user_token[]=x", "", "", param.Credentials{}},
		{"none", nil, "/?user_token=&device=d", "", "", param.Credentials{Device: "d"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := request("GET", test.target, test.contentType, test.body)
			for name, values := range test.header {
				r.Header[name] = values
			}
			got, ok := param.Token(r, decode(t, r))
			if got != test.want || ok != (test.want.Token != "") {
				t.Errorf("got %+v, %v", got, ok)
			}
		})
	}
	r := request("GET", "/", "", "")
	r.Header.Set("ACCESS-TOKEN", "a")
	if got, ok := param.Token(r, nil); got.Token != "a" || !ok {
		t.Errorf("got %+v, %v without parameters", got, ok)
	}
}

// TestHeaderTokenAllocations checks that reading a header makes no garbage.
func TestHeaderTokenAllocations(t *testing.T) {
	h := http.Header{"Authorization": {`Token token="` + token + `", device="open_api", version_code=9.9.9`}}
	if n := testing.AllocsPerRun(100, func() { param.HeaderToken(h) }); n != 0 {
		t.Errorf("HeaderToken allocates %v times", n)
	}
}
