package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"slices"
	"strings"
)

// plan decides on the next change of an actor, from what there is.
func (a *actor) plan(ctx context.Context) (*step, error) {
	if len(a.records) < 3 || len(a.records) < 12 && a.random.IntN(4) == 0 {
		if a.random.IntN(3) == 0 {
			return a.createLead(), nil
		}
		return a.createCustomer(), nil
	}
	r := a.records[a.random.IntN(len(a.records))]
	now, err := a.look(ctx, r) // for the ids of its parts
	if err != nil {
		return nil, err
	}
	if now == nil {
		return nil, fmt.Errorf("%s %d (%s) was acknowledged and is gone", r.kind, r.id, r.name)
	}
	if r.kind == "lead" {
		return a.changeLead(r), nil
	}
	return a.changeCustomer(r), nil
}

// one gives one of some, at random.
func one[T any](a *actor, all ...T) T { return all[a.random.IntN(len(all))] }

func (a *actor) createCustomer() *step {
	n := a.w.serial.Add(1)
	phone := fmt.Sprint(13800000000 + 10*n)
	r := &record{kind: "customer", name: fmt.Sprintf("第%d号商行", n)}
	s := &step{what: "create a customer", method: "POST", path: "customers", of: r}
	s.after = state{"name": r.name, "note": "新", "status": a.w.statuses[0], "owner": fmt.Sprint(a.w.admin), "pool": "0", "labels": "",
		"contacts": "李四 " + phone, "files": "", "helpers": ""}
	s.fields = pairs{{"customer[name]", r.name}, {"customer[note]", "新"}, {"customer[status]", a.w.statuses[0]},
		{"customer[contacts_attributes][0][name]", "李四"}, {"customer[contacts_attributes][0][address_attributes][phone]", phone}}
	if a.random.IntN(2) == 0 {
		label := one(a, a.w.labels...)
		s.fields = append(s.fields, [2]string{"customer[labels][]", label})
		s.after["labels"] = label
	}
	if a.random.IntN(4) == 0 { // into the pool from the start
		s.what, s.path = "create a customer in the pool", "common_customers"
		s.fields = append(s.fields, [2]string{"common_id", fmt.Sprint(a.w.pool)})
		s.after["owner"], s.after["pool"] = "0", fmt.Sprint(a.w.pool)
	}
	return s
}

// changeCustomer picks a change that the customer's state allows.
func (a *actor) changeCustomer(r *record) *step {
	pooled := r.state["pool"] != "0"
	path := fmt.Sprintf("customers/%d", r.id)
	s := &step{method: "PUT", path: path, of: r}
	note := fmt.Sprintf("改%d", a.w.serial.Add(1))
	staff := fmt.Sprint(one(a, a.w.staff[:2]...))
	kinds := []string{"update", "update", "labels", "contact", "upload", "transfer", "help", "pool", "delete"}
	if pooled {
		kinds = []string{"update pooled", "take", "take", "give", "delete pooled"}
	}
	switch kind := one(a, kinds...); kind {
	case "update":
		s.what = "update a customer"
		status := one(a, a.w.statuses...)
		s.fields = pairs{{"customer[note]", note}, {"customer[status]", status}}
		s.after = r.state.with("note", note, "status", status)
	case "update pooled":
		s.what, s.path = "update a customer in the pool", "common_"+path
		s.fields = pairs{{"customer[note]", note}}
		s.after = r.state.with("note", note)
	case "labels":
		s.what = "label a customer"
		labels := slices.Clone(a.w.labels[:a.random.IntN(len(a.w.labels)+1)])
		if len(labels) == 0 {
			s.fields = pairs{{"customer[labels][]", ""}}
		}
		for _, l := range labels {
			s.fields = append(s.fields, [2]string{"customer[labels][]", l})
		}
		slices.Sort(labels)
		s.after = r.state.with("labels", strings.Join(labels, " "))
	case "contact":
		a.changeContacts(r, s)
	case "upload":
		a.changeFiles(r, s)
	case "transfer":
		s.what, s.path = "transfer a customer", path+"/transfer"
		s.fields = pairs{{"user_id", staff}}
		s.after = r.state.with("owner", staff)
	case "help":
		s.what, s.path = "change collaborators", path+"/update_assist_user"
		helper := ""
		if r.state["helpers"] == "" {
			helper = fmt.Sprint(a.w.staff[4])
		}
		s.fields = pairs{{"customer[assist_user_ids][]", helper}}
		s.after = r.state.with("helpers", helper)
	case "pool":
		s.what, s.path = "turn a customer to the pool", path+"/turn_common"
		s.fields = pairs{{"common_id", fmt.Sprint(a.w.pool)}}
		s.after = r.state.with("owner", "0", "pool", fmt.Sprint(a.w.pool), "helpers", "")
	case "take":
		s.what, s.method, s.path = "take a customer", "POST", path+"/take"
		s.after = r.state.with("owner", fmt.Sprint(a.w.admin), "pool", "0")
	case "give":
		s.what, s.path = "give a customer out of the pool", "common_"+path+"/transfer"
		s.fields = pairs{{"user_id", staff}}
		s.after = r.state.with("owner", staff, "pool", "0")
	case "delete", "delete pooled":
		s.what, s.method = "delete a customer", "DELETE"
		if pooled {
			s.what, s.path = "delete a customer in the pool", "common_"+path
		}
	}
	return s
}

