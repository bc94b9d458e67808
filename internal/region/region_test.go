package region

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func table(t testing.TB) *Table {
	t.Helper()
	tab, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func ExampleTable_Info() {
	t, err := Load()
	if err != nil {
		panic(err)
	}
	fmt.Println(t.Info("", 4, 14, 124, 1122))
	fmt.Println(t.Info(" ", 4, 2, 2, 24))
	// Output:
	// 中国江西南昌市西湖区
	// 中国 天津 天津市 红桥区
}

// TestIDsAreStable pins every id with its parent, its code and its level. If
// it fails, ids that databases hold have changed their meaning: rows may only
// be appended to a level, which changes the checksum of that addition alone.
func TestIDsAreStable(t *testing.T) {
	const (
		rows = 3306
		want = "61ac745809f340098f5a16b008056334c9c693ecfff85a785c63026b38756d1d"
	)
	h := sha256.New()
	n := 0
	for r := range table(t).All() {
		n++
		fmt.Fprintf(h, "%s %d %d %s\n", r.Level, r.ID, r.ParentID, r.GBCode)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want || n != rows {
		t.Errorf("%d rows with checksum %s", n, got)
	}
}

func TestAnchors(t *testing.T) {
	tab := table(t)
	if c, ok := tab.Country(4); !ok || *c != (Country{4, "中国", ""}) {
		t.Errorf("country 4 = %v, %v", c, ok)
	}
	for _, want := range []Province{
		{1, "北京", "beijing", 4, "110000", false},
		{2, "天津", "tianjin", 4, "120000", false},
		{4, "山西", "shanxi", 4, "140000", false},
		{5, "内蒙古", "neimenggu", 4, "150000", false},
		{14, "江西", "jiangxi", 4, "360000", false},
		{22, "重庆", "chongqing", 4, "500000", false},
		{26, "西藏", "xizang", 4, "540000", false},
		{27, "陕西", "shaanxi", 4, "610000", false},
		{32, "台湾", "taiwan", 4, "710000", false},
		{34, "澳门", "aomen", 4, "820000", false},
	} {
		if p, ok := tab.Province(want.ID); !ok || *p != want {
			t.Errorf("province %d = %v, %v", want.ID, p, ok)
		}
	}
	for _, want := range []City{
		{1, "北京市", "beijing", 1, "110100", false},
		{2, "天津市", "tianjin", 2, "120100", false},
		{110, "巢湖市", "chaohu", 12, "341400", true},
		{124, "南昌市", "nanchang", 14, "360100", false},
		{125, "景德镇市", "jingdezhen", 14, "360200", false},
		{182, "仙桃市", "xiantao", 17, "429004", false},
		{254, "重庆市", "chongqing", 22, "500100", false},
	} {
		if c, ok := tab.City(want.ID); !ok || *c != want {
			t.Errorf("city %d = %v, %v", want.ID, c, ok)
		}
	}
	for _, want := range []District{
		{1, "东城区", "dongchengqu", 1, "110101", false},
		{3, "崇文区", "chongwenqu", 1, "110103", true},
		{4, "宣武区", "xuanwuqu", 1, "110104", true},
		{24, "红桥区", "hongqiaoqu", 2, "120106", false},
		{1121, "东湖区", "donghuqu", 124, "360102", false},
		{1122, "西湖区", "xihuqu", 124, "360103", false},
		{1616, "仙桃市", "xiantaoshi", 182, "429004", false},
		{2043, "彭水苗族土家族自治县", "pengshuimiaozutujiazuzizhixian", 254, "500243", false},
	} {
		if d, ok := tab.District(want.ID); !ok || *d != want {
			t.Errorf("district %d = %v, %v", want.ID, d, ok)
		}
	}
}

func TestInvariants(t *testing.T) {
	tab := table(t)
	type key struct {
		level string
		id    int64
	}
	rows := make(map[key]Row)
	codes := make(map[string]key)
	count := make(map[string]int)
	above := map[string]string{LevelProvince: LevelCountry, LevelCity: LevelProvince, LevelDistrict: LevelCity}
	for r := range tab.All() {
		k := key{r.Level, r.ID}
		if _, ok := rows[k]; ok {
			t.Errorf("%v stands twice", k)
		}
		rows[k] = r
		count[r.Level]++
		if r.Level == LevelCountry {
			continue
		}
		parent, ok := rows[key{above[r.Level], r.ParentID}]
		if !ok {
			t.Errorf("%v has no parent before it", r)
		}
		if r.Pinyin == "" || strings.Trim(r.Pinyin, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("%v: bad pinyin", r)
		}
		if len(r.GBCode) != 6 || strings.Trim(r.GBCode, "0123456789") != "" {
			t.Errorf("%v: bad code", r)
		}
		if other, ok := codes[r.Level+r.GBCode]; ok {
			t.Errorf("%v has the code of %v", k, other)
		}
		codes[r.Level+r.GBCode] = k
		switch prefix := strings.TrimRight(parent.GBCode, "0"); {
		case r.Level == LevelCity && r.GBCode[:2] != parent.GBCode[:2],
			// Codes like 130100 end in a zero that belongs to the prefix.
			r.Level == LevelDistrict && !strings.HasPrefix(r.GBCode, prefix) && !strings.HasPrefix(r.GBCode, "5002"):
			t.Errorf("%v does not have the code of its parent %v", r, parent)
		}
	}
	if count[LevelCountry] != 1 || count[LevelProvince] != 34 {
		t.Errorf("counts %v", count)
	}
	if n := count[LevelCity]; n < 340 || n > 400 {
		t.Errorf("%d cities", n)
	}
	if n := count[LevelDistrict]; n < 2800 || n > 3000 {
		t.Errorf("%d districts", n)
	}
}

// TestLists checks that the lists together hold exactly the regions that are
// not retired, in the order of their ids.
func TestLists(t *testing.T) {
	tab := table(t)
	var listed, all []Row
	for r := range tab.All() {
		if !r.Retired && r.Level != LevelCountry {
			all = append(all, r)
		}
	}
	last := map[string]int64{}
	add := func(r Row) {
		if r.ID <= last[r.Level] {
			t.Errorf("%v is out of order", r)
		}
		last[r.Level] = r.ID
		listed = append(listed, r)
	}
	for _, p := range tab.Provinces(4) {
		add(Row{LevelProvince, p.ID, p.CountryID, p.Name, p.Pinyin, p.GBCode, false})
		for _, c := range tab.Cities(p.ID) {
			add(Row{LevelCity, c.ID, c.ProvinceID, c.Name, c.Pinyin, c.GBCode, false})
			for _, d := range tab.Districts(c.ID) {
				add(Row{LevelDistrict, d.ID, d.CityID, d.Name, d.Pinyin, d.GBCode, false})
			}
			if len(tab.Districts(c.ID)) == 0 && c.ProvinceID != 32 {
				t.Errorf("%v has no districts", c)
			}
		}
		if len(tab.Cities(p.ID)) == 0 {
			t.Errorf("%v has no cities", p)
		}
	}
	order := func(a, b Row) int {
		return strings.Compare(fmt.Sprintf("%s %06d", a.Level, a.ID), fmt.Sprintf("%s %06d", b.Level, b.ID))
	}
	slices.SortFunc(listed, order)
	slices.SortFunc(all, order)
	if !slices.Equal(listed, all) {
		t.Errorf("%d regions are listed, want %d", len(listed), len(all))
	}
	for name, n := range map[string]int{
		"provinces of no country":  len(tab.Provinces(1)),
		"cities of no province":    len(tab.Cities(0)) + len(tab.Cities(-1)) + len(tab.Cities(35)),
		"districts of no city":     len(tab.Districts(0)) + len(tab.Districts(-1)) + len(tab.Districts(1<<40)),
		"districts of retired one": len(tab.Districts(110)),
	} {
		if n != 0 {
			t.Errorf("%s: %d", name, n)
		}
	}
	for _, province := range []int64{1, 2, 9, 22, 32, 33, 34} {
		if n := len(tab.Cities(province)); n != 1 {
			t.Errorf("province %d has %d cities", province, n)
		}
	}
}

func TestUnknownIDs(t *testing.T) {
	tab := table(t)
	for _, id := range []int64{-1 << 63, -1, 0, 1110, 1 << 20, 1<<63 - 1} {
		_, a := tab.Country(id)
		_, b := tab.Province(id)
		_, c := tab.City(id)
		_, d := tab.District(id)
		if a || b || c || d {
			t.Errorf("id %d is known", id)
		}
	}
}

func TestAllStops(t *testing.T) {
	tab := table(t)
	for _, stop := range []int{0, 1, 20, 35, 300, 407, 3305, 4000} {
		n := 0
		for range tab.All() {
			if n == stop {
				break
			}
			n++
		}
		if n != min(stop, 3306) {
			t.Fatalf("%d rows before stop at %d", n, stop)
		}
	}
}

func TestInfo(t *testing.T) {
	tab := table(t)
	for _, c := range []struct {
		sep                               string
		country, province, city, district int64
		want                              string
	}{
		{"", 4, 14, 124, 1122, "中国江西南昌市西湖区"},
		{" ", 4, 2, 2, 24, "中国 天津 天津市 红桥区"},
		{"", 4, 1, 1, 1, "中国北京北京市东城区"},
		{"-", 0, 0, 0, 0, ""},
		{"-", 4, 0, 0, 0, "中国"},
		{"-", 0, 14, 0, 1122, "江西-西湖区"},
		{"-", 9, 99, 9999, 1110, ""},
		{"-", 4, -1, 124, 1 << 50, "中国-南昌市"},
		{"/", 4, 1, 1, 3, "中国/北京/北京市/崇文区"},
	} {
		if got := tab.Info(c.sep, c.country, c.province, c.city, c.district); got != c.want {
			t.Errorf("Info(%q, %d, %d, %d, %d) = %q, want %q", c.sep, c.country, c.province, c.city, c.district, got, c.want)
		}
		if got := string(tab.AppendInfo([]byte("x"), c.sep, c.country, c.province, c.city, c.district)); got != "x"+c.want {
			t.Errorf("AppendInfo(%q, %d, %d, %d, %d) = %q", c.sep, c.country, c.province, c.city, c.district, got)
		}
	}
	if n := testing.AllocsPerRun(100, func() { tab.Info(" ", 4, 14, 124, 1122) }); n > 1 {
		t.Errorf("Info: %v allocations", n)
	}
	buf := make([]byte, 0, 256)
	if n := testing.AllocsPerRun(100, func() { tab.AppendInfo(buf, " ", 4, 14, 124, 1122) }); n > 0 {
		t.Errorf("AppendInfo: %v allocations", n)
	}
}

func TestConsistent(t *testing.T) {
	tab := table(t)
	for _, c := range []struct {
		country, province, city, district int64
		want                              error
	}{
		{0, 0, 0, 0, nil},
		{4, 14, 124, 1122, nil},
		{4, 0, 0, 1122, nil},
		{0, 0, 110, 0, nil},
		{4, 1, 1, 3, nil},
		{0, 14, 0, 1122, nil},
		{0, 1, 0, 1122, ErrParent},
		{4, 14, 124, 1, ErrParent},
		{4, 14, 1, 0, ErrParent},
		{4, 1, 124, 1122, ErrParent},
		{1, 0, 0, 0, ErrUnknown},
		{1, 1, 0, 0, ErrUnknown},
		{4, 35, 0, 0, ErrUnknown},
		{4, 35, 1, 0, ErrUnknown},
		{4, 1, 9999, 0, ErrUnknown},
		{4, 1, 9999, 1, ErrUnknown},
		{4, 1, 1, 1110, ErrUnknown},
		{4, 1, 1, -1, ErrUnknown},
	} {
		err := tab.Consistent(c.country, c.province, c.city, c.district)
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("Consistent(%d, %d, %d, %d) = %v, want %v", c.country, c.province, c.city, c.district, err, c.want)
		}
	}
}

// TestConsistentProperties compares Consistent with a walk up from the lowest
// region given.
func TestConsistentProperties(t *testing.T) {
	tab := table(t)
	rapid.Check(t, func(t *rapid.T) {
		d := &tab.districts[rapid.IntRange(1, len(tab.districts)-1).Draw(t, "district")]
		c, ok := tab.City(d.CityID)
		if !ok {
			return // An unused id.
		}
		p, _ := tab.Province(c.ProvinceID)
		ids := [4]int64{p.CountryID, p.ID, c.ID, d.ID}
		for i := range ids {
			if rapid.Bool().Draw(t, "leave out") {
				ids[i] = 0
			}
		}
		if err := tab.Consistent(ids[0], ids[1], ids[2], ids[3]); err != nil {
			t.Fatalf("%v: %v", ids, err)
		}
		other := rapid.Int64Range(1, 34).Draw(t, "province")
		err := tab.Consistent(0, other, ids[2], d.ID)
		if (err == nil) != (other == p.ID) {
			t.Fatalf("province %d for %v: %v", other, d, err)
		}
	})
}

func TestParseErrors(t *testing.T) {
	const country = header + "\ncountry\t4\t0\t中国\t\t\t0\n"
	if _, err := parse(country); err != nil {
		t.Error(err)
	}
	for _, text := range []string{
		"", "x", header, header + "\n",
		country + "province\t1\t4\n",
		country + "province\tx\t4\t北京\tbeijing\t110000\t0\n",
		country + "province\t0\t4\t北京\tbeijing\t110000\t0\n",
		country + "province\t9999999999\t4\t北京\tbeijing\t110000\t0\n",
		country + "province\t1\tx\t北京\tbeijing\t110000\t0\n",
		country + "province\t1\t4\t\tbeijing\t110000\t0\n",
		country + "province\t1\t4\t北京\tbeijing\t110000\t2\n",
		country + "province\t1\t5\t北京\tbeijing\t110000\t0\n",
		country + "planet\t1\t4\t北京\tbeijing\t110000\t0\n",
		country + "country\t5\t0\t中国\t\t\t0\n",
		country + "city\t1\t1\t北京市\tbeijing\t110100\t0\n",
		country + "district\t1\t1\t东城区\tdongchengqu\t110101\t0\n",
		country + strings.Repeat("province\t1\t4\t北京\tbeijing\t110000\t0\n", 2),
	} {
		if _, err := parse(text); err == nil {
			t.Errorf("no error for %q", text)
		}
	}
}

func BenchmarkInfo(b *testing.B) {
	tab := table(b)
	b.ReportAllocs()
	for b.Loop() {
		tab.Info("", 4, 14, 124, 1122)
	}
}
