package gen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/service"
	"guanxi/internal/store"
)

// Account is how to sign in to a generated organization, and what is in it.
type Account struct {
	ID        int64  `json:"id"`
	Login     string `json:"login"`
	Password  string `json:"password"`
	Customers int    `json:"customers"`
	Contacts  int64  `json:"contacts"`
}

// Accounts is the file gen.json.
type Accounts struct {
	Organizations []Account `json:"organizations"`
}

// AccountsFile is where the accounts lie in a data folder.
func AccountsFile(data string) string { return filepath.Join(data, "gen.json") }

// ReadAccounts reads the file; a file that is not there has no accounts.
func ReadAccounts(data string) (*Accounts, error) {
	a := &Accounts{}
	b, err := os.ReadFile(AccountsFile(data))
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err == nil {
		err = json.Unmarshal(b, a)
	}
	if err != nil {
		return nil, fmt.Errorf("read the accounts: %w", err)
	}
	return a, nil
}

// WriteFile replaces a file that only its owner may read, whole or not at all.
func WriteFile(path string, content any) error {
	b, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // has mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// secret is the password of all administrators that one call of Load makes:
// hashing one takes longer than founding an organization.
type secret struct{ password, hash string }

func newSecret() secret {
	password := service.NewPassword()
	return secret{password, service.HashPassword(password)}
}

// open makes sure that the administrator of every organization of the load can
// sign in, and that the file tells how. A password is set in the database
// before it is written to the file, so what the file lacks is set anew.
func (l *load) open(ctx context.Context, data string) (*Accounts, error) {
	known, err := ReadAccounts(data)
	if err != nil {
		return nil, err
	}
	passwords := map[int64]string{}
	for _, a := range known.Organizations {
		passwords[a.ID] = a.Password
	}
	all := &Accounts{}
	for i, org := range l.orgs {
		a := Account{ID: org, Login: Login(org), Password: passwords[org], Customers: l.makers[i].planned,
			Contacts: l.makers[i].contactsBefore(l.makers[i].planned)}
		if i >= l.found {
			a.Password = l.secret().password
		} else if a.Password == "" {
			a.Password = l.secret().password
			if err := l.setPassword(ctx, org, l.secret().hash); err != nil {
				return nil, err
			}
		}
		all.Organizations = append(all.Organizations, a)
	}
	return all, WriteFile(AccountsFile(data), all)
}

func (l *load) setPassword(ctx context.Context, org int64, hash string) error {
	at := crm.At(time.Now())
	return l.store.Update(ctx, org, func(w *store.Write) error {
		w.Quiet()
		id, err := w.TakeIDs(store.Logs, 1)
		if err != nil {
			return err
		}
		if err := w.SetPassword(adminID, hash, at); err != nil {
			return err
		}
		return w.Log(id, crm.LogEntry{Entity: "user", EntityID: adminID, Action: "password", Changes: "{}", At: at})
	})
}
