package param

import "strings"

// Get gives the value under a name of an object, and the absent Value when there is none.
func (v Value) Get(name string) Value {
	if v.isObject() {
		if i := v.node.find(name); i >= 0 {
			return v.node.entries[i].val
		}
	}
	return Value{}
}

// Has tells whether the name was sent at all, be it empty or null.
func (v Value) Has(name string) bool { return v.Get(name).Present() }

// Given tells whether the name was sent with something in it: an empty string or null means not given.
func (v Value) Given(name string) bool { return v.Get(name).Filled() }

// String gives the Text of the value under a name. It takes a name and so does not make Value a fmt.Stringer.
func (v Value) String(name string) string { return v.Get(name).Text() }

// Object gives the value under a name if it is an object, else the absent Value, on which every accessor works.
func (v Value) Object(name string) Value {
	if o := v.Get(name); o.isObject() {
		return o
	}
	return Value{}
}

// Int64 reads the value under a name with AsInt64. Its error is a *FieldError that names the field.
func (v Value) Int64(name string) (n int64, given bool, err error) {
	n, given, err = v.Get(name).AsInt64()
	return n, given, named(err, wantInteger, name)
}

// Float64 reads the value under a name with AsFloat64. Its error is a *FieldError that names the field.
func (v Value) Float64(name string) (f float64, given bool, err error) {
	f, given, err = v.Get(name).AsFloat64()
	return f, given, named(err, wantNumber, name)
}

// Bool reads the value under a name with AsBool. Its error is a *FieldError that names the field.
func (v Value) Bool(name string) (b, given bool, err error) {
	b, given, err = v.Get(name).AsBool()
	return b, given, named(err, wantBool, name)
}

// Strings reads the value under a name with AsStrings.
func (v Value) Strings(name string) []string { return v.Get(name).AsStrings() }

// named turns the error of a nameless accessor into one that names the field.
func named(err error, w want, name string) error {
	if err == nil {
		return nil
	}
	return w.mismatch(name)
}

// AsInt64 reads an integer from a number or string: integer text, or a decimal whose fraction is zero such as 12.0 or
// 1e3, within the range of int64. Blanks around the number do not matter. A value that is not Filled gives
// given == false without an error; anything else that is not such a number gives 0, true and a
// *FieldError.
func (v Value) AsInt64() (n int64, given bool, err error) {
	if !v.Filled() {
		return 0, false, nil
	}
	if v.kind == KindNumber || v.kind == KindString {
		if n, ok := parseInteger(strings.TrimSpace(v.text)); ok {
			return n, true, nil
		}
	}
	return 0, true, wantInteger.mismatch("")
}

// AsFloat64 reads a finite decimal number from a number or string, under the same rules as AsInt64.
func (v Value) AsFloat64() (f float64, given bool, err error) {
	if !v.Filled() {
		return 0, false, nil
	}
	if v.kind == KindNumber || v.kind == KindString {
		if f, ok := parseFloat(strings.TrimSpace(v.text)); ok {
			return f, true, nil
		}
	}
	return 0, true, wantNumber.mismatch("")
}

// AsBool reads a boolean: true, false, 1 and 0 of JSON, and the texts true, false, 1, 0, yes and no in any case. A
// value that is not Filled gives given == false without an error; anything else gives false, true and a
// *FieldError.
func (v Value) AsBool() (b, given bool, err error) {
	if !v.Filled() {
		return false, false, nil
	}
	text := v.Text()
	switch {
	case text == "1", strings.EqualFold(text, "true"), strings.EqualFold(text, "yes"):
		return true, true, nil
	case text == "0", strings.EqualFold(text, "false"), strings.EqualFold(text, "no"):
		return false, true, nil
	default:
		return false, true, wantBool.mismatch("")
	}
}

// AsStrings gives the texts of a list, or of one filled scalar as a list of one. Empty strings and nulls inside a list
// keep their place as "", since the place may carry meaning (the bounds of a range); objects, lists and files inside
// it are left out. A value that is not Filled gives nil.
func (v Value) AsStrings() []string {
	if v.isScalar() {
		if !v.Filled() {
			return nil
		}
		return []string{v.text}
	}
	list := v.List()
	if len(list) == 0 {
		return nil
	}
	texts := make([]string, 0, len(list))
	for _, item := range list {
		if item.isScalar() {
			texts = append(texts, item.Text())
		}
	}
	return texts
}
