package param

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Digest is a hash of a text and of the parameters without those named in but,
// in whatever order and encoding they came: what asks for the same has the same
// digest. Of a file its name and bytes count. What stands under a name with
// "password" in it does not count: a digest is kept, and passwords can be guessed.
func (p *Params) Digest(text string, but ...string) [sha256.Size]byte {
	h := sha256.New()
	field(h, 't', text)
	keys := slices.Clone(p.Keys())
	slices.Sort(keys)
	for _, k := range keys {
		if !slices.Contains(but, k) {
			member(h, k, p.Get(k))
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// field writes a text with its length, so that no two sequences look alike.
func field(h hash.Hash, kind byte, text string) {
	var head [9]byte
	head[0] = kind
	binary.BigEndian.PutUint64(head[1:], uint64(len(text)))
	h.Write(head[:])
	io.WriteString(h, text)
}

func member(h hash.Hash, name string, v Value) {
	field(h, 'k', name)
	if !strings.Contains(name, "password") {
		v.digest(h)
	}
}

func (v Value) digest(h hash.Hash) {
	switch v.Kind() {
	case KindFile:
		f := v.File()
		field(h, 'f', f.Name)
		n, _ := io.Copy(h, f.Open())
		field(h, 'n', strconv.FormatInt(n, 10))
	case KindObject:
		if v.IsList() {
			v.digestList(h)
			return
		}
		keys := slices.Clone(v.Keys())
		slices.Sort(keys)
		field(h, 'o', "")
		for _, k := range keys {
			member(h, k, v.Get(k))
		}
		field(h, 'e', "")
	case KindList:
		v.digestList(h)
	case KindNull:
		field(h, '0', "")
	default:
		field(h, 's', v.Text())
	}
}

func (v Value) digestList(h hash.Hash) {
	field(h, 'l', "")
	for _, item := range v.List() {
		item.digest(h)
	}
	field(h, 'e', "")
}