// changeContacts adds, changes or deletes a contact.
func (a *actor) changeContacts(r *record, s *step) {
	n := a.w.serial.Add(1)
	fresh := fmt.Sprintf("王%d 13%09d", n, n)
	name, phone, _ := strings.Cut(fresh, " ")
	var all []string
	if r.state["contacts"] != "" {
		all = strings.Split(r.state["contacts"], "; ")
	}
	fields := pairs{{"contact[name]", name}, {"contact[address_attributes][phone]", phone}}
	if len(all) == 0 || a.random.IntN(2) == 0 {
		s.what, s.method, s.path = "create a contact", "POST", "contacts"
		s.fields = append(fields, [2]string{"contact[customer_id]", fmt.Sprint(r.id)})
		s.after = r.state.with("contacts", sorted(append(all, fresh)))
		return
	}
	i := a.random.IntN(len(all))
	s.path = fmt.Sprintf("contacts/%d", r.parts[all[i]])
	if a.random.IntN(2) == 0 {
		s.what, s.fields = "update a contact", fields
		all[i] = fresh
	} else {
		s.what, s.method = "delete a contact", "DELETE"
		all = slices.Delete(all, i, i+1)
	}
	s.after = r.state.with("contacts", sorted(all))
}

// changeFiles uploads a file, renames or deletes one.
func (a *actor) changeFiles(r *record, s *step) {
	var all []string
	if r.state["files"] != "" {
		all = strings.Split(r.state["files"], "; ")
	}
	n := a.w.serial.Add(1)
	if len(all) == 0 || len(all) < 3 && a.random.IntN(2) == 0 {
		name := fmt.Sprintf("报价%d.txt", n)
		s.what, s.method, s.path, s.file = "upload a file", "POST", "attachments", strings.Repeat(fmt.Sprintf("报价%d\n", n), 1+a.random.IntN(5000))
		s.fields = pairs{{"attachmentable_type", "Customer"}, {"attachmentable_id", fmt.Sprint(r.id)}, {"file name", name}}
		s.after = r.state.with("files", sorted(append(all, name)))
		return
	}
	i := a.random.IntN(len(all))
	s.path = fmt.Sprintf("attachments/%d", r.parts["file "+all[i]])
	if a.random.IntN(2) == 0 {
		s.what = "rename a file"
		all[i] = fmt.Sprintf("合同%d.txt", n)
		s.fields = pairs{{"attachment[name]", all[i]}}
	} else {
		s.what, s.method = "delete a file", "DELETE"
		all = slices.Delete(all, i, i+1)
	}
	s.after = r.state.with("files", sorted(all))
}

// withFile writes the fields and a file, whose name stands among the fields.
func (p pairs) withFile(name, content string) (contentType, body string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, kv := range p {
		if kv[0] == "file name" {
			name = kv[1]
			continue
		}
		_ = w.WriteField(kv[0], kv[1]) // a buffer does not fail
	}
	part, _ := w.CreateFormFile("file", name)
	_, _ = part.Write([]byte(content))
	_ = w.Close()
	return w.FormDataContentType(), b.String()
}

func (a *actor) createLead() *step {
	n := a.w.serial.Add(1)
	r := &record{kind: "lead", name: fmt.Sprintf("第%d号线索", n)}
	s := &step{what: "create a lead", method: "POST", path: "leads", of: r}
	s.fields = pairs{{"lead[name]", r.name}, {"lead[company_name]", fmt.Sprintf("第%d号公司", n)},
		{"lead[address_attributes][phone]", fmt.Sprint(13800000000 + 10*n)}}
	s.after = state{"name": r.name, "note": "", "status": "", "owner": fmt.Sprint(a.w.admin), "pool": "0", "turned": "false"}
	return s
}

