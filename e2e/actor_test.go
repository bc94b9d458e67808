package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
)

// state is what is known of a record by the names of what can change; nil where
// it is not there.
type state map[string]string

// with is the state after a change.
func (s state) with(pairs ...string) state {
	s = maps.Clone(s)
	for i := 0; i+1 < len(pairs); i += 2 {
		s[pairs[i]] = pairs[i+1]
	}
	return s
}

// record is a customer or a lead that one actor changes.
type record struct {
	kind  string // customer or lead
	id    int64
	name  string // no other has it
	state state
	parts map[string]int64 // ids of contacts and files by how the state names them
}

// step is one change.
type step struct {
	what         string // for people
	method, path string
	fields       pairs
	file         string // the bytes of an upload, "" for none
	ticket       string
	of           *record
	after        state
	// turned is the customer that a lead becomes, with its state then.
	turned *record
	then   state
}

// errCut says that no whole answer came.
var errCut = errors.New("cut off")

// actor changes records of its own, one change after the other.
type actor struct {
	w       *writes
	number  int
	random  *rand.Rand
	records []*record
	open    *step // was cut off by the kill
}

// act makes one change.
func (a *actor) act(ctx context.Context) error {
	if a.random.IntN(8) == 0 {
		return a.compete(ctx)
	}
	s, err := a.plan(ctx)
	if err != nil {
		return err
	}
	if a.random.IntN(2) == 0 {
		s.ticket = fmt.Sprintf("t-%d", a.w.serial.Add(1))
	}
	err = a.do(ctx, s)
	if errors.Is(err, errCut) {
		a.open = s
	}
	return err
}

// do sends a change; errCut when no whole answer came. What was acknowledged is
// known from then on.
func (a *actor) do(ctx context.Context, s *step) error {
	path := "/api/v2/" + s.path
	if s.ticket != "" {
		path += "?request_ticket=" + s.ticket
	}
	contentType, body := formType, s.fields.form()
	switch {
	case s.file != "":
		contentType, body = s.fields.withFile("报价.txt", s.file)
	case len(s.fields) == 0:
		contentType, body = "", ""
	case a.random.IntN(3) == 0:
		contentType, body = s.fields.multipart()
	}
	got, err := a.w.client.send(ctx, s.method, path, contentType, body)
	switch {
	case err != nil:
		return errCut
	case got.Status == 503 && a.w.cluster != nil:
		return errCut
	case got.code() != 0:
		return fmt.Errorf("%s of %s: HTTP %d %s", s.what, s.of.name, got.Status, got.Body)
	}
	return s.done(a, got)
}

// done takes over what an acknowledged change has made.
func (s *step) done(a *actor, got *answer) error {
	var data struct{ ID int64 }
	if err := json.Unmarshal(got.Data, &data); err != nil {
		return err
	}
	made := s.of
	if s.turned != nil {
		made = s.turned
		made.state, made.id = s.then, data.ID
	}
	if s.of.state == nil && s.turned == nil { // it was created
		if s.of.id != 0 && s.of.id != data.ID {
			return fmt.Errorf("%s of %s made %d, and %d before", s.what, s.of.name, data.ID, s.of.id)
		}
		s.of.id = data.ID
	}
	s.of.state = s.after
	a.adopt(s.of)
	if s.turned != nil {
		a.adopt(made)
	}
	a.w.count(s.what)
	return nil
}

// adopt keeps the records that are there.
func (a *actor) adopt(r *record) {
	i := slices.Index(a.records, r)
	switch {
	case r.state == nil && i >= 0:
		a.records = slices.Delete(a.records, i, i+1)
	case r.state != nil && i < 0:
		a.records = append(a.records, r)
	}
}

// look reads a record as it is now, by its id or by its name.
func (a *actor) look(ctx context.Context, r *record) (state, error) {
	if r.id == 0 {
		id, err := a.find(ctx, r)
		if err != nil || id == 0 {
			return nil, err
		}
		r.id = id
	}
	got, err := a.get(ctx, fmt.Sprintf("/api/v2/%ss/%d", r.kind, r.id))
	if err != nil {
		return nil, err
	}
	if got.code() == 100100 {
		return nil, nil
	}
	if r.kind == "lead" {
		return leadState(got)
	}
	s, parts, err := customerState(got)
	if err != nil {
		return nil, err
	}
	r.parts = parts
	if got, err = a.get(ctx, fmt.Sprintf("/api/v2/customers/%d/assist_users", r.id)); err != nil {
		return nil, err
	}
	var people struct {
		Users []struct{ ID int64 } `json:"assist_users"`
	}
	s["helpers"] = ""
	if err := got.decode(&people); err != nil {
		return nil, err
	}
	for _, u := range people.Users {
		s["helpers"] += fmt.Sprint(u.ID)
	}
	return s, nil
}

// get asks; errCut when no whole answer came, or the database was away.
func (a *actor) get(ctx context.Context, path string) (*answer, error) {
	got, err := a.w.client.send(ctx, "GET", path, "", "")
	if err != nil || got.Status == 503 && a.w.cluster != nil {
		return nil, errCut
	}
	return got, nil
}

