package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"unicode/utf8"
)

// filterGroup is what a list says that it can be filtered and sorted by.
type filterGroup struct {
	Filters []struct {
		Name      string
		FieldType string `json:"field_type"`
		Options   []struct{ Value string }
	}
	Sorts []struct{ Value string }
}

// listCalls are all calls of a viewer. Every filter and sort that a list offers
// is among them.
func (p *process) listCalls(ctx context.Context, o *options, d *dataSet, token string) ([]listCall, error) {
	words, err := sampleWords(ctx, d)
	if err != nil {
		return nil, err
	}
	var calls []listCall
	for _, plural := range []string{"customers", "contacts", "leads"} {
		of, err := p.callsOf(ctx, "/api/v2/"+plural, token, words)
		if err != nil {
			return nil, err
		}
		calls = append(calls, of...)
	}
	more, err := p.detailCalls(ctx, o, token)
	return append(calls, more...), err
}

// callsOf are the calls of one list.
func (p *process) callsOf(ctx context.Context, path, token string, words map[string][]string) ([]listCall, error) {
	var group filterGroup
	if err := p.fetch(ctx, path+"/filter_sort_group", token, &group); err != nil {
		return nil, err
	}
	var page struct {
		Total int `json:"total_count"`
	}
	if err := p.fetch(ctx, path, token, &page); err != nil {
		return nil, err
	}
	name := filepath.Base(path)
	var calls []listCall
	add := func(what string, paths ...string) { calls = append(calls, listCall{name + what, paths}) }
	const perPage = 15
	add("", path)
	add(", 100 a page", query(path, "per_page", "100"))
	add(", page in the middle", query(path, "page", fmt.Sprint(1+page.Total/perPage/2)))
	add(", last page", query(path, "page", fmt.Sprint(1+page.Total/perPage)))
	for _, tab := range []string{"my", "sub", "common", "assist"} {
		if tab == "assist" && name == "leads" || tab == "common" && name == "contacts" {
			continue
		}
		add(", tab "+tab, query(path, "tab_type", tab))
	}
	for _, f := range group.Filters {
		var paths []string
		switch {
		case len(f.Options) > 0:
			for _, o := range f.Options {
				paths = append(paths, query(path, f.Name, o.Value))
			}
		case f.FieldType == "date":
			for _, r := range [][2]string{{"2024-01-01", "2024-01-31"}, {"2022-01-01", "2025-12-31"}, {"2026-6-1", ""}} {
				paths = append(paths, query(path, f.Name+"[]", r[0], f.Name+"[]", r[1]))
			}
		case f.FieldType == "number":
			paths = append(paths, query(path, f.Name+"[]", "1000", f.Name+"[]", "50000"))
		default:
			paths = append(paths, query(path, f.Name, "1"))
		}
		add(", filter "+f.Name, paths...)
	}
	for _, s := range group.Sorts {
		add(", sort "+s.Value, query(path, "sort", s.Value, "order", "asc"), query(path, "sort", s.Value, "order", "desc"))
		add(", sort "+s.Value+", page in the middle", query(path, "sort", s.Value, "page", fmt.Sprint(1+page.Total/perPage/2)))
	}
	for _, kind := range []string{"2 characters", "4 characters", "a whole name", "nothing alike", "digits"} {
		var paths []string
		for _, w := range words[kind] {
			paths = append(paths, query(path, "query", w))
		}
		add(", search "+kind, paths...)
	}
	var named []string
	for _, w := range words["2 characters"] {
		named = append(named, query(path, "query", w, "custom_field_name", "name", "sort", "updated_at"))
	}
	add(", search in names, sorted", named...)
	cursors, err := p.cursors(ctx, path, token)
	if err != nil {
		return nil, err
	}
	add(", by cursor", cursors...)
	if name != "contacts" {
		add(", three filters and a search", query(path, "status", first(group, "status"), "source", first(group, "source"), "created_at[]", "2022-01-01",
			"created_at[]", "2025-12-31", "query", words["2 characters"][0]))
	}
	switch name {
	case "customers":
		var byName []string
		for _, w := range words["4 characters"] {
			byName = append(byName, query(path+"/by_name", "query", w))
		}
		add("/by_name", byName...)
		add("/filter_sort_group", path+"/filter_sort_group")
		add("/status/filter_options", path+"/status/filter_options")
	case "contacts":
		add(", with a phone", query(path, "has_phone", "true", "all_phone_number", "true"))
	}
	return calls, nil
}

