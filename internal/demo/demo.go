// Package demo is the made-up company that `guanxi demo` serves: the two
// examples that the documents of the compatible API show, with their ids,
// inside a small firm with departments, roles, customers and pictures.
//
// The company is written in one transaction, so an interrupted first start
// leaves nothing behind but pictures, which the next start writes again. Only
// two of its people have passwords; they are random and stand in demo.json.
package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"guanxi/internal/blob"
	"guanxi/internal/gen"
	"guanxi/internal/service"
	"guanxi/internal/store"
)

// What the examples are found by.
const (
	Organization = 57
	MatchingName = "经理1的客户"
	ContactID    = 20583
)

// The people who can sign in. The owner sees both examples; the colleague, an
// ordinary user of another department, finds the customer by name and may not
// see the contact.
const (
	OwnerID     = 443
	ColleagueID = 512
)

// ErrOther says that the data folder holds another installation than the demo.
var ErrOther = errors.New("the data folder holds another installation; the demo needs a folder of its own (GUANXI_DATA)")

// Facts are the file demo.json.
type Facts struct {
	URL          string   `json:"url"`
	Users        []SignIn `json:"users"`
	MatchingName string   `json:"matching_name"`
	ContactID    int64    `json:"contact_id"`
}

// SignIn is one person who can sign in.
type SignIn struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	Role     string `json:"role"`
}

// File is where the facts lie in a data folder.
func File(data string) string { return filepath.Join(data, "demo.json") }

// CheckAddress refuses an address to listen on that others could reach: the
// demo's sign-ins are printed and lie about.
func CheckAddress(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "localhost" || (ip != nil && ip.IsLoopback()) {
		return nil
	}
	return fmt.Errorf("the demo listens on this computer only (127.0.0.1, ::1, localhost), not on %q", addr)
}

// Prepare loads the company where it is not there, makes sure that the two
// people can sign in and that demo.json is right, and answers what is in it.
// url is where the server is reached. A second call keeps data and passwords.
// ErrOther where the database holds something else.
func Prepare(ctx context.Context, st *store.Store, blobs blob.Store, svc *service.Service, data, url string) (*Facts, error) {
	there, err := loaded(ctx, st)
	if err != nil {
		return nil, err
	}
	if !there {
		if err := load(ctx, st, blobs, svc.Regions()); err != nil {
			return nil, fmt.Errorf("load the demo: %w", err)
		}
	}
	facts, err := read(data)
	if err != nil {
		return nil, err
	}
	usable := false
	if facts != nil {
		if usable, err = passwordsFit(ctx, st, facts); err != nil {
			return nil, err
		}
	}
	if !usable {
		facts = &Facts{MatchingName: MatchingName, ContactID: ContactID}
		for _, p := range people() {
			password, err := svc.ResetPassword(ctx, p.Login, "")
			if err != nil {
				return nil, err
			}
			p.Password = password
			facts.Users = append(facts.Users, p)
		}
	} else if facts.URL == url {
		return facts, nil
	}
	facts.URL = url
	return facts, gen.WriteFile(File(data), facts)
}

func people() []SignIn {
	return []SignIn{{Login: phone(OwnerID), Role: "owner"}, {Login: phone(ColleagueID), Role: "colleague"}}
}

// loaded tells whether the company is there.
func loaded(ctx context.Context, st *store.Store) (bool, error) {
	all, err := st.GeneratedLoads(ctx)
	if err != nil {
		return false, err
	}
	for _, l := range all {
		if l.OrganizationID == Organization && l.Parameters == mark {
			return true, nil
		}
	}
	orgs, err := st.Organizations(ctx)
	if err == nil && len(orgs) > 0 {
		err = ErrOther
	}
	return false, err
}

// read reads demo.json; nil where it is not there or does not tell how the two
// sign in.
func read(data string) (*Facts, error) {
	b, err := os.ReadFile(File(data))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f := &Facts{}
	want := people()
	if json.Unmarshal(b, f) != nil || len(f.Users) != len(want) || f.MatchingName != MatchingName || f.ContactID != ContactID {
		return nil, nil
	}
	for i, u := range f.Users {
		if u.Password == "" || u.Login != want[i].Login || u.Role != want[i].Role {
			return nil, nil
		}
	}
	return f, nil
}

// passwordsFit tells whether both can sign in with what demo.json says: it may
// have been left by a database which is gone, and passwords may be changed.
func passwordsFit(ctx context.Context, st *store.Store, facts *Facts) (fit bool, err error) {
	err = st.View(ctx, Organization, func(r *store.Read) error {
		for i, id := range []int64{OwnerID, ColleagueID} {
			hash, err := r.PasswordHash(Organization, id)
			if err != nil || !service.PasswordFits(hash, facts.Users[i].Password) {
				return err
			}
		}
		fit = true
		return nil
	})
	return fit, err
}
