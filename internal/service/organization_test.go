package service

import (
	"errors"
	"testing"

	"guanxi/internal/store"
)

// A login is one person's on the whole installation; who asks for a taken one
// leaves nothing behind.
func TestTakenLogins(t *testing.T) {
	w := newWorld(t, settings())
	count := func() string {
		return w.query("SELECT count(*) FROM organizations") + " " + w.query("SELECT count(*) FROM users") + " " +
			w.query("SELECT count(*) FROM identities")
	}
	before := count()
	if _, _, err := w.AddOrganization(t.Context(), "第三家", "管理员", "+86 138-0000-0002"); !errors.Is(err, store.ErrLoginTaken) {
		t.Errorf("an organization: %v", err)
	}
	if _, _, err := w.AddUser(t.Context(), orgB, NewUser{Name: "新人", Login: "13800000002"}); !errors.Is(err, store.ErrLoginTaken) {
		t.Errorf("a user of another organization: %v", err)
	}
	if after := count(); after != before {
		t.Errorf("organizations, users and identities: %s, were %s", after, before)
	}
	if _, _, err := w.AddUser(t.Context(), 999, NewUser{Name: "新人", Login: "13800009999"}); !errors.Is(err, store.ErrNoRow) {
		t.Errorf("an organization that is not there: %v", err)
	}
}
