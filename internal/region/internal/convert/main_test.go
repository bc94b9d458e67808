package main

import (
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	src := source{
		provinces: []place{
			{"110000", "北京市"}, {"120000", "天津市"}, {"310000", "上海市"}, {"340000", "安徽省"}, {"360000", "江西省"},
			{"420000", "湖北省"}, {"500000", "重庆市"}, {"610000", "陕西省"}, {"710000", "台湾省"},
			{"810000", "香港特别行政区"}, {"820000", "澳门特别行政区"},
		},
		cities: []place{{"360100", "南昌市"}, {"429000", "湖北省-直辖"}, {"610100", "西安市"}},
		areas: []place{
			{"110101", "东城区"}, {"360101", "市辖区"}, {"360102", "东湖区"}, {"360171", "开发区"},
			{"429004", "仙桃市"}, {"500101", "万州区"}, {"500229", "城口县"}, {"810001", "中西区"},
		},
	}
	var out strings.Builder
	if err := write(&out, src); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"country 4 0 中国   0",
		"province 8 4 陕西 shaanxi 610000 0",
		"city 4 4 巢湖市 chaohu 341400 1",
		"city 6 6 仙桃市 xiantao 429004 0",
		"city 7 7 重庆市 chongqing 500100 0",
		"city 9 9 台湾省 taiwan 710000 0",
		"district 2 1 崇文区 chongwenqu 110103 1",
		"district 1121 5 东湖区 donghuqu 360102 0",
		"district 1122 6 仙桃市 xiantaoshi 429004 0",
		"district 1124 7 城口县 chengkouxian 500229 0",
		"district 1125 8 西安市 xianshi 610100 0",
		"district 1126 10 中西区 zhongxiqu 810001 0",
	} {
		if !strings.Contains(out.String(), "\n"+strings.ReplaceAll(want, " ", "\t")+"\n") {
			t.Errorf("no row %q in\n%s", want, out.String())
		}
	}
	for _, not := range []string{"市辖区", "开发区", "429000"} {
		if strings.Contains(out.String(), not) {
			t.Errorf("row of %q", not)
		}
	}
}

func TestWriteNeedsParents(t *testing.T) {
	src := source{provinces: []place{{"110000", "北京市"}}, areas: []place{{"130102", "长安区"}}}
	if err := write(new(strings.Builder), src); err == nil {
		t.Error("no error for a district without a city")
	}
}
