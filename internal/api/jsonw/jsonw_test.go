package jsonw

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

func TestWriter(t *testing.T) {
	var w Writer
	w.Object("")
	w.Int("code", 0)
	w.Object("data")
	w.Array("a")
	w.Object("")
	w.Null("n")
	w.Bool("b", true)
	w.End()
	w.Object("")
	w.End()
	w.Int("", 3)
	w.EndArray()
	w.Float("zero", 0)
	w.Float("lng", 121.42799)
	w.Float("whole", -3)
	w.Raw("raw", `[1,2]`)
	w.Quote("q")
	w.Unquote()
	w.String("s", "a\"b\\c\n<>&\u2028\x01中\xff")
	w.End()
	w.End()
	const want = `{"code":0,"data":{"a":[{"n":null,"b":true},{},3],"zero":0.0,"lng":121.42799,"whole":-3.0,"raw":[1,2],"q":"",` +
		`"s":"a\"b\\c\n<>&\u2028\u0001中\ufffd"}}`
	if got := string(w.B); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Every text reads back as encoding/json would have sent it.
func TestAppendEscapedReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.String().Draw(t, "text")
		var got, want string
		if err := json.Unmarshal(append(AppendEscaped([]byte(`"`), s), '"'), &got); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("%q read back as %q, want %q", s, got, want)
		}
	})
}
