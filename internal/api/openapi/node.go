package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"

	yaml3 "github.com/oasdiff/yaml3"
)

// The document is kept as a tree of YAML nodes, since those remember the order
// of keys, which is part of this API.
type node = yaml3.Node

func scalar(tag, value string) *node {
	return &node{Kind: yaml3.ScalarNode, Tag: tag, Value: value}
}

func text(s string) *node { return scalar("!!str", s) }

func boolean(b bool) *node { return scalar("!!bool", fmt.Sprint(b)) }

func integer(n int) *node { return scalar("!!int", fmt.Sprint(n)) }

// both is a text in both languages.
func both(zh, en string) *node { return object("zh", text(zh), "en", text(en)) }

func list(items ...*node) *node { return &node{Kind: yaml3.SequenceNode, Tag: "!!seq", Content: items} }

// object takes keys and values in turn; a value of nil leaves its key out.
func object(pairs ...any) *node {
	n := &node{Kind: yaml3.MappingNode, Tag: "!!map"}
	for i := 0; i < len(pairs); i += 2 {
		if value := pairs[i+1].(*node); value != nil {
			set(n, pairs[i].(string), value)
		}
	}
	return n
}

func reference(kind, name string) *node {
	return object("$ref", text("#/components/"+kind+"/"+name))
}

// get gives the value of a key of an object, nil where there is none.
func get(n *node, path ...string) *node {
	for _, key := range path {
		if n == nil || n.Kind != yaml3.MappingNode {
			return nil
		}
		var found *node
		for i := 0; i < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				found = n.Content[i+1]
			}
		}
		n = found
	}
	return n
}

func str(n *node, path ...string) string {
	if n = get(n, path...); n == nil {
		return ""
	}
	return n.Value
}

func set(n *node, key string, value *node) {
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content[i+1] = value
			return
		}
	}
	n.Content = append(n.Content, text(key), value)
}

func unset(n *node, key string) {
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content = append(n.Content[:i:i], n.Content[i+2:]...)
			return
		}
	}
}

// each calls f for every key of an object, in order.
func each(n *node, f func(key string, value *node)) {
	if n == nil || n.Kind != yaml3.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		f(n.Content[i].Value, n.Content[i+1])
	}
}

// items gives the elements of a list, none for anything else.
func items(n *node) []*node {
	if n == nil || n.Kind != yaml3.SequenceNode {
		return nil
	}
	return n.Content
}

// parse reads a YAML document into a tree without aliases: what is built of it
// may be changed at one place without changing another.
func parse(b []byte) (*node, error) {
	var n node
	if err := yaml3.Unmarshal(b, &n); err != nil {
		return nil, err
	}
	if n.Kind != yaml3.DocumentNode || len(n.Content) != 1 {
		return object(), nil
	}
	return clone(n.Content[0]), nil
}

func clone(n *node) *node {
	if n == nil {
		return nil
	}
	if n.Kind == yaml3.AliasNode {
		n = n.Alias
	}
	c := *n
	c.Content = make([]*node, len(n.Content))
	for i, one := range n.Content {
		c.Content[i] = clone(one)
	}
	return &c
}

// in gives the tree in one language: every {zh: …, en: …} becomes its text.
func in(n *node, lang string) *node {
	if n.Kind == yaml3.MappingNode && len(n.Content) == 4 {
		zh, en := get(n, "zh"), get(n, "en")
		if zh != nil && en != nil && zh.Kind == yaml3.ScalarNode && en.Kind == yaml3.ScalarNode {
			return text(get(n, lang).Value)
		}
	}
	c := *n
	c.Content = make([]*node, len(n.Content))
	for i, one := range n.Content {
		c.Content[i] = in(one, lang)
	}
	return &c
}

// toJSON writes the tree as JSON, in the order of its keys; indent "" is the
// shortest form.
func toJSON(n *node, indent string) ([]byte, error) {
	b, err := appendJSON(nil, n)
	if err != nil || indent == "" {
		return b, err
	}
	var pretty bytes.Buffer
	err = json.Indent(&pretty, b, "", indent)
	return pretty.Bytes(), err
}

func appendJSON(b []byte, n *node) (_ []byte, err error) {
	switch n.Kind {
	case yaml3.MappingNode:
		b = append(b, '{')
		for i := 0; i < len(n.Content); i += 2 {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(quote(b, n.Content[i].Value), ':')
			if b, err = appendJSON(b, n.Content[i+1]); err != nil {
				return nil, err
			}
		}
		return append(b, '}'), nil
	case yaml3.SequenceNode:
		b = append(b, '[')
		for i, one := range n.Content {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendJSON(b, one); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	}
	switch n.ShortTag() {
	case "!!null":
		return append(b, "null"...), nil
	case "!!bool", "!!int", "!!float":
		if !json.Valid([]byte(n.Value)) {
			return nil, fmt.Errorf("line %d: %s is no JSON value", n.Line, n.Value)
		}
		return append(b, n.Value...), nil
	}
	return quote(b, n.Value), nil
}

func quote(b []byte, s string) []byte {
	var q bytes.Buffer
	e := json.NewEncoder(&q)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always can be written
	return append(b, bytes.TrimSuffix(q.Bytes(), []byte("\n"))...)
}
