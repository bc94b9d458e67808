package param_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guanxi/internal/api/param"
)

func TestAbsent(t *testing.T) {
	var none *param.Params
	for name, v := range map[string]param.Value{"zero": {}, "nil": none.Root(), "get": none.Get("a").Get("b").Object("c")} {
		_, given, err := v.Int64("a")
		if v.Present() || v.Filled() || v.Has("a") || v.Given("a") || v.String("a") != "" || v.List() != nil ||
			v.Keys() != nil || v.Strings("a") != nil || v.File() != nil || v.Len() != 0 || given || err != nil {
			t.Errorf("%s: the absent value has something", name)
		}
		v.Each(func(string, param.Value) bool { t.Errorf("%s: Each found a key", name); return true })
	}
	if none.Close() != nil || none.Len() != 0 || none.File("a") != nil || none.List("a") != nil {
		t.Error("nil parameters have something")
	}
}

func TestKinds(t *testing.T) {
	p := decode(t, request("POST", "/?q=x", jsonType, `{"n":1.0,"s":" a ","e":"","u":null,"t":true,"f":false,"l":[],"o":{"k":"v"}}`))
	tests := []struct {
		name    string
		kind    param.Kind
		text    string
		present bool
		given   bool
		object  bool
		strings []string
	}{
		{"q", param.KindString, "x", true, true, false, []string{"x"}},
		{"n", param.KindNumber, "1.0", true, true, false, []string{"1.0"}},
		{"s", param.KindString, " a ", true, true, false, []string{" a "}},
		{"e", param.KindString, "", true, false, false, nil},
		{"u", param.KindNull, "", true, false, false, nil},
		{"t", param.KindBool, "true", true, true, false, []string{"true"}},
		{"f", param.KindBool, "false", true, true, false, []string{"false"}},
		{"l", param.KindList, "", true, true, false, nil},
		{"o", param.KindObject, "", true, true, true, nil},
		{"none", param.KindAbsent, "", false, false, false, nil},
	}
	for _, test := range tests {
		v := p.Get(test.name)
		if v.Kind() != test.kind || p.String(test.name) != test.text || p.Has(test.name) != test.present ||
			p.Given(test.name) != test.given || p.Object(test.name).Present() != test.object {
			t.Errorf("%s: got %v, %q, %v, %v", test.name, v.Kind(), v.Text(), v.Present(), v.Filled())
		}
		if diff := cmp.Diff(test.strings, p.Strings(test.name)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
		if test.kind.String() == "unknown" {
			t.Errorf("%d has no name", test.kind)
		}
	}
	if param.Kind(99).String() != "unknown" || param.ErrorKind(0).String() != "unknown" {
		t.Error("an unknown kind has a name")
	}
	for kind := param.TooLarge; kind <= param.Malformed; kind++ {
		if kind.String() == "unknown" {
			t.Errorf("the error kind %d has no name", kind)
		}
	}
}

func TestStrings(t *testing.T) {
	p := decode(t, request("POST", "/?r[]=&r[]=b&n[1]=y&n[0]=x&e[]=", jsonType, `{"m":["a",1,true,null,{"x":1},["y"],""]}`))
	for name, want := range map[string][]string{
		"r": {"", "b"}, "n": {"x", "y"}, "e": {""}, "m": {"a", "1", "true", "", ""},
	} {
		if diff := cmp.Diff(want, p.Strings(name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if p.Get("m").Len() != 7 || len(p.List("n")) != 2 || p.Get("n").Len() != 2 {
		t.Error("a length is wrong")
	}
	p.List("m")[0] = param.Value{}
	if p.List("m")[0].Text() != "a" {
		t.Error("the caller does not own the list")
	}
}

// checkField checks that an error is there if and only if it is wanted, and names the field.
func checkField(t *testing.T, err error, wanted bool, name string) {
	t.Helper()
	if err == nil && !wanted {
		return
	}
	e, ok := errors.AsType[*param.FieldError](err)
	if !ok || !wanted {
		t.Errorf("%s: got the error %v, wanted one: %v", name, err, wanted)
		return
	}
	if e.Field != name || !strings.Contains(e.Message, name) || !strings.Contains(e.Error(), name) || !strings.Contains(e.English(), name) {
		t.Errorf("the error %+v does not name %q", e, name)
	}
}

// A FieldError can be told with the label that people know the field by.
func TestFieldErrorFor(t *testing.T) {
	p := decode(t, request("GET", "/?x=y", "", ""))
	_, _, notInteger := p.Int64("x")
	_, _, notNumber := p.Float64("x")
	_, _, notBool := p.Bool("x")
	_, _, unnamed := p.Get("x").AsInt64()
	for _, c := range []struct {
		err             error
		zh, en, english string
	}{
		{notInteger, "客户必须是整数", "Customer must be an integer", `Parameter "x" is not an integer`},
		{notNumber, "客户必须是数字", "Customer must be a number", `Parameter "x" is not a number`},
		{notBool, "客户必须是布尔值", "Customer must be a boolean", `Parameter "x" is not a boolean`},
		{unnamed, "客户必须是整数", "Customer must be an integer", "The value is not an integer"},
	} {
		e, ok := errors.AsType[*param.FieldError](c.err)
		if !ok {
			t.Fatalf("%v is no FieldError", c.err)
		}
		if zh, en := e.For("客户", "Customer"); zh != c.zh || en != c.en || e.English() != c.english {
			t.Errorf("%q, %q, %q", zh, en, e.English())
		}
	}
}

func TestNumbers(t *testing.T) {
	tests := []struct {
		text    string
		integer int64
		isInt   bool
		float   float64
		isFloat bool
	}{
		{"0", 0, true, 0, true},
		{"-0", 0, true, 0, true},
		{"007", 7, true, 7, true},
		{"+5", 5, true, 5, true},
		{" 5 ", 5, true, 5, true},
		{"12.0", 12, true, 12, true},
		{"12.5", 0, false, 12.5, true},
		{"1e3", 1000, true, 1000, true},
		{"1.5e1", 15, true, 15, true},
		{"-1E+2", -100, true, -100, true},
		{"1000e-3", 1, true, 1, true},
		{"1000e-4", 0, false, 0.1, true},
		{"0e999999999999999999999", 0, true, 0, true},
		{"0.000", 0, true, 0, true},
		{"9223372036854775807", 9223372036854775807, true, 9223372036854775807, true},
		{"9223372036854775807.0", 9223372036854775807, true, 9223372036854775807, true},
		{"-9223372036854775808", -9223372036854775808, true, -9223372036854775808, true},
		{"9223372036854775808", 0, false, 9223372036854775808, true},
		{"9223372036854775808.0", 0, false, 9223372036854775808, true},
		{"1e18", 1e18, true, 1e18, true},
		{"1e19", 0, false, 1e19, true},
		{"1e308", 0, false, 1e308, true},
		{"1e309", 0, false, 0, false},
		{"1e999999999999999999999", 0, false, 0, false},
		{"1e-999999999999999999999", 0, false, 0, true},
		{"1e", 0, false, 0, false},
		{"1.", 0, false, 0, false},
		{".5", 0, false, 0, false},
		{"1_000", 0, false, 0, false},
		{"0x10", 0, false, 0, false},
		{"NaN", 0, false, 0, false},
		{"Inf", 0, false, 0, false},
		{"--1", 0, false, 0, false},
		{"1 2", 0, false, 0, false},
		{"１", 0, false, 0, false},
		{"abc", 0, false, 0, false},
		{" ", 0, false, 0, false},
		{"-", 0, false, 0, false},
	}
	for _, test := range tests {
		ct, body := multipartBody(t, pair{"n", test.text})
		p := decode(t, request("POST", "/", ct, body))
		n, given, err := p.Int64("n")
		checkField(t, err, !test.isInt, "n")
		if n != test.integer || !given {
			t.Errorf("%q: got the integer %d, %v", test.text, n, given)
		}
		f, given, err := p.Float64("n")
		checkField(t, err, !test.isFloat, "n")
		if f != test.float || !given {
			t.Errorf("%q: got the float %v, %v", test.text, f, given)
		}
	}
	p := decode(t, request("POST", "/?empty=", jsonType, `{"i":12.0,"f":1.25,"u":null,"b":true,"l":[1],"o":{"n":"x"}}`))
	if n, given, err := p.Int64("i"); n != 12 || !given || err != nil {
		t.Errorf("got %d, %v, %v", n, given, err)
	}
	if f, given, err := p.Float64("f"); f != 1.25 || !given || err != nil {
		t.Errorf("got %v, %v, %v", f, given, err)
	}
	for _, name := range []string{"empty", "u", "absent"} {
		_, givenInt, errInt := p.Int64(name)
		_, givenFloat, errFloat := p.Float64(name)
		_, givenBool, errBool := p.Bool(name)
		if givenInt || givenFloat || givenBool || errInt != nil || errFloat != nil || errBool != nil {
			t.Errorf("%s counts as given", name)
		}
	}
	for _, name := range []string{"b", "l", "o"} {
		_, _, err := p.Int64(name)
		checkField(t, err, true, name)
		_, _, err = p.Float64(name)
		checkField(t, err, true, name)
	}
	_, _, err := p.Object("o").Int64("n")
	checkField(t, err, true, "n")
	_, _, err = p.Get("b").AsInt64()
	checkField(t, err, true, "")
}

func TestBool(t *testing.T) {
	p := decode(t, request("POST", "/?q1=1&q0=0&yes=yes&no=No&T=TRUE&F=false&bad=maybe&two=2", jsonType,
		`{"t":true,"f":false,"n1":1,"n0":0,"n2":2,"l":[true],"o":{}}`))
	for name, want := range map[string]bool{
		"q1": true, "q0": false, "yes": true, "no": false, "T": true, "F": false, "t": true, "f": false, "n1": true, "n0": false,
	} {
		if b, given, err := p.Bool(name); b != want || !given || err != nil {
			t.Errorf("%s: got %v, %v, %v", name, b, given, err)
		}
	}
	for _, name := range []string{"bad", "two", "n2", "l", "o"} {
		_, given, err := p.Bool(name)
		checkField(t, err, true, name)
		if !given {
			t.Errorf("%s counts as not given", name)
		}
	}
}