// changeLead picks a change that the lead's state allows.
func (a *actor) changeLead(r *record) *step {
	path := fmt.Sprintf("leads/%d", r.id)
	s := &step{method: "PUT", path: path, of: r}
	note := fmt.Sprintf("改%d", a.w.serial.Add(1))
	staff := fmt.Sprint(one(a, a.w.staff[:2]...))
	kinds := []string{"update", "transfer", "pool", "turn", "turn", "delete"}
	switch {
	case r.state["turned"] == "true":
		kinds = []string{"delete"}
	case r.state["pool"] != "0":
		kinds = []string{"update pooled", "take", "take", "give", "delete pooled"}
	}
	switch kind := one(a, kinds...); kind {
	case "update", "update pooled":
		s.what = "update a lead"
		if kind == "update pooled" {
			s.what, s.path = "update a lead in the pool", "common_"+path
		}
		status := one(a, a.w.leadStatuses...)
		s.fields = pairs{{"lead[note]", note}, {"lead[status]", status}}
		s.after = r.state.with("note", note, "status", status)
	case "transfer":
		s.what, s.method, s.path = "transfer a lead", "POST", path+"/update_user"
		s.fields = pairs{{"user_id", staff}}
		s.after = r.state.with("owner", staff)
	case "pool":
		s.what, s.path = "turn a lead to the pool", path+"/turn_common"
		s.fields = pairs{{"common_id", fmt.Sprint(a.w.leadPool)}}
		s.after = r.state.with("owner", "0", "pool", fmt.Sprint(a.w.leadPool))
	case "take":
		s.what, s.method, s.path = "take a lead", "POST", path+"/take"
		s.after = r.state.with("owner", fmt.Sprint(a.w.admin), "pool", "0")
	case "give":
		s.what, s.path = "give a lead out of the pool", "common_"+path+"/transfer"
		s.fields = pairs{{"user_id", staff}}
		s.after = r.state.with("owner", staff, "pool", "0")
	case "turn":
		a.turn(r, s)
	case "delete", "delete pooled":
		s.what, s.method = "delete a lead", "DELETE"
		if kind == "delete pooled" {
			s.what, s.path = "delete a lead in the pool", "common_"+path
		}
	}
	return s
}

// turn makes a customer of a lead, in one of the two ways.
func (a *actor) turn(r *record, s *step) {
	number := strings.TrimSuffix(strings.TrimPrefix(r.name, "第"), "号线索")
	var n int64
	fmt.Sscan(number, &n)
	s.turned = &record{kind: "customer", name: "第" + number + "号商行"}
	s.then = state{"name": s.turned.name, "note": r.state["note"], "status": a.w.statuses[0], "owner": r.state["owner"], "pool": "0", "labels": "",
		"contacts": fmt.Sprintf("%s %d", r.name, 13800000000+10*n), "files": "", "helpers": ""}
	s.after = r.state.with("turned", "true")
	s.what, s.method, s.path = "turn a lead into a customer", "POST", s.path+"/turn_to_customer"
	if a.random.IntN(2) == 0 {
		s.what, s.path = "create a customer of a lead", "customers"
		s.fields = pairs{{"refer_lead_id", fmt.Sprint(r.id)}}
	}
	s.fields = append(s.fields, [2]string{"customer[name]", s.turned.name}, [2]string{"customer[status]", a.w.statuses[0]})
}

// compete creates a customer under a name that other actors take at the same
// time: the check for duplicates lets one of them have it.
func (a *actor) compete(ctx context.Context) error {
	w := a.w
	name := fmt.Sprintf("争抢%d号公司", w.contest.Add(1)/(actors/2))
	got, err := w.client.send(ctx, "POST", "/api/v2/customers", formType, pairs{{"customer[name]", name}}.form())
	w.mu.Lock()
	c := w.contests[name]
	if c == nil {
		c = &contest{}
		w.contests[name] = c
	}
	switch {
	case err != nil, got.Status == 503 && w.cluster != nil:
		c.open++
		err = errCut
	case got.code() == 0:
		c.won++
	case got.code() == 100407:
		c.lost++
	default:
		err = errors.New(got.Body)
	}
	w.mu.Unlock()
	if err == nil {
		w.count("compete for a name")
	}
	return err
}