// first is the first value of a filter.
func first(g filterGroup, name string) string {
	for _, f := range g.Filters {
		if f.Name == name && len(f.Options) > 0 {
			return f.Options[0].Value
		}
	}
	return ""
}

// cursors follows a list by its cursor and gives the paths of its pages.
func (p *process) cursors(ctx context.Context, path, token string) (paths []string, err error) {
	cursor := ""
	for range 20 {
		var page struct {
			Next string `json:"next_cursor"`
		}
		if err := p.fetch(ctx, query(path, "per_page", "100", "cursor", cursor), token, &page); err != nil {
			return nil, err
		}
		if page.Next == "" {
			break
		}
		cursor = page.Next
		paths = append(paths, query(path, "per_page", "100", "cursor", cursor))
	}
	if len(paths) == 0 {
		paths = []string{path}
	}
	return paths, nil
}

// detailCalls are the details of records that the viewer's list shows, and the
// small lists.
func (p *process) detailCalls(ctx context.Context, o *options, token string) (calls []listCall, err error) {
	for _, plural := range []string{"customers", "contacts", "leads"} {
		var page struct{ Customers, Contacts, Leads []struct{ ID int64 } }
		path := "/api/v2/" + plural
		if err := p.fetch(ctx, query(path, "per_page", "100", "page", "7"), token, &page); err != nil {
			return nil, err
		}
		var details, contacts, files, people []string
		for _, r := range append(append(page.Customers, page.Contacts...), page.Leads...) {
			one := fmt.Sprintf("%s/%d", path, r.ID)
			details = append(details, one)
			contacts, files, people = append(contacts, one+"/contacts"), append(files, one+"/attachments"), append(people, one+"/assist_users")
		}
		if len(details) == 0 {
			continue // package gen makes no leads
		}
		calls = append(calls, listCall{plural + "/:id", details}, listCall{plural + "/:id/attachments", files})
		if plural == "customers" {
			calls = append(calls, listCall{"customers/:id/contacts", contacts}, listCall{"customers/:id/assist_users", people})
		}
	}
	for _, path := range []string{"user/list", "user/simple_list", "user/department_list", "permissions", "custom_fields/by_group_all",
		"field_maps/customer", "common_customers/common_settings", "labels"} {
		calls = append(calls, listCall{path, []string{"/api/v2/" + path}})
	}
	return calls, nil
}

// sampleWords draws what is searched for from the names and numbers that there
// are.
func sampleWords(ctx context.Context, d *dataSet) (map[string][]string, error) {
	db, err := d.open()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var last int64
	org := d.organizations[0].ID
	if err := db.QueryRowContext(ctx, "SELECT max(id) FROM customers WHERE organization_id = $1", org).Scan(&last); err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(5, 6))
	words := map[string][]string{"nothing alike": {"龘龘", "没有这样的公司"}}
	for len(words["2 characters"]) < 30 {
		var name string
		var phone sql.NullString
		err := db.QueryRowContext(ctx, "SELECT name, phone FROM customers WHERE organization_id = $1 AND id >= $2 ORDER BY id LIMIT 1", org,
			1+random.Int64N(last)).Scan(&name, &phone)
		if err != nil {
			return nil, err
		}
		runes := []rune(name)
		if utf8.RuneCountInString(name) < 4 {
			continue
		}
		at := random.IntN(len(runes) - 3)
		words["2 characters"] = append(words["2 characters"], string(runes[at:at+2]))
		words["4 characters"] = append(words["4 characters"], string(runes[at:at+4]))
		words["a whole name"] = append(words["a whole name"], name)
		if len(phone.String) > 5 {
			words["digits"] = append(words["digits"], phone.String[len(phone.String)-4:])
		}
	}
	if len(words["digits"]) == 0 {
		words["digits"] = []string{"0001"}
	}
	return words, nil
}

// open opens the database of a data set for reading.
func (d *dataSet) open() (*sql.DB, error) {
	if d.cluster != nil {
		return sql.Open("pgx", d.url)
	}
	return sql.Open("sqlite", "file:"+filepath.Join(d.dir, "guanxi.db")+"?mode=ro&_pragma=mmap_size(1099511627776)")
}
