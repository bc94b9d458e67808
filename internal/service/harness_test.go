package service

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"guanxi/internal/crm"
	"guanxi/internal/region"
	"guanxi/internal/store"
	"guanxi/internal/store/dbtest"
	"guanxi/internal/store/storetest"
)

// The people of the test organizations; both have all of them.
const (
	admin     int64 = iota + 1 // super administrator
	owner                      // scope own, sales; owns customer 1
	boss                       // superior of owner
	colleague                  // scope own, sales
	inSales                    // scope departments, sales
	wholeFirm                  // scope organization
	helper                     // collaborates on customer 1
	masked                     // scope organization, number hiding
	blinded                    // scope organization, field rights hide phones of others
	powerless                  // scope organization, no operation right
	disabled                   // not active
)

const (
	password     = "correct horse 1"
	startOfClock = 1_550_000_000_000
	orgA, orgB   = int64(49), int64(57)
	customerName = "0永豐餘投資有限公司"
	nobodysToken = "00000000000000000000000000000000"
)

// cheapHash is a hash of the password that costs next to nothing: a hash
// carries its own cost.
func cheapHash(password string) string {
	salt, b64 := []byte("0123456789abcdef"), base64.RawStdEncoding
	key := argon2.IDKey([]byte(password), salt, 1, 8, 1, 16)
	return fmt.Sprintf("$argon2id$v=%d$m=8,t=1,p=1$%s$%s", argon2.Version, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// clock is a clock that moves by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a service on a database of its own with two organizations that
// hold records of the same ids.
type world struct {
	*Service
	t        *testing.T
	database string
	clock    *clock
	beside   *sql.DB // see query
}

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

var regions = sync.OnceValues(region.Load)

func settings() Settings {
	return Settings{SessionsPerDevice: 1, IdleLife: time.Hour, AbsoluteLife: 24 * time.Hour, SignInFailures: 5, SignInLock: 15 * time.Minute}
}

func newWorld(t *testing.T, s Settings) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: time.UnixMilli(startOfClock)}}
	w.database = storetest.New(t, "world", func(st *store.Store) error {
		first := &world{t: t, clock: w.clock, Service: &Service{store: st}}
		first.fill(orgA, "1380000")
		first.fill(orgB, "1390000")
		return nil
	})
	w.Service = w.again(s)
	return w
}

// again opens a service on the same database, as a second process would.
func (w *world) again(s Settings) *Service {
	w.t.Helper()
	st := storetest.Open(w.t, w.database)
	table, err := regions()
	if err != nil {
		w.t.Fatal(err)
	}
	return New(st, nil, table, s, w.clock.Now, slog.New(slog.DiscardHandler))
}

// phone is the login of a user of the organization with this prefix.
func phone(prefix string, user int64) string { return fmt.Sprintf("%s%04d", prefix, user) }

