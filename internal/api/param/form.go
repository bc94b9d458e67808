package param

import "strings"

// form reads the body of a form.
func (d *decoder) form(root *node, text string) error {
	return d.pairs(root, trimLineEnd(text))
}

// maxPrealloc bounds the room made for keys before any has been read.
const maxPrealloc = 64

// pairs reads a query string or the body of a form into an object. Pairs are separated by ampersands only. A percent
// sign that does not begin an escape stands for itself, and a pair without an equals sign is an empty string.
func (d *decoder) pairs(root *node, raw string) error {
	root.entries = make([]entry, 0, min(strings.Count(raw, "&")+1, maxPrealloc))
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		rawKey, rawValue, _ := strings.Cut(pair, "=")
		key, err := unescape(rawKey)
		if err != nil {
			return err
		}
		value, err := unescape(rawValue)
		if err != nil {
			return err
		}
		if err := d.set(root, key, stringValue(value)); err != nil {
			return err
		}
	}
	return nil
}

// set puts a value under a form key, which may have brackets.
func (d *decoder) set(root *node, key string, v Value) error {
	key = strings.TrimLeft(key, "?") // A client doubles the question mark of its query.
	if err := d.count(); err != nil {
		return err
	}
	switch {
	case key == "":
		return nil
	case len(key) > d.limits.Key:
		return keyTooLong(d.limits.Key)
	case strings.IndexByte(key, '[') < 0:
		root.put(key, v)
		return nil
	}
	path, ok := splitKey(key, d.path[:0])
	d.path = path
	if !ok {
		root.put(key, v)
		return nil
	}
	if len(path) > d.limits.Depth {
		return tooDeep(d.limits.Depth)
	}
	return d.insert(root, path, v)
}

// splitKey takes a[b][][c] apart into a, b, "" and c, appending to path. It reports false for a key whose brackets do
// not have that form; such a key is a plain name.
func splitKey(key string, path []string) ([]string, bool) {
	open := strings.IndexByte(key, '[')
	if open <= 0 || strings.IndexByte(key[:open], ']') >= 0 {
		return path, false
	}
	path = append(path, key[:open])
	for rest := key[open:]; rest != ""; {
		end := strings.IndexByte(rest, ']')
		if rest[0] != '[' || end < 0 {
			return path, false
		}
		name := rest[1:end]
		if strings.IndexByte(name, '[') >= 0 {
			return path, false
		}
		path = append(path, name)
		rest = rest[end+1:]
	}
	return path, true
}

// insert puts a value at the end of a path, making the objects and lists on the way. What stands in the way and is of
// another kind is replaced.
func (d *decoder) insert(root *node, path []string, v Value) error {
	cur := root
	for i := range len(path) - 1 {
		name, kind := path[i], KindObject
		if path[i+1] == "" {
			kind = KindList
		}
		var child Value
		var reuse bool
		if inList := i > 0 && name == ""; inList {
			child, reuse = cur.openElement(path[i+1:])
		} else if at := cur.find(name); at >= 0 {
			child = cur.entries[at].val
			reuse = child.kind == kind
		}
		if !reuse {
			if err := d.count(); err != nil {
				return err
			}
			child = containerValue(kind)
			cur.add(name, i, child)
		}
		cur = child.node
	}
	last := len(path) - 1
	cur.add(path[last], last, v)
	return nil
}

// add puts a value under the name at a place of a path: an empty name after the first place appends to a list.
func (n *node) add(name string, place int, v Value) {
	if place > 0 && name == "" {
		n.appendItem(v)
		return
	}
	n.put(name, v)
}

// openElement gives the last element of a list if a value with the rest of the path still belongs to it: it is an
// object, and nothing in it would be overwritten. Otherwise a new element begins.
func (n *node) openElement(rest []string) (Value, bool) {
	if len(n.list) == 0 || rest[0] == "" {
		return Value{}, false
	}
	last := n.list[len(n.list)-1]
	return last, last.isObject() && !last.node.occupied(rest)
}

// occupied tells whether putting a value at the path would overwrite something.
func (n *node) occupied(path []string) bool {
	at := n.objectValue()
	for _, name := range path {
		if name == "" {
			return at.kind != KindList
		}
		if !at.isObject() {
			return true
		}
		i := at.node.find(name)
		if i < 0 {
			return false
		}
		at = at.node.entries[i].val
	}
	return true
}

// unescape decodes a name or value of a form. It does not allocate when there is nothing to decode.
func unescape(s string) (string, error) {
	escaped, check := false, false
	for i := range len(s) {
		switch c := s[i]; {
		case c == '%' || c == '+':
			escaped = true
		case c == 0 || c >= 0x80:
			check = true
		}
	}
	if escaped {
		s, check = unescapeBytes(s), true
	}
	if check {
		if err := checkText(s); err != nil {
			return "", err
		}
	}
	return s, nil
}

func unescapeBytes(s string) string {
	var out strings.Builder
	out.Grow(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch c {
		case '+':
			c = ' '
		case '%':
			if i+2 < len(s) {
				if hi, lo := hexDigit(s[i+1]), hexDigit(s[i+2]); hi >= 0 && lo >= 0 {
					c = byte(hi<<4 | lo)
					i += 2
				}
			}
		}
		out.WriteByte(c)
	}
	return out.String()
}

// hexDigit gives the value of a hexadecimal digit, or -1.
func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	default:
		return -1
	}
}
