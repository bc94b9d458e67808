package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// amend changes an organization past the use cases.
func (w *world) amend(org int64, fn func(tx *store.Write) error) {
	w.t.Helper()
	if err := w.store.Update(w.t.Context(), org, func(tx *store.Write) error {
		return errors.Join(fn(tx), tx.Log(0, crm.LogEntry{Entity: "test", Action: "test", Changes: "{}"}))
	}); err != nil {
		w.t.Fatal(err)
	}
}

// set changes the settings of an organization.
func (w *world) set(org int64, change func(*crm.Settings)) {
	w.t.Helper()
	d, err := w.Organization(w.t.Context(), org)
	if err != nil {
		w.t.Fatal(err)
	}
	s := d.Organization.Settings
	change(&s)
	w.amend(org, func(tx *store.Write) error { return tx.SetSettings(s) })
}

// update is UpdateCustomer for tests, which gives what the answer shows.
func (w *world) update(c *Caller, id int64, patch func(*crm.CustomerDraft)) (out *crm.CustomerDetail, err error) {
	one, _ := acting(c, "")
	one.Act.Unmodified = unmodified(c)
	err = w.UpdateCustomer(w.t.Context(), one, id, func(d *crm.CustomerDraft) error {
		patch(d)
		return nil
	}, func(k *crm.CustomerDetail) error {
		out = k
		return nil
	})
	return out, err
}

// updateContact is update for a contact.
func (w *world) updateContact(c *Caller, id int64, patch func(*crm.Contact)) (out *crm.ContactDetail, err error) {
	one, _ := acting(c, "")
	one.Act.Unmodified = unmodified(c)
	err = w.UpdateContact(w.t.Context(), one, id, func(d *crm.Contact) error {
		patch(d)
		return nil
	}, func(k *crm.ContactDetail) error {
		out = k
		return nil
	})
	return out, err
}

func unmodified(c *Caller) int64 {
	if c.Act == nil {
		return 0
	}
	return c.Act.Unmodified
}

// seenAt gives the caller as one who has seen records at a version.
func seenAt(c *Caller, version int64) *Caller {
	one, _ := acting(c, "")
	one.Act.Unmodified = version
	return one
}

// version is the organization's present version.
func (w *world) version(org int64) int64 {
	w.t.Helper()
	v, err := w.store.Version(w.t.Context(), org)
	if err != nil {
		w.t.Fatal(err)
	}
	return v.All
}

// lastLog is the newest row of the operation log about a record: the action, and
// what it says of the change as "field: before → after", sorted.
func (w *world) lastLog(entity string, id int64) (action string, changes []string) {
	w.t.Helper()
	row := w.query("SELECT action || ' ' || changes FROM operation_logs WHERE organization_id = $1 AND entity = $2 AND entity_id = $3 ORDER BY id DESC LIMIT 1",
		orgA, entity, id)
	action, text, _ := strings.Cut(row, " ")
	var pairs map[string][2]any
	if err := json.Unmarshal([]byte(text), &pairs); err != nil {
		w.t.Fatalf("%s: %v", row, err)
	}
	for name, pair := range pairs {
		changes = append(changes, fmt.Sprintf("%s: %v → %v", name, pair[0], pair[1]))
	}
	slices.Sort(changes)
	return action, changes
}

// logged checks the newest row of the operation log about a record.
func (w *world) logged(entity string, id int64, action string, want ...string) {
	w.t.Helper()
	got, changes := w.lastLog(entity, id)
	if slices.Sort(want); got != action || !slices.Equal(changes, want) {
		w.t.Errorf("the log of %s %d says %s %q, want %s %q", entity, id, got, changes, action, want)
	}
}

// told gives the notices of a user, the oldest first, as "kind entity id: name".
func (w *world) told(org, user int64) (all []string) {
	w.t.Helper()
	var found []crm.Notice
	if err := w.store.View(w.t.Context(), org, func(r *store.Read) (err error) {
		found, err = r.Notices(org, user, false, 0, 100)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	for _, n := range found {
		all = append(all, fmt.Sprintf("%s %s %d: %s", n.Kind, n.Entity, n.EntityID, n.Decode().Name))
	}
	slices.Reverse(all)
	return all
}

// containsPair tells whether changes have a field that went from one number to
// another.
func containsPair(changes, name string, from, to int64) bool {
	var pairs map[string][2]any
	if json.Unmarshal([]byte(changes), &pairs) != nil {
		return false
	}
	return pairs[name] == [2]any{float64(from), float64(to)}
}
