package sqllint

import (
	"slices"
	"strings"
)

// token is a word, a number, a parameter, a literal or a sign of SQL.
type token struct {
	text  string // words in small letters; literals with their quotes
	group int    // the parenthesis that it stands in: 0 for none
}

// text is a statement in tokens.
type text struct {
	tokens []token
	parent []int // of each group, the one around it
	opened []int // of each group, the token behind its parenthesis
}

func isWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}

// read cuts a statement into tokens; comments are left out, and what is quoted
// as a name becomes one.
func read(sql string) *text {
	t := &text{parent: []int{0}, opened: []int{0}}
	group := 0
	add := func(s string) { t.tokens = append(t.tokens, token{s, group}) }
	for i := 0; i < len(sql); {
		rest := sql[i:]
		switch c := sql[i]; {
		case strings.ContainsRune(" \t\n\r", rune(c)):
			i++
		case strings.HasPrefix(rest, "--"):
			i += until(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			i += until(rest, "*/")
		case c == '\'':
			n := quoted(rest, '\'')
			add(rest[:n])
			i += n
		case c == '"':
			n := quoted(rest, '"')
			add(strings.Trim(rest[:n], `"`))
			i += n
		case c == '$' || isWord(c):
			n := 1
			for n < len(rest) && isWord(rest[n]) {
				n++
			}
			add(strings.ToLower(rest[:n]))
			i += n
		case c == '(':
			add("(")
			t.parent = append(t.parent, group)
			t.opened = append(t.opened, len(t.tokens))
			group = len(t.parent) - 1
			i++
		case c == ')':
			group = t.parent[group]
			add(")")
			i++
		case strings.HasPrefix(rest, "::"):
			add("::")
			i += 2
		default:
			add(rest[:1])
			i++
		}
	}
	return t
}

func until(s, end string) int {
	if i := strings.Index(s, end); i >= 0 {
		return i + len(end)
	}
	return len(s)
}

// quoted is the length of a literal; a quote in it is doubled.
func quoted(s string, mark byte) int {
	for i := 1; i < len(s); i++ {
		if s[i] == mark {
			if i+1 < len(s) && s[i+1] == mark {
				i++
				continue
			}
			return i + 1
		}
	}
	return len(s)
}

// at is the token i, "" outside.
func (t *text) at(i int) string {
	if i < 0 || i >= len(t.tokens) {
		return ""
	}
	return t.tokens[i].text
}

// is tells whether these words stand at i.
func (t *text) is(i int, words ...string) bool {
	for k, w := range words {
		if t.at(i+k) != w {
			return false
		}
	}
	return true
}

// find gives the places where these words stand.
func (t *text) find(words ...string) (all []int) {
	for i := range t.tokens {
		if t.is(i, words...) {
			all = append(all, i)
		}
	}
	return all
}

// end is the token that closes the parenthesis at i.
func (t *text) end(i int) int {
	for k := i + 1; k < len(t.tokens); k++ {
		if t.tokens[k].group == t.tokens[i].group && t.tokens[k].text == ")" {
			return k
		}
	}
	return len(t.tokens)
}

// within tells whether a group is another one or lies in it.
func (t *text) within(group, other int) bool {
	for group != other && group != 0 {
		group = t.parent[group]
	}
	return group == other
}

// table is a table that a statement names.
type table struct {
	name, alias string
	group       int
	written     bool // the target of an INSERT
	place       int
}

var notAlias = []string{"where", "set", "on", "order", "left", "right", "full", "cross", "natural", "inner", "join", "values",
	"group", "limit", "offset", "fetch", "returning", "using", "default", "union", "intersect", "except", "for", "having",
	"window", "select", "overriding", "tablesample", "with", ""}

// tables finds what stands behind FROM, JOIN, INTO, UPDATE and USING.
func (t *text) tables() (all []table) {
	for i, k := range t.tokens {
		switch k.text {
		case "from", "join", "into", "using":
			if k.text == "from" && t.at(i-1) == "distinct" { // IS DISTINCT FROM
				continue
			}
		case "update":
			if before := t.at(i - 1); before == "for" || before == "key" || before == "do" {
				continue
			}
		default:
			continue
		}
		for at := i + 1; ; {
			if t.at(at) == "only" || t.at(at) == "lateral" {
				at++
			}
			next := at + 1
			if t.at(at) == "(" {
				next = t.end(at) + 1
			} else if w := t.at(at); w != "" && isWord(w[0]) {
				if t.at(next) == "." { // with its schema
					at, next = at+2, at+3
				}
				if t.at(next) == "(" && k.text != "into" { // a function
					next = t.end(next) + 1
				} else {
					all = append(all, table{name: t.at(at), group: k.group, written: k.text == "into", place: at})
				}
			}
			named := len(all) > 0 && all[len(all)-1].place == at
			if t.at(next) == "as" {
				next++
			}
			if w := t.at(next); !slices.Contains(notAlias, w) && isWord(w[0]) {
				if named {
					all[len(all)-1].alias = w
				}
				next++
			}
			if t.at(next) != "," || k.text != "from" {
				break
			}
			at = next + 1
		}
	}
	return all
}