// fill writes an organization.
func (w *world) fill(org int64, prefix string) {
	w.t.Helper()
	now := crm.Time(startOfClock)
	rights := crm.RightsOfNormal()
	rights[crm.RightDeleteCustomer] = true
	hidden := map[string]crm.Hiding{
		"contact.address.phone": crm.HideOthers, "contact.address.tel": crm.HideAll,
		"customer.address.phone": crm.HideOthers, "customer.address.tel": crm.HideAll,
		"contact.text_asset_000001": crm.HideOthers, "customer.text_asset_000002": crm.HideAll,
	}
	hash := cheapHash(password)
	err := w.store.Update(w.t.Context(), org, func(tx *store.Write) error {
		errs := []error{
			tx.AddOrganization(fmt.Sprint("公司", org), now),
			tx.AddDepartment(&crm.Department{ID: 1, Name: "总部"}, now),
			tx.AddDepartment(&crm.Department{ID: 2, ParentID: 1, Name: "销售部"}, now),
			tx.AddRole(&crm.Role{ID: 1, Scope: crm.ScopeOwn, Super: true}, now),
			tx.AddRole(&crm.Role{ID: 2, Scope: crm.ScopeOwn, Rights: rights}, now),
			tx.AddRole(&crm.Role{ID: 3, Scope: crm.ScopeDepartments, Rights: rights}, now),
			tx.AddRole(&crm.Role{ID: 4, Scope: crm.ScopeOrganization, Rights: rights}, now),
			tx.AddRole(&crm.Role{ID: 5, Scope: crm.ScopeOrganization, Rights: rights, Hidden: hidden}, now),
			tx.AddRole(&crm.Role{ID: 6, Scope: crm.ScopeOrganization}, now),
			tx.AddOption(&crm.Option{ID: 1, Entity: "customer", Field: "status", Label: "待联系", Enabled: true}),
			tx.AddOption(&crm.Option{ID: 2, Entity: "customer", Field: "status", Label: "旧", Enabled: false}),
			tx.AddOption(&crm.Option{ID: 3, Entity: "contact", Field: "category", Label: "决策人", Enabled: true}),
			tx.AddOption(&crm.Option{ID: 4, Entity: "customer", Field: "category", Label: "VIP客户", Enabled: true}),
			tx.AddLabel(&crm.Label{ID: 1, Name: "重点", Color: "#f00"}, 1),
			tx.AddLabel(&crm.Label{ID: 2, Name: "老", Color: "#0f0"}, 2),
			tx.AddPool(&crm.Pool{ID: 1, Name: "公司公海"}, now),
		}
		for i, entity := range []string{"contact", "customer"} {
			for j, kind := range []string{"phone", "file", "text", "integer"} {
				prefix := map[string]string{"phone": "text_asset_", "file": "file_asset_", "text": "text_asset_b", "integer": "numeric_asset_"}[kind]
				errs = append(errs, tx.AddCustomField(&crm.CustomField{ID: int64(10*i + j + 1), Entity: entity,
					Name: fmt.Sprintf("%s%06d", prefix, i+1), Label: kind, Kind: kind, Position: j, Enabled: true}, now))
			}
		}
		for _, u := range []crm.User{
			{ID: admin, RoleID: 1, DepartmentID: 1}, {ID: boss, RoleID: 2, DepartmentID: 1},
			{ID: owner, RoleID: 2, DepartmentID: 2, SuperiorID: boss}, {ID: colleague, RoleID: 2, DepartmentID: 2},
			{ID: inSales, RoleID: 3, DepartmentID: 2}, {ID: wholeFirm, RoleID: 4}, {ID: helper, RoleID: 2, DepartmentID: 1},
			{ID: masked, RoleID: 4, HideNumbers: true}, {ID: blinded, RoleID: 5}, {ID: powerless, RoleID: 6},
			{ID: disabled, RoleID: 4, State: crm.UserDisabled},
		} {
			u.Name, u.Phone, u.CreatedAt, u.UpdatedAt = fmt.Sprint("用户", u.ID), phone(prefix, u.ID), now, now
			if u.State == "" {
				u.State = crm.UserActive
			}
			errs = append(errs, tx.AddUser(&u, hash), tx.AddIdentity("phone:"+u.Phone, u.ID, now))
		}
		errs = append(errs, w.records(tx, org, prefix), tx.SkipIDs(store.Logs, 1),
			tx.Log(1, crm.LogEntry{Entity: "organization", EntityID: org, Action: "create", Changes: "{}", At: now}))
		return errors.Join(errs...)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// records writes customer 1 of the owner with contact 1 and 2, customer 2 of
// the pool with contact 3, and customer 3, which waits for approval.
func (w *world) records(tx *store.Write, org int64, prefix string) error {
	now := crm.Time(startOfClock)
	address := func(id int64, number string) crm.Address {
		return crm.Address{ID: id, Tel: crm.T("021" + number[3:]), Phone: crm.T(number), CreatedAt: now, UpdatedAt: now}
	}
	customers := []*crm.Customer{
		{ID: 1, OwnerID: owner, CreatorID: admin, DepartmentID: 2, Status: 1, Labelled: true, Approval: crm.Approved,
			Custom:  crm.Values(`{"text_asset_000002":"` + prefix + `5001","text_asset_b000002":"` + fmt.Sprint("公司", org) + `"}`),
			Address: address(1, prefix+"6001")},
		{ID: 2, PoolID: 1, Approval: crm.Approved, Address: address(2, prefix+"6002")},
		{ID: 3, OwnerID: boss, DepartmentID: 1, Approval: crm.Applying, Address: address(3, prefix+"6003")},
	}
	var errs []error
	for i, c := range customers {
		c.Name, c.CreatedAt, c.UpdatedAt = customerName, now-crm.Time(i), now
		errs = append(errs, tx.AddCustomer(c))
	}
	errs = append(errs, tx.AddCustomerLabel(1, 2), tx.AddCustomerLabel(1, 1), tx.AddAssistant(1, helper))
	for id, of := range []int64{1, 1, 2} {
		k := &crm.Contact{ID: int64(id + 1), CustomerID: of, CreatorID: owner, Name: fmt.Sprint("联系人", id+1), CreatedAt: now, UpdatedAt: now,
			Custom: crm.Values(fmt.Sprintf(`{"text_asset_000001":"%s70%02d"}`, prefix, id+1)), Address: address(int64(id+4), fmt.Sprintf("%s80%02d", prefix, id+1))}
		errs = append(errs, tx.AddContact(k))
	}
	for kind, last := range map[store.Kind]int64{store.Customers: 3, store.Contacts: 3, store.Addresses: 6, store.Users: 11} {
		errs = append(errs, tx.SkipIDs(kind, last))
	}
	return errors.Join(errs...)
}

// hash is the kept password of a user.
func (w *world) hash(org, user int64) (hash string) {
	w.t.Helper()
	err := w.store.View(w.t.Context(), org, func(r *store.Read) (err error) {
		hash, err = r.PasswordHash(org, user)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return hash
}

// token opens a session without a password.
func (w *world) token(org, user int64, device string) string {
	w.t.Helper()
	d, err := w.Organization(w.t.Context(), org)
	if err != nil {
		w.t.Fatal(err)
	}
	v := d.Viewer(user)
	if v == nil {
		w.t.Fatalf("user %d of %d is not active", user, org)
	}
	token, err := w.openSession(w.t.Context(), d, v, w.hash(org, user), Credentials{Device: device, RemoteAddress: "127.0.0.1"})
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

// as is the caller that a user's token stands for.
func (w *world) as(org, user int64) *Caller {
	w.t.Helper()
	c, err := w.Authenticate(w.t.Context(), w.token(org, user, "web"))
	if err != nil {
		w.t.Fatal(err)
	}
	c.RequestID, c.RemoteAddress = "request-1", "127.0.0.1"
	return c
}

// rows counts rows of an organization through a connection of the test.
func (w *world) rows(org int64) string {
	w.t.Helper()
	var out []string
	for _, table := range []string{"customers", "contacts", "customer_labels", "operation_logs", "request_tickets", "attachments"} {
		out = append(out, fmt.Sprint(table, " ", w.query("SELECT count(*) FROM "+table+" WHERE organization_id = $1", org)))
	}
	v, err := w.store.Version(context.Background(), org)
	if err != nil {
		w.t.Fatal(err)
	}
	return fmt.Sprint(strings.Join(out, ", "), ", version ", v, w.query("SELECT version FROM organizations WHERE organization_id = $1", org))
}

// acting gives a copy of the caller with a write under way that asks for what is
// given, and the answer that it gets.
func acting(c *Caller, ticket string, asked ...any) (*Caller, *[]byte) {
	one, answer := *c, &[]byte{}
	one.Act = &Act{Ticket: ticket, Digest: fmt.Sprintf("%+v", asked), Begin: func() { *answer = nil },
		Answer: func() []byte { return *answer }, Replay: func(first string) { *answer = []byte(first) }}
	return &one, answer
}

// answered is the id that a write has answered.
func answered(answer *[]byte, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(*answer), 10, 64)
}

// create is CreateCustomer for tests that ask for the id alone.
func (w *world) create(c *Caller, in *crm.NewCustomer, ticket string) (int64, error) {
	one, answer := acting(c, ticket, "customer", *in)
	return answered(answer, w.CreateCustomer(w.t.Context(), one, in, func(k *crm.CustomerDetail) error {
		*answer = fmt.Append(*answer, k.ID)
		return nil
	}))
}

// createContact is CreateContact for tests that ask for the id alone.
func (w *world) createContact(c *Caller, in *crm.NewContact, ticket string) (int64, error) {
	one, answer := acting(c, ticket, "contact", *in)
	return answered(answer, w.CreateContact(w.t.Context(), one, in, func(k *crm.ContactDetail) error {
		*answer = fmt.Append(*answer, k.ID)
		return nil
	}))
}

// fresh is a customer as the answer to a write of it shows it.
func (w *world) fresh(c *Caller, id int64) (out *crm.CustomerDetail, err error) {
	err = w.store.View(w.t.Context(), c.Org(), func(r *store.Read) (err error) {
		out, err = w.customerDetail(r, c, id, true)
		return err
	})
	return out, err
}
