package sqllint

import (
	"fmt"
	"slices"
	"strings"
)

// locking are the words behind FOR that lock rows.
var locking = []string{"update", "no", "share", "key"}

// locks: rows are locked of one organization, or of what is not spread; and
// never in a list that a change picks from, which may be made twice.
func (s *statement) locks() (faults []string) {
	for _, i := range s.find("for") {
		if !slices.Contains(locking, s.at(i+1)) {
			continue
		}
		group := s.tokens[i].group
		for _, r := range s.refs {
			t := s.linter.Tables[r.name]
			if t.Key != "" && s.within(r.group, group) && !s.named(r, t.Key) {
				faults = append(faults, fmt.Sprintf("rows of %s are locked without its %s", r.name, t.Key))
			}
		}
		if group == 0 {
			continue
		}
		before := s.opened[group] - 2
		limited := slices.ContainsFunc(s.tokens[s.opened[group]:i], func(k token) bool { return k.group == group && k.text == "limit" })
		switch {
		case slices.Contains([]string{"in", "any", "all", "=", "exists"}, s.at(before)):
			faults = append(faults, "rows are picked and locked in a sub-SELECT: it may run more than once")
		case limited && s.at(before) != "materialized":
			faults = append(faults, "rows are picked and locked, and not AS MATERIALIZED: it may run more than once")
		}
	}
	return faults
}

// clocks are functions whose value the program makes and passes.
var clocks = []string{"now", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday", "random", "setseed",
	"gen_random_uuid", "uuid_generate_v1", "uuid_generate_v4", "date_trunc", "age", "nextval", "currval", "lastval", "setval",
	"last_insert_rowid", "randomblob", "datetime", "date", "time", "strftime", "unixepoch", "julianday", "txid_current",
	"pg_current_xact_id"}

// made: times, random numbers and ids are made in Go; a sub-SELECT in VALUES
// and MERGE are not routed.
func (s *statement) made() (faults []string) {
	for i, k := range s.tokens {
		switch {
		case slices.Contains(clocks, k.text) && s.at(i+1) == "(" && s.at(i-1) != ".",
			strings.HasPrefix(k.text, "current_") && (k.text == "current_timestamp" || k.text == "current_date" || k.text == "current_time"),
			k.text == "localtime", k.text == "localtimestamp", k.text == "'now'", k.text == "'today'":
			faults = append(faults, k.text+": the program makes such values and passes them")
		case k.text == "values" && s.at(i+1) == "(":
			at := i + 1
			for {
				end := s.end(at)
				for j := at; j < end; j++ {
					if s.at(j) == "select" {
						faults = append(faults, "a SELECT inside VALUES")
						break
					}
				}
				if s.at(end+1) != "," || s.at(end+2) != "(" {
					break
				}
				at = end + 2
			}
		case k.text == "merge" && s.at(i+1) == "into":
			faults = append(faults, "MERGE")
		}
	}
	return faults
}

// words: the organization never comes from a setting of the session, which
// other machines do not know.
func (s *statement) words() (faults []string) {
	for i, k := range s.tokens {
		if (k.text == "current_setting" || k.text == "set_config") && s.at(i+1) == "(" {
			faults = append(faults, k.text+": the organization is a parameter")
		}
	}
	if s.at(0) == "set" && s.at(1) != "local" {
		faults = append(faults, "SET without LOCAL stays in a connection that others use")
	}
	return faults
}

// harmless are the words of an expression of DO UPDATE that are no function.
var harmless = []string{"case", "when", "then", "else", "end", "and", "or", "not", "is", "null", "true", "false", "cast", "as",
	"bigint", "text", "boolean", "integer", "coalesce", "in", "distinct", "from"}

// upsert: the key that may be taken is said and names the organization; what is
// written then is made from parameters, constants and the two rows.
func (s *statement) upsert() (faults []string) {
	for _, i := range s.find("on", "conflict") {
		var into table
		for _, r := range s.refs {
			if r.written && r.place < i {
				into = r
			}
		}
		if key := s.linter.Tables[into.name].Key; key != "" && (s.at(i+2) != "(" || !slices.Contains(s.inside(i+2), key)) {
			faults = append(faults, fmt.Sprintf("ON CONFLICT on %s without a target that holds %s", into.name, key))
		}
		group := s.tokens[i].group
		for k := i + 2; k < len(s.tokens); k++ {
			if s.tokens[k].group == group && s.at(k) == "returning" || !s.within(s.tokens[k].group, group) {
				break
			}
			switch word := s.at(k); {
			case word == "select":
				faults = append(faults, "a SELECT in ON CONFLICT")
			case s.at(k+1) == "(" && isWord(word[0]) && !slices.Contains(harmless, word) && !slices.Contains([]string{"conflict", "set", "where"}, word):
				faults = append(faults, fmt.Sprintf("%s() in ON CONFLICT: only parameters, EXCLUDED and the row itself", word))
			}
		}
	}
	return faults
}

// Schema tells what is wrong with the text of a migration, whichever engine it
// is for.
func (l *Linter) Schema(sql string) (faults []string) {
	t := read(sql)
	for _, pair := range [][]string{{"set", "null"}, {"set", "default"}} {
		for _, i := range t.find(pair...) {
			if t.at(i-2) == "on" || t.at(i-1) == "delete" || t.at(i-1) == "update" {
				faults = append(faults, strings.ToUpper(strings.Join(pair, " "))+": links are cleared by the program")
			}
		}
	}
	owner := ""
	for i, k := range t.tokens {
		switch {
		case k.text == "table" && (t.at(i-1) == "create" || t.at(i-1) == "alter"):
			at := i + 1
			for slices.Contains([]string{"if", "not", "exists", "only"}, t.at(at)) {
				at++
			}
			owner = t.at(at)
			if _, ok := l.Tables[owner]; !ok && t.at(i-1) == "create" {
				faults = append(faults, fmt.Sprintf("the table %s has no class", owner))
			}
		case k.text == "references":
			from, to := l.Tables[owner].Class, l.Tables[t.at(i+1)].Class
			if from != Tenant || to != Tenant && to != Reference {
				faults = append(faults, fmt.Sprintf("%s, which is %s, refers to %s, which is %s", owner, from, t.at(i+1), to))
			}
		case k.text == "trigger" && t.at(i-1) == "create", k.text == "rule" && t.at(i-1) == "create":
			faults = append(faults, k.text+": what happens is written in Go")
		case slices.Contains([]string{"serial", "bigserial", "autoincrement", "identity"}, k.text):
			faults = append(faults, k.text+": ids are made in Go")
		}
	}
	return faults
}
