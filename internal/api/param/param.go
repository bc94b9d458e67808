// Package param reads the parameters of a request. Clients of the open API send them in many ways: in the query
// string, as a form, as JSON with or without a proper Content-Type, as a multipart form, and even in the body of a GET.
// Decode turns all of these into one tree, so that a handler asks for a name and need not know how it was sent.
//
// A handler may rely on the following:
//
//   - Parameters of the body replace those of the query that have the same top-level name. The two are not merged
//     below the top level.
//   - An empty string means not given: see Params.Given and the typed accessors.
//   - A list reads alike whether it came as a JSON array, with empty brackets, with numbers in brackets, or as a JSON
//     object with numbers as keys: see Value.List and Value.Strings.
//   - Every string is valid UTF-8 without NUL characters, and the whole tree is within the Limits.
package param

import (
	"fmt"
	"io"
)

// Params are the parameters of one request. They do not change after Decode has returned, so goroutines may read them
// at the same time. All accessors work on a nil *Params, which is empty.
type Params struct {
	root  node
	spool *spool
}

// Root gives all parameters as one object.
func (p *Params) Root() Value {
	if p == nil {
		return Value{}
	}
	return p.root.objectValue()
}

// Get gives the value under a top-level name, and the absent Value when there is none.
func (p *Params) Get(name string) Value { return p.Root().Get(name) }

// Has tells whether the name was sent at all, be it empty or null.
func (p *Params) Has(name string) bool { return p.Root().Has(name) }

// Given tells whether the name was sent with something in it: an empty string or null means not given.
func (p *Params) Given(name string) bool { return p.Root().Given(name) }

// String gives the text under a name as it was sent, untrimmed: see Value.Text.
func (p *Params) String(name string) string { return p.Root().String(name) }

// Int64 reads an integer: see Value.AsInt64. Its error is a *FieldError that names the field.
func (p *Params) Int64(name string) (n int64, given bool, err error) { return p.Root().Int64(name) }

// Float64 reads a finite number: see Value.AsFloat64. Its error is a *FieldError that names the field.
func (p *Params) Float64(name string) (f float64, given bool, err error) {
	return p.Root().Float64(name)
}

// Bool reads a boolean: see Value.AsBool. Its error is a *FieldError that names the field.
func (p *Params) Bool(name string) (b, given bool, err error) { return p.Root().Bool(name) }

// Strings reads a list of texts, or one text as a list of one: see Value.AsStrings.
func (p *Params) Strings(name string) []string { return p.Root().Strings(name) }

// Object gives the value under a name if it is an object, else the absent Value, on which every accessor works.
func (p *Params) Object(name string) Value { return p.Root().Object(name) }

// List gives the elements of the value under a name: see Value.List.
func (p *Params) List(name string) []Value { return p.Get(name).List() }

// File gives the file uploaded under a name, or nil when there is none.
func (p *Params) File(name string) *File { return p.Get(name).File() }

// Keys gives the top-level names in the order in which they first appeared, those of the query first.
func (p *Params) Keys() []string { return p.Root().Keys() }

// Len gives the number of top-level names.
func (p *Params) Len() int { return p.Root().Len() }

// Each calls yield for every top-level name in the order of Keys, until yield returns false.
func (p *Params) Each(yield func(key string, v Value) bool) { p.Root().Each(yield) }

// Close removes the temporary file that holds large uploads, if there is one. Call it when the request has been
// served: files that were uploaded cannot be read afterwards, all other values can. Close may be called more than
// once, but not while other goroutines read a file.
func (p *Params) Close() error {
	if p == nil || p.spool == nil {
		return nil
	}
	err := p.spool.remove()
	p.spool = nil
	return err
}

// Format prints only the number of parameters, so that a log line never shows what a client sent.
func (p *Params) Format(s fmt.State, _ rune) { _, _ = fmt.Fprintf(s, "param.Params(%d)", p.Len()) }

var _ io.Closer = (*Params)(nil)