// find looks a record up by its name; 0 where there is none.
func (a *actor) find(ctx context.Context, r *record) (int64, error) {
	path := "/api/v2/duplicates/matching_name?name="
	if r.kind == "lead" {
		path = "/api/v2/leads/by_name?name="
	}
	got, err := a.get(ctx, path+url.QueryEscape(r.name))
	if err != nil {
		return 0, err
	}
	var data struct{ Customers, Leads []struct{ ID int64 } }
	if err := got.decode(&data); err != nil {
		return 0, err
	}
	all := append(data.Customers, data.Leads...)
	switch len(all) {
	case 0:
		return 0, nil
	case 1:
		return all[0].ID, nil
	}
	return 0, fmt.Errorf("%s is there %d times", r.name, len(all))
}

// settle finds out what became of the change that was cut off. It was made or
// not, and with a ticket it is made in the end, once.
func (a *actor) settle(ctx context.Context) error {
	s := a.open
	if s == nil {
		return nil
	}
	a.open = nil
	now, err := a.look(ctx, s.of)
	if err != nil {
		return err
	}
	made := maps.Equal(now, s.after) && (now == nil) == (s.after == nil)
	if !made && (!maps.Equal(now, s.of.state) || (now == nil) != (s.of.state == nil)) {
		return fmt.Errorf("%s of %s was cut off: %v before, %v after, and now %v", s.what, s.of.name, s.of.state, s.after, now)
	}
	if s.turned != nil {
		customer, err := a.look(ctx, s.turned)
		if err != nil {
			return err
		}
		if (customer != nil) != made || customer != nil && !maps.Equal(customer, s.then) {
			return fmt.Errorf("%s was turned: %v, and its customer is %v, wanted %v", s.of.name, made, customer, s.then)
		}
	}
	if s.ticket != "" {
		if err := a.do(ctx, s); err != nil {
			return fmt.Errorf("sent again: %w", err)
		}
		return a.check(ctx, s.of)
	}
	if made {
		s.of.state = s.after
		if s.turned != nil {
			s.turned.state = s.then
			a.adopt(s.turned)
		}
	}
	a.adopt(s.of)
	return nil
}

// check wants a record as it was acknowledged.
func (a *actor) check(ctx context.Context, r *record) error {
	now, err := a.look(ctx, r)
	if err != nil {
		return err
	}
	if !maps.Equal(now, r.state) || (now == nil) != (r.state == nil) {
		return fmt.Errorf("%s %d (%s) was acknowledged as %v and is %v", r.kind, r.id, r.name, r.state, now)
	}
	return nil
}

func (a *actor) checkSome(ctx context.Context, n int) error {
	for range min(n, len(a.records)) {
		if err := a.check(ctx, a.records[a.random.IntN(len(a.records))]); err != nil {
			return err
		}
	}
	return nil
}

func (a *actor) checkAll(ctx context.Context) error {
	for _, r := range a.records {
		if err := a.check(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// customerState reads what can change out of a customer's detail, and the ids of
// its parts.
func customerState(got *answer) (state, map[string]int64, error) {
	var d struct {
		Name, Note, Status string
		User               struct{ ID int64 }
		Pool               *int64 `json:"customer_common_setting_id"`
		Labels             []struct{ ID int64 }
		Contacts           []struct {
			ID      int64
			Name    string
			Address foundAddress
		}
		Attachments json.RawMessage
	}
	if err := got.decode(&d); err != nil {
		return nil, nil, err
	}
	var files []struct {
		ID   int64
		Name string `json:"name"`
	}
	if !strings.HasPrefix(string(d.Attachments), `"`) { // a text where there are none
		if err := json.Unmarshal(d.Attachments, &files); err != nil {
			return nil, nil, err
		}
	}
	parts := map[string]int64{}
	s := state{"name": d.Name, "note": d.Note, "status": d.Status, "owner": fmt.Sprint(d.User.ID), "pool": "0"}
	if d.Pool != nil {
		s["pool"] = fmt.Sprint(*d.Pool)
	}
	var labels []string
	for _, l := range d.Labels {
		labels = append(labels, fmt.Sprint(l.ID))
	}
	slices.Sort(labels)
	s["labels"] = strings.Join(labels, " ")
	var contacts, names []string
	for _, k := range d.Contacts {
		text := k.Name + " " + text(k.Address.Phone)
		contacts, parts[text] = append(contacts, text), k.ID
	}
	for _, f := range files {
		names, parts["file "+f.Name] = append(names, f.Name), f.ID
	}
	s["contacts"], s["files"] = sorted(contacts), sorted(names)
	return s, parts, nil
}

func sorted(texts []string) string {
	slices.Sort(texts)
	return strings.Join(texts, "; ")
}

// leadState is the same of a lead.
func leadState(got *answer) (state, error) {
	var d struct {
		Name, Note, Status string
		User               *struct{ ID int64 }
		Pool               *int64 `json:"lead_common_setting_id"`
		Turned             bool   `json:"turned_to_customer"`
	}
	if err := got.decode(&d); err != nil {
		return nil, err
	}
	s := state{"name": d.Name, "note": d.Note, "status": d.Status, "owner": "0", "pool": "0", "turned": fmt.Sprint(d.Turned)}
	if d.User != nil {
		s["owner"] = fmt.Sprint(d.User.ID)
	}
	if d.Pool != nil {
		s["pool"] = fmt.Sprint(*d.Pool)
	}
	return s, nil
}
