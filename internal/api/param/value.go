package param

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Kind is the shape of a Value.
type Kind uint8

// The kinds of a Value.
const (
	// KindAbsent is the kind of the zero Value: the parameter was not sent.
	KindAbsent Kind = iota
	// KindNull is the null of JSON.
	KindNull
	// KindBool is a true or false of JSON.
	KindBool
	// KindNumber is a number of JSON, kept as the text that was sent.
	KindNumber
	// KindString is a string of JSON, or any plain value of a form or query.
	KindString
	// KindList is an array of JSON or a form key with empty brackets.
	KindList
	// KindObject is an object of JSON or a form key with names or numbers in brackets.
	KindObject
	// KindFile is a file part of a multipart form.
	KindFile
)

// String gives the English name of the kind.
func (k Kind) String() string {
	names := [...]string{"absent", "null", "bool", "number", "string", "list", "object", "file"}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// Value is one node of the parameter tree. The zero Value stands for a parameter that was not sent, and every
// accessor works on it. A Value does not change after Decode has returned, so goroutines may share it.
//
// Strings may share memory with the body of the request. Use strings.Clone on what outlives the request.
type Value struct {
	kind Kind
	text string
	node *node
}

// node holds what does not fit into a Value. Only the fields of the kind in hand are set.
type node struct {
	list    []Value
	entries []entry
	index   map[string]int
	file    *File
}

type entry struct {
	key string
	val Value
}

// indexFrom is the number of keys from which an object is worth a map. Below it a scan is faster.
const indexFrom = 16

func stringValue(s string) Value   { return Value{kind: KindString, text: s} }
func containerValue(k Kind) Value  { return Value{kind: k, node: &node{}} }
func fileValue(f *File) Value      { return Value{kind: KindFile, node: &node{file: f}} }
func (n *node) objectValue() Value { return Value{kind: KindObject, node: n} }
func (n *node) appendItem(v Value) { n.list = append(n.list, v) }
func (v Value) isScalar() bool     { return v.kind >= KindNull && v.kind <= KindString }
func (v Value) isObject() bool     { return v.kind == KindObject }

// find gives the position of a key in an object, or -1.
func (n *node) find(key string) int {
	if n.index != nil {
		if i, ok := n.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range n.entries {
		if n.entries[i].key == key {
			return i
		}
	}
	return -1
}

// put sets a key of an object. A key that is already there keeps its place and takes the new value.
func (n *node) put(key string, v Value) {
	if i := n.find(key); i >= 0 {
		n.entries[i].val = v
		return
	}
	n.entries = append(n.entries, entry{key, v})
	switch {
	case n.index != nil:
		n.index[key] = len(n.entries) - 1
	case len(n.entries) > indexFrom:
		n.index = make(map[string]int, 4*indexFrom)
		for i := range n.entries {
			n.index[n.entries[i].key] = i
		}
	}
}

// Kind gives the shape of the value.
func (v Value) Kind() Kind { return v.kind }

// Present tells whether the value was sent at all, be it empty or null.
func (v Value) Present() bool { return v.kind != KindAbsent }

// Filled tells whether the value was sent and is neither null nor the empty string. An empty list or object counts
// as filled, because a client sends one to clear a field.
func (v Value) Filled() bool {
	return v.kind > KindNull && (v.kind != KindString || v.text != "")
}

// Text gives a string as it was sent, untrimmed, a number as its text, and a boolean as "true" or "false". It gives ""
// for everything else.
func (v Value) Text() string {
	if v.kind >= KindBool && v.kind <= KindString {
		return v.text
	}
	return ""
}

// File gives the uploaded file, or nil when the value is not one.
func (v Value) File() *File {
	if v.kind != KindFile {
		return nil
	}
	return v.node.file
}

// IsList tells whether the value reads as a list: it is one, or it is an object whose keys are all non-negative
// integers, as an empty object is.
func (v Value) IsList() bool {
	switch v.kind {
	case KindList:
		return true
	case KindObject:
		return !slices.ContainsFunc(v.node.entries, func(e entry) bool { return !isNumber(e.key) })
	default:
		return false
	}
}

// List gives the elements of a value for which IsList holds, and nil for any other. The elements of an object come in
// the numeric order of its keys. The caller owns the slice.
func (v Value) List() []Value {
	if !v.IsList() {
		return nil
	}
	if v.kind == KindList {
		return slices.Clone(v.node.list)
	}
	entries := slices.Clone(v.node.entries)
	slices.SortStableFunc(entries, func(a, b entry) int { return compareNumbers(a.key, b.key) })
	list := make([]Value, len(entries))
	for i, e := range entries {
		list[i] = e.val
	}
	return list
}

// Len gives the number of elements of a list or of keys of an object, and 0 for anything else.
func (v Value) Len() int {
	switch v.kind {
	case KindList:
		return len(v.node.list)
	case KindObject:
		return len(v.node.entries)
	default:
		return 0
	}
}

// Keys gives the keys of an object in the order in which they first appeared, and nil for anything else. The caller
// owns the slice.
func (v Value) Keys() []string {
	if !v.isObject() {
		return nil
	}
	keys := make([]string, len(v.node.entries))
	for i := range keys {
		keys[i] = v.node.entries[i].key
	}
	return keys
}

// Each calls yield for every key of an object in the order in which they first appeared, until yield returns false.
// It does nothing for any other kind.
func (v Value) Each(yield func(key string, v Value) bool) {
	if !v.isObject() {
		return
	}
	for _, e := range v.node.entries {
		if !yield(e.key, e.val) {
			return
		}
	}
}

// Format prints only the kind, so that a log line never shows what a client sent.
func (v Value) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, "param.Value("+v.kind.String()+")")
}

// isNumber tells whether a key is a non-negative integer in decimal digits.
func isNumber(key string) bool {
	for i := range len(key) {
		if key[i] < '0' || key[i] > '9' {
			return false
		}
	}
	return key != ""
}

// compareNumbers compares two strings of digits by their numeric values, however long they are.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
