package param_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guanxi/internal/api/param"
)

func TestJSON(t *testing.T) {
	tests := []struct {
		name, body string
		want       []pair
	}{
		{"empty object", ` { } `, []pair{}},
		{"empty list for no parameters", " [ ]\n", []pair{}},
		{"scalars", `{"s":"x","n":-1.50e+2,"z":0,"t":true,"f":false,"u":null,"e":""}`, []pair{
			{"s", "x"}, {"n", "-1.50e+2"}, {"z", "0"}, {"t", "true"}, {"f", "false"}, {"u", nil}, {"e", ""},
		}},
		{"escapes", `{"\u5f20\u4e09":"\"\\\/\b\f\n\r\t\u00e9张\ud83d\ude00 \uFFFD"}`, []pair{
			{"张三", "\"\\/\b\f\n\r\té张😀 \uFFFD"},
		}},
		{"empty containers", `{"a":[],"b":{},"c":[[],{}]}`, []pair{
			{"a", []any{}}, {"b", []any{}}, {"c", []any{[]any{}, []any{}}},
		}},
		{"numbered hash", `{"received_payment_plans":{"1":{"amount":2},"0":{"amount":1}}}`, []pair{
			{"received_payment_plans", []any{[]pair{{"amount", "1"}}, []pair{{"amount", "2"}}}},
		}},
		{"nested numbered hash", `{"r":{"report_cc_users_attributes":{"0":{"user_id":7}}}}`, []pair{
			{"r", []pair{{"report_cc_users_attributes", []any{[]pair{{"user_id", "7"}}}}}},
		}},
		{"last wins", `{"a":{"b":1},"c":2,"a":{"d":3}}`, []pair{{"a", []pair{{"d", "3"}}}, {"c", "2"}}},
		{"brackets are plain", `{"a[b]":1,"":2,"?x":3}`, []pair{{"a[b]", "1"}, {"", "2"}, {"?x", "3"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := decode(t, request("POST", "/", jsonType, test.body))
			if diff := cmp.Diff(test.want, pairs(p.Root())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBrokenJSON(t *testing.T) {
	tests := []struct {
		body string
		at   int // The byte, counted from one; 0 for none.
	}{
		{`{`, 2},
		{`{"`, 3},
		{`{"a`, 4},
		{`{"a"`, 5},
		{`{"a" 1}`, 6},
		{`{"a":`, 6},
		{`{"a":}`, 6},
		{`{"a":1`, 7},
		{`{"a":1,`, 8},
		{`{"a":1,}`, 8},
		{`{"a":1 "b":2}`, 8},
		{`{a:1}`, 2},
		{`{"a":[1,]}`, 9},
		{`{"a":[1`, 8},
		{`{"a":[1}`, 8},
		{`{"a":01}`, 7},
		{`{"a":-}`, 7},
		{`{"a":1.}`, 8},
		{`{"a":1e}`, 8},
		{`{"a":+1}`, 6},
		{`{"a":tru}`, 9},
		{`{"a":nul`, 9},
		{`{"a":NaN}`, 6},
		{`{"a":'x'}`, 6},
		{`{"a":"\x"}`, 8},
		{`{"a":"\u12"}`, 11},
		{`{"a":"\ud83d"}`, 8},
		{`{"a":"\ud83d\u0041"}`, 8},
		{`{"a":"\ude00"}`, 8},
		{"{\"a\":\"\n\"}", 7},
		{"{\"a\":\"\x00\"}", 7},
		{"{\"a\":\"\xff\"}", 7},
		{"{\"\uFFFD\":\"\xe4\xbd\"}", 9},
		{`{"a":1}x`, 8},
		{`{"a":1} {}`, 9},
		{"\uFEFF{x", 5},
		{`{"a":"\u0000"}`, 0},
		{`[1]`, 0},
		{`[{"a":1}]`, 0},
		{`null`, 0},
		{`"a"`, 0},
		{`1`, 0},
	}
	for _, test := range tests {
		e := refused(t, request("POST", "/", jsonType, test.body), param.Limits{}, param.Malformed)
		if test.at == 0 {
			continue
		}
		if !strings.HasSuffix(e.Detail, fmt.Sprintf(" at byte %d", test.at)) || !strings.Contains(e.Message, fmt.Sprintf("第 %d 字节", test.at)) {
			t.Errorf("%q: got %q and %q, want byte %d", test.body, e.Detail, e.Message, test.at)
		}
	}
	refused(t, request("POST", "/", "", ` [1]`), param.Limits{}, param.Malformed)
}
