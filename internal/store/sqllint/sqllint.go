// Package sqllint finds in the text of SQL what one machine takes and a
// database that is spread by organization refuses or, worse, does wrong. It knows
// the SQL of this program, not all SQL. It is for tests; what a plan shows,
// package dbtest looks at.
package sqllint

import (
	"fmt"
	"slices"
	"strings"
)

// The classes of tables as package store calls them.
const (
	Tenant    = "tenant"
	Identity  = "identity"
	Reference = "reference"
	Local     = "local"
)

// Table is where a table lives and the column by which it is spread.
type Table struct{ Class, Key string }

// Linter judges statements on these tables.
type Linter struct{ Tables map[string]Table }

// statement is a statement and what it names.
type statement struct {
	*text
	linter *Linter
	refs   []table // tables that the linter knows
}

// Statement tells what is wrong with a statement of the program, one sentence
// for each fault.
func (l *Linter) Statement(sql string) (faults []string) {
	return l.judge(sql, func(s *statement) []string { return s.organization() })
}

// AllTenants is Statement for those that may look at all organizations.
func (l *Linter) AllTenants(sql string) []string {
	return l.judge(sql, func(*statement) []string { return nil })
}

func (l *Linter) judge(sql string, organization func(*statement) []string) (faults []string) {
	s := &statement{text: read(sql), linter: l}
	for _, t := range s.tables() {
		if _, ok := l.Tables[t.name]; ok {
			s.refs = append(s.refs, t)
		}
	}
	for _, rule := range []func(*statement) []string{
		organization, (*statement).moved, (*statement).locks, (*statement).made, (*statement).upsert,
		(*statement).words, (*statement).families,
	} {
		faults = append(faults, rule(s)...)
	}
	return faults
}

func (s *statement) class(t table) string { return s.linter.Tables[t.name].Class }

func (s *statement) of(class string) (refs []table) {
	for _, r := range s.refs {
		if s.class(r) == class {
			refs = append(refs, r)
		}
	}
	return refs
}

// column is a column with the table it is said to be of, and the token behind
// it.
func (s *statement) column(i int) (of, name string, next int) {
	if s.at(i+1) == "." {
		return s.at(i), s.at(i + 2), i + 3
	}
	return "", s.at(i), i + 1
}

// organization: every table of organizations has its organization_id equated
// with a parameter or with that of another one, and it is written into every
// new row.
func (s *statement) organization() (faults []string) {
	for _, r := range s.of(Tenant) {
		key := s.linter.Tables[r.name].Key
		if r.written {
			if s.at(r.place+1) != "(" || !slices.Contains(s.inside(r.place+1), key) {
				faults = append(faults, fmt.Sprintf("no %s among the columns that are written into %s", key, r.name))
			}
			continue
		}
		if !s.named(r, key) {
			faults = append(faults, fmt.Sprintf("%s without its %s", r.name, key))
		}
	}
	return faults
}

// inside are the words directly inside the parenthesis at i.
func (s *statement) inside(i int) (words []string) {
	for k := i + 1; k < s.end(i); k++ {
		words = append(words, s.at(k))
	}
	return words
}

// named tells whether the key of a table is equated with a parameter, at once
// or over the keys of other tables.
func (s *statement) named(r table, key string) bool {
	known := map[int]bool{} // by the place of the table
	for again := true; again; {
		again = false
		for i := range s.tokens {
			if i > 0 && s.at(i-1) == "." {
				continue
			}
			of, name, next := s.column(i)
			if s.at(next) != "=" {
				continue
			}
			of2, name2, _ := s.column(next + 1)
			left, right := s.owners(of, name, key, i), s.owners(of2, name2, key, i)
			again = spread(known, left, strings.HasPrefix(name2, "$"), right) || again
			again = spread(known, right, strings.HasPrefix(name, "$"), left) || again
		}
	}
	return known[r.place]
}

// spread makes tables known that are equated with a parameter or a known one.
func spread(known map[int]bool, to []int, parameter bool, from []int) (more bool) {
	for _, place := range to {
		if !known[place] && (parameter || slices.ContainsFunc(from, func(p int) bool { return known[p] })) {
			known[place], more = true, true
		}
	}
	return more
}

// owners are the tables whose key a column is: those of its own level, or of
// the next one around it where it says which.
func (s *statement) owners(of, name, key string, at int) (places []int) {
	if name != key {
		return nil
	}
	for group := s.tokens[at].group; ; group = s.parent[group] {
		for _, r := range s.refs {
			called := r.name
			if r.alias != "" {
				called = r.alias
			}
			if r.group == group && (of == called || of == "" && !r.written && s.linter.Tables[r.name].Key == key) {
				places = append(places, r.place)
			}
		}
		if of == "" && len(places) != 1 {
			return nil // whose it is, only the database knows
		}
		if len(places) > 0 || group == 0 {
			return places
		}
	}
}

// moved: a record never changes its organization.
func (s *statement) moved() []string {
	for _, i := range s.find("set") {
		for k := i + 1; k < len(s.tokens); k++ {
			if !s.within(s.tokens[k].group, s.tokens[i].group) ||
				s.tokens[k].group == s.tokens[i].group && slices.Contains([]string{"where", "from", "returning"}, s.at(k)) {
				break
			}
			inTarget := s.tokens[k].group == s.tokens[i].group || s.at(s.opened[s.tokens[k].group]-2) == "set" ||
				s.at(s.opened[s.tokens[k].group]-2) == ","
			if s.at(k) == "organization_id" && inTarget && s.target(k) && len(s.of(Tenant))+len(s.of(Identity)) > 0 {
				return []string{"organization_id is set"}
			}
		}
	}
	return nil
}

// target tells whether a column is what is set, and not what it is set to.
func (s *statement) target(k int) bool {
	switch s.at(k - 1) {
	case "set", ",":
		return s.at(k+1) == "=" || s.at(k+1) == "," || s.at(k+1) == ")"
	case "(":
		return s.at(k-2) == "set" || s.at(k-2) == ","
	case ".":
		return s.at(k+1) == "=" && (s.at(k-3) == "set" || s.at(k-3) == ",")
	}
	return false
}

// families: who signs in is looked up for itself; the answer is then used.
func (s *statement) families() (faults []string) {
	names := map[string]bool{}
	for _, r := range s.of(Identity) {
		names[r.name] = true
	}
	if len(names) > 0 && len(s.of(Tenant)) > 0 {
		faults = append(faults, "a table of identities stands beside one of organizations")
	}
	if len(names) > 1 {
		faults = append(faults, "two tables of identities stand beside each other")
	}
	return faults
}

// OfTenants tells whether a statement touches a table of organizations.
func (l *Linter) OfTenants(sql string) bool {
	for _, t := range read(sql).tables() {
		if l.Tables[t.name].Class == Tenant {
			return true
		}
	}
	return false
}
