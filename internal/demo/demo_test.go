package demo

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"guanxi/internal/blob"
	"guanxi/internal/crm"
	"guanxi/internal/field"
	"guanxi/internal/region"
	"guanxi/internal/service"
	"guanxi/internal/store"
	"guanxi/internal/store/dbtest"
	"guanxi/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// installation is a data folder with everything opened.
type installation struct {
	data    string
	store   *store.Store
	blobs   *blob.Dir
	service *service.Service
}

func open(t *testing.T, data string) *installation {
	t.Helper()
	st, err := store.Open(t.Context(), storetest.Of(t, data), storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := blob.NewDir(filepath.Join(data, "files"))
	if err != nil {
		t.Fatal(err)
	}
	regions, err := region.Load()
	if err != nil {
		t.Fatal(err)
	}
	svc := service.New(st, blobs, regions, service.Settings{SessionsPerDevice: 1, IdleLife: time.Hour, AbsoluteLife: time.Hour,
		SignInFailures: 10, SignInLock: time.Minute}, time.Now, slog.New(slog.DiscardHandler))
	return &installation{data, st, blobs, svc}
}

func (in *installation) close(t *testing.T) {
	t.Helper()
	if err := errors.Join(in.store.Close(), in.blobs.Close()); err != nil {
		t.Error(err)
	}
}

func (in *installation) prepare(t *testing.T, url string) *Facts {
	t.Helper()
	f, err := Prepare(t.Context(), in.store, in.blobs, in.service, in.data, url)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (in *installation) signIn(t *testing.T, s SignIn) *service.Caller {
	t.Helper()
	token, err := in.service.SignIn(t.Context(), service.Credentials{Login: s.Login, Password: s.Password, Device: "open_api"})
	if err != nil {
		t.Fatalf("%s cannot sign in: %v", s.Role, err)
	}
	c, err := in.service.Authenticate(t.Context(), token.Token)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDemo(t *testing.T) {
	data := t.TempDir()
	in := open(t, data)
	facts := in.prepare(t, "http://127.0.0.1:8080")
	if info, err := os.Stat(File(data)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("demo.json: %v %v", info, err)
	}
	if len(facts.Users) != 2 || facts.Users[0].Role != "owner" || facts.Users[1].Role != "colleague" {
		t.Fatalf("users %+v", facts.Users)
	}
	t.Run("owner", func(t *testing.T) { checkOwner(t, in, facts) })
	t.Run("colleague", func(t *testing.T) { checkColleague(t, in, facts) })
	t.Run("company", func(t *testing.T) { checkCompany(t, in) })
	in.close(t)

	// A second start keeps the passwords and brings the address up to date.
	in = open(t, data)
	defer in.close(t)
	again := in.prepare(t, "http://127.0.0.1:9090")
	if again.URL != "http://127.0.0.1:9090" || again.Users[0] != facts.Users[0] || again.Users[1] != facts.Users[1] {
		t.Errorf("the second start has %+v after %+v", again, facts)
	}
	kept, err := read(data)
	if err != nil || kept.URL != again.URL {
		t.Errorf("demo.json has %+v, %v", kept, err)
	}
	in.signIn(t, again.Users[0])

	// Without the file there are new passwords, and the old ones are void.
	if err := os.Remove(File(data)); err != nil {
		t.Fatal(err)
	}
	fresh := in.prepare(t, "http://127.0.0.1:9090")
	if fresh.Users[0].Password == facts.Users[0].Password {
		t.Error("the password is still the old one")
	}
	in.signIn(t, fresh.Users[1])
	_, err = in.service.SignIn(t.Context(), service.Credentials{Login: facts.Users[0].Login, Password: facts.Users[0].Password})
	if !errors.Is(err, crm.ErrBadLogin) {
		t.Errorf("the old password: %v", err)
	}
}

func checkOwner(t *testing.T, in *installation, facts *Facts) {
	c := in.signIn(t, facts.Users[0])
	if c.Viewer.User.ID != OwnerID || c.Viewer.Role.ID != roleSales || c.Org() != Organization {
		t.Errorf("the owner is %+v", c.Viewer.User)
	}
	found, err := in.service.MatchingName(t.Context(), c, facts.MatchingName)
	if err != nil || len(found) != 1 {
		t.Fatalf("%d customers, %v", len(found), err)
	}
	m := found[0]
	if m.ID != 831 || m.OwnerID != 254 || m.Self || m.Hidden || m.Status != 3462 || m.Category != 3468 || len(m.Labels) != 0 {
		t.Errorf("customer %+v", m)
	}
	d := c.Directory
	if d.OptionLabel(3462) != "待联系" || d.OptionLabel(3468) != "VIP客户" || d.UserName(254) != "周星驰" {
		t.Error("the words of the first example")
	}
	a := m.Address
	if a.ID != 2675 || a.Tel != crm.T("") || a.Phone.Set || a.Fax != crm.T("02100000831") || a.URL != crm.T("http://example.com") {
		t.Errorf("address %+v", a)
	}
	if info := in.service.Regions().Info("", a.CountryID, a.ProvinceID, a.CityID, a.DistrictID); info != "中国江西南昌市西湖区" {
		t.Errorf("region %s", info)
	}
	if len(m.Contacts) != 1 || m.Contacts[0].ID != 673 || m.Contacts[0].Address.ID != 2676 {
		t.Errorf("contacts %+v", m.Contacts)
	}
	if _, err := in.service.ContactDetail(t.Context(), c, 673); err != nil {
		t.Errorf("the superior of the owner does not see the contact: %v", err)
	}

	k, err := in.service.ContactDetail(t.Context(), c, facts.ContactID)
	if err != nil {
		t.Fatal(err)
	}
	if k.Name != "???" || k.NamePinyin != "" || !k.Own || !k.Self || k.Hidden || k.CreatorID != 441 || len(k.Custom) != 0 {
		t.Errorf("contact %+v", k.Contact)
	}
	if k.Customer.ID != 73717 || k.Customer.NamePinyin != "0yongfengyutouziyouxiangongsi" || k.Customer.CompanyName != "哦KKK咯" ||
		k.Customer.Status != 4021 || k.Customer.Address.ID != 177109 || k.Customer.RevisitAt != at("2019-02-18 14:45:20") {
		t.Errorf("customer %+v", k.Customer)
	}
	if o := d.Options[4021]; o.Label != "成交" || o.Meaning != crm.MeaningWon || !o.Enabled {
		t.Errorf("status %+v", o)
	}
	for i, want := range []struct {
		id, address int64
		name        string
	}{{20583, 177110, "???"}, {27826, 194028, "小鲤鱼历险记"}, {145384, 246106, "吐了"}} {
		if i >= len(k.Siblings) || k.Siblings[i].ID != want.id || k.Siblings[i].Address.ID != want.address || k.Siblings[i].Name != want.name {
			t.Errorf("sibling %d of %+v", i, k.Siblings)
		}
	}
	if k.Card == nil || k.Card.ID != 14918 || k.Card.FileName != "attachment_1466479956.jpg" || k.Card.UserID != 441 {
		t.Errorf("card %+v", k.Card)
	}
	f, info, err := in.service.OpenFile(t.Context(), k.Card)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if info.Size != k.Card.Size {
		t.Errorf("the card has %d bytes, its row says %d", info.Size, k.Card.Size)
	}
	for id, avatar := range map[int64]int64{441: 10322, 443: 4167} {
		if u := d.Users[id]; u.AvatarID != avatar || d.DepartmentName(u.DepartmentID) != "销售部" {
			t.Errorf("user %+v", u)
		}
	}
	fields := d.Fields["contact"]
	if fields[0].Name != "text_asset_7c7b94f7" || fields[1].Name != "file_asset_6da421" || fields[2].Enabled {
		t.Errorf("fields of contacts %+v", fields)
	}
}

func checkColleague(t *testing.T, in *installation, facts *Facts) {
	c := in.signIn(t, facts.Users[1])
	if c.Viewer.Role.Scope != crm.ScopeOwn || c.Viewer.User.DepartmentID == c.Directory.Users[OwnerID].DepartmentID {
		t.Errorf("the colleague is %+v", c.Viewer.User)
	}
	found, err := in.service.MatchingName(t.Context(), c, facts.MatchingName)
	if err != nil || len(found) != 1 || found[0].ID != 831 || found[0].Self {
		t.Errorf("found %+v, %v", found, err)
	}
	for _, id := range []int64{facts.ContactID, 673} {
		if _, err := in.service.ContactDetail(t.Context(), c, id); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("contact %d: %v", id, err)
		}
	}
}

func checkCompany(t *testing.T, in *installation) {
	c, err := newCompany(in.service.Regions())
	if err != nil {
		t.Fatal(err)
	}
	d, err := in.service.Organization(t.Context(), Organization)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.accounts) != customers || len(d.Users) != len(c.users) {
		t.Errorf("%d customers, %d users", len(c.accounts), len(d.Users))
	}
	scopes := map[crm.Scope]bool{}
	for _, r := range d.Roles {
		scopes[r.Scope] = true
	}
	if len(scopes) != 4 {
		t.Errorf("scopes %v", scopes)
	}
	n := map[string]int{}
	names := map[string]int{}
	for i := range c.accounts {
		a := &c.accounts[i]
		names[a.Name]++
		in := crm.NewCustomer{Customer: a.Customer}
		if err := in.Validate(); err != nil {
			t.Errorf("customer %d: %v", a.ID, err)
		}
		if a.PoolID != 0 {
			n["pool"]++
		}
		if a.Approval == crm.Applying {
			n["pending"]++
		}
		if a.Labelled != (len(a.labels) > 0) {
			t.Errorf("labels of customer %d", a.ID)
		}
		n["labelled"] += min(1, len(a.labels))
		n["assisted"] += min(1, len(a.assistants))
		n["custom"] += checkValues(t, d.Fields["customer"], a.Custom)
		for k := range a.contacts {
			if a.contacts[k].CardID != 0 {
				n["card"]++
			}
			checkValues(t, d.Fields["contact"], a.contacts[k].Custom)
		}
	}
	for name, count := range names {
		if count > 1 {
			n["repeated"]++
		} else if name == "" {
			t.Error("a customer without a name")
		}
	}
	for what, least := range map[string]int{"pool": 8, "pending": 7, "labelled": 40, "assisted": 10, "custom": 60, "card": 18, "repeated": 3} {
		if n[what] < least {
			t.Errorf("only %d: %s", n[what], what)
		}
	}
}

// checkValues reads kept values by the definitions of the fields.
func checkValues(t *testing.T, fields []*crm.CustomField, v crm.Values) int {
	t.Helper()
	values := field.Decode(v)
	if len(v) > 0 && len(values) == 0 {
		t.Errorf("values %s", v)
	}
	known := 0
	for _, f := range fields {
		raw, ok := values[f.Name]
		if !ok {
			continue
		}
		known++
		if !f.Enabled {
			t.Errorf("%s is disabled", f.Name)
		}
		if text, _ := field.Display(f, values, field.Names{}); field.Find(f.Kind).Choice && text == "" {
			t.Errorf("%s: no choice for %s", f.Name, raw)
		}
	}
	if known != len(values) {
		t.Errorf("unknown fields in %s", v)
	}
	return min(1, known)
}

func TestInterruptedFirstStart(t *testing.T) {
	data := t.TempDir()
	in := open(t, data)
	defer in.close(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Prepare(ctx, in.store, in.blobs, in.service, data, "u"); err == nil {
		t.Fatal("a start without time succeeded")
	}
	if all, err := in.store.Organizations(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("left behind: %v, %v", all, err)
	}
	// A file of a database that is gone: its passwords are replaced.
	stale := `{"url":"u","users":[{"login":"13800000443","password":"x","role":"owner"},
		{"login":"13800000512","password":"y","role":"colleague"}],"matching_name":"经理1的客户","contact_id":20583}`
	if err := os.WriteFile(File(data), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	facts := in.prepare(t, "u")
	in.signIn(t, facts.Users[0])
}

func TestOtherInstallationIsRefused(t *testing.T) {
	data := t.TempDir()
	in := open(t, data)
	defer in.close(t)
	if _, _, err := in.service.AddOrganization(t.Context(), "别的公司", "管理员", "boss"); err != nil {
		t.Fatal(err)
	}
	if _, err := Prepare(t.Context(), in.store, in.blobs, in.service, data, "u"); !errors.Is(err, ErrOther) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(File(data)); err == nil {
		t.Error("demo.json was written")
	}
}

func TestCheckAddress(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "127.8.9.1:80", "[::1]:8080", "localhost:8080"} {
		if err := CheckAddress(addr); err != nil {
			t.Errorf("%s: %v", addr, err)
		}
	}
	for _, addr := range []string{":8080", "0.0.0.0:8080", "[::]:80", "192.168.1.5:80", "example.com:80", "127.0.0.1", ""} {
		if CheckAddress(addr) == nil {
			t.Errorf("%q was taken", addr)
		}
	}
}
