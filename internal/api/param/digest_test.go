package param_test

import "testing"

// What asks for the same has the same digest, and passwords are not part of it.
func TestDigest(t *testing.T) {
	digest := func(contentType, body string) [32]byte {
		return decode(t, request("POST", "/?request_ticket=1", contentType, body)).Digest("POST /", "request_ticket")
	}
	want := digest(jsonType, `{"user":{"name":"张三","password":"correct horse"},"ids":[1,2]}`)
	for _, same := range [][2]string{
		{jsonType, `{"ids":[1,2],"user":{"password":"another one","name":"张三"}}`},
		{jsonType, `{"ids":{"0":1,"1":2},"user":{"password":"","name":"张三"}}`},
		{formType, `user[name]=张三&user[password]=x&ids[]=1&ids[]=2`},
	} {
		if digest(same[0], same[1]) != want {
			t.Errorf("%s has another digest", same[1])
		}
	}
	for _, other := range []string{
		`{"user":{"name":"李四","password":"correct horse"},"ids":[1,2]}`, `{"user":{"name":"张三","password":"correct horse"},"ids":[2,1]}`,
		`{"user":{"name":"张三"},"ids":[1,2]}`, `{"user":{"name":"张三","password":"correct horse"}}`,
	} {
		if digest(jsonType, other) == want {
			t.Errorf("%s has the same digest", other)
		}
	}
}
