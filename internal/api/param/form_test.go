package param_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guanxi/internal/api/param"
)

func TestFormKeys(t *testing.T) {
	tests := []struct {
		name, query string
		want        []pair
	}{
		{"flat", "name=%E5%BC%A0%E4%B8%89&note=a+b%2Bc", []pair{{"name", "张三"}, {"note", "a b+c"}}},
		{"raw UTF-8", "name=张三", []pair{{"name", "张三"}}},
		{"empty and bare", "a=&b&=c&&d==&=", []pair{{"a", ""}, {"b", ""}, {"d", "="}}},
		{"doubled question mark", "?user_token=t&??a=1&?=2", []pair{{"user_token", "t"}, {"a", "1"}}},
		{"last wins in the first place", "a=1&b=2&a=3", []pair{{"a", "3"}, {"b", "2"}}},
		{"semicolon", "a=1;b=2", []pair{{"a", "1;b=2"}}},
		{"loose percent", "a=100%&b=%zz&c=%4", []pair{{"a", "100%"}, {"b", "%zz"}, {"c", "%4"}}},
		{"nested", "customer[address_attributes][phone]=13800000001&customer[name]=x", []pair{
			{"customer", []pair{{"address_attributes", []pair{{"phone", "13800000001"}}}, {"name", "x"}}},
		}},
		{"nested encoded", "customer%5Baddress_attributes%5d%5Bphone%5D=13800000001", []pair{
			{"customer", []pair{{"address_attributes", []pair{{"phone", "13800000001"}}}}},
		}},
		{"list", "created_at[]=a&created_at%5B%5D=b", []pair{{"created_at", []any{"a", "b"}}}},
		{"numbered list", "created_at[0]=a&created_at[1]=b", []pair{{"created_at", []any{"a", "b"}}}},
		{"numbers out of order", "a[10]=k&a[9]=j&a[099999999999999999999999]=z&a[1]=b", []pair{{"a", []any{"b", "j", "k", "z"}}}},
		{"nested numbered list", "customer[text_asset_x][0]=mul_1&customer[text_asset_x][1]=mul_2", []pair{
			{"customer", []pair{{"text_asset_x", []any{"mul_1", "mul_2"}}}},
		}},
		{"numbered objects", "customer[contacts_attributes][0][name]=a&customer[contacts_attributes][1][name]=b", []pair{
			{"customer", []pair{{"contacts_attributes", []any{[]pair{{"name", "a"}}, []pair{{"name", "b"}}}}}},
		}},
		{
			"objects in a list", "customer[contacts_attributes][][name]=a&customer[contacts_attributes][][phone]=b&customer[contacts_attributes][][name]=c",
			[]pair{{"customer", []pair{{"contacts_attributes", []any{
				[]pair{{"name", "a"}, {"phone", "b"}}, []pair{{"name", "c"}},
			}}}}},
		},
		{
			"deeper objects in a list", "a[][b][c]=1&a[][b][d]=2&a[][b][c]=3&a[][t][]=4&a[][t][]=5&a[][b]=6",
			[]pair{{"a", []any{
				[]pair{{"b", []pair{{"c", "1"}, {"d", "2"}}}},
				[]pair{{"b", []pair{{"c", "3"}}}, {"t", []any{"4", "5"}}},
				[]pair{{"b", "6"}},
			}}},
		},
		{
			"no overwriting in a list", "a[][b]=1&a[][b][c]=2&a[][b][]=3",
			[]pair{{"a", []any{[]pair{{"b", "1"}}, []pair{{"b", []pair{{"c", "2"}}}}, []pair{{"b", []any{"3"}}}}}},
		},
		{"mixed list", "a[]=1&a[][b]=2&a[]=3", []pair{{"a", []any{"1", []pair{{"b", "2"}}, "3"}}}},
		{"lists in a list", "a[][]=1&a[][]=2", []pair{{"a", []any{[]any{"1"}, []any{"2"}}}}},
		{"not all numbers", "a[0]=1&a[x]=2", []pair{{"a", []pair{{"0", "1"}, {"x", "2"}}}}},
		{"negative number", "a[-1]=1", []pair{{"a", []pair{{"-1", "1"}}}}},
		{"scalar then object", "a=1&a[b]=2", []pair{{"a", []pair{{"b", "2"}}}}},
		{"object then scalar", "a[b]=2&a=1", []pair{{"a", "1"}}},
		{"object then list", "a[b]=2&a[]=1", []pair{{"a", []any{"1"}}}},
		{"list then object", "a[]=1&a[b]=2", []pair{{"a", []pair{{"b", "2"}}}}},
		{"scalar then deep", "a[b]=1&a[b][c][d]=2", []pair{{"a", []pair{{"b", []pair{{"c", []pair{{"d", "2"}}}}}}}}},
		{"blank in brackets", "a[+]=1", []pair{{"a", []pair{{" ", "1"}}}}},
		{
			"malformed", "a[b=1&a]b=2&[x]=3&a[b]c=4&[]=5&]=6&[=7&a[[b]]=8&a[b]]=9&a]b[c]=10&a[b][=11",
			[]pair{
				{"a[b", "1"}, {"a]b", "2"}, {"[x]", "3"}, {"a[b]c", "4"}, {"[]", "5"}, {"]", "6"}, {"[", "7"},
				{"a[[b]]", "8"}, {"a[b]]", "9"}, {"a]b[c]", "10"}, {"a[b][", "11"},
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			requests := map[string]*param.Params{
				"query":     decode(t, request("GET", "/?"+test.query, "", "")),
				"form":      decode(t, request("GET", "/", formType, test.query)),
				"form body": decode(t, request("POST", "/", "application/x-www-form-urlencoded;charset", test.query)),
			}
			for name, p := range requests {
				if diff := cmp.Diff(test.want, pairs(p.Root())); diff != "" {
					t.Errorf("%s: %s", name, diff)
				}
			}
		})
	}
}

// TestManyKeys checks objects that are large enough to have an index.
func TestManyKeys(t *testing.T) {
	var query strings.Builder
	keys := []string{}
	for i := range 200 {
		key := "k" + strings.Repeat("x", i)
		keys = append(keys, key)
		query.WriteString("&" + key + "=old")
	}
	query.WriteString("&kx=new&kxxx[a]=1")
	p := decode(t, request("GET", "/?"+query.String(), "", ""))
	if diff := cmp.Diff(keys, p.Keys()); diff != "" {
		t.Error(diff)
	}
	if p.String("kx") != "new" || p.String("kxx") != "old" || p.Object("kxxx").String("a") != "1" || p.Has("none") {
		t.Errorf("got %q, %q and %q", p.String("kx"), p.String("kxx"), p.Object("kxxx").String("a"))
	}
	visited := 0
	p.Each(func(string, param.Value) bool { visited++; return visited < 3 })
	if visited != 3 {
		t.Errorf("Each went on to %d", visited)
	}
}
